"""Scans of a known shape: room for all points is made at the first, then each point goes to its place."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymodaq_data.data import Axis, DataDistribution, DataWithAxes

from h5modules.backends import CARRAY, Driver, Where, Writer
from h5modules.saving import H5SaverLowLevel

from ._axes import is_same_axis, shifted
from ._description import SignalDescription
from ._errors import DataMismatchError, DataWarning
from ._places import checked_index, checked_shape
from ._record import PointRecord
from ._signals import ErrorSaverLoader, SignalManagement

Array = np.ndarray[Any, Any]


@dataclass(slots=True)
class SignalWriter:
    """Writes the points of one signal, by the open handles of its arrays.

    Attributes
    ----------
    signal
        What every point is like.
    axes
        The axes of the first point, which are those in the file.
    channels, errors
        The writers of its arrays.
    """

    signal: SignalDescription
    axes: tuple[Axis, ...]
    channels: tuple[Writer, ...]
    errors: tuple[Writer, ...]
    _axes_have_moved: bool = False

    def require(self, data: DataWithAxes) -> None:
        """Make sure that `data` is another measurement of the signal.

        Axes that are not those of the first point are no reason to lose a point: a `DataWarning` tells, once.

        Raises
        ------
        DataMismatchError
            See `SignalDescription.require`.
        """
        self.signal.require(data)
        if not self._axes_have_moved and not _are_same(self.axes, data.axes):
            self._axes_have_moved = True
            message = f"{self.signal}: its axes have changed since the first point; the file keeps those."
            warnings.warn(message, DataWarning, stacklevel=2)

    def write(self, index: tuple[int, ...], data: DataWithAxes) -> None:
        """Put the values of `data`, which `require` accepted, at `index`."""
        shape = self.signal.point_shape
        for writer, values in zip(self.channels, data.data, strict=True):
            writer.write(index, np.ascontiguousarray(values).reshape(shape))
        for writer, values in zip(self.errors, data.errors or (), strict=True):
            writer.write(index, np.ascontiguousarray(values).reshape(shape))


def _are_same(left: Sequence[Axis], right: Sequence[Axis]) -> bool:
    return len(left) == len(right) and all(is_same_axis(*pair) for pair in zip(left, right, strict=True))


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
        What points not acquired read as in the file, where the dtype can hold it; None leaves them 0, and
        costs nothing however large the scan is. Loading tells them by the record in either case.
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
        self._keeps_record = record
        self._driver: Driver | None = None
        self._opened: dict[str, tuple[SignalWriter, PointRecord | None]] = {}

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
        driver = self._h5saver.driver
        if driver is not self._driver:  # the file was closed and opened again: the handles are gone
            self._driver, self._opened = driver, {}
        path = where if isinstance(where, str) else where.path
        if path not in self._opened:
            self._opened[path] = self._open(where, data, distribution)
        writer, record = self._opened[path]
        writer.require(data)
        if record is None:
            writer.write(index, data)
            return
        record.begin(index)
        writer.write(index, data)
        record.mark(index)

    def _open(
        self, where: Where, data: DataWithAxes, distribution: DataDistribution
    ) -> tuple[SignalWriter, PointRecord | None]:
        with self._h5saver.all_or_nothing():
            writer = self.writer(where, data, distribution)
            record = PointRecord(self._h5saver, where, self.extended_shape) if self._keeps_record else None
        self._h5saver.flush()
        return writer, record

    def writer(
        self, where: Where, data: DataWithAxes, distribution: DataDistribution = DataDistribution.uniform
    ) -> SignalWriter:
        """Return a writer of the signal that `data` is a point of; its arrays are made, or found.

        It is good until the file is closed. Flush the file before a point is acknowledged.

        Raises
        ------
        DataMismatchError
            When the group holds something else than a scan of this shape and signal; nothing was written.
        """
        signal = SignalDescription.of(data)
        dimensions = len(self.extended_shape)
        scan = signal.in_scan(dimensions, distribution.name)
        errors = ErrorSaverLoader(self._h5saver)
        with self._h5saver.all_or_nothing():
            is_new = self.get_last_node_name(where) is None
            axes = [shifted(axis, dimensions) for axis in data.axes]
            self._axis_saver.require_axes(where, axes, can_add=is_new)
            channels = self._arrays(self, where, scan, is_new)
            error_bars = self._arrays(errors, where, scan.of_errors(), is_new)
            return SignalWriter(
                signal,
                tuple(deepcopy(axis) for axis in data.axes),
                tuple(array.writer() for array in channels),
                tuple(array.writer() for array in error_bars),
            )

    def _arrays(
        self, saver: SignalManagement, where: Where, scan: SignalDescription, is_new: bool
    ) -> list[CARRAY]:
        if is_new:
            return [self._create(saver, where, scan, channel) for channel in range(len(scan.dtypes))]
        found = saver.get_array_nodes(where)
        if len(found) != len(scan.dtypes):
            raise DataMismatchError(
                f"{scan}: the point has {len(scan.dtypes)} arrays of type {saver.data_type.name!r}, "
                f"{self.get_node(where).path!r} in {self._h5saver.filename!r} holds {len(found)}."
            )
        for channel, array in enumerate(found):
            self._require_alike(array, scan, channel)
        return found

    def _create(self, saver: SignalManagement, where: Where, scan: SignalDescription, channel: int) -> CARRAY:
        dtype = scan.dtypes[channel]
        return self._h5saver.add_array(
            where,
            saver.node_name(channel),
            saver.data_type,
            data_shape=scan.shape,
            array_type=dtype,
            fill_value=self.fill_value if _can_hold(dtype, self.fill_value) else None,
            scan_shape=self.extended_shape,
            add_scan_dim=True,
            title=scan.name,
            data_dimension=scan.dim,
            metadata=scan.channel_attributes(channel),
        )

    def _require_alike(self, array: CARRAY, scan: SignalDescription, channel: int) -> None:
        attrs, info = array.attrs, array.info
        wanted = {
            "the shape": (*self.extended_shape, *scan.point_shape),
            "the dtype": scan.dtypes[channel],
            "the name": scan.name,
            "the origin": scan.origin,
            "the label": scan.labels[channel],
            "the unit": scan.units,
        }
        held = {
            "the shape": info.shape,
            "the dtype": info.dtype,
            "the name": array.title,
            "the origin": attrs.get("origin", scan.origin),
            "the label": attrs.get("label", scan.labels[channel]),
            "the unit": attrs.get("units", scan.units),  # PyMoDAQ writes none in scans
        }
        for what, value in wanted.items():
            if held[what] != value:
                raise DataMismatchError(
                    f"{scan}: {what} of {array.path!r} in {self._h5saver.filename!r} is {held[what]!r}, "
                    f"this scan needs {value!r}. Save it in another group."
                )


def _can_hold(dtype: np.dtype[Any], value: float | None) -> bool:
    """Tell whether values of a dtype can be `value`: there is no NaN among the integers."""
    if value is None:
        return False
    if dtype.kind in "fc":
        return True
    return dtype.kind in "iu" and float(value).is_integer() and _limits(dtype, int(value))


def _limits(dtype: np.dtype[Any], value: int) -> bool:
    limits = np.iinfo(dtype)
    return bool(limits.min <= value <= limits.max)
