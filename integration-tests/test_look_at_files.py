"""The commands that look at files, as processes: on files that are written, on bad ones, on domains."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

import h5py
import numpy as np
import pytest
from pymodaq_data.data import DataRaw, DataToExport

from h5modules.backends import H5Backend
from h5modules.backends.hsds import HsdsServer
from h5modules.backends.testing import hsds_domain, hsds_server
from h5modules.cli import GROUP_NAME
from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

__all__ = ["hsds_domain", "hsds_server"]

Done = subprocess.CompletedProcess[str]

WRITER = """
import sys, time
import numpy as np
from pymodaq_data.data import DataRaw, DataToExport
from h5modules.data_saving import DataToExportExtendedSaver
from h5modules.saving import H5SaverLowLevel

with H5SaverLowLevel.from_file("scan.h5") as saver:
    detector = saver.add_det_group(saver.add_scan_group(title="slow"), title="Diode")
    writer = DataToExportExtendedSaver(saver, (8,))
    for number in range(8):
        value = DataRaw("power", origin="Diode", data=[np.array([float(number)])])
        writer.add_data(detector, DataToExport("point", data=[value]), (number,))
        print(number, flush=True)
        if number in (0, int(sys.argv[1])):
            sys.stdin.readline()
"""


def call(folder: Path, *arguments: str, **environment: str) -> Done:
    settings = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **environment}
    command = [sys.executable, "-m", "h5modules.cli", *arguments]
    return subprocess.run(command, cwd=folder, env=settings, capture_output=True, text=True, encoding="utf-8")


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder of files that cannot be read."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "empty.h5").touch()
    (folder / "text.h5").write_text("not HDF5", "utf-8")
    with h5py.File(folder / "whole.h5", "w") as file:
        file["data"] = np.arange(10_000.0)
    (folder / "cut.h5").write_bytes((folder / "whole.h5").read_bytes()[:3000])
    return folder


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("tree", "missing.h5"),
        ("info", "empty.h5"),
        ("settings", "text.h5"),
        ("validate", "cut.h5"),
        ("messages", "."),
        ("watch", "empty.h5"),
        ("diff", "missing.h5"),
    ],
)
def test_files_that_cannot_be_read_are_refused(bad: Path, command: str, name: str) -> None:
    done = call(bad, command, name, *([name] if command == "diff" else []))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr


def test_unknown_nodes_are_refused_with_the_nearest_name(bad: Path) -> None:
    for arguments in (
        ("show", "whole.h5", "/dat"),
        ("info", "whole.h5", "/dat"),
        ("tree", "whole.h5", "/dat"),
    ):
        done = call(bad, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert "did you mean '/data'" in done.stderr


@pytest.mark.parametrize("last", [4, 7], ids=["killed", "finished"])
def test_a_scan_is_looked_at_while_it_is_written(tmp_path: Path, last: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(last)],
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "0\n"
        assert "1 of 8 points" in call(tmp_path, "tree", "scan.h5").stdout
        watching = subprocess.Popen(
            [sys.executable, "-m", "h5modules.cli", "watch", "scan.h5", "--interval", "0.1", "--json"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert watching.stdout is not None
        looks = [json.loads(watching.stdout.readline())]
        writer.stdin.write("\n")
        writer.stdin.flush()
        while writer.stdout.readline() != f"{last}\n":
            pass
        if last == 4:
            writer.kill()
        else:
            writer.stdin.write("\n")
            writer.stdin.flush()
        told, error = watching.communicate(timeout=60)
    looks += [json.loads(line) for line in told.splitlines()]
    assert (looks[0]["acquired"], looks[0]["total"], looks[0]["state"]) == (1, 8, "running")
    assert looks[-1]["acquired"] == last + 1
    assert looks[-1]["state"] == ("interrupted" if last == 4 else "finished")
    ways = 'h5modules recover "scan.h5"' in error
    assert (watching.returncode, ways) == ((1, True) if last == 4 else (0, False))


def served(server: HsdsServer, domain: str) -> tuple[str, dict[str, str]]:
    """Return the address of a domain, and the environment to log in with."""
    options = server.options
    login = {"HS_USERNAME": str(options["username"]), "HS_PASSWORD": str(options["password"])}
    return f"hdf5://{server.endpoint.removeprefix('http://')}{domain}", login


def lines_of(folder: Path, login: dict[str, str], *arguments: str) -> list[str]:
    """Return the lines that a command prints, which must succeed."""
    done = call(folder, *arguments, **login)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_domains_of_a_server_are_looked_at(tmp_path: Path, hsds_server: HsdsServer, hsds_domain: str) -> None:
    with H5Backend.open(hsds_domain, "w", "h5pyd", **hsds_server.options) as file:
        array = file.create_carray("/", "Spectrum", np.arange(6.0).reshape(2, 3), title="first")
        array.attrs["units"] = "counts"
        file.create_vlarray("/", "Notes", "string").append("aligned")
    address, login = served(hsds_server, hsds_domain)
    lines = partial(lines_of, tmp_path, login)
    assert any("2 x 3 float64  counts" in line for line in lines("tree", address))
    assert json.loads(lines("info", address, "/Spectrum", "--json")[0])["title"] == "first"
    assert lines("show", address, "/Spectrum")[-1].startswith("min 0 counts  max 5 counts")
    assert lines("messages", address, "/Notes") == ["aligned"]
    assert lines("validate", address)
    lines("copy", address, "local.h5")
    assert lines("diff", address, "local.h5", "--ignore", "backend") == []
    deep = address.rpartition("/")[0] + "/of/ada/copy.h5"
    refused = call(tmp_path, "copy", "local.h5", deep, **login)
    assert "(h5modules copy --make-folders) makes it" in refused.stderr
    lines("copy", "local.h5", deep, "--make-folders")
    assert lines("diff", "local.h5", deep, "--ignore", "backend") == []
    assert call(tmp_path, "tree", f"{address}.gone", **login).returncode == 2


def test_a_scan_on_a_server_is_exported_drawn_and_watched(
    tmp_path: Path, hsds_server: HsdsServer, hsds_domain: str
) -> None:
    saver = H5SaverLowLevel.from_file(hsds_domain, backend="h5pyd", **hsds_server.options)
    with saver:
        settings = '<All type="group" title="All"><gain type="int" title="Gain">3</gain></All>'
        detector = saver.add_det_group(saver.add_scan_group(title="far"), "Diode", settings)
        writer = DataToExportExtendedSaver(saver, (3,))
        for number in range(3):
            value = DataRaw("power", origin="Diode", units="mW", data=[np.array([number + 0.5])])
            writer.add_data(detector, DataToExport("point", data=[value]), (number,))
    address, login = served(hsds_server, hsds_domain)
    lines = partial(lines_of, tmp_path, login)
    data = "/RawData/Scan000/Detector000/Data0D/CH00/Data00"
    for name in ("power.npy", "power.nc", "power.mat", "power.h5"):
        lines("export", address, data, "-o", name)
        assert (tmp_path / name).stat().st_size
    assert np.load(tmp_path / "power.npy").tolist() == [0.5, 1.5, 2.5]
    lines("plot", address, "-o", "scan.png")
    assert (tmp_path / "scan.png").read_bytes().startswith(b"\x89PNG")
    assert any("Gain  3" in line for line in lines("settings", address))
    looks = [json.loads(line) for line in lines("watch", address, "--json")]
    assert (looks[-1]["acquired"], looks[-1]["total"], looks[-1]["state"]) == (3, 3, "finished")


def test_no_two_packages_offer_a_command_of_one_name() -> None:
    names = [point.name for point in entry_points(group=GROUP_NAME)]
    assert sorted(names) == sorted(set(names))


def test_names_that_a_pipe_has_no_letters_for_are_shown(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "names.h5", "w") as file:
        file.create_group("µ-metal").attrs["Größe"] = "5 µm"
    for arguments in (("tree", "names.h5"), ("info", "names.h5", "/µ-metal")):
        done = call(tmp_path, *arguments, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_has_seen_enough_ends_it(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "many.h5", "w") as file:
        for number in range(3000):
            file.create_group(f"a group of a long name {number:060}")
    command = [sys.executable, "-m", "h5modules.cli", "tree", "many.h5"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.readline().startswith("many.h5")
        running.stdout.close()
        assert running.stderr.read() == ""
    assert running.returncode == 141
