"""Paths of nodes: put together, checked, and guessed when misspelt."""

from __future__ import annotations

import difflib

from ._driver import Driver, NodeKind
from ._errors import NodeNameError
from ._nodes import Node
from ._raw_values import is_storable_name


def node_path(where: Node | str, name: str | None = None) -> str:
    """Return the absolute path of a node, or of its child `name`.

    Examples
    --------
    >>> node_path('RawData/', 'Scan000')
    '/RawData/Scan000'
    """
    base = where.path if isinstance(where, Node) else str(where)
    parts = [part for part in f"{base}/{name or ''}".split("/") if part]
    return "/" + "/".join(parts)


def child_path(where: Node | str, name: str) -> str:
    """Return the path of a child, whose name may not be a path itself."""
    require_name(name)
    return node_path(where, name)


def require_name(name: str) -> None:
    """Refuse what HDF5 cannot take as the name of a node.

    Raises
    ------
    NodeNameError
        When `name` is empty, a dot, not Unicode, or holds a ``/`` or a NUL.
    """
    if name in ("", ".", "..") or "/" in name or not is_storable_name(name):
        raise NodeNameError(
            f"{name!r} cannot be the name of a node: give a text without '/', not '.', not empty."
        )


def nearest(driver: Driver, path: str) -> str:
    """Return the end of a sentence that misses `path`: a hint at names close to the first missing part."""
    above = "/"
    for part in path.strip("/").split("/"):
        below = node_path(above, part)
        if driver.kind(below) is None:
            break
        above = below
    if driver.kind(above) is not NodeKind.GROUP:
        return f"; {above!r} is not a group."
    close = difflib.get_close_matches(part, driver.child_names(above), n=3)
    return f"; did you mean {' or '.join(repr(node_path(above, name)) for name in close)}?" if close else "."
