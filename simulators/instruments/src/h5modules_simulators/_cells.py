"""Cells of a simulated culture: where they lie and what is in them, as geometry in micrometres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_TURN = 2 * np.pi

_STEP = 0.06
"""Distance of the points that draw a line, in um: less than half a pixel of the map."""


@dataclass(frozen=True)
class Points:
    """Emitting points: places x and y in um and weights, all of shape (n,)."""

    x: FloatArray
    y: FloatArray
    weight: FloatArray


class Expression(NamedTuple):
    """How bright each structure is in one cell; around 1."""

    nucleus: float
    fibres: float
    mitochondria: float
    vesicles: float


@dataclass(frozen=True)
class Cell:
    """A spread cell: an ellipse with a wavy outline, and its nucleus near the middle."""

    x: float
    y: float
    half_length: float
    half_width: float
    angle: float
    waves: tuple[tuple[float, float], ...]
    """Amplitude and phase of the waves of the outline, from two per turn on."""
    nucleus: tuple[float, float]
    """Half axes of the nucleus in um."""
    expression: Expression
    """How much of each dye the cell holds."""

    def to_local(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the places as (along, across) the cell, in um from its middle."""
        dx, dy = x - self.x, y - self.y
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return dx * cos + dy * sin, dy * cos - dx * sin

    def to_field(self, along: FloatArray, across: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return places in the cell as (x, y) in um."""
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        return self.x + along * cos - across * sin, self.y + along * sin + across * cos

    def depth(self, along: FloatArray, across: FloatArray) -> FloatArray:
        """Return how far out a place lies: 0 in the middle, 1 on the outline, more outside."""
        flat = along / self.half_length + 1j * (across / self.half_width)
        radius = np.abs(flat)
        # Powers of the direction give the waves: ten times faster than the angle and its cosines.
        direction = flat / np.maximum(radius, 1e-12)
        outline, power = np.ones_like(radius), direction
        for amplitude, phase in self.waves:
            power = power * direction
            outline += amplitude * (power.real * np.cos(phase) - power.imag * np.sin(phase))
        return np.asarray(radius / outline, dtype=np.float64)

    @property
    def reach(self) -> float:
        """Distance in um from the middle beyond which nothing of the cell lies."""
        return self.half_length * (1.0 + sum(amplitude for amplitude, _ in self.waves))


def grow_cells(rng: np.random.Generator, half_field: float, distance: float = 15.5) -> tuple[Cell, ...]:
    """Place cells at random, no two nearer than `distance` (um), until the field is nearly full."""
    # The first lies in the middle, where a stage starts: whatever the seed, there is something to see.
    places: list[tuple[float, float]] = [(0.0, 0.0)]
    for x, y in rng.uniform(-half_field, half_field, (1500, 2)):
        if all((x - a) ** 2 + (y - b) ** 2 > distance**2 for a, b in places):
            places.append((float(x), float(y)))
    return tuple(_grow_cell(rng, x, y) for x, y in places)


def _grow_cell(rng: np.random.Generator, x: float, y: float) -> Cell:
    half_length = rng.uniform(10.0, 15.5)
    # Neighbours lie roughly side by side: the direction turns slowly over the field.
    flow = 0.7 + 0.9 * np.sin(x / 38.0) + 0.7 * np.cos(y / 31.0)
    return Cell(
        x=x,
        y=y,
        half_length=half_length,
        half_width=half_length * rng.uniform(0.42, 0.68),
        angle=float(flow + rng.normal(0.0, 0.28)),
        waves=tuple((rng.uniform(0.0, 0.16 / order**0.5), rng.uniform(0.0, _TURN)) for order in range(2, 7)),
        nucleus=(rng.uniform(3.6, 4.9), rng.uniform(2.5, 3.3)),
        expression=Expression(*(float(level) for level in rng.lognormal(0.0, 0.25, 4))),
    )


def draw_fibres(rng: np.random.Generator, cell: Cell) -> Points:
    """Draw stress fibres: bundles that run from tip to tip like meridians."""
    count = int(rng.integers(9, 17))
    run = np.linspace(-1.0, 1.0, int(2 * cell.half_length / _STEP))
    start = rng.uniform(-0.92, 0.92, (count, 1))
    bend = rng.normal(0.0, 0.10, (count, 1))
    middle, reach = rng.normal(0.0, 0.3, (count, 1)), rng.uniform(0.35, 1.0, (count, 1))
    along = cell.half_length * np.broadcast_to(run, (count, run.size))
    across = cell.half_width * (start * np.sqrt(1.0 - 0.85 * run**2) + bend * (1.0 - run**2))
    # A fibre fades out at both of its ends, and at the outline of the cell.
    taper = np.clip(1.0 - ((run - middle) / reach) ** 4, 0.0, None)
    inside = np.clip((1.02 - cell.depth(along, across)) / 0.1, 0.0, 1.0)
    weight = taper * inside * rng.lognormal(-0.3, 0.55, (count, 1))
    return _points(cell, along, across, weight)


def draw_cortex(rng: np.random.Generator, cell: Cell) -> Points:
    """Draw the actin rim just inside the outline, brighter on some sides."""
    turn = np.linspace(0.0, _TURN, int(_TURN * cell.half_length / _STEP))
    along, across = cell.half_length * np.cos(turn), cell.half_width * np.sin(turn)
    radius = 0.96 / cell.depth(along, across)
    two_sides, one_side = rng.uniform(0.0, _TURN, 2)
    weight = 0.35 * np.exp(0.6 * np.cos(2 * turn + two_sides) + 0.5 * np.cos(turn + one_side))
    return _points(cell, radius * along, radius * across, weight)


def draw_mitochondria(rng: np.random.Generator, cell: Cell) -> Points:
    """Draw mitochondria: short winding threads, thickest around the nucleus."""
    count = int(rng.integers(55, 95))
    steps = 90
    turn = rng.uniform(0.0, _TURN, (count, 1))
    out = rng.beta(1.4, 2.8, (count, 1)) * 0.65 + 0.32
    length = rng.integers(18, steps, (count, 1))
    # Threads leave the nucleus outwards, some of them around it, and wind on their way.
    heading = turn + rng.normal(0.0, 0.9, (count, 1))
    heading = heading + np.cumsum(rng.normal(0.0, 0.13, (count, steps)), axis=1)
    along = cell.half_length * out * np.cos(turn) + _STEP * np.cumsum(np.cos(heading), axis=1)
    across = cell.half_width * out * np.sin(turn) + _STEP * np.cumsum(np.sin(heading), axis=1)
    alive = np.arange(steps) < length
    inside = np.clip((0.93 - cell.depth(along, across)) / 0.08, 0.0, 1.0)
    outside_nucleus = np.hypot(along / cell.nucleus[0], across / cell.nucleus[1]) > 1.0
    weight = alive * inside * np.where(outside_nucleus, 1.0, 0.25) * rng.lognormal(0.0, 0.4, (count, 1))
    return _points(cell, along, across, weight)


def draw_vesicles(rng: np.random.Generator, cell: Cell) -> Points:
    """Draw vesicles: round grains of several sizes, some in clusters on one side of the nucleus."""
    count = int(rng.integers(6, 22))
    side = rng.uniform(0.0, _TURN)
    anywhere, clustered = rng.uniform(0.0, _TURN, (count, 1)), rng.normal(side, 0.35, (count, 1))
    turn = np.where(rng.random((count, 1)) < 0.6, clustered, anywhere)
    out = rng.uniform(0.30, 0.85, (count, 1))
    radius = np.clip(rng.lognormal(-1.5, 0.55, (count, 1)), 0.06, 0.75)
    spiral = np.arange(60)
    spread, spin = np.sqrt((spiral + 0.5) / spiral.size), spiral * np.pi * (3.0 - 5.0**0.5)
    along = cell.half_length * out * np.cos(turn) + radius * spread * np.cos(spin)
    across = cell.half_width * out * np.sin(turn) + radius * spread * np.sin(spin)
    # A larger grain holds more dye, but less than its area says: it is not thicker everywhere.
    weight = np.broadcast_to(radius**1.2 * rng.lognormal(0.0, 0.3, (count, 1)), along.shape)
    return _points(cell, along, across, weight)


def _points(cell: Cell, along: FloatArray, across: FloatArray, weight: FloatArray) -> Points:
    x, y = cell.to_field(along, across)
    return Points(x.ravel(), y.ravel(), np.asarray(weight, dtype=np.float64).ravel())
