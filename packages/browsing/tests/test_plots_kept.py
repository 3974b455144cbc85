"""Whatever is done to a file, what other programs find to plot in it is what is there."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends import H5Backend
from h5modules.browsing._copying import copy_part, copy_whole
from h5modules.browsing.export import export_node
from h5modules.data_saving import DataToExportExtendedSaver, DataToExportTimedSaver
from h5modules.saving import H5SaverLowLevel, pack, recover


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a file as a killed writer leaves it: two scans, one of them half done, and a log of spectra."""
    path = tmp_path / "made.h5"
    spectrum = DataRaw("spectrum", origin="Spectrometer", data=[np.ones(64)])
    with H5SaverLowLevel.from_file(path) as saver:
        for done in (3, 6):
            module = saver.add_det_group(saver.add_scan_group(), "Both")
            writer = DataToExportExtendedSaver(saver, (6,))
            writer.add_nav_axes(module, [Axis("Stage", "um", np.linspace(0, 1, 6), index=0)])
            for number in range(done):
                power = DataRaw("power", origin="Diode", data=[np.array([float(number)])])
                writer.add_data(module, DataToExport("point", data=[power, spectrum]), (number,))
        log = DataToExportTimedSaver(saver)
        for _ in range(4):
            log.add_data(saver.get_set_group("/RawData", "Log"), DataToExport("row", data=[spectrum]))
        shutil.copy(path, tmp_path / "killed.h5")
    return tmp_path / "killed.h5"


def arrays(group: h5py.Group) -> Iterator[h5py.Dataset]:
    """Yield every array below a group, under each of its names."""
    for child in group.values():
        if isinstance(child, h5py.Group):
            yield from arrays(child)
        else:
            yield child


def shown(path: Path) -> list[str]:
    """Return the plots and instruments of a file, after making sure that all is of arrays of the file."""
    with h5py.File(path) as file:
        places = {h5py.h5o.get_info(array.id).addr for array in arrays(file["RawData"])}
        found = []
        for entry in file["NeXus"].values():
            for name, plot in entry.items():
                found.append(f"{entry.name.rpartition('/')[2]}/{name}")
                assert {h5py.h5o.get_info(each.id).addr for each in arrays(plot)} <= places
                if name == "instrument":
                    assert [(part, list(plot[part])) for part in plot] in PARTS
                    continue
                assert plot.attrs["signal"] in plot
                assert {str(axis) for axis in plot.attrs["axes"]} - {"."} <= set(plot)
                for axis in set(map(str, plot.attrs["axes"])) - {"."}:
                    (dimension,) = plot.attrs[f"{axis}_indices"]
                    assert len(plot[axis]) == plot[plot.attrs["signal"]].shape[dimension]
        node: h5py.Group = file
        while "default" in node.attrs:
            node = node[node.attrs["default"]]
        assert node.attrs["NX_class"] == "NXdata"
    return found


def _delete(path: Path, where: str) -> Path:
    with H5SaverLowLevel.from_file(path) as saver:
        saver.remove_node(where)
    return path


def _export(path: Path, where: str, target: Path) -> None:
    with H5Backend.open(path) as file:
        export_node(file.get_node(where), target)


def _beside(path: Path, name: str, make: Callable[[Path], object]) -> Path:
    make(path.with_name(name))
    return path.with_name(name)


IN_SCAN = ("Diode_power", "Spectrometer_spectrum", "instrument")
SCANS = [f"Scan{number:03d}/{name}" for number in (0, 1) for name in IN_SCAN]
PARTS = [[("Both", ["data_power", "data_spectrum"])], [("Both", ["data_power"])]]
LOG = ["Log/Spectrometer_spectrum"]

DELETED = ["scan-deleted", "signals-deleted", "axes-deleted", "log-deleted"]
IDS = ["nothing", *DELETED, "packed", "copied", "part-copied", "exported", "recovered-again"]


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (lambda path: path, [*LOG, *SCANS]),
        (lambda path: _delete(path, "/RawData/Scan001"), [*LOG, *SCANS[:3]]),
        (lambda path: _delete(path, "/RawData/Scan000/Detector000/Data1D"), [*LOG, SCANS[0], *SCANS[2:]]),
        (lambda path: _delete(path, "/RawData/Scan000/Detector000/NavAxes"), [*LOG, *SCANS]),
        (lambda path: _delete(path, "/RawData/Log"), SCANS),
        (lambda path: pack(path) and path, [*LOG, *SCANS]),
        (lambda path: _beside(path, "copy.h5", lambda new: copy_whole(path, new)), [*LOG, *SCANS]),
        (
            lambda path: _beside(path, "part.h5", lambda new: copy_part(path, "/RawData/Scan001", new)),
            SCANS[3:],
        ),
        (
            lambda path: _beside(path, "out.nxs", lambda new: _export(path, "/RawData/Scan001", new)),
            SCANS[3:],
        ),
        (lambda path: recover(path).path, [*LOG, *SCANS]),
    ],
    ids=IDS,
)
def test_each_plot_is_of_what_is_there(path: Path, done: Callable[[Path], Path], left: list[str]) -> None:
    recover(path)
    assert shown(done(path)) == left
