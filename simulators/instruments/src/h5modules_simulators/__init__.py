"""Simulated laboratory instruments with honest physics, to try scans without hardware.

A stage moves a stained cell culture under a photodiode (0D), a spectrometer (1D) and a camera (2D).
`make_microscope` gives them wired together; the factories `make_stage_x`, `make_camera`, ... give them one by
one from the bench of this process, for programs that open devices by name (entry points `h5modules.devices`).

Equal seeds read equal values at equal places, in whatever order they are visited (with the same version of
numpy, whose distributions may change between versions).

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
    make_photodiode,
    make_spectrometer,
    make_stage_x,
    make_stage_y,
)
from ._camera import Camera, CameraModel
from ._errors import OutOfLimitsError, SettingError, SimulatorError
from ._microscope import Microscope, make_microscope
from ._photodiode import Photodiode, PhotodiodeModel
from ._sample import Sample
from ._settings import Setting
from ._signal_axis import SignalAxis
from ._spectrometer import Spectrometer, SpectrometerModel
from ._stage import Stage, StageAxis

__all__ = [
    "BENCH",
    "Bench",
    "Camera",
    "CameraModel",
    "Microscope",
    "OutOfLimitsError",
    "Photodiode",
    "PhotodiodeModel",
    "Sample",
    "Setting",
    "SettingError",
    "SignalAxis",
    "SimulatorError",
    "Spectrometer",
    "SpectrometerModel",
    "Stage",
    "StageAxis",
    "make_camera",
    "make_microscope",
    "make_photodiode",
    "make_spectrometer",
    "make_stage_x",
    "make_stage_y",
]
