"""A disk that is full ends scans and logs with an error, and all that was acknowledged is in the file."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from h5modules.backends import FileState, file_status, recover
from h5modules.data_saving import DataLoader

pytest.importorskip("resource", reason="limits of file sizes are POSIX")

WORKER = """
import resource, signal, sys
import numpy as np
from pymodaq_data.data import DataRaw, DataToExport
from h5modules.backends import FileError
from h5modules.data_saving import DataToExportExtendedSaver, DataToExportTimedSaver
from h5modules.saving import H5SaverLowLevel

path, kind = sys.argv[1:]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
h5saver = H5SaverLowLevel.from_file(path)
log = DataToExportTimedSaver(h5saver)
scan = DataToExportExtendedSaver(h5saver, (200,))
rows = 0
try:
    while rows < 200:
        data = [DataRaw(name, data=[np.full(4096, rows + 1.0)]) for name in 'ab']
        point = DataToExport('point', data=data)
        log.add_data('/RawData', point) if kind == 'log' else scan.add_data('/RawData', point, (rows,))
        rows += 1
        if rows == 1:  # a scan has its room by then, though no block on the disk
            resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))
except FileError as error:
    print(rows, 'full', flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
h5saver.close_file()
"""


@pytest.mark.parametrize("kind", ["log", "scan"])
def test_all_that_was_acknowledged_is_there(tmp_path, kind):
    path = tmp_path / "full.h5"
    done = subprocess.run(
        [sys.executable, "-c", WORKER, str(path), kind],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    told, word = done.stdout.split()
    rows = int(told)
    assert word == "full"
    assert 1 <= rows < 100
    with DataLoader(path) as loader:
        assert np.count_nonzero(loader.load_acquired("/RawData")) == rows
        for data in loader.load_all("/RawData").data:
            assert data.shape == (rows if kind == "log" else 200, 4096)
            np.testing.assert_array_equal(data[0][:rows, 0], np.arange(rows) + 1.0)
            assert np.isnan(data[0][rows:]).all()


STAYS_FULL = (
    WORKER.partition("resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INF")[0]
    + """
resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
try:
    with h5saver:
        h5saver.add_log('this line has no room')
except FileError as error:
    print(*error.__notes__, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
"""
)


@pytest.mark.parametrize("kind", ["log", "scan"])
def test_a_file_that_cannot_be_closed_looks_like_that_of_a_killed_writer(tmp_path, kind):
    path = tmp_path / "full.h5"
    command = [sys.executable, "-c", STAYS_FULL, str(path), kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    told, ended = done.stdout.splitlines()
    assert ended.startswith("Besides, closing")
    assert file_status(path).state is FileState.INTERRUPTED
    recover(path)
    with DataLoader(path) as loader:
        assert np.count_nonzero(loader.load_acquired("/RawData")) == int(told.split()[0])
