"""Arrays that lie in one piece in the file: values go to their place past the library.

A point is one positioned write. Nothing else in the file moves, so a process that is killed loses no point
for which `write` has returned, and every other program finds the file as it was, with that point in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from ._errors import ArrayIndexError, ArrayShapeError, ArrayTypeError, FileClosedError, FileError
from ._journaled_file import JournaledFile
from ._positioned import write_all, write_at


def bytes_of(values: np.ndarray[Any, Any]) -> memoryview:
    """Return the bytes of values in C order, without a copy where they lie so."""
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


class PlacedArray:
    """The place of one array, and the `Writer` of its points.

    Parameters
    ----------
    store
        The file.
    start
        Where in it the array begins.
    shape, dtype
        Those of the array, the dtype as the file holds it.
    where
        What the array is called in messages.
    owner
        What keeps the place from being given to something else, as long as this object is kept.
    """

    def __init__(
        self,
        store: JournaledFile,
        start: int,
        shape: tuple[int, ...],
        dtype: np.dtype[Any],
        where: str,
        owner: Any = None,
    ) -> None:
        self._store = store
        self._start = start
        self._shape = shape
        self._dtype = dtype
        self._where = where
        self._owner = owner
        steps = [math.prod(shape[axis + 1 :]) * dtype.itemsize for axis in range(len(shape))]
        self._axes = list(zip(shape, steps, strict=True))
        self._points = [
            (shape[leading:], math.prod(shape[leading:]) * dtype.itemsize, tuple(self._axes[:leading]))
            for leading in range(len(shape) + 1)
        ]

    @property
    def size(self) -> int:
        """How many bytes the array has."""
        return self._points[0][1]

    def write(self, index: tuple[int, ...], values: np.ndarray[Any, Any]) -> None:
        # docstring inherited
        if len(index) > len(self._shape):
            raise self._outside(index)
        shape, size, axes = self._points[len(index)]
        place = self._start
        for position, (length, step) in zip(index, axes):  # noqa: B905 - as many; `strict` costs time
            if not 0 <= position < length:
                raise self._outside(index)
            place += position * step
        if values.dtype != self._dtype:
            raise ArrayTypeError(f"{self._where} holds {self._dtype}, not {values.dtype}.")
        if values.shape != shape:
            raise ArrayShapeError(f"a point of {self._where} has shape {shape}, not {values.shape}.")
        try:
            written = write_at(self._store.descriptor, values, place)
        except (OSError, ValueError):  # a value error tells that they are not in one piece
            written = 0
        if written != size:
            self._write_bytes(place, values)

    def _outside(self, index: tuple[int, ...]) -> ArrayIndexError:
        return ArrayIndexError(f"{index} is outside {self._where}, of shape {self._shape}.")

    def _write_bytes(self, place: int, values: np.ndarray[Any, Any]) -> None:
        """Write values of any layout, by as many calls as it takes, and explain what fails."""
        if self._store.descriptor < 0:
            why = (
                "another process, which forked this one, writes it"
                if self._store.is_let_go
                else "it is closed"
            )
            raise FileClosedError(f"writing to {self._where} failed: {why}.")
        try:
            write_all(self._store.descriptor, place, bytes_of(values))
        except OSError as error:
            raise FileError(f"writing to {self._where} failed: {error}") from error

    def write_block(self, block: tuple[slice, ...], values: np.ndarray[Any, Any]) -> None:
        """Write the values of a block, as `write_selected` asks for it."""
        kept = self._whole_axes(block)
        outer = block[: len(block) - kept]
        if outer and outer[-1].step == 1:
            outer, run = outer[:-1], outer[-1]
        else:
            run = None
        first = 0 if run is None else run.start * self._axes[len(outer)][1]
        for index, place in self._places(outer):
            self._write_bytes(self._start + place + first, values[index])

    def _whole_axes(self, block: tuple[slice, ...]) -> int:
        """Return how many of the last axes are covered by a block from end to end."""
        whole = 0
        for part, length in zip(reversed(block), reversed(self._shape), strict=True):
            if part != slice(0, length, 1):
                break
            whole += 1
        return whole

    def _places(self, outer: tuple[slice, ...]) -> Iterator[tuple[tuple[int, ...], int]]:
        """Yield the index of each run of bytes in the values, and where it lies in the array."""
        ranges = [range(part.start, part.stop, part.step) for part in outer]
        steps = [step for _, step in self._axes]
        for index in product(*(range(len(each)) for each in ranges)):
            positions = (each[number] for each, number in zip(ranges, index, strict=True))
            yield index, sum(position * step for position, step in zip(positions, steps, strict=False))
