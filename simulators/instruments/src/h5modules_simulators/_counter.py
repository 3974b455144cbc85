"""A time-correlated photon counter: when photons come after a laser pulse, by colour and polarisation."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ._light_detector import LightDetector, LightDetectorModel
from ._sample import Sample
from ._settings import check_count, check_positive
from ._signal_axis import SignalAxis
from ._spectra import KINDS, emission
from ._stage import Stage

_LIFETIMES = (1.8, 3.9, 2.4, 1.1, 5.5)
"""Lifetime of each kind of emitter, in ns."""

_POLARISATIONS = (0.0, 90.0)
_PARALLEL_SHARES = (0.62, 0.38)
"""The part of the light that is polarised along each direction."""


@dataclass(frozen=True, kw_only=True)
class PhotonCounterModel(LightDetectorModel):
    """What a photon counter is like."""

    title: str = "Photon counter"
    exposure: float = 0.05
    efficiency: float = 0.25
    colours: int = 8
    """Number of colour channels."""
    bins: int = 64
    """Number of time bins."""
    period: float = 12.5
    """Time between two laser pulses, in ns."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_count(self.title, colours=self.colours, bins=self.bins)
        check_positive(self.title, period=self.period)


class PhotonCounter(LightDetector[PhotonCounterModel]):
    """An ND detector: counts of shape (2 polarisations, colours, time bins), by Poisson's law.

    Parameters are those of `LightDetector`.

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
        super().__init__(sample, stage, model, seed=seed, sleep=sleep)
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
    def axes(self) -> tuple[SignalAxis, ...]:
        """Polarisation in degrees, middle of each colour in nm, middle of each time bin in ns."""
        return self._axes

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each array that is read."""
        return len(_POLARISATIONS), self._model.colours, self._model.bins

    def read(self) -> tuple[npt.NDArray[np.uint32]]:
        """Return the counts: one new array of shape (2, colours, bins), uint32."""
        model = self._model
        rng, place = self._expose()
        light = np.tensordot(self._sample.rates_at(*place), self._shares, axes=1)
        wanted = np.multiply.outer(_PARALLEL_SHARES, light) * model.efficiency * model.exposure
        return (rng.poisson(wanted).astype(self.dtype),)


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
