"""Text: one line a point (wide), or one line a value (long)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, StringARRAY
from h5modules.browsing._lines import lines_of
from h5modules.browsing._scan_view import ScanAxis

from ._exporter import H5Exporter
from ._long_table import axis_columns, distinct, long_blocks, table_columns
from ._signal import ExportSignal, Selection
from ._source import ExportSource


class CsvExporter(H5Exporter):
    """One line a point: the axes, then the values; those of the last dimension stand side by side."""

    FORMAT_EXTENSION = "csv"
    FORMAT_DESCRIPTION = "Comma-separated values"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        write_wide(source, target, ",")


class TextExporter(H5Exporter):
    """As CSV, with tabulators; a log is saved as its lines."""

    FORMAT_EXTENSION = "txt"
    FORMAT_DESCRIPTION = "Text files"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        if isinstance(source.node, StringARRAY):
            with target.open("w", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in lines_of(source.node))
        else:
            write_wide(source, target, "\t")


class LongCsvExporter(H5Exporter):
    """One line a value, with its coordinate along each dimension: for data of any dimension."""

    FORMAT_EXTENSION = "csv"
    FORMAT_DESCRIPTION = "Comma-separated values, one line a value"
    FORMAT_NAME = "csv-long"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            for number, columns in enumerate(long_blocks(source, "a long table")):
                if number == 0:
                    writer.writerow(columns)
                writer.writerows(zip(*(values.tolist() for values in columns.values()), strict=True))


def write_wide(source: ExportSource, target: Path, delimiter: str) -> None:
    """Write arrays of the same shape and axes side by side, one line a point.

    Parameters
    ----------
    source
        What to write.
    target, delimiter
        The file, and what stands between two values.
    """
    signals = source.alike_signals("a table")
    first, columns = signals[0], table_columns(signals)
    spread = int(len(first.shape) > 1 and first.scan_dimensions < len(first.shape))
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        headings = [*axis_columns(first, len(first.shape) - spread), *_headings(columns, spread)]
        writer.writerow(distinct(headings))
        for selection in first.selections(whole=spread):
            blocks = [
                signal.masked(source.read(signal, selection, array), selection)
                for _, signal, array in columns
            ]
            writer.writerows(_lines(first, selection, blocks, spread))


def _headings(columns: list[tuple[str, ExportSignal, CARRAY]], spread: int) -> Iterator[str]:
    for name, signal, _ in columns:
        if not spread:
            yield name
            continue
        axis = next(iter(signal.axes[-1]), None) or ScanAxis("", "", np.arange(float(signal.shape[-1])))
        for value in axis.exact.tolist():
            place = (axis.label, str(value).removesuffix(".0"), axis.units)
            yield " ".join([name, "@", *filter(None, place)])


def _lines(first: ExportSignal, selection: Selection, blocks: list[Any], spread: int) -> Iterator[list[Any]]:
    leading = selection[: len(selection) - spread]
    width = first.shape[-1] if spread else 1
    rows = _joined([block.reshape(-1, width) for block in blocks]).tolist() if _alike(blocks) else None
    for number, place in enumerate(product(*(range(part.start, part.stop) for part in leading))):
        coordinates = axis_columns_at(first, place)
        if rows is not None:
            yield [*coordinates, *rows[number]]
        else:
            values = (block.reshape(-1, width)[number].tolist() for block in blocks)
            yield [*coordinates, *(value for part in values for value in part)]


def _joined(blocks: list[Any]) -> Any:
    return (np.ma if any(map(np.ma.isMA, blocks)) else np).hstack(blocks)


def _alike(blocks: list[Any]) -> bool:
    return len({block.dtype for block in blocks}) == 1


def axis_columns_at(signal: ExportSignal, place: tuple[int, ...]) -> list[float | int]:
    """Return the coordinates of a point, in the order of `axis_columns`."""
    found: list[float | int] = []
    for dimension, index in enumerate(place):
        axes = signal.axes[dimension]
        found += [axis.exact[index].item() for axis in axes] if axes else [index]
    return found
