"""Text for FLIMJ, as PyMoDAQ writes it."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP
from h5modules.browsing._scan_view import is_drawable

from ._errors import FormatMismatchError
from ._exporter import H5Exporter
from ._signal import warn_of_points
from ._source import ExportSource

_LINES = 10_000
"""How many lines are written at once."""

_SMALL = 1e-3
"""Below this, six digits behind the point are less than three of the value."""

_EXACT_BYTES = 4
"""Up to this size floats hold every whole number."""


class FlimjExporter(H5Exporter):
    """An array of two dimensions, a line for each place of the last; or the lists of a group side by side."""

    FORMAT_EXTENSION = "ascii"
    FORMAT_DESCRIPTION = "Ascii flimj file"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        with target.open("w", encoding="utf-8") as file:
            if isinstance(source.node, GROUP):
                _write_lists(file, source, source.node)
            else:
                _write_array(file, source)


def _write_array(file: TextIO, source: ExportSource) -> None:
    signal = source.one_signal("a file for FLIMJ")
    warn_of_points(signal, "a file for FLIMJ")
    if len(signal.shape) > 2:
        raise FormatMismatchError(
            f"a file for FLIMJ holds one or two dimensions; {source.place} has the shape {signal.shape}."
        )
    if len(signal.shape) < 2:
        for selection, values in source.blocks(signal):
            file.write("\t" if selection and selection[0].start else "")
            np.savetxt(file, [np.atleast_1d(values)], "%.6e", "\t", newline="")
        file.write("\n")
        return
    rows, length = signal.shape
    step = max(1, min(_LINES, _LINES * 10 // max(1, rows)))
    for start in range(0, length, step):
        block = source.read(signal, (slice(0, rows), slice(start, min(start + step, length))))
        np.savetxt(file, block.T, "%.6e", "\t")


def _hint(source: ExportSource) -> str:
    """Return what to do where a group cannot be saved: the first array of it that can be."""
    fitting = (each.signal.array.path for each in source.signals if len(each.shape) <= 2)
    path = next(fitting, None)
    return "choose another format" if path is None else f"name an array, such as {path}"


def _write_lists(file: TextIO, source: ExportSource, group: GROUP) -> None:
    found = [node for node in group.children().values() if isinstance(node, CARRAY) and is_drawable(node)]
    lists = [array for array in found if array.ndim == 1]
    if not lists:
        raise FormatMismatchError(
            f"{source.place} holds no lists of numbers to save for FLIMJ; {_hint(source)}."
        )
    length = _common_length(source, lists)
    formats = [_format(array) for array in lists]
    file.write("# #" + "\t".join(array.name for array in lists) + "\n")
    for start in range(0, length, _LINES):
        columns = [array[start : min(start + _LINES, length)] for array in lists]
        np.savetxt(file, np.rec.fromarrays(columns), formats, "\t")


def _common_length(source: ExportSource, lists: list[CARRAY]) -> int:
    """Return how many values all lists have; of a log, those of its finished rows."""
    finished = [each.shape[0] for each in source.signals if isinstance(each.signal.array, EARRAY)]
    lengths = [min([len(each), *finished] if isinstance(each, EARRAY) else [len(each)]) for each in lists]
    if len(set(lengths)) > 1:
        told = ", ".join(f"{each.path} {length}" for each, length in zip(lists, lengths, strict=True))
        raise FormatMismatchError(
            f"a file for FLIMJ holds lists of one length side by side; {source.place} holds {told} values. "
            "Name one of them."
        )
    return lengths[0]


def _format(array: CARRAY) -> str:
    """Return how the values of a list are written: as PyMoDAQ does, unless they are too small for that."""
    if array.dtype.kind in "iu":
        return "%d" if array.dtype.char == "l" or array.dtype.itemsize > _EXACT_BYTES else "%.6f"
    for start in range(0, len(array), _LINES):
        sizes = np.abs(array[start : start + _LINES])
        if np.any((sizes > 0) & (sizes < _SMALL)):
            return "%.6e"
    return "%.6f"
