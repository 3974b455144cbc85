"""`ExportSignal`: one array to export, read block by block."""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from h5modules.backends import CARRAY, EARRAY, Node
from h5modules.browsing._blocks import iter_blocks
from h5modules.browsing._scan_view import (
    ScanAxis,
    ScanSignal,
    background_of,
    iter_signals_below,
    nearest_node,
)
from h5modules.saving import RECORD_NAME, valid_name

from ._errors import NotAcquiredWarning

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Selection: TypeAlias = tuple[slice, ...]

BLOCK_BYTES = 4_000_000
"""How much is read at once."""

_LONGEST_NAME = 100
"""How many letters a name has at most: some formats make a file of it."""

_ERRORS, _BACKGROUND = "_errors", "_background"


@dataclass(frozen=True, slots=True)
class ExportSignal:
    """One array to export.

    Attributes
    ----------
    name
        Its name among those exported with it: letters of ASCII, digits and underscores.
    heading
        Title and label, for people; with the module it came from where another has the same.
    shape, dtype
        Of the values that are exported; rows of a log that were not finished are left out.
    axes
        The axes of each dimension: one, several where points are listed, or none.
    signal
        The array in its file, with title, label, units and error bars.
    """

    name: str
    heading: str
    shape: tuple[int, ...]
    axes: tuple[tuple[ScanAxis, ...], ...]
    signal: ScanSignal

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of one value."""
        return self.signal.array.dtype

    @property
    def nbytes(self) -> int:
        """The size of the values, in bytes."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def scan_dimensions(self) -> int:
        """How many of the first dimensions are those of the scan."""
        return len(self.signal.scan_shape)

    @property
    def acquired(self) -> Array | None:
        """Whether each point of the scan was acquired; None where all were."""
        known = self.signal.acquired[tuple(map(slice, self.shape[: self.scan_dimensions]))]
        return None if known.all() else known

    @property
    def background(self) -> ExportSignal | None:
        """Its background as a signal of its own, of the same shape or that of a point; None for none."""
        array = background_of(self.signal)
        if array is None:
            return None
        first = 0 if array.shape == self.signal.array.shape else self.scan_dimensions
        scan = self.signal.acquired if first == 0 else np.ones((), bool)
        nav_axes = self.signal.nav_axes if first == 0 else ()
        signal = replace(self.signal, array=array, errors=None, acquired=scan, nav_axes=nav_axes)
        heading = f"background of {self.heading}"
        return ExportSignal(
            f"{self.name}{_BACKGROUND}", heading, self.shape[first:], self.axes[first:], signal
        )

    def arrays(self) -> Iterator[tuple[str, CARRAY]]:
        """Yield name and array of the values, and of the error bars where there are any."""
        yield self.name, self.signal.array
        if self.signal.errors is not None:
            yield f"{self.name}{_ERRORS}", self.signal.errors

    def selections(self, whole: int = 0) -> Iterator[Selection]:
        """Yield the blocks that make up the array, in the order of its values.

        Parameters
        ----------
        whole
            How many of the last dimensions a block holds whole.
        """
        return iter_blocks(self.shape, self.dtype.itemsize, BLOCK_BYTES, whole)

    @property
    def chunk_shape(self) -> tuple[int, ...]:
        """The shape of a block, for formats in chunks: so each is packed and written but once."""
        return tuple(part.stop for part in next(self.selections(), ()))

    def read(self, selection: Selection, array: CARRAY | None = None) -> Array:
        """Return a block; floats of points that were not acquired are NaN.

        Parameters
        ----------
        selection
            A slice for each dimension.
        array
            Read this one of the same shape, such as the error bars; the signal's own by default.
        """
        source = self.signal.array if array is None else array
        padded = (*selection, *(slice(None) for _ in range(source.ndim - len(selection))))
        values = np.array(source[padded])
        values = values.reshape(values.shape[: len(selection)])
        scan = self._acquired_in(selection)
        if values.dtype.kind in "fc" and not scan.all():
            values[~scan] = np.nan
        return values

    def masked(self, values: Array, selection: Selection) -> Array:
        """Return what was read, masked where points were not acquired and values cannot be NaN."""
        scan = self._acquired_in(selection)
        if values.dtype.kind in "fc" or scan.all():
            return values
        lost = ~scan.reshape(scan.shape + (1,) * (values.ndim - scan.ndim))
        return np.ma.MaskedArray(values, np.broadcast_to(lost, values.shape))

    def _acquired_in(self, selection: Selection) -> Array:
        return np.asarray(self.signal.acquired[selection[: self.scan_dimensions]])


def warn_of_points(signal: ExportSignal, what: str) -> None:
    """Warn where a format cannot tell which values were not acquired; floats are NaN there.

    Parameters
    ----------
    signal, what
        What is saved, and what the format is called.
    """
    if signal.dtype.kind not in "fc" and signal.acquired is not None:
        lost = int(signal.acquired.size - np.count_nonzero(signal.acquired))
        warnings.warn(
            f"{lost} of {signal.acquired.size} points of {signal.signal.array.path!r} were not acquired; "
            f"{what} cannot tell which: their values are 0.",
            NotAcquiredWarning,
            stacklevel=2,
        )


def export_signals(node: Node) -> tuple[ExportSignal, ...]:
    """Return the arrays at a node: one, or all data below a group, or all arrays where none is data."""
    signals = list(iter_signals_below(node))
    found: list[ExportSignal] = []
    taken: set[str] = set()
    counted: dict[str, int] = {}
    for signal, heading in zip(signals, _headings(signals), strict=True):
        endings = ("", _ERRORS, _BACKGROUND)
        name = unique_name(heading, taken, endings)
        taken.update(f"{name}{ending}" for ending in endings)
        axes = (*signal.nav_axes, *((axis,) if axis else () for axis in signal.signal_axes))
        shape = signal.array.shape[: len(axes)]
        if isinstance(signal.array, EARRAY) and shape:
            rows = _rows(signal, counted)
            shape, axes = (rows, *shape[1:]), (tuple(axis.first(rows) for axis in axes[0]), *axes[1:])
        found.append(ExportSignal(name, heading, shape, axes, signal))
    return tuple(found)


def _headings(signals: Sequence[ScanSignal]) -> list[str]:
    told = [
        " ".join(text for text in (each.title, each.label) if text) or each.array.name for each in signals
    ]
    origins = [each.origin for each in signals]
    count, alike = Counter(told), Counter(zip(origins, told, strict=True))
    return [
        f"{origin} {text}" if origin and count[text] > alike[origin, text] else text
        for origin, text in zip(origins, told, strict=True)
    ]


def _rows(signal: ScanSignal, counted: dict[str, int]) -> int:
    """Return how many rows of a log were finished: while it is written, there is room for more.

    The arrays of one log have the same number, though more rows come while they are looked at: `counted` has
    it, by the path of the record.
    """
    if signal.acquired.ndim != 1:
        return len(signal.array)
    record = nearest_node(signal.array, RECORD_NAME)
    rows = int(np.count_nonzero(signal.acquired))
    return rows if record is None else counted.setdefault(record.path, rows)


def unique_name(text: str, taken: Collection[str], endings: Sequence[str] = ("",)) -> str:
    """Return text as a name of letters of ASCII, digits and underscores that is not taken.

    Parameters
    ----------
    text, taken
        Any text, and the names there are.
    endings
        What is put behind the name for what belongs to it: not taken either.

    Examples
    --------
    >>> unique_name('Power (mW)', {'Power_mW'}), unique_name('2 Δ', {})
    ('Power_mW_2', 'x_2_delta')
    >>> unique_name('Power', {'Power_errors'}, ('', '_errors'))
    'Power_2'
    """
    words = valid_name(text, "x").replace(".", "_")[:_LONGEST_NAME].strip("_")
    base = f"x_{words}" if words[0].isdigit() else words
    name, number = base, 1
    while any(f"{name}{ending}" in taken for ending in endings):
        number += 1
        name = f"{base}_{number}"
    return name


def same_axis(first: ScanAxis, second: ScanAxis) -> bool:
    """Tell whether two axes have the same label, units and values."""
    return (first.label, first.units) == (second.label, second.units) and np.array_equal(
        first.exact, second.exact, equal_nan=True
    )
