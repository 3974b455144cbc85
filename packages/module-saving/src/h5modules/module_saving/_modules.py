"""What a module must be like to be saved: small Protocols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from pymodaq_data.data import DataWithAxes

from h5modules.backends import NamedEnum


class GroupModuleType(NamedEnum):
    """What kind of module a group belongs to."""

    DETECTOR = 0
    ACTUATOR = 1
    SCAN = 2
    DATALOGGER = 3
    OPTIMIZER = 4
    TIME = 5


class Module(Protocol):
    """A detector, an actuator, a scan: something whose data and settings are saved."""

    @property
    def title(self) -> str:
        """The name that its users gave it; the origin of its data."""

    def settings_xml(self) -> str:
        """Return its settings as XML, as `settings_to_xml` writes them; empty when it has none."""


@runtime_checkable
class SupportsSaveFilter(Protocol):
    """A module that chooses what of its data is saved."""

    def saves(self, data: DataWithAxes) -> bool:
        """Tell whether `data` is to be saved."""


class CompoundModule(Module, Protocol):
    """A module made of modules, such as a scan: it moves actuators and reads detectors."""

    @property
    def detectors(self) -> Sequence[Module]:
        """The detectors that are read."""

    @property
    def actuators(self) -> Sequence[Module]:
        """The actuators that are moved, or whose positions are read."""
