"""What a file holds, a line a node: for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from h5modules.backends import CARRAY, GROUP, H5Backend, Node, UnreadableNode, Where


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
    base = 0 if start.path == "/" else start.path.count("/")
    for node in file.walk_nodes(start, depth):
        level = 0 if node.path == "/" else node.path.count("/")
        yield _entry(node, level - base)


def _entry(node: Node, depth: int) -> TreeEntry:
    kind = type(node).__name__
    if isinstance(node, UnreadableNode):
        return TreeEntry(node.path, depth, kind, "", remark=node.reason)
    if isinstance(node, GROUP) or not isinstance(node, CARRAY):
        return TreeEntry(node.path, depth, kind, node.title)
    info = node.info
    count = 1
    for length in info.shape:
        count *= length
    units = node.attrs.get("units", "")
    return TreeEntry(
        node.path,
        depth,
        kind,
        node.title,
        shape=info.shape,
        dtype=str(info.dtype),
        units=units if isinstance(units, str) else "",
        nbytes=count * info.dtype.itemsize,
    )
