"""Scan with a detector that changes its data, and with files asked for in mid-scan: `bad_input.py FOLDER`.

What was seen is in FOLDER/told.json.
"""

from __future__ import annotations

import faulthandler
import itertools
import json
import logging
import os
import sys
from pathlib import Path

import numpy as np
from own_configuration import keep_in

folder = Path(sys.argv[1]).resolve()
keep_in(folder)
faulthandler.dump_traceback_later(280, exit=True)

from h5modules.dashboard import require_served, serve  # noqa: E402

serve()

from driving import app, ask_for_files, choosing, load_experiment, open_scan, run, set_axes  # noqa: E402
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402
from pymodaq.utils.data import DataFromPlugins, DataToExport  # noqa: E402
from pymodaq_gui.managers.h5manager import FileAction  # noqa: E402

from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_1D.daq_1Dviewer_SimulatedSpectrometer import (  # noqa: E402
    DAQ_1DViewer_SimulatedSpectrometer,
)

require_served()


class Lines(logging.Handler):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


whole, count = DAQ_1DViewer_SimulatedSpectrometer.grab_data, itertools.count()


def grab_otherwise(plugin, *arguments, **options):
    """Read as ever, but at the third point half as many pixels, and at the fourth nothing at all."""
    number = next(count)
    if number not in (2, 3):
        return whole(plugin, *arguments, **options)
    spectrum = DataFromPlugins("Spectrometer", data=[np.ones(512)], labels=["Spectrum"], units="counts")
    return plugin.dte_signal.emit(DataToExport("other", data=[spectrum] if number == 2 else []))


ui, dashboard = create_load_dashboard(show_dashboard=False)
load_experiment(dashboard)
scan = open_scan(dashboard, ExtensionEnum.SCANNER)
for each in dashboard.detector_modules:
    each.settings["main_settings", "show_data"] = False
log, statuses = Lines(), []
logging.getLogger("h5modules").addHandler(log)
scan.statusbar.messageChanged.connect(statuses.append)
set_axes(scan, (-10, 10, 4))
DAQ_1DViewer_SimulatedSpectrometer.grab_data = grab_otherwise
run(scan)
app.processEvents()  # what the thread of the saver told is still on its way to the window
path = scan.h5_manager._h5saver.settings["current_h5_file"]
told = {"scans": path, "log": [*log.lines], "statuses": [*statuses]}
DAQ_1DViewer_SimulatedSpectrometer.grab_data = whole
set_axes(scan, (-10, 10, 2))
told["boxes"] = ask_for_files(scan, Path(path).with_name("other.h5"))
app.processEvents()
told["refusals"] = log.lines[len(told["log"]) :]
told["files"] = sorted(each.name for each in Path(path).parent.glob("*.h5"))
manager = scan.h5_manager
manager.get_action(FileAction.NEW_FILE).trigger()
told["new"] = manager._h5saver.settings["current_h5_file"]
with choosing(Path(path)):
    manager.get_action(FileAction.LOAD).trigger()
told["opened"] = manager._h5saver.settings["current_h5_file"]
(folder / "told.json").write_text(json.dumps(told))
scan.h5_manager.close_file()
os._exit(0)
