"""Finding nodes of a domain by path, with few requests.

A path leads to an identifier, and that is kept as long as the file is open: looked up once, a node costs no
look-up any more. What we delete or move ourselves is forgotten; what others delete is noticed when the server
says that it is gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from ._driver import NodeKind
from ._errors import FileError, NodeError
from ._h5pyd_http import Server
from ._h5pyd_types import Dataset, parse_dataset

GONE = (404, 410)
"""What the server answers when something is not there: 410 when it was once."""

FRESH_SECONDS = 1.0
"""How long the attributes of a node, fetched all at once, are taken as they are; our changes show at once."""

BATCH = 50
"""How many children are described by one request."""

ABSENT_SECONDS = 0.2
"""How long nothing is taken to stand where nothing stood: making a node asks that several times."""

_MAX_LINKS = 30

Attributes: TypeAlias = dict[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Broken:
    """What a link leads to that leads nowhere."""

    problem: str


def collection(identifier: str) -> str:
    """Return the part of a request's path that tells what an identifier is of."""
    return {"g": "groups", "d": "datasets", "t": "datatypes"}[identifier[0]]


def item(identifier: str, *more: str) -> str:
    """Return the path of a request about a node, and what is below it there."""
    return "/".join(["", collection(identifier), identifier, *(quote(part, safe="") for part in more)])


def split(path: str) -> tuple[str, str]:
    """Return the path of the group that holds a node, and the node's name.

    Examples
    --------
    >>> split('/RawData/Scan000'), split('/RawData')
    (('/RawData', 'Scan000'), ('/', 'RawData'))
    """
    above, _, name = path.rpartition("/")
    return above or "/", name


class Tree:
    """The nodes of one domain.

    Parameters
    ----------
    server
        Where to ask.
    root
        The identifier of the root group.
    """

    def __init__(self, server: Server, root: str) -> None:
        self._server = server
        self.root = root
        self._found: dict[str, str] = {"/": root}
        self._absent: dict[str, float] = {}
        self._datasets: dict[str, Dataset] = {}
        self._attributes: dict[str, tuple[float, Attributes]] = {}

    # Paths

    def find(self, path: str) -> str | Broken | None:
        """Return the identifier of the node at `path`; None when nothing is there."""
        return self._find(path, 0)

    def require(self, path: str) -> str:
        """Return the identifier of the node at `path`.

        Raises
        ------
        NodeError
            When there is none, or a broken link.
        """
        found = self.find(path)
        if isinstance(found, Broken):
            raise NodeError(
                f"the node {path!r} in {self._server.address!r} cannot be shown: {found.problem}."
            )
        if found is None:
            raise NodeError(f"there is no node {path!r} in {self._server.address!r}.")
        return found

    def require_group(self, path: str) -> str:
        """Return the identifier of the group at `path`.

        Raises
        ------
        NodeError
            When there is none, or something else.
        """
        identifier = self.require(path)
        if not identifier.startswith("g-"):
            raise NodeError(f"{path!r} in {self._server.address!r} is not a group.")
        return identifier

    def remember(self, path: str, identifier: str) -> None:
        """Keep what stands at `path`."""
        self._found[path] = identifier
        self._absent.clear()  # by links, it may stand at other paths too

    def forget(self) -> None:
        """Forget what stands at every path: a node has other paths too, by hard and soft links."""
        self._found = {"/": self.root}
        self._absent.clear()

    def _find(self, path: str, depth: int) -> str | Broken | None:
        if path in self._found:
            return self._found[path]
        if time.monotonic() - self._absent.get(path, float("-inf")) < ABSENT_SECONDS:
            return None
        if depth > _MAX_LINKS:
            return Broken("a link that leads back to itself")
        above, name = split(path)
        if above not in self._found:
            self._find_all(above)
        parent = self._find(above, depth)
        if not isinstance(parent, str) or not parent.startswith("g-"):
            return None
        reply = self._server.get("/", expect=(400, *GONE), h5path=name, parent_id=parent)
        if reply.status in GONE:
            self._absent[path] = time.monotonic()
            return None
        if reply.status == 400:  # the answer when a soft or external link stands there
            return self._follow(above, self.link(parent, name), depth)
        return self._keep(path, reply.json())

    def _find_all(self, path: str) -> None:
        """Look up a path and all above it by one request; nothing is kept where that does not work."""
        parts = path.strip("/").split("/")
        paths = ["/" + "/".join(parts[: depth + 1]) for depth in range(len(parts))]
        unknown = [each for each in paths if each not in self._found]
        if len(unknown) < 2:
            return
        reply = self._server.post("/", {"h5paths": unknown}, expect=(400, 500, *GONE))
        if reply.status == 200:
            for each, found in reply.json()["h5paths"].items():
                self._keep(each, found)

    def _keep(self, path: str, found: Mapping[str, Any]) -> str:
        identifier = str(found["id"])
        self._found[path] = identifier
        if identifier.startswith("d-"):
            self._datasets[identifier] = parse_dataset(found)
        return identifier

    # Links

    def link(self, group: str, name: str) -> Mapping[str, Any] | None:
        """Return the link `name` of a group as the server describes it; None when there is none."""
        reply = self._server.get(item(group, "links", name), expect=GONE)
        if reply.status in GONE:
            return None
        link: Mapping[str, Any] = reply.json()["link"]
        return link

    def links(self, group: str) -> list[Mapping[str, Any]]:
        """Return all links of a group, sorted by name."""
        reply = self._server.get(item(group, "links"), expect=GONE)
        if reply.status in GONE:
            self.forget()
            raise NodeError(f"a group in {self._server.address!r} is gone: another program has deleted it.")
        found: list[Mapping[str, Any]] = reply.json()["links"]
        return sorted(found, key=lambda link: str(link["title"]))

    def _follow(self, above: str, link: Mapping[str, Any] | None, depth: int) -> str | Broken | None:
        if link is None:
            return None
        if link["class"] == "H5L_TYPE_HARD":
            return str(link["id"])
        if link["class"] != "H5L_TYPE_SOFT":
            return Broken(f"a link to another domain, {str(link.get('file', ''))!r}, is not followed")
        target = str(link["h5path"])
        absolute = target if target.startswith("/") else f"{above.rstrip('/')}/{target}"
        parts = [part for part in absolute.split("/") if part not in ("", ".")]
        found = self._find("/" + "/".join(parts), depth + 1)
        return Broken(f"a broken link to {target!r}") if found is None else found

    # Children

    def children(self, path: str) -> Iterator[tuple[str, NodeKind]]:
        """Yield name and kind of each child, sorted by name; datasets are described in batches."""
        group = self.require_group(path)
        links = self.links(group)
        prefix = path.rstrip("/")
        for start in range(0, len(links), BATCH):
            batch = links[start : start + BATCH]
            for link in batch:
                if link["class"] == "H5L_TYPE_HARD":
                    self._found[f"{prefix}/{link['title']}"] = str(link["id"])
            self._describe(group, [link for link in batch if str(link.get("id", "")).startswith("d-")])
            for link in batch:
                name = str(link["title"])
                kind = self.kind(f"{prefix}/{name}")
                if kind is not None:
                    yield name, kind

    def _describe(self, group: str, links: list[Mapping[str, Any]]) -> None:
        """Fetch what is unknown of the datasets that links lead to, with their attributes."""
        names = [str(link["title"]) for link in links if link["id"] not in self._datasets]
        if len(names) < 2:
            return
        reply = self._server.post("/", {"h5paths": names}, expect=GONE, parent_id=group, include_attrs=1)
        if reply.status in GONE:
            return  # one of them was deleted meanwhile: each is asked for by itself
        now = time.monotonic()
        for found in reply.json()["h5paths"].values():
            self._datasets[str(found["id"])] = parse_dataset(found)
            self._attributes[str(found["id"])] = (now, dict(found.get("attributes", {})))

    # Nodes

    def kind(self, path: str) -> NodeKind | None:
        """Return what stands at `path`; None when nothing does."""
        found = self.find(path)
        if found is None:
            return None
        if isinstance(found, Broken) or found.startswith("t-"):
            return NodeKind.UNREADABLE
        if found.startswith("g-"):
            return NodeKind.GROUP
        dataset = self._datasets.get(found) or self._fetch(found)
        return None if dataset is None else dataset.kind

    def dataset(self, path: str, *, fresh: bool = True) -> Dataset:
        """Return the description of a dataset, its shape as it is now when `fresh`.

        Raises
        ------
        NodeError
            When it is something else, or cannot be shown.
        """
        identifier = self.require(path)
        if not identifier.startswith("d-"):
            raise NodeError(f"{path!r} in {self._server.address!r} is not an array.")
        dataset = self._datasets.get(identifier)
        if dataset is None or (fresh and dataset.may_grow):
            dataset = self._fetch(identifier)
        if dataset is None:
            raise NodeError(
                f"{path!r} is gone from {self._server.address!r}: another program has deleted it."
            )
        if dataset.problem:
            raise NodeError(f"{path!r} in {self._server.address!r} cannot be shown: {dataset.problem}.")
        return dataset

    def problem(self, path: str) -> str:
        """Return why the node at `path` cannot be shown; empty when it can."""
        found = self.find(path)
        if isinstance(found, Broken):
            return found.problem
        if found is None:
            raise NodeError(f"there is no node {path!r} in {self._server.address!r}.")
        if found.startswith("t-"):
            return "a type without data"
        dataset = (self._datasets.get(found) or self._fetch(found)) if found.startswith("d-") else None
        return "" if dataset is None else dataset.problem

    def keep_dataset(self, found: Mapping[str, Any]) -> Dataset:
        """Keep a dataset as the server describes it, and return it."""
        dataset = parse_dataset(found)
        self._datasets[dataset.id] = dataset
        return dataset

    def _fetch(self, identifier: str) -> Dataset | None:
        reply = self._server.get(item(identifier), expect=GONE)
        if reply.status in GONE:
            self.forget()
            self._datasets.pop(identifier, None)
            return None
        return self.keep_dataset(reply.json())

    # Attributes

    def attributes(self, identifier: str) -> Attributes:
        """Return all attributes of a node, fetched at once."""
        when, known = self._attributes.get(identifier, (float("-inf"), {}))
        if time.monotonic() - when < FRESH_SECONDS:
            return known
        reply = self._server.get(item(identifier, "attributes"), expect=(500, *GONE), IncludeData=1)
        if reply.status in GONE:
            self.forget()
            raise NodeError(f"a node in {self._server.address!r} is gone: another program has deleted it.")
        if reply.status == 500:
            raise FileError(
                f"the server {self._server.endpoint} cannot read the attributes of a node in "
                f"{self._server.domain!r}: one of them was written in a way that it cannot read itself."
            )
        found = {str(each["name"]): each for each in reply.json()["attributes"]}
        if len(self._attributes) > 4 * BATCH:
            self._attributes.clear()  # most of them are no longer fresh
        self._attributes[identifier] = (time.monotonic(), found)
        return found

    def forget_attributes(self, identifier: str) -> None:
        """Have the attributes of a node fetched again when they are next asked for."""
        self._attributes.pop(identifier, None)
