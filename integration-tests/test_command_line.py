"""The `h5modules` command as it is used: a process of its own, its exit code, what it says and leaves."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import pytest

Done = subprocess.CompletedProcess[str]
Call = Callable[..., Done]

RUN = "scan run -a stage_x=-5:5:3 -d photodiode -o scan.h5"

ADDRESS = "hdf5://localhost:5101/home/ada/scan.h5"

DEVICES = """
import signal

class Broken:
    title, reads = "Broken", 0
    def read(self):
        self.reads += 1
        if self.reads == 3:
            raise OSError("the cable is out")
        return 1.0

class Impatient:
    title, reads = "Impatient", 0
    def read(self):
        self.reads += 1
        if self.reads == 2:
            signal.raise_signal(signal.SIGINT)
        return 1.0
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give an empty folder to work in."""
    work = tmp_path / "work"
    work.mkdir()
    return work


@pytest.fixture
def call(folder: Path) -> Call:
    """Call the command as a user does whose terminal is a pipe of 80 columns."""

    def run(arguments: str, **environment: str) -> Done:
        settings = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8", **environment}
        command = [sys.executable, "-m", "h5modules.cli", *arguments.split()]
        return subprocess.run(
            command, cwd=folder, env=settings, capture_output=True, text=True, encoding="utf-8"
        )

    return run


@pytest.fixture
def laboratory(tmp_path: Path) -> str:
    """Install devices that fail, and return the PYTHONPATH on which they are found."""
    info = tmp_path / "site" / "lab-1.0.dist-info"
    info.mkdir(parents=True)
    (info.parent / "lab_devices.py").write_text(DEVICES, "utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1.0\n", "utf-8")
    points = "[h5modules.devices]\nbroken = lab_devices:Broken\nimpatient = lab_devices:Impatient\n"
    (info / "entry_points.txt").write_text(points, "utf-8")
    return str(info.parent)


def test_the_demo_scans_shows_and_draws(call: Call, folder: Path) -> None:
    done = call("demo --points 3 --seed 5")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"{folder / 'demo.h5'}  ")
    assert "    └── Scan000                 9 of 9 points  Simulated sample" in lines
    assert any(line.endswith("Data00  3 x 3 x 128 x 128 uint16  counts  295 kB") for line in lines)
    rate, saved, picture = lines[-3:]
    assert re.fullmatch(r"9 points in \S+ s: \S+ points/s", rate)
    assert saved == f"Saved: {folder / 'demo.h5'} /RawData/Scan000"
    assert picture == f"Picture: {folder / 'demo.png'}"
    assert sorted(path.name for path in folder.iterdir()) == ["demo.h5", "demo.png"]
    assert (folder / "demo.png").read_bytes().startswith(b"\x89PNG")
    with h5py.File(folder / "demo.h5") as file:
        assert (file["RawData/Scan000/Acquired"][()] > 0).all()


def test_the_demo_touches_no_file_by_accident(call: Call, folder: Path) -> None:
    (folder / "demo.h5").write_text("precious", "utf-8")
    done = call("demo --points 2")
    assert done.returncode == 2
    assert "'demo.h5' exists already" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["demo.h5"]
    assert (folder / "demo.h5").read_text("utf-8") == "precious"


def test_a_scan_is_run_shown_added_to_and_drawn(call: Call, folder: Path) -> None:
    first = call(f"{RUN} -a stage_y=0:1:2 -d spectrometer --title Try")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.endswith(f"Saved: {folder / 'scan.h5'} /RawData/Scan000\n")
    assert call(f"{RUN} --append").stdout.endswith(f"Saved: {folder / 'scan.h5'} /RawData/Scan001\n")
    tree = call("tree scan.h5 /RawData --depth 1")
    assert [line.split()[-1] for line in tree.stdout.splitlines()[2:]] == ["text", "Try", "Scan"]
    plot = call("plot scan.h5 --scan Scan000 -o try.png")
    assert (plot.returncode, plot.stdout, plot.stderr) == (0, "Picture: try.png\n", "")
    assert sorted(path.name for path in folder.iterdir()) == ["scan.h5", "try.png"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param("scan run -o scan.h5", ["no axes", "no detectors"], id="nothing"),
        pytest.param(f"{RUN} -a stage_y=0:51:2", ["limits are -50 to 50 um: 1 of 2"], id="limits"),
        pytest.param(f"{RUN} -d camra", ["'camra'; did you mean 'camera'?"], id="unknown"),
        pytest.param(f"{RUN} -o no/where.h5", ["there is no folder 'no'; create it first"], id="folder"),
        pytest.param(f"{RUN} --append --overwrite", ["not both"], id="both"),
        pytest.param(f"{RUN} -o text.h5", ["'text.h5' exists already"], id="exists"),
        pytest.param(f"{RUN} -o text.h5 --append", ["'text.h5' is not an HDF5 file"], id="not-hdf5"),
        pytest.param(
            "scan run -o text.h5 -a stage_x=0:99:2 -a lift=0:1:2 -d stage_y",
            ["4 things are wrong", "limits", "'lift'", "has no read", "exists already"],
            id="all-at-once",
        ),
        *(
            pytest.param(f"{command} {ADDRESS}", [f"'{ADDRESS}' lies on a server"], id=f"address-{command}")
            for command in ("scan demo -o", "scan resume", "log -d photodiode -o", "recover", "pack", "find")
        ),
        *(
            pytest.param(f"{command} {ADDRESS}", [f"'{ADDRESS}' lies on a server"], id=f"address-{command}")
            for command in ("nexus", "serve", "plot text.h5 -o", "export text.h5 -o", "nexus text.h5")
        ),
        pytest.param("plot none.h5", ["there is no file '/", "/none.h5'"], id="plot-missing"),
        pytest.param("demo --seed -1", ["'--seed'"], id="demo-seed"),
        pytest.param("tre", ["No such command 'tre'. Did you mean 'tree'?"], id="command"),
    ],
)
def test_bad_input_is_refused_with_code_2(call: Call, folder: Path, arguments: str, told: list[str]) -> None:
    (folder / "folder.h5").mkdir()
    (folder / "text.h5").write_text("precious" * 1000, "utf-8")
    done = call(arguments)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert [part for part in told if part not in done.stderr] == []
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["folder.h5", "text.h5"]
    assert (folder / "text.h5").read_text("utf-8") == "precious" * 1000


@pytest.mark.parametrize(
    ("device", "code", "told"),
    [
        (
            "broken",
            1,
            "Error: detector 'Broken' failed at point 3 of 3 (Stage x = 5 um): OSError: the cable is out",
        ),
        ("impatient", 130, "Stopped."),
    ],
)
def test_what_was_saved_before_a_stop_is_told(
    call: Call, folder: Path, laboratory: str, device: str, code: int, told: str
) -> None:
    done = call(f"{RUN} -d {device}", PYTHONPATH=laboratory)
    assert done.returncode == code, done.stderr
    assert done.stderr.splitlines() == [
        told,
        f"2 of 3 points are saved in {folder / 'scan.h5'} /RawData/Scan000",
    ]
    with h5py.File(folder / "scan.h5") as file:
        assert file["RawData/Scan000/Acquired"][()].tolist() == [1, 2, 0]


@pytest.mark.parametrize("arguments", ["--help", "scan run --help", "plot --help"])
def test_help_imports_no_library_of_files_or_pictures(folder: Path, arguments: str) -> None:
    code = "import sys; sys.argv[0] = 'h5modules'\nfrom h5modules.cli import main\n"
    code += "try:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments.split()], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0
    slow = {"h5py", "pymodaq_data", "matplotlib", "h5modules_simulators", "scipy", "pandas", "xarray"}
    assert slow.isdisjoint(done.stderr.split())


def test_there_are_no_colours_in_a_pipe(call: Call) -> None:
    for arguments in ("--help", "tree none.h5", "scan devices"):
        done = call(arguments)
        assert "\x1b" not in done.stdout + done.stderr
