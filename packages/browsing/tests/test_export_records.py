"""What exports tell besides values: which points were acquired, names, origins, error bars."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import mat73
import numpy as np
import pyarrow.parquet
import pytest
import tifffile
import typer
import xarray as xr
from rsciio.hspy import file_reader as read_hspy
from typer.testing import CliRunner

from h5modules.backends import H5Backend
from h5modules.browsing.cli.export import export
from h5modules.browsing.export import ExporterFactory, FormatMismatchError, NotAcquiredWarning, export_node

DETECTOR = "/RawData/Scan000/Detector000"
COUNTS = f"{DETECTOR}/Data0D/CH00/Data00"
CAMERA = f"{DETECTOR}/Data2D/CH00/Data00"

READERS: dict[str, dict[str, Any]] = {
    "nc": {"engine": "h5netcdf"},
    "zarr": {"engine": "zarr", "consolidated": False},
}


@pytest.fixture
def scan(make_scan: Any) -> Path:
    """Two of four points of integers, with error bars, and of floats."""
    path: Path = make_scan(
        (2, 2),
        {
            "Counts": lambda index: np.array([7], np.uint16),
            "Power": lambda index: 1.5,
            "Camera": lambda index: np.full((2, 3), 9, np.uint16),
        },
        {"Counts": {"error": 0.5}},
        points=2,
    )
    return path


def exported(path: Path, node: str, target: Path, **options: Any) -> Path:
    with H5Backend.open(path) as file:
        export_node(file.get_node(node), target, **options)
    return target


KNOWN = [[True, True], [False, False]]


@pytest.mark.parametrize("ending", READERS)
def test_xarray_is_told_what_was_acquired(scan: Path, tmp_path: Path, ending: str) -> None:
    with xr.open_dataset(exported(scan, DETECTOR, tmp_path / f"a.{ending}"), **READERS[ending]) as data:
        assert data["Counts"].dtype == np.uint16
        assert data["acquired"].dims == data["Counts"].dims == ("Stage_x", "Stage_y")
        assert data["acquired"].values.tolist() == [[1, 1], [0, 0]]
        assert data["acquired"].attrs["flag_meanings"] == "not_acquired acquired"
        for name in ("Counts", "Power", "Camera"):
            assert data[name].attrs["ancillary_variables"] == "acquired"
        assert data["Counts"].attrs["origin"] == "Counts"


def test_archives_and_structs_tell_what_was_acquired(scan: Path, tmp_path: Path) -> None:
    with np.load(exported(scan, DETECTOR, tmp_path / "a.npz")) as archive:
        assert archive["Counts.acquired"].tolist() == archive["Camera.acquired"].tolist() == KNOWN
        assert archive["Counts.errors"].tolist()[0] == [0.5, 0.5]
        assert (str(archive["Counts.title"]), str(archive["Counts.origin"])) == ("Counts", "Counts")
    structs = mat73.loadmat(exported(scan, DETECTOR, tmp_path / "a.mat"))
    assert structs["Counts"]["acquired"].tolist() == KNOWN
    assert structs["Counts"]["origin"] == "Counts"
    for signal in read_hspy(exported(scan, DETECTOR, tmp_path / "a.hspy")):
        assert signal["original_metadata"]["acquired"].tolist() == KNOWN
    with tifffile.TiffFile(exported(scan, CAMERA, tmp_path / "a.tif")) as stack:
        assert json.loads(stack.pages[0].description)["h5modules_acquired"] == "1100"  # type: ignore[union-attr]


def test_tables_leave_out_what_was_not_acquired(scan: Path, tmp_path: Path) -> None:
    target = exported(scan, f"{DETECTOR}/Data0D", tmp_path / "a.csv")
    with target.open(newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["Stage x (um)", "Stage y (um)", "Counts", "Counts errors", "Power"]
    assert [row[2:] for row in rows] == [["7", "0.5", "1.5"]] * 2 + [["", "nan", "nan"]] * 2
    with exported(scan, CAMERA, tmp_path / "b.csv").open(newline="") as file:
        assert [row[3:] for row in csv.reader(file)][-1] == [""] * 3
    with exported(scan, COUNTS, tmp_path / "c.csv", format_name="csv-long").open(newline="") as file:
        assert [row[2] for row in csv.reader(file)] == ["Counts", "7", "7", "", ""]
    table = pyarrow.parquet.read_table(exported(scan, COUNTS, tmp_path / "a.parquet"))
    assert table["Counts"].to_pylist() == [7, 7, None, None]


@pytest.mark.parametrize("ending", ["npy", "ascii"])
def test_formats_that_cannot_tell_warn(scan: Path, tmp_path: Path, ending: str) -> None:
    with pytest.warns(NotAcquiredWarning, match="2 of 4 points of .* were not acquired"):
        exported(scan, COUNTS, tmp_path / f"a.{ending}")
    exported(scan, f"{DETECTOR}/Data0D/CH01/Data00", tmp_path / f"b.{ending}")  # floats are NaN


def test_the_command_warns_in_a_line(scan: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(export)
    done = CliRunner().invoke(app, [str(scan), COUNTS, "-o", str(tmp_path / "a.npy")])
    assert done.exit_code == 0, done.output
    assert done.stderr.startswith("Warning: 2 of 4 points of")
    assert done.stderr.count("\n") == 1


def test_all_of_a_scan_that_is_whole_needs_no_record(make_scan: Any, tmp_path: Path) -> None:
    path = make_scan((2, 2), {"Counts": lambda index: np.array([7], np.uint16)})
    with np.load(exported(path, DETECTOR, tmp_path / "a.npz")) as archive:
        assert "Counts.acquired" not in archive


@pytest.fixture
def saved(tmp_path: Path) -> Any:
    """Save signals of three values, each with its axis."""
    from pymodaq_data.data import Axis, DataRaw, DataToExport

    from h5modules.data_saving import DataToExportSaver
    from h5modules.saving import H5SaverLowLevel

    def save(*signals: tuple[str, str, dict[str, Any]], axis: Any = (0.0, 1.0, 2.0)) -> Path:
        with H5SaverLowLevel.from_file(tmp_path / "saved.h5") as saver:
            for number, (name, label, options) in enumerate(signals):
                told = {"data": [np.arange(3.0) + number], **options}
                place = [Axis("t", "ns", data=np.asarray(axis), index=0)]
                data = DataRaw(name, units="V", labels=[label], axes=place, **told)
                group = saver.add_det_group(saver.raw_group, title=name)
                DataToExportSaver(saver).add_data(group, DataToExport("signals", data=[data]))
        return tmp_path / "saved.h5"

    return save


def test_coordinates_in_nanoseconds_stay_whole(saved: Any, tmp_path: Path) -> None:
    times = [1764000000000000001, 1764000000000000003, 1764000000000000009]
    path = saved(("Power", "", {}), axis=np.array(times, np.int64))
    node = "/RawData/Detector000"
    with np.load(exported(path, node, tmp_path / "a.npz")) as archive:
        assert archive["Power.axis0"].tolist() == times
    with exported(path, node, tmp_path / "a.csv").open(newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == [str(time) for time in times]
    for ending, reader in READERS.items():
        with xr.open_dataset(
            exported(path, node, tmp_path / f"a.{ending}"), decode_times=False, **reader
        ) as data:
            assert data["t"].values.tolist() == times
    assert (
        pyarrow.parquet.read_table(exported(path, node, tmp_path / "a.parquet"))["t (ns)"].to_pylist()
        == times
    )
    assert mat73.loadmat(exported(path, node, tmp_path / "a.mat"))["Power"]["axis1"].tolist() == times
    (signal,) = read_hspy(exported(path, node, tmp_path / "a.hspy"))
    assert signal["axes"][0]["axis"].tolist() == times


def test_headings_have_all_digits_of_coordinates(make_scan: Any, tmp_path: Path) -> None:
    wavelengths = np.array([1064.1231, 1064.1232, 1064.1233])
    path = make_scan(
        (2,), {"Lamp": lambda index: np.arange(3.0)}, {"Lamp": {"axes": [("w", "nm", wavelengths)]}}
    )
    with exported(path, DETECTOR, tmp_path / "a.csv").open(newline="") as file:
        assert [text.split()[3] for text in next(csv.reader(file))[1:]] == [
            "1064.1231",
            "1064.1232",
            "1064.1233",
        ]


@pytest.mark.parametrize("shape", [(3,), (2, 2, 3)], ids=["of a point", "of all"])
def test_backgrounds_are_arrays_of_their_own(make_scan: Any, tmp_path: Path, shape: tuple[int, ...]) -> None:
    axes = [("w", "nm", np.array([1.0, 2.0, 4.0]))]
    path = make_scan((2, 2), {"Lamp": lambda index: np.arange(3.0)}, {"Lamp": {"units": "V", "axes": axes}})
    with H5Backend.open(path, "r+") as file:
        channel = file.get_node(f"{DETECTOR}/Data1D/CH00")
        file.create_carray(channel, "Bkg00", np.full(shape, 0.5)).attrs["data_type"] = "bkg"
    dims = ("Stage_x", "Stage_y", "w")[-len(shape) :]
    for ending, reader in READERS.items():
        with xr.open_dataset(exported(path, DETECTOR, tmp_path / f"a.{ending}"), **reader) as data:
            assert data["Lamp_background"].dims == dims
            assert data["Lamp_background"].attrs["long_name"] == "background of Lamp"
            assert np.array_equal(data["Lamp_background"], np.full(shape, 0.5))
    with np.load(exported(path, DETECTOR, tmp_path / "a.npz")) as archive:
        assert archive["Lamp_background"].shape == shape
        assert archive[f"Lamp_background.axis{len(shape) - 1}"].tolist() == [1.0, 2.0, 4.0]
    structs = mat73.loadmat(exported(path, DETECTOR, tmp_path / "a.mat"))
    assert np.array_equal(structs["Lamp_background"]["data"], np.full(shape, 0.5))
    titles = [
        each["metadata"]["General"]["title"]
        for each in read_hspy(exported(path, DETECTOR, tmp_path / "a.hspy"))
    ]
    assert sorted(titles) == ["Lamp", "background of Lamp"]
    with exported(path, DETECTOR, tmp_path / "a.csv").open(newline="") as file:
        assert len(next(csv.reader(file))) == 5


def test_signals_of_one_name_are_told_by_their_origin(saved: Any, tmp_path: Path) -> None:
    path = saved(("Power", "", {"origin": "Left"}), ("Power", "", {"origin": "Right"}))
    with exported(path, "/", tmp_path / "a.csv").open(newline="") as file:
        assert next(csv.reader(file)) == ["t (ns)", "Left Power (V)", "Right Power (V)"]
    for ending, reader in READERS.items():
        with xr.open_dataset(
            exported(path, "/", tmp_path / f"a.{ending}"), decode_times=False, **reader
        ) as data:
            # Zarr lists the folders of its arrays in any order.
            assert sorted(str(name) for name in data.data_vars) == ["Left_Power", "Right_Power"]
            assert data["Right_Power"].attrs["long_name"] == "Right Power"
    path.unlink()
    path = saved(("Power", "", {"origin": ""}), ("Power", "", {"origin": ""}))
    with exported(path, "/", tmp_path / "b.csv").open(newline="") as file:
        assert next(csv.reader(file)) == ["t (ns)", "Power (V)", "Power (V) 2"]


def test_names_of_greek_letters_are_spelt(saved: Any, tmp_path: Path) -> None:
    path = saved(("Δ", "β", {}), ("温度", "left", {}))
    with np.load(exported(path, "/", tmp_path / "a.npz")) as archive:
        assert [name for name in archive.files if "." not in name] == ["delta_beta", "left"]
        assert str(archive["left.title"]) == "温度 left"


def test_the_name_of_error_bars_is_no_other_signals(saved: Any, tmp_path: Path) -> None:
    path = saved(("A", "errors", {}), ("A", "A", {"errors": [np.full(3, 0.5)]}), ("A", "A errors", {}))
    for ending, reader in READERS.items():
        with xr.open_dataset(
            exported(path, "/", tmp_path / f"a.{ending}"), decode_times=False, **reader
        ) as data:
            found = {str(name): data[name].values[0] for name in data.data_vars}
            assert sorted(found.values()) == [0.0, 0.5, 1.0, 2.0]
    assert len(read_hspy(exported(path, "/", tmp_path / "a.hspy"))) == 4


def test_long_names_are_cut(saved: Any, tmp_path: Path) -> None:
    path = saved(("L" * 300, "", {}))
    for ending, reader in READERS.items():
        with xr.open_dataset(
            exported(path, "/", tmp_path / f"a.{ending}"), decode_times=False, **reader
        ) as data:
            assert [len(str(name)) for name in data.data_vars] == [100]


def test_axes_with_a_gap_are_the_same(saved: Any, tmp_path: Path) -> None:
    path = saved(("A", "", {}), ("B", "", {}), axis=(0.0, np.nan, 2.0))
    with exported(path, "/", tmp_path / "a.csv").open(newline="") as file:
        assert next(csv.reader(file)) == ["t (ns)", "A (V)", "B (V)"]


TYPES = [">f8", "f2", "c8", ">c16", "?", "i1", ">i8", "g", "G"]
SHAPES = [(), (0,), (0, 3), (3, 0), (1,), (3, 4)]


@pytest.mark.filterwarnings("ignore:You are writing invalid netcdf features")  # complex numbers
@pytest.mark.parametrize("format_name", sorted(ExporterFactory.formats()))
def test_every_type_and_shape_is_saved_or_refused_in_words(tmp_path: Path, format_name: str) -> None:
    saved = 0
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        arrays = [np.ones((3, 4), dtype) for dtype in TYPES] + [np.ones(shape) for shape in SHAPES]
        for number, values in enumerate(arrays):
            array = file.create_carray("/", f"Values{number}", values)
            target = tmp_path / f"{number}.{format_name}"
            try:
                export_node(array, target, format_name=format_name)
                saved += 1
            except FormatMismatchError:
                assert not target.exists()
    assert saved >= (4 if format_name == "tif" else 10)


def test_types_and_shapes_that_are_seldom_come_back(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        swapped = file.create_carray("/", "Swapped", np.arange(3, dtype=">i4"))
        export_node(swapped, tmp_path / "a.parquet")
        export_node(file.create_carray("/", "Empty", np.zeros((0, 3))), tmp_path / "b.parquet")
        export_node(file.get_node("/Empty"), tmp_path / "b.zarr")
    assert pyarrow.parquet.read_table(tmp_path / "a.parquet")["Swapped"].to_pylist() == [0, 1, 2]
    empty = pyarrow.parquet.read_table(tmp_path / "b.parquet")
    assert (empty.num_rows, empty.column_names) == (0, ["index 0", "index 1", "Empty"])
    with xr.open_zarr(tmp_path / "b.zarr", consolidated=False) as data:
        assert data["Empty"].shape == (0, 3)
