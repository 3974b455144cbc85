"""The formats of numpy: one array (npy), or several with their axes (npz)."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from h5modules.backends import CARRAY

from ._exporter import H5Exporter
from ._signal import Array, ExportSignal, warn_of_points
from ._source import ExportSource


class NpyExporter(H5Exporter):
    """One array, without its axes."""

    FORMAT_EXTENSION = "npy"
    FORMAT_DESCRIPTION = "Binary NumPy format"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signal = source.one_signal("an npy file")
        warn_of_points(signal, "an npy file")
        with target.open("wb") as file:
            _write_values(file, source, signal, signal.signal.array)


class NpzExporter(H5Exporter):
    """All arrays; what belongs to `power` is `power.axis0`, `power.axis0.units`, `power.errors`, ..."""

    FORMAT_EXTENSION = "npz"
    FORMAT_DESCRIPTION = "NumPy archive"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        with zipfile.ZipFile(target, "x") as archive:
            for signal in source.require_signals("an npz file"):
                for name, array in signal.arrays():
                    path = f"{signal.name}.npy" if name == signal.name else f"{signal.name}.errors.npy"
                    with archive.open(path, "w", force_zip64=True) as file:
                        _write_values(file, source, signal, array)
                for name, values in _described(signal).items():
                    with archive.open(f"{signal.name}.{name}.npy", "w") as file:
                        np.save(file, values)


def _write_values(file: IO[bytes], source: ExportSource, signal: ExportSignal, array: CARRAY) -> None:
    header = {
        "descr": np.lib.format.dtype_to_descr(array.dtype),
        "fortran_order": False,
        "shape": signal.shape,
    }
    np.lib.format.write_array_header_2_0(file, header)
    for _, values in source.blocks(signal, array=array):  # in the order of the values: they only follow
        file.write(values.tobytes())


def _described(signal: ExportSignal) -> dict[str, Array]:
    texts = {"title": signal.heading, "units": signal.signal.units, "origin": signal.signal.origin}
    found = {name: np.array(text) for name, text in texts.items()}
    if signal.acquired is not None:
        found["acquired"] = signal.acquired
    for dimension, axes in enumerate(signal.axes):
        for number, axis in enumerate(axes):
            name = f"axis{dimension}" + (f"_{number}" if number else "")
            found[name] = axis.exact
            found[f"{name}.label"] = np.array(axis.label)
            found[f"{name}.units"] = np.array(axis.units)
    return found
