"""netCDF: arrays with named dimensions, as xarray reads them."""

from __future__ import annotations

from pathlib import Path

from ._dimensions import Dimensions, told_of
from ._exporter import H5Exporter
from ._libraries import library
from ._source import ExportSignal, ExportSource


class NetcdfExporter(H5Exporter):
    """All arrays, with axes, units and error bars; arrays over the same axes share them."""

    FORMAT_EXTENSION = "nc"
    FORMAT_DESCRIPTION = "netCDF"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signals = source.require_signals("netCDF")
        dimensions = Dimensions(signals)
        with library("h5netcdf").File(target, "w", invalid_netcdf=_has_complex(signals)) as file:
            file.dimensions = dimensions.lengths
            for each in dimensions.coordinates:
                file.create_variable(each.name, (each.dimension,), data=each.values).attrs.update(
                    each.attributes
                )
            for signal in signals:
                for name, array in signal.arrays():
                    variable = file.create_variable(name, dimensions.names[signal.name], array.dtype)
                    variable.attrs.update(told_of(signal.signal.units, signal.heading))
                    for selection, values in source.blocks(signal, array=array):
                        variable[selection if selection else ...] = values


def _has_complex(signals: tuple[ExportSignal, ...]) -> bool:
    return any(signal.dtype.kind in "cb" for signal in signals)
