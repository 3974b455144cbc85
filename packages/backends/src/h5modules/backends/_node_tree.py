"""`NodeTree`: an open file in which nodes are found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from ._errors import NodeError
from ._file import LibraryFile
from ._nodes import CARRAY, GROUP, Node, make_node
from ._paths import nearest, node_path

Where: TypeAlias = Node | str
"""A node, or its path."""


class NodeTree(LibraryFile):
    """A file whose groups and arrays are found by path, by what is below them, or by title.

    Parameters
    ----------
    backend
        The name of the library: see `backends_available`.
    """

    def root(self) -> GROUP:
        """Return the root group."""
        return GROUP(self, "/")

    def get_node(self, where: Where, name: str | None = None) -> Node:
        """Return the node at `where`, or its child `name`.

        Raises
        ------
        NodeError
            When there is none.
        """
        path = node_path(where, name)
        kind = self.driver.kind(path)
        if kind is None:
            raise NodeError(f"there is no node {path!r} in {self.filename!r}{nearest(self.driver, path)}")
        return make_node(self, path, kind)

    def _get_group(self, where: Where) -> GROUP:
        node = self.get_node(where)
        if not isinstance(node, GROUP):
            raise NodeError(f"{node.path!r} in {self.filename!r} is not a group.")
        return node

    def get_node_name(self, node: Where) -> str:
        """Return the name of a node."""
        return self.get_node(node).name

    def get_node_path(self, node: Where) -> str:
        """Return the path of a node."""
        return self.get_node(node).path

    def get_parent_node(self, node: Where) -> GROUP | None:
        """Return the group that holds a node; None for the root."""
        return self.get_node(node).parent_node

    def get_children(self, where: Where) -> dict[str, Node]:
        """Return the children of a group by name, sorted."""
        return self._get_group(where).children()

    def is_node_in_group(self, where: Where, name: str) -> bool:
        """Tell whether a group has a child of that name, whatever the case of the letters."""
        return name.lower() in (child.lower() for child in self._get_group(where).children_name())

    def get_group_by_title(self, where: Where, title: str) -> GROUP | None:
        """Return the first child group of that title; None when there is none."""
        for child in self.get_children(where).values():
            if isinstance(child, GROUP) and child.title == title:
                return child
        return None

    def walk_nodes(
        self, where: Where = "/", depth: int | None = None, only_groups: bool = False
    ) -> Iterator[Node]:
        """Yield a node and everything below it, parents first, lazily.

        Parameters
        ----------
        where
            Where to start.
        depth
            How many levels below `where` to go down; None is all.
        only_groups
            Whether to leave arrays out.
        """
        node = self.get_node(where)
        if isinstance(node, GROUP) or not only_groups:
            yield node
        if isinstance(node, GROUP):
            yield from self._walk_below(node, depth, only_groups, frozenset())

    def _walk_below(
        self, group: GROUP, depth: int | None, only_groups: bool, above: frozenset[Any]
    ) -> Iterator[Node]:
        identity = self.driver.identity(group.path)
        if depth == 0 or identity in above:  # a hard link may lead back up
            return
        for child in self._walked_children(group):
            if isinstance(child, GROUP):
                yield child
                below = None if depth is None else depth - 1
                yield from self._walk_below(child, below, only_groups, above | {identity})
            elif not only_groups:
                yield child

    def _walked_children(self, group: GROUP) -> Iterator[Node]:
        """Yield the children of a group that a walk comes to."""
        return (child for _, child in group.iter_children())

    def walk_groups(self, where: Where = "/") -> Iterator[GROUP]:
        """Yield a group and all groups below it, parents first."""
        for node in self.walk_nodes(where, only_groups=True):
            if isinstance(node, GROUP):
                yield node

    def read(self, array: CARRAY | str) -> Any:
        """Return all values of an array."""
        node = self.get_node(array)
        if not isinstance(node, CARRAY):
            raise NodeError(f"{node.path!r} in {self.filename!r} is not an array.")
        return node.read()
