"""What all detectors of the sample's light have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from ._modelled import Modelled
from ._noise import NoiseSource
from ._sample import Sample
from ._settings import check_positive, check_seed, check_share
from ._stage import Stage


@dataclass(frozen=True, kw_only=True)
class LightDetectorModel:
    """What a detector of light is like."""

    title: str
    """Name of the device."""
    exposure: float
    """Time in s over which light is gathered."""
    efficiency: float
    """Electrons, or counts, per photon."""
    realtime: bool = False
    """Whether a reading lasts as long as its exposure."""

    def __post_init__(self) -> None:
        check_positive(self.title, exposure=self.exposure)
        check_share(self.title, efficiency=self.efficiency)


M = TypeVar("M", bound=LightDetectorModel)


class LightDetector(Modelled, Generic[M]):
    """A detector of the light from below the optical axis.

    Noise depends on seed, title, place, point of the scan and the count of reads there, on nothing else.

    Parameters
    ----------
    sample
        What is looked at.
    stage
        Where.
    model
        What the detector is like.
    seed
        Seed of the noise.
    sleep
        What waits, if the model is `realtime`.
    """

    def __init__(
        self,
        sample: Sample,
        stage: Stage,
        model: M,
        *,
        seed: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._sample = sample
        self._stage = stage
        self._model: M = model
        self._seed = check_seed(seed)
        self._sleep = sleep
        self._noise = NoiseSource(self._seed, model.title, stage)

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

    def _expose(self) -> tuple[np.random.Generator, tuple[float, float]]:
        """Wait for the exposure; return the noise of this reading, and the place that is seen, in um."""
        if self._model.realtime:
            self._sleep(self._model.exposure)
        return self._noise.next_generator(), self._stage.seen_at(self._noise.point)
