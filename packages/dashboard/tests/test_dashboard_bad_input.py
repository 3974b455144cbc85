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

BAD_INPUT = Path(__file__).with_name("in_pymodaq") / "bad_input.py"


def test_points_that_cannot_be_saved_are_told_and_the_scan_goes_on(tmp_path):
    command = [sys.executable, str(BAD_INPUT), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "told.json").read_text())
    for lines in (told["log"], told["statuses"]):
        assert any("Not saved" in line and "(512,)" in line for line in lines), lines
    with DataLoader(told["scans"]) as loader:
        for signal in ("Detector000/Data0D", "Detector001/Data1D"):
            data = loader.load_data(f"/RawData/Scan000/{signal}/CH00/Data00", load_all=True)
            saved = np.isfinite(data[0].reshape(6, -1)).all(axis=1)
            assert saved.tolist() == [True, True, False, False, True, True]
