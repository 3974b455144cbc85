"""Drive the real Dashboard without a screen; import it when PyMoDAQ may be imported."""

from __future__ import annotations

import itertools
from contextlib import contextmanager

from pymodaq_data.data import DataToExport
from pymodaq_gui.managers import h5manager
from pymodaq_gui.managers.h5manager import FileAction
from pymodaq_gui.qt_utils import mkQApp
from qtpy import QtCore

app = mkQApp("test")

STAGES = [
    ("actuator", ("SimulatedStage",), "X", 1, "Master", "X"),
    ("actuator", ("SimulatedStage",), "Y", 1, "Slave", "Y"),
]
DETECTORS = [
    ("detector", ("DAQ0D", "SimulatedPhotodiode"), "Diode", 2, "Master", None),
    ("detector", ("DAQ1D", "SimulatedSpectrometer"), "Spectrometer", 3, "Master", None),
]


def wait_for(qt_signal, start, seconds=40):
    """Call `start`, and let Qt work until the signal is emitted."""
    loop, got = QtCore.QEventLoop(), []

    def slot(*arguments):
        got.append(arguments)
        loop.quit()

    qt_signal.connect(slot)
    QtCore.QTimer.singleShot(seconds * 1000, loop.quit)
    start()
    if not got:
        loop.exec()
    qt_signal.disconnect(slot)
    assert got, f"{qt_signal} was not emitted within {seconds} s"


def load_experiment(dashboard, rows=(*STAGES, *DETECTORS)):
    """Make an experiment of plugins, keep it under the name `lab`, load it.

    Each row is the kind of module, its plugin, its title, the number of its controller, whether it is the
    master of that, and the axis.
    """
    experiment = dashboard.experiment_manager
    experiment.do_things_for_new_creation()
    for kind, what, title, controller, status, axis in rows:
        experiment.settings.child(kind).addNew(what)
        child = experiment.settings.child(kind).children()[-1]
        child["name"] = title
        if axis is not None:
            child["controller", "axis"] = axis
        child["controller", "controller_ID"] = controller
        child["controller", "controller_status"] = status
    experiment.copy_entry("lab", bypass_dialog=True)
    wait_for(experiment.applied_entry, lambda: experiment.execute_entry("lab"))
    assert all(each.initialized_state for each in dashboard.modules_manager.modules_all)


def open_scan(dashboard, extension, wait_time=0):
    """Open a scanner that asks nothing, goes nowhere at the end, and draws nothing."""
    scan = dashboard.load_extension(extension)
    scan._show_popups = False
    scan.settings["scan_options", "go_to_ini_positions"] = False
    scan.settings["plot_options", "plot_every_n_steps"] = 0
    scan.settings["time_flow", "wait_time"] = wait_time
    return scan


def set_axes(scan, *axes, detectors=("Diode", "Spectrometer")):
    """Have a scan go from start to stop by steps, along X, or over X and Y."""
    modules = scan.modules_manager
    modules.selected_actuators_name = ["X", "Y"][: len(axes)]
    modules.selected_detectors_name = list(detectors)
    scan.scanner.set_scan_type_and_subtypes(f"Scan{len(axes)}D", "Linear")
    settings = scan.scanner.scanner.settings
    for number, values in enumerate(axes, 1):
        for key, value in zip(("start", "stop", "step"), values, strict=True):
            settings[(key,) if len(axes) == 1 else (f"axis{number}", f"{key}_axis{number}")] = float(value)


def run(scan, start=None, seconds=40):
    """Run a scan until its last point is saved and its file closed."""
    wait_for(scan.scan_acquisition.workers_terminated, start or scan.start_scan, seconds)


def ask_for_files(scan, other):
    """Run a scan, in which New file is pressed, on the toolbar and among the settings, and another is chosen.

    Boxes are answered; what they told is returned.
    """
    count = itertools.count(1)
    presses = {
        3: scan.h5_manager.get_action(FileAction.NEW_FILE).trigger,
        5: scan.h5_manager.get_action(FileAction.LOAD).trigger,
        7: scan.h5_manager._h5saver.settings.child("new_file").activate,
    }

    def press(_):
        presses.get(next(count), int)()  # int() does nothing

    scan.scan_acquisition.scan_data_tmp.connect(press)
    with answered_boxes() as boxes, choosing(other):
        run(scan)
    scan.scan_acquisition.scan_data_tmp.disconnect(press)
    return boxes


@contextmanager
def choosing(path):
    """Choose a file in the dialogs of the block."""
    asked, h5manager.select_file = h5manager.select_file, lambda *_, **__: path
    yield
    h5manager.select_file = asked


@contextmanager
def answered_boxes():
    """Answer the boxes that come up in the block, and give what they told."""
    boxes = []

    def answer():
        box = app.activeModalWidget()
        if box is not None:
            boxes.append(box.text())
            box.accept()

    timer = QtCore.QTimer(interval=50)
    timer.timeout.connect(answer)
    timer.start()
    yield boxes
    timer.stop()


def cure_pymodaqs_saver():
    """Have PyMoDAQ's own saver filter data without `append` in its thread, which costs fast scans points.

    `DataToExport.append` works for one thread at a time; the thread of the windows calls it too.
    """
    from pymodaq.utils.h5modules.module_saving import DetectorSaver

    def filter_without_append(saver, dte):
        kept = [each for each in dte.data if saver.filter_data_wrt_settings(each)]
        return DataToExport("Filtered", data=kept)

    DetectorSaver.filter_data = filter_without_append
