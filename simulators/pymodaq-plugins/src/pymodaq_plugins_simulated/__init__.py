"""A simulated microscope as PyMoDAQ plugins: stage, grating, photodiode, spectrometer, camera, counter."""

from __future__ import annotations

from importlib.metadata import version

from .utils import Config

config = Config()
__version__ = version(__name__)
