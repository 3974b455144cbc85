"""The conformance suite on PyTables; what is in the files is told by PyTables and h5py alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
import pytest
import tables

from h5modules.backends import Driver, RawValue
from h5modules.backends._tables import PyTablesDriver
from h5modules.backends.testing import DriverTests, LocalFileTests, RawLayout, RawReader

FILTERS = {1: "gzip", 2: "shuffle", 3: "fletcher32", 32026: "blosc2"}


class TablesFile:
    """A file as PyTables sees its nodes, and h5py what PyTables does not tell."""

    def __init__(self, nodes: tables.File, details: h5py.File) -> None:
        self._nodes = nodes
        self._details = details

    def names(self, path: str) -> list[str]:
        return [str(name) for name in self._nodes.get_node(path)._v_children]

    def values(self, path: str) -> Any:
        return self._nodes.get_node(path).read()

    def layout(self, path: str) -> RawLayout:
        dataset = self._details[path]
        plan = dataset.id.get_create_plist()
        return RawLayout(
            shape=dataset.shape,
            limits=dataset.maxshape,
            chunks=dataset.chunks,
            filters=frozenset(FILTERS[plan.get_filter(number)[0]] for number in range(plan.get_nfilters())),
            fill_value=dataset.fillvalue,
        )

    def attributes(self, path: str) -> dict[str, RawValue]:
        attributes = self._details[path].attrs
        return {name: self._attribute(attributes, name) for name in attributes}

    def _attribute(self, attributes: h5py.AttributeManager, name: str) -> Any:
        value = attributes[name]
        if isinstance(value, bytes):
            return bytes(value)
        is_bool = attributes.get_id(name).get_type().get_class() == h5py.h5t.BITFIELD
        return np.asarray(value).astype(bool)[()] if is_bool else value

    def is_same(self, first: str, second: str) -> bool:
        return bool(self._details[first] == self._details[second])


class TestPyTables(DriverTests, LocalFileTests):
    driver_class: ClassVar[type[Driver]] = PyTablesDriver

    @pytest.fixture
    def look(self) -> RawReader:
        @contextmanager
        def open_raw(target: Path | str) -> Iterator[TablesFile]:
            with tables.open_file(str(target)) as nodes, h5py.File(target) as details:
                yield TablesFile(nodes, details)

        return open_raw
