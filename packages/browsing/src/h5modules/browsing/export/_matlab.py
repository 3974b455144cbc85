"""MATLAB: the format of its version 7.3, which is HDF5, so that arrays of any size are written in blocks."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from h5modules.backends import CARRAY
from h5modules.browsing._scan_view import Array

from ._exporter import H5Exporter
from ._signal import ExportSignal, unique_name
from ._source import ExportSource

_HEADER_BYTES, _TEXT_BYTES = 512, 116
_MARK = (0x0200).to_bytes(2, "little") + b"IM"
"""The version of the format, and that bytes are in the order of this mark."""

_CLASSES = {"float64": "double", "float32": "single", "complex128": "double", "complex64": "single"}
_LONGEST_NAME = 63


class MatlabExporter(H5Exporter):
    """A struct for each array: data, units, axes and error bars; the order of dimensions is kept."""

    FORMAT_EXTENSION = "mat"
    FORMAT_DESCRIPTION = "MATLAB file"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signals = source.require_signals("MATLAB")
        names: dict[str, None] = {}
        with h5py.File(target, "w", userblock_size=_HEADER_BYTES) as file:
            for signal in signals:
                name = unique_name(signal.name[: _LONGEST_NAME - 5], names)
                names[name] = None
                _write_struct(file.create_group(name), source, signal)
        with target.open("r+b") as plain:
            plain.write(_header())


def _header() -> bytes:
    now = datetime.datetime.now().strftime("%a %b %d %H:%M:%S %Y")
    text = f"MATLAB 7.3 MAT-file, Platform: h5modules, Created on: {now} HDF5 schema 1.00 ."
    return text.encode("ascii", "replace").ljust(_TEXT_BYTES)[:_TEXT_BYTES] + bytes(8) + _MARK


def _write_struct(group: Any, source: ExportSource, signal: ExportSignal) -> None:
    group.attrs["MATLAB_class"] = np.bytes_("struct")
    for name, array in signal.arrays():
        _write_blocks(group, "data" if name == signal.name else "errors", source, signal, array)
    if signal.acquired is not None:
        _write_array(group, "acquired", signal.acquired)
    texts = {
        "title": signal.heading,
        "units": signal.signal.units,
        "origin": signal.signal.origin,
        "path": signal.signal.array.path,
    }
    for dimension, axes in enumerate(signal.axes, start=1):
        for number, axis in enumerate(axes, start=1):
            name = f"axis{dimension}" + (f"_{number}" if number > 1 else "")
            _write_array(group, name, axis.exact)
            texts |= {f"{name}_label": axis.label, f"{name}_units": axis.units}
    for name, text in texts.items():
        _write_text(group, name, text)


def _write_blocks(group: Any, name: str, source: ExportSource, signal: ExportSignal, array: CARRAY) -> None:
    """Write an array; MATLAB counts dimensions from the other end, and has two at least."""
    shape = _stored_shape(signal.shape)
    chunks = None if 0 in shape else _stored_shape(signal.chunk_shape)
    dataset = group.create_dataset(name, shape=shape, dtype=_stored_dtype(array.dtype), chunks=chunks)
    _describe(dataset, array.dtype)
    for selection, values in source.blocks(signal, array=array):
        place = tuple(reversed(selection)) if len(selection) > 1 else (slice(None), *selection)[-2:]
        dataset[place if selection else ...] = _stored(values)


def _write_array(group: Any, name: str, values: Array) -> None:
    _describe(
        group.create_dataset(name, data=_stored(values).reshape(_stored_shape(values.shape))), values.dtype
    )


def _stored_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape in the file: a list is a column, a single value 1 x 1."""
    return tuple(reversed((*shape, *(1 for _ in range(2 - len(shape))))))


def _stored_dtype(dtype: np.dtype[Any]) -> np.dtype[Any]:
    if dtype.kind == "c":
        part = np.dtype(f"f{dtype.itemsize // 2}")
        return np.dtype([("real", part), ("imag", part)])
    return np.dtype("u1" if dtype.kind == "b" else "f4" if dtype == np.float16 else dtype)


def _stored(values: Array) -> Array:
    return values.T.astype(_plain(values.dtype)).view(_stored_dtype(values.dtype))


def _plain(dtype: np.dtype[Any]) -> np.dtype[Any]:
    return dtype.newbyteorder("=") if dtype.kind == "c" else _stored_dtype(dtype)


def _describe(dataset: Any, dtype: np.dtype[Any]) -> None:
    name = "logical" if dtype.kind == "b" else _CLASSES.get(_plain(dtype).name, _plain(dtype).name)
    dataset.attrs["MATLAB_class"] = np.bytes_(name)
    if dtype.kind == "b":
        dataset.attrs["MATLAB_int_decode"] = np.int32(1)
    if 0 in dataset.shape:
        dataset.attrs["MATLAB_empty"] = np.uint8(1)


def _write_text(group: Any, name: str, text: str) -> None:
    letters = np.frombuffer(text.encode("utf-16-le"), "<u2")
    empty = np.zeros(2, "u8")  # of an empty array, its size is kept
    dataset = group.create_dataset(name, data=letters[:, np.newaxis] if text else empty)
    dataset.attrs["MATLAB_class"] = np.bytes_("char")
    dataset.attrs["MATLAB_int_decode"] = np.int32(2)
    if not text:
        dataset.attrs["MATLAB_empty"] = np.uint8(1)
