"""netCDF: arrays with named dimensions, as xarray reads them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from h5modules.browsing._scan_view import ScanAxis

from ._exporter import H5Exporter
from ._libraries import library
from ._source import ExportSignal, ExportSource, same_axis, unique_name


class NetcdfExporter(H5Exporter):
    """All arrays, with axes, units and error bars; arrays over the same axes share them."""

    FORMAT_EXTENSION = "nc"
    FORMAT_DESCRIPTION = "netCDF"

    def write(self, source: ExportSource, target: Path) -> None:  # docstring inherited
        signals = source.require_signals("netCDF")
        with library("h5netcdf").File(target, "w", invalid_netcdf=_has_complex(signals)) as file:
            dimensions = _Dimensions(file, {signal.name for signal in signals})
            for signal in signals:
                names = dimensions.of(signal)
                told = {"units": signal.signal.units, "long_name": signal.heading}
                _write(file, source, signal, names, told)
                if signal.signal.errors is not None:
                    _write(file, source, signal, names, told, errors=True)


def _has_complex(signals: tuple[ExportSignal, ...]) -> bool:
    return any(signal.dtype.kind in "cb" for signal in signals)


def _write(
    file: Any,
    source: ExportSource,
    signal: ExportSignal,
    names: tuple[str, ...],
    told: dict[str, str],
    *,
    errors: bool = False,
) -> None:
    array = signal.signal.errors if errors else signal.signal.array
    assert array is not None
    name = f"{signal.name}_errors" if errors else signal.name
    variable = file.create_variable(name, names, array.dtype)
    variable.attrs.update({key: value for key, value in told.items() if value})
    for selection, values in source.blocks(signal, array=array):
        variable[selection if selection else ...] = values


class _Dimensions:
    """The dimensions of a file: one for each axis, whoever uses it."""

    def __init__(self, file: Any, taken: set[str]) -> None:
        self._file = file
        self._taken = taken | {f"{name}_errors" for name in taken}
        self._made: list[tuple[str, int, tuple[ScanAxis, ...]]] = []

    def of(self, signal: ExportSignal) -> tuple[str, ...]:
        names: list[str] = []
        for length, axes in zip(signal.shape, signal.axes, strict=True):
            known = [
                name
                for name, size, others in self._made
                if size == length and name not in names and _same(axes, others)
            ]
            names.append(known[0] if known else self._make(length, axes))
        return tuple(names)

    def _make(self, length: int, axes: tuple[ScanAxis, ...]) -> str:
        label = axes[0].label if len(axes) == 1 else "point" if axes else "dimension"
        name = self._free(label)
        self._file.dimensions[name] = length
        for axis in axes:
            own = name if len(axes) == 1 else self._free(axis.label)
            variable = self._file.create_variable(own, (name,), data=axis.values)
            told = {"units": axis.units, "long_name": axis.label}
            variable.attrs.update({key: value for key, value in told.items() if value})
        self._made.append((name, length, axes))
        return name

    def _free(self, label: str) -> str:
        name = unique_name(label or "axis", self._taken)
        self._taken.add(name)
        return name


def _same(first: tuple[ScanAxis, ...], second: tuple[ScanAxis, ...]) -> bool:
    return len(first) == len(second) and all(map(same_axis, first, second))
