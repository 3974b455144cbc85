"""Optimize with an optimizer of PyMoDAQ's, saving through h5modules: `optimizer_at_work.py FOLDER NAME`.

Its file, and what it was told of each place that it tried, is in FOLDER/told.json.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from own_configuration import keep_in

folder = Path(sys.argv[1]).resolve()
keep_in(folder)

from h5modules.dashboard import require_served, serve  # noqa: E402

serve()

from driving import DETECTORS, STAGES, load_experiment, wait_for  # noqa: E402
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402
from pymodaq.extensions.optimizers_base.optimizer import OptimizerAction  # noqa: E402

require_served()
ui, dashboard = create_load_dashboard(show_dashboard=False)
load_experiment(dashboard, [*STAGES, DETECTORS[0]])
optimizer = dashboard.load_extension(ExtensionEnum[sys.argv[2]])
optimizer.get_action(OptimizerAction.INI_MODEL).trigger()
modules = optimizer.modules_manager
modules.selected_actuators_name = ["X", "Y"]
modules.selected_detectors_name = ["Diode"]
for bound in optimizer.settings.child("main_settings", "bounds").children():
    bound["min"], bound["max"] = -10.0, 10.0
optimizer.settings["main_settings", "stopping", "niter"] = 6
optimizer.settings["main_settings", "ini_random"] = 3
modules.probe_detectors()
optimizer.model_class.settings.child("optimizing_signal", "data_probe").activate()
optimizer.set_action_checked(OptimizerAction.SAVE, True)
optimizer.get_action(OptimizerAction.INI_RUNNER).trigger()
tried = []
optimizer.algorithm.tell = lambda value, tell=optimizer.algorithm.tell: (tried.append(value), tell(value))
wait_for(optimizer.optimization_done_signal, optimizer.get_action(OptimizerAction.RUN).trigger, 100)
path = optimizer.h5saver.settings["current_h5_file"]
optimizer.close_file()
(folder / "told.json").write_text(json.dumps({"file": path, "tried": tried}))
os._exit(0)
