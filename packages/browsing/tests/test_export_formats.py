from __future__ import annotations

import csv
import os
import subprocess
import sys
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import h5py
import mat73
import numpy as np
import pyarrow.parquet
import pytest
import scipy.io
import tifffile
import typer
import xarray as xr
from rsciio.hspy import file_reader as read_hspy
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
from h5modules.data_saving.nexus import remove_view

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
ERRORS = np.where(np.isnan(EXPECTED), np.nan, 2.0)


def test_wide_csv_has_a_line_a_point_and_points_not_acquired_are_nan(scan: Path, tmp_path: Path) -> None:
    with exported(scan, SPECTRA, tmp_path / "a.csv").open(newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading[0] == "Stage x (um)"
    assert heading[1] == "Lamp (counts) @ wavelength 500 nm"
    assert np.array_equal(np.array(rows, float)[:, 1:5], EXPECTED, equal_nan=True)
    assert heading[5] == "Lamp errors (counts) @ wavelength 500 nm"
    assert np.array_equal(np.array(rows, float)[:, 5:], ERRORS, equal_nan=True)


def test_long_csv_and_parquet_have_a_line_a_value(scan: Path, tmp_path: Path) -> None:
    with exported(scan, SPECTRA, tmp_path / "a.csv", format_name="csv-long").open(newline="") as file:
        heading, *rows = csv.reader(file)
    assert heading == ["Stage x (um)", "wavelength (nm)", "Lamp (counts)", "Lamp errors (counts)"]
    assert np.array_equal(np.array(rows, float)[:, 3], ERRORS.ravel(), equal_nan=True)
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
        assert data.attrs["title"] == "Scan"
        assert (data.attrs["source_file"], data.attrs["source_node"]) == (scan.name, DETECTOR)
        begun = datetime.fromisoformat(data.attrs["begun"])
        assert abs((datetime.now(UTC) - begun).total_seconds()) < 3600


def test_xarray_reads_zarr_with_axes_that_are_shared(scan: Path, tmp_path: Path) -> None:
    target = exported(scan, DETECTOR, tmp_path / "a.zarr")
    with xr.open_zarr(target, consolidated=False) as data:
        assert data["Lamp"].dims == ("Stage_x", "wavelength")
        assert data["wavelength"].attrs["units"] == "nm"
        assert np.array_equal(data["Lamp"], EXPECTED, equal_nan=True)
        assert np.array_equal(data["Power"], [0.5, 1.5, np.nan], equal_nan=True)
        assert data["Lamp_errors"].values[0].tolist() == [2.0] * 4
        assert data.attrs["title"] == "Scan"
        assert (data.attrs["source_file"], data.attrs["source_node"]) == (scan.name, DETECTOR)
        begun = datetime.fromisoformat(data.attrs["begun"])
        assert abs((datetime.now(UTC) - begun).total_seconds()) < 3600
    with pytest.raises(ExportTargetError, match="exists already"):
        exported(scan, POWER, target)
    exported(scan, POWER, target, overwrite=True)
    with xr.open_zarr(target, consolidated=False) as data:
        assert "Lamp" not in data


def test_hyperspy_reads_its_format(scan: Path, tmp_path: Path) -> None:
    target = exported(scan, DETECTOR, tmp_path / "a.hspy")
    found = {each["metadata"]["General"]["title"]: each for each in read_hspy(target)}
    lamp = found["Lamp"]
    assert np.array_equal(lamp["data"], EXPECTED, equal_nan=True)
    stage, wavelength = lamp["axes"]
    assert (stage["name"], stage["units"], stage["navigate"], stage["scale"]) == ("Stage x", "um", True, 0.5)
    assert (wavelength["name"], wavelength["offset"], wavelength["scale"]) == ("wavelength", 500.0, 1.0)
    assert not wavelength["navigate"]
    assert lamp["metadata"]["Signal"]["quantity"] == "counts"
    assert found["error bars of Lamp"]["data"][0].tolist() == [2.0] * 4
    assert found["Power"]["data"].shape == (3,)


def test_hyperspy_gets_uneven_axes_by_their_values(make_scan: Any, tmp_path: Path) -> None:
    values = np.array([500.0, 501.0, 510.0])
    path = make_scan((2,), {"Lamp": lambda index: np.arange(3.0)}, {"Lamp": {"axes": [("w", "nm", values)]}})
    (found,) = read_hspy(exported(path, SPECTRA, tmp_path / "a.hspy"))
    assert found["axes"][1]["_type"] == "DataAxis"
    assert found["axes"][1]["axis"].tolist() == values.tolist()


def test_matlab_gets_structs(scan: Path, tmp_path: Path) -> None:
    target = exported(scan, DETECTOR, tmp_path / "a.mat")
    found = mat73.loadmat(target)
    assert np.array_equal(found["Lamp"]["data"], EXPECTED, equal_nan=True)
    assert found["Lamp"]["axis2"].tolist() == [500, 501, 502, 503]
    assert (found["Lamp"]["units"], found["Lamp"]["axis2_label"]) == ("counts", "wavelength")
    assert found["Lamp"]["errors"].shape == (3, 4)
    assert np.array_equal(found["Power"]["data"], [0.5, 1.5, np.nan], equal_nan=True)
    with pytest.raises(NotImplementedError, match="v7.3"):  # by its first bytes, scipy knows what it is
        scipy.io.loadmat(target)


@pytest.mark.parametrize(
    "values",
    [
        np.arange(24.0).reshape(2, 3, 4),
        np.arange(6, dtype="u2").reshape(2, 3),
        np.array([1 + 2j, 3j]),
        np.array([True, False, True]),
        np.float32(1.5),
    ],
    ids=["3D", "integers", "complex", "logical", "one value"],
)
def test_matlab_gets_every_kind_of_number(values: Any, tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        node = file.create_carray("/", "Values", np.atleast_1d(values))
        export_node(node, tmp_path / "a.mat")
    found = mat73.loadmat(tmp_path / "a.mat")["Values"]["data"]
    assert np.array_equal(np.atleast_1d(found), np.atleast_1d(values))
    assert found.dtype == np.asarray(values).dtype


def test_a_long_list_for_flimj_is_one_line(tmp_path: Path) -> None:
    values = np.arange(600_000.0)  # more than is read at once
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        export_node(file.create_carray("/", "Values", values), tmp_path / "a.ascii")
    (line,) = (tmp_path / "a.ascii").read_text().splitlines()
    assert np.array_equal(np.array(line.split("\t"), float), values)


def test_a_group_without_lists_for_flimj_tells_an_array_to_name(scan: Path, tmp_path: Path) -> None:
    with H5Backend.open(scan) as file:
        with pytest.raises(FormatMismatchError, match=rf"no lists .*; name an array, such as {POWER}\.$"):
            export_node(file.get_node(f"{DETECTOR}/Data0D"), tmp_path / "a.ascii")
        export_node(file.get_node(POWER), tmp_path / "a.ascii")


def test_lists_for_flimj_keep_small_and_large_values_and_have_one_length(tmp_path: Path) -> None:
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        file.create_carray("/", "Small", np.array([1e-9, 2.5e-9]))
        file.create_carray("/", "Large", np.array([2**63 + 1, 2], np.uint64))
        export_node(file.root(), tmp_path / "a.ascii")
        file.create_carray("/", "Other", np.arange(3))
        with pytest.raises(FormatMismatchError, match=r"of one length.*/Large 2, /Other 3, /Small 2 values"):
            export_node(file.root(), tmp_path / "b.ascii")
    heading, *rows = (tmp_path / "a.ascii").read_text().splitlines()
    assert heading == "# #Large\tSmall"
    assert rows == ["9223372036854775809\t1.000000e-09", "2\t2.500000e-09"]


def test_flimj_gets_what_pymodaq_writes(scan: Path, tmp_path: Path) -> None:
    from pymodaq_data.h5modules.backends import H5Backend as PeerBackend
    from pymodaq_data.h5modules.exporters.flimj import H5asciiExporter

    nodes = (SPECTRA, POWER, SPECTRA.rpartition("/")[0])
    ours = [exported(scan, node, tmp_path / f"{number}.ascii") for number, node in enumerate(nodes)]
    peer = PeerBackend("h5py")
    peer.open_file(scan, "r")
    try:
        for node, target in zip(nodes, ours, strict=True):
            H5asciiExporter().export_data(peer.get_node(node), str(tmp_path / "theirs.ascii"))
            assert target.read_text() == (tmp_path / "theirs.ascii").read_text()
    finally:
        peer.close_file()


_WITH_PLUGIN = """
import sys
from h5modules.backends import H5Backend
from h5modules.browsing import ExporterFactory, export_node
with H5Backend.open(sys.argv[1]) as file:
    node = file.get_node(sys.argv[2])
    for target in sys.argv[3:]:
        export_node(node, target)
print(' '.join(sorted(ExporterFactory.formats())))
"""

_PLUGIN = """
from pymodaq_data.h5modules.exporter import ExporterFactory, H5Exporter

@ExporterFactory.register_exporter()
class H5sumExporter(H5Exporter):
    FORMAT_DESCRIPTION = 'Sums'
    FORMAT_EXTENSION = 'sum'

    def export_data(self, node, filename):
        with open(filename, 'w') as file:
            file.write(f"{node.attrs['label']} {node.read()[:2].sum()}")
"""


def test_formats_of_plugins_of_pymodaq_are_found_and_run(scan: Path, tmp_path: Path) -> None:
    """Two of them: one of a package made here, and PyMoDAQ's own, named as a plugin names its own."""
    site = tmp_path / "site"
    exporters = site / "pymodaq_plugins_sums" / "exporters"
    exporters.mkdir(parents=True)
    for folder in (exporters, exporters.parent):
        (folder / "__init__.py").touch()
    (exporters / "sums.py").write_text(_PLUGIN)
    (exporters / "broken.py").write_text("raise RuntimeError('no such camera')")
    points = "gone = pymodaq_plugins_gone\nsums = pymodaq_plugins_sums\npeer = pymodaq_data.h5modules\n"
    described = site / "pymodaq_plugins_sums-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: pymodaq_plugins_sums\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text(f"[pymodaq.h5exporters]\n{points}")
    targets = [tmp_path / "a.sum", tmp_path / "a.ascii", tmp_path / "a.csv"]
    done = subprocess.run(
        [sys.executable, "-c", _WITH_PLUGIN, str(scan), POWER, *map(str, targets)],
        env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "sum" in done.stdout.split()
    assert targets[0].read_text().endswith(" 2.0")
    assert "no such camera" in done.stderr
    assert "pymodaq_plugins_gone" in done.stderr


_SLOW_EXPORT = """
import sys, time
from h5modules.backends import H5Backend
from h5modules.browsing import export_node
def show(done, total):
    print(done, flush=True)
    time.sleep(60)
with H5Backend.open(sys.argv[1]) as file:
    export_node(file.get_node('/'), sys.argv[2], progress=show)
"""


@pytest.mark.parametrize("ending", ["csv", "npz", "nc", "zarr", "mat"])
def test_what_is_killed_leaves_nothing_under_the_final_name(tmp_path: Path, ending: str) -> None:
    with H5Backend.open(tmp_path / "a.h5", "w") as file:
        file.create_carray("/", "Values", np.zeros(600_000))
    target = tmp_path / f"out.{ending}"
    command = [sys.executable, "-c", _SLOW_EXPORT, str(tmp_path / "a.h5"), str(target)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as export:
        assert export.stdout is not None
        assert int(export.stdout.readline()) > 0
        export.kill()
    assert not target.exists()


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


@pytest.mark.parametrize("node", ["/", "/RawData/Scan000", f"{DETECTOR}/Data1D/CH00", SPECTRA])
@pytest.mark.parametrize("ending", ["nxs", "h5"])
def test_a_node_becomes_a_file_that_opens_with_a_plot(
    scan: Path, tmp_path: Path, node: str, ending: str
) -> None:
    if ending == "nxs":  # of a file that has no plots
        assert remove_view(scan)
    target = exported(scan, node, tmp_path / f"a.{ending}")
    with h5py.File(target) as file:
        group = file
        while group.attrs["NX_class"] != "NXdata":
            group = group[group.attrs["default"]]
        group = group.parent["Lamp_Lamp"]
        assert list(group.attrs["axes"]) == ["Stage_x", "wavelength"]
        assert np.array_equal(group[group.attrs["signal"]], EXPECTED, equal_nan=True)
        sizes = [each.id.get_storage_size() for each in group.values()]
    assert target.stat().st_size < 200_000 + sum(sizes)


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


@pytest.mark.parametrize("ending", ["npy", "npz", "nc", "tif", "zarr", "mat", "hspy"])
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
    for name in ("a.csv", "a.npz", "a.nc", "a.parquet", "a.zarr", "a.hspy", "a.mat", "a.ascii"):
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


@pytest.mark.parametrize("format_name", ["csv", "zarr", "h5"])
def test_no_folder_is_replaced_but_one_of_zarr(scan: Path, tmp_path: Path, format_name: str) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "night.h5").write_text("mine")
    with pytest.raises(ExportTargetError, match=r"'.*data' is a folder, and holds 'night.h5'.*not replaced"):
        exported(scan, POWER, folder, format_name=format_name, overwrite=True)
    (folder / "night.h5").unlink()
    exported(scan, POWER, folder / "a.zarr")
    (folder / "a.zarr" / "notes.txt").write_text("mine")
    with pytest.raises(ExportTargetError, match="holds 'notes.txt', which is not of Zarr"):
        exported(scan, POWER, folder / "a.zarr", format_name=format_name, overwrite=True)
    assert (folder / "a.zarr" / "notes.txt").read_text() == "mine"
    (folder / "a.zarr" / "notes.txt").unlink()
    if format_name != "zarr":
        with pytest.raises(ExportTargetError, match="is a folder, and no file replaces it"):
            exported(scan, POWER, folder / "a.zarr", format_name=format_name, overwrite=True)
    assert sorted(path.name for path in folder.iterdir()) == ["a.zarr"]


@pytest.mark.parametrize("backend", ["h5py", "tables"])
@pytest.mark.parametrize("format_name", ["csv", "zarr", "h5"])
def test_a_file_that_is_being_written_is_not_replaced(
    scan: Path, tmp_path: Path, backend: str, format_name: str
) -> None:
    target = tmp_path / "run.h5"
    with H5Backend.open(target, "w", backend) as running:
        running.get_set_group("/", "Scan")
        with pytest.raises(ExportTargetError, match="writes it.*Close it there first"):
            exported(scan, POWER, target, format_name=format_name, overwrite=True)
        running.create_carray("/Scan", "Point", np.array([1.5]))
    with h5py.File(target) as raw:
        assert raw["Scan/Point"][0] == 1.5
    assert sorted(path.name for path in tmp_path.iterdir() if "log" not in path.name) == ["run.h5", "scan.h5"]


@pytest.mark.parametrize("format_name", ["csv", "h5", "npz", "zarr", "parquet"])
def test_a_target_that_cannot_be_made_is_named(scan: Path, format_name: str) -> None:
    target = Path("/proc/x.h5")
    if not target.parent.is_dir():
        pytest.skip("no folder in which nobody can make files")
    with pytest.raises(ExportTargetError, match=r"'/proc/x\.h5' cannot be ") as told:
        exported(scan, POWER, target, format_name=format_name)
    assert "/.x" not in str(told.value)
    assert "there is no file" not in str(told.value)


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
