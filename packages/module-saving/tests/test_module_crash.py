"""A scan whose process is killed: every point that was acknowledged is in the file."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from h5modules.data_saving import DataLoader

SCAN = """
import sys
import numpy as np
from pymodaq_data.data import DataRaw, DataToExport
from h5modules.module_saving import ScanSaver
from h5modules.saving import H5SaverLowLevel

class Device:
    def __init__(self, title):
        self.title = title
    def settings_xml(self):
        return ''

class Scan(Device):
    detectors, actuators = [Device('Diode'), Device('Spectrometer')], []

saver = H5SaverLowLevel.from_file(sys.argv[1])
scan = ScanSaver(Scan('Killed'), saver)
scan.set_scan_shape((100, 100))
scan.get_set_node(new=True)
for number in range(10000):
    power = DataRaw('power', origin='Diode', data=[np.array([number + 0.5])])
    spectrum = DataRaw('spectrum', origin='Spectrometer', data=[np.full(256, number, 'i4')])
    scan.add_data(DataToExport('p', data=[power, spectrum]), divmod(number, 100))
    print(number, flush=True)
"""
KILLS = int(os.environ.get("H5MODULES_KILLS", "10"))


def killed_scan(path, wait):
    # Where it is set, every start of Python compiles every library again.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-c", SCAN, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    try:
        lines = [process.stdout.readline()]  # the scan is created
        time.sleep(wait)
    finally:
        process.kill()
        rest, _ = process.communicate()
    whole = [line for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith("\n")]
    assert whole, "the scan did not start"
    return int(whole[-1]) + 1


@pytest.mark.parametrize("kill", range(KILLS))
def test_no_acknowledged_point_is_lost(tmp_path, kill):
    path = tmp_path / "killed.h5"
    done = killed_scan(path, random.Random(kill).uniform(0, 0.3))
    expected = np.arange(done)
    with h5py.File(path) as file:
        detectors = file["RawData/Scan000"]
        power = detectors["Detector000/Data0D/CH00/Data00"][...].ravel()
        spectra = detectors["Detector001/Data1D/CH00/Data00"][...].reshape(10000, 256)
        record = detectors["Acquired"][...].ravel()
    np.testing.assert_array_equal(power[:done], expected + 0.5)
    np.testing.assert_array_equal(spectra[:done], np.repeat(expected[:, None], 256, axis=1))
    np.testing.assert_array_equal(record[:done], expected + 1)
    assert np.count_nonzero(record) <= done + 1
    with DataLoader(path) as loader:
        loaded = loader.load_data_from_name_origin("power", "Diode")[0].ravel()
        acquired = loader.load_acquired("/RawData/Scan000").ravel()
    np.testing.assert_array_equal(loaded[:done], expected + 0.5)
    assert np.isnan(loaded[~acquired]).all()
