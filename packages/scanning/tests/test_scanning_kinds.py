from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from h5modules.scanning import (
    LinearAxis,
    Order,
    Plan,
    PlanError,
    RandomAxis,
    RepeatAxis,
    SpiralAxis,
    TableAxis,
)
from h5modules.scanning._limits import check_actuators

X, Y = LinearAxis("x", 0, 3, 4), LinearAxis("y", 0, 2, 3)
TABLE = TableAxis(("x", "y"), [(0, 1), (5, 1.5), (2, 2)])
SPIRAL = SpiralAxis(("x", "y"), (1, -1), 0.5, 50)
RANDOM = RandomAxis(("x", "y"), (0, -1), (2, 1), 40, seed=3)

PLANS = [pytest.param(Plan([X, Y], order), id=order.value) for order in Order] + [
    pytest.param(Plan([TABLE]), id="table"),
    pytest.param(Plan([SPIRAL], settle=0.25, averages=4), id="spiral-places"),
    pytest.param(Plan([RANDOM]), id="random-places"),
    pytest.param(Plan([RepeatAxis(3), X]), id="repeat"),
    pytest.param(Plan([LinearAxis("T", 4, 300, 2, "K"), Plan([X, Y], "random", seed=7)]), id="nested"),
    pytest.param(Plan([LinearAxis("T", 4, 300, 2), TABLE, RepeatAxis(2)]), id="table-in-a-line"),
]


@pytest.mark.parametrize("plan", PLANS)
def test_every_plan_visits_each_place_once(plan: Plan) -> None:
    points = list(plan)
    assert len(points) == len(plan) == math.prod(plan.shape)
    assert len({point.index for point in points}) == len(plan)
    assert all(0 <= i < n for point in points for i, n in zip(point.index, plan.shape, strict=True))
    assert {tuple(point.positions) for point in points} == {plan.actuators}


@pytest.mark.parametrize("plan", PLANS)
def test_every_plan_comes_back_from_toml(plan: Plan) -> None:
    again = Plan.from_toml(plan.to_toml())
    assert again == plan
    assert hash(again) == hash(plan)
    assert list(again) == list(plan)


@pytest.mark.parametrize("order", Order)
def test_the_order_does_not_change_where_a_place_is_saved(order: Order) -> None:
    places = {point.index: point.positions for point in Plan([X, Y])}
    assert {point.index: point.positions for point in Plan([X, Y], order)} == places


def steps(plan: Plan) -> list[float]:
    """Return how far each move is, in steps of the grid."""
    cells = np.array([point.index for point in plan])
    return np.abs(np.diff(cells, axis=0)).max(axis=1).tolist()


def test_back_and_forth_never_goes_a_way_back() -> None:
    plan = Plan([LinearAxis("a", 0, 1, 3), X, Y], "back-and-forth")
    assert set(steps(plan)) == {1}
    assert [point.index[1:] for point in plan][:6] == [(0, 0), (0, 1), (0, 2), (1, 2), (1, 1), (1, 0)]


@pytest.mark.parametrize("size", [4, 5])
def test_a_spiral_begins_in_the_middle_and_goes_step_by_step(size: int) -> None:
    plan = Plan([LinearAxis("a", 0, 1, size), LinearAxis("b", 0, 1, size)], "spiral")
    assert all(abs(i - (size - 1) / 2) <= 0.5 for i in plan.point(0).index)
    assert set(steps(plan)) == {1}


def test_a_random_order_depends_on_its_seed_alone() -> None:
    orders = [[p.index for p in Plan([X, Y], "random", seed=seed)] for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]
    # The same with every version of numpy, or a scan could not be gone on with after an upgrade.
    assert orders[0][:3] == [(1, 0), (1, 2), (0, 2)]


def test_a_nested_plan_is_gone_through_whole_in_its_own_order() -> None:
    plan = Plan([LinearAxis("T", 4, 8, 2), Plan([X, Y], "back-and-forth")])
    assert plan.shape == (2, 4, 3)
    inner = [point.index for point in Plan([X, Y], "back-and-forth")]
    assert [point.index for point in plan] == [(t, *index) for t in (0, 1) for index in inner]


def test_a_spiral_of_places_is_even() -> None:
    places = SPIRAL.positions()
    np.testing.assert_array_equal(places[0], (1, -1))
    gaps = np.hypot(*np.diff(places, axis=0)[5:].T)
    assert 0.4 < gaps.min() < gaps.max() < 0.6


def test_places_at_random_lie_in_their_box() -> None:
    places = RANDOM.positions()
    assert ((places >= (0, -1)) & (places <= (2, 1))).all()
    assert len(np.unique(places)) == places.size
    assert RandomAxis(("x",), (0,), (1,), 1).positions() == [[0.011546754286331562]]


def test_a_list_of_places_is_saved_as_one_dimension() -> None:
    plan = Plan([LinearAxis("T", 4, 8, 2), TABLE])
    assert (plan.shape, plan.is_spread) == ((6,), True)
    assert plan.point(4).index == (4,)
    assert plan.point(4).positions == {"T": 8.0, "x": 5.0, "y": 1.5}


@pytest.mark.parametrize(
    ("axes", "options", "message"),
    [
        ([TableAxis(("x",), [(0, 1)])], {}, "row 1 has 2 positions; give 1"),
        ([TableAxis(("x",), [(math.nan,)])], {}, "row 1 is .*finite"),
        ([TableAxis(("x",), [])], {}, "has 0 points"),
        ([TableAxis((), [])], {}, "names no actuator"),
        ([SpiralAxis(("x",), (0, 0), 1, 5)], {}, "needs two actuators"),
        ([SpiralAxis(("x", "y"), (0, 0), math.inf, 5)], {}, "finite"),
        ([RandomAxis(("x",), (0, 1), (1,), 5)], {}, "a low and a high position for each"),
        ([RandomAxis(("x",), (0,), (1,), 5, seed=-1)], {}, "the seed is -1"),
        ([RepeatAxis(0)], {}, "a repetition has 0 points"),
        ([X, TABLE], {}, "'x' has 2 axes"),
        ([X], {"order": "spiral"}, "a spiral order needs two axes, the plan has 1"),
        ([X], {"order": "zigzag"}, "the order is 'zigzag'; give one of 'sequential'"),
        ([X], {"seed": 0.5}, "the seed is 0.5"),
        ([X], {"settle": math.nan}, "settle is nan"),
        ([X], {"averages": 0}, "averages is 0"),
        ([Plan([X], averages=2), Y], {}, "belong to the outermost plan"),
        ([LinearAxis(name, 0, 1, 10**4) for name in "abc"], {}, "1000000000000 points; give at most"),
        ([LinearAxis(name, 0, 1, 10**4) for name in "ab"], {"order": "random"}, "give at most 10000000"),
    ],
)
def test_what_cannot_be_is_refused(axes: list[Any], options: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Plan(axes, **options)


def test_all_that_is_wrong_in_toml_is_told_with_its_key() -> None:
    text = """
    order = "sideways"
    setle = 1
    [[axes]]
    kind = "linear"
    actuator = "x"
    start = "left"
    stop = 1
    pionts = 3
    [[axes]]
    kind = "table"
    actuators = ["y", 3]
    rows = [[1, "a"], 2]
    [[axes]]
    kind = "helix"
    """
    with pytest.raises(PlanError) as caught:
        Plan.from_toml(text)
    assert [problem.split()[0] for problem in caught.value.problems] == [
        "axes[0].start",
        "axes[0].points",
        "axes[0].pionts",
        "axes[1].actuators[1]",
        "axes[1].rows[0][1]",
        "axes[1].rows[1]",
        "axes[2].kind",
        "order",
        "setle",
    ]


def stage(title: str, low: float, high: float, units: str = "mm") -> Any:
    return SimpleNamespace(title=title, limits=(low, high), units=units, position=0.0, move_to=None)


def test_the_point_that_leaves_the_limits_is_told() -> None:
    plan = Plan([LinearAxis("x", 0, 99, 100), LinearAxis("y", 0, 1, 100)], "back-and-forth")
    with pytest.raises(PlanError, match=r"'x' goes to 70 at point 7001, the limits are 0 to 69\.5 mm: 30 of"):
        check_actuators(plan, [stage("x", 0, 69.5), stage("y", 0, 1)])


def test_units_that_do_not_fit_the_actuator_are_told() -> None:
    plan = Plan([LinearAxis("x", 0, 1, 2, "um"), LinearAxis("y", 0, 1, 2, "mm")])
    with pytest.raises(PlanError, match="axis 'x' is in 'um', its actuator moves in 'mm'"):
        check_actuators(plan, [stage("x", 0, 1), stage("y", 0, 1)])
