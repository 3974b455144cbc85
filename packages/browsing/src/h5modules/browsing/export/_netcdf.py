"""netCDF: arrays with named dimensions, as xarray reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ._dimensions import Dimensions
from ._exporter import H5Exporter
from ._libraries import library
from ._provenance import provenance
from ._signal import ExportSignal
from ._source import ExportSource


class NetcdfExporter(H5Exporter):
    """All arrays, with axes, units, error bars and records; arrays over the same axes share them."""

    FORMAT_EXTENSION = "nc"
    FORMAT_DESCRIPTION = "netCDF"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signals = source.require_signals("netCDF")
        source.require_types("netCDF", "G")
        dimensions = Dimensions(signals)
        with library("h5netcdf").File(target, "w", invalid_netcdf=_has_complex(signals)) as file:
            file.attrs.update(provenance(source.node))
            file.dimensions = dimensions.lengths
            for each in dimensions.coordinates:
                file.create_variable(each.name, (each.dimension,), data=each.values).attrs.update(
                    each.attributes
                )
            for record in dimensions.records:
                file.create_variable(record.name, record.dimensions, data=record.values).attrs.update(
                    record.attributes | {"flag_values": np.array([0, 1], "i1")}
                )
            for signal in signals:
                for name, array in signal.arrays():
                    variable = file.create_variable(name, dimensions.names[signal.name], array.dtype)
                    variable.attrs.update(dimensions.attributes(signal))
                    for selection, values in source.blocks(signal, array=array):
                        variable[selection if selection else ...] = values


def _has_complex(signals: tuple[ExportSignal, ...]) -> bool:
    return any(signal.dtype.kind in "cb" for signal in signals)
