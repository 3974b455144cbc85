"""Making, linking, moving, copying and deleting nodes of a domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._driver import Array
from ._errors import NodeError, NodeExistsError
from ._h5pyd_attributes import encode_attribute
from ._h5pyd_copy import Copier
from ._h5pyd_http import Server
from ._h5pyd_tree import GONE, Tree, item, split


class Changes:
    """Changes the tree of one domain.

    Parameters
    ----------
    server, tree
        The domain.
    """

    def __init__(self, server: Server, tree: Tree) -> None:
        self._server = server
        self._tree = tree

    def create(
        self,
        path: str,
        collection: str,
        body: Mapping[str, Any],
        attributes: Mapping[str, str | Array],
        *,
        named: bool = True,
    ) -> Mapping[str, Any]:
        """Make a node with its attributes, by one request.

        Parameters
        ----------
        path
            Where it is to be.
        collection, body
            What the request is about, and what it says.
        attributes
            Its attributes, of text that is UTF-8.
        named
            Whether it is linked to its path at once; `link` does it later.

        Returns
        -------
        The node as the server describes it.

        Raises
        ------
        NodeExistsError, NodeError
            When `path` is taken, or when there is no group to make it in.
        """
        parent, name = self.place(path)
        encoded = {key: encode_attribute(value)[0] for key, value in attributes.items()}
        link = {"link": {"id": parent, "name": name}} if named else {}
        reply = self._server.post(f"/{collection}", {**body, **link, "attributes": encoded}, expect=(409,))
        if reply.status == 409:
            raise self._taken(path)
        found: Mapping[str, Any] = reply.json()
        if named:
            self._tree.remember(path, str(found["id"]))
        return found

    def place(self, path: str) -> tuple[str, str]:
        """Return the group and the name for a new node, which need not be free."""
        if path == "/":
            raise self._taken(path)
        above, name = split(path)
        parent = self._tree.find(above)
        if not isinstance(parent, str) or not parent.startswith("g-"):
            raise NodeError(f"there is no group {above!r} in {self._server.address!r} to hold {name!r}.")
        return parent, name

    def require_free(self, path: str) -> None:
        """Refuse a path where something stands, or that no group can hold."""
        self.place(path)
        if self._tree.find(path) is not None:
            raise self._taken(path)

    def _taken(self, path: str) -> NodeExistsError:
        return NodeExistsError(f"{path!r} exists already in {self._server.address!r}.")

    def link(self, target: str, identifier: str) -> None:
        """Give a node a path, beside those that it has."""
        self._put_link(target, {"id": identifier})
        self._tree.remember(target, identifier)

    def _put_link(self, target: str, link: Mapping[str, Any]) -> None:
        parent, name = self.place(target)
        kept = {key: link[key] for key in ("id", "h5path") if key in link}
        if other := link.get("file") or link.get("h5domain"):
            kept["h5domain"] = other
        reply = self._server.put(item(parent, "links", name), kept, expect=(409,))
        if reply.status == 409:
            raise self._taken(target)

    def delete(self, path: str) -> None:
        """Take the path of a node away; what has no other path is out of reach."""
        group, name = self._named(path)
        self._server.delete(item(group, "links", name), expect=GONE)
        self._tree.forget()

    def _named(self, path: str) -> tuple[str, str]:
        """Return group and name of something that is there; a broken link is."""
        if path == "/":
            raise NodeError(f"the root of {self._server.address!r} has no name that could be changed.")
        if self._tree.find(path) is None:
            raise NodeError(f"there is no node {path!r} in {self._server.address!r}.")
        above, name = split(path)
        return self._tree.require_group(above), name

    def move(self, source: str, target: str) -> None:
        """Give what stands at a path another one; a link moves as a link."""
        group, name = self._named(source)
        self._require_outside(source, target)
        self.require_free(target)
        link = self._tree.link(group, name)
        if link is None:
            raise NodeError(f"there is no node {source!r} in {self._server.address!r}.")
        # First the new path, then without the old one: it never is without any.
        self._put_link(target, link)
        self._server.delete(item(group, "links", name), expect=GONE)
        self._tree.forget()

    def copy(self, source: str, target: str) -> None:
        """Copy a node and all below it; the copy gets its path when it is whole."""
        identifier = self._tree.require(source)
        self._require_outside(source, target)
        self.require_free(target)
        self.link(target, Copier(self._server).copy(identifier))

    def _require_outside(self, source: str, target: str) -> None:
        moved = self._tree.find(source)
        above = split(target)[0]
        while True:
            if isinstance(moved, str) and self._tree.find(above) == moved:
                where = self._server.address
                raise NodeError(f"{source!r} in {where!r} cannot go to {target!r}, into itself.")
            if above == "/":
                return
            above = split(above)[0]
