"""`ScanSaver`: a scan, its actuators and its detectors in one group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from pymodaq_data.data import Axis, DataDistribution, DataToExport

from h5modules.backends import GROUP, NodeError, Where
from h5modules.data_saving import (
    DataBundle,
    DataMismatchError,
    OpenGroups,
    PointRecord,
    PointWriter,
    ScanShapeError,
    checked_index,
    checked_shape,
)
from h5modules.saving import H5SaverLowLevel

from ._compound import CompoundSaver, Signals
from ._data_savers import ActuatorExtendedSaver, DetectorExtendedSaver
from ._modules import CompoundModule, GroupModuleType, Module
from ._timestamps import ScanClock


@dataclass(frozen=True, slots=True)
class _ScanPoints:
    """Writes the points of a scan: the handles of one open file."""

    writers: Mapping[str, PointWriter]
    clock: ScanClock
    record: PointRecord

    def require(self, signals: Signals) -> None:
        """Make sure that a point is like the first, in every module."""
        if signals.keys() != self.writers.keys():
            raise DataMismatchError(
                f"the first point had data of {sorted(self.writers)}, this one of {sorted(signals)}."
            )
        for origin, group in signals.items():
            self.writers[origin].require(group)

    def write(self, index: tuple[int, ...], signals: Signals) -> None:
        """Write a point that `require` accepted."""
        self.record.begin(index)
        for origin, group in signals.items():
            self.writers[origin].write(index, group)
        self.clock.add(index)
        self.record.mark(index)


class ScanSaver(CompoundSaver[DetectorExtendedSaver, ActuatorExtendedSaver]):
    """Saves a scan: its group holds one for each detector and actuator, the times and the record.

    Parameters
    ----------
    module
        The scan: its title and settings, its detectors and actuators.
    h5saver
        The file; it may be given later.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import Axis, DataRaw, DataToExport
    >>> from h5modules.saving import H5SaverLowLevel
    >>> class Device:
    ...     def __init__(self, title):
    ...         self.title = title
    ...     def settings_xml(self):
    ...         return ''
    >>> class Scan(Device):
    ...     detectors, actuators = [Device('Photodiode')], [Device('Stage')]
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5') as h5saver:
    ...     saver = ScanSaver(Scan('Line'), h5saver)
    ...     saver.set_scan_shape((2,))
    ...     group = saver.get_set_node(new=True)
    ...     saver.add_nav_axes([Axis('Stage', 'um', np.array([0.0, 1.0]), index=0)])
    ...     for index in range(2):
    ...         power = DataRaw('power', origin='Photodiode', data=[np.array([index + 0.5])])
    ...         saver.add_data(DataToExport('point', data=[power]), indexes=(index,))
    ...     h5saver.get_node('/RawData/Scan000/Detector000/Data0D/CH00/Data00').read()
    array([0.5, 1.5])
    """

    group_type = GroupModuleType.SCAN

    def __init__(self, module: CompoundModule, h5saver: H5SaverLowLevel | None = None) -> None:
        self._shape: tuple[int, ...] = ()
        super().__init__(module, h5saver)

    def _forget(self) -> None:
        super()._forget()
        self._clock: ScanClock | None = None
        self._open_groups: OpenGroups[_ScanPoints] | None = None
        self._group: GROUP | None = None
        self._empty_group: GROUP | None = None

    def set_scan_shape(self, scan_shape: Iterable[int]) -> None:
        """Tell the shape of the next scan, or of one whose group was made but that has no point yet.

        Raises
        ------
        ScanShapeError
            When it is not made of whole numbers above 0.
        """
        self._shape = checked_shape(scan_shape)
        if self._h5saver is not None:
            self.renew_savers()

    def renew_savers(self) -> None:
        """Make the savers of the modules anew; a scan that has no point yet stays the one that is saved."""
        group = self._empty_group
        self.update_after_h5changed()
        if group is not None:
            with self.h5saver.all_or_nothing():
                self.create_module_group(group)
            self._begin(group)

    def _begin(self, group: GROUP) -> None:
        self._module_group = self._group = self._empty_group = group
        self._open_groups = OpenGroups(self.h5saver)
        if self._shape:
            self._clock = ScanClock(self.h5saver, self._shape)

    def _make_savers(self) -> None:
        if self._shape:  # their arrays cannot be described without
            super()._make_savers()

    def _detector_saver(self, module: Module) -> DetectorExtendedSaver:
        return DetectorExtendedSaver(module, self._shape, self.h5saver, record=False)

    def _actuator_saver(self, module: Module) -> ActuatorExtendedSaver:
        return ActuatorExtendedSaver(module, self._shape, self.h5saver, record=False)

    def get_set_node(self, where: Where | None = None, name: str | None = None, new: bool = False) -> GROUP:
        """Return the group of the last scan or of a new one: see `CompoundSaver.get_set_node`.

        Without a shape it holds no groups of modules yet: `set_scan_shape` makes them.
        """
        group = super().get_set_node(where, name, new)
        self._begin(group)
        return group

    def add_nav_axes(self, axes: Sequence[Axis]) -> None:
        """Save the axes of the scan, in the group of each of its modules.

        Raises
        ------
        DataMismatchError
            When they do not have the shape of the scan, or it has others already; nothing was written.
        """
        self._require_group()
        with self.h5saver.all_or_nothing():
            for title, saver in self._savers.items():
                saver.add_nav_axes(self.current_nodes[title], axes)

    def add_data(
        self,
        dte: DataToExport,
        indexes: Iterable[int],
        distribution: DataDistribution = DataDistribution.uniform,
    ) -> None:
        """Save one point of the scan; the data are not changed.

        When it returns, every value of the point, its time and its place in the record are in the operating
        system's hands, with h5py.

        Parameters
        ----------
        dte
            The signals of all modules, told apart by their origins; the same at every point.
        indexes
            Where in the scan: one whole number for each of its dimensions.
        distribution
            Whether the points lie on a grid (uniform) or are listed (spread).

        Raises
        ------
        ScanIndexError
            When the point lies outside the scan; nothing was written.
        DataMismatchError
            When an origin is unknown, there is nothing to save, or the point is not like the first; nothing
            was written.
        """
        group, opened = self._require_group()
        index = checked_index(indexes, self._shape)
        signals = self._saved_by_origin(dte.data)
        with self.h5saver.lock:
            points = opened.get(group, lambda: self._open_points(signals, distribution))
            # Every module is asked before any value is written: a point is saved whole or not at all.
            points.require(signals)
            points.write(index, signals)

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds: see `add_data`."""
        self.add_data(data.dte, data.told("indexes"), data.distribution)

    def _require_group(self) -> tuple[GROUP, OpenGroups[_ScanPoints]]:
        if self._group is not None and not self._shape:
            raise ScanShapeError(
                f"the scan {self._module.title!r} has no shape yet; call set_scan_shape first."
            )
        if self._group is None or self._open_groups is None:
            raise NodeError(f"the scan {self._module.title!r} has no group yet; call get_set_node first.")
        return self._group, self._open_groups

    def _open_points(self, signals: Signals, distribution: DataDistribution) -> _ScanPoints:
        """Make what the points of the scan are written in, or find it; all of it or nothing."""
        h5saver, savers = self.h5saver, self._savers
        group, _ = self._require_group()
        clock = self._clock
        assert clock is not None  # as there is a group
        with h5saver.all_or_nothing():
            writers = {
                origin: savers[origin].point_writer(self.current_nodes[origin], group_signals, distribution)
                for origin, group_signals in signals.items()
            }
            clock.create(group)
            record = PointRecord(h5saver, group, self._shape)
        self._empty_group = None
        return _ScanPoints(writers, clock, record)
