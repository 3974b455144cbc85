"""Zarr: arrays in chunks with named dimensions, in a folder, as xarray reads them."""

from __future__ import annotations

from pathlib import Path

from ._dimensions import Dimensions
from ._exporter import H5Exporter
from ._libraries import library
from ._provenance import provenance
from ._source import ExportSource


class ZarrExporter(H5Exporter):
    """All arrays, with axes, units, error bars and records, each packed in chunks; the target is a folder."""

    FORMAT_EXTENSION = "zarr"
    FORMAT_DESCRIPTION = "Zarr folder"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signals = source.require_signals("Zarr")
        source.require_types("Zarr", "gG")
        dimensions = Dimensions(signals)
        group = library("zarr").create_group(target, attributes=provenance(source.node))
        for each in dimensions.coordinates:
            group.create_array(
                each.name, data=each.values, dimension_names=(each.dimension,), attributes=each.attributes
            )
        for record in dimensions.records:
            group.create_array(
                record.name,
                data=record.values,
                dimension_names=record.dimensions,
                attributes=record.attributes | {"flag_values": [0, 1]},
            )
        for signal in signals:
            for name, array in signal.arrays():
                made = group.create_array(
                    name,
                    shape=signal.shape,
                    dtype=array.dtype,
                    chunks="auto" if 0 in signal.shape else signal.chunk_shape,
                    dimension_names=dimensions.names[signal.name],
                    attributes=dimensions.attributes(signal),
                )
                for selection, values in source.blocks(signal, array=array):
                    made[selection if selection else ...] = values
