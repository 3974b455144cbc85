"""A spectrometer: the light of one spot, spread over its wavelengths."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._grating import GratingDrive
from ._light_detector import LightDetector, LightDetectorModel
from ._sample import Sample
from ._settings import check_count, check_not_negative, check_positive
from ._signal_axis import SignalAxis
from ._spectra import emission
from ._stage import Stage


@dataclass(frozen=True, kw_only=True)
class SpectrometerModel(LightDetectorModel):
    """What a spectrometer is like."""

    title: str = "Spectrometer"
    exposure: float = 0.1
    efficiency: float = 0.4
    pixels: int = 1024
    """Number of pixels along the spectrum."""
    first: float = 420.0
    """Lower edge of the first pixel, in nm."""
    last: float = 740.0
    """Upper edge of the last pixel, in nm."""
    dark_rate: float = 20.0
    """Electrons/s in each pixel without light."""
    read_noise: float = 4.0
    """Standard deviation of the read-out noise, in counts; one count is one electron."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.title, pixels=self.pixels)
        check_positive(self.title, first=self.first, span=self.last - self.first)
        check_not_negative(self.title, dark_rate=self.dark_rate, read_noise=self.read_noise)


class Spectrometer(LightDetector[SpectrometerModel]):
    """A 1D detector of the spectrum of the spot under the optical axis.

    Each pixel counts electrons by Poisson's law; reading out adds Gaussian noise, so that a count may be
    broken or below zero. Parameters are those of `LightDetector`, and:

    Parameters
    ----------
    grating
        What turns it to other wavelengths; without one the model's stay.

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
        super().__init__(sample, stage, model, seed=seed, sleep=sleep)
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
    def axes(self) -> tuple[SignalAxis, ...]:
        """The wavelengths of the pixels' middles, in nm, where the grating stands now."""
        self._look()
        return self._axes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each array that is read."""
        return (self._model.pixels,)

    def read(self) -> tuple[npt.NDArray[np.float64]]:
        """Return the spectrum: one new array of shape (pixels,), float64, in counts."""
        model = self._model
        rng, place = self._expose()
        self._look()
        light = self._sample.rates_at(*place) @ self._shares
        electrons = rng.poisson((model.efficiency * light + model.dark_rate) * model.exposure)
        return (electrons + model.read_noise * rng.standard_normal(self.shape),)
