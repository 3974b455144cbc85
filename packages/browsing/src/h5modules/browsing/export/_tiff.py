"""TIFF: the last two dimensions are images, the others a stack of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from ._errors import FormatMismatchError
from ._exporter import H5Exporter
from ._libraries import library
from ._signal import Array, ExportSignal
from ._source import ExportSource


class TiffExporter(H5Exporter):
    """One array as a stack of images; its axes, with units, are in the description."""

    FORMAT_EXTENSION = "tif"
    FORMAT_DESCRIPTION = "TIFF stack"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signal = source.one_signal("a TIFF stack")
        if len(signal.shape) < 2 or 0 in signal.shape or signal.dtype.kind not in "uif":
            raise FormatMismatchError(
                f"a TIFF stack holds images of real numbers; {source.place} is of shape {signal.shape} "
                f"and {signal.dtype}."
            )
        tifffile = library("tifffile")
        with tifffile.TiffWriter(target, bigtiff=True) as file:
            file.write(
                _images(source, signal),
                shape=signal.shape,
                dtype=signal.dtype,
                photometric="minisblack",
                metadata=_metadata(signal),
            )


def _images(source: ExportSource, signal: ExportSignal) -> Iterator[Array]:
    for selection, values in source.blocks(signal, whole=2):
        for place in product(*(range(part.stop - part.start) for part in selection[:-2])):
            yield values[place]


def _metadata(signal: ExportSignal) -> dict[str, Any]:
    axes = [
        {"label": axis.label, "units": axis.units, "dimension": number, "values": axis.exact.tolist()}
        for number, found in enumerate(signal.axes)
        for axis in found
    ]
    letters = "Q" * (len(signal.shape) - 2) + "YX"
    told = {"axes": letters, "title": signal.heading, "units": signal.signal.units, "h5modules_axes": axes}
    if signal.acquired is not None:  # a letter a point, in the order of the stack
        told["h5modules_acquired"] = "".join("01"[known] for known in signal.acquired.astype(int).flat)
    return told
