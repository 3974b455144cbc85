"""Pictures of the browser for the pages: simulated instruments are scanned, and what was saved is shown.

usage: python docs/pictures.py [NAME ...] [--all] [--folder docs/_static/browser]

Without a name those of the pages are made; with `--all` each view, in the light theme and in the dark one. No
screen is needed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyqt6")

import h5py
import numpy as np
from qtpy.QtGui import QColor, QFont, QPalette
from qtpy.QtWidgets import QApplication

from h5modules.browsing.qt import BrowserWindow
from h5modules.scanning import LinearAxis, Plan, RandomAxis, run_scan
from h5modules_simulators import Drift, make_microscope

STATIC = Path(__file__).parent / "_static" / "browser"
MAP, AGAIN, CLOUD, LINE, BESIDE = (f"/RawData/Scan{number:03d}" for number in range(5))


def measure(folder: Path) -> Path:
    """Scan a simulated sample in several ways, and return the file."""
    path = folder / "cells.h5"
    for number, drift in enumerate((Drift(), Drift(amplitude=6.0, period=4000.0))):
        microscope = make_microscope(seed=3, drift=drift)
        plan = Plan(LinearAxis(stage.title, -30, 30, 41) for stage in microscope.actuators)
        title = ("Cells", "Cells, an hour later")[number]
        run_scan(plan, microscope.actuators, microscope.detectors, path, append=bool(number), title=title)
    names = tuple(stage.title for stage in microscope.actuators)
    cloud = Plan([RandomAxis(names, (-30, -30), (30, 30), 500, seed=1)])
    run_scan(cloud, microscope.actuators, [microscope.photodiode], path, append=True, title="Random places")
    line = Plan([LinearAxis(names[0], -30, 30, 61)])
    for shift in (0.0, 1.5):
        microscope.actuators[1].move_to(shift)
        title = f"A line at y = {shift:g} um"
        run_scan(line, microscope.actuators[:1], microscope.detectors[:2], path, append=True, title=title)
    return path


def add_other_arrays(path: Path) -> None:
    """Add what another program may have written: an image larger than the screen, and a long curve."""
    rng = np.random.default_rng(2)
    down, across = np.mgrid[0:6000, 0:8000]
    rings = np.hypot(down - 2600, across - 3500) / 60
    with h5py.File(path, "w") as file:
        file["mosaic"] = (np.sinc(rings / 4) ** 2 * 4000 + rng.poisson(30, rings.shape)).astype("u2")
        times = np.linspace(0, 60, 3_000_000)
        trace = np.sin(times) * np.exp(-times / 40) + rng.normal(0, 0.05, times.size)
        trace[rng.integers(0, times.size, 12)] += 2
        file["trace"] = trace.astype("f4")


Prepare = Callable[[Any], object]


@dataclass(frozen=True)
class Picture:
    """What is to be seen.

    Attributes
    ----------
    name
        Of the picture.
    nodes
        What is chosen in the tree.
    tab
        The title of the view.
    prepare
        What is done in the view before the picture is taken.
    whole
        Whether the whole window is to be seen.
    """

    name: str
    nodes: tuple[str, ...]
    tab: str
    prepare: Prepare = lambda view: None
    whole: bool = False


IN_PAGES = ("window", "window-dark", "image", "filled", "difference", "overlay")


def _tick(name: str) -> Prepare:
    return lambda view: getattr(view, name).setChecked(True)


PICTURES = [
    Picture("window", (f"{MAP}/Detector001/Data1D/CH00/Data00",), "Map and signal", whole=True),
    Picture("map", (f"{MAP}/Detector001/Data1D/CH00/Data00",), "Map and signal"),
    Picture("frames", (f"{MAP}/Detector002/Data2D/CH00/Data00",), "Map and signal", _tick("_region")),
    Picture("image", (f"{MAP}/Detector000/Data0D/CH00/Data00",), "Image", _tick("_region")),
    Picture("scatter", (f"{CLOUD}/Detector000/Data0D/CH00/Data00",), "Scatter"),
    Picture("filled", (f"{CLOUD}/Detector000/Data0D/CH00/Data00",), "Scatter", _tick("_fill")),
    Picture("curves", (f"{LINE}/Detector000/Data0D/CH00/Data00",), "Curves"),
    Picture("waterfall", (f"{LINE}/Detector001/Data1D/CH00/Data00",), "Image"),
    Picture("difference", (MAP, AGAIN), "Difference"),
    Picture("overlay", (LINE, BESIDE), "Overlay"),
    Picture("mosaic", ("/mosaic",), "Image"),
    Picture("trace", ("/trace",), "Curves"),
    Picture("table", (f"{MAP}/Detector001/Data1D/CH00/Data00",), "Table"),
    Picture("log", ("/RawData/Logger",), "Text"),
    Picture("raw", (f"{MAP}/Detector000/Data0D/CH00/Data00",), "Raw"),
]


def dark() -> QPalette:
    """Return the colours of a dark theme."""
    role, palette = QPalette.ColorRole, QPalette()
    for roles, colour in (
        ((role.Window, role.Button), "#2b2d30"),
        ((role.Base,), "#1e1f22"),
        ((role.AlternateBase, role.Mid), "#26282b"),
        ((role.WindowText, role.Text, role.ButtonText), "#dfe1e5"),
        ((role.Highlight,), "#2e6dab"),
        ((role.HighlightedText,), "#ffffff"),
        ((role.PlaceholderText,), "#868a91"),
    ):
        for each in roles:
            palette.setColor(each, QColor(colour))
    for each in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor("#6f737a"))
    return palette


def wait(application: QApplication, is_so: Callable[[], bool], seconds: float = 30.0) -> None:
    """Let the window work until something is so."""
    until = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError("the window did not come so far")
        application.processEvents()


def take(application: QApplication, files: tuple[Path, Path], picture: Picture, target: Path) -> None:
    """Take one picture."""
    window = BrowserWindow()
    window.resize(1180, 720)
    window.show()
    sources = [window.open(path) for path in files]
    wait(application, lambda: all(source.file is not None and source.jobs.is_idle for source in sources))
    nodes = [(sources[not node.startswith("/RawData")], node) for node in picture.nodes]
    window.files.tree.go_to(*nodes[0])
    wait(application, lambda: window.chosen == nodes[0])
    if len(nodes) > 1:
        window.compare(nodes)
    window.stage.choose(window.stage.titles.index(picture.tab))
    picture.prepare(window.stage.view)
    until = time.monotonic() + 0.5  # what is read again after a pause, and the layout of plots
    wait(application, lambda: time.monotonic() > until)
    window.statusBar().hide()  # it tells the folder
    (window if picture.whole else window.stage).grab().save(str(target))
    window.close()
    window.deleteLater()
    application.processEvents()
    sys.stdout.write(f"{target}\n")


def main() -> None:
    """Take the pictures that are asked for."""
    known = {each.name: each for each in PICTURES}
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}; with -dark for dark"
    )
    parser.add_argument("--all", action="store_true", help="make them all")
    parser.add_argument("--folder", type=Path, default=STATIC)
    arguments = parser.parse_args()
    wanted = [*known, *(f"{name}-dark" for name in known)] if arguments.all else arguments.names or IN_PAGES
    application = QApplication(sys.argv[:1])
    application.setStyle("Fusion")
    application.setFont(QFont("DejaVu Sans", 9))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        files = measure(Path(folder)), Path(folder) / "other.h5"
        add_other_arrays(files[1])
        light = application.palette()
        for name in wanted:
            application.setPalette(dark() if name.endswith("-dark") else light)
            take(application, files, known[name.removesuffix("-dark")], arguments.folder / f"{name}.png")


if __name__ == "__main__":
    main()
