from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from h5modules.saving import H5SaverLowLevel
from h5modules.scanning import RegisteredDevice, cli

RUN = ["run", "-a", "stage=-1:1:5", "-d", "diode", "-o", "scan.h5"]
BARE = "import sys; import {module}; print(*sys.modules)"


def call(*arguments: str) -> Any:
    """Call `scan`; the errors that `h5modules` reports come out as they are."""
    return CliRunner(env={"COLUMNS": "80"}).invoke(cli.app, arguments)


def refused(*arguments: str) -> str:
    """Call `scan` with bad input, and return what is told."""
    done = call(*arguments)
    assert done.exit_code == 1, done.output
    assert done.exception is not None
    assert any(base.__name__ == "H5ModulesError" for base in type(done.exception).__mro__), done.exception
    return str(done.exception)


def test_a_scan_is_run_and_told(laboratory: Path, values_of: Any) -> None:
    done = call(*RUN, "-a", "rotator=0:90:2", "--title", "ti[b]tle")
    assert done.exit_code == 0, done.output
    assert "10 points in" in done.stdout
    assert f"points/s\nSaved: {laboratory / 'scan.h5'} /RawData/Scan000\n" in done.stdout
    assert values_of(laboratory / "scan.h5", "Detector000/Data0D/CH00/Data00").shape == (5, 2)


def test_devices_opened_by_name_are_closed(laboratory: Path) -> None:
    assert call(*RUN).exit_code == 0
    assert (laboratory / "closed.txt").exists()


def test_a_device_that_cannot_be_closed_is_told_and_the_others_are_closed(laboratory: Path) -> None:
    with pytest.warns(RuntimeWarning, match="device 'stuck' failed when it was closed: OSError: the shutter"):
        done = call(*RUN, "-d", "stuck")
    assert (done.exit_code, "5 points in" in done.stdout) == (0, True)
    assert (laboratory / "closed.txt").exists()


def test_a_scan_is_added_or_the_file_replaced(laboratory: Path) -> None:
    assert call(*RUN).exit_code == 0
    assert "exists already" in refused(*RUN)
    assert "Scan001" in call(*RUN, "--append").stdout
    assert "Scan000" in call(*RUN, "--overwrite").stdout
    assert (laboratory / "scan.h5").exists()


def test_a_scan_that_was_interrupted_is_offered_to_go_on_with_before_all_else(laboratory: Path) -> None:
    assert call(*RUN, "-d", "broken").exit_code == cli.FAILED
    assert refused(*RUN) == (
        "'scan.h5' exists already: it holds an interrupted scan, 2 of 5 points: go on with "
        'h5modules scan resume "scan.h5" (resume_scan); or add to it with append (--append), replace it with '
        "overwrite (--overwrite), or choose another name."
    )
    assert call(*RUN, "--append").exit_code == 0  # the last one is whole
    assert "interrupted" not in refused(*RUN)


def test_attributes_are_noted_with_a_scan(laboratory: Path) -> None:
    given = ["sample=GaAs, 4=K", "temperature=4.2", "run = 7", "wafer=007", "batch=1_2", "rest=nan", "note="]
    assert call(*RUN, *(part for each in given for part in ("--attribute", each))).exit_code == 0
    with H5SaverLowLevel.from_file(laboratory / "scan.h5", mode="r") as h5saver:
        noted = h5saver.get_node("/RawData/Scan000").attrs.to_dict()
    assert (noted["temperature"], noted["run"]) == (4.2, 7)
    texts = {"sample": "GaAs, 4=K", "wafer": "007", "batch": "1_2", "rest": "nan", "note": ""}
    assert {name: noted[name] for name in texts} == texts
    assert "recipe" in noted


def test_attributes_that_cannot_be_are_told_at_once(laboratory: Path) -> None:
    given = ["sample", "=3", "plan=b", "title=c", "run=1", "run=2"]
    told = refused(*RUN, *(part for each in given for part in ("--attribute", each)))
    assert told.splitlines()[1:] == [
        "  - --attribute 'sample' is no NAME=VALUE; give one such as sample=GaAs.",
        "  - --attribute '=3' is no NAME=VALUE; give one such as sample=GaAs.",
        "  - --attribute 'plan' is a name that the file needs; choose another name.",
        "  - --attribute 'title' is a name that the file needs; choose another name.",
        "  - --attribute 'run' is given twice; give it once.",
    ]
    assert not (laboratory / "scan.h5").exists()


def test_a_scan_is_saved_without_the_tree_for_other_programs(laboratory: Path) -> None:
    assert call(*RUN, "-d", "broken", "--no-nexus").exit_code == cli.FAILED
    assert call("resume", "scan.h5").exit_code in (0, cli.FAILED)
    with h5py.File(laboratory / "scan.h5") as file:
        assert list(file) == ["RawData"]
    assert call(*RUN, "--overwrite").exit_code == 0
    with h5py.File(laboratory / "scan.h5") as file:
        assert list(file["NeXus/Scan000/instrument"]) == ["Diode", "Stage"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param([], ["the plan has no axes", "the scan has no detectors"], id="nothing"),
        pytest.param(["-a", "stage=0:1:0", "-d", "diode"], ["axis 'stage' has 0 points"], id="no-points"),
        pytest.param(["-a", "stage=0:9:3", "-d", "diode"], ["the limits are -5 to 5 mm"], id="limits"),
        pytest.param(
            ["-a", "stag=0:1:2", "-d", "diod", "-a", "stage=0:1"],
            ["did you mean 'stage'", "did you mean 'diode'", "'stage=0:1' is not an axis"],
            id="names",
        ),
        pytest.param(
            ["-a", "diode=0:1:2", "-d", "stage"],
            [
                "'Diode' cannot be used as an actuator: it has no move_to; it is a detector (option -d).",
                "'Stage' cannot be used as a detector: it has no read; it is an actuator (option -a).",
            ],
            id="roles",
        ),
        pytest.param(
            ["-a", "stage=0:1:2", "-a", "stage=0:1:2", "-d", "diode", "-d", "diode"],
            ["'stage' has 2 axes", "'diode' is named 2 times"],
            id="twice",
        ),
        pytest.param(["-a", "stage=0:1:2", "-d", "absent"], ["'absent' failed when it was opened"], id="off"),
        pytest.param(
            ["-a", "stage=nan:9:3", "-d", "diode", "--append", "--overwrite"],
            ["give finite numbers", "not both"],
            id="both",
        ),
    ],
)
def test_bad_input_is_told_all_at_once(laboratory: Path, arguments: list[str], told: list[str]) -> None:
    message = refused("run", "-o", "scan.h5", *arguments)
    assert [part for part in told if part not in message] == []
    assert message.count("\n  - ") == (len(told) if len(told) > 1 else 0)
    assert not (laboratory / "scan.h5").exists()


def test_a_device_that_fails_ends_with_code_1_and_tells_what_is_saved(
    laboratory: Path, values_of: Any
) -> None:
    done = call(*RUN, "-d", "broken")
    assert done.exit_code == cli.FAILED
    told = "Error: detector 'Broken' failed at point 3 of 5 (Stage = 0 mm): OSError: the cable is out\n"
    assert done.stderr == told + f"2 of 5 points are saved in {laboratory / 'scan.h5'} /RawData/Scan000\n"
    np.testing.assert_array_equal(values_of(laboratory / "scan.h5", "Acquired"), [1, 2, 0, 0, 0])


def test_ctrl_c_ends_with_code_130_and_tells_what_is_saved(laboratory: Path, values_of: Any) -> None:
    done = call(*RUN, "-d", "impatient")
    assert done.exit_code == cli.STOPPED == 130
    assert done.stderr == f"Stopped.\n4 of 5 points are saved in {laboratory / 'scan.h5'} /RawData/Scan000\n"
    np.testing.assert_array_equal(values_of(laboratory / "scan.h5", "Acquired"), [1, 2, 3, 4, 0])


def test_without_a_terminal_progress_is_told_in_lines(
    laboratory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h5modules.scanning.cli._display.QUIET_SECONDS", 0.0)
    lines = call(*RUN).stderr.splitlines()
    assert lines[-1].startswith("5 of 5 points, ")
    assert lines[-1].endswith(" points/s")


@pytest.mark.usefixtures("laboratory")
def test_devices_are_listed_with_their_roles_and_packages() -> None:
    listed = {line.split()[0]: line.split()[1:] for line in call("devices").stdout.splitlines()}
    assert listed["diode"] == ["detector", "lab"]
    assert listed["stage"] == ["actuator", "lab"]
    assert listed["absent"] == ["unknown", "lab"]  # it would have to be opened
    told = json.loads(call("devices", "--json").stdout)["devices"]
    assert {"name": "stage", "roles": ["actuator"], "package": "lab", "problem": ""} in told


def test_a_device_that_cannot_be_imported_is_listed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = RegisteredDevice("gone", "lab", "lab_that_is_gone:Diode")
    monkeypatch.setattr(cli, "registered_devices", lambda: [gone])
    done = call("devices")
    assert done.stdout.startswith(
        "gone  unknown  lab  device 'gone' failed when it was imported: ModuleNotFound"
    )
    assert done.exit_code == 0


def test_without_devices_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "registered_devices", list)
    done = call("devices")
    assert (done.exit_code, done.stdout) == (0, "")
    assert "No installed package registers devices" in done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"], ["devices", "--help"]], ids=" ".join)
def test_help_is_there(arguments: list[str]) -> None:
    done = call(*arguments)
    assert done.exit_code == 0
    assert "Usage" in done.stdout


@pytest.mark.parametrize("module", ["h5modules.scanning", "h5modules.scanning.cli"])
def test_importing_is_cheap(module: str) -> None:
    command = [sys.executable, "-c", BARE.format(module=module)]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert {"h5py", "pymodaq_data", "matplotlib", "pint"}.isdisjoint(loaded)
    assert ("typer" in loaded) is (module == "h5modules.scanning.cli")
