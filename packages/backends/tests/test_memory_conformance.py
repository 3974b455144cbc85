"""The conformance suite in memory; what is in the files is told by the dicts behind the driver."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest

from h5modules.backends import Driver, RawValue, backends_available, get_driver
from h5modules.backends._memory import MemoryDriver, MemoryNode, _files
from h5modules.backends.testing import DriverTests, RawLayout, RawReader


class MemoryFile:
    """A file as the dicts hold it."""

    def __init__(self, root: MemoryNode) -> None:
        self._root = root

    def _node(self, path: str) -> MemoryNode:
        node = self._root
        for name in path.strip("/").split("/"):
            node = node.children[name] if name else node
        return node

    def names(self, path: str) -> list[str]:
        return list(self._node(path).children)

    def values(self, path: str) -> Any:
        node = self._node(path)
        if node.rows or (node.spec and node.kind.value == "VLARRAY"):
            return node.rows
        return node.values[: node.length] if node.kind.value == "EARRAY" else node.values

    def layout(self, path: str) -> RawLayout:
        spec = self._node(path).spec
        assert spec is not None
        packing = spec.compression
        filters = {packing.name} if packing and packing.level else set()
        return RawLayout(
            shape=self.values(path).shape,
            limits=(None, *spec.shape[1:]) if spec.enlargeable else spec.shape,
            chunks=spec.chunks,
            filters=frozenset(filters | ({"fletcher32"} if spec.checksum else set())),
            fill_value=spec.fill_value,
        )

    def attributes(self, path: str) -> dict[str, RawValue]:
        return self._node(path).attributes

    def is_same(self, first: str, second: str) -> bool:
        return self._node(first) is self._node(second)


class TestMemory(DriverTests):
    driver_class: ClassVar[type[Driver]] = MemoryDriver

    @pytest.fixture
    def make_target(self, request: pytest.FixtureRequest) -> Iterator[Callable[[], Path | str]]:
        numbers = itertools.count()
        yield lambda: f"{request.node.name} {next(numbers)}"
        for name in [name for name in _files if name.startswith(request.node.name)]:
            MemoryDriver.delete_file(name)

    @pytest.fixture
    def look(self) -> RawReader:
        @contextmanager
        def open_raw(target: Path | str) -> Iterator[MemoryFile]:
            yield MemoryFile(_files[str(target)])

        return open_raw

    @pytest.fixture
    def fingerprint(self) -> Callable[[Path | str], Hashable]:
        return lambda target: repr(_files[str(target)])


def test_known_by_its_entry_point_alone() -> None:
    assert "memory" in backends_available
    assert get_driver("memory") is MemoryDriver
