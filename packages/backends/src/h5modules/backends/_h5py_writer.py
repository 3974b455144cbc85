"""Writing one point after the other through h5py, by the dataset's handle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from h5py import h5d, h5s
from h5py._objects import phil

from ._driver import Array
from ._errors import (
    FileClosedError,
    FileError,
    H5ModulesError,
)
from ._handles import holds, require_point, require_row
from ._interrupts import uninterrupted


class HandleWriter:
    """Writes values through a dataset's low-level handle; what HDF5 needs for it is made once.

    Parameters
    ----------
    dataset
        The handle.
    dtype
        The dtype of the values.
    where
        What the array is called in messages.
    shape
        Called for the shape that the array has now.
    commit
        Called after each point, for what the library has written to be committed.
    """

    def __init__(
        self,
        dataset: h5d.DatasetID,
        dtype: np.dtype[Any],
        where: str,
        shape: Callable[[], tuple[int, ...]],
        commit: Callable[[], None],
    ) -> None:
        self._dataset = dataset
        self._dtype = dtype
        self._where = where
        self._current_shape = shape
        self._commit = commit
        self._type = dataset.get_type()
        self._take_shape()

    def _take_shape(self) -> None:
        self._space = self._dataset.get_space()
        self._shape = self._current_shape()
        self._memory: dict[int, tuple[h5s.SpaceID, tuple[int, ...], tuple[int, ...]]] = {}

    def write(self, index: tuple[int, ...], values: Array) -> None:
        # docstring inherited
        with phil, uninterrupted():  # h5py's lock: another thread may select in the same space
            self._write(index, values)

    def _write(self, index: tuple[int, ...], values: Array) -> None:
        try:
            if not holds(self._shape, index):
                self._take_shape()  # it may have grown
            require_point(index, values, self._shape, self._dtype, self._where)
            memory, zeros, count = self._block(len(index))
            if self._shape:
                self._space.select_hyperslab(index + zeros, count)
            self._dataset.write(memory, self._space, np.asarray(values, order="C"), self._type)
            self._commit()
        except H5ModulesError:
            raise
        except (OSError, RuntimeError, ValueError) as error:
            kind = FileError if self._dataset.valid else FileClosedError
            raise kind(f"writing point {index} of {self._where} failed: {error}") from error

    def _block(self, leading: int) -> tuple[h5s.SpaceID, tuple[int, ...], tuple[int, ...]]:
        if leading not in self._memory:
            rest = self._shape[leading:]
            memory = h5s.create_simple(rest) if rest else h5s.create(h5s.SCALAR)
            self._memory[leading] = memory, (0,) * len(rest), (1,) * leading + rest
        return self._memory[leading]


class HandleAppender:
    """Adds rows through a dataset's low-level handle; the parameters are those of `HandleWriter`."""

    def __init__(
        self, dataset: h5d.DatasetID, dtype: np.dtype[Any], where: str, commit: Callable[[], None]
    ) -> None:
        self._dataset = dataset
        self._dtype = dtype
        self._where = where
        self._writer = HandleWriter(dataset, dtype, where, self._shape, commit)

    @property
    def length(self) -> int:
        # docstring inherited
        return self._shape()[0]

    def _shape(self) -> tuple[int, ...]:
        if not self._dataset.valid:
            raise FileClosedError(f"{self._where} cannot be appended to: the file is closed.")
        return tuple(self._dataset.shape)

    def append(self, row: Array) -> None:
        # docstring inherited
        with phil, uninterrupted():
            self._append(row)

    def _append(self, row: Array) -> None:
        length, *rest = self._shape()
        require_row(row, tuple(rest), self._dtype, self._where)
        try:
            self._dataset.set_extent((length + 1, *rest))
        except (OSError, RuntimeError, ValueError) as error:
            raise FileError(f"appending to {self._where} failed: {error}") from error
        try:
            self._writer.write((length,), row)
        except FileError:
            self._dataset.set_extent((length, *rest))
            raise
