"""Zarr: arrays in chunks with named dimensions, in a folder, as xarray reads them."""

from __future__ import annotations

from pathlib import Path

from ._dimensions import Dimensions, told_of
from ._exporter import H5Exporter
from ._libraries import library
from ._source import ExportSource


class ZarrExporter(H5Exporter):
    """All arrays, with axes, units and error bars, each packed in chunks; the target is a folder."""

    FORMAT_EXTENSION = "zarr"
    FORMAT_DESCRIPTION = "Zarr folder"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signals = source.require_signals("Zarr")
        dimensions = Dimensions(signals)
        group = library("zarr").create_group(target)
        for each in dimensions.coordinates:
            group.create_array(
                each.name, data=each.values, dimension_names=(each.dimension,), attributes=each.attributes
            )
        for signal in signals:
            for name, array in signal.arrays():
                made = group.create_array(
                    name,
                    shape=signal.shape,
                    dtype=array.dtype,
                    chunks=signal.chunk_shape,
                    dimension_names=dimensions.names[signal.name],
                    attributes=told_of(signal.signal.units, signal.heading),
                )
                for selection, values in source.blocks(signal, array=array):
                    made[selection if selection else ...] = values
