"""What a file holds, a line a node: for people and for programs."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from h5modules.backends import CARRAY, GROUP, H5Backend, Node, UndecodableError, UnreadableNode, Where
from h5modules.saving import count_points, record_of, view_of

_Item = TypeVar("_Item")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One node of a file, as it is shown.

    Attributes
    ----------
    path, depth
        Where it is, and how many levels below the start.
    kind
        Its class: ``GROUP``, ``CARRAY``, ...; ``UnreadableNode`` for what cannot be shown.
    title
        Its title.
    shape, dtype, units
        Of an array; empty otherwise.
    nbytes
        The size of the values, in bytes; 0 for what is not an array, and for text.
    remark
        Why an unreadable node cannot be shown; empty otherwise.
    state
        Of a scan or a log: how much of it was acquired; empty otherwise.
    is_last
        Whether no other node of the same group follows.
    """

    path: str
    depth: int
    kind: str
    title: str
    shape: tuple[int, ...] = ()
    dtype: str = ""
    units: str = ""
    nbytes: int = 0
    remark: str = ""
    state: str = ""
    is_last: bool = True

    @property
    def name(self) -> str:
        """The last part of the path; ``/`` for the root."""
        return self.path.rpartition("/")[2] or "/"


def iter_tree(file: H5Backend, where: Where = "/", depth: int | None = None) -> Iterator[TreeEntry]:
    """Yield a line for each node, parents first, as they are read.

    From the root, the group ``/NeXus`` is one line: below it are second names of what is shown anyway.

    Names, titles and units are given as they are; `printable` makes them fit for a terminal.

    Parameters
    ----------
    file
        An open file.
    where
        Where to start.
    depth
        How many levels to go down; None is all.

    Examples
    --------
    >>> import numpy as np
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     array = file.create_carray('/', 'Spectrum', np.zeros(3), title='first try')
    ...     array.attrs['units'] = 'counts'
    ...     [(entry.path, entry.shape, entry.units) for entry in iter_tree(file)]
    [('/', (), ''), ('/Spectrum', (3,), 'counts')]
    """
    yield from _entries(file.get_node(where), 0, depth, frozenset(), is_last=True)


def _entries(
    node: Node, level: int, depth: int | None, above: frozenset[Hashable], *, is_last: bool
) -> Iterator[TreeEntry]:
    yield describe_node(node, level, is_last=is_last)
    if not isinstance(node, GROUP) or level == depth or (level and node == view_of(node.to_h5_backend())):
        return  # what has a second name is shown under its first; the view itself when it is asked for
    identity = node.driver.identity(node.path)
    if identity not in above:  # a hard link may lead back up
        for (_, child), last in _with_last(node.iter_children()):
            yield from _entries(child, level + 1, depth, above | {identity}, is_last=last)


def _with_last(items: Iterable[_Item]) -> Iterator[tuple[_Item, bool]]:
    """Yield each item, and whether it is the last."""
    waiting: list[_Item] = []
    for item in items:
        if waiting:
            yield waiting.pop(), False
        waiting.append(item)
    if waiting:
        yield waiting.pop(), True


def describe_node(node: Node, depth: int = 0, *, is_last: bool = True) -> TreeEntry:
    """Return what the tree tells of one node."""
    kind = type(node).__name__
    if isinstance(node, UnreadableNode):
        return TreeEntry(node.path, depth, kind, "", remark=node.reason, is_last=is_last)
    if not isinstance(node, CARRAY):
        return TreeEntry(node.path, depth, kind, node.title, state=_state(node), is_last=is_last)
    info = node.info
    return TreeEntry(
        node.path,
        depth,
        kind,
        node.title,
        shape=info.shape,
        dtype=dtype_text(info.dtype),
        units=units_of(node),
        nbytes=0 if info.dtype.kind == "O" else math.prod(info.shape) * info.dtype.itemsize,
        is_last=is_last,
    )


def _state(node: Node) -> str:
    record = record_of(node) if isinstance(node, GROUP) else None
    if record is None or not isinstance(node, GROUP) or record.dtype.kind != "u":
        return ""
    count = count_points(node, record)
    return f"{count.acquired} rows" if count.total is None else f"{count.acquired} of {count.total} points"


def dtype_text(dtype: np.dtype[Any]) -> str:
    """Return the type of a value as it is shown.

    Examples
    --------
    >>> import numpy as np
    >>> dtype_text(np.dtype('f4')), dtype_text(np.dtype([('x', 'f8'), ('n', 'i4')]))
    ('float32', 'record of x, n')
    """
    if dtype.names:
        return f"record of {', '.join(dtype.names)}"
    return "text" if dtype.kind == "O" else str(dtype)


def units_of(node: Node) -> str:
    """Return the units of an array, empty where none are told."""
    try:
        units = node.attrs.get("units", "")
    except UndecodableError:
        return ""
    return units if isinstance(units, str) else ""


def printable(text: str) -> str:
    """Return text with a mark in the place of each letter that a terminal would obey.

    Examples
    --------
    >>> len(printable('two' + chr(10) + 'lines').splitlines())
    1
    """
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class Branches:
    """The lines to draw before the names of a tree, node after node.

    Parameters
    ----------
    ascii_only
        Whether to draw with letters that every terminal has.

    Examples
    --------
    >>> branches = Branches(ascii_only=True)
    >>> told = [('/', 0, True), ('/a', 1, False), ('/a/b', 2, True), ('/c', 1, True)]
    >>> [branches.before(TreeEntry(path, depth, 'GROUP', '', is_last=last)) for path, depth, last in told]
    ['', '+-- ', '|   `-- ', '`-- ']
    """

    def __init__(self, *, ascii_only: bool = False) -> None:
        self._fork, self._end, self._pass_by = (
            ("+-- ", "`-- ", "|   ") if ascii_only else ("├── ", "└── ", "│   ")
        )
        self._above: list[str] = []

    def before(self, entry: TreeEntry) -> str:
        """Return what to draw before the next node."""
        if entry.depth == 0:
            return ""
        del self._above[entry.depth - 1 :]
        drawn = "".join(self._above) + (self._end if entry.is_last else self._fork)
        self._above.append("    " if entry.is_last else self._pass_by)
        return drawn


def size_text(nbytes: float) -> str:
    """Return a size as people say it.

    Examples
    --------
    >>> size_text(328), size_text(13_448), size_text(55_074_816)
    ('328 B', '13.4 kB', '55.1 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if nbytes < 999.5:
            return f"{nbytes:.3g} {unit}"
        nbytes /= 1000
    return f"{nbytes:.3g} TB"
