"""Axes whose steps are places, not lines of a grid: a table, a spiral, places at random."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np

from ._axis import Positions, is_finite, is_whole, plain_float, plain_int, points_problems, with_units

Pair = tuple[float, float]


class _ListedPlaces:
    """What axes of places have that are no grid."""

    __slots__ = ()

    actuators: tuple[str, ...]

    @property
    def is_spread(self) -> bool:
        """Whether the places are a list, and no grid: they are."""
        return True

    def renamed(self, titles: Mapping[str, str]) -> Self:
        """Return the axis with other titles of its actuators, where `titles` has them."""
        axis: Any = self  # each is a dataclass
        renamed: Self = replace(axis, actuators=_renamed(self.actuators, titles))
        return renamed


@dataclass(frozen=True, slots=True)
class TableAxis(_ListedPlaces):
    """A list of places.

    Attributes
    ----------
    actuators
        The titles of the actuators.
    rows
        The places: one position for each actuator.
    units
        The unit of all positions; where it is said, the actuators must have it.

    Examples
    --------
    >>> TableAxis(('x', 'y'), [(0, 1), (5, 1.5)]).positions()
    array([[0. , 1. ],
           [5. , 1.5]])
    """

    actuators: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    units: str = ""

    def __init__(self, actuators: Iterable[str], rows: Iterable[Iterable[float]], units: str = "") -> None:
        object.__setattr__(self, "actuators", tuple(actuators))
        object.__setattr__(self, "rows", tuple(tuple(map(plain_float, row)) for row in rows))
        object.__setattr__(self, "units", units)

    def __len__(self) -> int:
        return len(self.rows)

    def positions(self) -> Positions:
        """Return all positions, shape (rows, actuators)."""
        return np.array(self.rows, dtype=float).reshape(len(self.rows), len(self.actuators))

    def problems(self) -> list[str]:
        """Return what is wrong with the axis, a sentence each."""
        name = f"the table of {list(self.actuators)}"
        found = _actuator_problems(name, self.actuators) + points_problems(name, len(self.rows))
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.actuators):
                found.append(f"{name}: row {number} has {len(row)} positions; give {len(self.actuators)}.")
            elif not all(map(is_finite, row)):
                found.append(f"{name}: row {number} is {row!r}; give finite numbers.")
        return found

    def to_table(self) -> dict[str, Any]:
        """Return the axis as a table of TOML."""
        table = {"kind": "table", "actuators": self.actuators, "rows": self.rows}
        return {**table, **with_units(self.units)}


@dataclass(frozen=True, slots=True)
class SpiralAxis(_ListedPlaces):
    """Places on a spiral outwards, each standing for the same area.

    Attributes
    ----------
    actuators
        The titles of the two actuators.
    center
        Where it begins.
    step
        The distance between neighbours, along the spiral and from one turn to the next.
    points
        How many places.
    units
        The unit of all positions; where it is said, the actuators must have it.

    Examples
    --------
    >>> SpiralAxis(('x', 'y'), (0, 0), 1, 100).positions()[0]
    array([0., 0.])
    """

    actuators: tuple[str, ...]
    center: Pair
    step: float
    points: int
    units: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "actuators", tuple(self.actuators))
        object.__setattr__(self, "center", tuple(map(plain_float, self.center)))
        object.__setattr__(self, "step", plain_float(self.step))
        object.__setattr__(self, "points", plain_int(self.points))

    def __len__(self) -> int:
        return self.points

    def positions(self) -> Positions:
        """Return all positions, shape (points, 2)."""
        # Fermat's spiral turned by the golden angle spaces evenly too, but jumps across; this one is a path.
        number = np.arange(self.points)
        angle = 2 * np.sqrt(math.pi * number)
        radius = self.step * angle / (2 * math.pi)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        places: Positions = np.array(self.center) + radius[:, None] * circle
        return places

    def problems(self) -> list[str]:
        """Return what is wrong with the axis, a sentence each."""
        name = f"the spiral of {list(self.actuators)}"
        found = _actuator_problems(name, self.actuators) + points_problems(name, self.points)
        if len(self.actuators) != 2 or len(self.center) != 2:
            found.append(f"{name} needs two actuators and a center of two positions.")
        if not all(map(is_finite, (*self.center, self.step))):
            given = f"the center {self.center!r} and the step {self.step!r}"
            found.append(f"{name} has {given}; give finite numbers.")
        return found

    def to_table(self) -> dict[str, Any]:
        """Return the axis as a table of TOML."""
        table = {"kind": "spiral", "actuators": self.actuators, "center": self.center}
        return {**table, "step": self.step, "points": self.points, **with_units(self.units)}


@dataclass(frozen=True, slots=True)
class RandomAxis(_ListedPlaces):
    """Places at random in a box, the same for the same seed.

    Attributes
    ----------
    actuators
        The titles of the actuators.
    low, high
        The corners of the box: one position for each actuator.
    points
        How many places.
    seed
        Which places.
    units
        The unit of all positions; where it is said, the actuators must have it.
    """

    actuators: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    points: int
    seed: int = 0
    units: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "actuators", tuple(self.actuators))
        for name in ("low", "high"):
            object.__setattr__(self, name, tuple(map(plain_float, getattr(self, name))))
        object.__setattr__(self, "points", plain_int(self.points))

    def __len__(self) -> int:
        return self.points

    def positions(self) -> Positions:
        """Return all positions, shape (points, actuators)."""
        low, high = np.array(self.low), np.array(self.high)
        # Raw words of the generator are the same with every version of numpy; its distributions are not.
        words = np.random.Philox(key=self.seed).random_raw(self.points * len(self.actuators))
        shares = (words >> np.uint64(11)) * 2.0**-53
        places: Positions = low + (high - low) * shares.reshape(self.points, len(self.actuators))
        return places

    def problems(self) -> list[str]:
        """Return what is wrong with the axis, a sentence each."""
        name = f"the random places of {list(self.actuators)}"
        found = _actuator_problems(name, self.actuators) + points_problems(name, self.points)
        if not len(self.low) == len(self.high) == len(self.actuators):
            found.append(f"{name} need a low and a high position for each actuator.")
        if not all(map(is_finite, (*self.low, *self.high))):
            found.append(f"{name} lie between {self.low!r} and {self.high!r}; give finite numbers.")
        return found + seed_problems(name, self.seed)

    def to_table(self) -> dict[str, Any]:
        """Return the axis as a table of TOML."""
        table = {"kind": "random", "actuators": self.actuators, "low": self.low, "high": self.high}
        return {**table, "points": self.points, "seed": self.seed, **with_units(self.units)}


def seed_problems(name: str, seed: object) -> list[str]:
    """Return what is wrong with a seed."""
    is_good = is_whole(seed) and 0 <= seed < 2**63
    return [] if is_good else [f"{name}: the seed is {seed!r}; give a whole number from 0 to 2**63 - 1."]


def _renamed(actuators: tuple[str, ...], titles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(titles.get(actuator, actuator) for actuator in actuators)


def _actuator_problems(name: str, actuators: tuple[str, ...]) -> list[str]:
    if not actuators or not all(actuators):
        return [f"{name} names no actuator."]
    return []
