"""What a file holds, a line a node: for people and for programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from h5modules.backends import CARRAY, H5Backend, Node, UnreadableNode, Where


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
        The size of the values, in bytes; 0 for what is not an array.
    remark
        Why an unreadable node cannot be shown; empty otherwise.
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

    @property
    def name(self) -> str:
        """The last part of the path; ``/`` for the root."""
        return self.path.rpartition("/")[2] or "/"


def iter_tree(file: H5Backend, where: Where = "/", depth: int | None = None) -> Iterator[TreeEntry]:
    """Yield a line for each node, parents first.

    Names, titles and units are given as they are, but for letters that a terminal would obey.

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
    start = file.get_node(where)
    base = _level(start.path)
    for node in file.walk_nodes(start, depth):
        yield _entry(node, _level(node.path) - base)


def _level(path: str) -> int:
    return 0 if path == "/" else path.count("/")


def _entry(node: Node, depth: int) -> TreeEntry:
    kind, path = type(node).__name__, printable(node.path)
    if isinstance(node, UnreadableNode):
        return TreeEntry(path, depth, kind, "", remark=printable(node.reason))
    if not isinstance(node, CARRAY):
        return TreeEntry(path, depth, kind, printable(node.title))
    info = node.info
    units = node.attrs.get("units", "")
    return TreeEntry(
        path,
        depth,
        kind,
        printable(node.title),
        shape=info.shape,
        dtype=str(info.dtype),
        units=printable(units) if isinstance(units, str) else "",
        nbytes=math.prod(info.shape) * info.dtype.itemsize,
    )


def printable(text: str) -> str:
    """Return text with a mark in the place of each letter that a terminal would obey.

    Examples
    --------
    >>> len(printable('two' + chr(10) + 'lines').splitlines())
    1
    """
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


def branches(entries: Sequence[TreeEntry], *, ascii_only: bool = False) -> list[str]:
    """Return for each entry the lines to draw before its name.

    Examples
    --------
    >>> entries = [TreeEntry(path, path.count('/'), 'GROUP', '') for path in ('', '/a', '/a/b', '/c')]
    >>> branches(entries, ascii_only=True)
    ['', '+-- ', '|   `-- ', '`-- ']
    """
    fork, end, pass_by = ("+-- ", "`-- ", "|   ") if ascii_only else ("├── ", "└── ", "│   ")
    drawn = []
    open_levels: set[int] = set()  # levels at which another node follows, seen from below
    for entry in reversed(entries):
        if entry.depth == 0:
            drawn.append("")
            continue
        above = (pass_by if level in open_levels else "    " for level in range(1, entry.depth))
        drawn.append("".join(above) + (fork if entry.depth in open_levels else end))
        open_levels = {level for level in open_levels if level < entry.depth} | {entry.depth}
    return drawn[::-1]


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
