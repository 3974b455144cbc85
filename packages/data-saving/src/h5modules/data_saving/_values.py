"""The values of an array of a signal as they are loaded, any part of them at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from h5modules.backends import CARRAY, EARRAY
from h5modules.saving import GroupedFile

from ._acquired import AcquiredPoints
from ._errors import DataMismatchError, DataNodeError
from ._parts import Part, part_shape

Array = np.ndarray[Any, Any]


class Values(Protocol):
    """Values that are in a file, read part by part."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of all of them."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Their dtype."""

    def read(self, part: Part) -> Array:
        """Return a part of them: of the file only that is read."""


@dataclass(frozen=True, slots=True)
class SavedValues:
    """The values of one array: NaN where they are floats of a point that was not acquired.

    Attributes
    ----------
    node
        The array.
    shape, dtype
        Those of the values.
    points
        Which points were acquired; None where nothing tells, or all were.
    is_column
        Whether the array has a last dimension of length 1 that the values have not.
    since
        What `structure_changes` of its file was when it was found.
    """

    node: CARRAY
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    points: AcquiredPoints | None = None
    is_column: bool = False
    since: int = 0

    def read(self, part: Part) -> Array:
        """Return a part of them: of the file only that is read.

        Raises
        ------
        DataNodeError
            When the array was deleted or moved, or its file closed: what is there now is another.
        """
        self._require_there()
        if self.shape == (1,) and not self.node.shape:
            return np.asarray(np.reshape(self.node.read(), 1)[part])
        # With the dtype: a single text of bytes forgets how long it may be.
        values = np.asarray(self.node[(*part, 0) if self.is_column else part], self.dtype)
        if self.points is not None and self.dtype.kind in "fc":
            done = self.points.read(part[: len(self.points.shape)])
            if not done.all():
                values[~done] = np.nan
        return values

    def _require_there(self) -> None:
        file, path = self.node.to_h5_backend(), self.node.path
        if not isinstance(file, GroupedFile) or file.structure_changes == self.since:
            return
        if file.isopen() and file.has_departed(path, self.since):
            raise DataNodeError(
                f"{path!r} in {file.filename!r} was deleted or moved, or the file closed and opened again: "
                "load it again."
            )


def saved_values(
    node: CARRAY, nav_indexes: tuple[int, ...], points: AcquiredPoints | None, rows: int | None
) -> SavedValues:
    """Return the values of an array.

    Parameters
    ----------
    node
        The array.
    nav_indexes
        Its navigation dimensions.
    points
        Which points of its scan were acquired.
    rows
        How many rows of a log are whole: what follows was not finished. None where it is not told.
    """
    info, file = node.info, node.to_h5_backend()
    since = file.structure_changes if isinstance(file, GroupedFile) else 0
    shape = info.shape
    if isinstance(node, EARRAY) and rows is not None:
        shape = (min(rows, shape[0]), *shape[1:])
    if isinstance(node, EARRAY) and len(nav_indexes) == len(shape) - 1 and shape[-1] == 1:
        return SavedValues(node, shape[:-1], info.dtype, is_column=True, since=since)  # one value a row
    told = points if points is not None and points.covers(shape, nav_indexes) else None
    return SavedValues(node, shape or (1,), info.dtype, told, since=since)


@dataclass(frozen=True, slots=True)
class Difference:
    """Values without their background.

    Attributes
    ----------
    values, background
        The background has the shape of the values, or of one point of the scan.
    dtype
        That of the difference.

    Raises
    ------
    DataMismatchError
        When the background has another shape.
    """

    values: SavedValues
    background: SavedValues
    scan_dimensions: int

    def __post_init__(self) -> None:
        if self.background.shape not in (self.values.shape, self._point_shape or (1,)):
            raise DataMismatchError(
                f"the background {self.background.node.path!r} of shape {self.background.shape} does not fit "
                f"{self.values.node.path!r} of shape {self.values.shape}."
            )

    @property
    def _point_shape(self) -> tuple[int, ...]:
        return self.values.shape[self.scan_dimensions :]

    @property
    def shape(self) -> tuple[int, ...]:
        # docstring inherited
        return self.values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        # docstring inherited
        # Unsigned counts minus a background may be negative.
        return np.result_type(self.values.dtype, self.background.dtype, np.int8)

    def read(self, part: Part) -> Array:
        # docstring inherited
        values = self.values.read(part)
        if self.background.shape == self.shape:
            background = self.background.read(part)
        elif self._point_shape:
            background = self.background.read(part[self.scan_dimensions :])
        else:
            background = self.background.read((0,))
        difference: Array = np.subtract(values, background, dtype=self.dtype)
        return np.asarray(difference)


@dataclass(frozen=True, slots=True)
class Masked:
    """Values as masked arrays: those of points that were not acquired are masked, whatever their dtype.

    Attributes
    ----------
    values
        The values.
    points
        Which points were acquired; None where nothing tells.
    """

    values: Values
    points: AcquiredPoints | None

    @property
    def shape(self) -> tuple[int, ...]:
        # docstring inherited
        return self.values.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        # docstring inherited
        return self.values.dtype

    def read(self, part: Part) -> Array:
        # docstring inherited
        values = self.values.read(part)
        if self.points is None:
            return np.ma.MaskedArray(values)
        lost = ~self.points.read(part[: len(self.points.shape)])
        lost = lost.reshape(lost.shape + (1,) * (values.ndim - lost.ndim))
        mask = np.broadcast_to(lost, part_shape(part, self.shape))
        return np.ma.MaskedArray(values, mask.copy())
