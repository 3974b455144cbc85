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

from driving import load_experiment, open_scan, run, set_axes, wait_for  # noqa: E402
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402

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
viewer = next(each for each in dashboard.detector_modules if each.title == "Diode")
log = save_continuously(viewer, 3)
tell(scans=path, log=log)
scan.h5_manager.close_file()
os._exit(0)  # closing its windows asks questions, and takes longer than all before
