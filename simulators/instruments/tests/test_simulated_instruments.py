"""Points, drift, backlash, acceleration; the grating, the photon counter, the thermostat."""

from __future__ import annotations

import math

import numpy as np
import pytest

from h5modules_simulators import (
    Bench,
    Drift,
    GratingDrive,
    OutOfLimitsError,
    StageAxis,
    Thermostat,
    ThermostatModel,
    make_microscope,
    make_paced_microscope,
)


@pytest.mark.parametrize("name", ["photodiode", "spectrometer", "camera", "counter"])
def test_a_reading_depends_on_the_point_and_on_nothing_before(name: str) -> None:
    one, other = (getattr(make_microscope(seed=3, drift=Drift(1.0)), name) for _ in range(2))
    for point in range(1, 5):
        one.prepare(point)
        first, second = one.read()[0], one.read()[0]
    other.prepare(4)
    np.testing.assert_array_equal(other.read()[0], first)
    np.testing.assert_array_equal(other.read()[0], second)
    assert not np.array_equal(first, second)
    other.prepare(5)
    assert not np.array_equal(other.read()[0], first)


def test_the_sample_drifts_from_point_to_point() -> None:
    drift = Drift(amplitude=2.0, period=100, seed=1)
    way = np.array([drift.at(point) for point in range(1, 101)])
    assert np.abs(way).max() <= 2.0
    assert np.ptp(way, axis=0).min() > 2.0
    assert np.abs(np.diff(way, axis=0)).max() < 0.2
    assert drift.at(0) == (0.0, 0.0)
    stage = make_microscope(seed=0, drift=drift).stage
    assert stage.position == (0.0, 0.0)
    assert stage.seen_at(7) == drift.at(7)


def test_the_sample_follows_when_the_backlash_is_taken_up() -> None:
    axis = StageAxis("Stage x", backlash=0.5)
    seen = []
    for target in (2.0, 1.8, 1.0, 1.2, 3.0):
        axis.move_to(target)
        assert axis.position == target
        seen.append(axis.sample_steps / 1000)
    assert seen == [1.5, 1.5, 1.0, 1.0, 2.5]


def test_moves_last_as_long_as_speed_and_acceleration_say() -> None:
    slept: list[float] = []
    axis = StageAxis("x", speed=10.0, acceleration=100.0, settling_time=0.1, sleep=slept.append)
    assert axis.travel_time(0, 20) == pytest.approx(20 / 10 + 10 / 100 + 0.1)
    assert axis.travel_time(0, 0.25) == pytest.approx(2 * math.sqrt(0.25 / 100) + 0.1)
    axis.move_to(20.0)
    assert sum(slept) == pytest.approx(axis.travel_time(0, 20))


def test_the_axis_of_the_spectrometer_moves_with_its_grating() -> None:
    microscope = make_microscope(seed=0)
    spectrometer = microscope.spectrometer
    before, axes = spectrometer.read()[0], spectrometer.axes
    assert spectrometer.axes is axes
    microscope.grating.move_to(600.0)
    np.testing.assert_allclose(spectrometer.axes[0].values, axes[0].values + 20.0)
    # What was at 590 nm is 64 pixels further to the left.
    after = spectrometer.read()[0]
    smooth = np.ones(25) / 25
    np.testing.assert_allclose(
        np.convolve(after, smooth, "same")[100:800], np.convolve(before, smooth, "same")[164:864], rtol=0.3
    )


def test_a_grating_keeps_to_its_limits() -> None:
    slept: list[float] = []
    grating = GratingDrive(speed=50.0, sleep=slept.append)
    grating.move_to(630.0)
    assert slept == [1.0]
    for value in (349.0, math.nan):
        with pytest.raises(OutOfLimitsError, match="'Grating' cannot move"):
            grating.move_to(value)
    assert grating.position == 630.0


def test_photons_are_counted_by_polarisation_colour_and_time() -> None:
    counter = make_microscope(seed=0).counter
    (counts,) = counter.read()
    assert counts.shape == counter.shape == tuple(axis.values.size for axis in counter.axes)
    by_time = counts.sum(axis=(0, 1)).astype(float)
    assert by_time[:8].sum() > 2 * by_time[-8:].sum()
    assert counts[0].sum() > counts[1].sum()


def test_a_thermostat_is_slow_and_noisy() -> None:
    slept: list[float] = []
    thermostat = Thermostat(ThermostatModel(realtime=True, time_constant=2.0), sleep=slept.append)
    thermostat.move_to(77.0)
    assert sum(slept) == pytest.approx(2.0 * math.log(218 / 0.05))
    readings = []
    for point in range(1, 200):
        thermostat.prepare(point)
        readings.append(thermostat.position)
    assert np.std(readings) == pytest.approx(0.01, rel=0.3)
    assert np.mean(readings) == pytest.approx(77.0, abs=0.01)
    with pytest.raises(OutOfLimitsError, match="outside its limits"):
        thermostat.move_to(1.0)


def test_time_runs_faster_than_real() -> None:
    bench = Bench()
    microscope = bench.microscope(seed=0, pace=10_000.0)
    assert bench.microscope(seed=0, pace=10_000.0) is microscope
    assert bench.microscope(seed=0) is not microscope
    assert microscope.camera.read_time == 0.01
    assert microscope.stage.x.travel_time(0, 50) > 0.1
    microscope.stage.x.move_to(50.0)
    microscope.camera.read()
    assert make_paced_microscope(pace=2.0).photodiode.read_time > 0
