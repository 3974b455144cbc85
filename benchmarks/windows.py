"""How soon windows show a file of many nodes, and what it costs to move through an array of any size.

usage: python windows.py [opening] [moving] [--nodes 100000] [--gigabytes 20] [--rounds 3] [--json FILE]

`opening`: the same file is opened by our browser, by PyMoDAQ's H5Browser and by silx view, each in a
process of its own, in turns. Told are the seconds from the start of the process until all was imported, until
something was painted, and until the group with all scans was open in the tree; and the memory then. Who is
not there after ten minutes is given up. `moving`: a map of frames, on the disk a hole, is looked at in our
browser: milliseconds and bytes read for each move.

No screen is needed. PyMoDAQ writes into the home folder; give it another one where that matters.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from measuring import peak_megabytes

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyqt6")

import h5py
import numpy as np
from rich.console import Console
from rich.table import Table

_DETECTORS = 10
_LEVELS = ("Detector{:03d}", "Data0D", "CH00", "Data00")
_PER_SCAN = 1 + len(_LEVELS) * _DETECTORS
_PATIENCE = 600.0


def make_file(path: Path, nodes: int) -> None:
    """Make a file of so many nodes: scans of ten detectors with one array each, as PyMoDAQ names them."""
    with h5py.File(path, "w", libver="latest") as file:
        file.attrs.update({"CLASS": "GROUP", "TITLE": "", "type": ""})
        raw = file.create_group("RawData")
        raw.attrs.update({"CLASS": "GROUP", "TITLE": "", "type": ""})
        first = raw.create_group("Scan0000")
        first.attrs.update({"CLASS": "GROUP", "TITLE": "sample", "type": "scan"})
        for detector in range(_DETECTORS):
            _add_detector(first, detector)
        for number in range(1, nodes // _PER_SCAN):
            file.copy(first, raw, f"Scan{number:04d}")


def _add_detector(group: h5py.Group, number: int) -> None:
    *groups, array = _LEVELS
    for name in groups:
        group = group.create_group(name.format(number))
        group.attrs.update({"CLASS": "GROUP", "TITLE": "", "type": "detector"})
    group.create_dataset(array, data=np.arange(4.0)).attrs.update({"CLASS": "CARRAY", "TITLE": "power"})


# What each window does; these run in processes of their own


def open_ours(path: str) -> tuple[Any, Callable[[], bool]]:
    """Open the file in our browser; return the window, and what tells that the first group is open."""
    from h5modules.browsing.qt import BrowserWindow

    window = BrowserWindow()
    source = window.open(path, "/RawData")
    model = window.files.model

    def is_open() -> bool:
        top = model.top_of(source)
        if top.names is None or not top.nodes:
            return False
        raw = model.index_of(top.nodes[0])
        window.files.tree.expand(raw)
        return bool(model.rowCount(raw)) and not top.nodes[0].is_reading

    return window, is_open


def open_peer(path: str) -> tuple[Any, Callable[[], bool]]:
    """Open the file in PyMoDAQ's H5Browser."""
    from pymodaq_gui.h5modules.browsing import H5Browser
    from qtpy.QtWidgets import QMainWindow

    window = QMainWindow()
    window.show()
    window.browser = H5Browser(window, h5file_path=Path(path), backend="h5py")
    tree = window.browser.view.h5file_tree.tree

    def is_open() -> bool:
        raw = tree.topLevelItem(0).child(0)
        tree.topLevelItem(0).setExpanded(True)
        raw.setExpanded(True)
        return bool(raw.childCount())

    return window, is_open


def open_silx(path: str) -> tuple[Any, Callable[[], bool]]:
    """Open the file in silx view."""
    from silx.app.view.Viewer import Viewer
    from silx.gui.hdf5 import Hdf5TreeView

    window = Viewer()
    window.appendFile(path)
    (tree,) = window.findChildren(Hdf5TreeView)

    def is_open() -> bool:
        model = tree.model()
        index = model.index(0, 0)
        for _ in range(2):
            if not index.isValid() or (not model.rowCount(index) and not model.canFetchMore(index)):
                return False
            tree.expand(index)
            last, index = index, model.index(0, 0, index)
        return index.isValid() and model.rowCount(last) > 0

    return window, is_open


SIDES = {
    "h5modules": (open_ours, "h5modules.browsing.qt"),
    "PyMoDAQ's H5Browser": (open_peer, "pymodaq_gui.h5modules.browsing"),
    "silx view": (open_silx, "silx.app.view.Viewer"),
}


def wait(application: Any, is_so: Callable[[], bool]) -> None:
    """Run the window until something is so; in between it rests, as it does before a person."""
    from qtpy.QtCore import QTimer

    timer = QTimer(interval=10)
    timer.timeout.connect(lambda: application.exit() if is_so() else None)
    timer.start()
    application.exec()
    timer.stop()


def show(side: str, path: str, started: float) -> None:
    """Show the file, and print what it took."""
    from qtpy.QtCore import QEvent, QObject
    from qtpy.QtWidgets import QApplication

    painted: list[float] = []

    class Painted(QObject):  # type: ignore[misc] # Qt has no types
        def eventFilter(self, watched: Any, event: Any) -> bool:  # noqa: N802 - Qt's name
            if event.type() == QEvent.Type.Paint:
                painted.append(time.time())
            return False

    application = QApplication(sys.argv[:1])
    spy = Painted()
    application.installEventFilter(spy)
    opener, module = SIDES[side]
    import_module(module)
    imported = time.time()
    window, is_open = opener(path)
    window.show()
    wait(application, is_open)
    seen = len(painted)
    window.update()
    wait(application, lambda: len(painted) > seen)
    figures = {
        "imported": imported - started,
        "painted": painted[0] - started,
        "open": painted[-1] - started,
        "megabytes": peak_megabytes(),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()
    os._exit(0)


def _shown(command: list[str]) -> dict[str, float]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        return dict.fromkeys(("imported", "painted", "open", "megabytes"), math.inf)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure_opening(nodes: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return what each window takes, the medians of some rounds."""
    found: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "nodes.h5"
        make_file(path, nodes)
        for _ in range(rounds):
            for side, figures in found.items():
                command = [sys.executable, __file__, "--show", side, str(path), str(time.time())]
                figures.append(_shown(command))
    return {
        side: {name: statistics.median(each[name] for each in figures) for name in figures[0]}
        for side, figures in found.items()
    }


# Moving through an array


def make_map(path: Path, gigabytes: float) -> str:
    """Make a map of frames of 8 MB each, on the disk a hole; return the path of the array."""
    from h5modules.backends import ArraySpec, H5Backend

    side = max(int((gigabytes * 1e9 / 8e6) ** 0.5), 2)
    with H5Backend.open(path, "w") as file:
        group = file.get_set_group("/", "Scan")
        array = file.create_array(group, "Data00", ArraySpec((side, side, 1000, 1000), np.dtype(float)))
        array.attrs["data_type"] = "data"
        array.attrs["nav_indexes"] = (0, 1)
        return str(array.path)


def bytes_read() -> int:
    """Return how much this process read so far; 0 where the system does not tell."""
    told = Path("/proc/self/io")
    return int(told.read_text().split()[1]) if told.exists() else 0


def measure_moving(gigabytes: float) -> dict[str, dict[str, float]]:
    """Return milliseconds and bytes of opening the node, and of each move in it."""
    from qtpy.QtWidgets import QApplication

    from h5modules.browsing.qt import BrowserWindow

    application = QApplication.instance() or QApplication(sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "map.h5"
        node = make_map(path, gigabytes)
        window = BrowserWindow()
        window.show()
        source = window.open(path)
        wait(application, lambda: source.file is not None and source.jobs.is_idle)
        try:
            return _moves(application, window, source, node)
        finally:
            window.close()


def _moves(application: Any, window: Any, source: Any, node: str) -> dict[str, dict[str, float]]:
    from qtpy.QtWidgets import QCheckBox

    def timed(do: Callable[[], object]) -> tuple[float, int]:
        start, before = time.perf_counter(), bytes_read()
        do()
        window.stage.grab()  # all of it is painted
        application.processEvents()
        return (time.perf_counter() - start) * 1e3, bytes_read() - before

    def told(costs: list[tuple[float, int]]) -> dict[str, float]:
        times = sorted(cost[0] for cost in costs)
        return {
            "median": statistics.median(times),
            "slowest": times[-1],
            "megabytes": statistics.median(cost[1] for cost in costs) / 1e6,
        }

    found = {"the node is shown": told([timed(lambda: window.show_node(source, node))])}
    region = next(each for each in window.stage.view.findChildren(QCheckBox) if "region" in each.text())
    view, rng = window.stage.view, np.random.default_rng(0)
    rows, columns = source.file.get_node(node).shape[:2]
    crosses = [(int(rng.integers(rows)), int(rng.integers(columns))) for _ in range(50)]
    moved = [timed(lambda at=at: view.map.place_chosen.emit(*at)) for at in crosses]
    found["the cross is moved"] = told(moved)
    found["another theme"] = told([timed(view.restyle) for _ in range(5)])
    found["the mean of a region"] = told([timed(lambda: region.setChecked(True))])
    return found


def table_of(title: str, costs: dict[str, dict[str, float]]) -> Table:
    """Return figures as a table."""
    table = Table(title=title, title_justify="left")
    names = list(next(iter(costs.values())))
    for name in ("", *names):
        table.add_column(name, justify="left" if not name else "right")
    for side, figures in costs.items():
        table.add_row(side, *(f"{figures[name]:,.2f}" for name in names))
    return table


def main() -> None:
    """Measure and print."""
    if sys.argv[1:2] == ["--show"]:
        side, path, started = sys.argv[2:5]
        show(side, path, float(started))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "what", nargs="*", default=["opening", "moving"], help="opening, moving; both by default"
    )
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--gigabytes", type=float, default=20.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = {}
    if "opening" in arguments.what:
        found["opening"] = measure_opening(arguments.nodes, arguments.rounds)
        title = f"a file of {arguments.nodes:,} nodes: seconds, and MB of memory"
        Console().print(table_of(title, found["opening"]))
    if "moving" in arguments.what:
        found["moving"] = measure_moving(arguments.gigabytes)
        title = f"a map of frames, {arguments.gigabytes:g} GB: milliseconds, and MB read"
        Console().print(table_of(title, found["moving"]))
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2), "utf-8")


if __name__ == "__main__":
    main()
