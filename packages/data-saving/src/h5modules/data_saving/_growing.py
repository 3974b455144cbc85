"""Logs and adaptive scans: many signals, row by row, without end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pymodaq_data.data import DataDistribution, DataToExport

from h5modules.backends import Where
from h5modules.saving import NAV_AXES, H5SaverLowLevel

from ._bundle import DataBundle
from ._enlargeable import DataEnlargeableSaver
from ._growing_axes import AxisValue, GrowingAxes
from ._management import SaverOrPath, as_saver
from ._open_groups import OpenGroups
from ._point_groups import PointGroups
from ._record import RowRecord
from ._rooms import GrowingRoom
from ._row_writer import CheckedRows, LogWriter, Row, single_rows


class DataToExportEnlargeableSaver(PointGroups):
    """Saves a `DataToExport` again and again: each is the next row of arrays that grow.

    What it is a function of, a time or the positions of actuators, is saved with each row in ``NavAxes``.
    When `add_data` returns, the row is in the operating system's hands.

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    enl_axis_names, enl_axis_units
        Label and unit of each axis along which the arrays grow.
    axis_name, axis_units
        Those of a single axis: older names for the same.

    Raises
    ------
    DataMismatchError
        When there are more names than units, or fewer.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> from h5modules.data_saving import DataLoader
    >>> with DataToExportEnlargeableSaver(tmp_path / 'adaptive.h5', ['x', 'y'], ['um', 'um']) as saver:
    ...     for x, y in [(0.0, 0.0), (1.0, 0.5)]:
    ...         power = DataRaw('power', units='mW', data=[np.array([x + y])])
    ...         saver.add_data('/RawData', DataToExport('point', data=[power]), axis_values=[x, y])
    >>> with DataLoader(tmp_path / 'adaptive.h5') as loader:
    ...     data = loader.load_data('/RawData/Data0D/CH00/EnlData00')
    >>> data[0], [(axis.label, axis.get_data().tolist()) for axis in data.axes]
    (array([0. , 1.5]), [('x', [0.0, 1.0]), ('y', [0.0, 0.5])])
    """

    def __init__(
        self,
        h5saver: SaverOrPath,
        enl_axis_names: Iterable[str] | None = None,
        enl_axis_units: Iterable[str] | None = None,
        axis_name: str = "nav axis",
        axis_units: str = "",
    ) -> None:
        opened: H5SaverLowLevel = as_saver(h5saver)
        names = (axis_name,) if enl_axis_names is None else enl_axis_names
        units = (axis_units,) if enl_axis_units is None else enl_axis_units
        self._enlarged = GrowingAxes(names, units)
        super().__init__(opened, GrowingRoom(), DataEnlargeableSaver(opened))
        self._open_groups: OpenGroups[LogWriter] = OpenGroups(opened)

    def _record(self, where: Where) -> None:
        """Return none: the axes of a row belong to it too, so that `LogWriter` keeps the record."""

    def add_data(
        self,
        where: Where,
        data: DataToExport,
        axis_values: Sequence[AxisValue] | None = None,
        axis_value: AxisValue | None = None,
        settings_as_xml: str = "",
        **kwargs: Any,
    ) -> None:
        """Save the next row, or several; the data are not changed.

        Signals that all have one navigation axis are as many rows as it has points.

        Parameters
        ----------
        where
            The group.
        data
            The signals of the row; the same in every row.
        axis_values
            The value that each growing axis gets; arrays where there are several rows.
        axis_value
            That of a single axis: an older name for the same.
        settings_as_xml
            Settings, kept as an attribute of the group.
        **kwargs
            Further attributes of the group.

        Raises
        ------
        DataMismatchError
            When the row has no signals or is not like the first, the group holds something else, or the
            values of the axes are too few, too many or no numbers; nothing was written.
        DataAttributeError, ArrayTypeError, AttributeValueError
            When a value cannot be kept; nothing was written.
        """
        if axis_values is None and axis_value is not None:
            axis_values = [axis_value]
        with self._h5saver.lock:
            checked = self.checked_rows(where, data, axis_values)
            self._tell(where, settings_as_xml, kwargs)
            checked.write()

    def checked_rows(
        self, where: Where, data: DataToExport, axis_values: Sequence[AxisValue] | None = None
    ) -> CheckedRows:
        """Return the next rows, checked, for who has others to check before any is written: see `add_data`.

        Hold the lock of the file until they are written.

        Raises
        ------
        DataMismatchError, DataAttributeError, ArrayTypeError, AttributeValueError
            As `add_data` tells.
        """
        rows = single_rows(data.data)
        values = self._enlarged.rows(axis_values, len(rows))
        log = self._open_groups.get(where, lambda: self._log(where, rows[0]))
        log.require(rows)
        return CheckedRows(log, rows, values)

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds: see `add_data`.

        Raises
        ------
        DataMismatchError
            When the bundle does not say where.
        """
        where = data.told("node")
        self.add_data(where, data.dte, axis_values=data.axis_values, settings_as_xml=data.settings)

    def _log(self, where: Where, row: Row) -> LogWriter:
        h5saver = self._h5saver
        with h5saver.all_or_nothing():
            axes = self._enlarged.writers(h5saver, h5saver.get_set_group(where, NAV_AXES))
            points = self.point_writer(where, row, DataDistribution.spread)
            return LogWriter(points, axes, RowRecord(h5saver, where))


class DataToExportTimedSaver(DataToExportEnlargeableSaver):
    """Saves a `DataToExport` again and again, as a function of its timestamp: a log.

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> with DataToExportTimedSaver(tmp_path / 'log.h5') as saver:
    ...     for number in range(3):
    ...         power = DataRaw('power', units='mW', data=[np.array([float(number)])])
    ...         saver.add_data('/RawData', DataToExport('point', data=[power]))
    ...     saver.get_node('/RawData/NavAxes/Axis00').shape
    (3,)
    """

    def __init__(self, h5saver: SaverOrPath) -> None:
        super().__init__(h5saver, enl_axis_names=("time",), enl_axis_units=("s",))

    def add_data(  # type: ignore[override]  # PyMoDAQ's arguments: the time is that of the data
        self, where: Where, data: DataToExport, settings_as_xml: str = "", **kwargs: Any
    ) -> None:
        """Save the next row, at the time of the data: see `DataToExportEnlargeableSaver.add_data`."""
        super().add_data(where, data, axis_values=[data.timestamp], settings_as_xml=settings_as_xml, **kwargs)

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds: see `add_data`."""
        self.add_data(data.told("node"), data.dte, settings_as_xml=data.settings)
