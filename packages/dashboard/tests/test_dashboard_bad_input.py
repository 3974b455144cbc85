"""Detectors that change their data while a scan of the real Dashboard runs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from h5modules.data_saving import DataLoader

pytestmark = pytest.mark.slow

SIGNALS = ["Detector000/Data0D", "Detector001/Data1D"]
BAD_INPUT = Path(__file__).with_name("in_pymodaq") / "bad_input.py"


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad_input")
    command = [sys.executable, str(BAD_INPUT), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "told.json").read_text())


def saved_points(told, scan, signal):
    """Return which points of a scan along a line are in the file."""
    with DataLoader(told["scans"]) as loader:
        values = loader.load_data(f"/RawData/{scan}/{signal}/CH00/Data00", load_all=True)[0]
    return np.isfinite(values.reshape(len(values), -1)).all(axis=1).tolist()


@pytest.mark.parametrize("signal", SIGNALS)
def test_points_that_cannot_be_saved_are_told_and_the_scan_goes_on(told, signal):
    for lines in (told["log"], told["statuses"]):
        assert any("Not saved" in line and "(512,)" in line for line in lines), lines
    assert saved_points(told, "Scan000", signal) == [True, True, False, False, True, True]


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_scan_keeps_its_file_when_another_is_asked_for(told, signal):
    for lines in (told["boxes"], told["refusals"]):
        assert any("A measurement is being saved" in line for line in lines), lines
    assert told["files"] == [Path(told["scans"]).name]
    assert saved_points(told, "Scan001", signal) == [True] * 11


def test_a_file_that_is_opened_to_append_is_the_one_that_was_chosen(told):
    assert told["new"] != told["scans"]
    assert told["opened"] == told["scans"]
