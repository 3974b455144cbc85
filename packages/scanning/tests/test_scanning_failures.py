"""Devices that hang, fail now and then, or must not be called twice at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from h5modules.scanning import (
    CallLimits,
    DeviceFailedError,
    DeviceTimeoutError,
    FailurePolicy,
    LinearAxis,
    Plan,
    PlanError,
    ScanAbortedError,
    ScanControl,
    TableAxis,
    log_devices,
    resume_scan,
    run_scan,
)
from h5modules.scanning._calls import Callers
from h5modules.scanning._workers import Call

DIODE = "Detector000/Data0D/CH00/Data00"
LINE = Plan([LinearAxis("Stage", 0, 4, 5)])


class Hanging:
    """A detector that hangs at one call until it is let go, and notes calls that overlap."""

    title = "Hanging"

    def __init__(self, hang_at: int) -> None:
        self.hang_at = hang_at
        self.let_go = threading.Event()
        self.calls = 0
        self.running = 0
        self.most_running = 0

    def read(self) -> float:
        self.calls += 1
        number = self.calls
        self.running += 1
        self.most_running = max(self.running, self.most_running)
        if number == self.hang_at:
            self.let_go.wait(10)
        self.running -= 1
        return float(number)


def wait_until(is_so: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.005)
    return is_so()


def failing(*calls: int) -> Callable[[], float]:
    numbers = iter(range(1, 1000))

    def measure() -> float:
        number = next(numbers)
        if number in calls:
            raise OSError("no answer")
        return float(number)

    return measure


def test_a_call_that_takes_too_long_stops_the_scan(tmp_path: Path, stage: Any, log_of: Any) -> None:
    device = Hanging(3)
    policy = FailurePolicy(limits={"Hanging": CallLimits(timeout=0.05)})
    with pytest.raises(
        DeviceTimeoutError, match=r"'Hanging' failed at point 3 of 5 \(Stage = 2\): .* within 0\.05 s"
    ) as caught:
        run_scan(LINE, [stage], [device], tmp_path / "scan.h5", policy=policy)
    device.let_go.set()
    assert isinstance(caught.value, TimeoutError)
    assert "DeviceTimeoutError: detector 'Hanging'" in log_of(tmp_path / "scan.h5")[-1]


def test_a_call_that_runs_is_never_repeated_and_its_late_result_is_dropped(
    tmp_path: Path, stage: Any, values_of: Any, log_of: Any
) -> None:
    device = Hanging(2)
    limits = {"Hanging": CallLimits(timeout=0.05, retries=1)}
    policy = FailurePolicy("skip", limits=limits)  # type: ignore[arg-type]
    skipped = []

    def let_go_after_two(progress: Any) -> None:
        if progress.skipped == 2:
            device.let_go.set()
        skipped.append(progress.skipped)

    result = run_scan(LINE, [stage], [device], tmp_path / "scan.h5", policy=policy, callback=let_go_after_two)
    assert (skipped[-1], result.progress.done, result.is_complete) == (2, 3, False)
    assert device.most_running == 1
    # The value of the call that hung is in no point.
    np.testing.assert_array_equal(values_of(result.path, DIODE), [1, np.nan, np.nan, 3, 4])
    np.testing.assert_array_equal(values_of(result.path, "Acquired"), [1, 0, 0, 2, 3])
    lines = log_of(result.path)
    assert "skipped: detector 'Hanging' failed at point 2 of 5" in lines[1]
    assert "it is lost, an earlier call has not returned yet" in lines[2]
    assert lines[-1].endswith("2 skipped")


def test_a_device_that_is_lost_is_not_called_by_the_next_scan(tmp_path: Path, stage: Any) -> None:
    device = Hanging(2)
    policy = FailurePolicy(limits={"Hanging": CallLimits(timeout=0.05)})
    with pytest.raises(DeviceTimeoutError):
        run_scan(LINE, [stage], [device], tmp_path / "a.h5", policy=policy)
    for again in (
        lambda: run_scan(LINE, [stage], [device], tmp_path / "b.h5"),
        lambda: resume_scan(LINE, [stage], [device], tmp_path / "a.h5"),
        lambda: log_devices([], [device], tmp_path / "b.h5"),
    ):
        with pytest.raises(DeviceTimeoutError, match="'Hanging' is lost: a call that an earlier scan"):
            again()
    assert (device.calls, sorted(path.name for path in tmp_path.glob("*.h5"))) == (2, ["a.h5"])
    device.let_go.set()
    assert wait_until(lambda: device.running == 0)
    assert resume_scan(LINE, [stage], [device], tmp_path / "a.h5").is_complete
    assert (device.calls, device.most_running) == (6, 1)


def test_a_function_that_is_lost_is_known_again(tmp_path: Path, stage: Any) -> None:
    device = Hanging(1)
    policy = FailurePolicy(limits={"read": CallLimits(timeout=0.05)})
    for message in ("within 0.05 s", "is lost"):
        with pytest.raises(DeviceTimeoutError, match=message):
            run_scan(LINE, [stage], [device.read], tmp_path / "a.h5", overwrite=True, policy=policy)
    device.let_go.set()
    assert device.calls == 1


def test_a_device_is_asked_again_as_often_as_said(
    tmp_path: Path, stage: Any, make_detector: Any, values_of: Any
) -> None:
    policy = FailurePolicy(limits={"D": CallLimits(retries=2)})
    device = make_detector("D", failing(2, 3))
    path = run_scan(LINE, [stage], [device], tmp_path / "scan.h5", policy=policy).path
    np.testing.assert_array_equal(values_of(path, DIODE), [1, 4, 5, 6, 7])
    with pytest.raises(DeviceFailedError, match="at point 2 "):
        run_scan(LINE, [stage], [make_detector("D", failing(2, 3, 4))], path, append=True, policy=policy)


def test_a_point_is_measured_again_with_all_its_moves(
    tmp_path: Path, stage: Any, make_detector: Any, log_of: Any
) -> None:
    path = tmp_path / "scan.h5"
    device = make_detector("D", failing(3))
    assert run_scan(LINE, [stage], [device], path, policy=FailurePolicy(retries=1)).is_complete
    assert stage.moves == [0, 1, 2, 2, 3, 4]
    assert "again: detector 'D' failed at point 3 of 5 (Stage = 2): OSError: no answer" in log_of(path)[1]


def test_points_that_fail_are_left_out_when_that_is_said(
    tmp_path: Path, stage: Any, make_detector: Any, values_of: Any
) -> None:
    devices = [make_detector("D", failing(1, 4))]
    result = run_scan(
        LINE,
        [stage],
        devices,
        tmp_path / "scan.h5",
        policy=FailurePolicy("skip"),  # type: ignore[arg-type]
    )
    np.testing.assert_array_equal(values_of(result.path, "Acquired"), [0, 1, 2, 0, 3])
    assert (result.progress.done, result.progress.skipped) == (3, 2)


def test_devices_of_a_kind_work_at_the_same_time(tmp_path: Path, make_stage: Any, make_detector: Any) -> None:
    barrier = threading.Barrier(2, timeout=5)  # passes only when two wait at it

    class Slow(make_stage):  # type: ignore[misc]
        def move_to(self, value: float) -> None:
            barrier.wait()
            super().move_to(value)

    line = Plan([LinearAxis("a", 0, 1, 2)])
    detectors = [make_detector(name, barrier.wait) for name in "CD"]
    run_scan(line, [make_stage("a")], detectors, tmp_path / "detectors.h5")
    diagonal = Plan([TableAxis(("a", "b"), [(0, 0), (1, 1)])])
    run_scan(diagonal, [Slow("a"), Slow("b")], [make_detector("E", float)], tmp_path / "actuators.h5")


def test_detectors_are_triggered_before_any_is_read(tmp_path: Path, stage: Any) -> None:
    done: list[str] = []

    class Camera:
        def __init__(self, title: str) -> None:
            self.title = title

        def trigger(self) -> None:
            done.append("trigger")

        def read(self) -> float:
            done.append("read")
            return 1.0

    run_scan(Plan([LinearAxis("Stage", 0, 0, 1)]), [stage], [Camera("A"), Camera("B")], tmp_path / "a.h5")
    assert done == ["trigger", "trigger", "read", "read"]


def test_the_others_are_waited_for_when_one_fails(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    done = []

    def slow() -> float:
        time.sleep(0.05)
        done.append("slow")
        return 1.0

    detectors = [make_detector("Broken", failing(1)), make_detector("Slow", slow)]
    with pytest.raises(DeviceFailedError, match="'Broken'"):
        run_scan(LINE, [stage], detectors, tmp_path / "scan.h5")
    assert done == ["slow"]


def test_averages_are_saved_with_their_standard_errors(
    tmp_path: Path, stage: Any, make_detector: Any, values_of: Any
) -> None:
    values = iter([1, 2, 3, 4, 4, 4])
    plan = Plan([LinearAxis("Stage", 0, 1, 2)], averages=3)
    path = run_scan(plan, [stage], [make_detector("D", lambda: next(values))], tmp_path / "scan.h5").path
    np.testing.assert_array_equal(values_of(path, DIODE), [2, 4])
    errors = values_of(path, "Detector000/Data0D/CH00/ErrorBar00")
    np.testing.assert_allclose(errors, [1 / np.sqrt(3), 0])


def test_readings_of_an_average_have_one_shape(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    values = iter([np.zeros(3), np.zeros(4)])
    plan = Plan([LinearAxis("Stage", 0, 1, 2)], averages=2)
    with pytest.raises(DeviceFailedError, match="its readings differ in shape"):
        run_scan(plan, [stage], [make_detector("D", lambda: next(values))], tmp_path / "scan.h5")


def test_a_limit_for_a_device_that_is_not_there_is_refused(tmp_path: Path, stage: Any, diode: Any) -> None:
    policy = FailurePolicy(limits={"Diod": CallLimits(timeout=5)})
    for run in (
        lambda: run_scan(LINE, [stage], [diode], tmp_path / "a.h5", policy=policy),
        lambda: log_devices([stage], [diode], tmp_path / "a.h5", policy=policy),
    ):
        with pytest.raises(PlanError, match="told for 'Diod', no device has .* did you mean 'Diode'"):
            run()
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_in_a_wait_leaves_no_device_lost_for_ever() -> None:
    call = Call(lambda: 5)
    call.run()
    assert all(call.wait(0.01, ScanControl()) for _ in range(3))
    assert call.is_over


def test_a_call_that_is_given_up_before_it_begins_is_never_made() -> None:
    made: list[int] = []
    call = Call(lambda: made.append(1))
    assert call.cancel()
    assert call.is_over
    call.run()
    assert made == []
    begun = Call(int)
    begun.run()
    assert not begun.cancel()


LONG = Plan([LinearAxis("Stage", 0, 59, 60)])


@pytest.mark.parametrize("timeout", [0.2, None])
def test_devices_that_return_at_once_share_a_thread_until_one_does_not(
    tmp_path: Path, stage: Any, values_of: Any, timeout: float | None
) -> None:
    threads: dict[str, list[str]] = {"First": [], "Second": [], "Third": []}
    rest = threading.Event()

    class Noting:
        def __init__(self, title: str) -> None:
            self.title = title

        def read(self) -> float:
            mine = threads[self.title]
            mine.append(threading.current_thread().name)
            if self.title == "Second" and len(mine) == 40:
                rest.wait(0.05)
            return float(len(mine))

    limits = {title: CallLimits(timeout=timeout) for title in threads}
    result = run_scan(
        LONG,
        [stage],
        [Noting(title) for title in threads],
        tmp_path / "s.h5",
        policy=FailurePolicy(limits=limits),
    )
    shared = "MainThread" if timeout is None else "devices that return at once"
    assert result.is_complete
    assert shared in threads["Second"][20:40]
    assert shared in threads["Third"][20:]
    assert threads["Second"][40] == "detector 'Second'"  # it has shown that it may take longer
    for number in range(3):
        values = values_of(result.path, f"Detector00{number}/Data0D/CH00/Data00")
        np.testing.assert_array_equal(values, np.arange(1.0, 61))  # once at each point, and its own value


def test_one_that_hangs_in_the_shared_thread_holds_up_no_other(
    tmp_path: Path, stage: Any, values_of: Any
) -> None:
    device, counted = Hanging(41), [0, 0]

    def count(number: int) -> float:
        counted[number] += 1
        return float(counted[number])

    def before() -> float:
        return count(0)

    def behind() -> float:
        return count(1)

    policy = FailurePolicy(
        "skip",  # type: ignore[arg-type]
        limits={title: CallLimits(timeout=0.1) for title in ("before", "Hanging", "behind")},
    )

    def let_go_after_two(progress: Any) -> None:
        if progress.skipped == 2:
            device.let_go.set()

    result = run_scan(
        LONG,
        [stage],
        [before, device, behind],
        tmp_path / "scan.h5",
        policy=policy,
        callback=let_go_after_two,
    )
    assert result.progress.skipped >= 2
    assert device.most_running == 1
    assert counted == [60, 60]  # at each point, once
    values = values_of(result.path, DIODE.replace("Detector000", "Detector002"))
    is_acquired = ~np.isnan(values)
    np.testing.assert_array_equal(values[is_acquired], np.arange(1.0, 61)[is_acquired])
    assert not is_acquired[40]


def test_an_abort_does_not_wait_for_one_that_hangs_in_the_shared_thread() -> None:
    control = ScanControl()
    device = Hanging(41)
    with Callers(control) as callers:
        caller = callers.add("detector 'Hanging'", device, CallLimits(timeout=60), has_thread=True)
        for _ in range(40):
            caller.finish(caller.begin(device.read, ""), "")
        call = caller.begin(device.read, "")
        threading.Timer(0.02, control.abort).start()
        with pytest.raises(ScanAbortedError):
            caller.finish(call, "")
    device.let_go.set()
    assert wait_until(lambda: bool(call.is_over))


@pytest.mark.parametrize("make", [
    lambda: CallLimits(timeout=0),
    lambda: CallLimits(retries=-1),
    lambda: FailurePolicy(retries=1.5),  # type: ignore[arg-type]
    lambda: FailurePolicy("panic"),  # type: ignore[arg-type]
])  # fmt: skip
def test_limits_that_cannot_be_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(PlanError, match=r"; give "):
        make()
