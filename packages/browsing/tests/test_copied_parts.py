"""Parts of a file in files of their own, copied or exported: they keep what they need to be understood."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.backends import H5Backend
from h5modules.browsing._copying import copy_part
from h5modules.browsing.export import export_node
from h5modules.data_saving import DataLoader

DETECTOR = "/RawData/Scan000/Detector000"
CHANNEL = f"{DETECTOR}/Data2D/CH00"


@pytest.fixture
def scan(make_scan: Any) -> Path:
    path: Path = make_scan(
        (4,),
        {"Camera": lambda index: np.full((2, 3), 7, np.uint16), "Power": lambda index: 1.5},
        {"Camera": {"axes": [("y", "um", np.arange(2.0)), ("x", "um", np.arange(3.0))], "error": 0.5}},
        points=2,
    )
    return path


def exported(path: Path, node: str, target: Path) -> None:
    with H5Backend.open(path) as file:
        export_node(file.get_node(node), target)


@pytest.mark.parametrize("node", [DETECTOR, f"{DETECTOR}/Data2D", CHANNEL, f"{CHANNEL}/Data00"])
@pytest.mark.parametrize("make", [copy_part, exported])
def test_points_not_acquired_stay_so_and_axes_go_along(
    scan: Path, tmp_path: Path, make: Callable[..., None], node: str
) -> None:
    make(scan, node, tmp_path / "part.h5")
    with DataLoader(tmp_path / "part.h5") as loader:
        (where,) = (
            each.path for each in loader.walk_nodes("/RawData") if each.name == "Data00" and each.ndim > 1
        )
        data = loader.load_data(where, masked=True)
        assert np.ma.getmaskarray(data[0])[:, 0, 0].tolist() == [False, False, True, True]
        axes = sorted(data.axes, key=lambda axis: axis.index)
        assert [axis.label for axis in axes] == ["Stage x", "y", "x"]
        assert data.errors is not None
        assert data.errors[0][0, 0, 0] == 0.5


@pytest.mark.parametrize("node", [DETECTOR, CHANNEL])
def test_times_of_pymodaq_tell_in_a_part_too(scan: Path, tmp_path: Path, node: str) -> None:
    with H5Backend.open(scan, "r+") as file:
        file.remove_node(f"{DETECTOR}/Acquired")
        file.get_set_group("/RawData/Scan000", "Timestamps")
        file.get_set_group("/RawData/Scan000/Timestamps", "Data0D")
        group = file.get_set_group("/RawData/Scan000/Timestamps/Data0D", "CH00")
        file.create_carray(group, "Data00", np.array([1.0, 2.0, np.nan, np.nan]))
    copy_part(scan, node, tmp_path / "part.h5")
    with DataLoader(tmp_path / "part.h5") as loader:
        data = loader.load_data(f"{CHANNEL}/Data00", masked=True)
        assert np.ma.getmaskarray(data[0])[:, 0, 0].tolist() == [False, False, True, True]


def test_a_part_has_the_attributes_of_the_groups_around_it(scan: Path, tmp_path: Path) -> None:
    with H5Backend.open(scan, "r+") as file:
        file.root().attrs["comments"] = "precious"
        file.root().attrs["TITLE"] = "Of a thesis"
        file.get_node("/RawData").attrs["operator"] = "ada"
    for number, node in enumerate(["/", "/RawData", CHANNEL]):
        for make in (copy_part, exported):
            target = tmp_path / f"{make.__name__}{number}.h5"
            make(scan, node, target)
            with h5py.File(target) as raw:
                assert (raw.attrs["comments"], raw.attrs["TITLE"]) == ("precious", "Of a thesis")
                assert "RawData/RawData" not in raw
                if make is copy_part or node != CHANNEL:
                    assert raw["RawData"].attrs["operator"] == "ada"


def test_a_channel_takes_its_own_error_bars_alone(tmp_path: Path) -> None:
    from pymodaq_data.data import DataRaw, DataToExport

    from h5modules.data_saving import DataToExportSaver
    from h5modules.saving import H5SaverLowLevel

    count = 101
    values = [np.arange(3.0) + number for number in range(count)]
    errors = [np.full(3, 0.1 * number) for number in range(count)]
    labels = [f"c{number}" for number in range(count)]
    with H5SaverLowLevel.from_file(tmp_path / "many.h5") as saver:
        data = DataRaw("A", data=values, errors=errors, labels=labels)
        DataToExportSaver(saver).add_data("/RawData", DataToExport("many", data=[data]))
    exported(tmp_path / "many.h5", "/RawData/Data1D/CH00/Data00", tmp_path / "one.h5")
    with h5py.File(tmp_path / "one.h5") as raw:
        assert sorted(name for name in raw["RawData"] if name != "Logger") == ["Data00", "ErrorBar00"]
