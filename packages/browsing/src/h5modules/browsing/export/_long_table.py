"""Tables of one line a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from h5modules.backends import CARRAY
from h5modules.browsing._labels import is_time_of_day
from h5modules.browsing._scan_view import ScanAxis

from ._signal import Array, ExportSignal
from ._source import ExportSource


def column_name(label: str, units: str) -> str:
    """Return the heading of a column.

    Examples
    --------
    >>> column_name('delay', 'ps'), column_name('counts', '')
    ('delay (ps)', 'counts')
    """
    return f"{label} ({units})" if units else label


def axis_columns(signal: ExportSignal, dimensions: int) -> list[str]:
    """Return the headings of the first dimensions; a dimension without an axis is counted."""
    found: list[str] = []
    for number, axes in enumerate(signal.axes[:dimensions]):
        names = [column_name(_axis_name(axis) or f"axis {number}", axis.units) for axis in axes]
        found += names or [f"index {number}"]
    return distinct(found)


def _axis_name(axis: ScanAxis) -> str:
    return f"{axis.label} since 1970-01-01" if is_time_of_day(axis) else axis.label


def table_columns(signals: tuple[ExportSignal, ...]) -> list[tuple[str, ExportSignal, CARRAY]]:
    """Return heading, signal and array of each column of values; error bars follow what they belong to."""
    found = []
    for signal in signals:
        for array in (signal.signal.array, signal.signal.errors):
            if array is not None:
                label = signal.heading if array is signal.signal.array else f"{signal.heading} errors"
                found.append((column_name(label, signal.signal.units), signal, array))
    return found


def long_blocks(source: ExportSource, what: str) -> Iterator[dict[str, Array]]:
    """Yield blocks of a long table: columns by name, those of the axes first.

    What was not acquired, and cannot be NaN, is masked.

    Parameters
    ----------
    source
        Arrays of the same shape and axes.
    what
        What the format is called in an error.
    """
    signals = source.alike_signals(what)
    first = signals[0]
    told = table_columns(signals)
    names = distinct([*axis_columns(first, len(first.shape)), *(heading for heading, *_ in told)])
    nothing = tuple(map(slice, first.shape))  # of an array without values: the columns are told all the same
    for selection in [nothing] if 0 in first.shape else first.selections():
        shape = tuple(part.stop - (part.start or 0) for part in selection)
        columns = []
        for dimension, part in enumerate(selection):
            axes = first.axes[dimension]
            values = [axis.exact[part] for axis in axes] or [np.arange(first.shape[dimension])[part]]
            columns += [_spread(each, dimension, shape) for each in values]
        columns += [
            signal.masked(source.read(signal, selection, array), selection).reshape(-1)
            for _, signal, array in told
        ]
        yield dict(zip(names, columns, strict=True))


def _spread(values: Array, dimension: int, shape: tuple[int, ...]) -> Array:
    place: list[Any] = [np.newaxis] * len(shape)
    place[dimension] = slice(None)
    return np.broadcast_to(values[tuple(place)], shape).reshape(-1)


def distinct(names: list[str]) -> list[str]:
    """Return headings of columns, of which no two are the same.

    Examples
    --------
    >>> distinct(['Power (W)', 'Power (W)'])
    ['Power (W)', 'Power (W) 2']
    """
    found: list[str] = []
    for name in names:
        number = 1
        while (told := name if number == 1 else f"{name} {number}") in found:
            number += 1
        found.append(told)
    return found
