from __future__ import annotations

import math
import tomllib
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from h5modules.backends import H5ModulesError
from h5modules.scanning import DeviceFailedError, LinearAxis, Plan, PlanError
from h5modules.scanning._limits import check_actuators


class Limited:
    title, units, position = "Stage", "mm", 0.0

    def __init__(self, limits: Any) -> None:
        self._limits = limits

    @property
    def limits(self) -> Any:
        if isinstance(self._limits, Exception):
            raise self._limits
        return self._limits

    def move_to(self, value: float) -> None:
        raise AssertionError("checking a plan moves nothing")


def test_the_first_axis_is_the_slowest() -> None:
    plan = Plan([LinearAxis("slow", 0, 1, 2), LinearAxis("fast", 5, 7, 3)])
    assert plan.shape == (2, 3)
    assert plan.actuators == ("slow", "fast")
    assert [point.index for point in plan] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert [tuple(point.positions.values()) for point in plan][:4] == [(0, 5), (0, 6), (0, 7), (1, 5)]
    assert len(plan) == len(list(plan)) == 6


def test_an_axis_begins_and_ends_exactly_where_it_is_said() -> None:
    positions = LinearAxis("x", -0.1, 0.3, 7).positions()
    assert (positions[0], positions[-1], positions.shape) == (-0.1, 0.3, (7, 1))


def test_an_axis_of_one_point_lies_at_its_start() -> None:
    assert LinearAxis("x", 2, 5, 1).positions() == [[2.0]]


def test_an_axis_may_run_downwards_or_stay() -> None:
    assert LinearAxis("x", 1, 0, 3).positions().tolist() == [[1.0], [0.5], [0.0]]
    assert LinearAxis("x", 1, 1, 3).positions().tolist() == [[1.0]] * 3


def test_numbers_of_numpy_are_welcome() -> None:
    axis = LinearAxis("x", np.float32(0.5), np.int64(2), np.int16(3))
    assert axis == LinearAxis("x", 0.5, 2.0, 3)
    assert [type(value) for value in (axis.start, axis.stop, axis.points)] == [float, float, int]


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("stage_x=-20:20:41", LinearAxis("stage_x", -20, 20, 41)),
        (" stage = 1e-3:-2.5:1", LinearAxis("stage", 1e-3, -2.5, 1)),
        ("a=b=0:1:2", LinearAxis("a=b", 0, 1, 2)),
    ],
)
def test_an_axis_is_parsed(text: str, axis: LinearAxis) -> None:
    assert LinearAxis.parse(text) == axis


@pytest.mark.parametrize(
    "text", ["", "stage", "stage=", "stage=1:2", "stage=1:2:3:4", "stage=a:2:3", "x=0:1:2.5"]
)
def test_what_is_not_an_axis_is_refused(text: str) -> None:
    with pytest.raises(PlanError, match=r"is not an axis; write ACTUATOR=START:STOP:POINTS"):
        LinearAxis.parse(text)


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        pytest.param([], "no axes; give at least one", id="no-axes"),
        pytest.param([LinearAxis("x", 0, 1, 0)], "'x' has 0 points; give at least 1", id="no-points"),
        pytest.param([LinearAxis("x", 0, 1, -3)], "'x' has -3 points", id="negative"),
        pytest.param([LinearAxis("x", 0, 1, 10**12)], "give at most 10000000", id="far-too-many"),
        pytest.param([LinearAxis("x", 0, 1, True)], "has True points; give a whole number", id="answer"),
        pytest.param([LinearAxis("x", 0, 1, 2.5)], "has 2.5 points; give a whole number", id="broken"),  # type: ignore[arg-type]
        pytest.param([LinearAxis("x", math.nan, 1, 2)], "from nan to 1.0; give finite", id="nan"),
        pytest.param([LinearAxis("x", 0, math.inf, 2)], "from 0.0 to inf; give finite", id="infinite"),
        pytest.param([LinearAxis("x", "a", 1, 2)], "from 'a' to 1.0; give finite", id="text"),  # type: ignore[arg-type]
        pytest.param([LinearAxis("", 0, 1, 2)], "an axis names no actuator", id="no-actuator"),
        pytest.param([LinearAxis("x", 0, 1, 2)] * 2, "'x' has 2 axes; it can have one", id="twice"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(axes: list[LinearAxis], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Plan(axes)


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(PlanError) as caught:
        Plan([LinearAxis("x", 0, math.nan, 0), LinearAxis("x", 0, 1, 2)])
    assert len(caught.value.problems) == 3
    assert str(caught.value).startswith("3 things are wrong:\n  - axis 'x' has 0 points")
    assert isinstance(caught.value, ValueError | H5ModulesError)


@pytest.mark.parametrize(
    "name",
    ["Stage x", 'a "quoted" \\ name', "lines\nand\ttabs", "\x7f\x00\x1f", "µm ångström 光 🔬", "a]b#c='d'"],
)
def test_a_plan_comes_back_from_toml(name: str) -> None:
    plan = Plan([LinearAxis(name, 1e-300, 1e22, 3), LinearAxis("y", -0.0, 0.1 + 0.2, 10_000)])
    text = plan.to_toml()
    assert Plan.from_toml(text) == plan
    assert tomllib.loads(text)["axes"][0]["actuator"] == name


AXIS = '[[axes]]\nkind = "linear"\nactuator = "x"\nstart = 0\nstop = 1.5\npoints = 3\n'


def test_whole_numbers_in_toml_are_welcome() -> None:
    assert Plan.from_toml(AXIS) == Plan([LinearAxis("x", 0, 1.5, 3)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("axes = 3 4", "is not TOML: .* line 1", id="not-toml"),
        pytest.param("", "axes is missing", id="empty"),
        pytest.param("axes = 3", "axes is 3; give a list", id="number"),
        pytest.param("axes = [1]", r"axes\[0\] is 1; give a table", id="numbers"),
        pytest.param(AXIS + "[more]", "more is unknown", id="more"),
        pytest.param("axes = []", "no axes", id="no-axes"),
        pytest.param(AXIS.replace("linear", "linea"), "kind is 'linea'; did you mean 'linear'", id="kind"),
        pytest.param(AXIS.replace('kind = "linear"', ""), r"axes\[0\]\.kind is missing", id="no-kind"),
        pytest.param(AXIS.replace("start", "begin"), r"axes\[0\]\.begin is unknown", id="unknown-key"),
        pytest.param(AXIS.replace("stop = 1.5\n", ""), r"axes\[0\]\.stop is missing", id="missing-key"),
        pytest.param(AXIS.replace("= 3", "= 2.7"), r"axes\[0\]\.points is 2\.7", id="broken-points"),
        pytest.param(AXIS.replace("= 3", "= true"), "points is True; give a whole", id="true-points"),
        pytest.param(AXIS.replace("= 3", "= 0"), r"axes\[0\]: axis 'x' has 0 points", id="no-points"),
        pytest.param(AXIS.replace("1.5", "nan"), "finite numbers", id="nan"),
        pytest.param('order = "zigzag"\n' + AXIS, "order is 'zigzag'", id="order"),
        pytest.param("settle = -1\n" + AXIS, r"settle is -1\.0; give seconds", id="settle"),
        pytest.param("averages = 0\n" + AXIS, "averages is 0", id="averages"),
    ],
)
def test_toml_that_is_no_plan_is_refused(text: str, message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Plan.from_toml(text)


def test_a_plan_within_the_limits_passes() -> None:
    check_actuators(Plan([LinearAxis("Stage", -5, 5, 101)]), [Limited((-5.0, 5.0))])
    check_actuators(Plan([LinearAxis("Stage", -5, 5, 101)]), [Limited((-math.inf, math.inf))])


@pytest.mark.parametrize(
    ("start", "stop", "count"), [(-5, 6, 1), (-6, 6, 2), (6, 7, 12), (-5.0001, 0, 1)], ids=str
)
def test_positions_outside_the_limits_are_told(start: float, stop: float, count: int) -> None:
    plan = Plan([LinearAxis("Stage", start, stop, 12)])
    message = rf"'Stage' goes to .* at point \d+, the limits are -5 to 5 mm: {count} of 12 positions lie"
    with pytest.raises(PlanError, match=message):
        check_actuators(plan, [Limited((-5.0, 5.0))])


def test_an_actuator_that_is_missing_is_told_with_those_there_are() -> None:
    plan = Plan([LinearAxis("stage", 0, 1, 2), LinearAxis("Oven", 0, 1, 2)])
    with pytest.raises(PlanError) as caught:
        check_actuators(plan, [Limited((0, 1))])
    first, second = caught.value.problems
    assert first.endswith("no actuator has this title; did you mean 'Stage'? There are 'Stage'.")
    assert second.endswith("the plan moves 'Oven', no actuator has this title; there are 'Stage'.")


@pytest.mark.parametrize("limits", [OSError("no answer"), None, (1.0,), ("a", "b")], ids=repr)
def test_limits_that_cannot_be_had_name_the_actuator(limits: Any) -> None:
    plan = Plan([LinearAxis("Stage", 0, 1, 2)])
    with pytest.raises(
        DeviceFailedError, match=r"actuator 'Stage' failed when it was asked for its limits: \w+Error"
    ):
        check_actuators(plan, [Limited(limits)])


@pytest.mark.parametrize("order", ["sequential", "back-and-forth", "random"])
def test_the_first_point_outside_of_the_limits_is_told(order: str) -> None:
    inner = Plan([LinearAxis("Stage", 0, 19, 20), LinearAxis("c", 0, 1, 3)], order)
    plan = Plan([LinearAxis("a", 0, 1, 4), inner, LinearAxis("b", 0, 1, 2)], order)
    others = [SimpleNamespace(title=name, move_to=None) for name in "abc"]
    first = next(number for number, point in enumerate(plan, 1) if point.positions["Stage"] > 12)
    with pytest.raises(
        PlanError, match=rf"goes to {plan.point(first - 1).positions['Stage']:g} at point {first}, "
    ):
        check_actuators(plan, [Limited((0, 12)), *others])  # type: ignore[list-item]


def test_the_limits_of_a_huge_plan_are_looked_at_at_once() -> None:
    plan = Plan([LinearAxis("Stage", 0, 1, 1000), LinearAxis("b", 0, 1, 1_000_000)])
    with pytest.raises(PlanError, match="at point 900000001, "):
        check_actuators(plan, [Limited((0, 0.9)), SimpleNamespace(title="b")])  # type: ignore[list-item]
