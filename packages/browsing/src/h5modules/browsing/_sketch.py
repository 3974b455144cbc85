"""Curves and maps drawn with letters, for a terminal."""

from __future__ import annotations

import warnings
from typing import Any, TypeAlias

import numpy as np

from ._labels import labelled
from ._scan_view import ScanAxis, ScanSignal

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]

_BARS = " ▁▂▃▄▅▆▇█"
_SHADES = " ░▒▓█"
_SHADES_ASCII = " .:+#"
_MOST_VALUES = 4_000_000


def sketch_signal(signal: ScanSignal, width: int, height: int = 12, *, ascii_only: bool = False) -> list[str]:
    """Return lines that show a signal: a map, the mean spectrum, the frame in the middle, or a curve.

    Parameters
    ----------
    signal
        What to show, of up to two dimensions a point.
    width, height
        How many letters to draw across, and how many lines upwards.
    ascii_only
        Whether to draw with letters that every terminal has.
    """
    dimensions = [number for number, length in enumerate(signal.scan_shape) if length > 1]
    if signal.signal_dimensions == 2:
        places = np.argwhere(signal.acquired)
        image = signal.frame(tuple(places[len(places) // 2].tolist()))
        if signal.signal_axes == (None, None):
            image = image[::-1]  # the first row of an image is its top
        return sketch_image(image, width, height, ascii_only=ascii_only)
    if signal.signal_dimensions == 1:
        curve, axis = _mean(signal.frames(_MOST_VALUES)[1]), signal.signal_axes[0]
    elif len(dimensions) == 2:
        image = signal.map().reshape([signal.scan_shape[number] for number in dimensions])
        image = np.repeat(image, max(1, min(2, width // image.shape[1])), axis=1)  # letters are narrow
        return sketch_image(image, width, height, ascii_only=ascii_only)
    else:
        found = signal.nav_axes[dimensions[0]] if len(dimensions) == 1 else ()
        curve, axis = signal.map().reshape(-1), next(iter(found), None)
    return [*sketch_curve(curve, width, height, ascii_only=ascii_only), _ends(axis, len(curve))]


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
        return f"0 to {count - 1}"
    return f"{axis.values[0]:.5g} to {axis.values[-1]:.5g}  {labelled(axis.label, axis.units)}"
