"""A scan that is paused, stopped, aborted; lists of places; a scan that is gone on with."""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.data_saving import DataLoader
from h5modules.scanning import (
    CallLimits,
    FailurePolicy,
    LinearAxis,
    Plan,
    Progress,
    RepeatAxis,
    ScanAbortedError,
    ScanControl,
    ScanResumeError,
    TableAxis,
    resume_scan,
    run_scan,
)

DIODE = "Detector000/Data0D/CH00/Data00"
LINE = Plan([LinearAxis("Stage", 0, 4, 5)])


def at(done: int, press: Any) -> Any:
    """Return a callback that presses a button when that many points are done."""
    return lambda progress: press() if progress.done == done else None


def test_a_scan_that_is_stopped_keeps_its_points(
    tmp_path: Path, stage: Any, diode: Any, values_of: Any, log_of: Any
) -> None:
    control = ScanControl()
    path = tmp_path / "scan.h5"
    result = run_scan(LINE, [stage], [diode], path, control=control, callback=at(2, control.stop))
    assert (result.progress.done, result.is_complete, control.is_stopping) == (2, False, True)
    np.testing.assert_array_equal(values_of(path, "Acquired"), [1, 2, 0, 0, 0])
    assert log_of(path)[-1].endswith("stopped after 2 of 5 points by the user")


def test_a_scan_that_is_paused_waits_until_it_is_resumed(tmp_path: Path, stage: Any, diode: Any) -> None:
    control = ScanControl()
    paused = threading.Event()

    def pause() -> None:
        control.pause()
        paused.set()

    scan = threading.Thread(
        target=run_scan,
        args=(LINE, [stage], [diode], tmp_path / "scan.h5"),
        kwargs={"control": control, "callback": at(2, pause)},
    )
    scan.start()
    assert paused.wait(20)
    scan.join(0.05)
    assert scan.is_alive()
    assert control.is_paused
    assert stage.moves == [0, 1]
    control.resume()
    scan.join(10)
    assert not scan.is_alive()
    assert stage.moves == [0, 1, 2, 3, 4]


def test_a_scan_that_is_paused_can_be_stopped(tmp_path: Path, stage: Any, diode: Any) -> None:
    control = ScanControl()

    def pause_and_stop() -> None:
        control.pause()
        threading.Timer(0.02, control.stop).start()

    callback = at(2, pause_and_stop)
    done = run_scan(LINE, [stage], [diode], tmp_path / "scan.h5", control=control, callback=callback)
    assert done.progress.done == 2


@pytest.mark.parametrize("has_company", [True, False])
def test_a_scan_that_is_aborted_does_not_wait_for_a_device_in_a_thread(
    tmp_path: Path, stage: Any, make_detector: Any, has_company: bool
) -> None:
    control, let_go = ScanControl(), threading.Event()
    threading.Timer(0.1, control.abort).start()
    hanging = make_detector("Hanging", lambda: float(let_go.wait(20)))
    detectors = [make_detector("D", float), hanging] if has_company else [hanging]
    policy = FailurePolicy(limits={} if has_company else {"Hanging": CallLimits(timeout=math.inf)})
    with pytest.raises(ScanAbortedError) as caught:
        run_scan(LINE, [stage], detectors, tmp_path / "scan.h5", control=control, policy=policy)
    let_go.set()
    assert caught.value.__notes__[0].startswith("0 of 5 points are saved")


def test_an_abort_ends_settling(tmp_path: Path, stage: Any, diode: Any) -> None:
    control = ScanControl()
    threading.Timer(0.05, control.abort).start()
    with pytest.raises(ScanAbortedError):
        run_scan(Plan(LINE.axes, settle=60), [stage], [diode], tmp_path / "a.h5", control=control)


def test_progress_tells_the_time_left() -> None:
    assert Progress(10, 40, 5.0, skipped=10).seconds_left == 10
    assert Progress(30, 40, 5.0, before=20).rate == 2
    assert Progress(0, 40, 0.0).seconds_left == np.inf


def test_a_list_of_places_is_loaded_as_such(tmp_path: Path, make_stage: Any, make_detector: Any) -> None:
    x, y = make_stage("x"), make_stage("y")
    table = TableAxis(("x", "y"), [(0, 1), (5, 1.5), (2, 2)])
    detector = make_detector("D", lambda: np.array([x.position, y.position]))
    path = run_scan(Plan([table], "random"), [x, y], [detector], tmp_path / "scan.h5").path
    with DataLoader(path) as loader:
        data = loader.load_data("/RawData/Scan000/Detector000/Data1D/CH00/Data00")
    np.testing.assert_array_equal(data[0], table.positions())
    assert data.distribution.name == "spread"
    assert sorted(axis.label for axis in data.get_nav_axes()) == ["x", "y"]


def test_repetitions_are_an_axis(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    numbers = iter(range(6))
    plan = Plan([LinearAxis("Stage", 0, 1, 2), RepeatAxis(3)])
    path = run_scan(plan, [stage], [make_detector("D", lambda: next(numbers))], tmp_path / "scan.h5").path
    with DataLoader(path) as loader:
        data = loader.load_data(f"/RawData/Scan000/{DIODE}")
    assert data[0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [axis.label for axis in data.get_nav_axes()] == ["Stage", "Repetition"]
    assert stage.moves == [0, 1]


def stopped(path: Path, stage: Any, diode: Any, plan: Plan = LINE, after: int = 2) -> None:
    control = ScanControl()
    run_scan(plan, [stage], [diode], path, control=control, callback=at(after, control.stop))
    stage.moves.clear()


def test_a_scan_is_gone_on_with_where_it_stopped(
    tmp_path: Path, stage: Any, diode: Any, values_of: Any, log_of: Any
) -> None:
    path = tmp_path / "scan.h5"
    stopped(path, stage, diode)
    seen: list[Progress] = []
    result = resume_scan(LINE, [stage], [diode], path, callback=seen.append)
    assert (result.node, result.is_complete) == ("/RawData/Scan000", True)
    assert [progress.done for progress in seen] == [2, 3, 4, 5]
    assert stage.moves == [0, 1, 2, 3, 4]  # to the point before, as it was come to, then on
    np.testing.assert_array_equal(values_of(path, "Acquired"), [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(values_of(path, DIODE), np.exp(-(np.arange(5.0) ** 2)))
    times = values_of(path, "Timestamps/Data0D/CH00/Data00")
    assert (np.diff(times) > 0).all()
    assert "resumed at point 3 of 5" in log_of(path)[-2]
    assert "all 5 points done, 3 of them now in " in log_of(path)[-1]


def test_the_times_of_a_scan_count_the_break_in_it(
    tmp_path: Path, stage: Any, diode: Any, values_of: Any
) -> None:
    path = tmp_path / "scan.h5"
    stopped(path, stage, diode)
    with h5py.File(path, "r+") as file:
        file["RawData/Scan000"].attrs["begun"] -= 3600  # as if it had been stopped for an hour
    resume_scan(LINE, [stage], [diode], path)
    times = values_of(path, "Timestamps/Data0D/CH00/Data00")
    assert (times > 3600).tolist() == [False, False, True, True, True]


def test_points_that_were_skipped_are_acquired_when_it_is_gone_on(
    tmp_path: Path, stage: Any, make_detector: Any, values_of: Any
) -> None:
    from h5modules.scanning import FailurePolicy, OnFailure

    numbers = iter(range(20))

    def measure() -> float:
        if (number := next(numbers)) == 1:
            raise OSError
        return float(number)

    path, detector = tmp_path / "scan.h5", make_detector("D", measure)
    run_scan(LINE, [stage], [detector], path, policy=FailurePolicy(OnFailure.skip))
    resume_scan(LINE, [stage], [detector], path)
    np.testing.assert_array_equal(values_of(path, "Acquired"), [1, 5, 2, 3, 4])


def test_a_scan_that_is_complete_is_left_as_it_is(tmp_path: Path, stage: Any, diode: Any) -> None:
    path = run_scan(LINE, [stage], [diode], tmp_path / "scan.h5").path
    stage.moves.clear()
    assert resume_scan(LINE, [stage], [diode], path).is_complete
    assert stage.moves == []


def test_a_scan_is_gone_on_with_as_it_was_begun(
    tmp_path: Path, stage: Any, diode: Any, make_detector: Any
) -> None:
    path = tmp_path / "scan.h5"
    stopped(path, stage, diode)
    before = path.read_bytes()
    with pytest.raises(ScanResumeError, match="was made by another plan"):
        resume_scan(Plan([LinearAxis("Stage", 0, 4, 6)]), [stage], [diode], path)
    with pytest.raises(ScanResumeError, match=r"with the detectors \['Diode'\], not \['Camera'\]"):
        resume_scan(LINE, [stage], [make_detector("Camera", float)], path)
    assert stage.moves == []
    assert len(path.read_bytes()) == len(before)


PLACES = TableAxis(["Stage"], [[0], [1], [2]])


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        (
            Plan([LinearAxis("Stage", 0, 5, 6)]),
            "axis 'Stage': stop is 4.0 in the file, 5.0 now; axis 'Stage': points is 5 in",
        ),
        (replace(LINE, settle=0.5), "settle is not said in the file, 0.5 now"),
        (Plan([RepeatAxis(2), *LINE.axes]), "the number of axes is 1 in the file, 2 now"),
        (Plan([PLACES]), r"axis 'Stage': kind is 'linear' in the file, 'table' now"),
    ],
)
def test_what_differs_in_the_plan_is_told(
    tmp_path: Path, stage: Any, diode: Any, plan: Plan, told: str
) -> None:
    stopped(tmp_path / "scan.h5", stage, diode)
    with pytest.raises(ScanResumeError) as caught:
        resume_scan(plan, [stage], [diode], tmp_path / "scan.h5")
    assert f"was made by another plan: {told}" in str(caught.value)


def test_a_place_that_differs_is_told(tmp_path: Path, stage: Any, diode: Any) -> None:
    stopped(tmp_path / "scan.h5", stage, diode, Plan([PLACES]))
    other = Plan([replace(PLACES, rows=[[0], [1.5], [2]])])
    with pytest.raises(ScanResumeError, match=r"axis 'Stage': rows\[1\]\[0\] is 1.0 in the file, 1.5 now\."):
        resume_scan(other, [stage], [diode], tmp_path / "scan.h5")


@dataclass(frozen=True)
class SquaredAxis:
    """Positions that grow as squares: a kind that only this program knows."""

    points: int
    actuators: tuple[str, ...] = ("Stage",)
    units: str = ""
    is_spread: bool = False

    def __len__(self) -> int:
        return self.points

    def positions(self) -> Any:
        return np.arange(float(self.points))[:, None] ** 2

    def problems(self) -> list[str]:
        return []

    def renamed(self, titles: Mapping[str, str]) -> SquaredAxis:
        return replace(self, actuators=tuple(titles.get(each, each) for each in self.actuators))

    def to_table(self) -> dict[str, Any]:
        return {"kind": "squared", "points": self.points, "actuators": self.actuators}


def test_a_scan_along_an_axis_of_ones_own_is_gone_on_with(tmp_path: Path, stage: Any, diode: Any) -> None:
    path = tmp_path / "scan.h5"
    stopped(path, stage, diode, Plan([SquaredAxis(4)]))
    with pytest.raises(ScanResumeError, match="was made by another plan"):
        resume_scan(Plan([SquaredAxis(5)]), [stage], [diode], path)
    assert resume_scan(Plan([SquaredAxis(4)]), [stage], [diode], path).is_complete
    assert stage.moves[-1] == 9


def test_without_a_scan_there_is_nothing_to_go_on_with(tmp_path: Path, stage: Any, diode: Any) -> None:
    from h5modules.saving import H5SaverLowLevel

    H5SaverLowLevel.from_file(tmp_path / "empty.h5").close_file()
    with pytest.raises(ScanResumeError, match="holds no scan that could be gone on with"):
        resume_scan(LINE, [stage], [diode], tmp_path / "empty.h5")
