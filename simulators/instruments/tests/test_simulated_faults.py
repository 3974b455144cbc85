"""Devices that misbehave on demand."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest

from h5modules_simulators import (
    Bench,
    DeviceFaultError,
    Faults,
    FaultyActuator,
    FaultyDetector,
    SettingError,
    StageAxis,
    make_camera,
    make_microscope,
    make_photodiode,
)


def faulty(sleep: Any = None, **faults: Any) -> FaultyDetector:
    device = make_microscope(seed=0).photodiode
    return (
        FaultyDetector(device, Faults(**faults))
        if sleep is None
        else FaultyDetector(device, Faults(**faults), sleep)
    )


def failures(device: FaultyDetector, points: range) -> list[int]:
    failed = []
    for point in points:
        device.prepare(point)
        try:
            device.read()
        except DeviceFaultError:
            failed.append(point)
    return failed


def test_without_faults_a_device_is_as_it_was() -> None:
    good, device = make_microscope(seed=0).photodiode, faulty()
    np.testing.assert_array_equal(device.read()[0], good.read()[0])
    for name in ("title", "units", "labels", "axes", "settings", "read_time"):
        assert getattr(device, name) == getattr(good, name)


def test_errors_come_at_points_whatever_came_before() -> None:
    assert failures(faulty(error_at=(2, 5)), range(1, 7)) == [2, 5]
    assert failures(faulty(error_at=(2, 5)), range(4, 7)) == [5]
    by_chance = failures(faulty(error_rate=0.3, seed=1), range(1, 101))
    assert 15 < len(by_chance) < 45
    assert failures(faulty(error_rate=0.3, seed=1), range(51, 101)) == [n for n in by_chance if n > 50]
    assert failures(faulty(error_rate=0.3, seed=2), range(1, 101)) != by_chance


def test_a_device_that_is_asked_again_works_after_as_many_calls() -> None:
    device = faulty(error_at=(1,), calls=2)
    device.prepare(1)
    for _ in range(2):
        with pytest.raises(DeviceFaultError, match="'Photodiode' failed on demand"):
            device.read()
    assert len(device.read()) == 1


def test_points_end_with_the_scan() -> None:
    device = faulty(error_at=(1,))
    for _ in range(2):
        device.prepare(1)
        with pytest.raises(DeviceFaultError, match="failed on demand"):
            device.read()
        device.prepare(0)
    with pytest.raises(DeviceFaultError, match="failed on demand"):
        device.read()
    assert len(device.read()) == 1


def test_without_points_calls_are_counted() -> None:
    device = faulty(error_at=(2,))
    device.read()
    with pytest.raises(OSError, match="failed on demand"):
        device.read()
    device.read()


def test_values_can_be_nan_or_of_another_shape() -> None:
    device = faulty(nan_at=(1,), wrong_shape_at=(2,))
    assert np.isnan(device.read()[0]).all()
    assert device.read()[0].shape == (2,)
    assert device.read()[0].shape == (1,)
    camera = FaultyDetector(make_microscope(seed=0).camera, Faults(nan_at=(1,)))
    assert not camera.read()[0].any()


def test_latency_and_jitter_are_slept() -> None:
    slept: list[float] = []
    device = faulty(slept.append, latency=1.0, jitter=0.5)
    for _ in range(5):
        device.read()
    assert all(1.0 <= seconds < 1.5 for seconds in slept)
    assert len(set(slept)) == 5


def test_a_time_out_comes_after_a_stall() -> None:
    slept: list[float] = []
    with pytest.raises(TimeoutError, match="did not answer within 3 s"):
        faulty(slept.append, timeout_at=(1,), stall=3.0).read()
    assert slept == [3.0]


def test_a_call_that_hangs_returns_when_it_is_released() -> None:
    device = faulty(hang_at=(1,))
    thread = threading.Thread(target=device.read, daemon=True)
    thread.start()
    thread.join(0.05)
    assert thread.is_alive()
    device.line.release()
    thread.join(5)
    assert not thread.is_alive()


def test_a_device_stays_away_until_it_is_connected_again() -> None:
    device = faulty(disconnect_at=(2,))
    assert failures(device, range(1, 5)) == [2, 3, 4]
    device.line.connect()
    assert failures(device, range(5, 7)) == []


def test_a_process_is_killed_at_a_point() -> None:
    code = (
        "from h5modules_simulators import *\n"
        "d = make_photodiode(faults={'kill_at': [3]})\n"
        "for n in range(9): d.read(); print(n, flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == ["0", "1"]
    assert done.returncode != 0


def test_an_actuator_fails_when_it_moves() -> None:
    axis = FaultyActuator(StageAxis("Stage x"), Faults(error_at=(2,)))
    axis.move_to(1.0)
    with pytest.raises(DeviceFaultError, match="'Stage x' failed"):
        axis.move_to(2.0)
    assert axis.position == 1.0
    assert (axis.title, axis.units, axis.limits) == ("Stage x", "um", (-50.0, 50.0))
    assert axis.travel_time(0, 9) == 0.0


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        ({"error_rate": 2}, "error_rate is 2"),
        ({"latency": -1}, "latency is -1"),
        ({"nan_at": [0]}, "nan_at is .*from 1"),
        ({"eror_at": [1]}, "'eror_at' is unknown; there are latency"),
    ],
)
def test_faults_that_cannot_be_are_refused(faults: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingError, match=message):
        make_photodiode(faults=faults, bench=Bench())


def test_a_camera_of_any_size_is_opened() -> None:
    assert make_camera(size=300, bench=Bench()).read()[0].shape == (300, 300)
    with pytest.raises(SettingError, match="size is 2049, it must be from 1 to 2048"):
        make_camera(size=2049, bench=Bench())
