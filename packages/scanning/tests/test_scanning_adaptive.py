"""Scans that choose their places on the way."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.backends import FileMissingError
from h5modules.data_saving import DataLoader
from h5modules.scanning import (
    AdaptivePlan,
    DeviceFailedError,
    FailurePolicy,
    LinearAxis,
    Plan,
    PlanError,
    ScanControl,
    ScanResumeError,
    resume_adaptive,
    resume_scan,
    run_adaptive,
)

LINE = AdaptivePlan(("Stage",), (-1,), (1,), 40, "Peak")


def test_places_gather_where_the_signal_changes(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    peak = make_detector("Peak", lambda: float(np.exp(-((stage.position - 0.3) ** 2) / 0.002)))
    result = run_adaptive(LINE, [stage], [peak], tmp_path / "scan.h5")
    assert result.progress.done == 40
    with DataLoader(result.path) as loader:
        data = loader.load_data(f"{result.node}/Detector000/Data0D/CH00/EnlData00")
    (axis,) = data.get_nav_axes()
    np.testing.assert_array_equal(data[0], peak.returned)
    assert (axis.label, axis.size) == ("Stage", 40)
    assert np.count_nonzero(np.abs(axis.get_data() - 0.3) < 0.2) > 20
    with h5py.File(result.path) as file:
        assert 'kind = "adaptive"' in file[result.node].attrs["plan"]


@pytest.mark.parametrize("names", ["xy", "xyz"])
def test_several_actuators_are_moved(tmp_path: Path, make_stage: Any, make_detector: Any, names: str) -> None:
    stages = [make_stage(name) for name in names]
    detector = make_detector("D", lambda: sum(stage.position for stage in stages))
    size = len(names)
    plan = AdaptivePlan(tuple(names), (0,) * size, (1,) * size, 15, "D")
    assert run_adaptive(plan, stages, [detector], tmp_path / "scan.h5").progress.done == 15
    assert all(0 <= move <= 1 for stage in stages for move in stage.moves)


def test_it_ends_when_enough_is_known_or_it_is_stopped(
    tmp_path: Path, stage: Any, make_detector: Any
) -> None:
    detector = make_detector("Peak", lambda: stage.position)
    enough = AdaptivePlan(("Stage",), (-1,), (1,), 40, "Peak", loss=0.5)
    assert run_adaptive(enough, [stage], [detector], tmp_path / "a.h5").progress.done < 10
    assert resume_adaptive(enough, [stage], [detector], tmp_path / "a.h5").is_complete
    control = ScanControl()
    done = run_adaptive(
        LINE,
        [stage],
        [detector],
        tmp_path / "b.h5",
        control=control,
        callback=lambda progress: control.stop() if progress.done == 3 else None,
    )
    assert (done.progress.done, done.is_complete) == (3, False)


def test_a_plan_comes_back_from_toml() -> None:
    for plan in (LINE, AdaptivePlan(("x", "y"), (0, 0), (1, 2), 9, "D", 0.5, "um")):
        assert AdaptivePlan.from_toml(plan.to_toml()) == plan


def test_all_that_is_wrong_is_told_before_anything_moves(tmp_path: Path, stage: Any, diode: Any) -> None:
    stage.limits = (-0.5, 2.0)
    with pytest.raises(PlanError) as caught:
        run_adaptive(LINE, [stage], [diode], tmp_path / "no" / "a.h5")
    first, second, third = caught.value.problems
    assert "limits are -0.5 to 2" in first
    assert second == "the plan observes 'Peak', no detector has this title."
    assert "there is no folder" in third
    assert stage.moves == []


def peak_at(stages: Any, *places: float) -> Any:
    def measure() -> Any:
        distance = sum((stage.position - place) ** 2 for stage, place in zip(stages, places, strict=False))
        return np.exp(-distance / 0.05) * np.array([0.5, 1.0, 0.25])

    return measure


@pytest.mark.parametrize("names", ["x", "xy", "xyz"])
def test_one_that_was_stopped_chooses_on_as_if_it_had_not_been(
    tmp_path: Path, make_stage: Any, make_detector: Any, names: str
) -> None:
    size = len(names)
    plan = AdaptivePlan(tuple(names), (-1,) * size, (1,) * size, 24, "Peak")

    def devices() -> Any:
        stages = [make_stage(name) for name in names]
        return stages, [make_detector("D", float), make_detector("Peak", peak_at(stages, 0.3, 0.1, -0.2))]

    def places(path: Path) -> list[Any]:
        with h5py.File(path) as file:
            axes = file["RawData/Optimizer000/Detector000/NavAxes"]
            return [axes[name][:].tolist() for name in sorted(axes)]

    whole = run_adaptive(plan, *devices(), tmp_path / "whole.h5")
    control = ScanControl()
    halved = {"control": control, "callback": lambda done: control.stop() if done.done == 11 else None}
    run_adaptive(plan, *devices(), tmp_path / "halves.h5", **halved)
    stages, detectors = devices()
    done = resume_adaptive(plan, stages, detectors, tmp_path / "halves.h5")
    assert (done.progress.done, done.progress.before, done.node) == (24, 11, "/RawData/Optimizer000")
    assert places(tmp_path / "halves.h5") == places(whole.path)
    assert len(detectors[1].returned) == 13


def test_one_is_gone_on_with_as_it_was_begun(
    tmp_path: Path, stage: Any, make_detector: Any, diode: Any
) -> None:
    peak = make_detector("Peak", lambda: stage.position)
    with pytest.raises(FileMissingError):
        resume_adaptive(LINE, [stage], [peak], tmp_path / "no.h5")
    path = run_adaptive(LINE, [stage], [peak], tmp_path / "scan.h5").path
    stage.moves.clear()
    with pytest.raises(ScanResumeError, match="by another plan: points is 40 in the file, 50 now"):
        resume_adaptive(replace(LINE, points=50), [stage], [peak], path)
    with pytest.raises(ScanResumeError, match="was made with the detectors"):
        resume_adaptive(LINE, [stage], [peak, diode], path)
    with pytest.raises(ScanResumeError, match="holds no scan"):
        resume_scan(Plan([LinearAxis("Stage", 0, 1, 2)]), [stage], [peak], path)
    assert stage.moves == []
    assert resume_adaptive(LINE, [stage], [peak], path).is_complete


def test_points_that_fail_are_left_out_and_nan_teaches_nothing(
    tmp_path: Path, stage: Any, make_detector: Any, log_of: Any
) -> None:
    numbers = iter(range(100))

    def measure() -> float:
        if (number := next(numbers)) == 3:
            raise OSError("no answer")
        return np.nan if number == 5 else float(number)

    policy = FailurePolicy("skip")  # type: ignore[arg-type]
    done = run_adaptive(LINE, [stage], [make_detector("Peak", measure)], tmp_path / "a.h5", policy=policy)
    assert (done.progress.done, done.progress.skipped) == (39, 1)
    assert "skipped: detector 'Peak' failed at point 4 of 40" in log_of(done.path)[1]
    assert log_of(done.path)[-1].endswith("1 skipped")


def test_an_error_tells_what_is_saved(tmp_path: Path, stage: Any, make_detector: Any) -> None:
    numbers = iter([1.0, 2.0])
    with pytest.raises(DeviceFailedError, match="at point 3 of 40") as caught:
        run_adaptive(LINE, [stage], [make_detector("Peak", lambda: next(numbers))], tmp_path / "a.h5")
    assert caught.value.__notes__[0].startswith("2 of 40 points are saved")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((("x", "x"), (0, 0), (1, 1), 5, "D"), "name each actuator once"),
        ((("x",), (0, 0), (1,), 5, "D"), "a low and a high position for each"),
        ((("x",), (1,), (0,), 5, "D"), "must be lower"),
        ((("x",), (np.nan,), (0,), 5, "D"), "finite"),
        ((("x",), (0,), (1,), 0, "D"), "has 0 points"),
        ((("x",), (0,), (1,), 5, "D", -1), "loss is -1"),
    ],
)
def test_plans_that_cannot_be_are_refused(values: Any, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        AdaptivePlan(*values)
