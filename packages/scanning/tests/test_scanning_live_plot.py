"""A plot that grows while a scan runs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest
from IPython.core.displaypub import CapturingDisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from h5modules.scanning import (
    AdaptivePlan,
    FailurePolicy,
    LinearAxis,
    LivePlot,
    Plan,
    PlanError,
    Progress,
    RepeatAxis,
    ScanControl,
    SpiralAxis,
    TableAxis,
    in_background,
    run_adaptive,
    run_scan,
)

X, Y = LinearAxis("x", 0, 3, 4), LinearAxis("y", 0, 2, 3)


def colours_in(picture: bytes) -> int:
    return len(np.unique(matplotlib.image.imread(io.BytesIO(picture)).reshape(-1, 4), axis=0))


@pytest.mark.parametrize(
    "plan",
    [
        Plan([X]),
        Plan([Y, X], "random"),
        Plan([RepeatAxis(2), Y, X]),
        Plan([X, RepeatAxis(2)]),
        Plan([LinearAxis("y", 1, 1, 1), X]),
        Plan([TableAxis(("x",), [(1,), (3,)])]),
        Plan([SpiralAxis(("y", "x"), (0, 0), 1, 9)]),
        Plan([TableAxis(("y", "x", "z"), [(1, 1, 1), (2, 2, 2)])]),
        AdaptivePlan(("x",), (0,), (1,), 5, "D"),
        AdaptivePlan(("y", "x"), (0, 0), (1, 1), 5, "D"),
    ],
    ids=[
        "line",
        "map",
        "maps",
        "repeated",
        "one-line-map",
        "table",
        "spiral",
        "list",
        "adaptive-line",
        "adaptive-map",
    ],
)
def test_any_scan_is_plotted(tmp_path: Path, make_stage: Any, make_detector: Any, plan: Any) -> None:
    stages = [make_stage(name) for name in plan.actuators]
    devices = [make_detector("Other", float), make_detector("D", lambda: np.arange(3.0) + stages[0].position)]
    pictures: list[bytes] = []
    plot = LivePlot(plan, "D", seconds=0, show=pictures.append)
    run = run_adaptive if isinstance(plan, AdaptivePlan) else run_scan
    run(plan, stages, devices, tmp_path / "scan.h5", callback=plot)
    assert len(pictures) == len(plan)
    assert colours_in(pictures[-1]) > 3


def test_pictures_are_not_drawn_more_often_than_said(tmp_path: Path, stage: Any, diode: Any) -> None:
    pictures: list[bytes] = []
    plan = Plan([LinearAxis("Stage", 0, 1, 200)])
    plot = LivePlot(plan, "Diode", seconds=3600, show=pictures.append)
    run_scan(plan, [stage], [diode], tmp_path / "scan.h5", callback=plot)
    assert len(pictures) == 2  # the first point, and the last


def test_a_line_in_random_order_is_drawn_along_its_axis(
    tmp_path: Path, stage: Any, make_detector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []
    monkeypatch.setattr(matplotlib.axes.Axes, "plot", lambda axes, x, y, style: drawn.append((x, y.copy())))
    plan = Plan([LinearAxis("Stage", 0, 1, 9)], "random")
    plot = LivePlot(plan, "D", seconds=0, show=len)
    detector = make_detector("D", lambda: 2 * stage.position)
    run_scan(plan, [stage], [detector], tmp_path / "scan.h5", callback=plot)
    across, values = drawn[-1]
    np.testing.assert_allclose(across, np.linspace(0, 1, 9))
    np.testing.assert_allclose(values, 2 * across)


def test_the_end_of_a_scan_that_was_stopped_is_drawn(tmp_path: Path, stage: Any, diode: Any) -> None:
    pictures: list[bytes] = []
    plan, control = Plan([LinearAxis("Stage", 0, 1, 20)]), ScanControl()
    plot = LivePlot(plan, "Diode", seconds=3600, show=pictures.append)

    def stop_at_the_fifth(progress: Progress) -> None:
        plot(progress)
        if progress.done == 5:
            control.stop()

    run_scan(plan, [stage], [diode], tmp_path / "scan.h5", callback=stop_at_the_fifth, control=control)
    assert len(pictures) == 1
    plot.finish()
    plot.finish()
    assert len(pictures) == 2


def test_a_detector_that_is_not_there_is_told(tmp_path: Path, stage: Any, diode: Any) -> None:
    plan = Plan([LinearAxis("Stage", 0, 1, 2)])
    with pytest.raises(PlanError, match=r"'Diod' cannot be plotted; the scan has \['Stage', 'Diode'\]"):
        run_scan(plan, [stage], [diode], tmp_path / "a.h5", callback=LivePlot(plan, "Diod", show=print))


def test_a_callback_is_given_the_point_and_what_was_saved(
    tmp_path: Path, stage: Any, make_detector: Any
) -> None:
    seen: list[Any] = []

    def note(progress: Progress) -> None:
        data = None if progress.data is None else progress.data.data[1].data[0].item()
        seen.append((progress.point and progress.point.positions["Stage"], data))

    values = iter([1.0, "broken", 3.0])
    policy = FailurePolicy("skip")  # type: ignore[arg-type]
    detector, plan = make_detector("D", lambda: next(values)), Plan([LinearAxis("Stage", 0, 2, 3)])
    run_scan(plan, [stage], [detector], tmp_path / "a.h5", callback=note, policy=policy)
    assert seen == [(None, None), (0.0, 1.0), (None, None), (2.0, 3.0)]


def test_in_a_notebook_the_picture_below_the_cell_is_replaced(tmp_path: Path, stage: Any, diode: Any) -> None:
    plan = Plan([LinearAxis("Stage", 0, 1, 3)])
    with pytest.raises(PlanError, match="shown in a notebook, and this is none"):
        LivePlot(plan, "Diode")
    shell = InteractiveShell.instance()
    shell.display_pub = publisher = CapturingDisplayPublisher()
    try:
        plot = LivePlot(plan, "Diode", seconds=0)
        in_background(
            lambda control, callback: run_scan(plan, [stage], [diode], tmp_path / "scan.h5", callback=plot)
        ).result()
    finally:
        InteractiveShell.clear_instance()
    (place, *updates) = publisher.outputs
    assert len(updates) == 3
    assert {each["transient"]["display_id"] for each in publisher.outputs} == {
        place["transient"]["display_id"]
    }
    assert all(each["update"] and "image/png" in each["data"] for each in updates)
