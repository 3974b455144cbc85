"""Scans of a known shape: room for all points is made at the first, then each point goes to its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pymodaq_data.data import DataDistribution, DataWithAxes

from h5modules.backends import CARRAY, Driver, Where, Writer
from h5modules.saving import H5SaverLowLevel

from ._axes import shifted
from ._description import SignalDescription
from ._errors import DataMismatchError, ScanIndexError
from ._signals import DataSaverLoader, ErrorSaverLoader

Array = np.ndarray[Any, Any]

_FILL_VALUES = 1_000_000
"""How many values are filled at once: a scan of any size is created in flat memory."""


@dataclass(frozen=True, slots=True)
class SignalWriter:
    """Writes the points of one signal, by the open handles of its arrays."""

    signal: SignalDescription
    channels: tuple[Writer, ...]
    errors: tuple[Writer, ...]

    def write(self, index: tuple[int, ...], data: DataWithAxes) -> None:
        """Put the values of `data`, which `signal.require` accepted, at `index`."""
        shape = self.signal.point_shape
        for writer, values in zip(self.channels, data.data, strict=True):
            writer.write(index, values.reshape(shape))
        if self.errors:
            for writer, values in zip(self.errors, data.errors, strict=True):
                writer.write(index, values.reshape(shape))


def checked_index(indexes: Iterable[int], shape: Sequence[int]) -> tuple[int, ...]:
    """Return `indexes` as a tuple of whole numbers inside a scan.

    Raises
    ------
    ScanIndexError
        When there are too few or too many, or one lies outside.

    Examples
    --------
    >>> checked_index([0, 2], (2, 3))
    (0, 2)
    """
    index = tuple(int(number) for number in indexes)
    if len(index) != len(shape) or not all(0 <= number < length for number, length in zip(index, shape, strict=True)):
        raise ScanIndexError(f"point {index} does not lie in a scan of shape {tuple(shape)}.")
    return index


class DataExtendedSaver(DataSaverLoader):
    """Saves a `DataWithAxes` at each point of a scan of a known shape.

    Parameters
    ----------
    h5saver
        An open saver.
    extended_shape
        The shape of the scan.
    fill_value
        What points not acquired read as in the file; None leaves them 0, and costs nothing however large the scan is.
        Loading tells them by the record of points done in either case.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw
    >>> from h5modules.saving import H5SaverLowLevel
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5') as h5saver:
    ...     saver = DataExtendedSaver(h5saver, extended_shape=(2,))
    ...     for index in range(2):
    ...         saver.add_data('/RawData', DataRaw('power', data=[np.array([index + 0.5])]), indexes=(index,))
    ...     h5saver.get_node('/RawData/Data00').read()
    array([0.5, 1.5])
    """

    def __init__(
        self, h5saver: H5SaverLowLevel, extended_shape: Iterable[int], fill_value: float | None = None
    ) -> None:
        super().__init__(h5saver)
        self.extended_shape = tuple(int(length) for length in extended_shape)
        self.fill_value = fill_value
        self._driver: Driver | None = None
        self._writers: dict[str, SignalWriter] = {}

    def add_data(  # type: ignore[override]
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
            When it is not like the first point; nothing was written.
        """
        index = checked_index(indexes, self.extended_shape)
        self.writer(where, data, distribution).write(index, data)

    def writer(
        self, where: Where, data: DataWithAxes, distribution: DataDistribution = DataDistribution.uniform
    ) -> SignalWriter:
        """Return the writer of a signal that `data` is a point of; its arrays are made if this is the first.

        Raises
        ------
        DataMismatchError
            When `data` is not like the points before it.
        """
        driver = self._h5saver.driver
        if driver is not self._driver:  # the file was closed and opened again: the handles are gone
            self._driver, self._writers = driver, {}
        path = where if isinstance(where, str) else where.path
        writer = self._writers.get(path)
        if writer is not None:
            writer.signal.require(data)
            return writer
        writer = self._open_writer(where, SignalDescription.of(data), data, distribution)
        self._writers[path] = writer
        return writer

    def _open_writer(
        self, where: Where, signal: SignalDescription, data: DataWithAxes, distribution: DataDistribution
    ) -> SignalWriter:
        scan = signal.in_scan(len(self.extended_shape), distribution)
        errors = ErrorSaverLoader(self._h5saver)
        if self.get_last_node_name(where) is None:
            for channel, dtype in enumerate(signal.dtypes):
                self._create(self, where, scan, channel, dtype)
            for channel, dtype in enumerate(signal.error_dtypes or ()):
                self._create(errors, where, scan.of_errors(), channel, dtype)
            for axis in data.axes:
                self._axis_saver.add_axis(where, shifted(axis, len(self.extended_shape)))
        return SignalWriter(
            signal,
            tuple(self._handle(self, where, signal, channel, dtype) for channel, dtype in enumerate(signal.dtypes)),
            tuple(
                self._handle(errors, where, signal, channel, dtype)
                for channel, dtype in enumerate(signal.error_dtypes or ())
            ),
        )

    def _create(
        self, saver: DataSaverLoader, where: Where, scan: SignalDescription, channel: int, dtype: np.dtype[Any]
    ) -> None:
        array = self._h5saver.add_array(
            where,
            saver.node_name(channel),
            saver.data_type,
            data_shape=scan.shape,
            array_type=dtype,
            scan_shape=self.extended_shape,
            add_scan_dim=True,
            title=scan.name,
            data_dimension=scan.dim,
            metadata=scan.channel_attributes(channel),
        )
        if self.fill_value is not None:
            _fill(array, self.fill_value)

    def _handle(
        self, saver: DataSaverLoader, where: Where, signal: SignalDescription, channel: int, dtype: np.dtype[Any]
    ) -> Writer:
        array = saver.get_node_from_index(where, channel)
        info = array.info
        expected = (*self.extended_shape, *signal.point_shape)
        if info.shape != expected or info.dtype != dtype:
            raise DataMismatchError(
                f"{array.path!r} in {self._h5saver.filename!r} is {info.dtype} of shape {info.shape}; "
                f"this scan needs {dtype} of shape {expected}. Save it in another group."
            )
        return array.writer()


def _fill(array: CARRAY, value: float) -> None:
    shape = array.shape
    row_size = int(np.prod(shape[1:]))
    rows = max(1, _FILL_VALUES // max(1, row_size))
    for start in range(0, shape[0], rows):
        array[start : start + rows] = value


