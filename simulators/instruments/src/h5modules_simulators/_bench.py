"""The bench: where devices that are opened one by one, by name, find the microscope they belong to."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any, TypeVar

from ._camera import Camera, CameraModel
from ._counter import PhotonCounter
from ._errors import SettingError
from ._faults import Faults
from ._faulty import FaultyActuator, FaultyDetector, SimulatedActuator, SimulatedDetector
from ._grating import GratingDrive
from ._microscope import Microscope, make_microscope, make_paced_microscope
from ._photodiode import Photodiode
from ._settings import check_seed
from ._spectrometer import Spectrometer
from ._stage import StageAxis
from ._thermostat import Thermostat

Table = Mapping[str, Any]
"""Faults by name, as a plan in TOML tells them."""

Actuator = TypeVar("Actuator", bound=SimulatedActuator)
Detector = TypeVar("Detector", bound=SimulatedDetector)

_LARGEST = 2048


class Bench:
    """The microscopes on one bench, one for each seed, set up when first asked for.

    A detector sees the stage move only if both belong to one microscope. A program that opens devices one by
    one asks the same bench each time, and gets parts of the same microscope for the same seed. It may be
    asked from several threads.

    Parameters
    ----------
    make
        Sets up the microscope of a seed.

    Examples
    --------
    >>> bench = Bench()
    >>> bench.microscope(seed=0) is bench.microscope(seed=0)
    True
    """

    def __init__(self, make: Callable[[int], Microscope] = make_microscope) -> None:
        self._make = make
        self._microscopes: dict[tuple[int, float], Microscope] = {}
        self._lock = Lock()

    def microscope(self, seed: int = 0, pace: float = 0.0) -> Microscope:
        """Return the microscope of a seed and a pace.

        Parameters
        ----------
        seed
            Seed of the sample and of all noise.
        pace
            How many times faster than real the time runs; 0 for a microscope that takes no time at all.

        Raises
        ------
        SettingError
            If the seed is below zero or does not fit 63 bits, or the pace is below zero.
        """
        key = check_seed(seed), float(pace)
        with self._lock:
            if key not in self._microscopes:
                self._microscopes[key] = make_paced_microscope(*key) if pace else self._make(key[0])
            return self._microscopes[key]

    def clear(self) -> None:
        """Take all microscopes off the bench.

        Devices handed out before go on working together; those asked for from now on belong to new ones.
        """
        with self._lock:
            self._microscopes.clear()


BENCH = Bench()
"""The bench of this process, which the factories ask by default; tests clear it or bring their own."""


def make_stage_x(
    *, seed: int = 0, pace: float = 0.0, faults: Table | None = None, bench: Bench = BENCH
) -> StageAxis | FaultyActuator:
    """Return the x axis of the stage of a seed; the same object for the same bench, unless it has faults.

    Parameters
    ----------
    seed, pace
        Which microscope: see `Bench.microscope`.
    faults
        What goes wrong, as `Faults` takes it.
    bench
        Where the microscope stands.

    Examples
    --------
    >>> bench = Bench()
    >>> make_stage_x(seed=0, bench=bench).move_to(3.0)
    >>> bench.microscope(seed=0).stage.position
    (3.0, 0.0)
    """
    return _with_faults(bench.microscope(seed, pace).stage.x, faults)


def make_stage_y(
    *, seed: int = 0, pace: float = 0.0, faults: Table | None = None, bench: Bench = BENCH
) -> StageAxis | FaultyActuator:
    """Return the y axis of the stage of a seed: see `make_stage_x`."""
    return _with_faults(bench.microscope(seed, pace).stage.y, faults)


def make_grating(
    *, seed: int = 0, pace: float = 0.0, faults: Table | None = None, bench: Bench = BENCH
) -> GratingDrive | FaultyActuator:
    """Return the grating drive of the spectrometer of a seed: see `make_stage_x`."""
    return _with_faults(bench.microscope(seed, pace).grating, faults)


def make_thermostat(
    *, seed: int = 0, pace: float = 0.0, faults: Table | None = None, bench: Bench = BENCH
) -> Thermostat | FaultyActuator:
    """Return the temperature controller of a seed: see `make_stage_x`."""
    return _with_faults(bench.microscope(seed, pace).thermostat, faults)


def make_photodiode(
    *, seed: int = 0, pace: float = 0.0, faults: Table | None = None, bench: Bench = BENCH
) -> Photodiode | FaultyDetector:
    """Return the photodiode of a seed: see `make_stage_x`."""
    return _with_read_faults(bench.microscope(seed, pace).photodiode, faults)


def make_spectrometer(
    *, seed: int = 0, pace: float = 0.0, faults: Table | None = None, bench: Bench = BENCH
) -> Spectrometer | FaultyDetector:
    """Return the spectrometer of a seed: see `make_stage_x`."""
    return _with_read_faults(bench.microscope(seed, pace).spectrometer, faults)


def make_counter(
    *, seed: int = 0, pace: float = 0.0, faults: Table | None = None, bench: Bench = BENCH
) -> PhotonCounter | FaultyDetector:
    """Return the photon counter of a seed: see `make_stage_x`."""
    return _with_read_faults(bench.microscope(seed, pace).counter, faults)


def make_camera(
    *,
    seed: int = 0,
    pace: float = 0.0,
    size: int | None = None,
    faults: Table | None = None,
    bench: Bench = BENCH,
) -> Camera | FaultyDetector:
    """Return the camera of a seed: see `make_stage_x`.

    Parameters
    ----------
    seed, pace, faults, bench
        As for `make_stage_x`.
    size
        Pixels along each side, up to 2048; with one it is a camera of its own.
    """
    microscope = bench.microscope(seed, pace)
    camera = microscope.camera if size is None else _resized(microscope, size, seed, pace)
    return _with_read_faults(camera, faults)


def _resized(microscope: Microscope, size: int, seed: int, pace: float) -> Camera:
    if not 1 <= size <= _LARGEST:
        raise SettingError(f"'Camera': size is {size!r}, it must be from 1 to {_LARGEST}")
    model = CameraModel(rows=size, columns=size, realtime=bool(pace))
    sleep = _paced_sleep(pace)
    return Camera(microscope.sample, microscope.stage, model, seed=check_seed(seed), sleep=sleep)


def _paced_sleep(pace: float) -> Callable[[float], None]:
    return lambda seconds: time.sleep(seconds / pace)


def _with_faults(actuator: Actuator, faults: Table | None) -> Actuator | FaultyActuator:
    return actuator if faults is None else FaultyActuator(actuator, Faults.parse(faults))


def _with_read_faults(detector: Detector, faults: Table | None) -> Detector | FaultyDetector:
    return detector if faults is None else FaultyDetector(detector, Faults.parse(faults))
