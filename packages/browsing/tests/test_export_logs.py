"""Exports of logs: while they are written, and after their writer was killed."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import mat73
import numpy as np
import pytest
import xarray as xr
from rsciio.hspy import file_reader as read_hspy

from h5modules.backends import H5Backend
from h5modules.browsing._scan_view import iter_signals_below
from h5modules.browsing.export import export_node

LOG = "/RawData/Detector000"

WRITER = """
import sys
import numpy as np
from pymodaq_data.data import Axis, DataRaw, DataToExport
from h5modules.data_saving import DataToExportEnlargeableSaver
from h5modules.saving import H5SaverLowLevel

saver = H5SaverLowLevel.from_file(sys.argv[1])
log = saver.add_det_group(saver.raw_group, title='Night')
writer = DataToExportEnlargeableSaver(saver, ['time'], ['s'])
for row in range(3):
    power = DataRaw('Power', units='W', data=[np.array([row + 0.5])], errors=[np.array([0.25])])
    count = DataRaw('Count', data=[np.array([row + 1], 'u1')])
    frame = DataRaw('Frame', data=[np.full((300, 200), float(row))])
    writer.add_data(log, DataToExport('row', data=[power, count, frame]), [100.0 + row])
saver.flush()
print('written', flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=["running", "killed"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A log of three rows; its arrays have room for more, each for another number."""
    path = tmp_path / "log.h5"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        if request.param == "killed":
            process.kill()
            process.wait()
        with h5py.File(path) as raw:
            assert len(raw[f"{LOG}/Data0D/CH00/EnlData00"]) > 3
        yield path
        process.kill()


def exported(path: Path, node: str, target: Path, **options: Any) -> Path:
    with H5Backend.open(path) as file:
        export_node(file.get_node(node), target, **options)
    return target


def test_all_formats_hold_the_rows_that_are_finished(log: Path, tmp_path: Path) -> None:
    times, power = [100.0, 101.0, 102.0], [0.5, 1.5, 2.5]
    with exported(log, f"{LOG}/Data0D", tmp_path / "a.csv").open(newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["time (s)", "Power (W)", "Power errors (W)", "Count"]
    assert np.array(rows, float).T.tolist() == [times, power, [0.25] * 3, [1, 2, 3]]
    with np.load(exported(log, LOG, tmp_path / "a.npz")) as archive:
        assert archive["Power"].tolist() == power
        assert archive["Power.axis0"].tolist() == archive["Frame.axis0"].tolist() == times
        assert archive["Frame"].shape == (3, 300, 200)
    readers: dict[str, Any] = {
        "nc": {"engine": "h5netcdf"},
        "zarr": {"engine": "zarr", "consolidated": False},
    }
    for ending, reader in readers.items():
        with xr.open_dataset(exported(log, LOG, tmp_path / f"a.{ending}"), **reader) as data:
            assert data["Power"].dims == data["Count"].dims == ("time",)
            assert data["Frame"].dims[0] == "time"
            assert data["time"].values.tolist() == times
            assert data["Power_errors"].values.tolist() == [0.25] * 3
    found = {
        each["metadata"]["General"]["title"]: each
        for each in read_hspy(exported(log, LOG, tmp_path / "a.hspy"))
    }
    axis = found["Power"]["axes"][0]
    assert (axis["size"], axis["offset"], axis["scale"]) == (3, 100.0, 1.0)
    structs = mat73.loadmat(exported(log, LOG, tmp_path / "a.mat"))
    assert structs["Frame"]["axis1"].tolist() == times
    assert structs["Power"]["errors"].tolist() == [0.25] * 3


def test_one_array_of_a_log_takes_its_error_bars_along(log: Path, tmp_path: Path) -> None:
    target = exported(log, f"{LOG}/Data0D/CH00/EnlData00", tmp_path / "one.h5")
    with h5py.File(target) as raw:
        found = set(raw["RawData"])
    assert found == {"Acquired", "EnlData00", "ErrorBar00", "Logger", "NavAxes"}


def test_lists_for_flimj_are_those_of_finished_rows(log: Path, tmp_path: Path) -> None:
    lines = exported(log, f"{LOG}/Data0D/CH00", tmp_path / "a.ascii").read_text().splitlines()
    assert lines == ["# #EnlData00\tErrorBar00", *(f"{row + 0.5:.6f}\t0.250000" for row in range(3))]


def test_arrays_with_other_room_than_their_axis_keep_it(log: Path) -> None:
    with H5Backend.open(log) as file:
        (frame,) = (signal for signal in iter_signals_below(file.get_node(LOG)) if signal.title == "Frame")
        ((axis,),) = frame.nav_axes
        assert axis.values[frame.acquired].tolist() == [100.0, 101.0, 102.0]


def test_the_head_of_a_table_tells_since_when_times_count(make_log: Any, tmp_path: Path) -> None:
    with exported(make_log("datalogger", (3, 3)), "/", tmp_path / "a.csv").open(newline="") as file:
        heading, first, *_ = csv.reader(file)
    assert heading == ["time since 1970-01-01 (s)", "Thermostat (V)", "Photodiode (V)"]
    assert first == ["1750000000.0", "0.5", "0.5"]
