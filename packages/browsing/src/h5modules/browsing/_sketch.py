"""Curves and maps drawn with letters, for a terminal."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ._image import rising
from ._labels import labelled, shown_axis
from ._scan_view import ScanAxis, ScanSignal, begins_at_top

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_BARS = " ▁▂▃▄▅▆▇█"
_SHADES = " ░▒▓█"
_SHADES_ASCII = " .:+#"
_MOST_VALUES = 4_000_000


@dataclass(frozen=True, slots=True)
class Sketch:
    """A signal drawn with letters.

    Attributes
    ----------
    lines
        The drawing.
    remark
        What is along its axes, and which part of the signal it is.
    low, high
        The smallest and the largest value that is drawn.
    """

    lines: list[str]
    remark: str
    low: float
    high: float


def sketch_signal(signal: ScanSignal, width: int, height: int = 12, *, ascii_only: bool = False) -> Sketch:
    """Draw a signal with letters: a map, the mean spectrum, the frame in the middle, or a curve.

    Parameters
    ----------
    signal
        What to show, of up to two dimensions a point.
    width, height
        How many letters to draw across, and how many lines upwards.
    ascii_only
        Whether to draw with letters that every terminal has.
    """
    values, remark = _drawn(signal)
    if values.ndim == 1:
        lines = sketch_curve(values, width, height, ascii_only=ascii_only)
    elif signal.signal_dimensions == 2:
        lines = sketch_image(values, width, height, ascii_only=ascii_only)
    else:  # letters are narrow
        wide = np.repeat(values, max(1, min(2, width // values.shape[1])), axis=1)
        lines = sketch_image(wide, width, height, ascii_only=ascii_only)
    finite = values[np.isfinite(values)]
    ends = (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
    return Sketch(lines, remark, *ends)


def _drawn(signal: ScanSignal) -> tuple[Array, str]:
    """Return what is drawn of a signal, and what that is."""
    dimensions = [number for number, length in enumerate(signal.scan_shape) if length > 1]
    if signal.signal_dimensions == 2:
        places = np.argwhere(signal.acquired)
        image = signal.frame(tuple(places[len(places) // 2].tolist()))
        point = f"point {len(places) // 2 + 1} of {len(places)}" if len(places) > 1 else ""
        return _upright(image, signal.signal_axes), point
    if signal.signal_dimensions == 1:
        curve = _upright(_mean(signal.frames(_MOST_VALUES)[1]), signal.signal_axes)
        many = int(np.count_nonzero(signal.acquired))
        of = f", mean of {many} points" if many > 1 else ""
        return curve, f"{_ends(signal.signal_axes[0], len(curve))}{of}"
    axes = [_only(signal.nav_axes[number]) for number in dimensions]
    if len(dimensions) == 2:
        image = signal.map().reshape([signal.scan_shape[number] for number in dimensions])
        rows, columns = (_ends(axis, length) for axis, length in zip(axes, image.shape, strict=True))
        way = "downwards" if begins_at_top(axes[0]) else "upwards"
        return _upright(image, axes), f"across {columns}; {way} {rows}"
    curve = signal.map().reshape(-1)
    axis = axes[0] if len(axes) == 1 else None
    return _upright(curve, [axis]), _ends(axis, len(curve))


def _only(axes: Sequence[ScanAxis]) -> ScanAxis | None:
    """Return the axis of a dimension; None of points that are spread over several."""
    return axes[0] if len(axes) == 1 else None


def _upright(values: Array, axes: Sequence[ScanAxis | None]) -> Array:
    """Return values as all pictures show them: along axes from low to high, rows without one downwards."""
    orders = [rising(axis, length)[1] for axis, length in zip(axes, values.shape, strict=True)]
    ordered = values[np.ix_(*orders)]
    return np.asarray(ordered[::-1] if values.ndim == 2 and begins_at_top(axes[0]) else ordered)


def sketch_curve(values: Array, width: int, height: int = 10, *, ascii_only: bool = False) -> list[str]:
    """Return lines that show values as bars, the smallest the lowest; neighbours in a bar are averaged.

    Examples
    --------
    >>> for line in sketch_curve(np.array([0.0, 1.0, 2.0, np.nan]), 4, 2, ascii_only=True):
    ...     print(line.rstrip())
      #
     ##
    """
    coarse = _binned(values, min(width, len(values)))
    steps = 1 if ascii_only else 8
    levels = np.rint(_scaled(coarse) * height * steps)
    letters = " #" if ascii_only else _BARS
    lines = []
    for line in reversed(range(height)):
        filled = np.clip(np.nan_to_num(levels) - line * steps, 0, steps).astype(int)
        lines.append("".join(letters[level] for level in filled))
    return lines


def sketch_image(values: Array, width: int, height: int = 10, *, ascii_only: bool = False) -> list[str]:
    """Return lines that show values in shades, the first row the lowest; neighbours are averaged.

    Examples
    --------
    >>> sketch_image(np.array([[0.0, 1.0], [2.0, np.nan]]), 2, 2, ascii_only=True)
    ['# ', ' :']
    """
    rows = _binned(values, min(height, len(values)))
    coarse = _binned(rows.T, min(width, rows.shape[1])).T
    shades = _SHADES_ASCII if ascii_only else _SHADES
    levels = np.nan_to_num(np.rint(_scaled(coarse) * (len(shades) - 1))).astype(int)
    return ["".join(shades[level] for level in row) for row in levels[::-1]]


def _binned(values: Array, count: int) -> Array:
    """Return the means of so many parts along the first dimension; NaN is left out."""
    return np.array([_mean(part) for part in np.array_split(values.astype(float), count)])


def _mean(values: Array) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a part without any value is NaN
        return np.asarray(np.nanmean(np.where(np.isfinite(values), values, np.nan), axis=0))


def _scaled(values: Array) -> Array:
    """Return values from 0 to 1."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return np.zeros(values.shape)
    low, high = finite.min(), finite.max()
    return np.asarray((values - low) / (high - low if high > low else 1.0))


def _ends(axis: ScanAxis | None, count: int) -> str:
    """Return where a curve begins and ends."""
    if axis is None:
        return f"points 1 to {count}"
    axis = shown_axis(axis)
    values = axis.values[rising(axis, count)[1]]
    return f"{labelled(axis.label, axis.units)} {values[0]:.5g} to {values[-1]:.5g}".strip()
