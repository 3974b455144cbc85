"""Ramp an actuator with PyMoDAQ's own extension: `ramp_at_work.py FOLDER [--plain]`.

Its file, and the histogram that it shows of that file at the end, are in FOLDER/told.json.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from own_configuration import keep_in

folder = Path(sys.argv[1]).resolve()
keep_in(folder)

if "--plain" not in sys.argv:
    from h5modules.dashboard import serve

    serve()

from driving import DETECTORS, STAGES, load_experiment, wait_for  # noqa: E402
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402
from pymodaq_gui.utils.custom_app import WorkFlowActions  # noqa: E402

ui, dashboard = create_load_dashboard(show_dashboard=False)
load_experiment(dashboard, [*STAGES, *DETECTORS])
ramp = dashboard.load_extension(ExtensionEnum.RAMPING)
ramp.do_things_after_experiment_set("lab")
settings = ramp.settings
settings["actuator"] = "X"
settings["detectors"] = {"all_items": ["Diode", "Spectrometer"], "selected": ["Diode", "Spectrometer"]}
settings["actuators"] = {"all_items": ["Y"], "selected": ["Y"]}
settings["refresh_grab"], settings["refresh_plot"] = 0.1, 0.5
settings["ramp", "start"], settings["ramp", "stop"], settings["ramp", "duration"] = -5.0, 5.0, 3.0
settings["steps", "time_step"] = 0.1
ramp.set_action_checked(WorkFlowActions.LOG, True)
shown = []
ramp.viewer.show_data = lambda dte, show=ramp.viewer.show_data: (shown.append(dte), show(dte))
wait_for(ramp.ramping_worker.workers_terminated, ramp.ramping_worker.start, 100)
ramp.h5_histogrammer.update_histogramer()
path = ramp.h5_manager.get_h5saver(mode="r").file_path
ramp.h5_manager.close_file()
last = {each.get_full_name(): [each.axes[0].units, each.size] for each in shown[-1]} if shown else {}
(folder / "told.json").write_text(json.dumps({"file": str(path), "shown": len(shown), "last": last}))
os._exit(0)
