"""A photodiode: the light of one spot, as a voltage."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._light_detector import LightDetector, LightDetectorModel
from ._sample import Sample
from ._settings import check_not_negative, check_positive
from ._signal_axis import SignalAxis
from ._stage import Stage


@dataclass(frozen=True, kw_only=True)
class PhotodiodeModel(LightDetectorModel):
    """What a photodiode is like."""

    title: str = "Photodiode"
    exposure: float = 0.01
    efficiency: float = 0.6
    dark_rate: float = 2e3
    """Electrons/s without light."""
    gain: float = 1e-6
    """Volts per electron/s."""
    read_noise: float = 5e-4
    """Standard deviation of the amplifier noise, in V."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_positive(self.title, gain=self.gain)
        check_not_negative(self.title, dark_rate=self.dark_rate, read_noise=self.read_noise)


class Photodiode(LightDetector[PhotodiodeModel]):
    """A 0D detector of all the light from the spot under the optical axis.

    Electrons follow Poisson's law: signal and dark current carry their shot noise; the amplifier adds its
    own. Parameters are those of `LightDetector`.

    Examples
    --------
    >>> from h5modules_simulators import make_microscope
    >>> photodiode = make_microscope(seed=0).photodiode
    >>> (volts,) = photodiode.read()
    >>> volts.shape, photodiode.units, photodiode.labels
    ((1,), 'V', ('Fluorescence',))
    """

    units: str = "V"
    """Units of what is read."""
    labels: tuple[str, ...] = ("Fluorescence",)
    """One name per channel."""
    axes: tuple[SignalAxis, ...] = ()
    """A single value has no axis."""
    shape: tuple[int, ...] = (1,)
    """Shape of each array that is read."""
    dtype: np.dtype[np.float64] = np.dtype(np.float64)
    """Type of each array that is read."""

    def __init__(
        self,
        sample: Sample,
        stage: Stage,
        model: PhotodiodeModel = PhotodiodeModel(),
        *,
        seed: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(sample, stage, model, seed=seed, sleep=sleep)

    def read(self) -> tuple[npt.NDArray[np.float64]]:
        """Return the voltage: one new array of shape (1,), float64, in V."""
        model = self._model
        rng, place = self._expose()
        rate = model.efficiency * self._sample.intensity_at(*place) + model.dark_rate
        electrons = rng.poisson(rate * model.exposure, self.shape)
        volts = model.gain * electrons / model.exposure + model.read_noise * rng.standard_normal(self.shape)
        return (np.asarray(volts, dtype=self.dtype),)
