"""Scans that choose their places on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5modules.data_saving import DataLoader
from h5modules.scanning import AdaptivePlan, PlanError, ScanControl, run_adaptive

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


def test_all_that_is_wrong_is_told_before_anything_moves(tmp_path: Path, stage: Any, diode: Any) -> None:
    stage.limits = (-0.5, 2.0)
    with pytest.raises(PlanError) as caught:
        run_adaptive(LINE, [stage], [diode], tmp_path / "no" / "a.h5")
    first, second, third = caught.value.problems
    assert "limits are -0.5 to 2" in first
    assert second == "the plan observes 'Peak', no detector has this title."
    assert "there is no folder" in third
    assert stage.moves == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((("x", "x"), (0, 0), (1, 1), 5, "D"), "name each actuator once"),
        ((("x",), (0, 0), (1,), 5, "D"), "a low and a high position for each"),
        ((("x",), (1,), (0,), 5, "D"), "must be lower"),
        ((("x",), (np.nan,), (0,), 5, "D"), "finite"),
        ((("x",), (0,), (1,), 0, "D"), "has 0 points"),
    ],
)
def test_plans_that_cannot_be_are_refused(values: Any, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        AdaptivePlan(*values)
