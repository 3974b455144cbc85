"""All that is told of one node."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from h5modules.backends import (
    CARRAY,
    GROUP,
    Node,
    NodeError,
    UnreadableNode,
)

from ._settings import Setting, read_settings
from ._tree import TreeEntry, describe_node


@dataclass(frozen=True, slots=True)
class NodeDetails:
    """One node, with its attributes and settings.

    Attributes
    ----------
    entry
        What the tree tells of it.
    children
        The names of what a group holds.
    chunks, filters, stored_bytes
        How an array lies in the file; None, empty and 0 for other nodes.
    attributes
        Values by name, without the settings; None for one that has no value in Python.
    settings
        The settings, groups before what they hold.
    remarks
        What could not be read.
    """

    entry: TreeEntry
    children: tuple[str, ...] = ()
    chunks: tuple[int, ...] | None = None
    filters: tuple[str, ...] = ()
    stored_bytes: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    remarks: tuple[str, ...] = ()


def read_details(node: Node) -> NodeDetails:
    """Return all that is told of a node; what cannot be read is among the remarks.

    Raises
    ------
    SettingsError
        When its settings are not XML.

    Examples
    --------
    >>> import numpy as np
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     details = read_details(file.create_carray('/', 'Spectrum', np.zeros(3), title='first try'))
    >>> details.entry.shape, details.attributes['TITLE']
    ((3,), 'first try')
    """
    attributes, remarks = read_attributes(node)
    if attributes.get("settings") is not None:
        del attributes["settings"]
    known: dict[str, Any] = {
        "attributes": attributes,
        "settings": _settings(node),
        "remarks": tuple(remarks.values()),
    }
    if isinstance(node, CARRAY):
        info = node.info
        return NodeDetails(
            describe_node(node),
            chunks=info.chunks,
            filters=info.filters,
            stored_bytes=info.stored_bytes,
            **known,
        )
    children = tuple(node.children_name()) if isinstance(node, GROUP) else ()
    return NodeDetails(describe_node(node), children=children, **known)


def _settings(node: Node) -> tuple[Setting, ...]:
    return () if isinstance(node, UnreadableNode) else read_settings(node)


def read_attributes(node: Node) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the attributes of a node, and by name what is wrong with those that cannot be read."""
    try:
        return node.attrs.read()
    except NodeError:
        if isinstance(node, UnreadableNode):  # a broken link has none
            return {}, {}
        raise
