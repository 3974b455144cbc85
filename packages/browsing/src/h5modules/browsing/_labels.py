"""Text in pictures."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np

from h5modules.saving import units_text

from ._scan_view import ScanAxis
from ._tree import printable

_EARLIEST = 1e9
"""Seconds since 1970 that are taken for a time of day: in 2001. What is less is a time that passed."""


def plain(text: str) -> str:
    r"""Return text as matplotlib shows it letter by letter: a dollar begins no formula.

    Examples
    --------
    >>> print(plain('5 $'))
    5 \$
    """
    return text.replace("$", r"\$")


def shortened(text: str, most: int) -> str:
    """Return text of at most that many characters, on one line.

    Examples
    --------
    >>> shortened('a very long title', 8)
    'a very …'
    """
    line = printable(" ".join(text.split(" ")).replace("\n", " "))
    return line if len(line) <= most else f"{line[: most - 1]}…"


def is_time_of_day(axis: ScanAxis) -> bool:
    """Tell whether an axis counts seconds since 1970."""
    known = axis.values[np.isfinite(axis.values)]
    return axis.label == "time" and axis.units == "s" and bool(known.size) and bool(known.min() >= _EARLIEST)


def shown_axis(axis: ScanAxis) -> ScanAxis:
    """Return an axis as people read it: times of day become seconds since the first, whose date is told.

    Examples
    --------
    >>> import numpy as np
    >>> axis = shown_axis(ScanAxis('time', 's', 1.75e9 + np.array([0.5, 2.0])))
    >>> axis.label[:16], axis.values.tolist()
    ('time since 2025-', [0.5, 2.0])
    """
    if not is_time_of_day(axis):
        return axis
    start = math.floor(axis.values[np.isfinite(axis.values)].min())
    label = f"{axis.label} since {datetime.fromtimestamp(start):%Y-%m-%d %H:%M:%S}"
    return ScanAxis(label, axis.units, axis.values - start)


def axis_label(axis: ScanAxis | None, otherwise: str) -> str:
    """Return what to write along an axis."""
    if axis is None:
        return otherwise
    return labelled(axis.label, axis.units)


def labelled(label: str, units: str) -> str:
    """Return a label with its units, as far as they are known.

    Examples
    --------
    >>> labelled('delay', 'ps'), labelled('counter', ''), labelled('', 'V')
    ('delay (ps)', 'counter', 'V')
    """
    label = shortened(label, 30)
    if not units:
        return label
    return f"{label} ({units_text(units)})" if label else units_text(units)


def coordinate(axis: ScanAxis | None, number: int) -> str:
    """Return where a place of an axis is.

    Examples
    --------
    >>> import numpy as np
    >>> coordinate(ScanAxis('Stage', 'um', np.array([0.5, 1.0])), 1), coordinate(None, 1)
    ('Stage = 1 µm', 'point 1')
    """
    value = coordinate_value(axis, number)
    return f"point {value}" if axis is None else f"{shortened(axis.label, 20)} = {value}".strip()


def coordinate_value(axis: ScanAxis | None, number: int) -> str:
    """Return the value of an axis at a place, with its units; without an axis the place, counted from 0.

    Examples
    --------
    >>> import numpy as np
    >>> coordinate_value(ScanAxis('Stage', 'um', np.array([0.5, 1.0])), 1), coordinate_value(None, 1)
    ('1 µm', '1')
    """
    if axis is None:
        return str(number)
    value = f"{axis.values[number]:.5g}".replace("-", "\N{MINUS SIGN}")
    return f"{value} {units_text(axis.units)}".strip()
