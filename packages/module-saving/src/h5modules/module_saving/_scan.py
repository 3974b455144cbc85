"""`ScanSaver`: a scan, its actuators and its detectors in one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymodaq_data.data import Axis, DataDistribution, DataToExport, DataWithAxes

from h5modules.backends import GROUP, Driver, NodeError, Where
from h5modules.data_saving import DataMismatchError, PointRecord, checked_index
from h5modules.saving import H5SaverLowLevel

from ._data_savers import ActuatorExtendedSaver, DetectorExtendedSaver
from ._module_saver import ModuleSaver
from ._modules import GroupModuleType, ScanModule
from ._timestamps import ScanClock


class ScanSaver(ModuleSaver):
    """Saves a scan: its group holds one for each detector and actuator, the time of each point and the record.

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

    def __init__(self, module: ScanModule, h5saver: H5SaverLowLevel | None = None) -> None:
        self._scan = module
        self._shape: tuple[int, ...] = ()
        self.detectors: dict[str, DetectorExtendedSaver] = {}
        self.actuators: dict[str, ActuatorExtendedSaver] = {}
        self._nodes: dict[str, GROUP] = {}
        super().__init__(module, h5saver)

    def set_scan_shape(self, scan_shape: Iterable[int]) -> None:
        """Tell the shape of the next scan; call it before `get_set_node`."""
        self._shape = tuple(int(length) for length in scan_shape)
        if self._h5saver is not None:
            self.update_after_h5changed()

    def update_after_h5changed(self) -> None:  # docstring inherited
        h5saver, shape = self.h5saver, self._shape
        self.detectors = {
            module.title: DetectorExtendedSaver(module, shape, h5saver, record=False) for module in self._scan.detectors
        }
        self.actuators = {
            module.title: ActuatorExtendedSaver(module, shape, h5saver, record=False) for module in self._scan.actuators
        }
        self._savers = {**self.actuators, **self.detectors}
        self._nodes = {}
        self._clock: ScanClock | None = None
        self._record: PointRecord | None = None
        self._driver: Driver | None = None
        self._origins: frozenset[str] = frozenset()

    def _add_module(self, where: Where) -> GROUP:
        return self.h5saver.add_scan_group(where, self._module.title, self._module.settings_xml())

    def get_set_node(self, where: Where | None = None, name: str | None = None, new: bool = False) -> GROUP:
        """Return the group of the last scan in `where` (the raw group), or of a new one.

        Parameters
        ----------
        where
            The group to look in.
        name
            Without meaning here: scans are counted.
        new
            Whether to make a new one although there are others.
        """
        where = self.h5saver.raw_group if where is None else where
        group = None if new else self.get_last_node(where)
        self._module_group = self._add_module(where) if group is None else group
        self._nodes = {title: saver.get_set_node(self._module_group) for title, saver in self._savers.items()}
        self._clock = ScanClock(self.h5saver, self._shape)
        self._driver = None
        return self._module_group

    def add_nav_axes(self, axes: Sequence[Axis]) -> None:
        """Save the axes of the scan, in the group of each of its modules."""
        for title, saver in self._savers.items():
            saver.add_nav_axes(self._nodes[title], axes)

    def add_data(
        self,
        dte: DataToExport,
        indexes: Iterable[int],
        distribution: DataDistribution = DataDistribution.uniform,
    ) -> None:
        """Save one point of the scan.

        When it returns, every value of the point, its time and its place in the record are in the operating system's
        hands.

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
            When an origin is unknown, or the point is not like the first; nothing was written.
        """
        index = checked_index(indexes, self._shape)
        signals = self._by_origin(dte.data)
        savers = self._savers
        # Every module is asked before any value is written: a point is saved whole or not at all.
        writers = {
            origin: savers[origin].point_writer(self._nodes[origin], group, distribution)
            for origin, group in signals.items()
        }
        record, clock = self._open_record()
        for origin, group in signals.items():
            writers[origin].write(index, group)
        clock.add(index)
        record.mark(index)

    def _by_origin(self, signals: Sequence[DataWithAxes]) -> dict[str, list[DataWithAxes]]:
        groups: dict[str, list[DataWithAxes]] = {}
        for signal in signals:
            groups.setdefault(signal.origin, []).append(signal)
        known = self._nodes
        if unknown := groups.keys() - known.keys():
            raise DataMismatchError(f"data of {sorted(unknown)}, which the scan does not know; it knows {sorted(known)}.")
        savers = self._savers
        groups = {origin: kept for origin, group in groups.items() if (kept := savers[origin].saved_signals(group))}
        if not self._origins:
            self._origins = frozenset(groups)
        if groups.keys() != self._origins:
            raise DataMismatchError(f"the first point had data of {sorted(self._origins)}, this one of {sorted(groups)}.")
        return groups

    def _open_record(self) -> tuple[PointRecord, ScanClock]:
        group, clock, driver = self._module_group, self._clock, self.h5saver.driver
        if group is None or clock is None:
            raise NodeError("the scan has no group yet; call get_set_node first.")
        if self._record is None or driver is not self._driver:  # the first point, or the file was opened again
            clock.create(group)
            self._record = PointRecord(self.h5saver, group, self._shape)
            self._driver = driver
        return self._record, clock
