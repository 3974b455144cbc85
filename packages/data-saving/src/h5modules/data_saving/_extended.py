"""Scans of a known shape: room for all points is made at the first, then each point goes to its place."""

from __future__ import annotations

from collections.abc import Iterable

from pymodaq_data.data import DataDistribution, DataWithAxes

from h5modules.backends import Where
from h5modules.saving import H5SaverLowLevel

from ._open_groups import OpenGroups
from ._places import checked_index, checked_shape
from ._point_writer import PointWriter
from ._record import PointRecord
from ._rooms import FixedRoom
from ._signal_points import SignalPoints, show_written
from ._signals import SignalManagement


class DataExtendedSaver(SignalManagement):
    """Saves a `DataWithAxes` at each point of a scan of a known shape.

    At the first point everything is described and made; from then on a point is checked, and its values are
    written by open handles. When `add_data` returns, the point is in the operating system's hands, with h5py:
    it survives the death of the process.

    Parameters
    ----------
    h5saver
        An open saver.
    extended_shape
        The shape of the scan.
    fill_value
        What points not acquired read as in the file, where the dtype can hold it. None is NaN in arrays of up
        to 1 MiB, and 0 in larger ones, which costs nothing however large the scan is. Loading tells them by
        the record in either case.
    record
        Whether to keep the record of points done (``Acquired``) beside the arrays; a scan of several signals
        keeps one for all instead.

    Raises
    ------
    ScanShapeError
        When `extended_shape` is not made of whole numbers above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw
    >>> from h5modules.saving import H5SaverLowLevel
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5') as h5saver:
    ...     saver = DataExtendedSaver(h5saver, extended_shape=(3,))
    ...     for index in range(2):
    ...         saver.add_data('/RawData', DataRaw('power', data=[np.array([index + 0.5])]), indexes=(index,))
    ...     saver.load_data('/RawData/Data00')[0]
    array([0.5, 1.5, nan])
    """

    def __init__(
        self,
        h5saver: H5SaverLowLevel,
        extended_shape: Iterable[int],
        fill_value: float | None = None,
        *,
        record: bool = True,
    ) -> None:
        super().__init__(h5saver)
        self.extended_shape = checked_shape(extended_shape)
        self.fill_value = fill_value
        self._points = SignalPoints(h5saver, FixedRoom(self.extended_shape, fill_value), self)
        self._keeps_record = record
        self._open_groups: OpenGroups[PointWriter] = OpenGroups(h5saver)

    def add_data(
        self,
        where: Where,
        data: DataWithAxes,
        indexes: Iterable[int],
        distribution: DataDistribution = DataDistribution.uniform,
    ) -> None:
        """Save one point; the data are not changed.

        Parameters
        ----------
        where
            The group of the signal.
        data
            The point.
        indexes
            Where in the scan: one whole number for each of its dimensions.
        distribution
            Whether the points lie on a grid (uniform) or are listed (spread).

        Raises
        ------
        ScanIndexError
            When the point lies outside the scan; nothing was written.
        DataMismatchError
            When it is not like the first point, or the group holds something else; nothing was written.
        """
        index = checked_index(indexes, self.extended_shape)
        with self._h5saver.lock:
            writer = self._open_groups.get(where, lambda: self._writer(where, data, distribution))
            writer.require([data])
            writer.write(index, [data])

    def _writer(self, where: Where, data: DataWithAxes, distribution: DataDistribution) -> PointWriter:
        with self._h5saver.all_or_nothing():
            writer = self._points.writer(where, data, distribution)
            record = PointRecord(self._h5saver, where, self.extended_shape) if self._keeps_record else None
            show_written(self._h5saver, where, [where], [writer])
            return PointWriter({(data.name, data.origin): writer}, record)
