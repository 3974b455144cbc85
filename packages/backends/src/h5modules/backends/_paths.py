"""Paths of nodes: put together, checked, and guessed when misspelt."""

from __future__ import annotations

from collections.abc import Sequence

from ._driver import Driver, NodeKind
from ._errors import NodeNameError
from ._nodes import Node
from ._raw_values import is_storable_name

_MOST_NAMED = 8
"""How many names of a group are told in an error."""


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
    """Return the end of a sentence that misses `path`: what is there instead of its first missing part."""
    above = "/"
    for part in path.strip("/").split("/"):
        below = node_path(above, part)
        if driver.kind(below) is None:
            break
        above = below
    if driver.kind(above) is not NodeKind.GROUP:
        return f"; {above!r} is not a group."
    names = driver.child_names(above)
    import difflib  # here: one millisecond of each start, for what is seldom told

    if close := difflib.get_close_matches(part, names, n=3):
        return f"; did you mean {' or '.join(repr(node_path(above, name)) for name in close)}?"
    return f"; {above!r} {_held(names)}."


def _held(names: Sequence[str]) -> str:
    """Return what a group holds as the end of a sentence.

    Examples
    --------
    >>> _held(['RawData', 'NeXus']), _held([])
    ("holds 'RawData', 'NeXus'", 'is empty')
    """
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"holds {', '.join(map(repr, names[:_MOST_NAMED]))}{more}" if names else "is empty"
