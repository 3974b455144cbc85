"""The bench: devices opened by name belong together, and the public names are those meant."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.metadata import entry_points
from typing import Any

import numpy as np
import pytest

import h5modules_simulators as simulators
from h5modules_simulators import BENCH, Bench, Microscope, SettingError, make_microscope

PUBLIC = """
    BENCH Bench Camera CameraModel DeviceFaultError Drift FaultLine Faults FaultyActuator FaultyDetector
    GratingDrive LightDetector LightDetectorModel
    Microscope OutOfLimitsError Photodiode PhotodiodeModel PhotonCounter PhotonCounterModel
    Sample Setting SettingError SignalAxis SimulatorError Spectrometer SpectrometerModel Stage StageAxis
    Thermostat ThermostatModel make_camera make_counter make_grating make_microscope
    make_paced_microscope make_photodiode make_spectrometer make_stage_x make_stage_y make_thermostat
"""
FACTORIES = [
    "make_stage_x",
    "make_stage_y",
    "make_photodiode",
    "make_spectrometer",
    "make_camera",
    "make_grating",
    "make_counter",
    "make_thermostat",
]


@pytest.fixture
def empty_bench() -> Iterator[Bench]:
    """The bench of the process, empty before and after."""
    BENCH.clear()
    yield BENCH
    BENCH.clear()


def test_detector_opened_by_name_sees_the_stage_move(empty_bench: Bench) -> None:
    x, y = simulators.make_stage_x(seed=1), simulators.make_stage_y(seed=1)
    photodiode = simulators.make_photodiode(seed=1)
    x.move_to(20.0)
    y.move_to(-3.0)
    expected = make_microscope(seed=1)
    expected.stage.x.move_to(20.0)
    expected.stage.y.move_to(-3.0)
    np.testing.assert_array_equal(photodiode.read()[0], expected.photodiode.read()[0])


@pytest.mark.parametrize("name", FACTORIES)
def test_factory_gives_one_device_per_seed_and_bench(empty_bench: Bench, name: str) -> None:
    make = getattr(simulators, name)
    bench = Bench()
    assert make() is make(seed=0) is make(seed=np.int64(0))
    assert make(seed=1) is not make(seed=0)
    assert make(bench=bench) is make(bench=bench)
    assert make(bench=bench) is not make()


def test_seeds_have_stages_of_their_own() -> None:
    bench = Bench()
    simulators.make_stage_x(seed=0, bench=bench).move_to(5.0)
    assert simulators.make_stage_x(seed=1, bench=bench).position == 0.0


def test_cleared_bench_sets_up_anew_and_leaves_old_devices_alone() -> None:
    bench = Bench()
    old_x, old_camera = bench.microscope(0).stage.x, bench.microscope(0).camera
    old_x.move_to(5.0)
    bench.clear()
    assert bench.microscope(0).stage.x is not old_x
    assert bench.microscope(0).stage.position == (0.0, 0.0)
    assert not np.array_equal(old_camera.read()[0], bench.microscope(0).camera.read()[0])


def test_bench_sets_up_microscopes_as_it_is_told() -> None:
    bench = Bench(partial(make_microscope, speed=3.0, realtime=True))
    assert simulators.make_stage_y(bench=bench).speed == 3.0
    assert simulators.make_camera(bench=bench).settings["realtime"] is True


def test_bench_refuses_a_wrong_seed() -> None:
    asked: list[int] = []

    def make(seed: int) -> Microscope:
        asked.append(seed)
        return make_microscope(0)

    with pytest.raises(SettingError, match="seed -1"):
        Bench(make).microscope(-1)
    assert asked == []


def test_threads_that_ask_at_once_get_one_microscope() -> None:
    made: list[Microscope] = []

    def make(seed: int) -> Microscope:
        made.append(make_microscope(seed))
        return made[-1]

    bench = Bench(make)
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(bench.microscope, [0] * 16))
    assert len(made) == 1
    assert all(microscope is made[0] for microscope in given)


def test_entry_points_name_the_factories(empty_bench: Bench) -> None:
    offered: dict[str, Any] = {
        point.name: point.load()
        for point in entry_points(group="h5modules.devices")
        if point.value.startswith("h5modules_simulators:")
    }
    assert offered == {name.removeprefix("make_"): getattr(simulators, name) for name in FACTORIES}
    assert offered["camera"](seed=1) is empty_bench.microscope(1).camera


def test_public_names_are_those_meant() -> None:
    assert sorted(simulators.__all__) == PUBLIC.split()
    assert all(hasattr(simulators, name) for name in simulators.__all__)
