"""A camera: a picture of the sample around the place under the optical axis."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from ._noise import NoiseSource
from ._sample import FloatArray, Sample
from ._settings import Setting, check_count, check_not_negative, check_positive, check_seed, check_share
from ._signal_axis import SignalAxis
from ._stage import Stage

_FULL = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class CameraModel:
    """What a camera is like."""

    title: str = "Camera"
    """Name of the device."""
    rows: int = 128
    """Pixels along y."""
    columns: int = 128
    """Pixels along x."""
    pixel_size: float = 0.125
    """Side of a pixel in um, as seen on the sample."""
    exposure: float = 0.01
    """Time in s over which light is gathered."""
    efficiency: float = 0.6
    """Electrons per photon."""
    dark_rate: float = 100.0
    """Electrons/s in each pixel without light."""
    read_noise: float = 2.0
    """Standard deviation of the read-out noise, in electrons."""
    gain: float = 1.0
    """Counts per electron."""
    offset: float = 100.0
    """Counts added to every pixel, so that noise in the dark is not cut off at zero."""
    realtime: bool = False
    """Whether a reading lasts as long as its exposure."""

    def __post_init__(self) -> None:
        check_count(self.title, rows=self.rows, columns=self.columns)
        check_positive(self.title, pixel_size=self.pixel_size, exposure=self.exposure, gain=self.gain)
        check_share(self.title, efficiency=self.efficiency)
        check_not_negative(
            self.title, dark_rate=self.dark_rate, read_noise=self.read_noise, offset=self.offset
        )


class Camera:
    """A 2D detector: frames of 16-bit counts, rows along y and columns along x.

    A pixel gets the rate that the sample gives for its middle. Electrons follow Poisson's law, reading out
    adds Gaussian noise, counts are whole and saturate at 65535. Noise depends on seed, title, place, point
    of the scan and the count of reads there, on nothing else.

    Parameters
    ----------
    sample
        What is looked at.
    stage
        Where the middle of the frame lies.
    model
        What the camera is like.
    seed
        Seed of the noise.
    sleep
        What waits, if the model is `realtime`.

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
        self._sample = sample
        self._stage = stage
        self._model = model
        self._seed = check_seed(seed)
        self._sleep = sleep
        self._noise = NoiseSource(self._seed, model.title, stage)
        self._axes = (
            SignalAxis("y", "um", _offsets(model.rows, model.pixel_size)),
            SignalAxis("x", "um", _offsets(model.columns, model.pixel_size)),
        )

    @property
    def title(self) -> str:
        """Name of the device."""
        return self._model.title

    @property
    def axes(self) -> tuple[SignalAxis, ...]:
        """Offsets of the rows and of the columns from the position of the stage, in um."""
        return self._axes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each array that is read."""
        return self._model.rows, self._model.columns

    @property
    def exposure(self) -> float:
        """Time in s over which light is gathered."""
        return self._model.exposure

    @exposure.setter
    def exposure(self, value: float) -> None:
        self._model = replace(self._model, exposure=float(value))

    @property
    def read_time(self) -> float:
        """Time in s that a reading lasts."""
        return self._model.exposure if self._model.realtime else 0.0

    def prepare(self, point: int) -> None:
        """Take note that the point of that number is measured next: noise and drift depend on it."""
        self._noise.prepare(point)

    @property
    def settings(self) -> dict[str, Setting]:
        """The fields of the model, in its units, and the seed; a new dictionary each time."""
        return {**asdict(self._model), "seed": self._seed}

    def read(self) -> tuple[npt.NDArray[np.uint16]]:
        """Return the frame: one new array of shape (rows, columns), uint16, in counts."""
        model = self._model
        if model.realtime:
            self._sleep(model.exposure)
        rng = self._noise.next_generator()
        rows, columns = self._axes
        x, y = self._stage.seen_at(self._noise.point)
        rates = model.efficiency * self._sample.image(x + columns.values, y + rows.values) + model.dark_rate
        electrons: FloatArray = rng.poisson(rates * model.exposure).astype(np.float64)
        # Single precision is ample for noise of a few electrons, and twice as fast.
        electrons += model.read_noise * rng.standard_normal(self.shape, dtype=np.float32)
        counts = np.rint(model.gain * electrons + model.offset)
        return (np.clip(counts, 0, _FULL).astype(self.dtype),)


def _offsets(pixels: int, pixel_size: float) -> FloatArray:
    return np.asarray((np.arange(pixels) - (pixels - 1) / 2) * pixel_size, dtype=np.float64)
