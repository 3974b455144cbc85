from __future__ import annotations

import datetime
import shutil
import signal
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.backends import FileError, FileTakenError
from h5modules.module_saving import ScanSaver
from h5modules.scanning import (
    DeviceError,
    DeviceFailedError,
    LinearAxis,
    Plan,
    PlanError,
    Progress,
    run_scan,
)

DIODE = "Detector000/Data0D/CH00/Data00"
LINE = Plan([LinearAxis("Stage", -1, 1, 5)])


def fail_at(call: int, error: BaseException) -> Callable[[], float]:
    """Return a measurement that fails at that call, the first being 1."""
    calls = iter(range(1, 1000))

    def measure() -> float:
        number = next(calls)
        if number == call:
            raise error
        return float(number)

    return measure


def test_devices_that_do_the_least_are_scanned(
    tmp_path: Path, stage: Any, diode: Any, values_of: Any, log_of: Any
) -> None:
    result = run_scan(LINE, [stage], [diode], tmp_path / "scan")
    assert (result.path, result.node) == (tmp_path / "scan.h5", "/RawData/Scan000")
    assert result.progress.done == result.progress.total == 5
    np.testing.assert_array_equal(values_of(result.path, DIODE), diode.returned)
    np.testing.assert_array_equal(
        values_of(result.path, "Actuator000/Data0D/CH00/Data00"), [-1, -0.5, 0, 0.5, 1]
    )
    np.testing.assert_array_equal(values_of(result.path, "Acquired"), [1, 2, 3, 4, 5])
    first, last = log_of(result.path)
    assert first.endswith("Scan000 Scan: 5 points of shape (5,)")
    assert "Scan000 Scan: all 5 points done in" in last
    assert datetime.datetime.fromisoformat(" ".join(first.split()[:2])).tzinfo is not None


def test_the_plan_and_the_axes_are_saved(tmp_path: Path, make_stage: Any, diode: Any, values_of: Any) -> None:
    x, y = make_stage("x"), make_stage("y")
    x.units = "um"
    plan = Plan([LinearAxis("x", 0, 1e-9, 3), LinearAxis("y", 5, 5, 2)])
    path = run_scan(plan, [x, y], [diode], tmp_path / "scan.h5", title="Try").path
    with h5py.File(path) as file:
        scan = file["RawData/Scan000"]
        assert Plan.from_toml(scan.attrs["plan"]) == plan
        assert scan.attrs["TITLE"] == "Try"
        axes = scan["Detector000/NavAxes"]
        assert [axes[name].attrs["label"] for name in axes] == ["x", "y"]
        assert [axes[name].attrs["units"] for name in axes] == ["um", ""]
    # Steps of 0.5 nm, in metres: an axis of PyMoDAQ takes all that is closer than 1e-8 for a line.
    np.testing.assert_array_equal(values_of(path, "Detector000/NavAxes/Axis00"), [0, 0.5e-9, 1e-9])
    np.testing.assert_array_equal(values_of(path, "Detector000/NavAxes/Axis01"), [5, 5])


def test_an_actuator_moves_only_where_its_position_changes(
    tmp_path: Path, make_stage: Any, diode: Any
) -> None:
    slow, fast = make_stage("slow"), make_stage("fast")
    plan = Plan([LinearAxis("slow", 0, 1, 2), LinearAxis("fast", 0, 2, 3)])
    run_scan(plan, [fast, slow], [diode], tmp_path / "scan.h5")
    assert slow.moves == [0, 1]
    assert fast.moves == [0, 1, 2] * 2


def test_one_point_is_a_scan(tmp_path: Path, stage: Any, diode: Any, values_of: Any) -> None:
    plan = Plan([LinearAxis("Stage", 2, 2, 1)])
    path = run_scan(plan, [stage], [diode], tmp_path / "scan.h5").path
    assert values_of(path, DIODE) == pytest.approx([np.exp(-4)])
    assert values_of(path, "Detector000/NavAxes/Axis00") == [2.0]


def test_the_callback_is_told_before_the_first_point_and_after_each(
    tmp_path: Path, stage: Any, diode: Any
) -> None:
    seen: list[Progress] = []
    run_scan(LINE, [stage], [diode], tmp_path / "scan.h5", callback=seen.append)
    assert [progress.done for progress in seen] == [0, 1, 2, 3, 4, 5]
    assert {progress.total for progress in seen} == {5}
    assert seen[0].rate == 0
    assert seen[-1].rate == pytest.approx(5 / seen[-1].seconds)
    assert sorted(seen, key=lambda progress: progress.seconds) == seen


def test_a_scan_is_added_or_the_file_replaced_when_that_is_said(
    tmp_path: Path, stage: Any, diode: Any
) -> None:
    path = tmp_path / "scan.h5"
    run_scan(LINE, [stage], [diode], path)
    with pytest.raises(FileTakenError, match="exists already"):
        run_scan(LINE, [stage], [diode], path)
    assert run_scan(LINE, [stage], [diode], path, append=True).node == "/RawData/Scan001"
    assert run_scan(LINE, [stage], [diode], path, overwrite=True).node == "/RawData/Scan000"
    with h5py.File(path) as file:
        assert sorted(file["RawData"]) == ["Logger", "Scan000"]


def test_the_file_may_be_there_to_be_added_to_or_not(tmp_path: Path, stage: Any, diode: Any) -> None:
    for option in ("append", "overwrite"):
        assert run_scan(LINE, [stage], [diode], tmp_path / option, **{option: True}).progress.done == 5


# Bad input: nothing moves, nothing is written.


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path, stage: Any) -> None:
    plan = Plan([LinearAxis("Stage", 0, 1, 2), LinearAxis("Oven", 0, 1, 2)])
    stage.limits = (-1, 0.5)
    with pytest.raises(PlanError) as caught:
        run_scan(
            plan, [stage], [SimpleNamespace(title="D", read=float)], tmp_path / "no" / "a.h5", append=True
        )
    assert [problem.split()[:3] for problem in caught.value.problems] == [
        ["axis", "'Stage'", "goes"],
        ["the", "plan", "moves"],
        ["there", "is", "no"],
    ]
    assert stage.moves == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("actuators", "detectors", "message"),
    [
        pytest.param(["stage"], [], "no detectors; give at least one", id="no-detectors"),
        pytest.param(
            ["stage"], ["stage"], "'Stage' cannot be used as a detector: it has no read", id="no-read"
        ),
        pytest.param(["stage", "diode"], ["diode"], "an actuator: it has no move_to", id="no-move-to"),
        pytest.param(["stage"], ["diode", "diode"], "2 devices are titled 'Diode'", id="same-title"),
        pytest.param(["stage"], ["untitled"], "it has no title", id="no-title"),
        pytest.param(["stage"], ["nameless"], "a text that is not empty", id="empty-title"),
        pytest.param([], ["diode"], "'Stage', no actuator has this title; there are none", id="none"),
    ],
)
def test_devices_that_will_not_do_are_refused(
    tmp_path: Path, stage: Any, diode: Any, actuators: list[str], detectors: list[str], message: str
) -> None:
    devices = {
        "stage": stage,
        "diode": diode,
        "untitled": SimpleNamespace(read=float),
        "nameless": SimpleNamespace(read=float, title=""),
    }
    with pytest.raises(PlanError, match=message):
        run_scan(
            LINE,
            [devices[name] for name in actuators],
            [devices[name] for name in detectors],
            tmp_path / "scan.h5",
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("position", [None, "here"], ids=repr)
def test_an_actuator_that_does_not_know_where_it_is_is_refused(
    tmp_path: Path, stage: Any, diode: Any, position: Any
) -> None:
    stage.position = position
    with pytest.raises(
        DeviceFailedError, match=r"actuator 'Stage' failed when it was asked where it is: \w+Error"
    ):
        run_scan(LINE, [stage], [diode], tmp_path / "scan.h5")
    assert list(tmp_path.iterdir()) == []


def axis(label: str = "t", units: str = "s", values: Any = (0.0, 1.0, 2.0)) -> SimpleNamespace:
    return SimpleNamespace(label=label, units=units, values=values)


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"units": "furlong-ish"}, "the unit 'furlong-ish' of detector 'D' is unknown to pint"),
        ({"axes": [axis(units="nix")]}, "the unit 'nix' of axis 't' of detector 'D' is unknown"),
        ({"axes": [axis(values=[0, np.nan])]}, "axis 't' of detector 'D' are not a row of finite numbers"),
        ({"axes": [axis(values=[[0], [1]])]}, "not a row of finite numbers"),
        ({"axes": [axis(values=[])]}, "not a row of finite numbers"),
        ({"axes": [axis(values=["a"])]}, "not a row of finite numbers"),
        ({"axes": [3]}, "failed when it was asked for its axes: AttributeError"),
        ({"settings": 3}, "device 'D' failed when it was asked for its settings"),
    ],
    ids=str,
)
def test_what_a_detector_tells_of_itself_is_checked(
    tmp_path: Path, stage: Any, attributes: dict[str, Any], message: str
) -> None:
    detector = SimpleNamespace(title="D", read=float, **attributes)
    with pytest.raises(DeviceError, match=message):
        run_scan(LINE, [stage], [detector], tmp_path / "scan.h5")
    assert stage.moves == []
    assert list(tmp_path.iterdir()) == []


# Devices that fail on the way.


@pytest.mark.parametrize("cause", [OSError("no answer"), TimeoutError()], ids=repr)
def test_a_detector_that_fails_is_named_with_the_point(
    tmp_path: Path, stage: Any, diode: Any, make_detector: Any, values_of: Any, log_of: Any, cause: Exception
) -> None:
    stage.units = "um"
    camera = make_detector("Camera", fail_at(4, cause))
    with pytest.raises(
        DeviceFailedError, match=r"'Camera' failed at point 4 of 5 \(Stage = 0\.5 um\): "
    ) as caught:
        run_scan(LINE, [stage], [diode, camera], tmp_path / "scan.h5")
    assert isinstance(caught.value, DeviceError)
    assert caught.value.__cause__ is cause
    assert type(cause).__name__ in str(caught.value)
    assert caught.value.__notes__ == [f"3 of 5 points are saved in {tmp_path / 'scan.h5'} /RawData/Scan000"]
    path = tmp_path / "scan.h5"
    np.testing.assert_array_equal(values_of(path, "Acquired"), [1, 2, 3, 0, 0])
    np.testing.assert_array_equal(values_of(path, DIODE), [*diode.returned[:3], np.nan, np.nan])
    assert "stopped after 3 of 5 points by DeviceFailedError: detector 'Camera'" in log_of(path)[-1]


def test_an_actuator_that_fails_is_named_with_the_point(
    tmp_path: Path, stage: Any, diode: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stall(value: float) -> None:
        if value > 0.9:
            raise RuntimeError("stalled")

    monkeypatch.setattr(stage, "move_to", stall)
    with pytest.raises(
        DeviceFailedError, match=r"actuator 'Stage' failed at point 5 of 5 .*RuntimeError: stalled"
    ):
        run_scan(LINE, [stage], [diode], tmp_path / "scan.h5")


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_scan_that_fails_at_its_first_point_takes_its_new_file_away(
    tmp_path: Path, stage: Any, make_detector: Any, overwrite: bool
) -> None:
    path = tmp_path / "scan.h5"
    camera = make_detector("Camera", fail_at(1, OSError("off")))
    with pytest.raises(DeviceFailedError) as caught:
        run_scan(LINE, [stage], [camera], path, overwrite=overwrite)
    assert caught.value.__notes__ == [
        "0 of 5 points are saved.",
        f"{str(path)!r} was new and held no point: it was taken away again.",
    ]
    assert list(tmp_path.iterdir()) == []
    run_scan(LINE, [stage], [camera], path)  # what was corrected is not refused


@pytest.mark.parametrize("option", ["append", "overwrite"])
def test_a_scan_that_fails_at_its_first_point_leaves_a_file_that_was_there_and_no_group(
    tmp_path: Path, stage: Any, make_detector: Any, log_of: Any, option: str
) -> None:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        file["precious"] = 1
    camera = make_detector("Camera", fail_at(1, OSError("off")))
    with pytest.raises(DeviceFailedError) as caught:
        run_scan(LINE, [stage], [camera], path, **{option: True})
    assert caught.value.__notes__ == ["0 of 5 points are saved."]
    with h5py.File(path) as file:
        assert sorted(file["RawData"]) == ["Logger"]
        assert ("precious" in file) is (option == "append")
    assert "stopped after 0 of 5 points" in log_of(path)[-1]


def test_a_file_that_append_makes_is_left(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    camera = make_detector("Camera", fail_at(1, OSError("off")))
    with pytest.raises(DeviceFailedError):
        run_scan(LINE, [stage], [camera], tmp_path / "scan.h5", append=True)
    assert (tmp_path / "scan.h5").exists()


@pytest.mark.parametrize(
    ("first", "then"),
    [(np.zeros(3), np.zeros(4)), (np.zeros(3), np.full(3, 1j)), (np.zeros(3), (np.zeros(3), np.zeros(3)))],
    ids=["shape", "dtype", "channels"],
)
def test_a_detector_that_changes_what_it_returns_stops_the_scan(
    tmp_path: Path, stage: Any, make_detector: Any, values_of: Any, first: Any, then: Any
) -> None:
    returns = iter([first, first, then])
    detector = make_detector("Fickle", lambda: next(returns))
    with pytest.raises(DeviceFailedError, match=r"changed what it returns at point 3 of 5 .*Fickle"):
        run_scan(LINE, [stage], [detector], tmp_path / "scan.h5")
    np.testing.assert_array_equal(values_of(tmp_path / "scan.h5", "Acquired"), [1, 2, 0, 0, 0])


def test_a_callback_that_fails_stops_the_scan_behind_the_point(
    tmp_path: Path, stage: Any, diode: Any, values_of: Any
) -> None:
    def complain(progress: Progress) -> None:
        if progress.done == 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        run_scan(LINE, [stage], [diode], tmp_path / "scan.h5", callback=complain)
    assert caught.value.__notes__[0].startswith("2 of 5 points are saved")
    assert values_of(tmp_path / "scan.h5", "Acquired").max() == 2


def test_a_full_disk_stops_the_scan(
    tmp_path: Path, stage: Any, diode: Any, values_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_data = ScanSaver.add_data

    def fill_up(self: ScanSaver, dte: Any, indexes: Any, **options: Any) -> None:
        if tuple(indexes) == (3,):
            raise FileError("no space left on device")
        add_data(self, dte, indexes, **options)

    monkeypatch.setattr(ScanSaver, "add_data", fill_up)
    with pytest.raises(FileError, match="no space left") as caught:
        run_scan(LINE, [stage], [diode], tmp_path / "scan.h5")
    assert caught.value.__notes__[0].startswith("3 of 5 points are saved")
    assert values_of(tmp_path / "scan.h5", "Acquired").max() == 3


def test_a_scan_that_cannot_fit_on_the_disk_is_refused(
    tmp_path: Path, stage: Any, make_detector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(2e6, 1e6, 1e6))
    camera = make_detector("Camera", lambda: np.zeros((500, 100)))
    with pytest.raises(FileError, match=r"the scan needs 0\.002 GB, and 0\.001 GB are free in .*make room"):
        run_scan(LINE, [stage], [camera], tmp_path / "scan.h5")
    assert list(tmp_path.iterdir()) == []


# Ctrl-C.


@pytest.mark.parametrize(("presses", "saved"), [(1, 4), (2, 3)], ids=["once", "twice"])
def test_ctrl_c_stops_after_the_point_and_twice_at_once(
    tmp_path: Path, stage: Any, make_detector: Any, values_of: Any, log_of: Any, presses: int, saved: int
) -> None:
    calls = iter(range(100))

    def slow() -> float:
        if next(calls) == 3:
            for _ in range(presses):
                signal.raise_signal(signal.SIGINT)
        return 1.0

    with pytest.raises(KeyboardInterrupt) as caught:
        run_scan(LINE, [stage], [make_detector("Slow", slow)], tmp_path / "scan.h5")
    path = tmp_path / "scan.h5"
    assert caught.value.__notes__ == [f"{saved} of 5 points are saved in {path} /RawData/Scan000"]
    assert np.count_nonzero(values_of(path, "Acquired")) == saved
    assert np.isfinite(values_of(path, DIODE)).sum() == saved
    assert log_of(path)[-1].endswith(f"stopped after {saved} of 5 points by the user")


def test_ctrl_c_while_a_point_is_saved_finishes_it(
    tmp_path: Path, stage: Any, diode: Any, values_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_data = ScanSaver.add_data

    def press_and_save(self: ScanSaver, dte: Any, indexes: Any, **options: Any) -> None:
        if tuple(indexes) == (2,):
            signal.raise_signal(signal.SIGINT)
        add_data(self, dte, indexes, **options)

    monkeypatch.setattr(ScanSaver, "add_data", press_and_save)
    with pytest.raises(KeyboardInterrupt) as caught:
        run_scan(LINE, [stage], [diode], tmp_path / "scan.h5")
    assert caught.value.__notes__[0].startswith("3 of 5 points are saved")
    np.testing.assert_array_equal(values_of(tmp_path / "scan.h5", DIODE)[:3], diode.returned)
    np.testing.assert_array_equal(values_of(tmp_path / "scan.h5", "Acquired"), [1, 2, 3, 0, 0])


def test_after_ctrl_c_another_scan_can_be_added(tmp_path: Path, stage: Any, diode: Any) -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_scan(LINE, [stage], [diode], tmp_path / "scan.h5", callback=stop)
    assert run_scan(LINE, [stage], [diode], tmp_path / "scan.h5", append=True).node == "/RawData/Scan001"
