"""What is exported: the signals at a node, read block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from h5modules.backends import CARRAY, Node

from ._errors import FormatMismatchError
from ._signal import Array, ExportSignal, Selection, export_signals, same_axis

ProgressCallback: TypeAlias = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""


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
        self.signals = export_signals(node)
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
        """Return the signals, and their backgrounds; refuse a node without any."""
        if not self.signals:
            raise FormatMismatchError(f"{self.place} holds no array of numbers to save as {what}.")
        backgrounds = (signal.background for signal in self.signals)
        return (*self.signals, *(each for each in backgrounds if each is not None))

    def require_types(self, what: str, refused: str) -> None:
        """Refuse arrays of numbers that a format does not have.

        Parameters
        ----------
        what
            What the format is called.
        refused
            Their types, each as the letter that numpy gives it.

        Raises
        ------
        FormatMismatchError
            When there is one.
        """
        for signal in self.signals:
            for _, array in signal.arrays():
                if array.dtype.char in refused:
                    raise FormatMismatchError(
                        f"{what} has no numbers of type {array.dtype}, as {array.path!r} holds. "
                        "Export it as npz or h5."
                    )

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


def _same_axes(first: ExportSignal, second: ExportSignal) -> bool:
    return all(
        len(ours) == len(theirs) and all(map(same_axis, ours, theirs))
        for ours, theirs in zip(first.axes, second.axes, strict=True)
    )
