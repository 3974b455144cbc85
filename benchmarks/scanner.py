"""What a point of a map costs in the PyMoDAQ Dashboard: its own scanner, and that of h5modules beside it.

`python benchmarks/scanner.py [--points 30] [--rounds 2]`: both in one process, by turns, devices that take no
time. PyMoDAQ's `DataToExport.append` is not made for several threads, and fast scans die of it: for PyMoDAQ's
own saver alone, the call is cured from outside. With `--served`, PyMoDAQ's scanner saves through h5modules
instead, as `h5modules dashboard` starts it: run it by turns with the other.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "packages" / "dashboard" / "tests" / "in_pymodaq"))

from own_configuration import keep_in

options = argparse.ArgumentParser()
options.add_argument("--points", type=int, default=30, help="along each axis")
options.add_argument("--rounds", type=int, default=2)
options.add_argument("--served", action="store_true", help="PyMoDAQ's scanner, saving through h5modules")
chosen = options.parse_args()
keep_in(Path(tempfile.mkdtemp()))
if chosen.served:
    from h5modules.dashboard import serve

    serve()

from driving import (  # noqa: E402
    DETECTORS,
    STAGES,
    cure_pymodaqs_saver,
    load_experiment,
    open_scan,
    run,
    set_axes,
)
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402
from rich.console import Console  # noqa: E402


def seconds_per_point(scan, *, plots):
    """Scan a map, and return what a point took until it was saved: seconds, and seconds of the processor."""
    count = chosen.points
    set_axes(scan, (-10, 10, 20 / (count - 1)), (-10, 10, 20 / (count - 1)), detectors=["Diode"])
    scan.settings["plot_options", "plot_every_n_steps"] = int(plots)
    scan.clear_plot_from()
    if plots:
        scan.modules_manager.probe_detectors()
        scan.plot_from()
    points = scan.scanner.n_steps
    wall, cpu = time.perf_counter(), time.process_time()
    run(scan, seconds=600)
    return (time.perf_counter() - wall) / points, (time.process_time() - cpu) / points


if not chosen.served:
    cure_pymodaqs_saver()
ui, dashboard = create_load_dashboard(show_dashboard=False)
load_experiment(dashboard, [*STAGES, DETECTORS[0]])
if chosen.served:
    scanners = {"PyMoDAQ, served": open_scan(dashboard, ExtensionEnum.SCANNER)}
else:
    scanners = {
        "PyMoDAQ": open_scan(dashboard, ExtensionEnum.SCANNER),
        "h5modules": open_scan(dashboard, ExtensionEnum["H5SCANNER"]),
    }
for plots in (False, True):
    for viewer in dashboard.detector_modules:
        viewer.settings["main_settings", "show_data"] = plots
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in scanners}
    for _ in range(chosen.rounds):
        for name, scan in scanners.items():
            taken[name].append(seconds_per_point(scan, plots=plots))
            scan.h5_manager.close_file()
    for name, times in taken.items():
        wall, cpu = (1000 * statistics.median(column) for column in zip(*times, strict=True))
        shown = "viewers and live plot" if plots else "no plots"
        Console().print(f"{name:15} {shown:22} {wall:6.1f} ms a point, {cpu:6.1f} ms of the processor")
os._exit(0)
