"""Curves of several nodes, in the units of the first; nothing here is of Qt."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from h5modules.browsing._scan_view import Array, ScanSignal

from ._compared import converted_text, converting, told_of
from ._reading import Line, axis_of, cleaning, coordinates_of, dimension_of, line_cut, read_line

Curve: TypeAlias = tuple[Array, Array]
"""Places and values."""


def read_curve_line(signal: ScanSignal) -> Line:
    """Return the values of a signal along its one dimension; NaN where nothing was acquired."""
    return read_line(signal.array, line_cut(signal), clean=cleaning(signal))


def curve_in_units_of(
    names: tuple[str, str], first: ScanSignal, signal: ScanSignal, line: Line, *, has_units: bool
) -> tuple[Curve, list[str]]:
    """Return the curve of a signal in the units of the first one, and what to tell of it.

    Raises
    ------
    CannotCompareError
        When places cannot be converted; values neither, where their units matter.
    """
    x, y = _ordered(signal, line)
    axes = [axis_of(each, dimension_of(each)) for each in (first, signal)]
    units = ["" if axis is None else axis.units for axis in axes]
    x = converting(names, (units[0], units[1]), "places")(x)
    told = [converted_text(units[1], units[0], "places")]
    if has_units:
        y = converting(names, (first.units, signal.units), "values")(y)
        told.append(converted_text(signal.units, first.units, "values"))
    return (x, y), told_of(names[1], told)


def as_first(x: Array, places: Array) -> Array:
    """Return places as those of the first curve, where converting them has made no more than a last digit."""
    if len(x) != len(places) or not len(x):
        return x
    near = 1e-9 * float(np.nanmax(np.abs(places), initial=0.0))
    return places if np.allclose(x, places, rtol=1e-9, atol=near, equal_nan=True) else x


def _ordered(signal: ScanSignal, line: Line) -> Curve:
    """Return places and values of a line, from left to right; of a long one the greatest of a sample."""
    x = coordinates_of(signal, line)
    order = np.argsort(x, kind="stable")
    return x[order], line.high[order]


def less(x: Array, y: Array, places: Array, values: Array) -> Array:
    """Return values less others, interpolated where those were not taken; NaN outside of them."""
    known = np.isfinite(values) & np.isfinite(places)
    if np.array_equal(x, places) or not known.any():
        return y - values if len(y) == len(values) else np.full(len(y), np.nan)
    return np.asarray(y - np.interp(x, places[known], values[known], np.nan, np.nan))


def largest(values: Array) -> float:
    """Return the largest magnitude of values; 1 where there is none to divide by."""
    known = np.abs(values[np.isfinite(values)])
    return float(known.max()) if known.size and known.max() > 0 else 1.0
