"""HyperSpy's own format: an HDF5 file, written by h5py alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h5modules.backends import CARRAY
from h5modules.browsing._scan_view import Array, ScanAxis

from ._errors import FormatMismatchError
from ._exporter import H5Exporter
from ._signal import ExportSignal
from ._source import ExportSource

_VERSION = "3.3"
"""Of the format, as HyperSpy 2 writes it."""


class HyperspyExporter(H5Exporter):
    """Each array is a signal: the dimensions of the scan are HyperSpy's navigation, the others its signal."""

    FORMAT_EXTENSION = "hspy"
    FORMAT_DESCRIPTION = "HyperSpy file format"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signals = source.require_signals("HyperSpy")
        for signal in signals:
            _require_lines(signal)
        with h5py.File(target, "w") as file:
            file.attrs.update({"file_format": "HyperSpy", "file_format_version": _VERSION})
            for signal in signals:
                for name, array in signal.arrays():
                    group = file.create_group(f"Experiments/{name}")
                    _describe(group, signal, "error bars of " * (name != signal.name))
                    _write_values(group, source, signal, array)


def _require_lines(signal: ExportSignal) -> None:
    if any(len(axes) > 1 for axes in signal.axes):
        raise FormatMismatchError(
            f"{signal.signal.array.path!r} is a list of points in several dimensions; HyperSpy has one axis "
            "a dimension. Export it as csv-long, nc or parquet."
        )


def _write_values(group: Any, source: ExportSource, signal: ExportSignal, array: CARRAY) -> None:
    chunks = signal.chunk_shape or True
    values = group.create_dataset("data", shape=signal.shape or (1,), dtype=array.dtype, chunks=chunks)
    for selection, block in source.blocks(signal, array=array):
        values[selection if selection else ...] = block


def _describe(group: Any, signal: ExportSignal, prefix: str) -> None:
    for dimension, length in enumerate(signal.shape or (1,)):
        axis = next(iter(signal.axes[dimension]), None) if signal.axes else None
        described = group.create_group(f"axis-{dimension}")
        told = _axis(axis, length) | {"navigate": dimension < signal.scan_dimensions, "is_binned": False}
        described.attrs.update({name: value for name, value in told.items() if name != "axis"})
        if "axis" in told:
            described["axis"] = told["axis"]
    metadata = group.create_group("metadata")
    metadata.create_group("General").attrs["title"] = prefix + signal.heading
    metadata.create_group("Signal").attrs.update({"signal_type": "", "quantity": signal.signal.units})
    original = group.create_group("original_metadata")
    original.attrs.update({"path": signal.signal.array.path, "origin": signal.signal.origin})
    if signal.acquired is not None:
        original["acquired"] = signal.acquired
    group.create_group("learning_results")


def _axis(axis: ScanAxis | None, length: int) -> dict[str, Any]:
    """Return an axis as HyperSpy keeps it: by offset and scale where its steps are even."""
    even = {"_type": "UniformDataAxis", "offset": 0.0, "scale": 1.0, "size": length}
    if axis is None:
        return even
    told = {name: text for name, text in (("name", axis.label), ("units", axis.units)) if text}
    if not _is_even(axis.values) or not np.array_equal(axis.values, axis.exact, equal_nan=True):
        return told | {"_type": "DataAxis", "axis": axis.exact}
    scale = float(axis.values[-1] - axis.values[0]) / (length - 1) if length > 1 else 1.0
    return even | told | {"offset": float(axis.values[0]), "scale": scale}


def _is_even(values: Array) -> bool:
    if not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    return len(steps) == 0 or bool(steps[0] != 0 and np.allclose(steps, steps.mean(), rtol=1e-6, atol=0))
