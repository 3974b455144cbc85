"""The stage: limits, encoder, and moves that take time by an injected clock."""

from __future__ import annotations

import math

import pytest

from h5modules_simulators import OutOfLimitsError, SettingError, SimulatorError, Stage, StageAxis


class Clock:
    """Counts the seconds that were slept, and notes where an axis stood after each."""

    def __init__(self, stop_after: float = math.inf) -> None:
        self.slept: list[float] = []
        self.stop_after = stop_after

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if sum(self.slept) > self.stop_after:
            raise KeyboardInterrupt

    @property
    def now(self) -> float:
        return sum(self.slept)


def never_sleep(seconds: float) -> None:
    raise AssertionError(f"slept {seconds} s")


def test_axis_goes_where_it_is_told_at_once() -> None:
    axis = StageAxis("Stage x", sleep=never_sleep)
    axis.move_to(-12.5)
    assert axis.position == -12.5
    assert (axis.title, axis.units, axis.limits) == ("Stage x", "um", (-50.0, 50.0))


@pytest.mark.parametrize(
    ("asked", "reached"), [(0.3, 0.3), (1.23456, 1.235), (-1.23444, -1.234), (0.1 + 0.2, 0.3), (7, 7.0)]
)
def test_position_reads_back_on_the_grid_of_the_encoder(asked: float, reached: float) -> None:
    axis = StageAxis("Stage x")
    axis.move_to(asked)
    assert axis.position == reached
    assert type(axis.position) is float


@pytest.mark.parametrize("value", [50.001, -50.001, 1e9, math.inf, math.nan])
def test_move_outside_the_limits_is_refused_and_moves_nothing(value: float) -> None:
    axis = StageAxis("Stage x", settling_time=1.0, speed=1.0, sleep=never_sleep)
    with pytest.raises(OutOfLimitsError, match=r"'Stage x' cannot move to .*-50\.0\.\.50\.0") as caught:
        axis.move_to(value)
    assert repr(value) in str(caught.value)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, SimulatorError)
    assert (axis.position, axis.arrivals) == (0.0, 0)


@pytest.mark.parametrize("value", [-50.0, 50.0])
def test_limits_themselves_can_be_reached(value: float) -> None:
    axis = StageAxis("Stage x")
    axis.move_to(value)
    assert axis.position == value


@pytest.mark.parametrize(
    ("limits", "start"), [((-1.0, 1.0), 0.0), ((5.0, 9.0), 5.0), ((-9.0, -5.5), -5.5)], ids=str
)
def test_axis_starts_as_near_to_zero_as_its_limits_allow(limits: tuple[float, float], start: float) -> None:
    assert StageAxis("Stage x", limits).position == start


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ((1.0, 1.0), "rising"),
        ((2.0, 1.0), "rising"),
        ((math.nan, 1.0), "rising"),
        ((-math.inf, 1.0), "finite"),
        ((0.0, 1.0005), "multiple of 1/1000 um"),
    ],
    ids=str,
)
def test_impossible_limits_are_refused(limits: tuple[float, float], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        StageAxis("Stage x", limits)


def test_speed_and_settling_make_a_move_last() -> None:
    clock = Clock()
    axis = StageAxis("Stage x", speed=20.0, settling_time=0.3, sleep=clock.sleep)
    axis.move_to(10.0)
    assert clock.now == pytest.approx(10.0 / 20.0 + 0.3)
    axis.move_to(-30.0)
    assert clock.now == pytest.approx(50.0 / 20.0 + 0.6)
    assert axis.position == -30.0


def test_settling_is_waited_even_without_a_way_to_go() -> None:
    clock = Clock()
    axis = StageAxis("Stage x", speed=20.0, settling_time=0.25, sleep=clock.sleep)
    axis.move_to(0.0)
    assert clock.slept == [0.25]


def test_position_can_be_followed_on_the_way() -> None:
    seen: list[float] = []
    axis = StageAxis("Stage x", speed=10.0, sleep=lambda _: seen.append(axis.position))
    axis.move_to(2.0)
    assert seen == pytest.approx([0.0, 0.5, 1.0, 1.5])
    assert axis.position == 2.0


def test_interrupted_move_leaves_the_axis_where_it_had_got_to() -> None:
    axis = StageAxis("Stage x", speed=10.0, sleep=Clock(stop_after=0.12).sleep)
    with pytest.raises(KeyboardInterrupt):
        axis.move_to(2.0)
    assert axis.position == pytest.approx(1.0)
    assert axis.arrivals == 0


@pytest.mark.parametrize("name", ["speed", "settling_time"])
@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf])
def test_negative_or_endless_times_are_refused(name: str, value: float) -> None:
    axis = StageAxis("Stage x")
    with pytest.raises(SettingError, match=f"'Stage x': {name} is"):
        setattr(axis, name, value)
    assert getattr(axis, name) == 0.0


def test_settings_describe_the_axis_and_belong_to_the_caller() -> None:
    axis = StageAxis("Stage x", (-5.0, 8.0), speed=2.0)
    axis.settling_time = 0.5
    expected = {
        "limit_low": -5.0,
        "limit_high": 8.0,
        "speed": 2.0,
        "settling_time": 0.5,
        "acceleration": 0.0,
        "backlash": 0.0,
        "encoder_step": 0.001,
    }
    assert axis.settings == expected
    axis.settings["speed"] = 99.0
    assert axis.settings == expected


def test_stage_joins_its_axes() -> None:
    stage = Stage(StageAxis("Stage x"), StageAxis("Stage y"))
    stage.x.move_to(1.5)
    stage.y.move_to(-2.0)
    stage.y.move_to(-2.0)
    assert stage.position == (1.5, -2.0)
    assert stage.place == (1500, -2000)
    assert stage.arrivals == 3
