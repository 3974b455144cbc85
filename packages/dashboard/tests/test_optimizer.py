"""PyMoDAQ's own optimizer in the real Dashboard, saving through h5modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from h5modules.data_saving import DataLoader

pytestmark = pytest.mark.slow

AT_WORK = Path(__file__).with_name("in_pymodaq") / "optimizer_at_work.py"


def test_an_optimizer_saves_every_place_that_it_tries(tmp_path):
    command = [sys.executable, str(AT_WORK), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "told.json").read_text())
    with DataLoader(told["file"]) as loader:
        power = loader.load_data("/RawData/Optimizer000/Detector000/Data0D/CH00/EnlData00", load_all=True)
    assert len(told["tried"]) >= 6
    np.testing.assert_array_equal(power[0], told["tried"])
    assert power.units == "V"
    assert [(axis.label, axis.units) for axis in power.axes] == [("X", "um"), ("Y", "um")]
    for axis in power.axes:
        assert np.ptp(axis.get_data()) > 0
