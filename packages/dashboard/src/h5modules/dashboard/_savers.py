"""The savers of modules as the Dashboard calls them: made for its own objects, the file given later."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from threading import Condition, get_ident
from typing import Any

from pymodaq_data.data import Axis
from pymodaq_gui.utils.app_worker import ExtensionWorker, SaverWorker
from pymodaq_utils.utils import ThreadCommand

from h5modules import module_saving
from h5modules.backends import GROUP, H5ModulesError
from h5modules.data_saving import DataBundle
from h5modules.module_saving import ModuleSaver
from h5modules.saving import H5SaverLowLevel

from ._h5saver import H5Saver
from ._modules import DashboardCompound, DashboardDetector, DashboardModule

logger = logging.getLogger(__name__)

PATIENCE = 60
"""Seconds that the window waits for the next point to be saved before a file is closed."""


class _InDashboard(ModuleSaver):
    """A saver whose module is one of the Dashboard's."""

    _adapter: type[DashboardModule]

    def __init__(self, module: Any, *arguments: Any, **named: Any) -> None:
        self._shown = self._adapter(module)
        super().__init__(self._shown, *arguments, **named)

    @property
    def module(self) -> Any:
        """The module, as the Dashboard knows it."""
        return self._shown.module

    @property
    def h5saver(self) -> Any:
        """The file; None as long as none was given."""
        return self._h5saver

    @h5saver.setter
    def h5saver(self, h5saver: H5SaverLowLevel) -> None:
        self._take_file(h5saver)

    def update_after_h5changed(self) -> None:
        """Make what depends on the file anew."""
        self._shown.h5saver = self._h5saver
        super().update_after_h5changed()  # type: ignore[safe-super] # a saver stands beside this class


class _OfDetector(_InDashboard):
    _adapter = DashboardDetector


class _OfActuator(_InDashboard):
    _adapter = DashboardModule


class _OfCompound(_InDashboard):
    """PyMoDAQ saves in a thread, and waits for ever when an error ends the saving of a point there."""

    _adapter = DashboardCompound

    @property
    def is_saving(self) -> bool:
        """Whether points are on their way to the file, or more are to come; the thread for them is there."""
        workers = (each for each in vars(self.module).values() if isinstance(each, ExtensionWorker))
        return any(SaverWorker.name in worker.thread_manager.worker_threads for worker in workers)

    def add_data_bundle(self, data: DataBundle) -> None:
        """Save what a bundle holds; what cannot be saved is told in the log and the window, and left out."""
        with self._telling():
            super().add_data_bundle(data)  # type: ignore[misc] # a saver stands beside this class

    @contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except H5ModulesError as error:
            self.tell(f"Not saved: {error}")
        except Exception as error:  # whatever it is: PyMoDAQ waits until each point was dealt with
            logger.exception("a point was not saved")
            self.tell(f"Not saved, {type(error).__name__}: {error}")

    def tell(self, text: str) -> None:
        """Tell something in the log and the window."""
        logger.error(text)
        window = self.module
        window.status_signal.emit(text)  # the Dashboard's log
        window.status_sig.emit(ThreadCommand("Update_Status", attribute=text))  # its own status bar


class DetectorSaver(_OfDetector, module_saving.DetectorSaver):
    """Saves what a DAQ_Viewer shows."""


class DetectorTimeSaver(_OfDetector, module_saving.DetectorTimeSaver):
    """Saves what a DAQ_Viewer reads, against the time."""


class DetectorEnlargeableSaver(_OfDetector, module_saving.DetectorEnlargeableSaver):
    """Saves what a DAQ_Viewer reads, row by row."""


class DetectorExtendedSaver(_OfDetector, module_saving.DetectorExtendedSaver):
    """Saves what a DAQ_Viewer reads at each point of a scan."""


class ActuatorSaver(_OfActuator, module_saving.ActuatorSaver):
    """Saves where a DAQ_Move is."""


class ActuatorTimeSaver(_OfActuator, module_saving.ActuatorTimeSaver):
    """Saves where a DAQ_Move is, against the time."""


class ActuatorEnlargeableSaver(_OfActuator, module_saving.ActuatorEnlargeableSaver):
    """Saves where a DAQ_Move is, row by row."""


class _OfGrowing(_OfCompound):
    """A saver of rows, which keeps its file as long as the thread is there in which PyMoDAQ saves them."""

    def get_set_node(self, *arguments: Any, **named: Any) -> GROUP:
        """Return the group of the module: see `h5modules.module_saving.ModuleSaver.get_set_node`."""
        group = super().get_set_node(*arguments, **named)
        if isinstance(self._h5saver, H5Saver):
            self._h5saver.keep_for(self)
        return group

    def finish_points(self) -> None:
        """Do nothing: PyMoDAQ closes the file of a log when all rows are saved."""


class LoggerSaver(_OfGrowing, module_saving.LoggerSaver):
    """Saves what a logger of the Dashboard gets."""


class OptimizerSaver(_OfGrowing, module_saving.OptimizerSaver):
    """Saves what an optimizer of the Dashboard gets."""


class ScanSaver(_OfCompound, module_saving.ScanSaver):
    """Saves a DAQ_Scan, which gives the file several times, and tells the shape after the group was made."""

    def __init__(self, module: Any, *arguments: Any) -> None:
        self._handled = 0
        self._turn = Condition()
        self._saving_thread = 0
        super().__init__(module, *arguments)

    def _take_file(self, h5saver: H5SaverLowLevel) -> None:
        group = self._empty_group
        if group is not None and h5saver is self._h5saver and group.driver is h5saver.driver:
            self.renew_savers()
        else:
            super()._take_file(h5saver)

    def initialize_time_array(self, extended_shape: Iterable[int]) -> None:
        """Start the clock of the scan: see `set_scan_shape`, which does."""
        self.set_scan_shape(extended_shape)
        self._handled = 0
        if isinstance(self._h5saver, H5Saver):
            self._h5saver.keep_for(self)

    def add_nav_axes(self, axes: Sequence[Axis]) -> None:
        """Save the axes of the scan; the same is told as by `add_data_bundle` when they cannot be."""
        self._saving_thread = get_ident()
        with self._telling():
            super().add_nav_axes(axes)

    def add_data(self, *arguments: Any, **named: Any) -> None:
        """Save a point: see `h5modules.module_saving.ScanSaver.add_data`; and count it, saved or not."""
        self._saving_thread = get_ident()
        try:
            super().add_data(*arguments, **named)
        finally:
            with self._turn:
                self._handled += 1
                self._turn.notify_all()

    def finish_points(self) -> None:
        """Wait until the thread that saves has dealt with every point that DAQ_Scan handed over."""
        if self._saving_thread == get_ident():
            return
        handed_over = self.module.scan_acquisition.thread_manager.n_jobs.get(SaverWorker.name, 0)
        with self._turn:
            while self._handled < handed_over:
                if not self._turn.wait(PATIENCE):
                    self.tell(
                        f"{handed_over - self._handled} points were not saved within {PATIENCE} s; the file "
                        "is closed without them."
                    )
                    return
