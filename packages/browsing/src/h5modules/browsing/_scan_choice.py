"""Which scan of a file is meant: that of a name, or the newest."""

from __future__ import annotations

import math
from itertools import islice

from h5modules.backends import GROUP, H5Backend, UndecodableError, UnreadableNode
from h5modules.saving import BEGUN_NAME, H5SaverLowLevel, number_of, walk_first_names

from ._errors import NothingToShowError
from ._scan_view import LOGS, is_log

_KINDS = (*LOGS, "scan")
"""Of groups that nobody knows the age of, those that come last here are taken for the newest."""

_MOST_NODES = 40
"""How many nodes of a group are looked at for one that tells when it was measured."""


def find_scan(saver: H5SaverLowLevel, name: str | None = None) -> GROUP:
    """Return a scan of a file, or a log, or an adaptive scan.

    Parameters
    ----------
    saver
        The open file.
    name
        Its path, or its name in the raw group (``Scan000``); when None the newest of all, as `newest_scan`
        has it.

    Raises
    ------
    NothingToShowError
        When the file holds none, or none of that name.
    """
    path = name if name is None or name.startswith("/") else f"RawData/{name}"
    node = newest_scan(saver) if path is None else saver.root().find(path.removeprefix("/"))
    if isinstance(node, GROUP) and (number_of(node.name, "Scan") is not None or is_log(node)):
        return node
    kinds = ("scan", *LOGS) if "RawData" in saver.root() else ()
    held = [each.name for kind in kinds for each in saver.get_groups("/RawData", kind)]
    known = f"; it holds {', '.join(held)}" if held else ""
    wanted = "a scan" if name is None else f"the scan {name!r}"
    raise NothingToShowError(f"{saver.filename!r} does not hold {wanted}{known}.")


def newest_scan(file: H5Backend) -> GROUP | None:
    """Return the scan, log or adaptive scan of a file that was begun last; None where there is none.

    Of each kind it is the one of the highest number. Which of these was begun last tell their attributes, or
    else the first of their data; where nobody knows, a scan goes before an adaptive scan, and that before a
    log.

    Examples
    --------
    >>> from h5modules.saving import H5SaverLowLevel
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5') as file:
    ...     for number in range(2):
    ...         scan = file.add_scan_group()
    ...     newest_scan(file).path
    '/RawData/Scan001'
    """
    raw = file.root().find("RawData")
    if not isinstance(raw, GROUP):
        return None
    names = raw.children_name()
    latest = [group for kind in _KINDS if (group := _last(raw, names, kind)) is not None]
    if len(latest) < 2:
        return latest[0] if latest else None
    return max(reversed(latest), key=begun_at)


def _last(raw: GROUP, names: list[str], kind: str) -> GROUP | None:
    """Return the group of a kind with the highest number."""
    numbers = {name: number for name in names if (number := number_of(name, kind.capitalize())) is not None}
    for name in sorted(numbers, key=numbers.__getitem__, reverse=True):
        node = raw.find(name)
        if isinstance(node, GROUP) and node.attrs.get("type") == kind:
            return node
    return None


def is_scan(group: GROUP) -> bool:
    """Tell whether a group is a scan, an adaptive scan or a log."""
    return group.attrs.get("type") in _KINDS


def begun_at(group: GROUP) -> float:
    """Return when a group was begun, in seconds since 1970; minus infinity where nothing tells."""
    for node in islice(walk_first_names(group), _MOST_NODES):
        for name in () if isinstance(node, UnreadableNode) else (BEGUN_NAME, "timestamp"):
            try:
                told = node.attrs.get(name)
            except UndecodableError:
                continue
            if isinstance(told, int | float) and math.isfinite(told) and told > 0:
                return float(told)
    return -math.inf
