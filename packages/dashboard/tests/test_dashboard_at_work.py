"""The real Dashboard with simulated plugins, without a screen: with our savers, and with PyMoDAQ's own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from h5modules.backends import recover
from h5modules.data_saving import DataLoader
from h5modules.saving import H5SaverLowLevel

AT_WORK = Path(__file__).with_name("in_pymodaq") / "dashboard_at_work.py"
SCANS = {"Scan000": (6,), "Scan001": (5, 4)}
SIGNALS = {"Detector000/Data0D": ("V", ()), "Detector001/Data1D": ("counts", (1024,))}


def run_dashboard(folder, *arguments):
    """Return how it ended, and the files that it told of."""
    command = [sys.executable, str(AT_WORK), str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150)
    told = folder / "files.json"
    assert told.exists(), done.stdout + done.stderr
    return done, {name: Path(path) for name, path in json.loads(told.read_text()).items()}


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    done, files = run_dashboard(tmp_path_factory.mktemp("ours"))
    assert done.returncode == 0, done.stdout + done.stderr
    return files


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    done, files = run_dashboard(tmp_path_factory.mktemp("plain"), "--plain")
    assert done.returncode == 0, done.stdout + done.stderr
    return files


def loaded(path, node):
    with H5SaverLowLevel() as saver:
        saver.init_file(path, mode="r")
        return DataLoader(saver).load_data(node, load_all=True)


def test_both_savers_kept_the_same_data(ours, plain):
    for scan, shape in SCANS.items():
        for signal, (units, signal_shape) in SIGNALS.items():
            node = f"/RawData/{scan}/{signal}/CH00/Data00"
            one, other = (loaded(files["scans"], node) for files in (ours, plain))
            assert one.shape == other.shape == (*shape, *signal_shape)
            assert one.units == units
            axes, others = (
                [(each.label, each.units) for each in data.get_nav_axes()] for data in (one, other)
            )
            assert axes == others
            np.testing.assert_array_equal(one[0], other[0])


def test_a_viewer_saves_continuously(ours):
    with H5SaverLowLevel() as saver:
        saver.init_file(ours["log"], mode="r")
        rows = saver.get_node("/RawData/Detector000/Data0D/CH00/EnlData00").read()
    assert len(rows) == 3
    assert np.isfinite(rows).all()


def test_a_killed_scan_keeps_every_point(tmp_path):
    _, files = run_dashboard(tmp_path, "--kill-at", "9")
    recover(files["scans"])
    data = loaded(files["scans"], "/RawData/Scan000/Detector000/Data0D/CH00/Data00")
    assert np.isfinite(data[0]).sum() == 9
