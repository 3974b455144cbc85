"""Simulated laboratory instruments with honest physics, to try scans without hardware.

A stage moves a stained cell culture under a photodiode (0D), a spectrometer with a grating drive (1D), a
camera (2D) and a photon counter (3D); a thermostat heats. `Faults` make any of them misbehave.
`make_microscope` gives them wired together; the factories `make_stage_x`, `make_camera`, ... give them one by
one from the bench of this process, for programs that open devices by name (entry points `h5modules.devices`).

Equal seeds read equal values at equal places, in whatever order they are visited; in a scan that tells its
points (`prepare`), at equal points. That holds with one version of numpy, whose distributions may change
between versions.

Examples
--------
>>> x, camera = make_stage_x(seed=0), make_camera(seed=0)
>>> x.move_to(-10.0)
>>> (frame,) = camera.read()
>>> frame.shape
(128, 128)
"""

from __future__ import annotations

from ._bench import (
    BENCH,
    Bench,
    make_camera,
    make_counter,
    make_grating,
    make_photodiode,
    make_spectrometer,
    make_stage_x,
    make_stage_y,
    make_thermostat,
)
from ._camera import Camera, CameraModel
from ._counter import PhotonCounter, PhotonCounterModel
from ._drift import Drift
from ._errors import DeviceFaultError, OutOfLimitsError, SettingError, SimulatorError
from ._faults import Faults
from ._faulty import FaultLine, FaultyActuator, FaultyDetector
from ._grating import GratingDrive
from ._light_detector import LightDetector, LightDetectorModel
from ._microscope import Microscope, make_microscope, make_paced_microscope
from ._photodiode import Photodiode, PhotodiodeModel
from ._sample import Sample
from ._settings import Setting
from ._signal_axis import SignalAxis
from ._spectrometer import Spectrometer, SpectrometerModel
from ._stage import Stage, StageAxis
from ._thermostat import Thermostat, ThermostatModel

__all__ = [
    "BENCH",
    "Bench",
    "Camera",
    "CameraModel",
    "DeviceFaultError",
    "Drift",
    "FaultLine",
    "Faults",
    "FaultyActuator",
    "FaultyDetector",
    "GratingDrive",
    "LightDetector",
    "LightDetectorModel",
    "Microscope",
    "OutOfLimitsError",
    "Photodiode",
    "PhotodiodeModel",
    "PhotonCounter",
    "PhotonCounterModel",
    "Sample",
    "Setting",
    "SettingError",
    "SignalAxis",
    "SimulatorError",
    "Spectrometer",
    "SpectrometerModel",
    "Stage",
    "StageAxis",
    "Thermostat",
    "ThermostatModel",
    "make_camera",
    "make_counter",
    "make_grating",
    "make_microscope",
    "make_paced_microscope",
    "make_photodiode",
    "make_spectrometer",
    "make_stage_x",
    "make_stage_y",
    "make_thermostat",
]
