"""The bench: where devices that are opened one by one, by name, find the microscope they belong to."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from ._camera import Camera
from ._microscope import Microscope, make_microscope
from ._photodiode import Photodiode
from ._settings import check_seed
from ._spectrometer import Spectrometer
from ._stage import StageAxis


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
        self._microscopes: dict[int, Microscope] = {}
        self._lock = Lock()

    def microscope(self, seed: int = 0) -> Microscope:
        """Return the microscope of a seed.

        Raises
        ------
        SettingError
            If the seed is below zero or does not fit 63 bits.
        """
        seed = check_seed(seed)
        with self._lock:
            if seed not in self._microscopes:
                self._microscopes[seed] = self._make(seed)
            return self._microscopes[seed]

    def clear(self) -> None:
        """Take all microscopes off the bench.

        Devices handed out before go on working together; those asked for from now on belong to new ones.
        """
        with self._lock:
            self._microscopes.clear()


BENCH = Bench()
"""The bench of this process, which the factories ask by default; tests clear it or bring their own."""


def make_stage_x(*, seed: int = 0, bench: Bench = BENCH) -> StageAxis:
    """Return the x axis of the stage of a seed; the same object for the same bench.

    Examples
    --------
    >>> bench = Bench()
    >>> make_stage_x(seed=0, bench=bench).move_to(3.0)
    >>> bench.microscope(seed=0).stage.position
    (3.0, 0.0)
    """
    return bench.microscope(seed).stage.x


def make_stage_y(*, seed: int = 0, bench: Bench = BENCH) -> StageAxis:
    """Return the y axis of the stage of a seed; the same object for the same bench."""
    return bench.microscope(seed).stage.y


def make_photodiode(*, seed: int = 0, bench: Bench = BENCH) -> Photodiode:
    """Return the photodiode of a seed; the same object for the same bench."""
    return bench.microscope(seed).photodiode


def make_spectrometer(*, seed: int = 0, bench: Bench = BENCH) -> Spectrometer:
    """Return the spectrometer of a seed; the same object for the same bench."""
    return bench.microscope(seed).spectrometer


def make_camera(*, seed: int = 0, bench: Bench = BENCH) -> Camera:
    """Return the camera of a seed; the same object for the same bench."""
    return bench.microscope(seed).camera
