"""The conformance suite on h5py; what is in the files is told by h5py alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import h5py
import numpy as np
import pytest

from h5modules.backends import Driver, RawValue
from h5modules.backends._h5py import H5pyDriver
from h5modules.backends.testing import DriverTests, LocalFileTests, RawLayout, RawReader

FILTERS = {
    1: "gzip",
    2: "shuffle",
    3: "fletcher32",
    32004: "lz4",
    32008: "bitshuffle",
    32015: "zstd",
    32026: "blosc2",
}


class H5pyFile:
    """A file as h5py sees it."""

    def __init__(self, file: h5py.File) -> None:
        self._file = file

    def names(self, path: str) -> list[str]:
        return list(self._file[path])

    def values(self, path: str) -> Any:
        dataset = self._file[path]
        return list(dataset[...]) if h5py.check_vlen_dtype(dataset.dtype) else dataset[...]

    def layout(self, path: str) -> RawLayout:
        dataset = self._file[path]
        plan = dataset.id.get_create_plist()
        return RawLayout(
            shape=dataset.shape,
            limits=dataset.maxshape,
            chunks=dataset.chunks,
            filters=frozenset(FILTERS[plan.get_filter(number)[0]] for number in range(plan.get_nfilters())),
            fill_value=dataset.fillvalue,
        )

    def attributes(self, path: str) -> dict[str, RawValue]:
        return {name: self._text(value) for name, value in self._file[path].attrs.items()}

    def _text(self, value: Any) -> Any:
        # A text of fixed length is the only bytes that h5py gives.
        return bytes(value) if isinstance(value, np.bytes_) else value

    def is_same(self, first: str, second: str) -> bool:
        return bool(self._file[first] == self._file[second])


class TestH5py(DriverTests, LocalFileTests):
    driver_class: ClassVar[type[Driver]] = H5pyDriver

    @pytest.fixture
    def look(self) -> RawReader:
        @contextmanager
        def open_raw(target: Path | str) -> Iterator[H5pyFile]:
            with h5py.File(target, "r") as file:
                yield H5pyFile(file)

        return open_raw
