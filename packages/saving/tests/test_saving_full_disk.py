"""A disk that is full: the error is ours, and what was saved before is whole."""

from __future__ import annotations

import subprocess
import sys

import h5py
import pytest

pytest.importorskip("resource", reason="limits of file sizes are POSIX")

WORKER = """
import resource, signal, sys
import numpy as np
from h5modules.backends import FileError
from h5modules.saving import H5SaverLowLevel

path, what = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
saver = H5SaverLowLevel.from_file(path)
scan = saver.add_scan_group(title="before")
saver.add_array(scan, "Data00", "data", np.arange(1000.0), data_dimension="Data1D")
room = saver.add_array(scan, "Data01", "data", None, (1000,), float, scan_shape=(100,), add_scan_dim=True)
saver.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    if what == "array":
        saver.add_array(scan, "Data02", "data", np.ones(100_000), data_dimension="Data1D")
    else:
        writer = room.writer()
        for number in range(100):
            writer.write((number,), np.ones(1000))
except FileError as error:
    print(type(error).__name__, error)
try:
    saver.close_file()
except FileError as error:
    print("closing:", error)
"""


@pytest.mark.parametrize("what", ["array", "points"])
def test_what_was_saved_before_is_whole(tmp_path, what):
    path = tmp_path / "full.h5"
    worker = subprocess.run(
        [sys.executable, "-c", WORKER, str(path), what], capture_output=True, text=True, timeout=60
    )
    assert worker.returncode == 0, worker.stderr
    assert "full.h5" in worker.stdout
    with h5py.File(path) as file:
        assert file["RawData/Scan000/Data00"][999] == 999
        assert file["RawData/Scan000"].attrs["TITLE"] == "before"
        assert file["RawData/Scan000/Data01"].shape == (100, 1000)
        if what == "points":
            assert file["RawData/Scan000/Data01"][10, 0] == 1
