"""Logs: rows against the time, on change, in several files, gone on with."""

from __future__ import annotations

import gc
import io
import json
import signal
import threading
import tracemalloc
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from h5modules.backends import FileTakenError, H5Backend
from h5modules.data_saving import DataLoader
from h5modules.scanning import (
    DeviceFailedError,
    DeviceProgress,
    FailurePolicy,
    LogProgress,
    LogRule,
    OnFailure,
    PlanError,
    Sampling,
    ScanControl,
    cli,
    log_devices,
)
from h5modules.scanning._log_rule import latest_number
from h5modules.scanning.cli._log_display import LogDisplay

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
    assert (done.rows, done.failed, done.path) == (10, 0, path)
    told = [(each.title, each.rows, each.latest) for each in done.devices]
    assert told == [("Stage", 5, 0.0), ("D", 5, 5.5)]
    data = rows_of(path, ROWS.replace("0D", "1D"))
    np.testing.assert_array_equal(data[0], [[n, 7] for n in range(5)])
    times = data.get_nav_axes()[0].get_data()
    assert (np.diff(times) > 0).all()
    assert times[-1] > 1e9
    assert rows_of(path, ROWS.replace("Detector", "Actuator"))[0].tolist() == [0.0] * 5
    assert stage.moves == []
    assert log_of(path)[-1].endswith("Log: log ends after 10 readings")


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
    assert done.rows == 4
    np.testing.assert_array_equal(rows_of(tmp_path / "log.h5")[0], [1.0, np.nan, 2.0])
    assert rows_of(tmp_path / "log.h5", ROWS.replace("Detector000", "Detector001"))[0].tolist() == [5]


def test_the_next_file_begins_when_one_is_large_enough(tmp_path: Path, make_detector: Any) -> None:
    numbers = iter(range(100))
    rule = LogRule(interval=0, largest_file=40_000, on_change=True)
    detectors = [make_detector("D", lambda: np.full(1024, next(numbers))), make_detector("Still", lambda: 5)]
    done = log_devices([], detectors, tmp_path / "log.h5", rule, **ending(12))
    names = sorted(path.name for path in tmp_path.glob("*.h5"))
    assert names == ["log.h5", "log_001.h5", "log_002.h5"]
    assert (done.path.name, done.rows) == (names[-1], 15)
    rows = [rows_of(tmp_path / name, ROWS.replace("0D", "1D"))[0][:, 0].tolist() for name in names]
    assert rows == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11]]
    # Each file is whole: it begins with a row of a device that does not change.
    still = ROWS.replace("Detector000", "Detector001")
    assert [rows_of(tmp_path / name, still)[0].tolist() for name in names] == [[5], [5], [5]]


def test_the_next_file_begins_when_one_is_long_enough(tmp_path: Path, make_detector: Any) -> None:
    rule, control = LogRule(interval=0.01, longest_file=0.15), ScanControl()

    def stop_in_the_third(progress: LogProgress) -> None:
        if progress.path.stem == "log_002":
            control.stop()

    done = log_devices(
        [],
        [make_detector("D", float)],
        tmp_path / "log.h5",
        rule,
        callback=stop_in_the_third,
        control=control,
    )
    paths = sorted(tmp_path.glob("*.h5"))
    assert len(paths) == 1 + latest_number(tmp_path / "log.h5") >= 3
    times = np.concatenate([rows_of(path).get_nav_axes()[0].get_data() for path in paths])
    assert times.size == done.rows
    assert (np.diff(times) > 0).all()
    before = rows_of(paths[-1])[0].size
    log_devices([], [make_detector("D", float)], tmp_path / "log.h5", rule, append=True, **ending(1))
    assert rows_of(paths[-1])[0].size == before + 1
    assert sorted(tmp_path.glob("*.h5")) == paths


def test_each_file_has_a_row_of_a_slow_device(tmp_path: Path, make_detector: Any) -> None:
    control = ScanControl()

    def stop_in_the_third(progress: LogProgress) -> None:
        if progress.path.stem == "log_002":
            control.stop()

    detectors = [make_detector("Slow", float), make_detector("Fast", float)]
    rule = LogRule(interval=0.01, longest_file=0.1, devices={"Slow": Sampling(3600)})
    log_devices([], detectors, tmp_path / "log.h5", rule, callback=stop_in_the_third, control=control)
    paths = sorted(tmp_path.glob("*.h5"))
    assert len(paths) == 3
    assert [rows_of(path)[0].size for path in paths] == [1, 1, 1]


@pytest.mark.parametrize("how", [{}, {"overwrite": True}], ids=["new", "overwrite"])
def test_files_of_an_earlier_series_are_not_run_into(
    tmp_path: Path, make_detector: Any, how: dict[str, bool]
) -> None:
    (tmp_path / "log_001.h5").write_bytes(b"precious")
    rule = LogRule(longest_file=3600)
    with pytest.raises(FileTakenError, match=r"log_001.h5' exists already, where the log may go on"):
        log_devices([], [make_detector("D", float)], tmp_path / "log.h5", rule, **how)
    assert [path.name for path in tmp_path.iterdir()] == ["log_001.h5"]


def test_files_behind_a_gap_of_a_series_are_not_run_into(tmp_path: Path, make_detector: Any) -> None:
    (tmp_path / "log_002.h5").write_bytes(b"precious")
    rule = LogRule(longest_file=3600)
    with pytest.raises(FileTakenError, match=r"log_002.h5' exists already, where the log may go on"):
        log_devices([], [make_detector("D", float)], tmp_path / "log.h5", rule)


def test_a_series_with_a_gap_is_gone_on_with_at_its_end(tmp_path: Path, make_detector: Any) -> None:
    rule = LogRule(interval=0, longest_file=3600)
    log_devices([], [make_detector("D", float)], tmp_path / "log.h5", rule, **ending(2))
    (tmp_path / "log.h5").rename(tmp_path / "log_003.h5")
    done = log_devices([], [make_detector("D", float)], tmp_path / "log.h5", rule, append=True, **ending(1))
    assert done.path.name == "log_003.h5"
    assert rows_of(done.path)[0].size == 3


def test_a_file_that_comes_in_the_way_leaves_the_log_in_the_last_one(
    tmp_path: Path, make_detector: Any
) -> None:
    # The first row takes its time on a busy machine; the next file must not begin before it.
    rule = LogRule(interval=0.01, longest_file=1, seconds=60)

    def put_in_the_way(progress: LogProgress) -> None:
        if progress.rows == 1:
            (tmp_path / "log_001.h5").write_bytes(b"precious")

    detectors = [make_detector("D", float)]
    with pytest.raises(FileTakenError) as caught:
        log_devices([], detectors, tmp_path / "log.h5", rule, callback=put_in_the_way)
    assert any("log.h5" in note for note in caught.value.__notes__)
    assert rows_of(tmp_path / "log.h5")[0].size >= 1
    with H5Backend.open(tmp_path / "log.h5") as file:
        assert "log_001.h5" in file.get_node("/RawData/Logger")[-1]
    assert (tmp_path / "log_001.h5").read_bytes() == b"precious"


def test_each_device_has_a_rate_of_its_own(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    numbers = iter(range(1000))
    detectors = [
        make_detector("Fast", lambda: next(numbers)),
        make_detector("Slow", float),
        make_detector("Drifting", lambda: len(detectors[2].returned) * 0.01),
    ]
    rule = LogRule(
        interval=0, devices={"Slow": Sampling(3600), "Drifting": Sampling(0, on_change=True, tolerance=0.1)}
    )
    done = log_devices([stage], detectors, tmp_path / "log.h5", rule, **ending(50))
    assert {each.title: each.rows for each in done.devices} == {
        "Stage": 50, "Fast": 50, "Slow": 1, "Drifting": 5,
    }  # fmt: skip
    drifting = rows_of(tmp_path / "log.h5", ROWS.replace("Detector000", "Detector002"))[0]
    assert (np.diff(drifting) > 0.1).all()
    assert len(detectors[1].returned) == 1


def test_devices_that_are_due_are_read_at_the_same_time(tmp_path: Path, make_detector: Any) -> None:
    barrier = threading.Barrier(2, timeout=5)  # passes only when two wait at it
    detectors = [make_detector(name, barrier.wait) for name in "AB"]
    assert log_devices([], detectors, tmp_path / "log.h5", FAST, **ending(2)).rows == 4


def test_a_device_that_is_away_leaves_the_others_alone_and_the_log_of_the_file_short(
    tmp_path: Path, make_detector: Any, log_of: Any
) -> None:
    numbers = iter(range(100))

    def measure() -> Any:
        number = next(numbers)
        if 2 <= number < 7:
            raise OSError("no answer")
        return np.zeros(3) if number == 8 else float(number)

    path, detectors = tmp_path / "log.h5", [make_detector("D", measure), make_detector("E", float)]
    rule = LogRule(interval=0, on_change=False)
    done = log_devices([], detectors, path, rule, policy=FailurePolicy(OnFailure.skip), **ending(10))
    assert {each.title: (each.rows, each.failed) for each in done.devices} == {"D": (4, 6), "E": (10, 0)}
    lines = [line.partition("Log: ")[2] for line in log_of(path)]
    assert lines[1:-1] == [
        "left out until it answers again: detector 'D' failed while it was logged: OSError: no answer",
        "'D' answers again, after 5 readings that failed",
        lines[3],
        "'D' answers again, after 1 readings that failed",
    ]
    assert "changed what it returns" in lines[3]


def test_memory_does_not_grow_with_a_log(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    detectors = [make_detector("D", lambda: 1.0), make_detector("Spectrum", lambda: np.zeros(64))]
    sizes: list[int] = []

    def look(progress: Any) -> None:
        for detector in detectors:
            detector.returned.clear()
        if progress.rows in (900, 2700):
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])

    tracemalloc.start()
    try:
        control = ScanControl()
        log_devices(
            [stage],
            detectors,
            tmp_path / "log.h5",
            LogRule(interval=0),
            control=control,
            callback=lambda done: (look(done), control.stop() if done.rows >= 2700 else None),
        )
    finally:
        tracemalloc.stop()
    assert sizes[1] - sizes[0] < 20_000


def test_a_log_is_gone_on_with_in_its_last_file(tmp_path: Path, make_detector: Any) -> None:
    path, detector = tmp_path / "log.h5", make_detector("D", lambda: 1.0)
    log_devices([], [detector], path, FAST, **ending(3))
    log_devices([], [detector], path, FAST, append=True, **ending(2))
    assert rows_of(path)[0].shape == (5,)
    with h5py.File(path) as file:
        assert sorted(file["RawData"]) == ["Datalogger000", "Logger"]


def test_a_log_of_other_devices_is_a_new_one(tmp_path: Path, make_detector: Any) -> None:
    path = tmp_path / "log.h5"
    one, other = make_detector("One", float), make_detector("Other", float)
    nodes = [
        log_devices([], devices, path, FAST, append=True, **ending(3)).node
        for devices in ([one], [one, other], [other, one], [one])
    ]
    assert nodes == [f"/RawData/Datalogger00{number}" for number in (0, 1, 1, 2)]
    with h5py.File(path) as file:
        assert [len(file[f"RawData/Datalogger00{number}"]) for number in range(3)] == [1, 2, 1]


def test_readings_that_fail_end_a_log_or_are_left_out(
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
    numbers = iter(range(100))
    with pytest.raises(DeviceFailedError, match="no answer") as caught:
        log_devices([], [make_detector("D", measure)], path, FAST, overwrite=True)
    assert caught.value.__notes__ == [f"1 readings are saved in {path} /RawData/Datalogger000"]
    assert "stopped after 1 readings by DeviceFailedError" in log_of(path)[-1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"interval": -1}, "interval is -1"),
        ({"seconds": 0}, "seconds is 0"),
        ({"largest_file": -1}, "above 0"),
        ({"interval": "often"}, "interval is 'often'"),
    ],
)
def test_rules_that_cannot_be_are_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        LogRule(**values)


@pytest.mark.parametrize("text", ["", "a,often", "a,every=x", "a,change=-1", ",every=3", "a,every=nan"])
def test_what_does_not_tell_how_a_device_is_logged_is_refused(text: str) -> None:
    with pytest.raises(PlanError):
        Sampling.parse(text)


def test_a_rule_for_a_device_that_is_not_there_is_refused(tmp_path: Path, diode: Any) -> None:
    rule = LogRule(devices={"Diod": Sampling(5)})
    with pytest.raises(PlanError, match="a rate is told for 'Diod', .* did you mean 'Diode'"):
        log_devices([], [diode], tmp_path / "log.h5", rule)


def test_without_devices_there_is_nothing_to_log(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="nothing to log"):
        log_devices([], [], tmp_path / "log.h5")
    assert list(tmp_path.iterdir()) == []


def call_log(*arguments: str) -> Any:
    import typer

    app = typer.Typer()
    app.command()(cli.log)
    return CliRunner(env={"COLUMNS": "80"}).invoke(app, [*arguments, "-o", "log.h5"])


def test_devices_are_logged_from_the_command_line(laboratory: Path) -> None:
    done = call_log(*"-d diode -a stage,every=0.4 --interval 0.05 --seconds 1 --timeout 5 --json".split())
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["status"], told["devices"]["Stage"]["rows"]) == ("done", 3)
    assert told["devices"]["Diode"]["rows"] == rows_of(laboratory / "log.h5")[0].size > 5
    assert told["rows"] == 3 + told["devices"]["Diode"]["rows"]


def test_a_log_that_fails_tells_what_is_saved_and_ends_with_code_1(laboratory: Path) -> None:
    done = call_log("-d", "broken", "--interval", "0")
    assert done.exit_code == cli.FAILED
    assert done.stderr.endswith("2 readings are saved in log.h5 /RawData/Datalogger000\n")
    assert (laboratory / "log.h5").exists()


def test_all_that_is_wrong_with_a_log_is_told_at_once(laboratory: Path) -> None:
    done = call_log(*"-d diod -d diode,often -a stage,every=-1 -a rotator -d rotator --json".split())
    assert done.exit_code == cli.REFUSED
    starts = [problem[:24] for problem in json.loads(done.stdout)["problems"]]
    assert starts == [
        "interval is -1.0; give a",
        "'diode,often' does not t",
        "'rotator' is named 2 tim",
        "detectors[0]: no device ",
    ]
    assert not (laboratory / "log.h5").exists()


PLAN = """
title = "Night"
actuators = ["stage"]
detectors = ["diode"]
interval = 0.05
seconds = 1
on_failure = "skip"

[devices.stage]
interval = 0.4
timeout = 5
"""


def test_a_log_is_told_by_a_file_and_gone_on_with(laboratory: Path) -> None:
    (laboratory / "night.toml").write_text(PLAN, "utf-8")
    told = json.loads(call_log("night.toml", "--check", "--json").stdout)
    assert (told["status"], told["seconds"]) == ("good", 1)
    assert told["devices"]["Stage"] == {"interval": 0.4, "on_change": False, "tolerance": 0}
    assert not (laboratory / "log.h5").exists()
    done = call_log("night.toml", "--no-nexus", "--json")
    assert done.exit_code == 0, done.output
    with h5py.File(laboratory / "log.h5") as file:
        assert list(file) == ["RawData"]
    rows = json.loads(done.stdout)["devices"]
    assert rows["Stage"]["rows"] == 3
    again = json.loads(call_log("night.toml", "--append", "--json").stdout)["devices"]
    assert rows_of(laboratory / "log.h5")[0].size == rows["Diode"]["rows"] + again["Diode"]["rows"]


def test_that_a_log_is_of_other_devices_is_told_before_anything_is_written(laboratory: Path) -> None:
    assert call_log("-d", "diode", "--seconds", "0.1", "-o", "log.h5").exit_code == 0
    before = (laboratory / "log.h5").read_bytes()
    same = call_log("-d", "diode", "-o", "log.h5", "--append", "--check")
    assert same.stderr == ""
    other = call_log("-d", "diode", "-a", "stage", "-o", "log.h5", "--append", "--check")
    assert other.stderr == (
        "/RawData/Datalogger000 in 'log.h5' records 'Diode'; this log records 'Stage', 'Diode', and is begun "
        "as a new one in that file.\n"
    )
    assert (laboratory / "log.h5").read_bytes() == before
    done = call_log("-a", "stage", "--seconds", "0.1", "-o", "log.h5", "--append")
    assert "this log records 'Stage'" in done.stderr
    assert done.stdout.endswith("Saved: log.h5 /RawData/Datalogger001\n")


def test_what_a_file_would_log_is_told(laboratory: Path) -> None:
    (laboratory / "night.toml").write_text(
        'detectors = ["diode"]\nmegabytes = 100\nhours = 24\n[devices.diode]\ntolerance = 0.1\n', "utf-8"
    )
    assert call_log("night.toml", "--check").stdout.splitlines() == [
        "Log: until Ctrl-C",
        "  Diode  every 1 s, saved when it changes, by more than 0.1",
        "The next file begins after 100 MB or 1 day.",
    ]


@pytest.mark.parametrize("option", ["--interval", "--seconds", "--hours"])
def test_a_plan_and_an_option_of_nothing_are_not_both_taken(laboratory: Path, option: str) -> None:
    (laboratory / "night.toml").write_text('detectors = ["diode"]\n', "utf-8")
    called = call_log("night.toml", option, "0", "--json")
    assert (called.exit_code, "not both" in called.stdout) == (cli.REFUSED, True)


def test_a_bound_is_told_by_the_name_of_its_option(laboratory: Path) -> None:
    called = call_log("-d", "diode", "--megabytes", "-5", "--json")
    assert (called.exit_code, "--megabytes is -5" in called.stdout) == (cli.REFUSED, True)


def test_all_that_is_wrong_with_a_log_in_a_file_is_told_at_once(laboratory: Path) -> None:
    (laboratory / "night.toml").write_text(
        """
detectors = ["diod", "stage", "diode", "diode"]
interval = "often"
second = 5
hours = 0
on_failure = "panic"

[devices.diode]
tolerance = -1
on_change = 1
timeout = 0
[devices.rotator]
interval = 1
""",
        "utf-8",
    )
    (laboratory / "log.h5").write_bytes(b"")
    done = call_log("night.toml", "--json")
    assert done.exit_code == cli.REFUSED
    problems = json.loads(done.stdout)["problems"]
    for start in (
        "on_failure is 'panic'",
        "interval is 'often'; give a number",
        "devices.diode.on_change is 1; give true or false",
        "devices.diode: timeout is 0.0",
        "second is unknown; did you mean 'seconds'",
        "'diode' is named 2 times",
        "devices.rotator is not logged",
        "hours is 0; give a number above 0",
        "detectors[0]: no device is named 'diod'; did you mean 'diode'",
        "detectors[1]: 'Stage' cannot be used",
        "'log.h5' exists already",
    ):
        assert any(problem.startswith(start) for problem in problems), (start, problems)
    assert call_log("night.toml", "-d", "diode", "--json").exit_code == cli.REFUSED
    (laboratory / "night.toml").write_text("interval = = 1", "utf-8")
    assert "line 1" in json.loads(call_log("night.toml", "--json").stdout)["problems"][0]


def test_a_log_is_shown_on_a_terminal_and_in_lines_elsewhere(tmp_path: Path) -> None:
    devices = DeviceProgress("Diode", "V", 1200, 2, 0.123456789), DeviceProgress("Camera", "counts")
    progress = [LogProgress(tmp_path / "n.h5", 1200, 2, seconds, devices) for seconds in (1.0, 61.0, 62.0)]
    told = {}
    for is_terminal in (True, False):
        console = Console(file=io.StringIO(), force_terminal=is_terminal, width=100)
        display = LogDisplay(console)
        for each in progress:
            display.show(each)
        display.close()
        told[is_terminal] = console.file.getvalue()  # type: ignore[attr-defined]
    assert [part in told[True] for part in ("Diode", "0.123457", "1200", "Camera", "counts")] == [True] * 5
    assert told[False] == f"1200 readings in 61 s, 2 failed, {tmp_path / 'n.h5'}\n"
