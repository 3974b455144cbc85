"""What a file in memory consists of, and what writes to it by an open handle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ._array_spec import ArraySpec
from ._codec import RawValue
from ._driver import Array, Driver, NodeKind
from ._errors import ArrayIndexError, ArrayShapeError, ArrayTypeError, FileClosedError
from ._handles import require_row


@dataclass(slots=True)
class MemoryNode:
    """A group, an array or a list of rows: what it holds, by its kind."""

    kind: NodeKind
    attributes: dict[str, RawValue]
    children: dict[str, MemoryNode] = field(default_factory=dict)
    spec: ArraySpec | None = None
    values: Array = field(default_factory=lambda: np.empty(0))
    """The values of an array; those of an enlargeable one, and room for more."""
    length: int = 0
    """How many rows of `values` are there."""
    rows: list[Array] = field(default_factory=list)

    def view(self) -> Array:
        """Return the values that are there, to be read or written."""
        return self.values[: self.length] if self.kind is NodeKind.EARRAY else self.values

    def grow(self, block: Array) -> None:
        """Add rows to an enlargeable array; room for more is made now and then, not each time."""
        length = self.length + len(block)
        if length > len(self.values):
            room = np.empty((max(length, 2 * len(self.values)), *self.values.shape[1:]), self.values.dtype)
            room[: self.length] = self.view()
            self.values = room
        self.values[self.length : length] = block
        self.length = length


def new_group() -> MemoryNode:
    """Return an empty group."""
    return MemoryNode(NodeKind.GROUP, {"CLASS": NodeKind.GROUP.value})


class MemoryWriter:
    """Puts points in their places: see `Writer`."""

    def __init__(self, file: Driver, node: MemoryNode, dtype: np.dtype[Any], where: str) -> None:
        self._file = file
        self._node = node
        self._dtype = dtype
        self._where = where

    def write(self, index: tuple[int, ...], values: Array) -> None:
        # docstring inherited
        if not self._file.is_open:
            raise FileClosedError(f"writing point {index} of {self._where} failed: the file is closed.")
        held = self._node.view()
        inside = all(0 <= place < length for place, length in zip(index, held.shape, strict=False))
        if not inside or len(index) > held.ndim:
            raise ArrayIndexError(f"{index} is outside {self._where}, of shape {held.shape}.")
        if values.dtype != self._dtype:
            raise ArrayTypeError(f"{self._where} holds {self._dtype}, not {values.dtype}.")
        if values.shape != held.shape[len(index) :]:
            raise ArrayShapeError(f"a point of {self._where} does not have the shape {values.shape}.")
        held[index] = values


class MemoryAppender:
    """Adds rows: see `Appender`."""

    def __init__(self, file: Driver, node: MemoryNode, where: str) -> None:
        self._file = file
        self._node = node
        self._where = where

    @property
    def length(self) -> int:
        # docstring inherited
        return self._node.length

    def append(self, row: Array) -> None:
        # docstring inherited
        if not self._file.is_open:
            raise FileClosedError(f"appending to {self._where} failed: the file is closed.")
        held = self._node.values
        require_row(row, held.shape[1:], held.dtype, self._where)
        self._node.grow(row[np.newaxis])
