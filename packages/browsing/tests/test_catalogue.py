"""Files are found by what they hold, and none is disturbed."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from h5modules.backends import FileMissingError, H5Backend
from h5modules.browsing import NothingToShowError, add_comment
from h5modules.browsing.catalogue import (
    Catalogue,
    CatalogueEntry,
    CatalogueError,
    Condition,
    Query,
    QueryError,
    parse_shape,
)
from h5modules.browsing.cli.find import find
from h5modules.saving import H5SaverLowLevel

app = typer.Typer()
app.command()(find)


@pytest.fixture
def library(tmp_path: Path, make_scan: Any) -> Path:
    """Make a folder of two scans, one of them in a folder of its own and not finished, with settings."""
    folder = tmp_path / "library"
    (folder / "2026").mkdir(parents=True)
    for name, gain, points in (("GaAs", 3, None), ("silicon", 20, 4)):
        path = folder / ("" if points is None else "2026") / f"{name}.h5"
        make_scan((3, 2), {"Lamp": sum}, points=points, title=f"{name} map", path=path)
        with H5SaverLowLevel.from_file(path) as saver:
            scan = saver.get_node("/RawData/Scan000")
            scan.attrs["temperature"] = gain + 0.5
            group = saver.add_act_group(scan, title="Delay stage")
            settings = f'<gain type="int" title="Gain">{gain}</gain><mode type="str">fast</mode>'
            group.attrs["settings"] = f'<All type="group">{settings}</All>'
            saver.add_log(f"{name} was aligned")
    add_comment_to(folder / "GaAs.h5", "the best of all")
    return folder


def add_comment_to(path: Path, comment: str) -> None:
    with H5Backend.open(path, "r+") as file:
        add_comment(file, "/RawData/Scan000", comment)


@pytest.fixture
def catalogue(tmp_path: Path) -> Any:
    with Catalogue(tmp_path / "index.sqlite") as opened:
        yield opened


def names(entries: list[CatalogueEntry]) -> list[str]:
    return sorted(entry.path.stem for entry in entries)


YESTERDAY = datetime.now() - timedelta(days=1)
QUERIES = [
    (Query(), ["GaAs", "silicon"]),
    (Query(title="gaas"), ["GaAs"]),
    (Query(title="s*map"), ["GaAs", "silicon"]),
    (Query(shape=(3, None)), ["GaAs", "silicon"]),
    (Query(shape=(3, 1)), []),
    (Query(shape=(3,)), []),
    (Query(actuator="delay"), ["GaAs", "silicon"]),
    (Query(detector="delay"), []),
    (Query(log="silicon was"), ["silicon"]),
    (Query(comment="BEST"), ["GaAs"]),
    (Query(text="best"), ["GaAs"]),
    (Query(text="SILICON was"), ["silicon"]),
    (Query(text="delay"), ["GaAs", "silicon"]),
    (Query(state="running"), []),
    (Query(since=YESTERDAY), ["GaAs", "silicon"]),
    (Query(until=YESTERDAY), []),
    (Query(conditions=(Condition("gain"),)), ["GaAs", "silicon"]),
    (Query(conditions=(Condition.parse("gain=3.0"),)), ["GaAs"]),
    (Query(conditions=(Condition.parse("gain!=3"),)), ["silicon"]),
    (Query(conditions=(Condition.parse("gain > 4"),)), ["silicon"]),
    (Query(conditions=(Condition.parse("mode!=slow"),)), ["GaAs", "silicon"]),
    (Query(conditions=(Condition.parse("mode!=fa*"),)), []),
    (Query(conditions=(Condition.parse("Mode=F*"), Condition.parse("gain<4"))), ["GaAs"]),
    (Query(conditions=(Condition.parse("Delay*/gain>=3"),)), ["GaAs", "silicon"]),
    (Query(conditions=(Condition.parse("Lamp/gain"),)), []),
    (Query(conditions=(Condition.parse("temperature<4"),)), ["GaAs"]),
    (Query(title="100%"), []),
]


def test_files_are_found_by_what_they_hold(catalogue: Catalogue, library: Path) -> None:
    catalogue.update(library)
    for query, expected in QUERIES:
        assert names(catalogue.search(query, library)) == expected, query


def test_what_is_told_of_a_file(catalogue: Catalogue, library: Path) -> None:
    catalogue.update(library)
    (entry,) = catalogue.search(folder=library / "2026")
    (scan,) = entry.scans
    assert (entry.path, entry.state, entry.nbytes) == (
        (library / "2026/silicon.h5").resolve(),
        "finished",
        (library / "2026/silicon.h5").stat().st_size,
    )
    assert (scan.path, scan.title, scan.shape) == ("/RawData/Scan000", "silicon map", (3, 2))
    assert (scan.acquired, scan.total) == (4, 6)
    assert (scan.actuators, scan.detectors) == (("Delay stage",), ("Detector",))
    assert entry.date.tzinfo is not None
    assert scan.date is not None
    assert abs(scan.date.timestamp() - entry.date.timestamp()) < 60


def test_only_what_changed_is_read(catalogue: Catalogue, library: Path) -> None:
    assert catalogue.update(library).read == 2
    seen: list[tuple[int, int]] = []
    again = catalogue.update(library, lambda done, total: seen.append((done, total)))
    assert (again.read, again.unchanged, again.removed, seen) == (0, 2, 0, [])
    add_comment_to(library / "GaAs.h5", "not any more")
    (library / "2026/silicon.h5").unlink()
    after = catalogue.update(library, lambda done, total: seen.append((done, total)))
    assert (after.read, after.unchanged, after.removed, seen) == (1, 0, 1, [(1, 1)])
    (entry,) = catalogue.search()
    assert entry.comment == "the best of all\nnot any more"


def test_a_file_that_was_locked_is_found_once_it_is_not(catalogue: Catalogue, library: Path) -> None:
    with h5py.File(library / "GaAs.h5", "r+"):
        assert [each.path.name for each in catalogue.update(library).unread] == ["GaAs.h5"]
    assert catalogue.update(library).read == 1
    assert names(catalogue.search()) == ["GaAs", "silicon"]


def test_another_file_of_the_same_size_and_time_is_read(catalogue: Catalogue, library: Path) -> None:
    catalogue.update(library)
    path, other = library / "GaAs.h5", library / "other"
    other.write_bytes(path.read_bytes().replace(b"GaAs map", b"InAs map"))
    times = path.stat().st_atime_ns, path.stat().st_mtime_ns
    os.utime(other, ns=times)
    other.replace(path)
    assert catalogue.update(library).read == 1
    assert [each.path.name for each in catalogue.search(Query(title="InAs"))] == ["GaAs.h5"]


def test_a_folder_that_is_gone_is_an_error_and_forgets_nothing(catalogue: Catalogue, library: Path) -> None:
    catalogue.update(library)
    library.rename(library.with_name("elsewhere"))
    with pytest.raises(FileMissingError, match="library"):
        catalogue.update(library)
    assert len(catalogue.search(folder=library)) == 2


def test_only_scans_that_match_are_given(catalogue: Catalogue, tmp_path: Path, make_scan: Any) -> None:
    path = make_scan((3,), {"Lamp": sum}, title="first")
    make_scan((2, 2), {"Lamp": sum}, title="second", path=path)
    catalogue.update(path)
    (entry,) = catalogue.search()
    assert [scan.title for scan in entry.scans] == ["first", "second"]
    (entry,) = catalogue.search(Query(shape=(2, 2)))
    assert [scan.title for scan in entry.scans] == ["second"]


def test_what_cannot_be_read_is_told_until_it_can(catalogue: Catalogue, library: Path) -> None:
    bad = {
        "empty.h5": b"",
        "text.h5": b"no HDF5",
        "cut.h5": (library / "GaAs.h5").read_bytes()[:3000],
    }
    for name, content in bad.items():
        (library / name).write_bytes(content)
    (library / ".hidden.h5").write_bytes(b"")
    update = catalogue.update(library)
    assert sorted(each.path.name for each in update.unread) == sorted(bad)
    assert names(catalogue.search()) == ["GaAs", "silicon"]
    assert catalogue.update(library).unread == update.unread == catalogue.unread(library)
    (library / "text.h5").write_bytes((library / "GaAs.h5").read_bytes())
    assert sorted(each.path.name for each in catalogue.update(library).unread) == ["cut.h5", "empty.h5"]


def test_any_hdf5_file_is_read(catalogue: Catalogue, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "foreign.nxs", "w") as file:
        entry = file.create_group("entry")
        entry["counts"] = np.arange(6)
        entry["counts"].attrs["units"] = "mbar"
        entry.attrs["sample"] = b"caf\xe9"
        entry["loop"] = entry
        entry["gone"] = h5py.SoftLink("/nowhere")
    assert catalogue.update(tmp_path).unread == ()
    assert names(catalogue.search(Query(conditions=(Condition.parse("units=mbar"),)))) == ["foreign"]
    assert names(catalogue.search(Query(conditions=(Condition.parse("sample=caf*"),)))) == ["foreign"]


@pytest.mark.parametrize(("kind", "name"), [("datalogger", "Datalogger000"), ("optimizer", "Optimizer000")])
def test_a_log_is_one_with_its_title_its_modules_and_its_most_rows(
    catalogue: Catalogue, make_log: Any, tmp_path: Path, kind: str, name: str
) -> None:
    make_log(kind, (5, 2))
    catalogue.update(tmp_path)
    (entry,) = catalogue.search(Query(title="night"))
    (log,) = entry.scans
    assert (log.path, log.title) == (f"/RawData/{name}", "Night")
    assert (log.acquired, log.total, log.shape) == (5, None, (5,))
    assert (log.detectors, log.actuators) == (("Photodiode",), ("Thermostat",))
    assert log.date is not None
    for query in (Query(detector="photo"), Query(actuator="thermo"), Query(text="Photodiode")):
        assert len(catalogue.search(query)) == 1
    assert catalogue.thumbnail(entry.path, log.path).startswith(b"\x89PNG")


def test_a_log_without_rows_is_told(catalogue: Catalogue, make_log: Any, tmp_path: Path) -> None:
    make_log("datalogger", (0, 0))
    catalogue.update(tmp_path)
    ((log,),) = (entry.scans for entry in catalogue.search())
    assert (log.acquired, log.total, log.detectors) == (0, None, ("Photodiode",))


_WRITER = """
import sys
from h5modules.saving import H5SaverLowLevel
with H5SaverLowLevel.from_file(sys.argv[1]) as saver:
    saver.add_scan_group(title='live')
    saver.flush()
    print('ready', flush=True)
    sys.stdin.readline()
    saver.add_log('still there')
"""


def test_a_file_that_is_written_is_found_and_its_writer_goes_on(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "live.h5"
    command = [sys.executable, "-c", _WRITER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdin is not None
        writer.stdout.readline()
        before = sorted(each.name for each in tmp_path.glob(".live*"))
        catalogue.update(tmp_path)
        (entry,) = catalogue.search(Query(title="live", state="running"))
        assert sorted(each.name for each in tmp_path.glob(".live*")) == before
        writer.stdin.write("\n")
        writer.stdin.close()
    assert writer.returncode == 0
    catalogue.update(tmp_path)
    (entry,) = catalogue.search(Query(log="still there"))
    assert entry.state == "finished"


READ_BY_PROCESSES = """
import os, sys
from h5modules.browsing.catalogue import Catalogue, _contents, _reading

_reading._FEW = 2
open_to_read = _contents.open_to_read

def open_or_die(path):
    if path.name == "deadly.h5":
        os._exit(3)
    return open_to_read(path)

_contents.open_to_read = open_or_die  # in the processes too, which import this anew

if __name__ == "__main__":
    with Catalogue(sys.argv[1]) as catalogue:
        update = catalogue.update(sys.argv[2], lambda done, total: print(done, total), 2)
        print(sorted(entry.path.name for entry in catalogue.search(folder=sys.argv[2])))
        print([(each.path.name, each.reason) for each in update.unread])
"""


def test_a_file_that_ends_its_reader_costs_no_other_file(library: Path, tmp_path: Path) -> None:
    for name in ("first", "deadly", "second"):
        shutil.copyfile(library / "GaAs.h5", library / f"{name}.h5")
    (library / "text.h5").write_text("no HDF5")
    script = tmp_path / "read.py"
    script.write_text(READ_BY_PROCESSES)
    told = subprocess.run(
        [sys.executable, script, tmp_path / "index.sqlite", library],
        check=True, capture_output=True, text=True,
    ).stdout.splitlines()  # fmt: skip
    *counts, found, unread = told
    assert counts == [f"{done} 6" for done in range(1, 7)]
    assert found == "['GaAs.h5', 'first.h5', 'second.h5', 'silicon.h5']"
    assert "('deadly.h5', 'reading it ends the process that reads it: it is damaged.')" in unread
    assert "text.h5" in unread


def test_nothing_is_changed_by_reading(catalogue: Catalogue, library: Path) -> None:
    before = {path: path.read_bytes() for path in library.rglob("*.h5")}
    catalogue.update(library)
    catalogue.thumbnail(library / "GaAs.h5")
    assert {path: path.read_bytes() for path in library.rglob("*") if path.is_file()} == before


def test_a_thumbnail_is_drawn_once_until_its_file_changes(catalogue: Catalogue, library: Path) -> None:
    path = library / "GaAs.h5"
    first = catalogue.thumbnail(path)
    assert first.startswith(b"\x89PNG")
    assert len(first) < 50_000
    assert catalogue.thumbnail(path, "/RawData/Scan000") is not None
    with H5Backend.open(path, "r+") as file:
        file.get_node("/RawData/Scan000/Detector000/Data0D/CH00/Data00")[0, 0] = 100  # type: ignore[index]
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    assert catalogue.thumbnail(path) != first
    with H5Backend.open(library / "none.h5", "w"):
        pass
    with pytest.raises(NothingToShowError):
        catalogue.thumbnail(library / "none.h5")


def test_an_index_that_is_none_is_made_anew(tmp_path: Path, library: Path) -> None:
    index = tmp_path / "deep" / "index.sqlite"
    index.parent.mkdir()
    index.write_bytes(b"this is no database, whatever its name says" * 100)
    with Catalogue(index) as catalogue:
        assert catalogue.update(library).read == 2
    older = sqlite3.connect(index)
    older.execute("PRAGMA user_version = 1000")
    older.close()
    with Catalogue(index) as catalogue:
        assert catalogue.search() == []
    with pytest.raises(CatalogueError, match="Name another place"):
        Catalogue(tmp_path)


def test_two_may_use_an_index_at_once(tmp_path: Path, library: Path) -> None:
    index = tmp_path / "index.sqlite"
    with Catalogue(index) as one, Catalogue(index) as other:
        one.update(library)
        assert other.update(library).unchanged == 2
        assert names(other.search()) == ["GaAs", "silicon"]


@pytest.mark.parametrize("text", ["", "=3", "gain>fast"])
def test_conditions_that_are_not_understood(text: str) -> None:
    with pytest.raises(QueryError):
        Condition.parse(text)


def test_shapes_that_are_not_understood() -> None:
    with pytest.raises(QueryError, match="41x41"):
        parse_shape("large")


def call(*arguments: str | Path, code: int = 0) -> Any:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done


def test_dates_stay_whole_on_a_narrow_terminal(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    narrow = Console(width=60, force_terminal=True, color_system=None)
    monkeypatch.setattr("h5modules.browsing.cli.find.console", lambda: narrow)
    lines = call(library, "--index", tmp_path / "index.sqlite").stdout.splitlines()
    assert sum(bool(re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d  ", line)) for line in lines) == 2
    assert max(map(len, lines)) <= 60


def test_the_command(library: Path, tmp_path: Path) -> None:
    (library / "bad.h5").write_bytes(b"")
    index = ("--index", tmp_path / "index.sqlite")
    done = call(library, *index, "--with", "gain>=10")
    told = "Scan000 3 x 2 incomplete, 4 of 6 points silicon map Delay stage; Detector"
    assert [line.split()[2:] for line in done.stdout.splitlines()] == [
        f"2026{os.sep}silicon.h5 {told}".split()
    ]
    assert "Not read:" in done.stderr
    assert "bad.h5" in done.stderr
    today = f"{datetime.now():%Y-%m-%d}"
    done = call(
        library, *index, "--since", today, "--until", today, "--shape", "3x*", "--json", "--no-update"
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert {Path(each["path"]).name for each in told} == {"GaAs.h5", "silicon.h5"}
    assert told[0]["scans"][0]["shape"] == [3, 2]
    assert "Nothing found" in call(library, *index, "--log", "no such", code=1).stderr
    call(library, *index, "--title", "GaAs", "--thumbnails", tmp_path / "small")
    assert [path.name for path in (tmp_path / "small").iterdir()] == ["0000-GaAs-Scan000.png"]


def test_files_are_in_the_order_of_the_dates_that_are_shown(library: Path, catalogue: Catalogue) -> None:
    def later(name: str, node: Any) -> None:
        if "timestamp" in node.attrs:
            node.attrs["timestamp"] = node.attrs["timestamp"] + 3600

    for path, first in ((library / "GaAs.h5", "GaAs.h5"), (library / "2026" / "silicon.h5", "silicon.h5")):
        with h5py.File(path, "r+") as file:  # a scan that was begun long after its file
            file.visititems(later)
        catalogue.update(library)
        found = catalogue.search(folder=library)
        assert found[0].path.name == first
        assert found[0].scans[0].date > found[1].scans[0].date  # type: ignore[operator]


def test_the_command_tells_logs_and_data_that_were_saved_plainly(make_log: Any, tmp_path: Path) -> None:
    make_log("datalogger", (5, 2))
    with H5Backend.open(tmp_path / "lamp.h5", "w") as file:
        group = file.add_group("Scan000", "scan", "/", title="lamp")
        file.create_carray(group, "Counts", np.arange(6.0))
    index = ("--index", tmp_path / "index.sqlite")
    lines = [line.split()[2:] for line in call(tmp_path, *index).stdout.splitlines()]
    assert sorted(lines) == [
        "lamp.h5 Scan000 lamp".split(),
        "log.h5 Datalogger000 log 5 rows Night Thermostat; Photodiode".split(),
    ]


def test_scans_that_were_stopped_are_told_and_found(tmp_path: Path, make_scan: Any, make_log: Any) -> None:
    make_scan((3,), {"Diode": lambda index: 1.0}, points=2, path=tmp_path / "stopped.h5")
    make_scan((3,), {"Diode": lambda index: 1.0}, path=tmp_path / "whole.h5")
    make_log("datalogger", (5, 2))
    index = ("--index", tmp_path / "index.sqlite")
    (line,) = call(tmp_path, *index, "--state", "incomplete").stdout.splitlines()
    assert "stopped.h5" in line
    assert "incomplete, 2 of 3 points" in line
    found = call(tmp_path, *index, "--state", "finished", "--json").stdout.splitlines()
    states = {Path(told["path"]).name: told["scans"][0]["state"] for told in map(json.loads, found)}
    assert states == {"whole.h5": "finished", "log.h5": "finished"}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        (("--since", "yesterday"), "2026-03-01"),
        (("--shape", "big"), "41x41"),
        (("--state", "odd"), "interrupted"),
        (("--with", "gain>high"), "no number"),
    ],
)
def test_options_that_are_not_understood(library: Path, option: tuple[str, str], told: str) -> None:
    with pytest.raises(QueryError, match=told):
        call(library, *option)
