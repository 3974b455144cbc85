"""The scanner of the Dashboard that saves through h5modules."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
from pymodaq.extensions.scan.daq_scan import DAQScan
from pymodaq_data.data import Axis
from pymodaq_gui.managers.h5manager import FileAction
from pymodaq_gui.utils.enums import MenuToolbarNames
from pymodaq_gui.utils.file_io import select_file
from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QToolBar

from h5modules.backends import H5ModulesError
from h5modules.browsing.qt import ScanProgress
from h5modules.saving import H5SaverLowLevel, recover

from ._acquisition import ScanAcquisition
from ._files import ScanFiles
from ._live_plots import LivePlots
from ._plan import PLAN_NAME, ScanPlan
from ._saved_scan import SavedScan, progress_of
from ._scan_saver import WindowScanSaver
from ._state_strip import StateStrip

LOOK = 250
"""Milliseconds between two looks at how many points are saved."""

ACTIONS = (
    ("resume", "Resume", "Go on with the last scan of the file, at the points that are missing", "actions"),
    ("recover", "Recover", "Make a file whole whose program died, and open it", MenuToolbarNames.FILE),
)
"""Name, title, tip and menu of what is done about a file."""


class H5Scanner(DAQScan):  # type: ignore[misc] # PyMoDAQ has no types
    """PyMoDAQ's DAQ_Scan, which saves through h5modules.

    Every point that the strip at the bottom counts is in the file, whatever becomes of the program. Live
    plots are drawn from memory. **Resume** goes on with the last scan of the file, if it was stopped or its
    program died. **Recover** makes a file whole whose program died.
    """

    _not_saved = Signal(str)

    _files: ScanFiles | None = None
    _saver: WindowScanSaver | None = None
    _resumed: SavedScan | None = None
    _has_next = False
    scan_acquisition: ScanAcquisition

    def __init__(self, dockarea: Any = None, dashboard: Any = None) -> None:
        super().__init__(dockarea, dashboard)
        self.live_plotter = LivePlots(self.live_plot_dockarea, self.update_live_plots)
        self._total, self._shown = 0, ""
        self._look = QTimer(self, interval=LOOK)
        self._look.timeout.connect(self._show_running)
        self._not_saved.connect(self._stop_unsaved)
        self.scan_acquisition.workers_terminated.connect(self._end)
        self._show_file()

    # What PyMoDAQ's scanner is made of

    @property
    def h5_manager(self) -> ScanFiles:
        """What gives the scanner its file."""
        if self._files is None:
            hidden = (FileAction.SHOW_SETTINGS, FileAction.CLOSE_FILE, FileAction.OPEN_FILE)
            self._files = ScanFiles(self, show_not=hidden)
        return self._files

    @property
    def module_and_data_saver(self) -> WindowScanSaver:
        """What saves the scan."""
        saver = self._closed_saver
        if saver.h5saver is None or not saver.h5saver.isopen():
            saver.h5saver = self.h5saver  # which opens the file
        return saver

    @property
    def _closed_saver(self) -> WindowScanSaver:
        if self._saver is None:
            self._saver = WindowScanSaver(self, self._not_saved.emit)
        return self._saver

    def ini_scan_acquisition(self) -> None:
        """Make what acquires the points, and listen to it."""
        self.scan_acquisition = ScanAcquisition(self)
        self.command_daq_signal.connect(self.scan_acquisition.queue_command)
        self.scan_acquisition.scan_data_tmp.connect(self.save_temp_live_data)
        self.status_sig.connect(self.thread_status)

    # The window

    def setup_docks_and_widgets(self) -> None:
        """Add the strip to PyMoDAQ's docks."""
        super().setup_docks_and_widgets()
        self.strip = StateStrip()
        bar = QToolBar("State of the file")
        bar.setMovable(False)
        bar.addWidget(self.strip)
        self.mainwindow.addToolBar(Qt.ToolBarArea.BottomToolBarArea, bar)

    def setup_actions(self) -> None:
        """Add what is done about a file to PyMoDAQ's actions."""
        super().setup_actions()
        for name, title, tip, menu in ACTIONS:
            self.add_action(name, title, tip=tip, menu=menu, auto_menu=True, auto_toolbar=False)
            self.strip.add_button(self.get_action(name))
        self.set_action_enabled("resume", False)

    def connect_things(self) -> None:
        """Connect the added actions too."""
        super().connect_things()
        self.connect_action("resume", self.resume_scan)
        self.connect_action("recover", self.ask_to_recover)

    def tell(self, message: str, kind: str = "error") -> None:
        """Show a message in the strip and in the status bar: see `StateStrip.tell`."""
        self.strip.tell(message, kind)
        self.update_status(message)

    def _show_file(self, *_: object) -> None:
        """Show how far the last scan of the file is; the file is left as it is, open or closed."""
        if not self._ui_ready or self.is_saving:
            return
        try:
            progress = self._progress()
        except H5ModulesError as error:
            self.tell(f"The file cannot be looked at: {error}")
            return
        self.strip.show_progress(progress)
        self.set_action_enabled("resume", progress is not None and not progress.count.is_complete)

    def _on_file_changed(self, file_path: str) -> None:
        super()._on_file_changed(file_path)
        self._show_file()

    def _progress(self) -> ScanProgress | None:
        saver = self.h5_manager.current
        if saver.isopen():
            return progress_of(saver)
        target = saver.file_path
        if target is None or (isinstance(target, Path) and not target.is_file()):
            return None
        options = saver.server_options()
        with H5SaverLowLevel.from_file(target, mode="r", backend=saver.backend, **options) as file:
            return progress_of(file)

    def _show_running(self) -> None:
        self.strip.show_running(self._shown, self._closed_saver.saved, self._total)

    def ask_to_recover(self) -> None:
        """Ask for a file, and make it whole: see `recover_file`."""
        path = select_file(self.h5_manager.current_folder, save=False, ext="h5")
        if path is not None and str(path):
            self.recover_file(Path(path))

    def recover_file(self, path: Path) -> None:
        """Make a file whole whose program died, and open it, so that its last scan can be gone on with."""
        if self.refuses_while_saving("another file"):
            return
        self.h5_manager.close_file()  # it may be this one
        try:
            found = recover(path)
            self.h5_manager.current.init_file(addhoc_file_path=path, mode="r+")
        except H5ModulesError as error:
            self.tell(f"{path.name} was not recovered: {error}")
            return
        self.h5_manager.update_file_status_led()
        points = "; ".join(map(str, found.groups)) or "it holds no scan"
        self.tell(f"{path.name} {'was' if found.was_whole else 'is'} whole: {points}", "note")

    # The course of a scan

    @property
    def is_saving(self) -> bool:
        """Whether a scan is acquired, or points of it are still to be saved."""
        return self.scan_acquisition.is_saving

    def refuses_while_saving(self, what: str) -> bool:
        """Tell whether a scan is being saved, and say so to the user who asked for something else."""
        if self.is_saving:
            self.tell(f"A scan is being saved: stop it, or wait for its end, before you ask for {what}.")
        return self.is_saving

    def start_scan(self) -> None:
        """Begin a new scan; in a batch, as soon as the one before is saved."""
        if self.batch_started and self.is_saving:
            self._has_next = True
        elif not self.refuses_while_saving("the next scan"):
            self._run(None)

    def resume_scan(self) -> None:
        """Go on with the last scan of the file, at the points that are not acquired."""
        if self.refuses_while_saving("another one"):
            return
        try:
            found = SavedScan.find(self.h5saver)
            found.plan.apply(self)
        except H5ModulesError as error:
            self.tell(str(error))
        else:
            self._run(found)

    def _run(self, resumed: SavedScan | None) -> None:
        self.strip.forget_message()
        self._resumed = resumed
        self.scan_acquisition.acquired = None if resumed is None else resumed.acquired
        try:
            self.module_and_data_saver.resumes = resumed is not None
            super().start_scan()
        except H5ModulesError as error:
            self.tell(f"The scan did not start: {error}")

    def set_scan(self, scan: Any = None) -> bool:
        """Take the settings of the scan; False when it cannot be run, which is told."""
        if not self.modules_manager.detectors:
            self.tell("The scan did not start: choose a detector.")
            return False
        if not super().set_scan(scan):
            self.tell("The scan did not start: PyMoDAQ refused its settings, its log says why.")
            return False
        if self._resumed is not None:
            self._resumed.require_same(self)
        return True

    def save_metadata(self, node: Any, type_info: str = "dataset_info") -> None:
        """Save what PyMoDAQ saves of the scan, and its plan; a scan that is gone on with keeps its own."""
        if type_info == "scan_info" and self._resumed is not None:
            self.h5saver.add_log(f"{node.path} is gone on with")
            return
        super().save_metadata(node, type_info)
        if type_info == "scan_info":
            node.attrs[PLAN_NAME] = ScanPlan.of(self).to_json()

    def _init_live(self) -> None:
        """Prepare the plots, and the count; PyMoDAQ calls it when the group of the scan is there."""
        repeats = self.settings["scan_options", "scan_average"]
        averages = [repeats] if repeats > 1 else []
        shape = (*averages, *self.scanner.get_scan_shape())
        axes = self.scanner.get_nav_axes()
        for axis in axes:
            axis.index += len(averages)
        axes += [Axis("Average", data=np.arange(float(repeats)), index=0) for repeats in averages]
        self.live_plotter.begin(shape, tuple(axes), self.scanner.distribution)
        if self._resumed is not None:
            self._remember_points(self._resumed)
        if self.settings["plot_options", "auto_show_live_plots"] and self._has_live_plot_selection():
            self.toggle_live_plots(True)
        else:
            self.prepare_viewers()
        self._begin_count(math.prod(shape))

    def _remember_points(self, resumed: SavedScan) -> None:
        """Have the acquired points of a scan in the plots too; they are read this once."""
        plotted = self.settings.child("plot_options")
        names = [*plotted["plot_0d"]["selected"]]
        if resumed.acquired.ndim == 1:  # else they are not drawn
            names += plotted["plot_1d"]["selected"]
        for name, channels in resumed.signals(self.h5saver, names):
            self.live_plotter.points.remember(name, channels, resumed.acquired)

    def _begin_count(self, total: int) -> None:
        acquired = 0 if self._resumed is None else np.count_nonzero(self._resumed.acquired)
        self._closed_saver.saved, self._total = int(acquired), total
        self._shown = f"{self.h5saver.h5_file_name}, {self.h5saver.settings['current_scan_name']}"
        self._show_running()
        self._look.start()

    def _set_selection_enabled(self, enabled: bool) -> None:
        """Lock the settings of a scan that runs; those of its file until the last point is saved."""
        super()._set_selection_enabled(enabled)
        if not enabled:
            self.h5saver.settings.setOpts(enabled=False)

    def save_temp_live_data(self, scan_data: Any) -> None:
        """Plot a point, from memory: nothing is saved for it."""
        if scan_data.dte is None:  # a scanner that calculates data of its own
            return
        every = self.settings["plot_options", "plot_every_n_steps"]
        draws = every > 0 and scan_data.save_index % every == 0
        self.live_plotter.add(scan_data.dte, scan_data.indexes, draws=draws)

    def thread_status(self, status: Any) -> None:
        """Do what PyMoDAQ does as the scan goes on; a device that did not answer is told in the strip too."""
        super().thread_status(status)
        if status.command == "Timeout":
            self.tell(str(status.attribute))

    def _stop_unsaved(self, problem: str) -> None:
        """Tell why a point could not be saved, the first of them, and stop the scan if it still runs."""
        if self.scan_acquisition.is_running:
            self.tell(f"The scan was stopped. {problem}")
            self.scan_acquisition.stop("The scan was stopped: a point could not be saved")
        elif not self.strip.message:
            self.tell(problem)

    def _end(self) -> None:
        """Show what became of the scan; PyMoDAQ has closed the file."""
        self._look.stop()
        self.live_plotter.finish(draws=self.settings["plot_options", "plot_every_n_steps"] > 0)
        self._closed_saver.resumes = False
        self.h5_manager.current.settings.setOpts(enabled=True)
        self._show_file()
        if self._has_next:
            self._has_next = False
            self.start_scan()
