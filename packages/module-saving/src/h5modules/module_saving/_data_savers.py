"""Detectors and actuators: a kind of module, combined with how its data come (at once, or point by point)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymodaq_data.data import Axis, DataDistribution, DataToExport, DataWithAxes

from h5modules.backends import Where
from h5modules.data_saving import DataToExportExtendedSaver, DataToExportSaver, PointWriter, checked_shape
from h5modules.saving import H5SaverLowLevel

from ._module_saver import ModuleSaver
from ._modules import GroupModuleType, Module


class _SnapshotSaver(ModuleSaver):
    """Data that are saved at once."""

    def update_after_h5changed(self) -> None:
        """Nothing depends on the file."""

    def add_data(self, where: Where, data: DataToExport) -> None:
        """Save data in the module's group: see `DataToExportSaver.add_data`.

        Parameters
        ----------
        where
            The group, as `get_set_node` returned it.
        data
            What to save; signals that `filter_data` leaves out are not.
        """
        DataToExportSaver(self.h5saver).add_data(where, self.filter_data(data))


class _PointSaver(ModuleSaver):
    """Data that are saved point by point, in a scan of a known shape.

    Parameters
    ----------
    module
        What is saved.
    extended_shape
        The shape of the scan.
    h5saver
        The file; it may be given later.
    record
        Whether to keep the record of points done in the module's group: see `DataToExportExtendedSaver`.
    """

    def __init__(
        self,
        module: Module,
        extended_shape: Iterable[int],
        h5saver: H5SaverLowLevel | None = None,
        *,
        record: bool = True,
    ) -> None:
        self._extended_shape = checked_shape(extended_shape)
        self._keeps_record = record
        self._made: DataToExportExtendedSaver | None = None
        super().__init__(module, h5saver)

    def update_after_h5changed(self) -> None:
        """Forget the handles of the file before."""
        self._made = None

    @property
    def _data_saver(self) -> DataToExportExtendedSaver:
        if self._made is None:
            self._made = DataToExportExtendedSaver(
                self.h5saver, self._extended_shape, record=self._keeps_record
            )
        return self._made

    def add_nav_axes(self, where: Where, axes: Sequence[Axis]) -> None:
        """Save the axes of the scan in the module's group: see `DataToExportExtendedSaver.add_nav_axes`."""
        self._data_saver.add_nav_axes(where, axes)

    def add_data(
        self,
        where: Where,
        data: DataToExport,
        indexes: Iterable[int],
        distribution: DataDistribution = DataDistribution.uniform,
    ) -> None:
        """Save one point: see `DataToExportExtendedSaver.add_data`."""
        self._data_saver.add_data(where, self.filter_data(data), indexes, distribution)

    def point_writer(
        self, where: Where, signals: Sequence[DataWithAxes], distribution: DataDistribution
    ) -> PointWriter:
        """Return a writer of points like `signals`: see `DataToExportExtendedSaver.point_writer`."""
        return self._data_saver.point_writer(where, signals, distribution)


class DetectorSaver(_SnapshotSaver):
    """Saves a detector's data at once: see `ModuleSaver`."""

    group_type = GroupModuleType.DETECTOR

    def add_bkg(self, where: Where, data_bkg: DataToExport) -> None:
        """Save the backgrounds of the signals saved in a group: see `DataToExportSaver.add_bkg`."""
        DataToExportSaver(self.h5saver).add_bkg(where, self.filter_data(data_bkg))


class DetectorExtendedSaver(_PointSaver):
    """Saves a detector's data at each point of a scan."""

    group_type = GroupModuleType.DETECTOR

    def add_bkg(self, where: Where, data_bkg: DataToExport) -> None:
        """Save the backgrounds of the signals saved in a group: see `DataToExportExtendedSaver.add_bkg`."""
        self._data_saver.add_bkg(where, self.filter_data(data_bkg))


class ActuatorSaver(_SnapshotSaver):
    """Saves an actuator's positions at once: see `ModuleSaver`."""

    group_type = GroupModuleType.ACTUATOR


class ActuatorExtendedSaver(_PointSaver):
    """Saves where an actuator really was at each point of a scan."""

    group_type = GroupModuleType.ACTUATOR
