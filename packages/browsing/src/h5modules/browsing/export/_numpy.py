"""The formats of numpy: one array (npy), or several with their axes (npz)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from ._exporter import H5Exporter
from ._source import Array, ExportSignal, ExportSource


class NpyExporter(H5Exporter):
    """One array, without its axes."""

    FORMAT_EXTENSION = "npy"
    FORMAT_DESCRIPTION = "Binary NumPy format"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signal = source.one_signal("an npy file")
        with target.open("wb") as file:
            _write_values(file, source, signal)


class NpzExporter(H5Exporter):
    """All arrays; the axis of dimension 0 of `power` is `power.axis0`, its unit `power.axis0.units`."""

    FORMAT_EXTENSION = "npz"
    FORMAT_DESCRIPTION = "NumPy archive"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        with zipfile.ZipFile(target, "x") as archive:
            for signal in source.require_signals("an npz file"):
                with archive.open(f"{signal.name}.npy", "w", force_zip64=True) as file:
                    _write_values(file, source, signal)
                for name, values in _described(signal).items():
                    with archive.open(f"{signal.name}.{name}.npy", "w") as file:
                        np.save(file, values)


def _write_values(file: IO[bytes], source: ExportSource, signal: ExportSignal) -> None:
    header = {
        "descr": np.lib.format.dtype_to_descr(signal.dtype),
        "fortran_order": False,
        "shape": signal.shape,
    }
    np.lib.format.write_array_header_2_0(file, header)
    for _, values in source.blocks(signal):  # in the order of the values: they only follow each other
        file.write(values.tobytes())


def _described(signal: ExportSignal) -> dict[str, Array]:
    found = {"units": np.array(signal.signal.units)}
    for dimension, axes in enumerate(signal.axes):
        for number, axis in enumerate(axes):
            name = f"axis{dimension}" + (f"_{number}" if number else "")
            found[name] = axis.values
            found[f"{name}.label"] = np.array(axis.label)
            found[f"{name}.units"] = np.array(axis.units)
    return found
