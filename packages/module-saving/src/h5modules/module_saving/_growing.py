"""`LoggerSaver` and `OptimizerSaver`: many modules, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pymodaq_data.data import DataToExport

from h5modules.data_saving import AxisValue, CheckedRows, DataBundle
from h5modules.saving import H5SaverLowLevel

from ._compound import CompoundSaver
from ._data_savers import (
    ActuatorEnlargeableSaver,
    ActuatorTimeSaver,
    DetectorEnlargeableSaver,
    DetectorTimeSaver,
)
from ._modules import CompoundModule, GroupModuleType, Module


class LoggerSaver(CompoundSaver[DetectorTimeSaver, ActuatorTimeSaver]):
    """Saves what detectors and actuators give against the time; each has rows of its own.

    Parameters
    ----------
    module
        The logger: its title and settings, its detectors and actuators.
    h5saver
        The file; it may be given later.

    Examples
    --------
    >>> import numpy as np
    >>> from pymodaq_data.data import DataRaw, DataToExport
    >>> class Device:
    ...     def __init__(self, title):
    ...         self.title = title
    ...     def settings_xml(self):
    ...         return ''
    >>> class Logger(Device):
    ...     detectors, actuators = [Device('Photodiode'), Device('Camera')], [Device('Stage')]
    >>> with H5SaverLowLevel.from_file(tmp_path / 'log.h5') as h5saver:
    ...     saver = LoggerSaver(Logger('Night'), h5saver)
    ...     group = saver.get_set_node(new=True)
    ...     for number in range(3):
    ...         power = DataRaw('power', origin='Photodiode', data=[np.array([number + 0.5])])
    ...         saver.add_data(DataToExport('Photodiode', data=[power]))
    ...     h5saver.get_node('/RawData/Datalogger000/Detector000/Data0D/CH00/EnlData00').shape
    (3,)
    """

    group_type = GroupModuleType.DATALOGGER

    def _detector_saver(self, module: Module) -> DetectorTimeSaver:
        return DetectorTimeSaver(module, self.h5saver)

    def _actuator_saver(self, module: Module) -> ActuatorTimeSaver:
        return ActuatorTimeSaver(module, self.h5saver)

    def add_data(self, dte: DataToExport) -> None:
        """Save the next row of each module that the data are of; the data are not changed.

        Parameters
        ----------
        dte
            The signals, told apart by their origins; or those of one module, named as it.

        Raises
        ------
        DataMismatchError
            When a signal is of none of the modules, there is nothing to save, or a row is not like the first;
            no row was written, of none of the modules.
        """
        savers, nodes = self._savers, self.current_nodes
        data = self._data_by_module(dte)
        with self.h5saver.lock:
            _write_all([savers[title].checked_rows(nodes[title], each) for title, each in data.items()])

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds: see `add_data`."""
        self.add_data(data.dte)


class OptimizerSaver(CompoundSaver[DetectorEnlargeableSaver, ActuatorEnlargeableSaver]):
    """Saves what detectors give at places that are chosen on the way: each is the next row.

    Parameters
    ----------
    module
        The optimizer: its title and settings, its detectors and actuators.
    enl_axis_names, enl_axis_units
        Label and unit of each quantity that is varied.
    h5saver
        The file; it may be given later.
    """

    group_type = GroupModuleType.OPTIMIZER

    def __init__(
        self,
        module: CompoundModule,
        enl_axis_names: Iterable[str] | None = None,
        enl_axis_units: Iterable[str] | None = None,
        h5saver: H5SaverLowLevel | None = None,
    ) -> None:
        self.enl_axis_names = None if enl_axis_names is None else tuple(enl_axis_names)
        self.enl_axis_units = None if enl_axis_units is None else tuple(enl_axis_units)
        super().__init__(module, h5saver)

    def _detector_saver(self, module: Module) -> DetectorEnlargeableSaver:
        return DetectorEnlargeableSaver(module, self.enl_axis_names, self.enl_axis_units, self.h5saver)

    def _actuator_saver(self, module: Module) -> ActuatorEnlargeableSaver:
        return ActuatorEnlargeableSaver(module, self.enl_axis_names, self.enl_axis_units, self.h5saver)

    def add_data(self, dte: DataToExport, axis_values: Sequence[AxisValue] | None = None) -> None:
        """Save the next row of each module that the data are of; the data are not changed.

        Parameters
        ----------
        dte
            The signals, told apart by their origins; or those of one module, named as it.
        axis_values
            The value of each quantity that is varied.

        Raises
        ------
        DataMismatchError
            When a signal is of none of the modules, there is nothing to save, a row is not like the first, or
            there are not as many values as quantities; no row was written, of none of the modules.
        """
        savers, nodes = self._savers, self.current_nodes
        data = self._data_by_module(dte)
        with self.h5saver.lock:
            _write_all(
                [savers[title].checked_rows(nodes[title], each, axis_values) for title, each in data.items()]
            )

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds: see `add_data`."""
        self.add_data(data.dte, data.axis_values)


def _write_all(rows: Iterable[CheckedRows]) -> None:
    """Write the rows of all modules, after every one of them was checked."""
    for each in rows:
        each.write()
