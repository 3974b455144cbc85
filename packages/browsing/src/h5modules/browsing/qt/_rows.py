"""What the tree shows of a node, read at once for many of them; nothing here is of Qt."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from h5modules.backends import (
    CARRAY,
    GROUP,
    VLARRAY,
    H5Backend,
    Node,
    NodeError,
    StringARRAY,
    UndecodableError,
    child_path,
)
from h5modules.browsing._tree import TreeEntry, describe_node, printable, size_text
from h5modules.saving import NAV_AXES, RECORD_NAME, DataType, view_of

_MODULES = ("scan", "detector", "actuator", "datalogger", "logger", "optimizer", "file")
_DIMENSIONS = ("value", "curve", "image")


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One row of the tree.

    Attributes
    ----------
    path, name
        Where the node is, and the last part of it.
    kind
        What it is, which its icon shows: ``group``, ``scan``, ``curve``, ...
    title, shape, units, size, date
        Text of the columns.
    count
        How many nodes a group holds.
    remark
        Why it cannot be read; empty otherwise.
    """

    path: str
    name: str
    kind: str
    title: str = ""
    shape: str = ""
    units: str = ""
    size: str = ""
    date: str = ""
    count: int = 0
    remark: str = ""


def read_names(file: H5Backend, path: str) -> list[str]:
    """Return the names of what a group holds, but for the second names in ``/NeXus``; nothing is opened."""
    view = view_of(file) if path == "/" else None
    return [name for name in file.driver.child_names(path) if view is None or name != view.name]


def read_rows(file: H5Backend, path: str, names: Sequence[str]) -> list[NodeRow]:
    """Return rows for some nodes of a group; those that are gone meanwhile are left out."""
    rows = []
    for name in names:
        try:
            rows.append(read_row(file.get_node(child_path(path, name))))
        except NodeError:
            continue
    return rows


def read_row(node: Node) -> NodeRow:
    """Return the row of one node.

    Examples
    --------
    >>> import numpy as np
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     row = read_row(file.create_carray('/', 'Map', np.zeros((2, 3)), title='power'))
    >>> row.kind, row.title, row.shape
    ('image', 'power', '2 x 3')
    """
    entry = describe_node(node)
    count = len(read_names(node.to_h5_backend(), node.path)) if isinstance(node, GROUP) else 0
    return NodeRow(
        path=node.path,
        name=printable(node.name),
        kind=_kind(node, entry),
        title=printable(_title(node, entry)),
        shape=_shape(node, entry, count),
        units=printable(entry.units),
        size=size_text(entry.nbytes) if entry.nbytes else "",
        date=date_text(_attribute(node, "timestamp")) if isinstance(node, CARRAY) else "",
        count=count,
        remark=printable(entry.remark),
    )


def _attribute(node: Node, name: str) -> Any:
    try:
        return node.attrs.get(name)
    except (UndecodableError, NodeError):
        return None


def _title(node: Node, entry: TreeEntry) -> str:
    """Return the title of a node; of one channel among several, its label too."""
    label = _attribute(node, "label") if isinstance(node, CARRAY) else None
    if not isinstance(label, str) or not label or label in (entry.title, node.name):
        return entry.title
    return f"{entry.title} · {label}" if entry.title else label


def _kind(node: Node, entry: TreeEntry) -> str:
    if entry.remark:
        return "unreadable"
    if isinstance(node, GROUP):
        told = _attribute(node, "type")
        if node.name == NAV_AXES:
            return "axis"
        return told if told in _MODULES and node.name != "RawData" else "group"
    if isinstance(node, StringARRAY):
        return "text"
    if isinstance(node, VLARRAY) or entry.dtype.startswith("record"):
        return "table"
    if node.name == RECORD_NAME:
        return "record"
    if _attribute(node, "data_type") == DataType.axis.name:
        return "axis"
    if entry.dtype == "text":
        return "text"
    return _numbers(entry.shape)


def _numbers(shape: tuple[int, ...]) -> str:
    dimensions = sum(length != 1 for length in shape)
    return _DIMENSIONS[dimensions] if dimensions < len(_DIMENSIONS) else "stack"


def _shape(node: Node, entry: TreeEntry, count: int) -> str:
    if isinstance(node, GROUP):
        return entry.state or (f"{count:,} node{'' if count == 1 else 's'}" if count else "empty")
    if isinstance(node, VLARRAY):
        return f"{entry.shape[0]:,} {'lines' if isinstance(node, StringARRAY) else 'rows'}"
    return " x ".join(map(str, entry.shape)) if entry.shape or entry.remark else "1 value"


def date_text(stamp: Any) -> str:
    """Return a time in seconds since 1970 as people say it; empty for what is none."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float) or not 0 < stamp < 1e11:
        return ""
    return f"{datetime.datetime.fromtimestamp(stamp):%Y-%m-%d %H:%M}"
