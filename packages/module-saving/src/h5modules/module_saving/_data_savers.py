"""Detectors and actuators: a kind of module, combined with how its data come (at once, or point by point)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymodaq_data.data import Axis, DataDistribution, DataToExport, DataWithAxes

from h5modules.backends import GROUP, Where
from h5modules.data_saving import DataToExportExtendedSaver, DataToExportSaver, PointWriter
from h5modules.saving import H5SaverLowLevel

from ._module_saver import ModuleSaver
from ._modules import GroupModuleType, Module


class _DeviceSaver(ModuleSaver):
    """The group of a device, named after its kind and counted up."""

    def _add_module(self, where: Where) -> GROUP:
        kind = self.group_type.name.lower()
        return self.h5saver.add_incremental_group(kind, where, self._module.title, self._module.settings_xml())


class _SnapshotSaver(_DeviceSaver):
    """Data that are saved at once."""

    def update_after_h5changed(self) -> None:  # docstring inherited
        self._data_saver = DataToExportSaver(self.h5saver)

    def add_data(self, where: Where, data: DataToExport) -> None:
        """Save data in the module's group.

        Parameters
        ----------
        where
            The group, as `get_set_node` returned it.
        data
            What to save; signals that `filter_data` leaves out are not.
        """
        self._data_saver.add_data(where, self.filter_data(data))


class _PointSaver(_DeviceSaver):
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
        self._extended_shape = tuple(extended_shape)
        self._keeps_record = record
        super().__init__(module, h5saver)

    def update_after_h5changed(self) -> None:  # docstring inherited
        self._data_saver = DataToExportExtendedSaver(self.h5saver, self._extended_shape, record=self._keeps_record)

    def add_nav_axes(self, where: Where, axes: Sequence[Axis]) -> None:
        """Save the axes of the scan in the module's group."""
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
        """Return the writer of a point like `signals`: see `DataToExportExtendedSaver.point_writer`."""
        return self._data_saver.point_writer(where, signals, distribution)


class DetectorSaver(_SnapshotSaver):
    """Saves a detector's data at once: see `ModuleSaver`."""

    group_type = GroupModuleType.DETECTOR

    def add_bkg(self, where: Where, data_bkg: DataToExport) -> None:
        """Save the backgrounds of the signals that were saved in a group."""
        self._data_saver.add_bkg(where, data_bkg)


class DetectorExtendedSaver(_PointSaver):
    """Saves a detector's data at each point of a scan."""

    group_type = GroupModuleType.DETECTOR


class ActuatorSaver(_SnapshotSaver):
    """Saves an actuator's positions at once: see `ModuleSaver`."""

    group_type = GroupModuleType.ACTUATOR


class ActuatorExtendedSaver(_PointSaver):
    """Saves where an actuator really was at each point of a scan."""

    group_type = GroupModuleType.ACTUATOR
