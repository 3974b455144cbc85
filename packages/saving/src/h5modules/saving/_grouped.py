"""`GroupedFile`: groups of a type, whose names count up, made whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from h5modules.backends import (
    GROUP,
    GroupType,
    H5Backend,
    Node,
    NodeKind,
    UnreadableNode,
    Where,
)

from ._names import counting_key, next_number
from ._second_names import arrays_at, drop_second_names, is_second_name, show_again, view_of
from ._undo import UndoLog

Settings = str | bytes
"""Settings as XML; writers of XML give text or bytes."""

Metadata = Mapping[str, Any] | None
"""Further attributes."""


class GroupedFile(H5Backend):
    """A file of groups that have a type, and names that count up: ``Scan000``, ``Scan001``, ...

    Parameters
    ----------
    backend
        The name of the library: see `h5modules.backends.backends_available`.
    """

    def __init__(self, backend: str = "h5py") -> None:
        self._next_numbers: dict[tuple[str, str], int] = {}
        self._undo_log = UndoLog()
        self._structure_changes = 0
        self._departed: dict[str, int] = {}
        self._writers: WeakValueDictionary[str, Any] = WeakValueDictionary()
        super().__init__(backend)

    def close_file(self) -> None:
        """Write what is pending and close the file; closing twice is no error."""
        try:
            super().close_file()
        finally:
            self._departed.clear()
            self._note_change("/")
            self._writers.clear()

    # Handles that stay open

    @property
    def structure_changes(self) -> int:
        """How often handles of arrays may have become those of something else.

        It counts nodes that were deleted or moved, closings of the file, and groups that `write_by` passed on
        to another. A writer that was opened before such a change is not to be used after it.
        """
        return self._structure_changes

    def _note_change(self, departed: str = "") -> None:
        self._structure_changes += 1
        self._next_numbers.clear()
        if departed:
            self._departed[departed] = self._structure_changes

    def has_departed(self, path: str, since: int) -> bool:
        """Tell whether the node at a path was deleted or moved, or the file closed: one there now is another.

        Parameters
        ----------
        path
            The path.
        since
            What `structure_changes` was when the node was there.

        Examples
        --------
        >>> with GroupedFile.open(tmp_path / 'scan.h5', 'w') as file:
        ...     scan = file.add_incremental_group('scan', '/')
        ...     since = file.structure_changes
        ...     file.remove_node(scan)
        ...     file.has_departed(f'{scan.path}/Data00', since), file.has_departed('/Scan001', since)
        (True, False)
        """
        names = path.strip("/").split("/")
        above = ["/", *(f"/{'/'.join(names[: depth + 1])}" for depth in range(len(names)))]
        return any(self._departed.get(each, since) > since for each in above)

    def write_by(self, where: Where, writer: object) -> None:
        """Tell who writes points in a group from now on: two who count its rows would overwrite them.

        What another has opened there is in the operating system's hands before, and counts as changed.

        Parameters
        ----------
        where
            The group.
        writer
            Who writes; it is not kept alive.
        """
        with self.lock:
            path = self.get_node(where).path
            if self._writers.get(path, writer) is not writer:
                super().flush()  # this file alone: a sub-class may wait for another thread
                self._note_change()
            self._writers[path] = writer

    # All or nothing

    @contextmanager
    def all_or_nothing(self) -> Iterator[None]:
        """Delete the nodes made in a ``with`` block when it raises, so that the file is as it was.

        Blocks can be nested. Attributes and values written to nodes that were there before stay. Other
        threads that save to the file wait for the end of the block: do not wait for them in it.

        Examples
        --------
        >>> with GroupedFile.open(tmp_path / 'scan.h5', 'w') as file:
        ...     try:
        ...         with file.all_or_nothing():
        ...             scan = file.add_incremental_group('scan', '/')
        ...             file.add_det_group(scan, metadata={'driver': object()})
        ...     except TypeError:
        ...         file.root().children_name()
        []
        """
        with self.lock, self._undo_log.recording(self._unmake):
            yield

    def _unmake(self, path: str) -> None:
        if self.isopen() and self.driver.kind(path) is not None:
            self._note_change(path)
            super().remove_node(path)

    def _note_if_new(self, where: Where, name: str) -> None:
        if self._undo_log.is_recording and "/" not in name:
            group = self._get_group(where)
            if name not in group:
                self._undo_log.note(f"{group.path.rstrip('/')}/{name}")

    def get_set_group(self, where: Where, name: str, title: str = "", **attributes: Any) -> GROUP:
        """Return the group `name` in `where`, made if it was not there: see `H5Backend.get_set_group`."""
        with self.all_or_nothing():
            self._note_if_new(where, name)
            return super().get_set_group(where, name, title, **attributes)

    def _new_path(self, where: Where, name: str) -> str:
        path = super()._new_path(where, name)
        if self._undo_log.is_recording:
            self._undo_log.note(path)
        return path

    def remove_node(self, where: Where, name: str | None = None) -> None:
        """Delete a node and everything below it, and the second names in ``/NeXus`` of what is deleted."""
        with self.lock:
            node = self.get_node(where, name)
            if is_second_name(node):
                return super().remove_node(node)
            self._note_change(node.path)
            arrays = set() if view_of(self) is None else arrays_at(self, node.path)
            super().remove_node(node)
            drop_second_names(self, arrays)
        return None

    def move_node(self, source: Where, target: Where, name: str | None = None) -> Node:
        """Give a node another place, and to its plots in ``/NeXus``: see `H5Backend.move_node`."""
        with self.lock:
            node = self.get_node(source)
            is_shown = view_of(self) is not None and not is_second_name(node)
            arrays = arrays_at(self, node.path) if is_shown else set()
            self._note_change(node.path)
            moved = super().move_node(node, target, name)
            drop_second_names(self, arrays)
            if is_shown:
                show_again(self, [node.path, moved.path])
            return moved

    def copy_node(self, source: Where, target: Where, name: str | None = None) -> Node:
        """Copy a node in the file, which is shown in ``/NeXus`` as well: see `H5Backend.copy_node`."""
        with self.lock:
            copied = super().copy_node(source, target, name)
            if view_of(self) is not None and not is_second_name(copied):
                show_again(self, [copied.path])
            return copied

    def _walked_children(self, group: GROUP) -> Iterator[Node]:
        """Pass by the second names in ``/NeXus``: their nodes come under the names they were saved with."""
        view = view_of(self) if group.path == "/" else None
        return (child for child in super()._walked_children(group) if child != view)

    # Making groups

    def add_data_group(
        self,
        where: Where,
        data_dim: Enum | str,
        title: str = "",
        settings_as_xml: Settings = "",
        metadata: Metadata = None,
        group_name: str | None = None,
    ) -> GROUP:
        """Return the group for data of a dimension (``Data0D`` ... ``DataND``), made if it was not there."""
        attributes = {"settings": as_text(settings_as_xml), **(metadata or {})}
        with self.all_or_nothing():
            return self.add_group(group_name or name_of(data_dim), GroupType.data, where, title, attributes)

    def add_incremental_group(
        self,
        group_type: Enum | str,
        where: Where,
        title: str = "",
        settings_as_xml: Settings = "",
        metadata: Metadata = None,
    ) -> GROUP:
        """Make a new group whose name counts up: ``Scan000``, ``Scan001``, ...

        Parameters
        ----------
        group_type
            What it holds; its name is how the group's name begins.
        where
            The group to make it in.
        title
            Its title.
        settings_as_xml
            The settings of what it stands for, as XML.
        metadata
            Further attributes.

        Raises
        ------
        AttributeValueError
            When a value of `metadata` cannot be kept; nothing was written.
        """
        kind = name_of(group_type).lower()
        is_channel = kind == GroupType.ch.name
        prefix, digits = ("CH", 2) if is_channel else (kind.capitalize(), 3)
        attributes = {"settings": as_text(settings_as_xml), "type": "" if is_channel else kind}
        with self.all_or_nothing():
            name = f"{prefix}{self.next_number(where, prefix):0{digits}d}"
            group = self.get_set_group(where, name, title)
            group.attrs.write({**attributes, **(metadata or {})})
        return group

    def next_number(self, where: Where, prefix: str) -> int:
        """Return the number that the next child of `where` whose name begins with `prefix` gets.

        The children of a group are listed once for a prefix, to find one more than the highest number; after
        that the next that is free is taken, so that the thousandth scan costs what the first did. Ask in a
        block of `all_or_nothing` that makes the child, or another thread may take the number.
        """
        with self.lock:
            group = self._get_group(where)
            key = (group.path, prefix)
            number = self._next_numbers.get(key)
            if number is None:
                number = next_number(group.children_name(), prefix)
            while self._is_taken(group, prefix, number):
                number += 1
            self._next_numbers[key] = number
            return number

    def _is_taken(self, group: GROUP, prefix: str, number: int) -> bool:
        return any(f"{prefix}{number:0{digits}d}" in group for digits in (2, 3))

    def add_act_group(
        self, where: Where, title: str = "", settings_as_xml: Settings = "", metadata: Metadata = None
    ) -> GROUP:
        """Make a new group for an actuator: see `add_incremental_group`."""
        return self.add_incremental_group(GroupType.actuator, where, title, settings_as_xml, metadata)

    def add_move_group(
        self, where: Where, title: str = "", settings_as_xml: Settings = "", metadata: Metadata = None
    ) -> GROUP:
        """Make a new group for an actuator: the older name of `add_act_group`."""
        return self.add_act_group(where, title, settings_as_xml, metadata)

    def add_det_group(
        self, where: Where, title: str = "", settings_as_xml: Settings = "", metadata: Metadata = None
    ) -> GROUP:
        """Make a new group for a detector: see `add_incremental_group`."""
        return self.add_incremental_group(GroupType.detector, where, title, settings_as_xml, metadata)

    def add_ch_group(
        self, where: Where, title: str = "", settings_as_xml: Settings = "", metadata: Metadata = None
    ) -> GROUP:
        """Make a new group for one signal: see `add_incremental_group`."""
        return self.add_incremental_group(GroupType.ch, where, title, settings_as_xml, metadata)

    # Finding

    def get_groups(self, where: Where, group_type: Enum | str) -> list[GROUP]:
        """Return the groups of a type in a group, counted upwards."""
        kind = name_of(group_type).lower()
        return [group for group in self._child_groups(where) if type_of(group) == kind]

    def get_last_group(self, where: Where, group_type: Enum | str) -> GROUP | None:
        """Return the group of a type with the highest number; None when there is none."""
        kind = name_of(group_type).lower()
        # From the highest number down, so that the cost does not grow with the groups before.
        return next(
            (group for group in self._child_groups(where, reverse=True) if type_of(group) == kind), None
        )

    def _child_groups(self, where: Where, *, reverse: bool = False) -> Iterator[GROUP]:
        group = self._get_group(where)
        for name in sorted(group.children_name(), key=counting_key, reverse=reverse):
            path = f"{group.path.rstrip('/')}/{name}"
            if self.driver.kind(path) is NodeKind.GROUP:
                yield GROUP(self, path)

    def get_node_from_attribute_match(self, where: Where, attr_name: str, attr_value: Any) -> Node | None:
        """Return the first node, from `where` downwards, with an attribute of that value; or None."""
        for node in self.walk_nodes(where):
            if isinstance(node, UnreadableNode) or attr_name not in node.attrs:
                continue
            if _is_equal(node.attrs[attr_name], attr_value):
                return node
        return None

    def get_node_from_title(self, where: Where, title: str) -> Node | None:
        """Return the first node of that title, from `where` downwards; None when there is none."""
        return self.get_node_from_attribute_match(where, "TITLE", title)


def type_of(group: GROUP) -> str:
    """Return what a group holds, in small letters; empty when it does not tell."""
    return str(group.attrs.get("type", "")).lower()


def name_of(item: Enum | str) -> str:
    """Return the name of an enumeration's member; a text is its own name."""
    return item.name if isinstance(item, Enum) else str(item)


def _is_equal(left: Any, right: Any) -> bool:
    if isinstance(left, np.ndarray) or isinstance(right, np.ndarray):
        return np.array_equal(left, right)
    return bool(left == right)


def as_text(settings: Settings) -> str:
    """Return settings as text."""
    return settings.decode() if isinstance(settings, bytes) else str(settings)
