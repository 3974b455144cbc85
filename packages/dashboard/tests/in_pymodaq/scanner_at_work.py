"""Drive the scanner of h5modules in the real Dashboard: `scanner_at_work.py FOLDER STEP... [--served]`.

What was seen is written to FOLDER/told.json after each step.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import signal
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from own_configuration import keep_in

options = argparse.ArgumentParser()
options.add_argument("folder", type=Path)
options.add_argument("steps", nargs="+")
options.add_argument("--served", action="store_true", help="give PyMoDAQ our modules as well")
chosen = options.parse_args()
folder = chosen.folder.resolve()
keep_in(folder)

if chosen.served:
    from h5modules.dashboard import serve

    serve()

from driving import (  # noqa: E402
    answered_boxes,
    ask_for_files,
    choosing,
    cure_pymodaqs_saver,
    load_experiment,
    open_scan,
    run,
    set_axes,
)
from pymodaq.dashboard import create_load_dashboard  # noqa: E402
from pymodaq.extensions import ExtensionEnum  # noqa: E402
from pymodaq.utils.data import DataFromPlugins, DataToExport  # noqa: E402
from pymodaq_gui.managers.h5manager import FileAction  # noqa: E402
from qtpy.QtCore import QTimer  # noqa: E402
from qtpy.QtWidgets import QMenu  # noqa: E402

from h5modules.data_saving import DataLoader  # noqa: E402
from h5modules.saving import H5SaverLowLevel  # noqa: E402
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_0D.daq_0Dviewer_SimulatedPhotodiode import (  # noqa: E402
    DAQ_0DViewer_SimulatedPhotodiode,
)
from pymodaq_plugins_simulated.daq_viewer_plugins.plugins_1D.daq_1Dviewer_SimulatedSpectrometer import (  # noqa: E402
    DAQ_1DViewer_SimulatedSpectrometer,
)

told: dict[str, object] = {}


def tell(**seen):
    told.update(seen)
    (folder / "told.json").write_text(json.dumps(told))


def path_of(scan):
    return str(scan.h5_manager.get_h5saver().file_path)


def plain_side():
    """Scan with PyMoDAQ's own scanner, its saver cured."""
    cure_pymodaqs_saver()
    scan = open_scan(dashboard, ExtensionEnum.SCANNER)
    set_axes(scan, (-10, 10, 5), (-6, 6, 4))
    run(scan)
    set_axes(scan, (-10, 10, 4))
    run(scan)
    tell(plain=scan.h5_manager._h5saver.settings["current_h5_file"])
    scan.h5_manager.close_file()


def menu():
    titles = [each.text() for menu in dashboard.mainwindow.findChildren(QMenu) for each in menu.actions()]
    tell(menu=titles)


def with_plots(scan, *axes):
    scan.settings["plot_options", "plot_every_n_steps"] = 1
    set_axes(scan, *axes)
    scan.modules_manager.probe_detectors()
    scan.plot_from()


def plotted(scan):
    return {each.get_full_name(): [array.tolist() for array in each.data] for each in scan.live_plotter.data}


def scans():
    """Scan over a map and along a line, with live plots."""
    with_plots(scan, (-10, 10, 5), (-6, 6, 4))
    during = []
    scan._look.timeout.connect(lambda: during.append(scan.strip.text))
    scan.settings["time_flow", "wait_time"] = 50
    run(scan)
    scan.settings["time_flow", "wait_time"] = 0
    tell(
        map=plotted(scan),
        during=[*during],
        after=scan.strip.text,
        ours=str(scan.h5_manager.current.file_path),
    )
    with_plots(scan, (-10, 10, 4))
    run(scan)
    tell(line=plotted(scan), ours=str(scan.h5_manager.current.file_path))
    scan.settings["plot_options", "plot_every_n_steps"] = 0


def when_saved(points, do):
    """Call something in the thread of the saver, when it has saved so many points of the scan."""
    saver = scan.module_and_data_saver
    add = saver.add_data_bundle

    def add_and_count(bundle):
        add(bundle)
        if saver.saved >= points:
            do()

    saver.add_data_bundle = add_and_count
    return lambda: delattr(saver, "add_data_bundle")


def kill():
    """End this process hard when 9 points of a map are saved."""
    set_axes(scan, (-10, 10, 5), (-6, 6, 4))
    when_saved(9, lambda: os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else 15))
    tell(killed=str(scan.h5_manager.current.file_path))
    run(scan)


def mend():
    """Recover the file of the scan that was killed, and go on with the scan."""
    killed = json.loads((folder.parent / "killed" / "told.json").read_text())["killed"]
    scan.recover_file(Path(killed))
    tell(recovered=scan.strip.message, before=scan.strip.text, offered=scan.is_action_enabled("resume"))
    run(scan, scan.get_action("resume").trigger)
    tell(resumed=killed, resumed_text=scan.strip.text)
    scan.resume_scan()
    tell(whole=scan.strip.message)


def early_close():
    """Close the file as soon as the scan is done, while the saver is far behind."""
    scan.h5saver.settings["close_after_scan"] = True
    set_axes(scan, (-10, 10, 1), detectors=["Diode"])
    behind = []
    scan.scan_done_signal.connect(lambda: behind.append(scan.module_and_data_saver.saved))
    undo = when_saved(0, lambda: time.sleep(0.1))
    run(scan)
    undo()
    tell(behind=behind, closed_text=scan.strip.text)
    scan.h5_manager.current.settings["close_after_scan"] = False


def run_until(scan, points):
    """Run a scan, and stop it as its user does, when so many points were read: the last is not saved yet."""
    count = itertools.count(1)

    def stop_in_time(_):
        if next(count) == points:
            scan.stop_scan()

    scan.scan_acquisition.scan_data_tmp.connect(stop_in_time)
    run(scan)
    scan.scan_acquisition.scan_data_tmp.disconnect(stop_in_time)


def stopped():
    """Stop a scan that is repeated three times, and go on with it after another plan was set."""
    scan.settings["scan_options", "scan_average"] = 3
    set_axes(scan, (-10, 10, 2), detectors=["Diode"])
    run_until(scan, 17)
    tell(stopped_text=scan.strip.text)
    scan.settings["scan_options", "scan_average"] = 1
    set_axes(scan, (-5, 5, 5))
    run(scan, scan.resume_scan)
    tell(went_on_text=scan.strip.text)
    scan.settings["scan_options", "scan_average"] = 1


def listed():
    """Stop a scan of listed places in disorder that is plotted, and go on with it."""
    rows = [[f"{x} um", f"{y} um"] for x in (0, 8, -8) for y in (5, -5, 0)]
    with_plots(scan, (-1, 1, 1), (-1, 1, 1))
    scan.scanner.set_scan_type_and_subtypes("Tabular", "Linear")
    scan.scanner.scanner.update_model(rows)
    run_until(scan, 5)
    tell(list_text=scan.strip.text, list_plotted=plotted(scan))
    set_axes(scan, (-5, 5, 5))
    resumed = scan.get_action("resume").trigger
    with_plots(scan, (-5, 5, 5))
    locked = []
    scan._look.timeout.connect(lambda: locked.append(scan.h5_manager.current.settings.opts["enabled"]))
    run(scan, resumed)
    tell(list_whole_text=scan.strip.text, list_whole=plotted(scan), locked=[*locked])
    scan.settings["plot_options", "plot_every_n_steps"] = 0


def changing():
    """Scan with a detector that has half as many pixels from the fifth point on, then none."""
    whole, count = DAQ_1DViewer_SimulatedSpectrometer.grab_data, itertools.count()
    kept = {"pixels": 512}

    def grab_less(plugin, *arguments, **options):
        if next(count) < 4:
            whole(plugin, *arguments, **options)
        else:
            spectrum = [np.ones(kept["pixels"])]
            data = [DataFromPlugins("Spectrometer", data=spectrum, labels=["Spectrum"], units="counts")]
            plugin.dte_signal.emit(DataToExport("less", data=data if kept["pixels"] else []))

    DAQ_1DViewer_SimulatedSpectrometer.grab_data = grab_less
    set_axes(scan, (-10, 10, 4))
    run(scan)
    tell(changed=scan.strip.message, changed_text=scan.strip.text)
    kept["pixels"] = 0
    set_axes(scan, (-10, 10, 4), detectors=["Spectrometer"])
    run(scan)
    tell(without=scan.strip.message, without_text=scan.strip.text)
    DAQ_1DViewer_SimulatedSpectrometer.grab_data = whole


def other_files():
    """Ask for a copy of the file, and for a file that is none."""
    copy, damaged = folder / "copy.h5", folder / "damaged.h5"
    damaged.write_bytes(b"no HDF5" * 1000)
    manager = scan.h5_manager
    with answered_boxes() as boxes:
        with choosing(copy):
            manager.get_action(FileAction.SAVE).trigger()
        copied = scan.strip.message
        before = path_of(scan)
        with choosing(damaged):
            manager.get_action(FileAction.LOAD).trigger()
    tell(copy=str(copy), copied=copied, damaged=scan.strip.message, file_boxes=boxes)
    tell(before_damaged=before, after_damaged=path_of(scan))


def on_a_server():
    """Scan into a domain of a server, stop there, and go on."""
    from h5modules.backends.hsds import HsdsServer

    with HsdsServer(folder / "hsds") as server:
        settings = scan.h5_manager.current.settings
        settings["backend", "backend_type"] = "h5pyd"
        for name, value in (("endpoint", server.endpoint), ("user", server.username)):
            settings["backend", "hsds_options", name] = value
        settings["backend", "hsds_options", "password"] = server.password
        settings["base_path"] = server.folder
        set_axes(scan, (-10, 10, 5), detectors=["Diode"])
        run_until(scan, 3)
        tell(served_text=scan.strip.text)
        run(scan, scan.resume_scan)
        target = scan.h5_manager.current.file_path
        with H5SaverLowLevel.from_file(target, mode="r", backend="h5pyd", **server.options) as file:
            data = DataLoader(file).load_data("/RawData/Scan000/Detector000/Data0D/CH00/Data00")
        tell(served_again=scan.strip.text, served_power=data[0].tolist(), served_at=str(target))


@contextmanager
def slow_diode(slow=0.2, slower_at=-1, slower=0.0):
    """Have the photodiode take its time, and tell which of its readings in the block a reading is."""
    whole, count = DAQ_0DViewer_SimulatedPhotodiode.grab_data, itertools.count()

    def grab_slowly(plugin, *_, **__):
        number = next(count)
        time.sleep(slower if number == slower_at else slow)
        data = [DataFromPlugins("Power", data=[np.array([float(number)])], labels=["Power"], units="V")]
        plugin.dte_signal.emit(DataToExport("slow", data=data))

    DAQ_0DViewer_SimulatedPhotodiode.grab_data = grab_slowly
    yield
    DAQ_0DViewer_SimulatedPhotodiode.grab_data = whole


def watched(scan, do=run):
    """Run a scan, and return which points it read, in their order, and what the strip tells at its end."""
    points = []
    scan.scan_acquisition.scan_data_tmp.connect(note := lambda point: points.append(int(point.indexes[0])))
    do(scan)
    scan.scan_acquisition.scan_data_tmp.disconnect(note)
    return {"points": points, "text": scan.strip.text}


def when_read(scan, points, do):
    """Call something when so many points were read."""
    count = itertools.count(1)
    scan.scan_acquisition.scan_data_tmp.connect(lambda _: do() if next(count) == points else None)


def disturbed():
    """Stop in the middle of a point and begin again at once; pause for no time; be late with one answer."""
    set_axes(scan, (-10, 10, 2), detectors=["Diode"])
    with slow_diode():
        when_read(scan, 3, lambda: QTimer.singleShot(100, scan.stop_scan))
        stopped = watched(scan)
        tell(left=stopped, after_left=watched(scan))

    def pause_for_no_time():
        for paused in (True, False):
            scan.scan_acquisition.pause(paused)

    with slow_diode():
        when_read(scan, 3, pause_for_no_time)
        when_read(scan, 5, lambda: QTimer.singleShot(100, pause_for_no_time))
        tell(paused=watched(scan))
    scan.settings["scan_options", "stop_on_timeout"] = False
    with slow_diode(slower_at=3, slower=4):  # seconds; PyMoDAQ waits for 3
        tell(late=watched(scan))
    scan.settings["scan_options", "stop_on_timeout"] = True


def refused():
    """Ask for what cannot be."""
    set_axes(scan, (-10, 10, 4), detectors=[])
    scan.start_scan()
    tell(no_detector=scan.strip.message)
    scan.recover_file(folder / "nowhere.h5")
    tell(no_file=scan.strip.message)
    scan.resume_scan()
    tell(no_points=scan.strip.message)


def files_in_mid_scan():
    """Ask for other files while a scan runs."""
    set_axes(scan, (-10, 10, 2), detectors=["Diode"])
    current = Path(path_of(scan))
    boxes = ask_for_files(scan, current.with_name("other.h5"))
    tell(boxes=boxes, refusal=scan.strip.message, refused_text=scan.strip.text)
    tell(kept=path_of(scan) == str(current), others=current.with_name("other.h5").exists())


dashboard = None
if __name__ == "__main__":
    ui, dashboard = create_load_dashboard(show_dashboard=False)
    load_experiment(dashboard)
    scan = open_scan(dashboard, ExtensionEnum["H5SCANNER"])
    for step in chosen.steps:
        globals()[step]()
    scan.h5_manager.close_file()
    os._exit(0)  # closing its windows asks questions
