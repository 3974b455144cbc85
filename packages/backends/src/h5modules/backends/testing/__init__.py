"""The conformance suite: what every driver has to do, to be run on any of them.

A driver of your own is tested by a class with what is particular to it::

    from h5modules.backends.testing import DriverTests

    class TestMyDriver(DriverTests):
        driver_class = MyDriver

        @pytest.fixture
        def look(self):
            return MyRawFile  # opens a file by the library alone: see `RawFile`

`LocalFileTests` adds what holds for files of this machine. pytest and hypothesis come with the extra
``testing``.
"""

from __future__ import annotations

import pytest

# Before they are imported: a failure then shows the values that were compared, as in tests of one's own.
for _name in (
    "arrays",
    "attributes",
    "backend",
    "cases",
    "copies",
    "files",
    "handles",
    "machine",
    "selections",
    "tree",
):
    pytest.register_assert_rewrite(f"{__name__}._{_name}")

from ._cases import assert_same_values, dtypes_for, sample  # noqa: E402
from ._files import LocalFileTests  # noqa: E402
from ._hsds_fixture import hsds_domain, hsds_server  # noqa: E402
from ._machine import DriverMachine  # noqa: E402
from ._raw import RawFile, RawLayout, RawReader  # noqa: E402
from ._strategies import (  # noqa: E402
    array_values,
    attribute_values,
    names,
    raw_attributes,
    selections,
    trees,
)
from ._suite import DriverTests  # noqa: E402

__all__ = [
    "DriverTests",
    "LocalFileTests",
    "RawFile",
    "RawReader",
    "RawLayout",
    "DriverMachine",
    "names",
    "array_values",
    "attribute_values",
    "raw_attributes",
    "selections",
    "trees",
    "sample",
    "dtypes_for",
    "assert_same_values",
    "hsds_server",
    "hsds_domain",
]
