"""Detectors and actuators: a kind of module, combined with how its data come.

How they come is one of four: at once, point by point in a scan, row by row, or row by row against the time.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from pymodaq_data.data import Axis, DataDistribution, DataToExport, DataWithAxes

from h5modules.backends import GroupType, H5Backend, NodeError, Where
from h5modules.data_saving import (
    AxisValue,
    ChannelGroups,
    CheckedRows,
    DataToExportEnlargeableSaver,
    DataToExportExtendedSaver,
    DataToExportSaver,
    DataToExportTimedSaver,
    PointWriter,
    checked_shape,
)
from h5modules.saving import H5SaverLowLevel, is_second_name

from ._module_saver import ModuleSaver
from ._modules import GroupModuleType, Module

S = TypeVar("S", bound=ChannelGroups)

EXTERNAL = "External_data"
"""The name of the group that holds what a module saved in a file of its own."""


class DataModuleSaver(ModuleSaver, Generic[S]):
    """Saves a module and its data, through one saver of data for each file."""

    _made: S | None = None

    def update_after_h5changed(self) -> None:
        """Forget the saver of the file before, and the handles that it holds."""
        self._made = None

    @property
    def _data_saver(self) -> S:
        if self._made is None:
            self._made = self._make(self.h5saver)
        return self._made

    @abstractmethod
    def _make(self, h5saver: H5SaverLowLevel) -> S:
        """Return a saver of the data."""

    def add_bkg(self, where: Where, data_bkg: DataToExport) -> None:
        """Save the backgrounds of the signals saved in a group: see `DataToExportSaver.add_bkg`."""
        self._data_saver.add_bkg(where, self.filter_data(data_bkg))

    def add_external_h5(self, other_h5data: H5Backend | Path | str) -> None:
        """Copy what the module saved in a file of its own into the module's group, as ``External_data``.

        Parameters
        ----------
        other_h5data
            The file, open or by its path; it is left as it was.

        Raises
        ------
        NodeError
            When the module has no group yet.
        FileError
            When the other file cannot be read; nothing was written.
        """
        if self.module_group is None:
            raise NodeError(f"{self.module.title!r} has no group yet; call get_set_node first.")
        if isinstance(other_h5data, Path | str):
            with H5Backend.open(other_h5data) as opened:
                return self.add_external_h5(opened)
        h5saver = self.h5saver
        with h5saver.all_or_nothing():
            group = h5saver.add_group(EXTERNAL, GroupType.external_h5, self.module_group)
            for _, node in other_h5data.root().iter_children():
                if not is_second_name(node):  # they are links to what is copied anyway
                    other_h5data.copy_to(h5saver, node, group)
        return None


class _SnapshotSaver(DataModuleSaver[DataToExportSaver]):
    """Data that are saved at once."""

    def _make(self, h5saver: H5SaverLowLevel) -> DataToExportSaver:
        return DataToExportSaver(h5saver)

    def add_data(self, where: Where, data: DataToExport, **kwargs: Any) -> None:
        """Save data in the module's group: see `DataToExportSaver.add_data`.

        Parameters
        ----------
        where
            The group, as `get_set_node` returned it.
        data
            What to save; signals that `filter_data` leaves out are not.
        **kwargs
            Further attributes of the arrays.
        """
        self._data_saver.add_data(where, self.filter_data(data), **kwargs)


class _PointSaver(DataModuleSaver[DataToExportExtendedSaver]):
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
        super().__init__(module, h5saver)

    def _make(self, h5saver: H5SaverLowLevel) -> DataToExportExtendedSaver:
        return DataToExportExtendedSaver(h5saver, self._extended_shape, record=self._keeps_record)

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


class _RowSaver(DataModuleSaver[DataToExportEnlargeableSaver]):
    """Data that are saved row by row, as a function of axes that grow with them.

    Parameters
    ----------
    module
        What is saved.
    enl_axis_names, enl_axis_units
        Label and unit of each axis that grows: see `DataToExportEnlargeableSaver`.
    h5saver
        The file; it may be given later.
    """

    def __init__(
        self,
        module: Module,
        enl_axis_names: Iterable[str] | None = None,
        enl_axis_units: Iterable[str] | None = None,
        h5saver: H5SaverLowLevel | None = None,
    ) -> None:
        self.enl_axis_names = None if enl_axis_names is None else tuple(enl_axis_names)
        self.enl_axis_units = None if enl_axis_units is None else tuple(enl_axis_units)
        super().__init__(module, h5saver)

    def _make(self, h5saver: H5SaverLowLevel) -> DataToExportEnlargeableSaver:
        return DataToExportEnlargeableSaver(h5saver, self.enl_axis_names, self.enl_axis_units)

    def add_data(
        self,
        where: Where,
        data: DataToExport,
        axis_values: Sequence[AxisValue] | None = None,
        **kwargs: Any,
    ) -> None:
        """Save the next row: see `DataToExportEnlargeableSaver.add_data`."""
        self._data_saver.add_data(where, self.filter_data(data), axis_values, **kwargs)

    def checked_rows(
        self, where: Where, data: DataToExport, axis_values: Sequence[AxisValue] | None = None
    ) -> CheckedRows:
        """Return the next row, checked: see `DataToExportEnlargeableSaver.checked_rows`."""
        return self._data_saver.checked_rows(where, self.filter_data(data), axis_values)


class _LogSaver(DataModuleSaver[DataToExportTimedSaver]):
    """Data that are saved row by row, as a function of their time."""

    def _make(self, h5saver: H5SaverLowLevel) -> DataToExportTimedSaver:
        return DataToExportTimedSaver(h5saver)

    def add_data(self, where: Where, data: DataToExport, **kwargs: Any) -> None:
        """Save the next row: see `DataToExportTimedSaver.add_data`."""
        self._data_saver.add_data(where, self.filter_data(data), **kwargs)

    def checked_rows(self, where: Where, data: DataToExport) -> CheckedRows:
        """Return the next row, checked, at the time of the data: see `DataToExportTimedSaver.add_data`."""
        return self._data_saver.checked_rows(where, self.filter_data(data), [data.timestamp])


class DetectorSaver(_SnapshotSaver):
    """Saves a detector's data at once: see `ModuleSaver`."""

    group_type = GroupModuleType.DETECTOR


class DetectorExtendedSaver(_PointSaver):
    """Saves a detector's data at each point of a scan."""

    group_type = GroupModuleType.DETECTOR


class DetectorEnlargeableSaver(_RowSaver):
    """Saves a detector's data row by row."""

    group_type = GroupModuleType.DETECTOR


class DetectorTimeSaver(_LogSaver):
    """Saves a detector's data row by row, against the time."""

    group_type = GroupModuleType.DETECTOR


class ActuatorSaver(_SnapshotSaver):
    """Saves an actuator's positions at once: see `ModuleSaver`."""

    group_type = GroupModuleType.ACTUATOR


class ActuatorExtendedSaver(_PointSaver):
    """Saves where an actuator really was at each point of a scan."""

    group_type = GroupModuleType.ACTUATOR


class ActuatorEnlargeableSaver(_RowSaver):
    """Saves an actuator's positions row by row."""

    group_type = GroupModuleType.ACTUATOR


class ActuatorTimeSaver(_LogSaver):
    """Saves an actuator's positions row by row, against the time."""

    group_type = GroupModuleType.ACTUATOR
