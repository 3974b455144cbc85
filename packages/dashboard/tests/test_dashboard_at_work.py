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

pytestmark = pytest.mark.slow

AT_WORK = Path(__file__).with_name("in_pymodaq") / "dashboard_at_work.py"
SCANS = {"Scan000": (6,), "Scan001": (5, 4), "Scan002": (3,)}
"""Along a line, over a map, along a table."""
SIGNALS = {"Detector000/Data0D": ("V", ()), "Detector001/Data1D": ("counts", (1024,))}


def run_dashboard(folder, *arguments):
    """Return how it ended, and the files that it told of."""
    command = [sys.executable, str(AT_WORK), str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
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
    assert [axis.units for axis in one.get_nav_axes()] == ["um", "um"]


def test_files_lie_where_pymodaq_is_told_to_save(ours):
    assert [path.parents[2].name for path in ours.values()] == ["data"] * len(ours)


def test_a_viewer_saves_continuously(ours, plain):
    for files in (ours, plain):
        rows = loaded(files["log"], "/RawData/Detector000/Data0D/CH00/EnlData00")
        assert np.isfinite(rows[0]).all()
        assert rows.shape == (3,)


def test_a_logger_keeps_every_reading(ours, plain):
    """PyMoDAQ's own saver drops a reading that waits when it is told to stop."""
    for signal, (_, shape) in SIGNALS.items():
        where = f"/RawData/Datalogger000/{signal}/CH00/EnlData00"
        rows, others = loaded(ours["logger"], where), loaded(plain["logger"], where)
        assert rows.shape == (3, *shape)
        assert others.shape in [(2, *shape), (3, *shape)]
        for each in (rows, others):
            assert (np.diff(each.axes[0].get_data()) > 0).all()


def test_no_point_is_lost_when_the_file_is_to_be_closed_early(ours):
    """Through PyMoDAQ's own saver most are: its window closes the file under the thread that saves."""
    data = loaded(ours["scans"], "/RawData/Scan003/Detector001/Data1D/CH00/Data00")
    assert data.shape == (51, 1024)
    assert np.isfinite(data[0]).all()


def test_the_windows_close_while_a_viewer_reads_without_end(ours):
    assert ours["closed"] == ours["scans"]  # it is told when they are closed


def test_a_killed_scan_keeps_every_point(tmp_path):
    _, files = run_dashboard(tmp_path, "--kill-at", "9")
    assert (tmp_path / "read.txt").read_text().split() == ["9", "9"]  # by others, while the scan ran
    recover(files["scans"])
    data = loaded(files["scans"], "/RawData/Scan000/Detector000/Data0D/CH00/Data00")
    assert np.isfinite(data[0]).sum() == 9
