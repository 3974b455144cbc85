"""How far a log has come."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class DeviceProgress:
    """What was logged of one device.

    Attributes
    ----------
    title, units
        The device.
    rows, failed
        Readings that were saved, and those that failed.
    latest
        The mean of the first channel as it was read last; None before there was one.
    """

    title: str
    units: str
    rows: int = 0
    failed: int = 0
    latest: float | None = None


@dataclass(frozen=True, slots=True)
class LogProgress:
    """How far a log has come.

    Attributes
    ----------
    path
        The file that rows go to.
    rows, failed
        Readings of all devices that were saved, and those that failed and were left out.
    seconds
        Time since the log was begun.
    devices
        The same of each device, and what it read last.
    node
        The group of the log in that file.
    """

    path: Path
    rows: int
    failed: int
    seconds: float
    devices: tuple[DeviceProgress, ...] = ()
    node: str = ""
