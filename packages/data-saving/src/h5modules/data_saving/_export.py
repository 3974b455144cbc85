"""`DataToExportSaver` and its extended form: many signals at once, each in a channel group of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pymodaq_data.data import Axis, DataDim, DataDistribution, DataToExport, DataWithAxes

from h5modules.backends import GROUP, Driver, SaveType, Where
from h5modules.saving import NAV_AXES, H5SaverLowLevel

from ._axes import AxisSaverLoader
from ._errors import DataMismatchError
from ._extended import DataExtendedSaver, SignalWriter, checked_index
from ._management import SaverContext, SaverOrPath, as_saver
from ._record import PointRecord
from ._signals import BkgSaver, DataSaverLoader


class DataToExportSaver(SaverContext):
    """Saves `DataToExport` objects: a group for each dimension, in it one for each signal (``CH00``, ``CH01``, ...).

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to open.
    save_type, new_file, metadata
        How to open a path: see `H5SaverLowLevel.from_file`.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> point = DataToExport('point', data=[DataRaw('power', data=[np.array([0.5])]),
    ...                                     DataRaw('frame', data=[np.ones((4, 5))])])
    >>> with DataToExportSaver(tmp_path / 'point.h5') as saver:
    ...     saver.add_data('/RawData', point)
    ...     saver.get_node('/RawData/Data2D/CH00/Data00').shape
    (4, 5)
    """

    def __init__(
        self,
        h5saver: SaverOrPath,
        save_type: SaveType | str = SaveType.custom,
        new_file: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._h5saver = as_saver(h5saver, save_type=save_type, new_file=new_file, metadata=metadata)

    @staticmethod
    def channel_formatter(ind: int) -> str:
        """Return the name of the group of the signal number `ind` of a dimension."""
        return f"CH{ind:02d}"

    def add_data(self, where: Where, data: DataToExport, settings_as_xml: str = "", **kwargs: Any) -> None:
        """Save all signals in a group.

        Parameters
        ----------
        where
            The group.
        data
            What to save.
        settings_as_xml
            Settings, kept as an attribute of the group.
        **kwargs
            Further attributes of the arrays.
        """
        self._add(DataSaverLoader(self._h5saver), where, data.data, **kwargs)
        if settings_as_xml:
            self.get_node(where).attrs["settings"] = settings_as_xml

    def add_bkg(self, where: Where, data: DataToExport) -> None:
        """Save the backgrounds of the signals saved in a group, channel by channel."""
        self._add(BkgSaver(self._h5saver), where, data.data, save_axes=False)

    def _add(self, saver: DataSaverLoader, where: Where, signals: Sequence[DataWithAxes], **options: Any) -> None:
        for signal, (dim, number) in zip(signals, numbered_by_dim(signals), strict=True):
            saver.add_data(self._channel_group(where, dim, number, signal), signal, **options)

    def _channel_group(self, where: Where, dim: str, number: int, signal: DataWithAxes) -> GROUP:
        dim_group = self._h5saver.get_set_group(where, dim)
        group = self._h5saver.get_set_group(dim_group, self.channel_formatter(number), signal.name, origin=signal.origin)
        if group.title != signal.name:
            raise DataMismatchError(
                f"{group.path!r} in {self._h5saver.filename!r} holds signal {group.title!r}, not {signal.name!r}; "
                "save other signals in another group."
            )
        return group


class DataToExportExtendedSaver(DataToExportSaver):
    """Saves a `DataToExport` at each point of a scan of a known shape.

    At the first point everything is described and made; from then on a point is checked, and its values are written by
    open handles. When `add_data` returns, the point is in the operating system's hands: it survives the death of the
    process.

    Parameters
    ----------
    h5saver
        An open saver.
    extended_shape
        The shape of the scan.
    fill_value
        What points not acquired read as in the file: see `DataExtendedSaver`.
    record
        Whether to keep the record of points done (``Acquired``) in the group; a scan of several detectors keeps one
        for all instead.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import Axis, DataRaw, DataToExport
    >>> from h5modules.data_saving import DataLoader
    >>> from h5modules.saving import NAV_AXES, H5SaverLowLevel
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
        self._data_saver = DataExtendedSaver(h5saver, extended_shape, fill_value)
        self._keeps_record = record
        self._driver: Driver | None = None
        self._groups: dict[str, PointWriter] = {}

    @property
    def extended_shape(self) -> tuple[int, ...]:
        """The shape of the scan."""
        return self._data_saver.extended_shape

    def add_nav_axes(self, where: Where, axes: Sequence[Axis]) -> None:
        """Save the axes of the scan, once for all its signals; when they are there already nothing is done."""
        saver = AxisSaverLoader(self._h5saver)
        group = self._h5saver.get_set_group(where, NAV_AXES)
        if saver.get_last_node_name(group) is None:
            for axis in axes:
                saver.add_axis(group, axis)

    def add_data(  # type: ignore[override]
        self,
        where: Where,
        data: DataToExport,
        indexes: Iterable[int],
        distribution: DataDistribution = DataDistribution.uniform,
        settings_as_xml: str = "",
        **kwargs: Any,
    ) -> None:
        """Save one point.

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
            When the point is not like the first; nothing was written.
        """
        if settings_as_xml or kwargs:
            settings = {"settings": settings_as_xml} if settings_as_xml else {}
            self.get_node(where).attrs.write({**settings, **kwargs})
        index = checked_index(indexes, self.extended_shape)
        self.point_writer(where, data.data, distribution).write(index, data.data)

    def point_writer(
        self, where: Where, signals: Sequence[DataWithAxes], distribution: DataDistribution = DataDistribution.uniform
    ) -> PointWriter:
        """Return the writer of all signals of a group, after making sure that `signals` is a point like the first.

        Nothing is written; at the first point the arrays are made.

        Raises
        ------
        DataMismatchError
            When a signal, a shape or a dtype differs from the first point's.
        """
        driver = self._h5saver.driver
        if driver is not self._driver:
            self._driver, self._groups = driver, {}
        path = where if isinstance(where, str) else where.path
        group = self._groups.get(path)
        if group is None:
            group = self._groups[path] = self._open_group(where, signals, distribution)
        else:
            group.require(signals)
        return group

    def _open_group(
        self, where: Where, signals: Sequence[DataWithAxes], distribution: DataDistribution
    ) -> PointWriter:
        writers = {}
        for signal, (dim, number) in zip(signals, numbered_by_dim(signals), strict=True):
            channel_group = self._channel_group(where, dim, number, signal)
            writers[signal.name, signal.origin] = self._data_saver.writer(channel_group, signal, distribution)
        if len(writers) != len(signals):
            raise DataMismatchError("two signals of one point have the same name and origin.")
        record = PointRecord(self._h5saver, where, self.extended_shape) if self._keeps_record else None
        return PointWriter(writers, record)


class PointWriter:
    """Writes the points of all signals of one group."""

    def __init__(self, writers: dict[tuple[str, str], SignalWriter], record: PointRecord | None) -> None:
        self._writers = writers
        self._record = record

    def require(self, signals: Sequence[DataWithAxes]) -> None:
        """Make sure that a point is like the first."""
        writers = self._writers
        if len(signals) != len(writers):
            raise DataMismatchError(f"the first point has {len(writers)} signals, this one {len(signals)}.")
        for signal in signals:
            writer = writers.get((signal.name, signal.origin))
            if writer is None:
                raise DataMismatchError(f"the first point has no signal {signal.name!r} of {signal.origin!r}.")
            writer.signal.require(signal)

    def write(self, index: tuple[int, ...], signals: Sequence[DataWithAxes]) -> None:
        """Write a point that `require` accepted, then mark it as acquired."""
        for signal in signals:
            self._writers[signal.name, signal.origin].write(index, signal)
        if self._record is not None:
            self._record.mark(index)


def numbered_by_dim(signals: Sequence[DataWithAxes]) -> list[tuple[str, int]]:
    """Return for each signal the name of its dimension, and its number among those of that dimension."""
    counts = dict.fromkeys(DataDim.names(), 0)
    numbered = []
    for signal in signals:
        dim = signal.dim.name
        numbered.append((dim, counts[dim]))
        counts[dim] += 1
    return numbered
