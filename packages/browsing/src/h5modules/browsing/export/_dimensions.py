"""Named dimensions: one for each axis, whichever array uses it."""

from __future__ import annotations

from dataclasses import dataclass

from h5modules.browsing._scan_view import Array, ScanAxis

from ._source import ExportSignal, same_axis, unique_name


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

    def _make(self, length: int, axes: tuple[ScanAxis, ...]) -> str:
        label = axes[0].label if len(axes) == 1 else "point" if axes else "dimension"
        name = self._free(label)
        for axis in axes:
            own = name if len(axes) == 1 else self._free(axis.label)
            told = told_of(axis.units, axis.label)
            self.coordinates.append(Coordinate(own, name, axis.values, told))
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
