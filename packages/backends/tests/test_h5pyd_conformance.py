"""The conformance suite on domains of a real HSDS server; h5pyd alone tells what is in them."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import h5pyd
import numpy as np
import pytest

from h5modules.backends import Driver, RawValue
from h5modules.backends._h5pyd import H5pydDriver
from h5modules.backends.hsds import HsdsServer
from h5modules.backends.testing import DriverTests, RawLayout

FILTERS = {"deflate": "gzip"}


class H5pydFile:
    """A domain as h5pyd sees it."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def _node(self, path: str) -> Any:
        return self._file if path == "/" else self._file[path]

    def names(self, path: str) -> list[str]:
        return list(self._node(path))

    def values(self, path: str) -> Any:
        dataset = self._node(path)
        row = h5pyd.check_vlen_dtype(dataset.dtype)
        if row is None:
            return _plain(dataset[...])
        # h5pyd gives 0 for a row without values, and cannot read several rows of one length at once.
        rows = [dataset[number] for number in range(dataset.shape[0])]
        return [_plain(np.empty(0, row) if isinstance(found, int) else found) for found in rows]

    def layout(self, path: str) -> RawLayout:
        dataset = self._node(path)
        found = dataset.id.cpl_json.get("filters", [])
        limits = dataset.maxshape
        return RawLayout(
            shape=dataset.shape,
            limits=tuple(None if limit in (None, 0) else limit for limit in limits),
            chunks=None if dataset.chunks is None else tuple(dataset.chunks),
            filters=frozenset(FILTERS.get(each["name"], each["name"]) for each in found),
            fill_value=_plain(np.asarray(dataset.fillvalue))[()],
        )

    def attributes(self, path: str) -> dict[str, RawValue]:
        node = self._node(path)
        return {name: self._attribute(node, name) for name in node.attrs}

    def _attribute(self, node: Any, name: str) -> RawValue:
        stored = node.id.db.plugin.getAttribute(node.id.uuid, name)
        if stored.get("encoding") != "base64":
            return _raw(node.attrs[name])
        # h5pyd takes the letters of the encoding for the value.
        values = np.frombuffer(base64.b64decode(stored["value"]), f"S{stored['type']['length']}")
        return bytes(values[0]) if stored["shape"]["class"] == "H5S_SCALAR" else values

    def is_same(self, first: str, second: str) -> bool:
        return bool(self._node(first).id.uuid == self._node(second).id.uuid)


def _plain(values: Any) -> Any:
    """Give complex numbers as such; h5pyd gives records."""
    array = np.asarray(values)
    if array.dtype.names == ("r", "i"):
        return (
            np.ascontiguousarray(array)
            .view(array.dtype[0].str.replace("f4", "c8").replace("f8", "c16"))
            .reshape(array.shape)
        )
    return array


def _raw(value: Any) -> Any:
    if isinstance(value, np.void | np.ndarray) and value.dtype.names == ("r", "i"):
        found = _plain(value)
        return found if found.shape else found[()]
    return value


class TestH5pyd(DriverTests):
    driver_class: ClassVar[type[Driver]] = H5pydDriver
    examples: ClassVar[int] = 4
    many: ClassVar[int] = 300
    """A child takes the server some 10 ms."""

    @pytest.fixture
    def options(self, hsds_server: HsdsServer) -> dict[str, Any]:
        return {"username": hsds_server.username, "password": hsds_server.password}

    @pytest.fixture
    def make_target(self, hsds_server: HsdsServer) -> Callable[[], Path | str]:
        return lambda: f"{hsds_server.endpoint}{hsds_server.folder}{uuid.uuid4().hex}.h5"

    @pytest.fixture
    def look(self, options: dict[str, Any]) -> Any:
        @contextmanager
        def open_raw(target: Path | str) -> Iterator[H5pydFile]:
            with h5pyd.File(str(target), "r", retries=1, timeout=10, **options) as file:
                yield H5pydFile(file)

        return open_raw

    @pytest.fixture
    def fingerprint(self, hsds_server: HsdsServer) -> Callable[[Path | str], Hashable]:
        def stored(target: Path | str) -> Hashable:
            """Return every byte that the server keeps of a domain."""
            folder = hsds_server.root / "data"
            domain = folder / urlsplit(str(target)).path.strip("/") / ".domain.json"
            root = json.loads(domain.read_text())["root"].split("-")
            files = sorted((folder / "db" / f"{root[1]}-{root[2]}").rglob("*"))
            content = {str(path): path.read_bytes() for path in [domain, *files] if path.is_file()}
            assert len(content) > 1
            return tuple(sorted(content.items()))

        return stored
