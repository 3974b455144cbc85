"""`DataEnlargeableSaver`: one signal, row by row, without end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from pymodaq_data.data import DataDistribution, DataWithAxes

from h5modules.backends import Where
from h5modules.saving import DataType

from ._growing_axes import AxisValue, GrowingAxes
from ._management import SaverOrPath
from ._open_groups import OpenGroups
from ._point_writer import PointWriter
from ._record import RowRecord
from ._rooms import GrowingRoom
from ._row_writer import LogWriter, single_rows
from ._signal_points import SignalPoints
from ._signals import SignalManagement
from .nexus import show_groups


class DataEnlargeableSaver(SignalManagement):
    """Saves a `DataWithAxes` again and again: each is the next row of an array that grows (``EnlData00``).

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    enl_axis_names, enl_axis_units
        Label and unit of each axis along which it grows; they are saved where `axis_values` are given.

    Raises
    ------
    DataMismatchError
        When there are more names than units, or fewer.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw
    >>> with DataEnlargeableSaver(tmp_path / 'log.h5', ['delay'], ['ps']) as saver:
    ...     for delay in (0.0, 0.5, 2.0):
    ...         power = DataRaw('power', units='mW', data=[np.array([delay + 1])])
    ...         saver.add_data('/RawData', power, axis_values=[delay])
    ...     data = saver.load_data('/RawData/EnlData00')
    >>> data[0], data.axes[0].label, data.axes[0].get_data()
    (array([1. , 1.5, 3. ]), 'delay', array([0. , 0.5, 2. ]))
    """

    data_type = DataType.data_enlargeable

    def __init__(
        self,
        h5saver: SaverOrPath,
        enl_axis_names: Iterable[str] = ("nav axis",),
        enl_axis_units: Iterable[str] = ("",),
    ) -> None:
        super().__init__(h5saver)
        self._enlarged = GrowingAxes(enl_axis_names, enl_axis_units)
        self._points = SignalPoints(self._h5saver, GrowingRoom(), self)
        self._open_groups: OpenGroups[LogWriter] = OpenGroups(self._h5saver)

    def add_data(
        self,
        where: Where,
        data: DataWithAxes,
        axis_values: Sequence[AxisValue] | None = None,
        **kwargs: Any,
    ) -> None:
        """Save the next row; the data are not changed.

        Data with one navigation axis are as many rows as it has values, and these are those of the axis.

        Parameters
        ----------
        where
            The group of the signal.
        data
            The row.
        axis_values
            The value that each growing axis gets; None saves no such axes.
        **kwargs
            Further attributes, kept with the arrays when they are made.

        Raises
        ------
        DataMismatchError
            When it is not like the first row, the group holds something else, there are not as many
            `axis_values` as axes, or the data have several navigation axes; nothing was written.
        """
        enlarged, axis_values = self._axes_for(data, axis_values)
        rows = single_rows([data])
        values = enlarged.rows(axis_values, len(rows))
        with self._h5saver.lock:
            log = self._open_groups.get(where, lambda: self._log(where, rows[0][0], enlarged, kwargs))
            log.require(rows)
            log.write(rows, values)

    def _axes_for(
        self, data: DataWithAxes, axis_values: Sequence[AxisValue] | None
    ) -> tuple[GrowingAxes, Sequence[AxisValue]]:
        if axis_values is not None:
            return self._enlarged, axis_values
        if len(data.nav_indexes) == 1 and (found := data.get_axis_from_index(data.nav_indexes[0])[0]):
            return GrowingAxes([found.label], [found.units]), [np.asarray(found.get_data())]
        return GrowingAxes((), ()), ()

    def _log(
        self, where: Where, row: DataWithAxes, enlarged: GrowingAxes, further: dict[str, Any]
    ) -> LogWriter:
        h5saver = self._h5saver
        with h5saver.all_or_nothing():
            axes = enlarged.writers(h5saver, where)
            writer = self._points.writer(where, row, DataDistribution.spread, further)
            points = PointWriter({(row.name, row.origin): writer}, None)
            record = RowRecord(h5saver, where)
            show_groups(h5saver, [where])
            return LogWriter(points, axes, record)
