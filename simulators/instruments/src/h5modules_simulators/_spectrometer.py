"""A spectrometer: the light of one spot, spread over its wavelengths."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from ._grating import GratingDrive
from ._noise import NoiseSource
from ._sample import Sample
from ._settings import Setting, check_count, check_not_negative, check_positive, check_seed, check_share
from ._signal_axis import SignalAxis
from ._spectra import emission
from ._stage import Stage


@dataclass(frozen=True)
class SpectrometerModel:
    """What a spectrometer is like."""

    title: str = "Spectrometer"
    """Name of the device."""
    pixels: int = 1024
    """Number of pixels along the spectrum."""
    first: float = 420.0
    """Lower edge of the first pixel, in nm."""
    last: float = 740.0
    """Upper edge of the last pixel, in nm."""
    exposure: float = 0.1
    """Time in s over which light is gathered."""
    efficiency: float = 0.4
    """Electrons per photon, grating and sensor together."""
    dark_rate: float = 20.0
    """Electrons/s in each pixel without light."""
    read_noise: float = 4.0
    """Standard deviation of the read-out noise, in counts; one count is one electron."""
    realtime: bool = False
    """Whether a reading lasts as long as its exposure."""

    def __post_init__(self) -> None:
        check_count(self.title, pixels=self.pixels)
        check_positive(self.title, first=self.first, span=self.last - self.first, exposure=self.exposure)
        check_share(self.title, efficiency=self.efficiency)
        check_not_negative(self.title, dark_rate=self.dark_rate, read_noise=self.read_noise)


class Spectrometer:
    """A 1D detector of the spectrum of the spot under the optical axis.

    Each pixel counts electrons by Poisson's law; reading out adds Gaussian noise, so that a count may be
    broken or below zero. Noise depends on seed, title, place, point of the scan and the count of reads there,
    on nothing else.

    Parameters
    ----------
    sample
        What is looked at.
    stage
        Where.
    model
        What the spectrometer is like.
    seed
        Seed of the noise.
    grating
        What turns it to other wavelengths; without one the model's stay.
    sleep
        What waits, if the model is `realtime`.

    Examples
    --------
    >>> from h5modules_simulators import make_microscope
    >>> spectrometer = make_microscope(seed=0).spectrometer
    >>> (counts,) = spectrometer.read()
    >>> counts.shape, spectrometer.axes[0].label, spectrometer.axes[0].units
    ((1024,), 'wavelength', 'nm')
    """

    units: str = "counts"
    """Units of what is read."""
    labels: tuple[str, ...] = ("Spectrum",)
    """One name per channel."""
    dtype: np.dtype[np.float64] = np.dtype(np.float64)
    """Type of each array that is read."""

    def __init__(
        self,
        sample: Sample,
        stage: Stage,
        model: SpectrometerModel = SpectrometerModel(),
        *,
        seed: int = 0,
        grating: GratingDrive | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sample = sample
        self._stage = stage
        self._model = model
        self._seed = check_seed(seed)
        self._sleep = sleep
        self._noise = NoiseSource(self._seed, model.title, stage)
        self._grating = grating
        self._turn_to(self._center())

    def _center(self) -> float:
        model = self._model
        return (model.first + model.last) / 2 if self._grating is None else self._grating.position

    def _turn_to(self, center: float) -> None:
        model = self._model
        width = (model.last - model.first) / model.pixels
        pixels = np.arange(model.pixels, dtype=np.float64) + 0.5
        wavelengths = model.first + width * pixels + (center - (model.first + model.last) / 2)
        self._turned_to = center
        self._axes = (SignalAxis("wavelength", "nm", wavelengths),)
        # The part of the light of each dye that falls on each pixel does not change from read to read.
        self._shares = width * emission(wavelengths)

    def _look(self) -> None:
        if (center := self._center()) != self._turned_to:
            self._turn_to(center)

    @property
    def title(self) -> str:
        """Name of the device."""
        return self._model.title

    @property
    def axes(self) -> tuple[SignalAxis, ...]:
        """The wavelengths of the pixels' middles, in nm, where the grating stands now."""
        self._look()
        return self._axes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each array that is read."""
        return (self._model.pixels,)

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

    def read(self) -> tuple[npt.NDArray[np.float64]]:
        """Return the spectrum: one new array of shape (pixels,), float64, in counts."""
        model = self._model
        if model.realtime:
            self._sleep(model.exposure)
        self._look()
        rng = self._noise.next_generator()
        light = self._sample.rates_at(*self._stage.seen_at(self._noise.point)) @ self._shares
        electrons = rng.poisson((model.efficiency * light + model.dark_rate) * model.exposure)
        return (electrons + model.read_noise * rng.standard_normal(self.shape),)
