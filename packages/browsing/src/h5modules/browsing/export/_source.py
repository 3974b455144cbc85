"""What is exported: the signals at a node, read block by block."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP, VLARRAY, Node
from h5modules.browsing._blocks import iter_blocks
from h5modules.browsing._scan_view import ScanAxis, ScanSignal, nearest_node, read_signal
from h5modules.saving import RECORD_NAME, DataType, walk_first_names

from ._errors import FormatMismatchError

Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Selection: TypeAlias = tuple[slice, ...]
ProgressCallback: TypeAlias = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""

BLOCK_BYTES = 4_000_000
"""How much is read at once."""

_MEASURED = (DataType.data.name, DataType.data_enlargeable.name)


@dataclass(frozen=True, slots=True)
class ExportSignal:
    """One array to export.

    Attributes
    ----------
    name
        Its name among those exported with it: letters, digits and underscores.
    shape, dtype
        Of the values that are exported; rows of a log that were not finished are left out.
    axes
        The axes of each dimension: one, several where points are listed, or none.
    signal
        The array in its file, with title, label, units and error bars.
    """

    name: str
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
    def heading(self) -> str:
        """Title and label, for people."""
        return " ".join(text for text in (self.signal.title, self.signal.label) if text) or self.name

    def arrays(self) -> Iterator[tuple[str, CARRAY]]:
        """Yield name and array of the values, and of the error bars where there are any."""
        yield self.name, self.signal.array
        if self.signal.errors is not None:
            yield f"{self.name}_errors", self.signal.errors

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
        scan = self.signal.acquired[selection[: self.scan_dimensions]]
        if values.dtype.kind in "fc" and self.scan_dimensions and not scan.all():
            values[~scan] = np.nan
        return values


class ExportSource:
    """The signals at a node, and how far their export has come.

    Parameters
    ----------
    node
        One array, or a group: then all data below it, or all arrays where none is marked as data.
    progress
        What to call after each block.

    Raises
    ------
    FormatMismatchError
        When there is no array of numbers.
    """

    def __init__(self, node: Node, progress: ProgressCallback | None = None) -> None:
        self.node = node
        self.signals = _named([read_signal(array) for array in _arrays(node)])
        self._progress = progress
        self._done = 0
        self._total = sum(
            signal.nbytes * (1 if signal.signal.errors is None else 2) for signal in self.signals
        )

    @property
    def place(self) -> str:
        """Node and file, for messages."""
        return f"{self.node.path!r} in {self.node.to_h5_backend().filename!r}"

    def one_signal(self, what: str) -> ExportSignal:
        """Return the only signal, for formats that hold no more.

        Raises
        ------
        FormatMismatchError
            When there are several.
        """
        self.require_signals(what)
        if len(self.signals) > 1:
            names = ", ".join(signal.signal.array.path for signal in self.signals[:8])
            raise FormatMismatchError(
                f"{what} holds one array; {self.place} holds {len(self.signals)}. Export one of them: {names}"
            )
        return self.signals[0]

    def alike_signals(self, what: str) -> tuple[ExportSignal, ...]:
        """Return the signals, for formats in which all must have the same shape and axes.

        Raises
        ------
        FormatMismatchError
            When they differ.
        """
        self.require_signals(what)
        first, *others = self.signals
        for other in others:
            if other.shape != first.shape or not _same_axes(first, other):
                raise FormatMismatchError(
                    f"{what} holds arrays of one shape with the same axes; in {self.place} differ "
                    f"{first.signal.array.path!r} {first.shape} and {other.signal.array.path!r} "
                    f"{other.shape}. Export one of them."
                )
        return self.signals

    def require_signals(self, what: str) -> tuple[ExportSignal, ...]:
        """Return the signals; refuse a node without any."""
        if not self.signals:
            raise FormatMismatchError(f"{self.place} holds no array of numbers to save as {what}.")
        return self.signals

    def read(self, signal: ExportSignal, selection: Selection, array: CARRAY | None = None) -> Array:
        """Return a block of a signal, and tell how far the export has come: see `ExportSignal.read`."""
        values = signal.read(selection, array)
        self.count(values.nbytes)
        return values

    def count(self, nbytes: int) -> None:
        """Tell that so many more bytes are done."""
        self._done += nbytes
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)

    def blocks(
        self, signal: ExportSignal, whole: int = 0, array: CARRAY | None = None
    ) -> Iterator[tuple[Selection, Array]]:
        """Yield the blocks of a signal, each with its place: see `ExportSignal`."""
        for selection in signal.selections(whole):
            yield selection, self.read(signal, selection, array)


def _arrays(node: Node) -> list[CARRAY]:
    if isinstance(node, CARRAY):
        return [node] if is_numeric(node) else []
    if not isinstance(node, GROUP):
        return []
    arrays = [each for each in walk_first_names(node) if isinstance(each, CARRAY)]
    numeric = [array for array in arrays if is_numeric(array)]
    return [array for array in numeric if array.attrs.get("data_type") in _MEASURED] or numeric


def is_numeric(node: CARRAY) -> bool:
    """Tell whether an array holds numbers."""
    return not isinstance(node, VLARRAY) and node.dtype.kind in "biufc"


def _named(signals: Sequence[ScanSignal]) -> tuple[ExportSignal, ...]:
    named: dict[str, ExportSignal] = {}
    counted: dict[str, int] = {}
    for signal in signals:
        title = signal.title or signal.array.name
        name = unique_name(f"{title} {signal.label}".strip(), named)
        axes = (*signal.nav_axes, *((axis,) if axis else () for axis in signal.signal_axes))
        shape = signal.array.shape[: len(axes)]
        if isinstance(signal.array, EARRAY) and shape:
            rows = _rows(signal, counted)
            shape, axes = (rows, *shape[1:]), (_first_places(axes[0], rows), *axes[1:])
        named[name] = ExportSignal(name, shape, axes, signal)
    return tuple(named.values())


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


def _first_places(axes: tuple[ScanAxis, ...], count: int) -> tuple[ScanAxis, ...]:
    return tuple(replace(axis, values=axis.values[:count]) for axis in axes)


def unique_name(text: str, taken: Any) -> str:
    """Return text as a name of letters, digits and underscores that is not taken.

    Examples
    --------
    >>> unique_name('Power (mW)', {'Power_mW'})
    'Power_mW_2'
    """
    words = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")
    base = words if words and not words[0].isdigit() else f"x_{words}".rstrip("_")
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def same_axis(first: ScanAxis, second: ScanAxis) -> bool:
    """Tell whether two axes have the same label, units and values."""
    return (first.label, first.units) == (second.label, second.units) and np.array_equal(
        first.values, second.values
    )


def _same_axes(first: ExportSignal, second: ExportSignal) -> bool:
    return all(
        len(ours) == len(theirs) and all(map(same_axis, ours, theirs))
        for ours, theirs in zip(first.axes, second.axes, strict=True)
    )
