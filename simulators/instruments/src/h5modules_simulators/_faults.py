"""Faults on demand: what goes wrong, at which points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._errors import SettingError
from ._noise import keyed_generator
from ._settings import check_not_negative, check_seed

Points = tuple[int, ...]
"""Numbers of points of a scan, the first being 1."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What goes wrong with a device, a function of seed, device and point alone.

    Outside of a scan the number of the call stands for the point.

    Parameters
    ----------
    latency, jitter
        Seconds that each call takes longer, and up to how many more, by chance.
    error_at, error_rate
        Points at which a call raises `DeviceFaultError`, and the share of points where it does by chance.
    timeout_at, stall
        Points at which a call raises `TimeoutError`, after so many seconds.
    hang_at
        Points at which a call does not return before `release`.
    nan_at, wrong_shape_at
        Points at which a detector returns NaN (0 for integers), or arrays that are one longer.
    disconnect_at
        Points at which every call fails from then on, until the device is connected again.
    kill_at
        Points at which the process is killed, as by a power cut.
    calls
        How many calls at such a point go wrong: a device that is asked again then works.
    seed
        Seed of what goes by chance.

    Raises
    ------
    SettingError
        If a time is below zero, a rate is not between 0 and 1, or a point is below 1.

    Examples
    --------
    >>> faults = Faults(error_at=(3,))
    >>> faults.is_hit('error', 'Camera', 3), faults.is_hit('error', 'Camera', 4)
    (True, False)
    """

    latency: float = 0.0
    jitter: float = 0.0
    error_at: Points = ()
    error_rate: float = 0.0
    timeout_at: Points = ()
    stall: float = 0.0
    hang_at: Points = ()
    nan_at: Points = ()
    wrong_shape_at: Points = ()
    disconnect_at: Points = ()
    kill_at: Points = ()
    calls: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        check_not_negative("faults", latency=self.latency, jitter=self.jitter, stall=self.stall)
        check_seed(self.seed)
        if not 0 <= self.error_rate <= 1:
            raise SettingError(f"faults: error_rate is {self.error_rate!r}, it must be from 0 to 1")
        for name in KINDS:
            points = tuple(getattr(self, f"{name}_at"))
            object.__setattr__(self, f"{name}_at", points)
            if not all(isinstance(point, int) and point >= 1 for point in points):
                raise SettingError(f"faults: {name}_at is {points!r}, it must hold numbers of points, from 1")

    @classmethod
    def parse(cls, table: Mapping[str, Any]) -> Faults:
        """Return the faults that a table, as of TOML, tells.

        Raises
        ------
        SettingError
            If a key is unknown, or as `Faults`.
        """
        if unknown := sorted(table.keys() - cls.__dataclass_fields__.keys()):
            known = ", ".join(cls.__dataclass_fields__)
            raise SettingError(f"faults: {unknown[0]!r} is unknown; there are {known}")
        return cls(**table)

    def is_hit(self, kind: str, title: str, point: int) -> bool:
        """Tell whether a fault of a kind (``error``, ``nan``, ...) strikes a device at a point."""
        if point in getattr(self, f"{kind}_at"):
            return True
        if kind != "error" or not self.error_rate:
            return False
        return keyed_generator(self.seed, f"{title} error", point=point).random() < self.error_rate

    def delay(self, title: str, point: int, call: int) -> float:
        """Return how much longer a call takes, in s."""
        if not self.jitter:
            return self.latency
        chance = keyed_generator(self.seed, f"{title} jitter", count=call, point=point).random()
        return self.latency + self.jitter * float(chance)


KINDS = ("error", "timeout", "hang", "nan", "wrong_shape", "disconnect", "kill")
"""The kinds of faults that strike at points."""
