"""Named dimensions: one for each axis, whichever array uses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from h5modules.browsing._scan_view import Array, ScanAxis

from ._signal import ExportSignal, same_axis, unique_name


@dataclass(frozen=True, slots=True)
class Coordinate:
    """The values along a dimension, as an array of their own.

    Attributes
    ----------
    name, dimension
        Its name, and that of its dimension: the same where the dimension has but one.
    values, attributes
        The values, and what is told of them.
    """

    name: str
    dimension: str
    values: Array
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """Which points of a scan were acquired, as an array of its own: 1 where they were, 0 where not.

    Attributes
    ----------
    name, dimensions
        Its name, and those of its dimensions.
    values
        The values.
    """

    name: str
    dimensions: tuple[str, ...]
    values: Array

    attributes: ClassVar[dict[str, str]] = {"long_name": "acquired", "flag_meanings": "not_acquired acquired"}
    """What is told of them, as the CF conventions have it."""


class Dimensions:
    """The dimensions of arrays; arrays over the same axes share them.

    Parameters
    ----------
    signals
        The arrays.
    """

    def __init__(self, signals: tuple[ExportSignal, ...]) -> None:
        self._taken = {name for signal in signals for name in (signal.name, f"{signal.name}_errors")}
        self._made: list[tuple[str, int, tuple[ScanAxis, ...]]] = []
        self.coordinates: list[Coordinate] = []
        self.names = {signal.name: self._of(signal) for signal in signals}
        self.records: list[Record] = []
        self._record_of = {signal.name: self._record(signal) for signal in signals}
        self.lengths = {name: length for name, length, _ in self._made}

    def _of(self, signal: ExportSignal) -> tuple[str, ...]:
        names: list[str] = []
        for length, axes in zip(signal.shape, signal.axes, strict=True):
            known = [
                name
                for name, size, others in self._made
                if size == length and name not in names and _same(axes, others)
            ]
            names.append(known[0] if known else self._make(length, axes))
        return tuple(names)

    def _record(self, signal: ExportSignal) -> str:
        """Return the name of the record of a signal; nothing where all of it was acquired."""
        if signal.acquired is None:
            return ""
        values = signal.acquired.astype("i1")
        dimensions = self.names[signal.name][: values.ndim]
        for known in self.records:
            if known.dimensions == dimensions and np.array_equal(known.values, values):
                return known.name
        made = Record(self._free("acquired"), dimensions, values)
        self.records.append(made)
        return made.name

    def attributes(self, signal: ExportSignal) -> dict[str, str]:
        """Return what is told of a signal: units, name, where it came from, and its record."""
        told = told_of(signal.signal.units, signal.heading)
        more = {"origin": signal.signal.origin, "ancillary_variables": self._record_of[signal.name]}
        return told | {key: value for key, value in more.items() if value}

    def _make(self, length: int, axes: tuple[ScanAxis, ...]) -> str:
        label = axes[0].label if len(axes) == 1 else "point" if axes else "dimension"
        name = self._free(label)
        for axis in axes:
            own = name if len(axes) == 1 else self._free(axis.label)
            told = told_of(axis.units, axis.label)
            self.coordinates.append(Coordinate(own, name, axis.exact, told))
        self._made.append((name, length, axes))
        return name

    def _free(self, label: str) -> str:
        name = unique_name(label or "axis", self._taken)
        self._taken.add(name)
        return name


def told_of(units: str, name: str) -> dict[str, str]:
    """Return units and name as attributes; what is empty is left out."""
    return {key: value for key, value in (("units", units), ("long_name", name)) if value}


def _same(first: tuple[ScanAxis, ...], second: tuple[ScanAxis, ...]) -> bool:
    return len(first) == len(second) and all(map(same_axis, first, second))
