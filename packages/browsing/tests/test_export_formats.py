from __future__ import annotations

import csv
import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pyarrow.parquet
import pytest
import tifffile
import typer
import xarray as xr
from typer.testing import CliRunner

from h5modules.backends import ArraySpec, H5Backend
from h5modules.browsing.cli.comment import comment
from h5modules.browsing.cli.export import export
from h5modules.browsing.export import (
    ExporterFactory,
    ExportSource,
    ExportTargetError,
    FormatMismatchError,
    FormatUnknownError,
    H5Exporter,
    export_node,
)
from h5modules.data_saving import DataLoader

DETECTOR = "/RawData/Scan000/Detector000"
SPECTRA = f"{DETECTOR}/Data1D/CH00/Data00"
POWER = f"{DETECTOR}/Data0D/CH00/Data00"

app = typer.Typer()
app.command()(export)
app.command()(comment)


def spectrum(index: tuple[int, ...]) -> Any:
    return np.arange(4.0) + 10 * index[0]


@pytest.fixture
def scan(make_scan: Any) -> Path:
    path: Path = make_scan(
        (3,),
        {"Lamp": spectrum, "Power": lambda index: index[0] + 0.5},
        {
            "Lamp": {
                "units": "counts",
                "axes": [("wavelength", "nm", np.linspace(500, 503, 4))],
                "error": 2.0,
            },
            "Power": {"units": "mW"},
        },
        points=2,
    )
    return path


def exported(scan: Path, node: str, target: Path, **options: Any) -> Path:
    with H5Backend.open(scan) as file:
        export_node(file.get_node(node), target, **options)
    return target


EXPECTED = np.array([[0.0, 1, 2, 3], [10, 11, 12, 13], [np.nan] * 4])


def test_wide_csv_has_a_line_a_point_and_points_not_acquired_are_nan(scan: Path, tmp_path: Path) -> None:
    with exported(scan, SPECTRA, tmp_path / "a.csv").open(newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading[0] == "Stage x (um)"
    assert heading[1] == "Lamp (counts) @ wavelength 500 nm"
    assert np.array_equal(np.array(rows, float)[:, 1:], EXPECTED, equal_nan=True)


def test_long_csv_and_parquet_have_a_line_a_value(scan: Path, tmp_path: Path) -> None:
    with exported(scan, SPECTRA, tmp_path / "a.csv", format_name="csv-long").open(newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["Stage x (um)", "wavelength (nm)", "Lamp (counts)"]
    assert np.array_equal(np.array(rows, float)[:, 2], EXPECTED.ravel(), equal_nan=True)
    table = pyarrow.parquet.read_table(exported(scan, SPECTRA, tmp_path / "a.parquet"))
    assert table.column_names == heading
    assert np.array_equal(table["Lamp (counts)"].to_numpy(), EXPECTED.ravel(), equal_nan=True)
    assert table["wavelength (nm)"].to_pylist() == [500.0, 501.0, 502.0, 503.0] * 3


def test_numpy_reads_its_archive(scan: Path, tmp_path: Path) -> None:
    with np.load(exported(scan, DETECTOR, tmp_path / "a.npz")) as archive:
        assert np.array_equal(archive["Lamp"], EXPECTED, equal_nan=True)
        assert archive["Lamp.axis1"].tolist() == [500, 501, 502, 503]
        assert str(archive["Lamp.units"]) == "counts"
        assert np.array_equal(archive["Power"], [0.5, 1.5, np.nan], equal_nan=True)
    assert np.array_equal(np.load(exported(scan, SPECTRA, tmp_path / "a.npy")), EXPECTED, equal_nan=True)


def test_xarray_reads_netcdf_with_axes_that_are_shared(scan: Path, tmp_path: Path) -> None:
    target = exported(scan, DETECTOR, tmp_path / "a.nc")
    with xr.open_dataset(target, engine="h5netcdf") as data:
        assert data["Lamp"].dims == ("Stage_x", "wavelength")
        assert data["Power"].dims == ("Stage_x",)
        assert data["wavelength"].attrs["units"] == "nm"
        assert data["Lamp"].attrs["units"] == "counts"
        assert np.array_equal(data["Lamp"], EXPECTED, equal_nan=True)
        assert data["Lamp_errors"].values[0].tolist() == [2.0] * 4


def test_tifffile_reads_a_stack(make_scan: Any, tmp_path: Path) -> None:
    path = make_scan((2, 3), {"Camera": lambda index: np.full((5, 4), 10 * index[0] + index[1], np.uint16)})
    with H5Backend.open(path) as file:
        (signal,) = ExportSource(file.root()).signals
        export_node(file.root(), tmp_path / "a.tif")
        values = signal.signal.array.read()
    with tifffile.TiffFile(tmp_path / "a.tif") as stack:
        assert np.array_equal(stack.asarray().reshape(2, 3, 5, 4), values)
        assert stack.shaped_metadata[0]["axes"] == "QQYX"
        labels = [axis["label"] for axis in stack.shaped_metadata[0]["h5modules_axes"]]
    assert labels[0] == "Stage x"


@pytest.mark.parametrize("node", ["/", "/RawData/Scan000", DETECTOR, f"{DETECTOR}/Data1D/CH00", SPECTRA])
def test_a_node_becomes_a_file_that_loads(scan: Path, tmp_path: Path, node: str) -> None:
    target = exported(scan, node, tmp_path / "a.h5")
    with DataLoader(target) as loader:
        data = loader.load_data_from_name_origin("Lamp", "Lamp")
        assert [axis.label for axis in sorted(data.axes, key=lambda axis: axis.index)] == [
            "Stage x",
            "wavelength",
        ]
        assert np.array_equal(data[0], EXPECTED, equal_nan=True)


def test_hard_links_stay_shared(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        file.get_set_group("/", "Group")
        file.link_node(file.create_carray("/Group", "First", np.zeros(9)), "/Group", "Second")
        export_node(file.get_node("/Group"), tmp_path / "b.h5")
    with h5py.File(tmp_path / "b.h5") as raw:
        assert raw["RawData/Group/First"] == raw["RawData/Group/Second"]


@pytest.mark.parametrize("backend", ["h5py", "tables"])
@pytest.mark.parametrize("ending", ["npz", "nc", "csv"])
def test_foreign_files_on_each_backend(tmp_path: Path, backend: str, ending: str) -> None:
    with h5py.File(tmp_path / "foreign.hdf5", "w") as raw:
        raw["entry/counts"] = np.arange(6).reshape(2, 3)
    with H5Backend.open(tmp_path / "foreign.hdf5", "r", backend) as file:
        export_node(file.root(), tmp_path / f"a.{ending}")
    assert (tmp_path / f"a.{ending}").stat().st_size > 0


@pytest.mark.parametrize("ending", ["npy", "nc", "tif"])
def test_memory_stays_flat(tmp_path: Path, ending: str) -> None:
    with H5Backend.open(tmp_path / "big.h5", "w") as file:
        spec = ArraySpec((400, 250, 400), np.dtype(np.uint16))  # 80 MB of which nothing is written
        array = file.create_array("/", "Big", spec)
        told: list[tuple[int, int]] = []
        tracemalloc.start()
        export_node(array, tmp_path / f"a.{ending}", progress=lambda done, total: told.append((done, total)))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 30e6
    assert told[-1] == (80_000_000, 80_000_000)
    assert len(told) > 10


def test_nothing_is_left_of_an_export_that_is_broken_off(scan: Path, tmp_path: Path) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    before = sorted(tmp_path.iterdir())
    for name in ("a.csv", "a.npz", "a.nc", "a.parquet"):
        with pytest.raises(KeyboardInterrupt):
            exported(scan, SPECTRA, tmp_path / name, progress=interrupt)
    assert sorted(tmp_path.iterdir()) == before


def test_bad_input_is_refused(scan: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("mine")
    with pytest.raises(ExportTargetError, match="exists already"):
        exported(scan, SPECTRA, target)
    assert target.read_text() == "mine"
    exported(scan, SPECTRA, target, overwrite=True)
    assert target.read_text() != "mine"
    with pytest.raises(ExportTargetError, match="no folder"):
        exported(scan, SPECTRA, tmp_path / "none" / "a.csv")
    with pytest.raises(ExportTargetError, match="the file that is exported"):
        exported(scan, SPECTRA, scan, overwrite=True)
    with pytest.raises(FormatUnknownError, match=r"'cvs'.*Did you mean 'csv'.*parquet"):
        exported(scan, SPECTRA, tmp_path / "a.cvs")
    with pytest.raises(FormatMismatchError, match="Export one of them"):
        exported(scan, DETECTOR, tmp_path / "b.csv")
    with pytest.raises(FormatMismatchError, match="images"):
        exported(scan, POWER, tmp_path / "a.tif")


def test_a_format_of_ones_own() -> None:
    @ExporterFactory.register_exporter()
    class ShapeExporter(H5Exporter):
        FORMAT_EXTENSION = "shape"
        FORMAT_DESCRIPTION = "Shapes"

        def write(self, source: ExportSource, target: Path) -> None:
            target.write_text(str(source.one_signal("a shape").shape))

    try:
        assert isinstance(ExporterFactory.create_exporter("shape", "Shapes"), ShapeExporter)
        assert "Shapes (*.shape)" in ExporterFactory.get_file_filters()
    finally:
        ExporterFactory._registered.pop("shape")


def test_the_commands(scan: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["export", str(scan), SPECTRA, "-o", str(tmp_path / "a.csv"), "--json"])
    assert done.exit_code == 0, done.output
    assert '"bytes"' in done.stdout
    said = CliRunner().invoke(app, ["comment", str(scan), SPECTRA, "laser was off"])
    assert said.exit_code == 0, said.output
    shown = CliRunner().invoke(app, ["comment", str(scan), SPECTRA])
    assert shown.stdout == "laser was off\n"
