"""The microscope: sample, stage and detectors, wired together."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ._camera import Camera, CameraModel
from ._counter import PhotonCounter, PhotonCounterModel
from ._drift import NO_DRIFT, Drift
from ._grating import GratingDrive
from ._photodiode import Photodiode, PhotodiodeModel
from ._sample import Sample
from ._settings import check_positive, check_seed
from ._spectrometer import Spectrometer, SpectrometerModel
from ._stage import Stage, StageAxis
from ._thermostat import Thermostat, ThermostatModel


@dataclass(frozen=True)
class Microscope:
    """A stage with a sample, and the instruments around it."""

    sample: Sample
    """What is looked at."""
    stage: Stage
    """What moves the sample; all detectors look where it stands."""
    photodiode: Photodiode
    """0D detector."""
    spectrometer: Spectrometer
    """1D detector."""
    camera: Camera
    """2D detector."""
    grating: GratingDrive
    """Turns the spectrometer to other wavelengths."""
    counter: PhotonCounter
    """ND detector."""
    thermostat: Thermostat
    """Heats and cools."""

    @property
    def actuators(self) -> tuple[StageAxis, StageAxis]:
        """The axes of the stage, x and y."""
        return self.stage.x, self.stage.y

    @property
    def detectors(self) -> tuple[Photodiode, Spectrometer, Camera]:
        """The detectors, from 0D to 2D."""
        return self.photodiode, self.spectrometer, self.camera


def make_microscope(  # noqa: PLR0913 - each is one thing that a user says
    seed: int = 0,
    *,
    speed: float = 0.0,
    settling_time: float = 0.0,
    acceleration: float = 0.0,
    backlash: float = 0.0,
    drift: Drift = NO_DRIFT,
    realtime: bool = False,
    sleep: Callable[[float], None] = time.sleep,
) -> Microscope:
    """Make a microscope with a stage of its own.

    Parameters
    ----------
    seed
        Seed of the sample and of all noise. Microscopes of one seed read the same at the same places.
    speed
        Speed of the stage in um/s; 0 moves at once.
    settling_time
        Time in s that the stage waits after each move.
    acceleration
        Of the stage, in um/s^2; 0 reaches the speed at once.
    backlash
        Of both axes of the stage, in um.
    drift
        How the sample drifts from point to point of a scan.
    realtime
        Whether readings last as long as their exposure.
    sleep
        What waits, for stage and detectors.

    Raises
    ------
    SettingError
        If the seed, the speed or the settling time is below zero.

    Examples
    --------
    >>> microscope = make_microscope(seed=0)
    >>> x, y = microscope.actuators
    >>> x.move_to(-10.0)
    >>> y.move_to(-4.5)
    >>> [[array.shape for array in detector.read()] for detector in microscope.detectors]
    [[(1,)], [(1024,)], [(128, 128)]]
    """
    seed = check_seed(seed)
    sample = Sample(seed)
    x, y = (
        StageAxis(
            title,
            speed=speed,
            settling_time=settling_time,
            acceleration=acceleration,
            backlash=backlash,
            sleep=sleep,
        )
        for title in ("Stage x", "Stage y")
    )
    stage = Stage(x, y, drift)
    grating = GratingDrive(speed=50.0 if realtime else 0.0, sleep=sleep)
    spectrometer = SpectrometerModel(realtime=realtime)
    return Microscope(
        sample,
        stage,
        Photodiode(sample, stage, PhotodiodeModel(realtime=realtime), seed=seed, sleep=sleep),
        Spectrometer(sample, stage, spectrometer, seed=seed, grating=grating, sleep=sleep),
        Camera(sample, stage, CameraModel(realtime=realtime), seed=seed, sleep=sleep),
        grating,
        PhotonCounter(sample, stage, PhotonCounterModel(realtime=realtime), seed=seed, sleep=sleep),
        Thermostat(ThermostatModel(realtime=realtime), seed=seed, sleep=sleep),
    )


def make_paced_microscope(seed: int = 0, pace: float = 1.0) -> Microscope:
    """Make a microscope whose moves and readings take time: a stage with speed, acceleration and backlash.

    Parameters
    ----------
    seed
        As for `make_microscope`.
    pace
        How many times faster than real the time runs.

    Raises
    ------
    SettingError
        If the pace is not above zero.
    """
    check_positive("microscope", pace=pace)
    return make_microscope(
        seed,
        speed=500.0,
        settling_time=0.01,
        acceleration=5000.0,
        backlash=0.05,
        realtime=True,
        sleep=lambda seconds: time.sleep(seconds / pace),
    )
