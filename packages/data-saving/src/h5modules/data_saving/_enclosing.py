"""Which groups around a node speak about it: its own, up to the scan that it belongs to, and no further."""

from __future__ import annotations

from collections.abc import Iterator

from h5modules.backends import GROUP
from h5modules.saving import number_of


def enclosing_groups(group: GROUP | None) -> Iterator[GROUP]:
    """Yield a group and those around it, up to the outermost module that it lies in.

    A module is a detector, an actuator, a scan, ...; what lies beside it in the raw group says nothing about
    it. Outside of any module all groups up to the root are yielded.
    """
    is_inside = False
    while group is not None:
        is_module = _is_module(group)
        if is_inside and not is_module:
            return
        yield group
        is_inside = is_inside or is_module
        group = group.parent_node


def _is_module(group: GROUP) -> bool:
    # By its name too: the raw group has a type as well.
    kind = str(group.attrs.get("type", "")).lower()
    return kind == "time" or (bool(kind) and number_of(group.name, kind.capitalize()) is not None)
