"""The suite as one class."""

from __future__ import annotations

from ._arrays import ArrayTests, GrowthTests
from ._attributes import AttributeTests
from ._backend import BackendTests
from ._copies import CopyTests
from ._files import FileTests
from ._handles import AppenderTests, WriterTests
from ._machine import OrderTests
from ._selections import SelectionTests
from ._tree import ChangeTests, LinkTests, TreeTests


class DriverTests(
    FileTests,
    TreeTests,
    ChangeTests,
    LinkTests,
    ArrayTests,
    GrowthTests,
    WriterTests,
    AppenderTests,
    SelectionTests,
    AttributeTests,
    BackendTests,
    CopyTests,
    OrderTests,
):
    """All that every driver has to do.

    A test class derived from it sets `driver_class` and overrides the fixture `look`; where files are not
    local paths, `make_target`, `fingerprint` and `options` too. Nothing is skipped: what the library cannot
    do is declared by the driver's `Abilities`, and has to be refused before anything is written.
    """
