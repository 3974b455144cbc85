"""A file that is broken in one way is told so: one test for each way."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from pymodaq_data.data import Axis, DataRaw, DataToExport

from h5modules.backends import H5Backend
from h5modules.browsing import Severity, iter_deviations
from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

SCAN = "/RawData/Scan000"
DETECTOR = f"{SCAN}/Detector000"
CHANNEL = f"{DETECTOR}/Data1D/CH00"
DATA = f"{CHANNEL}/Data00"


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a scan that has all that the layout has, and a second one."""
    path: Path = tmp_path_factory.mktemp("sound") / "scan.h5"
    with H5SaverLowLevel.from_file(path) as saver:
        saver.add_scan_group(title="second").attrs["plan"] = "[[axes]]\n"
        for title in ("first", "third"):
            scan = saver.add_scan_group(title=title)
        scan = saver.get_node(SCAN)
        detector = saver.add_det_group(scan, title="Detector")
        writer = DataToExportExtendedSaver(saver, (3,))
        writer.add_nav_axes(detector, [Axis("x", "um", np.arange(3.0), index=0)])
        for index in range(3):
            wavelength = Axis("wavelength", "nm", np.linspace(500.0 + index, 510, 4), index=0)
            values = [np.arange(4.0), np.ones(4)]
            lamp = DataRaw("Lamp", origin="Lamp", units="V", data=values, axes=[wavelength], errors=values)
            writer.add_data(detector, DataToExport("point", data=[lamp]), (index,))
        group = saver.get_node(CHANNEL)
        for number, shape in enumerate([(3, 4), (4,)]):
            bkg = saver.create_carray(group, f"Bkg{number:02d}", np.zeros(shape), title="Lamp")
            bkg.attrs["data_type"] = "bkg"
    return path


def test_a_sound_file_has_no_deviation(sound: Path) -> None:
    with H5Backend.open(sound) as file:
        assert f"{CHANNEL}/PointAxis00" in [node.path for node in file.walk_nodes()]
        assert [str(each) for each in iter_deviations(file)] == []


def attribute(path: str, name: str, value: Any) -> Callable[[H5Backend], None]:
    def change(file: H5Backend) -> None:
        file.get_node(path).attrs[name] = value

    return change


def without(path: str, name: str) -> Callable[[H5Backend], None]:
    def change(file: H5Backend) -> None:
        del file.get_node(path).attrs[name]

    return change


def other_shape(path: str, values: Any) -> Callable[[H5Backend], None]:
    """Put an array of another shape in the place of one, with its attributes."""

    def change(file: H5Backend) -> None:
        node = file.get_node(path)
        told = node.attrs.to_dict()
        above, _, name = path.rpartition("/")
        file.remove_node(path)
        array = file.create_carray(above, name, np.asarray(values))
        told |= {key: array.attrs[key] for key in ("shape", "dtype") if key in array.attrs}
        array.attrs.write(told)

    return change


def removed(path: str) -> Callable[[H5Backend], None]:
    return lambda file: file.remove_node(path)


ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
BROKEN: dict[str, tuple[Callable[[H5Backend], None], str, Severity, str]] = {
    "no CLASS": (without(DATA, "CLASS"), DATA, WARNING, "CLASS is missing"),
    "another CLASS": (attribute(DATA, "CLASS", "GROUP"), DATA, ERROR, "it is a 'CARRAY'"),
    "no TITLE": (without(SCAN, "TITLE"), SCAN, WARNING, "TITLE is missing"),
    "settings": (attribute(DETECTOR, "settings", "gain=3"), DETECTOR, ERROR, "not XML"),
    "plan": (attribute(SCAN, "plan", "axes ="), SCAN, ERROR, "plan is not TOML"),
    "no date": (without("/", "date"), "/", NOTE, "date"),
    "type of a scan": (attribute(SCAN, "type", "detector"), SCAN, ERROR, "name is that of a scan"),
    "shape told": (attribute(DATA, "shape", (9, 9)), DATA, ERROR, "attribute shape"),
    "dtype told": (attribute(DATA, "dtype", "int8"), DATA, WARNING, "attribute dtype"),
    "data_type": (attribute(DATA, "data_type", "odd"), DATA, ERROR, "none of the layout's"),
    "no data_type": (without(DATA, "data_type"), DATA, NOTE, "loaders pass it by"),
    "a refused name": (attribute(DATA, "axes", "x"), DATA, ERROR, "'axes'"),
    "no units": (without(DATA, "units"), DATA, WARNING, "units"),
    "nav_indexes of no tuple": (attribute(DATA, "nav_indexes", 0), DATA, ERROR, "not a tuple"),
    "nav_indexes beyond": (attribute(DATA, "nav_indexes", (7,)), DATA, ERROR, "names dimensions"),
    "spread in two dimensions": (attribute(DATA, "nav_indexes", (0, 1)), DATA, ERROR, "spread"),
    "title of a channel": (attribute(DATA, "TITLE", "other"), f"{CHANNEL}/Data01", WARNING, "two signals"),
    "index of an axis": (attribute(f"{CHANNEL}/Axis00", "index", -1), f"{CHANNEL}/Axis00", ERROR, "index"),
    "size of an axis": (attribute(f"{CHANNEL}/Axis00", "size", 7), f"{CHANNEL}/Axis00", WARNING, "size is 7"),
    "offset of an axis": (
        lambda file: file.get_node(f"{DETECTOR}/NavAxes/Axis00").attrs.write({"offset": 1.0, "scaling": 1.0}),
        f"{DETECTOR}/NavAxes/Axis00",
        WARNING,
        "offset and scaling",
    ),
    "length of a navigation axis": (
        other_shape(f"{DETECTOR}/NavAxes/Axis00", np.arange(5.0)),
        f"{DETECTOR}/NavAxes/Axis00",
        WARNING,
        "leave it out",
    ),
    "length of an axis": (
        other_shape(f"{CHANNEL}/Axis00", np.arange(5.0)),
        f"{CHANNEL}/Axis00",
        WARNING,
        "leave it out",
    ),
    "shape of a background": (
        other_shape(f"{CHANNEL}/Bkg00", np.zeros(3)),
        f"{CHANNEL}/Bkg00",
        ERROR,
        "of a point (4,)",
    ),
    "shape of error bars": (
        other_shape(f"{CHANNEL}/ErrorBar00", np.zeros(3)),
        f"{CHANNEL}/ErrorBar00",
        ERROR,
        "its channel",
    ),
    "background of nothing": (
        lambda file: file.move_node(f"{CHANNEL}/Bkg00", CHANNEL, "Bkg07"),
        f"{CHANNEL}/Bkg07",
        WARNING,
        "no channel 07",
    ),
    "record of another scan": (
        other_shape(f"{DETECTOR}/Acquired", np.arange(1, 6, dtype="u4")),
        DATA,
        ERROR,
        "of a scan of (5,)",
    ),
    "record of floats": (
        other_shape(f"{DETECTOR}/Acquired", np.zeros(3)),
        f"{DETECTOR}/Acquired",
        ERROR,
        "uint32",
    ),
    "record with a data_type": (
        attribute(f"{DETECTOR}/Acquired", "data_type", "data"),
        f"{DETECTOR}/Acquired",
        ERROR,
        "no data_type",
    ),
    "points of one number": (
        other_shape(f"{DETECTOR}/Acquired", np.ones(3, "u4")),
        f"{DETECTOR}/Acquired",
        ERROR,
        "the same number",
    ),
    "shape of a moving axis": (
        other_shape(f"{CHANNEL}/PointAxis00", np.zeros((3, 7))),
        f"{CHANNEL}/PointAxis00",
        ERROR,
        "(3, 4)",
    ),
    "moving axis with a data_type": (
        attribute(f"{CHANNEL}/PointAxis00", "data_type", "axis"),
        f"{CHANNEL}/PointAxis00",
        ERROR,
        "no data_type",
    ),
    "moving axis without units": (
        without(f"{CHANNEL}/PointAxis00", "units"),
        f"{CHANNEL}/PointAxis00",
        WARNING,
        "units",
    ),
    "moving axis of nothing": (removed(f"{CHANNEL}/Axis00"), f"{CHANNEL}/PointAxis00", ERROR, "no Axis00"),
    "a number left out": (removed("/RawData/Scan001"), "/RawData", NOTE, "Scan001"),
    "another source": (attribute(DATA, "source", "foo"), DATA, ERROR, "neither raw nor calculated"),
    "another distribution": (
        attribute(DATA, "distribution", "foo"),
        DATA,
        ERROR,
        "neither uniform nor spread",
    ),
    "units of a number": (attribute(DATA, "units", 3), DATA, ERROR, "units is 3, not a text"),
    "time of a text": (attribute(DATA, "timestamp", "yesterday"), DATA, ERROR, "not a number of seconds"),
    "another dimension": (attribute(DATA, "data_dimension", "Data2D"), DATA, WARNING, "in a group 'Data1D'"),
    "label of an axis": (
        attribute(f"{CHANNEL}/Axis00", "label", 3),
        f"{CHANNEL}/Axis00",
        ERROR,
        "label is 3",
    ),
    "axis of two dimensions": (
        other_shape(f"{CHANNEL}/Axis00", np.ones((2, 2))),
        f"{CHANNEL}/Axis00",
        ERROR,
        "axes of one dimension",
    ),
    "no navigation axes": (removed(f"{DETECTOR}/NavAxes"), DATA, NOTE, "no group NavAxes"),
    "navigation axis of no dimension": (
        attribute(f"{DETECTOR}/NavAxes/Axis00", "index", 7),
        f"{DETECTOR}/NavAxes/Axis00",
        ERROR,
        "scanned along dimension 7",
    ),
    "a row that is not there": (
        lambda file: file.create_earray("/RawData", "Acquired", "u4").append(np.array([1, 0, 3], "u4")),
        "/RawData/Acquired",
        ERROR,
        "row 1 is not there",
    ),
    "a plot that is not there": (
        lambda file: file.driver.write_attributes("/NeXus/Scan000", {"default": "nope"}),
        "/NeXus/Scan000",
        WARNING,
        "'nope', which is not there",
    ),
    "a plot of another scan": (
        lambda file: file.driver.move("/RawData/Scan000", "/RawData/First"),
        "/NeXus/Scan000",
        WARNING,
        "not in the group it is named after",
    ),
    "a channel left out": (removed(DATA), CHANNEL, NOTE, "Data00"),
    "a name of its own": (
        lambda file: file.move_node(DATA, CHANNEL, "Lamp"),
        f"{CHANNEL}/Lamp",
        NOTE,
        "not Data and a number",
    ),
}


@pytest.mark.parametrize("way", BROKEN)
def test_what_is_broken_is_told(sound: Path, tmp_path: Path, way: str) -> None:
    change, path, severity, text = BROKEN[way]
    broken = tmp_path / "broken.h5"
    shutil.copyfile(sound, broken)
    with H5Backend.open(broken, "r+") as file:
        if way.startswith("spread"):
            file.get_node(path).attrs["distribution"] = "spread"
        change(file)
    with H5Backend.open(broken) as file:
        found = list(iter_deviations(file))
    at_node = [each.message for each in found if (each.path, each.severity) == (path, severity)]
    assert any(text in message for message in at_node), found


@pytest.mark.parametrize("target", ["/RawData/Scan000", "/nowhere"])
def test_soft_links_are_told(sound: Path, tmp_path: Path, target: str) -> None:
    broken = tmp_path / "broken.h5"
    shutil.copyfile(sound, broken)
    with h5py.File(broken, "r+") as raw:
        raw["/RawData/Latest"] = h5py.SoftLink(target)
        raw["/RawData/Outside"] = h5py.ExternalLink("other.h5", "/x")
    with H5Backend.open(broken) as file:
        found = {each.path: each for each in iter_deviations(file) if "link" in each.message}
    assert found["/RawData/Latest"].severity is ERROR
    assert target in found["/RawData/Latest"].message
    assert "other.h5" in found["/RawData/Outside"].message


def test_a_file_without_raw_data_is_noted(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        assert any("RawData" in each.message for each in iter_deviations(file))
