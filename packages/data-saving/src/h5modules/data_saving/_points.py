"""`DataToExportExtendedSaver`: many signals at each point of a scan of a known shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pymodaq_data.data import Axis, DataDistribution, DataToExport, DataWithAxes

from h5modules.backends import GROUP, Driver, Where
from h5modules.saving import NAV_AXES, H5SaverLowLevel

from ._axes import AxisSaverLoader
from ._channels import ChannelGroups, numbered_by_dim, require_distinct
from ._errors import DataMismatchError
from ._extended import DataExtendedSaver, SignalWriter
from ._places import checked_index
from ._record import PointRecord


class PointWriter:
    """Writes the points of all signals of one group.

    Parameters
    ----------
    writers
        The writer of each signal, by name and origin.
    record
        The record of points done; None when somebody else keeps it.
    """

    def __init__(self, writers: dict[tuple[str, str], SignalWriter], record: PointRecord | None) -> None:
        self._writers = writers
        self._record = record

    def require(self, signals: Sequence[DataWithAxes]) -> None:
        """Make sure that a point is like the first.

        Raises
        ------
        DataMismatchError
            When there are more or fewer signals, others, or one is not like the first.
        """
        require_distinct(signals)
        writers = self._writers
        if len(signals) != len(writers):
            raise DataMismatchError(f"the first point has {len(writers)} signals, this one {len(signals)}.")
        for signal in signals:
            writer = writers.get((signal.name, signal.origin))
            if writer is None:
                raise DataMismatchError(
                    f"the first point has no signal {signal.name!r} of {signal.origin!r}."
                )
            writer.require(signal)

    def write(self, index: tuple[int, ...], signals: Sequence[DataWithAxes]) -> None:
        """Write a point that `require` accepted, then mark it as acquired."""
        if self._record is not None:
            self._record.begin(index)
        for signal in signals:
            self._writers[signal.name, signal.origin].write(index, signal)
        if self._record is not None:
            self._record.mark(index)


class DataToExportExtendedSaver(ChannelGroups):
    """Saves a `DataToExport` at each point of a scan of a known shape.

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
        What points not acquired read as in the file: see `DataExtendedSaver`.
    record
        Whether to keep the record of points done (``Acquired``) in the group; a scan of several detectors
        keeps one for all instead.

    Raises
    ------
    ScanShapeError
        When `extended_shape` is not made of whole numbers above 0.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import Axis, DataRaw, DataToExport
    >>> from h5modules.data_saving import DataLoader
    >>> from h5modules.saving import H5SaverLowLevel
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5') as h5saver:
    ...     saver = DataToExportExtendedSaver(h5saver, extended_shape=(3,))
    ...     saver.add_nav_axes('/RawData', [Axis('x', 'um', np.array([0.0, 1.0, 2.0]), index=0)])
    ...     for index in (0, 1):
    ...         power = DataRaw('power', units='V', data=[np.array([index + 0.5])])
    ...         saver.add_data('/RawData', DataToExport('point', data=[power]), indexes=(index,))
    ...     DataLoader(h5saver).load_data('/RawData/Data0D/CH00/Data00')[0]
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
        self._data_saver = DataExtendedSaver(h5saver, extended_shape, fill_value, record=False)
        self._keeps_record = record
        self._driver: Driver | None = None
        self._opened: dict[str, PointWriter] = {}

    @property
    def extended_shape(self) -> tuple[int, ...]:
        """The shape of the scan."""
        return self._data_saver.extended_shape

    def add_nav_axes(self, where: Where, axes: Sequence[Axis]) -> None:
        """Save the axes of the scan, once for all its signals; those that are there already are left.

        Raises
        ------
        DataMismatchError
            When an axis does not have the length of its dimension of the scan, or the group holds other axes;
            nothing was written.
        """
        shape = self.extended_shape
        for axis in axes:
            if axis.index >= len(shape) or axis.size != shape[axis.index]:
                raise DataMismatchError(
                    f"the axis {axis.label!r} of dimension {axis.index} has {axis.size} values; "
                    f"the scan has the shape {shape}."
                )
        with self._h5saver.all_or_nothing():
            group = self._h5saver.get_set_group(where, NAV_AXES)
            saver = AxisSaverLoader(self._h5saver)
            saver.require_axes(group, axes, can_add=saver.get_last_node_name(group) is None)

    def add_data(
        self,
        where: Where,
        data: DataToExport,
        indexes: Iterable[int],
        distribution: DataDistribution = DataDistribution.uniform,
        settings_as_xml: str = "",
        **kwargs: Any,
    ) -> None:
        """Save one point; the data are not changed.

        Parameters
        ----------
        where
            The group of the scan's detector.
        data
            The signals of the point; the same at every point.
        indexes
            Where in the scan: one whole number for each of its dimensions.
        distribution
            Whether the points lie on a grid (uniform) or are listed (spread).
        settings_as_xml
            Settings, kept as an attribute of the group.
        **kwargs
            Further attributes of the group.

        Raises
        ------
        ScanIndexError
            When the point lies outside the scan; nothing was written.
        DataMismatchError
            When the point is not like the first, or the group holds another scan; nothing was written.
        DataAttributeError, ArrayTypeError, AttributeValueError
            When a value cannot be kept; nothing was written.
        """
        index = checked_index(indexes, self.extended_shape)
        signals = data.data
        writer = self._writer(where, signals, distribution)
        writer.require(signals)
        if settings_as_xml or kwargs:
            settings = {"settings": settings_as_xml} if settings_as_xml else {}
            self.get_node(where).attrs.write({**settings, **kwargs})
        writer.write(index, signals)

    def _writer(
        self, where: Where, signals: Sequence[DataWithAxes], distribution: DataDistribution
    ) -> PointWriter:
        driver = self._h5saver.driver
        if driver is not self._driver:  # the file was closed and opened again: the handles are gone
            self._driver, self._opened = driver, {}
        path = where if isinstance(where, str) else where.path
        if path not in self._opened:
            writer = self.point_writer(where, signals, distribution)
            self.flush()
            self._opened[path] = writer
        return self._opened[path]

    def point_writer(
        self,
        where: Where,
        signals: Sequence[DataWithAxes],
        distribution: DataDistribution = DataDistribution.uniform,
    ) -> PointWriter:
        """Return a writer of points like `signals`; their arrays are made, or found in the group.

        It is good until the file is closed. Flush the file before a point is acknowledged.

        Raises
        ------
        DataMismatchError
            When the group holds something else than a scan of this shape and these signals; nothing was
            written.
        """
        require_distinct(signals)
        with self._h5saver.all_or_nothing():
            groups = self._found_groups(where, signals) or self._made_groups(where, signals)
            writers = {
                (signal.name, signal.origin): self._data_saver.writer(group, signal, distribution)
                for signal, group in zip(signals, groups, strict=True)
            }
            record = PointRecord(self._h5saver, where, self.extended_shape) if self._keeps_record else None
        return PointWriter(writers, record)

    def _found_groups(self, where: Where, signals: Sequence[DataWithAxes]) -> list[GROUP]:
        """Return the groups of the signals when a scan is there already; empty when none is."""
        held = [group for _, group in self.channel_groups(where)]
        if not held:
            return []
        found = [group for signal in signals if (group := self.find_channel_group(where, signal))]
        if len(found) != len(held) or len(found) != len(signals):
            raise DataMismatchError(
                f"{self.get_node(where).path!r} in {self._h5saver.filename!r} holds the signals "
                f"{sorted(group.title for group in held)}, the point has "
                f"{sorted(signal.name for signal in signals)}; save other signals in another group."
            )
        return found

    def _made_groups(self, where: Where, signals: Sequence[DataWithAxes]) -> list[GROUP]:
        return [
            self.make_channel_group(where, dim, number, signal)
            for signal, (dim, number) in zip(signals, numbered_by_dim(signals), strict=True)
        ]
