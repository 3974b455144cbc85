"""Logs: rows against the time, on change, in several files, gone on with."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from typer.testing import CliRunner

from h5modules.data_saving import DataLoader
from h5modules.scanning import (
    DeviceFailedError,
    FailurePolicy,
    LogRule,
    OnFailure,
    PlanError,
    ScanControl,
    cli,
    log_devices,
)

FAST = LogRule(interval=0.001)
ROWS = "/RawData/Datalogger000/Detector000/Data0D/CH00/EnlData00"


def ending(rows: int) -> dict[str, Any]:
    """Return what ends a log after that many readings."""
    control = ScanControl()
    seen: list[int] = []

    def count(progress: Any) -> None:
        seen.append(1)
        if len(seen) == rows:
            control.stop()

    return {"control": control, "callback": count}


def rows_of(path: Path, where: str = ROWS) -> Any:
    with DataLoader(path) as loader:
        return loader.load_data(where)


def test_devices_are_recorded_against_the_time(
    tmp_path: Path, stage: Any, make_detector: Any, log_of: Any
) -> None:
    numbers = iter(range(100))
    path = tmp_path / "log.h5"
    done = log_devices(
        [stage], [make_detector("D", lambda: np.array([next(numbers), 7]))], path, FAST, **ending(5)
    )
    assert (done.rows, done.failed, done.path) == (5, 0, path)
    data = rows_of(path, ROWS.replace("0D", "1D"))
    np.testing.assert_array_equal(data[0], [[n, 7] for n in range(5)])
    times = data.get_nav_axes()[0].get_data()
    assert (np.diff(times) > 0).all()
    assert times[-1] > 1e9
    assert rows_of(path, ROWS.replace("Detector", "Actuator"))[0].tolist() == [0.0] * 5
    assert stage.moves == []
    assert log_of(path)[-1].endswith("Log: log ends after 5 readings")


def test_a_log_lasts_as_long_as_said(tmp_path: Path, make_detector: Any) -> None:
    rule = LogRule(interval=0.02, seconds=0.1)
    done = log_devices([], [make_detector("D", float)], tmp_path / "log.h5", rule)
    assert 1 <= done.rows <= 6
    assert done.seconds < 5


def test_ctrl_c_ends_a_log_in_peace(tmp_path: Path, make_detector: Any) -> None:
    def press(progress: Any) -> None:
        if progress.rows == 3:
            signal.raise_signal(signal.SIGINT)

    detector = make_detector("D", float)
    assert log_devices([], [detector], tmp_path / "log.h5", FAST, callback=press).rows == 3


def test_only_what_changes_is_saved(tmp_path: Path, make_detector: Any) -> None:
    values = iter([1.0, 1.0, np.nan, np.nan, 2.0, 2.0])
    detectors = [make_detector("D", lambda: next(values)), make_detector("Still", lambda: 5)]
    rule = LogRule(interval=0, on_change=True)
    done = log_devices([], detectors, tmp_path / "log.h5", rule, **ending(6))
    assert done.rows == 3
    np.testing.assert_array_equal(rows_of(tmp_path / "log.h5")[0], [1.0, np.nan, 2.0])
    assert rows_of(tmp_path / "log.h5", ROWS.replace("Detector000", "Detector001"))[0].tolist() == [5]


def test_the_next_file_begins_when_one_is_large_enough(tmp_path: Path, make_detector: Any) -> None:
    numbers = iter(range(100))
    rule = LogRule(interval=0, largest_file=1)
    detector = make_detector("D", lambda: next(numbers))
    done = log_devices([], [detector], tmp_path / "log.h5", rule, **ending(3))
    names = sorted(path.name for path in tmp_path.glob("*.h5"))
    assert names == ["log.h5", "log_001.h5", "log_002.h5", "log_003.h5"]
    assert done.path.name == names[-1]
    assert [rows_of(tmp_path / name)[0].tolist() for name in names[1:]] == [[0], [1], [2]]


def test_a_log_is_gone_on_with_in_its_last_file(tmp_path: Path, make_detector: Any) -> None:
    path, detector = tmp_path / "log.h5", make_detector("D", lambda: 1.0)
    log_devices([], [detector], path, FAST, **ending(3))
    log_devices([], [detector], path, FAST, append=True, **ending(2))
    assert rows_of(path)[0].shape == (5,)
    with h5py.File(path) as file:
        assert sorted(file["RawData"]) == ["Datalogger000", "Logger"]


def test_readings_that_fail_are_left_out_when_that_is_said(
    tmp_path: Path, make_detector: Any, log_of: Any
) -> None:
    numbers = iter(range(100))

    def measure() -> float:
        if (number := next(numbers)) == 1:
            raise OSError("no answer")
        return float(number)

    path = tmp_path / "log.h5"
    policy = FailurePolicy(OnFailure.skip)
    done = log_devices([], [make_detector("D", measure)], path, FAST, policy=policy, **ending(4))
    assert (done.rows, done.failed) == (3, 1)
    assert "left out: detector 'D' failed while it was logged: OSError: no answer" in log_of(path)[1]
    numbers = iter(range(100))
    with pytest.raises(DeviceFailedError, match="no answer"):
        log_devices([], [make_detector("D", measure)], path, FAST, overwrite=True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"interval": -1}, "interval is -1"),
        ({"seconds": 0}, "seconds is 0"),
        ({"largest_file": -1}, "above 0"),
    ],
)
def test_rules_that_cannot_be_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        LogRule(**values)


def test_without_devices_there_is_nothing_to_log(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="nothing to log"):
        log_devices([], [], tmp_path / "log.h5")
    assert list(tmp_path.iterdir()) == []


def test_devices_are_logged_from_the_command_line(laboratory: Path) -> None:
    import typer

    app = typer.Typer()
    app.command()(cli.log)
    arguments = "-d diode -a stage --interval 0.05 --seconds 1 -o log.h5 --json".split()
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["status"] == "done"
    assert told["rows"] == rows_of(laboratory / "log.h5")[0].size > 1
