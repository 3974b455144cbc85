"""Writing the rows of a log, whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymodaq_data.data import DataWithAxes

from h5modules.backends import Writer

from ._channels import require_distinct
from ._errors import DataMismatchError
from ._point_writer import PointWriter
from ._record import RowRecord

Array = np.ndarray[Any, Any]
Row = Sequence[DataWithAxes]
"""The signals of one row."""


class LogWriter:
    """Writes rows of a log: the values of its axes, its signals, and last the record.

    Parameters
    ----------
    points
        The writer of the signals.
    axes
        The writer of each growing axis.
    record
        The record of the rows.
    """

    def __init__(self, points: PointWriter, axes: Sequence[Writer], record: RowRecord) -> None:
        self._points = points
        self._axes = tuple(axes)
        self._record = record

    def require(self, rows: Sequence[Row]) -> None:
        """Make sure that rows are like the first.

        Raises
        ------
        DataMismatchError
            When one is not.
        """
        for row in rows:
            self._points.require(row)

    def write(self, rows: Sequence[Row], axis_values: Sequence[Sequence[Array]]) -> None:
        """Write rows that `require` accepted behind those that are there, with the values of the axes."""
        for row, values in zip(rows, axis_values, strict=True):
            index = (self._record.count,)
            for writer, value in zip(self._axes, values, strict=True):
                writer.write(index, value)
            self._points.write(index, row)
            self._record.mark(index)


@dataclass(frozen=True, slots=True)
class CheckedRows:
    """Rows of a log that fit in it, and are not written yet.

    Attributes
    ----------
    log
        What writes them.
    rows
        The signals of each.
    axis_values
        The values of the growing axes at each.
    """

    log: LogWriter
    rows: Sequence[Row]
    axis_values: Sequence[Sequence[Array]]

    def write(self) -> None:
        """Write them."""
        self.log.write(self.rows, self.axis_values)


def single_rows(signals: Row) -> list[Row]:
    """Return the rows that signals are: one; or one for each point of their navigation axis.

    Raises
    ------
    DataMismatchError
        When there are none, or they have more than one navigation axis, or not all the same number of points.
    """
    require_distinct(signals)
    if all(not signal.nav_indexes for signal in signals):
        return [signals]
    several = [signal for signal in signals if len(signal.nav_indexes or ()) != 1]
    if several:
        raise DataMismatchError(
            f"signal {several[0].name!r} of {several[0].origin!r} has {len(several[0].nav_indexes or ())} "
            "navigation axes: as rows come signals that all have none, or all one."
        )
    lengths = {signal.shape[signal.nav_indexes[0]] for signal in signals}
    if len(lengths) > 1:
        raise DataMismatchError(f"signals of {sorted(lengths)} points do not make rows.")
    (length,) = lengths
    if not length:
        raise DataMismatchError("there is nothing to save: the navigation axis of the signals has no points.")
    return [[_row_of(signal, number) for signal in signals] for number in range(length)]


def _row_of(signal: DataWithAxes, number: int) -> DataWithAxes:
    (navigation,) = signal.nav_indexes

    def at(arrays: Sequence[Array]) -> list[Array]:
        return [np.atleast_1d(np.take(values, number, navigation)) for values in arrays]

    axes = [axis.copy() for axis in signal.axes if axis.index != navigation]
    for axis in axes:
        axis.index -= axis.index > navigation
    row = DataWithAxes(
        signal.name,
        source=signal.source,
        data=at(signal.data),
        labels=signal.labels,
        origin=signal.origin,
        axes=axes,
        errors=None if signal.errors is None else at(signal.errors),
        **{name: getattr(signal, name) for name in signal.extra_attributes},
    )
    row.force_units(signal.units)
    row.timestamp = signal.timestamp
    return row
