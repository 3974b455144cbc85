"""The commands that look at files, called as a user does, on real files."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from h5modules.backends import H5Backend
from h5modules.browsing import iter_progress
from h5modules.browsing.cli import copy, diff, info, messages, nexus, settings, show, tree, validate, watch

DATA = "/RawData/Scan000/Detector000/Data1D/CH00/Data00"

app = typer.Typer()
for command in (
    tree.tree,
    info.info,
    show.show,
    messages.messages,
    settings.settings,
    diff.diff,
    copy.copy,
    nexus.nexus,
    validate.validate,
    watch.watch,
):
    app.command()(command)


def call(*arguments: str, code: int = 0) -> list[str]:
    done = CliRunner().invoke(app, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return list(done.stdout.splitlines())


def objects(*arguments: str, code: int = 0) -> list[dict[str, Any]]:
    return [json.loads(line) for line in call(*arguments, "--json", code=code)]


@pytest.fixture
def scan(make_scan: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    path: Path = make_scan(
        (4,),
        {"Lamp": lambda index: np.arange(5.0) + 10 * index[0]},
        {"Lamp": {"units": "counts", "axes": [("wavelength", "nm", np.arange(5.0))]}},
        points=3,
        title="first",
    )
    with H5Backend.open(path, "r+") as file:
        for name, gain in (("Detector000", "3"), ("Detector001", "4")):
            group = file.get_set_group("/RawData/Scan000", name)
            group.attrs["type"] = "detector"
            gain_xml = f'<gain type="int" title="Gain">{gain}</gain>'
            group.attrs["settings"] = f'<All type="group" title="All">{gain_xml}</All>'
        file.get_node("/RawData/Logger").append("aligned")  # type: ignore[attr-defined]
        file.get_node("/RawData/Logger").append("moved")  # type: ignore[attr-defined]
    monkeypatch.chdir(path.parent)
    return path.name


@pytest.fixture
def foreign(tmp_path: Path) -> str:
    """Make a file as other programs do, with all that HDF5 has."""
    path = tmp_path / "foreign.nxs"
    with h5py.File(path, "w") as file:
        entry = file.create_group("entry")
        entry["counts"] = np.arange(6, dtype="u2").reshape(2, 3)
        entry["text"] = "some text"
        entry["table"] = np.array([(1.5, 2), (3.5, 4)], [("a", "f8"), ("b", "i4")])
        entry["soft"] = h5py.SoftLink("/entry/counts")
        entry["gone"] = h5py.SoftLink("/nowhere")
        entry["outside"] = h5py.ExternalLink("no.h5", "/x")
        entry["loop"] = entry
        entry["references"] = np.array([entry.ref], h5py.ref_dtype)
        entry["nothing"] = h5py.Empty("f4")
        entry["opaque"] = np.array([b"xx"], "V2")
        entry["Acquired"] = np.zeros(2, [("a", "f8")])
        entry.attrs["evil"] = '{"module": "os", "type": "x", "data": "os.system(1)"}'
        entry.attrs["reference"] = entry.ref
    return str(path)


def test_the_tree_tells_states_and_is_told_as_json(scan: str) -> None:
    assert any("3 of 4 points" in line for line in call("tree", scan))
    entries = {entry["path"]: entry for entry in objects("tree", scan)}
    assert entries[DATA]["shape"] == [4, 5]
    assert entries[DATA]["units"] == "counts"


def test_one_node_is_told(scan: str) -> None:
    lines = call("info", scan, "/RawData/Scan000/Detector000")
    assert "Settings" in lines
    assert any("Gain  3" in line for line in lines)
    (told,) = objects("info", scan, DATA)
    assert told["attributes"]["nav_indexes"] == [0]
    assert told["chunks"] is None
    lines, began = call("info", scan, DATA), told["attributes"]["timestamp"]
    date = datetime.fromtimestamp(began).astimezone().isoformat(timespec="seconds")
    assert any("timestamp" in line and line.endswith(f"  ({date})") for line in lines)


def test_values_are_shown_with_statistics_of_points_that_were_acquired(scan: str) -> None:
    heading, *_, counts, numbers = call("show", scan, DATA)
    assert heading == f"{DATA}  4 x 5 float64  counts"
    assert counts == "20 values, 5 not acquired"
    assert numbers == "min 0 counts  max 24 counts  mean 12 counts  std 8.28654 counts"
    first, *rows = objects("show", scan, DATA, "--slice", "-3:3, 1:3")
    assert first["statistics"]["mean"] == 16.5
    assert rows == [{"index": 1, "values": [11.0, 12.0]}, {"index": 2, "values": [21.0, 22.0]}]


def test_parts_are_cut_as_numpy_cuts_them(scan: str) -> None:
    values = np.arange(5.0) + 10 * np.arange(4.0)[:, None]
    values[3] = np.nan  # written when the file was closed, where nothing was acquired
    for part in ("0", "::2", "1:, 2", "..., -1", "-1:, ::3"):
        expected = eval(f"values[{part}]")  # noqa: S307 - the text is ours
        rows = [row["values"] for row in objects("show", scan, DATA, "-s", part)[1:]]
        np.testing.assert_array_equal(np.array(rows, float), np.atleast_1d(expected))


@pytest.mark.parametrize("part", ["4", "-5", "a", "0,0,0", "::0", "1.5", "::-1"])
def test_a_part_that_is_none_is_refused(scan: str, part: str) -> None:
    with pytest.raises(ValueError, match=part.split(",", maxsplit=1)[0]):
        call("show", scan, DATA, f"--slice={part}")


def test_the_log_is_shown(scan: str) -> None:
    assert call("messages", scan) == ["aligned", "moved"]
    assert objects("messages", scan, "--last", "1") == [{"line": "moved"}]
    assert call("show", scan, "/RawData/Logger")[0] == "/RawData/Logger  2 text"


def test_settings_are_shown_and_compared(scan: str) -> None:
    assert sum("Gain" in line for line in call("settings", scan)) == 2
    one, two = "/RawData/Scan000/Detector000", "/RawData/Scan000/Detector001"
    assert call("settings", scan, one, "--diff", two, code=1) == [one, "  Gain  3 -> 4"]
    (change,) = objects("settings", scan, one, "--diff", two, code=1)
    assert (change["path"], change["before"], change["after"]) == ("All/gain", "3", "4")
    assert call("settings", scan, one, "--diff", one) == ["No setting differs."]


def test_copies_hold_the_same(scan: str) -> None:
    call("copy", scan, "packed.h5", "--compression", "gzip")
    assert call("diff", scan, "packed.h5") == []
    with H5Backend.open("packed.h5") as file:
        assert "gzip" in str(file.get_node(DATA).info.compression)  # type: ignore[attr-defined]
    call("copy", scan, "part.h5", "--node", DATA)
    assert call("diff", f"{scan}::{DATA}", f"part.h5::{DATA}") == []
    with pytest.raises(FileExistsError, match=r"part\.h5"):
        call("copy", scan, "part.h5", "--node", DATA)
    assert not [each for each in Path().iterdir() if ".part" in each.name]


def test_a_copy_replaces_neither_its_source_nor_what_is_written(scan: str) -> None:
    before = Path(scan).read_bytes()
    for more in ((), ("--node", DATA)):
        with pytest.raises(PermissionError, match="is the file that is open: its copy cannot replace it"):
            call("copy", scan, scan, *more, "--overwrite")
        with (
            H5Backend.open("run.h5", "w", "tables"),
            pytest.raises(PermissionError, match="is not replaced"),
        ):
            call("copy", scan, "run.h5", *more, "--overwrite")
        if Path("/proc").is_dir():
            with pytest.raises(OSError, match="^'/proc/x.h5' cannot be made"):
                call("copy", scan, "/proc/x.h5", *more)
    assert Path(scan).read_bytes() == before
    call("copy", scan, "run.h5", "--node", DATA, "--overwrite")
    assert call("diff", f"{scan}::{DATA}", f"run.h5::{DATA}") == []


def test_files_are_made_to_open_with_a_plot(scan: str) -> None:
    assert call("nexus", scan, "--remove") == [f"{scan}: /NeXus was taken away"]
    before = Path(scan).read_bytes()
    assert call("nexus", scan, "shown.h5") == ["shown.h5: 1 signal in /NeXus"]
    assert Path(scan).read_bytes() == before
    assert objects("nexus", "shown.h5") == [{"file": "shown.h5", "signals": 1, "removed": False}]
    assert objects("nexus", scan, "--remove") == [{"file": scan, "signals": 0, "removed": False}]
    assert "changes the file itself" in CliRunner().invoke(app, ["nexus", scan, "x.h5", "--remove"]).output
    # What is copied of it is shown as well.
    call("copy", "shown.h5", "part.h5", "--node", "/RawData/Scan000/Detector000")
    call("copy", "shown.h5", "all.h5", "--node", "/")
    call("copy", scan, "plain.h5", "--node", "/RawData/Scan000/Detector000")
    for name in ("part.h5", "all.h5"):
        with h5py.File(name) as file:
            assert file["NeXus/Scan000/Lamp_Lamp/Lamp"] == file[DATA]
    with h5py.File("plain.h5") as file:
        assert "NeXus" not in file
    assert call("diff", "shown.h5::/RawData", "all.h5::/RawData") == []
    assert len(call("tree", "shown.h5", "/NeXus")) > 4


def test_values_in_other_units_are_compared_as_what_they_are(tmp_path: Path) -> None:
    places = np.arange(7.0) / 10
    for name, values, units, other in (("one", places, "mm", "V"), ("two", 1000 * places, "um", "counts")):
        with h5py.File(tmp_path / f"{name}.h5", "w") as raw:
            raw["Stage"], raw["Power"] = values, np.arange(3)
            raw["Stage"].attrs["units"], raw["Power"].attrs["units"] = units, other
    files = str(tmp_path / "one.h5"), str(tmp_path / "two.h5")
    assert call("diff", *files, code=1) == [
        "/Power  attribute units  V -> counts",
        "/Stage  attribute units  mm -> um",
    ]
    assert [each["kind"] for each in objects("diff", *files, "--ignore", "units", code=1)] == ["values"]
    with H5Backend.open(tmp_path / "two.h5", "r+") as two:
        two.get_node("/Stage")[3] = 500.0
    (change,) = [each for each in objects("diff", *files, code=1) if each["kind"] == "values"]
    assert (change["path"], change["count"]) == ("/Stage", 1)
    assert (change["before"], change["after"]) == pytest.approx((0.3, 0.5))


def test_each_difference_is_told(scan: str) -> None:
    call("copy", scan, "other.h5")
    with H5Backend.open("other.h5", "r+") as file:
        array = file.get_node(DATA)
        array[1, 2] = 12.5  # type: ignore[index]
        array.attrs["units"] = "V"
        file.get_node("/RawData/Scan000/Detector000").attrs["settings"] = "<All><gain>5</gain></All>"
        file.remove_node("/RawData/Scan000/Detector001")
        file.create_carray("/RawData", "New", np.zeros(2))
    found = {(each["kind"], each["name"]): each for each in objects("diff", scan, "other.h5", code=1)}
    assert found["values", ""]["before"] == 12.0
    assert found["values", ""]["count"] == 1
    assert found["setting", "All/gain"]["after"] == "5"
    assert {kind for kind, _ in found} == {"values", "attribute", "setting", "missing", "added"}
    tolerant = objects("diff", scan, "other.h5", "--atol", "0.5", "--ignore", "units", code=1)
    assert {each["kind"] for each in tolerant} == {"setting", "missing", "added"}


def test_what_is_missing_or_empty_is_told_so(scan: str) -> None:
    call("copy", scan, "other.h5")
    with H5Backend.open("other.h5", "r+") as file:
        array = file.get_node(DATA)
        array.attrs["units"] = ""
        array.attrs["gain"] = 3
    lines = call("diff", scan, "other.h5", code=1)
    assert f"{DATA}  attribute units  counts -> (empty)" in lines
    assert f"{DATA}  attribute gain  (none) -> 3" in lines


def test_what_we_write_keeps_to_the_layout(make_scan: Any) -> None:
    path = make_scan((2, 3), {"Diode": lambda index: 1.0}, {"Diode": {"error": 0.1}})
    assert call("validate", str(path)) == ["It keeps to the layout."]


def test_values_that_were_cut_off_are_told(scan: str) -> None:
    with H5Backend.open(scan, "r+") as file:
        file.get_node(DATA).attrs["lost_values"] = 7
    told = {
        "path": DATA,
        "severity": "warning",
        "message": "7 of its values are gone: the file was cut off once",
    }
    assert told in objects("validate", scan)


def test_deviations_are_told_with_node_and_severity(scan: str) -> None:
    with H5Backend.open(scan, "r+") as file:
        array = file.get_node(DATA)
        array.attrs["axes"] = "x"
        array.attrs["nav_indexes"] = (7,)
        array.attrs["CLASS"] = "GROUP"
        file.get_node("/RawData/Scan000").attrs["type"] = "detector"
        file.get_node("/RawData/Scan000/Detector000").attrs["settings"] = "gain=3"
        file.create_carray("/RawData/Scan000/Detector000/Data1D/CH00", "ErrorBar00", np.zeros(3)).attrs[
            "data_type"
        ] = "error"
    found = objects("validate", scan, code=1)
    errors = [each["path"] for each in found if each["severity"] == "error"]
    assert errors.count(DATA) == 3
    assert {"/RawData/Scan000", "/RawData/Scan000/Detector000"} <= set(errors)
    assert any(path.endswith("ErrorBar00") for path in errors)


def test_files_of_other_programs_are_shown_whole(foreign: str) -> None:
    before = Path(foreign).read_bytes()
    names = [entry["path"].rpartition("/")[2] for entry in objects("tree", foreign)]
    for name in names[2:]:
        objects("info", foreign, f"/entry/{name}")
        call("info", foreign, f"/entry/{name}")
    assert call("show", foreign, "/entry/table")[-1].split() == ["1", "3.5", "4"]
    assert call("show", foreign, "/entry/text") == ["/entry/text  one value text", "some text"]
    assert call("diff", foreign, foreign) == []
    assert objects("validate", foreign, code=1)
    with pytest.raises(ValueError, match="no.h5"):
        call("show", foreign, "/entry/outside")
    assert Path(foreign).read_bytes() == before


def test_lines_of_text_that_would_run_code_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "evil.h5"
    with H5Backend.open(path, "w") as file:
        notes = file.create_vlarray("/", "Notes", "string")
        notes.append("good")
    with h5py.File(path, "r+") as raw:
        raw["Notes"][0] = np.frombuffer(b"cos\nsystem\n(S'true'\ntR.", np.uint8)
    with pytest.raises(ValueError, match="/Notes|Python|text"):
        call("messages", str(path), "/Notes")
    assert "line 0" in str(objects("validate", str(path), code=1))


PROGRAM = """
import sys
from typer.testing import CliRunner
import typer
from importlib.metadata import entry_points
(point,) = entry_points(group="h5modules.commands", name=sys.argv[1])
app = typer.Typer()
app.command()(point.load())
done = CliRunner().invoke(app, sys.argv[2:])
assert done.exit_code == 0, done.output
print(*sys.modules)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["tree"],
        ["info"],
        ["show", DATA],
        ["messages"],
        ["settings"],
        ["validate"],
        ["find", "--index", "index.sqlite"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_looking_imports_little(scan: str, arguments: list[str]) -> None:
    command = [sys.executable, "-c", PROGRAM, arguments[0], scan, *arguments[1:]]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert not {"pymodaq_data", "matplotlib", "tables", "h5pyd", "qtpy"} & set(done.stdout.split())


def test_watch_tells_a_scan_that_ended_without_all_its_points(
    scan: str, make_scan: Any, make_log: Any
) -> None:
    node = "/RawData/Scan000/Detector000"
    assert call("watch", scan, code=3) == [f"{node}  3/4 points  ended, incomplete"]
    (told,) = objects("watch", scan, code=3)
    assert (told["acquired"], told["total"], told["state"]) == (3, 4, "incomplete")
    whole = make_scan((2,), {"Lamp": lambda index: 1.0}, path=Path(scan).with_name("whole.h5"))
    assert call("watch", str(whole)) == [f"{node}  2/2 points  finished"]
    log = make_log("datalogger", (5, 2))
    assert call("watch", str(log), "/RawData/Datalogger000/Detector000") == [
        "/RawData/Datalogger000/Detector000  5 rows  finished"
    ]


@pytest.mark.parametrize("node", [[], ["/RawData/Datalogger000"]], ids=["newest", "named"])
def test_watch_tells_all_modules_of_a_log(scan: str, make_log: Any, node: list[str]) -> None:
    log = str(make_log("datalogger", (5, 2)))
    assert call("watch", log, *node) == [
        "/RawData/Datalogger000  7 rows  finished",
        "/RawData/Datalogger000/Actuator000  2 rows  Thermostat",
        "/RawData/Datalogger000/Detector000  5 rows  Photodiode",
    ]
    (told,) = objects("watch", log, *node)
    assert (told["acquired"], told["total"], told["title"]) == (7, None, "Night")
    assert [(each["title"], each["acquired"]) for each in told["modules"]] == [
        ("Thermostat", 2),
        ("Photodiode", 5),
    ]


def test_watch_tells_how_fast_each_module_of_a_log_is(make_log: Any, tmp_path: Path) -> None:
    from pymodaq_data.data import DataRaw, DataToExport

    from h5modules.data_saving import DataToExportEnlargeableSaver
    from h5modules.saving import H5SaverLowLevel

    log = make_log("datalogger", (1, 1), path=tmp_path / "growing.h5")
    with H5SaverLowLevel.from_file(log) as file:
        looks = iter_progress(log, wait=lambda seconds: None)
        told = [next(looks)]
        detector = file.get_node("/RawData/Datalogger000/Detector000")
        writer = DataToExportEnlargeableSaver(file, ["time"], ["s"])
        signal = DataRaw("Photodiode", units="V", origin="Photodiode", data=[np.array([2.5])])
        writer.add_data(detector, DataToExport("row", data=[signal]), [1.75e9 + 9])
        told.append(next(looks))
    told.extend(looks)
    assert [each.state for each in told] == ["running", "running", "finished"]
    rates = {each.title: each.rate for each in told[1].modules}
    assert rates["Photodiode"] > 0
    assert rates["Thermostat"] == 0
