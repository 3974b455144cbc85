"""The window of silx picks the right drawing for what was saved: it is asked, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

LOOK = """
import sys
import h5py
from silx.gui import qt
from silx.gui.data.DataViewer import DataViewer
application = qt.QApplication([])
with h5py.File(sys.argv[1]) as file:
    for name in sys.argv[2:]:
        viewer = DataViewer()
        viewer.setData(file[name])
        application.processEvents()
        print(name, viewer.displayedView().label())
"""


def test_each_measurement_is_drawn_as_what_it_is(tmp_path: Path, save_each_kind: Callable[..., Path]) -> None:
    running = tmp_path / "running.h5"
    path = save_each_kind(while_spectra_are_logged=lambda name: shutil.copy(name, running))
    drawn = {
        "/": "Curve",
        "NeXus/Line": "Curve",
        "NeXus/Map": "Image",
        "NeXus/Cloud": "Scatter",
        "NeXus/Spectra": "Image",
        "NeXus/Spectra_of_a_map": "Curve",
        "NeXus/Frames": "Image",
        "NeXus/Channels": "Curve",
        "NeXus/Snapshot": "Image",
        "NeXus/Adaptive": "Scatter",
        "NeXus/Spectra_log": "Image",
        "NeXus/Log": "Curve",
    }
    assert views(path, list(drawn)) == drawn
    # as it was while rows came: there was room for more of their times than of the spectra
    assert views(running, ["NeXus/Spectra_log"]) == {"NeXus/Spectra_log": "Image"}


def views(path: Path, names: list[str]) -> dict[str, str]:
    """Return which view the window of silx picks for each node."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(path), *names],
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen", "QT_API": "pyqt6"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return dict(line.rsplit(" ", 1) for line in done.stdout.splitlines())
