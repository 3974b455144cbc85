"""PyMoDAQ's own optimizers and its ramp in the real Dashboard, saving through h5modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from h5modules.data_saving import DataLoader

pytestmark = pytest.mark.slow

IN_PYMODAQ = Path(__file__).with_name("in_pymodaq")


def work(program, folder, *arguments):
    """Return what a program of the Dashboard told."""
    command = [sys.executable, str(IN_PYMODAQ / program), str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "told.json").read_text())


@pytest.mark.parametrize("name", ["BAYESIAN", "ADAPTIVE"])
def test_an_optimizer_saves_every_place_that_it_tries(tmp_path, name):
    told = work("optimizer_at_work.py", tmp_path, name)
    with DataLoader(told["file"]) as loader:
        power = loader.load_data("/RawData/Optimizer000/Detector000/Data0D/CH00/EnlData00", load_all=True)
    assert len(told["tried"]) >= 6
    np.testing.assert_array_equal(power[0], told["tried"])
    assert power.units == "V"
    assert [(axis.label, axis.units) for axis in power.axes] == [("X", "um"), ("Y", "um")]
    for axis in power.axes:
        assert np.ptp(axis.get_data()) > 0


def test_a_ramp_saves_and_shows_what_it_passes(tmp_path):
    told = work("ramp_at_work.py", tmp_path)
    with DataLoader(told["file"]) as loader:
        found = loader.load_all("/RawData/Ramp000")
    assert {each.name: each.units for each in found} == {
        "X": "um",
        "Y": "um",
        "Photodiode": "V",
        "Spectrometer": "counts",
    }
    for each in found:
        (time,) = each.get_nav_axes()
        assert time.units == "s"
        assert (np.diff(time.get_data()) > 0).all()
        assert time.size >= 3
    passed = found.get_data_from_name("X")[0]
    assert np.ptp(passed) > 0.5
    # The histogram over where the actuator was is made of the file, by PyMoDAQ.
    assert {name: units for name, (units, _) in told["last"].items()} == {
        "Y/Y": "um",
        "Diode/Photodiode": "um",
        "Spectrometer/Spectrometer": "um",
    }
