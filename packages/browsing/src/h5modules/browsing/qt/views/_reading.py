"""Lines and planes cut out of arrays of any size: no more is read than a screen shows."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from h5modules.backends import CARRAY
from h5modules.browsing._scan_view import Array, ScanAxis, ScanSignal, as_floats

MOST_VALUES = 4_000_000
"""How many values are read at once."""

MOST_PLACES = 2_000
"""How many places along a line, and along each side of a plane, are shown at once."""

_WINDOW = 500
"""How many values are read around each place of a line that is too long to be read whole."""

Cut: TypeAlias = tuple[int | slice, ...]
"""What of an array is shown: a number where it is cut, ``slice(None)`` for the dimensions that are left."""

Clean: TypeAlias = Callable[[Array, Cut], Array]
"""Makes of the values of a cut, as they are stored, those that are shown."""


def _as_shown(values: Array, cut: Cut) -> Array:
    return as_floats(values)


@dataclass(frozen=True, slots=True)
class Line:
    """Values along one dimension.

    Attributes
    ----------
    places
        The numbers of the places.
    low, high
        The least and the greatest value at each; the same where all were read.
    """

    places: Array
    low: Array
    high: Array

    @property
    def is_whole(self) -> bool:
        """Whether every value was read."""
        return self.low is self.high


@dataclass(frozen=True, slots=True)
class Plane:
    """Values along two dimensions.

    Attributes
    ----------
    rows, columns
        The numbers of the places that were read.
    values
        What is there, as floats, of shape ``(rows, columns)``.
    """

    rows: Array
    columns: Array
    values: Array


def read_line(
    array: CARRAY,
    cut: Cut,
    start: int = 0,
    stop: int | None = None,
    clean: Clean = _as_shown,
) -> Line:
    """Read values along the one dimension that `cut` leaves.

    A long line is looked at in windows spread evenly over it: of each the least and the greatest value
    are kept, so that a peak is not missed in what was read.

    Parameters
    ----------
    array
        The array.
    cut
        Where; one item is a slice.
    start, stop
        Which part of the line.
    clean
        Makes of stored values those that are shown; floats by default, of complex ones the magnitude.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     array = file.create_carray('/', 'Data', np.arange(6.0).reshape(2, 3))
    ...     read_line(array, (1, slice(None))).high
    array([3., 4., 5.])
    """
    dimension = _left(cut)[0]
    stop = array.shape[dimension] if stop is None else min(stop, array.shape[dimension])

    def read(first: int, last: int) -> Array:
        part = _at(cut, dimension, slice(first, last))
        return clean(array[part], part)

    length = max(stop - start, 0)
    if length <= MOST_PLACES * _WINDOW // 2:
        values = read(start, stop)
        return Line(np.arange(start, stop), values, values)
    places = np.linspace(start, stop - _WINDOW, MOST_PLACES).astype(int)
    windows = [read(int(at), int(at) + _WINDOW) for at in places]
    low = np.array([np.nanmin(each) if np.isfinite(each).any() else np.nan for each in windows])
    high = np.array([np.nanmax(each) if np.isfinite(each).any() else np.nan for each in windows])
    return Line(places + _WINDOW // 2, low, high)


def read_plane(
    array: CARRAY,
    cut: Cut,
    rows: tuple[int, int] | None = None,
    columns: tuple[int, int] | None = None,
    clean: Clean = _as_shown,
) -> Plane:
    """Read values along the two dimensions that `cut` leaves; of a large one not every row and column.

    Parameters
    ----------
    array
        The array.
    cut
        Where; two items are slices.
    rows, columns
        Which part of each, first and one past the last; all of it by default.
    clean
        Makes of stored values those that are shown; floats by default, of complex ones the magnitude.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     array = file.create_carray('/', 'Data', np.zeros((3, 5000)))
    ...     read_plane(array, (slice(None), slice(None))).values.shape
    (3, 1667)
    """
    down, across = _left(cut)
    first, last = rows or (0, array.shape[down])
    left, right = columns or (0, array.shape[across])
    width = max(right - left, 1)
    step, stride = steps_of(last - first, width)
    wanted = range(first, last, step)
    chunks = array.info.chunks
    height = chunks[down] if chunks else 1
    if step < max(height, 2):  # rows that are stored together are read together, and once
        at_once = max(height, MOST_VALUES // width // height * height, 1)
        starts = range(first, last, at_once - at_once % step or step)
        read = [
            array[_at(_at(cut, down, slice(at, min(at + starts.step, last))), across, slice(left, right))]
            for at in starts
        ]
        values = np.concatenate([block[::step, ::stride] for block in read])
    else:
        rows_read = [array[_at(_at(cut, down, row), across, slice(left, right))] for row in wanted]
        values = np.array([each[::stride] for each in rows_read]).reshape(len(wanted), -1)
    places = np.array(wanted), np.arange(left, right, stride)
    return Plane(*places, clean(values, _part_of(cut, places)))


def steps_of(height: int, width: int) -> tuple[int, int]:
    """Return which rows and columns `read_plane` gives of so many: every one, every second, ...

    Examples
    --------
    >>> steps_of(1000, 1000), steps_of(6000, 8000)
    ((1, 1), (12, 4))
    """
    rows = max(-(-height // MOST_PLACES), -(-height * width // MOST_VALUES), 1)
    return rows, max(-(-width // MOST_PLACES), 1)


def _part_of(cut: Cut, places: tuple[Array, Array]) -> Cut:
    """Return the cut of what was read of a plane."""
    read = iter(places)
    return tuple(_slice(next(read)) if isinstance(item, slice) else item for item in cut)


def _slice(places: Array) -> slice:
    if not len(places):
        return slice(0, 0)
    step = int(places[1] - places[0]) if len(places) > 1 else 1
    return slice(int(places[0]), int(places[-1]) + 1, step)


def read_overview(signal: ScanSignal) -> Array:
    """Return one value for each point of a scan: the mean of what was read there, as far as it is read.

    Of a large scan not all values of a point are read, but some that lie together in its middle.

    Returns
    -------
    Of the shape of the scan; NaN where nothing was acquired.
    """
    shape = signal.scan_shape
    found = as_floats(signal.array[(*(slice(None) for _ in shape), *_middle(signal))]).reshape(*shape, -1)
    return np.where(signal.acquired, _means(found), np.nan)


def read_point_overview(signal: ScanSignal, index: tuple[int, ...]) -> float:
    """Return the value of one point in `read_overview`."""
    return float(_means(as_floats(signal.array[(*index, *_middle(signal))]).reshape(-1)))


def _means(values: Array) -> Array:
    """Return the means along the last dimension of what is finite; NaN where nothing is."""
    known = np.isfinite(values)
    counts = known.sum(axis=-1)
    means = np.where(known, values, 0.0).sum(axis=-1) / np.maximum(counts, 1)
    return np.asarray(np.where(counts > 0, means, np.nan))


def overview_name(signal: ScanSignal) -> str:
    """Return what `read_overview` gives, as far as it is the mean."""
    inner = signal.array.shape[len(signal.scan_shape) :]
    is_whole = all(part == slice(0, length) for part, length in zip(_middle(signal), inner, strict=True))
    name = shown_name(signal, signal.title)
    return f"mean of {name}" if is_whole else f"mean of the middle of {name}"


def value_name(signal: ScanSignal) -> str:
    """Return what the values are that are shown: of complex ones the magnitude."""
    return shown_name(signal, signal.label or signal.title)


def shown_name(signal: ScanSignal, name: str) -> str:
    """Return a name of a signal as that of the values that are shown."""
    return f"|{name}|" if signal.array.dtype.kind == "c" else name


def _middle(signal: ScanSignal) -> tuple[slice, ...]:
    """Return the part of a point that is read for the overview of a scan."""
    inner = signal.array.shape[len(signal.scan_shape) :]
    left = max(1, MOST_VALUES // max(1, math.prod(signal.scan_shape)))
    parts = []
    for number, length in enumerate(inner):
        kept = min(length, max(1, left // math.prod(inner[number + 1 :])))
        parts.append(slice((length - kept) // 2, (length - kept) // 2 + kept))
    return tuple(parts)


def size_of(array: CARRAY) -> int:
    """Return how many values an array has."""
    return math.prod(array.shape)


def long_dimensions(signal: ScanSignal) -> tuple[list[int], list[int]]:
    """Return the dimensions of more than one place: those of the scan, and those of a point."""
    count = len(signal.scan_shape)
    long = [number for number, length in enumerate(signal.array.shape) if length > 1]
    return [number for number in long if number < count], [number for number in long if number >= count]


def cut_of(signal: ScanSignal, left: Sequence[int], at: dict[int, int] | None = None) -> Cut:
    """Return the cut that leaves some dimensions; the others are cut at a place, 0 by default."""
    places = at or {}
    numbers = range(len(signal.array.shape))
    return tuple(slice(None) if number in left else places.get(number, 0) for number in numbers)


def axis_of(signal: ScanSignal, dimension: int) -> ScanAxis | None:
    """Return the axis of a dimension; None where there is none, or where points have several coordinates."""
    count = len(signal.scan_shape)
    if dimension >= count:
        place = dimension - count
        return signal.signal_axes[place] if place < len(signal.signal_axes) else None
    axes = signal.nav_axes[dimension]
    return axes[0] if len(axes) == 1 else None


def acquired_in(signal: ScanSignal, cut: Cut) -> Array:
    """Return which points of a cut were acquired: an array of the scan's dimensions that are left."""
    return np.asarray(signal.acquired[cut[: len(signal.scan_shape)]])


def dimension_of(signal: ScanSignal) -> int:
    """Return the first dimension of more than one place."""
    scan, inner = long_dimensions(signal)
    return (scan + inner)[0]


def line_cut(signal: ScanSignal) -> Cut:
    """Return the cut that leaves the one dimension of more than one place."""
    return cut_of(signal, [dimension_of(signal)])


def coordinates_of(signal: ScanSignal, line: Line) -> Array:
    """Return where the values of a line are, along that dimension: places where it has no axis."""
    axis = axis_of(signal, dimension_of(signal))
    return line.places.astype(float) if axis is None else axis.values[line.places]


def cleaning(signal: ScanSignal, background: CARRAY | None = None) -> Clean:
    """Return what makes of stored values those that are shown: NaN where nothing was acquired.

    Parameters
    ----------
    signal
        What the values are of.
    background
        What is subtracted, of the shape of the signal or of a point of it; None for nothing.
    """

    def clean(values: Array, cut: Cut) -> Array:
        known = acquired_in(signal, cut)
        if background is not None:
            of_point = background.shape != signal.array.shape
            where = cut[len(signal.scan_shape) :] if of_point else cut
            subtracted = background[where] if background.shape else background.read()
            values = _as_numbers(values) - _as_numbers(subtracted)
        shown = as_floats(values)
        return np.where(known.reshape(*known.shape, *(1,) * (shown.ndim - known.ndim)), shown, np.nan)

    return clean


def _as_numbers(values: Array) -> Array:
    """Return values that can be subtracted: unsigned ones would run over, truths have no difference."""
    return values if values.dtype.kind == "c" else values.astype(float)


def _left(cut: Cut) -> list[int]:
    return [number for number, item in enumerate(cut) if isinstance(item, slice)]


def _at(cut: Cut, dimension: int, item: int | slice) -> Cut:
    return (*cut[:dimension], item, *cut[dimension + 1 :])
