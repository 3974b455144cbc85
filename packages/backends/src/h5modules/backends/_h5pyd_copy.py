"""Copying nodes within a domain, which HSDS cannot do by itself."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ._driver import NodeKind
from ._h5pyd_http import Server
from ._h5pyd_tree import collection, item
from ._h5pyd_types import Dataset, parse_dataset
from ._h5pyd_values import BLOCK_BYTES, ROWS, Values, pieces


class Copier:
    """Copies nodes with all below them; nodes of several names (hard links) stay one in the copy.

    The copies are made without a name: only when all is copied, the first one is linked, and all appears at
    once.

    Parameters
    ----------
    server
        Where the domain is.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._copies: dict[str, str] = {}

    def copy(self, identifier: str) -> str:
        """Copy a node and all below it; return the identifier of the copy."""
        if identifier not in self._copies:
            found = self._server.get(item(identifier), include_attrs=1, include_links=1).json()
            if identifier.startswith("d-"):
                self._copy_dataset(identifier, found)
            else:
                self._copy_other(identifier, found)
        return self._copies[identifier]

    def _copy_other(self, identifier: str, found: Mapping[str, Any]) -> None:
        body = {"type": found["type"]} if "type" in found else {}
        copied = self._create(identifier, body, found)
        links = found.get("links") or {}
        if links:
            # The copy is known before its members are copied: one of them may lead back to the group.
            items = {name: self._copied_link(link) for name, link in links.items()}
            self._server.put(item(copied, "links"), {"links": items})

    def _copied_link(self, link: Mapping[str, Any]) -> dict[str, Any]:
        if link["class"] == "H5L_TYPE_HARD":
            return {"class": link["class"], "id": self.copy(str(link["id"]))}
        kept = {"class": link["class"], "h5path": link["h5path"]}
        other = link.get("h5domain") or link.get("file")
        return {**kept, "h5domain": other} if other else kept

    def _copy_dataset(self, identifier: str, found: Mapping[str, Any]) -> None:
        space = found["shape"]
        body: dict[str, Any] = {"type": found["type"]}
        if space["class"] == "H5S_SIMPLE":
            body["shape"] = space["dims"]
            if "maxdims" in space:
                body["maxdims"] = space["maxdims"]
        else:
            body["shape"] = space["class"]
        if properties := found.get("creationProperties"):
            body["creationProperties"] = properties
        copied = self._create(identifier, body, found)
        if space["class"] != "H5S_NULL":
            self._copy_values(parse_dataset(found), copied)

    def _copy_values(self, dataset: Dataset, copied: str) -> None:
        if 0 in dataset.shape:
            return
        whole = tuple(slice(0, length, 1) for length in dataset.shape)
        is_plain = dataset.kind in (NodeKind.CARRAY, NodeKind.EARRAY) and not dataset.is_text
        itemsize = dataset.dtype.itemsize if is_plain else BLOCK_BYTES // ROWS
        source = Values(self._server, dataset)
        target = Values(self._server, replace(dataset, id=copied))
        for block, _ in pieces(whole, itemsize):
            target.put(block, source.fetch(block))

    def _create(self, identifier: str, body: dict[str, Any], found: Mapping[str, Any]) -> str:
        """Create a node like another, with its attributes and without a name."""
        raw: dict[str, bytes] = {}
        attributes = {}
        for name, value in (found.get("attributes") or {}).items():
            kept = {key: value[key] for key in ("type", "shape", "value") if value.get(key) is not None}
            if value.get("encoding") == "base64":  # bytes that are not UTF-8: see `encode_attribute`
                raw[name] = base64.b64decode(kept.pop("value"))
            attributes[name] = kept
        reply = self._server.post(f"/{collection(identifier)}", {**body, "attributes": attributes})
        copied = str(reply.json()["id"])
        self._copies[identifier] = copied
        for name, stored in raw.items():
            self._server.put(item(copied, "attributes", name, "value"), stored)
        return copied
