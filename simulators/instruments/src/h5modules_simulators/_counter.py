"""A time-correlated photon counter: when photons come after a laser pulse, by colour and polarisation."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from ._noise import NoiseSource
from ._sample import Sample
from ._settings import Setting, check_count, check_positive, check_seed, check_share
from ._signal_axis import SignalAxis
from ._spectra import KINDS, emission
from ._stage import Stage

_LIFETIMES = (1.8, 3.9, 2.4, 1.1, 5.5)
"""Lifetime of each kind of emitter, in ns."""

_POLARISATIONS = (0.0, 90.0)
_PARALLEL_SHARES = (0.62, 0.38)
"""The part of the light that is polarised along each direction."""


@dataclass(frozen=True)
class PhotonCounterModel:
    """What a photon counter is like."""

    title: str = "Photon counter"
    """Name of the device."""
    colours: int = 8
    """Number of colour channels."""
    bins: int = 64
    """Number of time bins."""
    period: float = 12.5
    """Time between two laser pulses, in ns."""
    exposure: float = 0.05
    """Time in s over which photons are counted."""
    efficiency: float = 0.25
    """Counts per photon."""
    realtime: bool = False
    """Whether a reading lasts as long as its exposure."""

    def __post_init__(self) -> None:
        check_count(self.title, colours=self.colours, bins=self.bins)
        check_positive(self.title, period=self.period, exposure=self.exposure)
        check_share(self.title, efficiency=self.efficiency)


class PhotonCounter:
    """An ND detector: counts of shape (2 polarisations, colours, time bins), by Poisson's law.

    Parameters
    ----------
    sample
        What is looked at.
    stage
        Where.
    model
        What the counter is like.
    seed
        Seed of the noise.
    sleep
        What waits, if the model is `realtime`.

    Examples
    --------
    >>> from h5modules_simulators import make_microscope
    >>> (counts,) = make_microscope(seed=0).counter.read()
    >>> counts.shape, counts.dtype
    ((2, 8, 64), dtype('uint32'))
    """

    units: str = "counts"
    """Units of what is read."""
    labels: tuple[str, ...] = ("Arrivals",)
    """One name per channel."""
    dtype: np.dtype[np.uint32] = np.dtype(np.uint32)
    """Type of each array that is read."""

    def __init__(
        self,
        sample: Sample,
        stage: Stage,
        model: PhotonCounterModel = PhotonCounterModel(),
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
        edges = np.linspace(420.0, 740.0, model.colours + 1)
        colours = (edges[:-1] + edges[1:]) / 2
        times = (np.arange(model.bins) + 0.5) * model.period / model.bins
        self._axes = (
            SignalAxis("polarisation", "deg", np.array(_POLARISATIONS)),
            SignalAxis("wavelength", "nm", colours),
            SignalAxis("arrival", "ns", times),
        )
        self._shares = _shares(edges, times)

    @property
    def title(self) -> str:
        """Name of the device."""
        return self._model.title

    @property
    def axes(self) -> tuple[SignalAxis, ...]:
        """Polarisation in degrees, middle of each colour in nm, middle of each time bin in ns."""
        return self._axes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each array that is read."""
        return len(_POLARISATIONS), self._model.colours, self._model.bins

    @property
    def read_time(self) -> float:
        """Time in s that a reading lasts."""
        return self._model.exposure if self._model.realtime else 0.0

    @property
    def settings(self) -> dict[str, Setting]:
        """The fields of the model, in its units, and the seed; a new dictionary each time."""
        return {**asdict(self._model), "seed": self._seed}

    def prepare(self, point: int) -> None:
        """Take note that the point of that number is measured next: noise and drift depend on it."""
        self._noise.prepare(point)

    def read(self) -> tuple[npt.NDArray[np.uint32]]:
        """Return the counts: one new array of shape (2, colours, bins), uint32."""
        model = self._model
        if model.realtime:
            self._sleep(model.exposure)
        rates = self._sample.rates_at(*self._stage.seen_at(self._noise.point))
        light = np.tensordot(rates, self._shares, axes=1)
        wanted = np.multiply.outer(_PARALLEL_SHARES, light) * model.efficiency * model.exposure
        return (self._noise.next_generator().poisson(wanted).astype(self.dtype),)


def _shares(edges: npt.NDArray[np.float64], times: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the part of each kind's light in each colour and time bin, shape (kinds, colours, bins)."""
    fine = np.linspace(edges[0], edges[-1], 1000)
    of_colour = np.digitize(fine, edges[1:-1])
    spectra = emission(fine)
    colours = np.stack(
        [[row[of_colour == colour].sum() for colour in range(len(edges) - 1)] for row in spectra]
    )
    decays = np.exp(-times / np.array(_LIFETIMES)[:, None])
    assert len(_LIFETIMES) == len(KINDS)
    colours /= spectra.sum(axis=1, keepdims=True)
    decays /= decays.sum(axis=1, keepdims=True)
    return np.asarray(colours[:, :, None] * decays[:, None, :])
