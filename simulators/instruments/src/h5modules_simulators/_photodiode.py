"""A photodiode: the light of one spot, as a voltage."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from ._noise import NoiseSource
from ._sample import Sample
from ._settings import Setting, check_not_negative, check_positive, check_seed, check_share
from ._signal_axis import SignalAxis
from ._stage import Stage


@dataclass(frozen=True)
class PhotodiodeModel:
    """What a photodiode is like."""

    title: str = "Photodiode"
    """Name of the device."""
    exposure: float = 0.01
    """Time in s over which one reading is averaged."""
    efficiency: float = 0.6
    """Electrons per photon."""
    dark_rate: float = 2e3
    """Electrons/s without light."""
    gain: float = 1e-6
    """Volts per electron/s."""
    read_noise: float = 5e-4
    """Standard deviation of the amplifier noise, in V."""
    realtime: bool = False
    """Whether a reading lasts as long as its exposure."""

    def __post_init__(self) -> None:
        check_positive(self.title, exposure=self.exposure, gain=self.gain)
        check_share(self.title, efficiency=self.efficiency)
        check_not_negative(self.title, dark_rate=self.dark_rate, read_noise=self.read_noise)


class Photodiode:
    """A 0D detector of all the light from the spot under the optical axis.

    Electrons follow Poisson's law: signal and dark current carry their shot noise; the amplifier adds its
    own. Noise depends on seed, title, place, point of the scan and the count of reads there, on nothing else.

    Parameters
    ----------
    sample
        What is looked at.
    stage
        Where.
    model
        What the photodiode is like.
    seed
        Seed of the noise.
    sleep
        What waits, if the model is `realtime`.

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
        self._sample = sample
        self._stage = stage
        self._model = model
        self._seed = check_seed(seed)
        self._sleep = sleep
        self._noise = NoiseSource(self._seed, model.title, stage)

    @property
    def title(self) -> str:
        """Name of the device."""
        return self._model.title

    @property
    def exposure(self) -> float:
        """Time in s over which one reading is averaged."""
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
        """Return the voltage: one new array of shape (1,), float64, in V."""
        model = self._model
        if model.realtime:
            self._sleep(model.exposure)
        rng = self._noise.next_generator()
        rate = (
            model.efficiency * self._sample.intensity_at(*self._stage.seen_at(self._noise.point))
            + model.dark_rate
        )
        electrons = rng.poisson(rate * model.exposure, self.shape)
        volts = model.gain * electrons / model.exposure + model.read_noise * rng.standard_normal(self.shape)
        return (np.asarray(volts, dtype=self.dtype),)
