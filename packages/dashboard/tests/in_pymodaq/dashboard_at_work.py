"""Drive the real Dashboard without a screen: `dashboard_at_work.py FOLDER [--plain] [--kill-at POINT]`.

It scans along a line and over a map, logs a viewer, and writes the paths of the files to FOLDER/files.json.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
from pathlib import Path

from own_configuration import keep_in

options = argparse.ArgumentParser()
options.add_argument("folder", type=Path)
options.add_argument("--plain", action="store_true")
options.add_argument("--kill-at", type=int)
chosen = options.parse_args()
folder = chosen.folder.resolve()
keep_in(folder)

from h5modules.dashboard import require_served, require_version, serve  # noqa: E402

if not chosen.plain:
    require_version()
    serve()

from pymodaq_gui.qt_utils import mkQApp  # noqa: E402
from qtpy import QtCore  # noqa: E402

app = mkQApp("test")
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402

if not chosen.plain:
    require_served()


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


def load_experiment(dashboard):
    """Make an experiment of simulated plugins, keep it under the name `lab`, load it."""
    experiment = dashboard.experiment_manager
    experiment.do_things_for_new_creation()
    rows = [
        ("actuator", ("SimulatedStage",), "X", 1, "Master", "X"),
        ("actuator", ("SimulatedStage",), "Y", 1, "Slave", "Y"),
        ("detector", ("DAQ0D", "SimulatedPhotodiode"), "Diode", 2, "Master", None),
        ("detector", ("DAQ1D", "SimulatedSpectrometer"), "Spectrometer", 3, "Master", None),
    ]
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


def open_scan(dashboard):
    scan = dashboard.load_extension(ExtensionEnum.SCANNER)
    scan._show_popups = False
    scan.settings["scan_options", "go_to_ini_positions"] = False
    scan.settings["plot_options", "plot_every_n_steps"] = 0
    # PyMoDAQ's own saving loses what is saved too fast; both are given the same time.
    scan.settings["time_flow", "wait_time"] = 40
    return scan


def set_axes(scan, *axes):
    modules = scan.modules_manager
    modules.selected_actuators_name = ["X", "Y"][: len(axes)]
    modules.selected_detectors_name = ["Diode", "Spectrometer"]
    scan.scanner.set_scan_type_and_subtypes(f"Scan{len(axes)}D", "Linear")
    settings = scan.scanner.scanner.settings
    for number, values in enumerate(axes, 1):
        for key, value in zip(("start", "stop", "step"), values, strict=True):
            settings[(key,) if len(axes) == 1 else (f"axis{number}", f"{key}_axis{number}")] = float(value)


def run(scan):
    wait_for(scan.scan_acquisition.workers_terminated, scan.start_scan)


def save_continuously(viewer, rows):
    """Keep what a viewer reads, `rows` times, and return the file."""
    viewer.settings.child("saver_settings", "do_save").setValue(True)
    for _ in range(rows):
        wait_for(viewer.grab_done_signal, viewer.snap)
    path = viewer._h5saver_continuous.settings["current_h5_file"]
    viewer.settings.child("saver_settings", "do_save").setValue(False)
    return path


def kill_at(scan, point):
    """End this process hard when a point was saved."""
    saver, saved = scan.module_and_data_saver, []
    add = saver.add_data_bundle

    def add_and_count(bundle):
        add(bundle)
        saved.append(bundle)
        if len(saved) == point:
            os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    saver.add_data_bundle = add_and_count


def tell(**files):
    (folder / "files.json").write_text(json.dumps(files))


ui, dashboard = create_load_dashboard(show_dashboard=False)
load_experiment(dashboard)
scan = open_scan(dashboard)
if not chosen.kill_at:
    set_axes(scan, (-10, 10, 4))
    run(scan)
path = scan.h5_manager._h5saver.settings["current_h5_file"]
tell(scans=path)
set_axes(scan, (-10, 10, 5), (-6, 6, 4))
if chosen.kill_at:
    kill_at(scan, chosen.kill_at)
run(scan)
viewer = next(each for each in dashboard.detector_modules if each.title == "Diode")
log = save_continuously(viewer, 3)
tell(scans=path, log=log)
scan.h5_manager.close_file()
os._exit(0)  # closing its windows asks questions, and takes longer than all before
