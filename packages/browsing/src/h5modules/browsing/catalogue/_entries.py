"""What the catalogue knows: files, their scans, and what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from h5modules.backends import FileState
from h5modules.browsing._states import INCOMPLETE


@dataclass(frozen=True, slots=True)
class CataloguedScan:
    """One scan or log of a file.

    Attributes
    ----------
    path, title
        Its group, and what it was called.
    shape
        The shape of a scan; of a log, the number of its rows.
    acquired, total
        How many points or rows there are, and how many there should be. `acquired` is None where no record
        tells, `total` is None for a log, and where nothing tells of points.
    date
        When its first data were taken, in local time; None where nothing tells.
    actuators, detectors
        The titles of its modules.
    """

    path: str
    title: str
    shape: tuple[int, ...]
    acquired: int | None
    total: int | None
    date: datetime | None
    actuators: tuple[str, ...]
    detectors: tuple[str, ...]

    @property
    def is_log(self) -> bool:
        """Whether it grows row by row: a log, or an adaptive scan."""
        return self.total is None and self.acquired is not None


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One file, as it was when it was last read.

    Attributes
    ----------
    path
        Where it is.
    title
        The title of its root.
    date
        When it was begun, as it tells itself; when it was last changed, where it does not tell. Local time.
    nbytes
        Its size, in bytes.
    state
        ``running``, ``finished`` or ``interrupted``: see `h5modules.backends.FileState`.
    comment
        The comments on its nodes, one a line.
    scans
        Its scans; of a search, those that match.
    remark
        What was left out when it was read; empty otherwise.
    """

    path: Path
    title: str
    date: datetime
    nbytes: int
    state: str
    comment: str
    scans: tuple[CataloguedScan, ...]
    remark: str = ""

    def state_of(self, scan: CataloguedScan) -> str:
        """Return the state of a scan: ``incomplete`` of one that was stopped, else that of the file."""
        is_short = scan.acquired is not None and scan.total is not None and scan.acquired < scan.total
        return INCOMPLETE if is_short and self.state == FileState.FINISHED.value else self.state


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file or a folder that could not be read, and why."""

    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class CatalogueUpdate:
    """What an update did.

    Attributes
    ----------
    read, unchanged, removed
        How many files were read, were as the catalogue knew them, and are gone.
    unread
        What could not be read, now or when it was last tried.
    """

    read: int
    unchanged: int
    removed: int
    unread: tuple[UnreadFile, ...]
