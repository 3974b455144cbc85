"""How far the scan or log is that is written to a file just now; nothing here is of Qt."""

from __future__ import annotations

from dataclasses import dataclass

from h5modules.backends import GROUP, FileState, H5Backend, Node
from h5modules.browsing._scan_choice import newest_scan
from h5modules.saving import RECORD_NAME, PointCount, count_points, record_of

_LATEST = 4
"""How many of the newest groups are looked at for one that tells its points."""


@dataclass(frozen=True, slots=True)
class ScanProgress:
    """How far a scan or a log is.

    Attributes
    ----------
    title
        What to call it.
    count
        How many points there are.
    state
        Whether its file is being written; None where nobody knows.
    rate
        Points a second; 0 where none came.
    """

    title: str
    count: PointCount
    state: FileState | None
    rate: float = 0.0

    @property
    def text(self) -> str:
        """What to tell of it.

        Examples
        --------
        >>> count = PointCount('/RawData/Scan000', 37, 100, is_filled=False)
        >>> ScanProgress('Map', count, FileState.RUNNING, rate=4.2).text
        'Map: 37 of 100 points · 4.2 per second · 0:00:15 left'
        """
        count = self.count
        points = (
            f"{count.acquired:,} rows"
            if count.total is None
            else f"{count.acquired:,} of {count.total:,} points"
        )
        told = [f"{self.title}: {points}"]
        if self.state is FileState.RUNNING and self.rate:
            told.append(f"{self.rate:.3g} per second")
            if count.total is not None and not count.is_complete:
                told.append(f"{_duration((count.total - count.acquired) / self.rate)} left")
        return " · ".join(told)


def scan_path(path: str) -> str:
    """Return the path of the scan, or log, that a node belongs to: the group below the raw one.

    Examples
    --------
    >>> scan_path('/RawData/Scan000/Detector000/Data0D'), scan_path('/RawData')
    ('/RawData/Scan000', '/RawData')
    """
    return "/".join(path.split("/")[:3])


def is_below(path: str, group: str) -> bool:
    """Tell whether a path is that of a group, or leads to something in it.

    Examples
    --------
    >>> is_below('/RawData/Scan000/Data0D', '/RawData/Scan000')
    True
    >>> is_below('/RawData/Scan0001', '/RawData/Scan000')
    False
    """
    return f"{path.rstrip('/')}/".startswith(f"{group.rstrip('/')}/")


def counterpart(file: H5Backend, path: str, scan: str) -> str:
    """Return the path of what a node of one scan is in another, or the group on the way that is there.

    Parameters
    ----------
    file
        The open file.
    path
        The node.
    scan
        The path of the other scan.
    """
    names = path.split("/")[3:]
    while names and file.root().find("/".join([scan.removeprefix("/"), *names])) is None:
        names.pop()
    return "/".join([scan, *names])


def recorded_group(node: Node) -> GROUP | None:
    """Return the scan or log that a node belongs to: the first group upwards that tells its points."""
    group = node if isinstance(node, GROUP) else node.parent_node
    while group is not None and RECORD_NAME not in group:
        group = group.parent_node
    return group


def newest_progress(file: H5Backend) -> tuple[str, PointCount] | None:
    """Return title and count of the newest scan or log of a file; None where none tells its points."""
    raw = file.root().find("RawData")
    if not isinstance(raw, GROUP):
        return None
    newest = newest_scan(file)
    for group in [*([] if newest is None else [newest]), *_groups(raw)[: -_LATEST - 1 : -1], raw]:
        for each in (group, *_groups(group)):  # a detector that was scanned by itself has it
            record = record_of(each)
            if record is not None and record.dtype.kind == "u":
                return group.title or group.name, count_points(each, record)
    return None


def _groups(group: GROUP) -> list[GROUP]:
    return [node for _, node in group.iter_children() if isinstance(node, GROUP)]


def _duration(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{left:02d}"
