"""A camera: a picture of the sample around the place under the optical axis."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ._light_detector import LightDetector, LightDetectorModel
from ._sample import FloatArray, Sample
from ._settings import check_count, check_not_negative, check_positive
from ._signal_axis import SignalAxis
from ._stage import Stage

_FULL = np.iinfo(np.uint16).max

_BLOCK = 64
"""How many rows are read at a time."""

_MANY = 100.0
"""From so many electrons on Poisson's law is taken for Gauss's: five times as fast."""


@dataclass(frozen=True, kw_only=True)
class CameraModel(LightDetectorModel):
    """What a camera is like."""

    title: str = "Camera"
    exposure: float = 0.01
    efficiency: float = 0.6
    rows: int = 128
    """Pixels along y."""
    columns: int = 128
    """Pixels along x."""
    pixel_size: float = 0.125
    """Side of a pixel in um, as seen on the sample."""
    dark_rate: float = 100.0
    """Electrons/s in each pixel without light."""
    read_noise: float = 2.0
    """Standard deviation of the read-out noise, in electrons."""
    gain: float = 1.0
    """Counts per electron."""
    offset: float = 100.0
    """Counts added to every pixel, so that noise in the dark is not cut off at zero."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.title, rows=self.rows, columns=self.columns)
        check_positive(self.title, pixel_size=self.pixel_size, gain=self.gain)
        check_not_negative(
            self.title, dark_rate=self.dark_rate, read_noise=self.read_noise, offset=self.offset
        )


class Camera(LightDetector[CameraModel]):
    """A 2D detector: frames of 16-bit counts, rows along y and columns along x.

    A pixel gets the rate that the sample gives for its middle. Electrons follow Poisson's law (its limit,
    Gauss's, where there are many), reading out adds Gaussian noise, counts are whole and saturate at 65535.
    Parameters are those of `LightDetector`.

    Examples
    --------
    >>> from h5modules_simulators import make_microscope
    >>> camera = make_microscope(seed=0).camera
    >>> (frame,) = camera.read()
    >>> frame.shape, frame.dtype, [axis.label for axis in camera.axes]
    ((128, 128), dtype('uint16'), ['y', 'x'])
    """

    units: str = "counts"
    """Units of what is read."""
    labels: tuple[str, ...] = ("Frame",)
    """One name per channel."""
    dtype: np.dtype[np.uint16] = np.dtype(np.uint16)
    """Type of each array that is read."""

    def __init__(
        self,
        sample: Sample,
        stage: Stage,
        model: CameraModel = CameraModel(),
        *,
        seed: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(sample, stage, model, seed=seed, sleep=sleep)
        self._axes = (
            SignalAxis("y", "um", _offsets(model.rows, model.pixel_size)),
            SignalAxis("x", "um", _offsets(model.columns, model.pixel_size)),
        )

    @property
    def axes(self) -> tuple[SignalAxis, ...]:
        """Offsets of the rows and of the columns from the position of the stage, in um."""
        return self._axes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each array that is read."""
        return self._model.rows, self._model.columns

    def read(self) -> tuple[npt.NDArray[np.uint16]]:
        """Return the frame: one new array of shape (rows, columns), uint16, in counts."""
        model = self._model
        rng, (x, y) = self._expose()
        rows, columns = (axis.values for axis in self._axes)
        frame = np.empty(self.shape, self.dtype)
        # A few rows at a time stay in the processor's cache: a large frame is read three times as fast.
        for first in range(0, model.rows, _BLOCK):
            block = slice(first, first + _BLOCK)
            rates = model.efficiency * self._sample.image(x + columns, y + rows[block]) + model.dark_rate
            electrons = _electrons(rng, rates * model.exposure, model.read_noise)
            frame[block] = np.clip(np.rint(model.gain * electrons + model.offset), 0, _FULL)
        return (frame,)


def _electrons(rng: np.random.Generator, mean: FloatArray, read_noise: float) -> npt.NDArray[Any]:
    """Return what pixels that gather so many electrons on average are read as."""
    # Single precision is ample for noise of a few electrons, and twice as fast.
    noise = rng.standard_normal(mean.shape, dtype=np.float32)
    if mean.min() < _MANY:
        return np.asarray(rng.poisson(mean) + read_noise * noise)
    single = mean.astype(np.float32)
    return np.asarray(single + np.sqrt(single + np.float32(read_noise**2)) * noise)


def _offsets(pixels: int, pixel_size: float) -> FloatArray:
    return np.asarray((np.arange(pixels) - (pixels - 1) / 2) * pixel_size, dtype=np.float64)
