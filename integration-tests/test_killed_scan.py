"""A scan whose process is killed is gone on with, and is then what it would have been without that."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

POINTS = 60
PLAN = """
title = "Killed"
detectors = ["photodiode", "spectrometer", "counter"]
order = "back-and-forth"
averages = 2

[[axes]]
kind = "linear"
actuator = "stage_x"
start = -10
stop = 10
points = 10

[[axes]]
kind = "linear"
actuator = "stage_y"
start = 0
stop = 5
points = 6
"""
PACES = {"stage_x": 20, "stage_y": 20, "photodiode": 20, "spectrometer": 20, "counter": 20}
DEVICES = "".join(f"\n[devices.{name}.options]\nseed = 4\npace = {pace}.0\n" for name, pace in PACES.items())


def scan(*arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "h5modules.cli", "scan", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def acquired(path: Path) -> int:
    """Return how many points a file holds that another process writes; 0 where that cannot be told yet."""
    try:
        with h5py.File(path, locking=False) as file:
            return int(file["RawData/Scan000/Acquired"][()].max())
    except (OSError, KeyError, RuntimeError):
        return 0


def arrays(path: Path) -> dict[str, np.ndarray]:
    found = {}

    def keep(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset) and "Timestamps" not in name:
            found[name] = node[()]

    with h5py.File(path) as file:
        file["RawData/Scan000"].visititems(keep)
    return found


@pytest.mark.parametrize("kill_after", [1, 25])
def test_a_killed_scan_is_gone_on_with(tmp_path: Path, kill_after: int) -> None:
    plan, killed, whole = tmp_path / "plan.toml", tmp_path / "killed.h5", tmp_path / "whole.h5"
    plan.write_text(PLAN + DEVICES, "utf-8")
    process = scan("run", str(plan), "-o", str(killed))
    deadline = time.monotonic() + 60
    while acquired(killed) < kill_after and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.kill()
    process.communicate()
    before = acquired(killed)
    assert kill_after <= before < POINTS, "it was killed on the way"

    points = f"interrupted scan, {before} of {POINTS} points: go on with h5modules scan resume"
    again = scan("run", str(plan), "-o", str(killed))
    assert f'{points} "{killed}"' in again.communicate()[1].decode()
    assert again.returncode == 2
    watched = subprocess.run(
        [sys.executable, "-m", "h5modules.cli", "watch", str(killed)], capture_output=True, text=True
    )
    assert watched.returncode == 1
    ways = f'h5modules scan resume "{killed}". Make the file whole: h5modules recover "{killed}".'
    assert ways in watched.stderr

    resumed = scan("resume", str(killed))
    other = scan("run", str(plan), "-o", str(whole))
    for each in (resumed, other):
        _, told = each.communicate(timeout=120)
        assert each.returncode == 0, told.decode()
    expected, found = arrays(whole), arrays(killed)
    assert found.keys() == expected.keys()
    for name, values in expected.items():
        np.testing.assert_array_equal(found[name], values, err_msg=name)
    with h5py.File(killed) as file:
        times = file["RawData/Scan000/Timestamps/Data0D/CH00/Data00"][()]
    assert np.isfinite(times).all()
