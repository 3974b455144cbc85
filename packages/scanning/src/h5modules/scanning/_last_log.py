"""The last log of a file: with the same devices it is gone on with, with others a new one is begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from h5modules.backends import GROUP
from h5modules.saving import H5SaverLowLevel

from ._devices import Device
from ._log_rule import latest_number, numbered
from ._output import Output
from ._roles import ACTUATOR, DETECTOR


@dataclass(frozen=True, slots=True)
class LastLog:
    """What the last log of a file records.

    Attributes
    ----------
    path, node
        The file, and the group of the log.
    devices
        The titles of its devices, with what each is used as.
    """

    path: Path
    node: str
    devices: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, path: Path, group: GROUP) -> LastLog:
        """Return what a log in an open file records."""
        modules = (each for _, each in group.iter_children() if isinstance(each, GROUP))
        named = ((str(each.attrs.get("type", "")), each.title) for each in modules)
        roles = (ACTUATOR.name, DETECTOR.name)
        return cls(path, group.path, frozenset(each for each in named if each[0] in roles))

    def is_of(self, actuators: Sequence[Device], detectors: Sequence[Device]) -> bool:
        """Tell whether its devices are these."""
        return self.devices == _used(actuators, detectors)

    def told_beside(self, actuators: Sequence[Device], detectors: Sequence[Device]) -> str:
        """Tell that it is left as it is, because a log of these devices is another one."""
        mine, others = _named(self.devices), _named(_used(actuators, detectors))
        return (
            f"{self.node} in {str(self.path)!r} records {mine}; this log records {others}, and is begun as a "
            "new one in that file."
        )


def _used(actuators: Sequence[Device], detectors: Sequence[Device]) -> frozenset[tuple[str, str]]:
    roles = ((ACTUATOR.name, actuators), (DETECTOR.name, detectors))
    return frozenset((role, str(device.title)) for role, devices in roles for device in devices)


def _named(devices: frozenset[tuple[str, str]]) -> str:
    return ", ".join(repr(title) for _, title in sorted(devices)) or "nothing"


def find_last_log(output: Output) -> LastLog | None:
    """Return the log that would be gone on with, in the last file of a series; None where a new one is begun.

    Raises
    ------
    FileError
        When the file cannot be read.
    """
    path = numbered(output.path, latest_number(output.path))
    if not output.append or not path.exists():
        return None
    with H5SaverLowLevel.from_file(path, mode="r") as h5saver:
        return last_log_in(h5saver, path)


def last_log_in(h5saver: H5SaverLowLevel, path: Path) -> LastLog | None:
    """Return the last log of an open file; None where there is none."""
    raw = h5saver.root().find("RawData")
    group = h5saver.get_last_group(raw, "datalogger") if isinstance(raw, GROUP) else None
    return None if group is None else LastLog.of(path, group)
