"""What a copy of a node needs of what lies around it: axes, error bars, the record of its points."""

from __future__ import annotations

from h5modules.backends import CARRAY, GROUP, H5Backend, Node
from h5modules.saving import NAV_AXES, RECORD_NAME, DataType, number_of

from ._scan_view import TIMES, companion_name, nearest_node

_OF_VIEWS = frozenset({"NX_class", "default"})
"""Attributes of the root that speak of the plots of a file."""


def nodes_around(node: Node) -> list[Node]:
    """Return the nodes of the groups around a node without which it cannot be understood.

    These are, of a channel, its axes, error bars and background; of all, the navigation axes, and what tells
    which points were acquired: the record, or the times that PyMoDAQ keeps.
    """
    group = node.parent_node
    found: list[Node] = []
    if isinstance(node, CARRAY) and group is not None:
        found += [child for child in group.children().values() if _goes_with(node, child)]
    record = nearest_node(node, RECORD_NAME)
    if record is None and nearest_node(node, TIMES) is not None:
        record = nearest_node(node, TIMES.partition("/")[0])
    found += [each for each in (nearest_node(node, NAV_AXES), record) if each is not None]
    return [each for each in found if not _lies_in(each, node) and not _lies_in(node, each)]


def copy_attributes(group: GROUP, copy: H5Backend) -> None:
    """Give the group of that path in another file the attributes of this one; what it has besides stays."""
    driver = group.driver
    left_out = {"CLASS", *(_OF_VIEWS if group.path == "/" else ())}
    names = (name for name in driver.attribute_names(group.path) if name not in left_out)
    copy.driver.write_attributes(
        group.path, {name: driver.read_attribute(group.path, name) for name in names}
    )


def _lies_in(node: Node, other: Node) -> bool:
    return f"{node.path}/".startswith(f"{other.path.rstrip('/')}/")


def _goes_with(array: CARRAY, other: Node) -> bool:
    """Tell whether a node beside an array is an axis of it, or holds its error bars or its background."""
    if other.path == array.path:
        return False
    is_axis = other.attrs.get("data_type") == DataType.axis.name
    is_moving_axis = number_of(other.name, "PointAxis") is not None
    kinds = (DataType.error, DataType.bkg)
    return is_axis or is_moving_axis or other.name in [companion_name(array, kind) for kind in kinds]
