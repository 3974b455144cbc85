"""`DataToExportExtendedSaver`: many signals at each point of a scan of a known shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pymodaq_data.data import Axis, DataDistribution, DataToExport

from h5modules.backends import Where
from h5modules.saving import NAV_AXES, H5SaverLowLevel

from ._axes import AxisSaverLoader
from ._bundle import DataBundle
from ._errors import DataMismatchError
from ._management import SaverOrPath, as_saver
from ._open_groups import OpenGroups
from ._places import checked_index, checked_shape
from ._point_groups import PointGroups
from ._point_writer import PointWriter
from ._record import PointRecord
from ._rooms import FixedRoom
from ._signals import SignalManagement
from .nexus import show_groups


class DataToExportExtendedSaver(PointGroups):
    """Saves a `DataToExport` at each point of a scan of a known shape.

    At the first point everything is described and made; from then on a point is checked, and its values are
    written by open handles. When `add_data` returns, the point is in the operating system's hands, with h5py:
    it survives the death of the process.

    Parameters
    ----------
    h5saver
        An open saver, or the path of a file to be opened.
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
        h5saver: SaverOrPath,
        extended_shape: Iterable[int],
        fill_value: float | None = None,
        *,
        record: bool = True,
    ) -> None:
        self._shape = checked_shape(extended_shape)
        self._keeps_record = record
        opened: H5SaverLowLevel = as_saver(h5saver)
        super().__init__(opened, FixedRoom(self._shape, fill_value), SignalManagement(opened))
        self._open_groups: OpenGroups[PointWriter] = OpenGroups(opened)

    @property
    def extended_shape(self) -> tuple[int, ...]:
        """The shape of the scan."""
        return self._shape

    def _record(self, where: Where) -> PointRecord | None:
        return PointRecord(self._h5saver, where, self._shape) if self._keeps_record else None

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
            show_groups(self._h5saver, [found for _, found in self.channel_groups(where)])

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
            When the point has no signals or is not like the first, or the group holds another scan; nothing
            was written.
        DataAttributeError, ArrayTypeError, AttributeValueError
            When a value cannot be kept; nothing was written.
        """
        index = checked_index(indexes, self.extended_shape)
        signals = data.data
        with self._h5saver.lock:
            writer = self._open_groups.get(where, lambda: self.point_writer(where, signals, distribution))
            writer.require(signals)
            self._tell(where, settings_as_xml, kwargs)
            writer.write(index, signals)

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds: see `add_data`.

        Raises
        ------
        DataMismatchError
            When the bundle does not say where.
        """
        where, indexes = data.told("node"), data.told("indexes")
        self.add_data(where, data.dte, indexes, data.distribution, data.settings)
