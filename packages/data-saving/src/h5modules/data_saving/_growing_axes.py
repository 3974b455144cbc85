"""The axes along which a log or an adaptive scan grows: a value for each row."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, Where, Writer
from h5modules.saving import H5SaverLowLevel

from ._axes import AxisSaverLoader, make_axis
from ._errors import DataMismatchError
from ._fitting import require_maskless, without_mask
from ._rooms import GrowingRoom

Array = np.ndarray[Any, Any]

AxisValue = float | Array
"""What an axis gets with a row; an array where several rows come at once."""


class GrowingAxes:
    """Axes that get a value with each row; they are told apart by their `spread_order`.

    Parameters
    ----------
    names, units
        Label and unit of each.

    Raises
    ------
    DataMismatchError
        When there are more of one than of the other.
    """

    def __init__(self, names: Iterable[str], units: Iterable[str]) -> None:
        labels, unit_names = tuple(names), tuple(units)
        if len(labels) != len(unit_names):
            raise DataMismatchError(
                f"there are {len(labels)} names of growing axes {list(labels)} and {len(unit_names)} units "
                f"{list(unit_names)}; give a unit for each, which may be ''."
            )
        self._axes = tuple(
            make_axis(label, unit, np.zeros(0), spread_order=order)
            for order, (label, unit) in enumerate(zip(labels, unit_names, strict=True))
        )

    def rows(self, values: Sequence[AxisValue] | None, count: int) -> list[list[Array]]:
        """Return the values of the axes at each of `count` rows.

        Raises
        ------
        DataMismatchError
            When there are not as many values as axes, one has not as many as there are rows, or it is no
            number.
        """
        labels = [axis.label for axis in self._axes]
        given = [] if values is None else list(values)
        if len(given) != len(labels):
            raise DataMismatchError(
                f"give one value for each growing axis {labels}; {len(given)} were given (axis_values)."
            )
        columns = [_column(label, value) for label, value in zip(labels, given, strict=True)]
        for label, column in zip(labels, columns, strict=True):
            if column.size != count:
                raise DataMismatchError(
                    f"the growing axis {label!r} gets {column.size} values, for {count} rows."
                )
        return [[column[row, ...] for column in columns] for row in range(count)]

    def writers(self, h5saver: H5SaverLowLevel, where: Where) -> tuple[Writer, ...]:
        """Return a writer for each axis in a group, where they are made or found.

        Raises
        ------
        DataMismatchError
            When the group holds other axes; nothing was written.
        """
        saver = AxisSaverLoader(h5saver)
        held = {
            axis.spread_order: (number, axis)
            for number, axis in saver.numbered_axes(where).items()
            if axis.index == 0
        }
        nodes: list[CARRAY] = []
        with h5saver.all_or_nothing():
            for axis in self._axes:
                if not held:
                    nodes.append(saver.add_axis(where, axis, enlargeable=True))
                    continue
                number, found = held.get(int(axis.spread_order), (-1, None))
                if found is None or (found.label, found.units) != (axis.label, axis.units):
                    raise saver.contradiction(where, axis)
                nodes.append(saver.get_node_from_index(where, number))
        return tuple(GrowingRoom().writer(node) for node in nodes)


def _column(label: str, values: AxisValue) -> Array:
    try:
        numbers = np.asanyarray(values)
    except ValueError:  # rows of differing lengths
        numbers = np.asarray(None)
    if numbers.dtype.kind not in "biuf":
        raise DataMismatchError(
            f"the growing axis {label!r} gets {reprlib.repr(values)}: give a number for each row, or nan."
        )
    if type(numbers) is not np.ndarray:
        require_maskless(numbers, f"the growing axis {label!r}")
        numbers = without_mask(numbers)
    return numbers.astype(np.float64, copy=False).reshape(-1)
