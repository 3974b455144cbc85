"""Drive the real Dashboard without a screen: `dashboard_at_work.py FOLDER [--plain] [--kill-at POINT]`.

It scans along a line, over a map and along a table, saves a viewer, logs by DAQ_Logger, and writes the paths
of the files to FOLDER/files.json. Without --plain it also scans in haste, and closes while a viewer reads.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from own_configuration import keep_in

options = argparse.ArgumentParser()
options.add_argument("folder", type=Path)
options.add_argument("--plain", action="store_true")
options.add_argument("--kill-at", type=int)
chosen = options.parse_args()
folder = chosen.folder.resolve()
keep_in(folder)
faulthandler.dump_traceback_later(280, exit=True)  # a window that hangs tells where

from h5modules.dashboard import require_served, require_version, serve  # noqa: E402

if not chosen.plain:
    require_version()
    serve()

from driving import answered_boxes, app, load_experiment, open_scan, run, set_axes, wait_for  # noqa: E402
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402
from pymodaq_gui.managers.h5manager import FileAction  # noqa: E402

if not chosen.plain:
    require_served()


def save_continuously(viewer, rows):
    """Keep what a viewer reads, `rows` times, and return the file."""
    viewer.settings.child("saver_settings", "do_save").setValue(True)
    for _ in range(rows):
        wait_for(viewer.grab_done_signal, viewer.snap)
    path = viewer._h5saver_continuous.settings["current_h5_file"]
    viewer.settings.child("saver_settings", "do_save").setValue(False)
    return path


READER = """
import sys, h5py, numpy as np
from h5modules.data_saving import DataLoader
node = "/RawData/Scan000/Detector000/Data0D/CH00/Data00"
with h5py.File(sys.argv[1], "r") as file:
    print(np.isfinite(file[node][()]).sum())
with DataLoader(sys.argv[1]) as loader:
    print(np.isfinite(loader.load_data(node, load_all=True)[0]).sum())
"""
"""Prints how many points of the scan h5py sees in a file, and how many we load from it."""


def kill_at(scan, point):
    """Have another process read the file when a point was saved, and end this one hard."""
    saver, saved = scan.module_and_data_saver, []
    add = saver.add_data_bundle

    def add_and_count(bundle):
        add(bundle)
        saved.append(bundle)
        if len(saved) == point:
            command = [sys.executable, "-c", READER, str(path)]
            read = subprocess.run(command, capture_output=True, text=True, timeout=60)
            (folder / "read.txt").write_text(read.stdout + read.stderr)
            os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)

    saver.add_data_bundle = add_and_count


def tell(**files):
    (folder / "files.json").write_text(json.dumps(files))


def scan_along_a_table(scan, positions):
    modules = scan.modules_manager
    modules.selected_actuators_name = ["X", "Y"]
    scan.scanner.set_scan_type_and_subtypes("Tabular", "Linear")
    scan.scanner.scanner.update_model(positions)
    run(scan)


def log_for_a_while(logger, rows):
    """Log the detectors by DAQ_Logger until each was read `rows` times, and return the file."""
    modules = logger.modules_manager
    modules.selected_detectors_name = ["Diode", "Spectrometer"]
    logger.logging.start()
    with answered_boxes() as boxes:
        for _ in range(rows):
            for detector in modules.detectors:
                wait_for(detector.grab_done_signal, detector.snap)
            if not chosen.plain:
                logger.h5_manager.get_action(FileAction.NEW_FILE).trigger()
    assert chosen.plain or any("is being saved" in text for text in boxes), boxes
    path = logger.h5_manager._h5saver.settings["current_h5_file"]
    wait_for(logger.logging.workers_terminated, lambda: logger.logging.stop("enough"))
    return path


def scan_in_haste(scan):
    """Scan as fast as it goes, with the file to be closed as soon as the last point was read."""
    show(scan.dashboard, False)
    scan.settings["time_flow", "wait_time"] = 0
    scan.h5saver.settings["close_after_scan"] = True
    set_axes(scan, (-10, 10, 0.4))
    run(scan)


def close_windows(dashboard, viewer):
    """Close the Dashboard while a viewer reads without end, and saves what it reads."""
    show(dashboard, True)
    viewer.settings.child("saver_settings", "do_save").setValue(True)
    wait_for(viewer.grab_done_signal, viewer.grab)
    dashboard.quit_fun()
    app.processEvents()


def show(dashboard, shown):
    """Show what the detectors read, or not: drawing takes most of the time here."""
    for each in dashboard.detector_modules:
        each.settings["main_settings", "show_data"] = shown


ui, dashboard = create_load_dashboard(show_dashboard=False)
# Once there is an experiment, DAQ_Logger does not open any more.
logger = None if chosen.kill_at else dashboard.load_extension(ExtensionEnum.LOGGER)
load_experiment(dashboard)
show(dashboard, False)
# PyMoDAQ's own saving loses what is saved too fast; both are given the same time.
scan = open_scan(dashboard, ExtensionEnum.SCANNER, wait_time=40)
if not chosen.kill_at:
    set_axes(scan, (-10, 10, 4))
    run(scan)
path = scan.h5_manager._h5saver.settings["current_h5_file"]
tell(scans=path)
set_axes(scan, (-10, 10, 5), (-6, 6, 4))
if chosen.kill_at:
    kill_at(scan, chosen.kill_at)
run(scan)
scan_along_a_table(scan, [["0 um", "1 um"], ["2 um", "-3 um"], ["-5 um", "4 um"]])
show(dashboard, True)
viewer = next(each for each in dashboard.detector_modules if each.title == "Diode")
files = {
    "scans": path,
    "log": save_continuously(viewer, 3),
    "logger": log_for_a_while(logger, 3),
}
tell(**files)
if not chosen.plain:
    scan_in_haste(scan)
scan.h5_manager.close_file()
if not chosen.plain:
    close_windows(dashboard, viewer)
    tell(**files, closed=path)
os._exit(0)  # PyMoDAQ's own windows are not waited for
