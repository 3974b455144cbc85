"""Signals as Datasets of xarray, and back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import xarray
from pymodaq_data.data import Axis, DataWithAxes
from xarray.backends import BackendArray
from xarray.core import indexing

from ._acquired import AcquiredPoints
from ._axes import make_axis
from ._errors import DataMismatchError
from ._lazy import LazyData
from ._parts import Part
from ._values import Values

Array = np.ndarray[Any, Any]

__all__ = ["from_xarray", "to_dataset"]

_READING = threading.Lock()
"""HDF5 reads one thing at a time; dask asks in several threads."""

_NAMED = ("name", "origin", "source", "distribution", "units", "timestamp")


class ValuesOnDemand(BackendArray):
    """Values in a file, as xarray asks for them.

    Parameters
    ----------
    shape, dtype
        Those of the values.
    read
        What reads a part of them.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype[Any], read: Callable[[Part], Array]) -> None:
        self.shape = shape
        self.dtype = dtype
        self._read = read

    def __getitem__(self, key: indexing.ExplicitIndexer) -> Any:
        """Read what xarray selects."""
        basic = indexing.IndexingSupport.BASIC
        return indexing.explicit_indexing_adapter(key, self.shape, basic, self._locked)

    def _locked(self, part: Part) -> Array:
        with _READING:
            return self._read(part)


def _variable(dims: Sequence[str], values: Values, attrs: dict[str, Any]) -> xarray.Variable:
    return _on_demand(dims, values.shape, values.dtype, values.read, attrs)


def _on_demand(
    dims: Sequence[str],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    read: Callable[[Part], Array],
    attrs: dict[str, Any],
) -> xarray.Variable:
    array = indexing.LazilyIndexedArray(ValuesOnDemand(shape, dtype, read))
    return xarray.Variable(tuple(dims), array, attrs)


def to_dataset(lazy: LazyData, backgrounds: Sequence[Values | None]) -> xarray.Dataset:
    """Return a signal as a Dataset: see `DataLoader.to_xarray`.

    Parameters
    ----------
    lazy
        The signal.
    backgrounds
        The background of each channel.
    """
    dims = _dimension_names(lazy)
    coordinates = _coordinates(lazy, dims)
    names = _channel_names(lazy.labels, {*dims, *coordinates})
    variables: dict[str, xarray.Variable] = {}
    for number, (name, channel) in enumerate(zip(names, lazy.channels, strict=True)):
        attrs = {"units": lazy.units, "long_name": lazy.labels[number]}
        variables[name] = _variable(dims, channel, attrs)
        if lazy.errors:
            variables[f"{name}_error"] = _variable(dims, lazy.errors[number], attrs)
        background = backgrounds[number]
        if background is not None:
            own = dims if background.shape == lazy.shape else dims[lazy.scan_dimensions :]
            own = own if len(own) == len(background.shape) else (f"{name}_bkg_value",)
            variables[f"{name}_bkg"] = _variable(own, background, attrs)
    return xarray.Dataset(variables, coordinates, _attributes(lazy, names, dims))


def _attributes(lazy: LazyData, names: Sequence[str], dims: Sequence[str]) -> dict[str, Any]:
    """Return what tells of the signal; the names are those that PyMoDAQ's own Datasets have."""
    signal = lazy.description
    attrs: dict[str, Any] = {f"pymodaq_{name}": _name_of(getattr(signal, name)) for name in _NAMED}
    attrs["pymodaq_nav_indexes"] = list(signal.nav_indexes)
    attrs["pymodaq_labels"] = list(signal.labels)
    attrs["pymodaq_channels"] = list(names)
    attrs["pymodaq_dims"] = list(dims)
    if lazy.errors:
        attrs["pymodaq_error_vars"] = [f"{name}_error" for name in names]
    attrs["pymodaq_extra"] = sorted(signal.extra)
    return {**signal.extra, **attrs}


def _name_of(value: Any) -> Any:
    return getattr(value, "name", value)


def _unique(names: Iterable[str], taken: Iterable[str], otherwise: str) -> list[str]:
    """Return names without `/`, each once, and none of those that are taken."""
    used, found = set(taken), []
    for wanted in names:
        base = wanted.strip().replace("/", "_") or otherwise
        name, number = base, 1
        while name in used:
            name, number = f"{base}_{number}", number + 1
        used.add(name)
        found.append(name)
    return found


def _channel_names(labels: Sequence[str], taken: set[str]) -> list[str]:
    """Return a name for each channel, so that those of what belongs to it are free as well."""
    names = _unique(labels, taken, "channel")
    beside = {f"{name}{suffix}" for name in names for suffix in ("_error", "_bkg")}
    if beside & {*names, *taken}:
        return _unique([f"channel {number}" for number in range(len(labels))], {*taken, *beside}, "")
    return names


def _dimension_names(lazy: LazyData) -> tuple[str, ...]:
    """Return a name for each dimension: that of its one axis, when it is the same at each point."""
    wanted = []
    for index in range(lazy.ndim):
        of_it = [number for number, axis in enumerate(lazy.axes) if axis.index == index]
        if len(of_it) == 1 and lazy.axes[of_it[0]].label:
            label = lazy.axes[of_it[0]].label
            wanted.append(f"{label}_index" if of_it[0] in lazy.saved_axes.moving else label)
        else:
            wanted.append("point" if len(of_it) > 1 and index in lazy.nav_indexes else f"dim_{index}")
    return tuple(_unique(wanted, (), "dim"))


def _coordinates(lazy: LazyData, dims: tuple[str, ...]) -> dict[str, xarray.Variable]:
    found: dict[str, xarray.Variable] = {}
    moving = lazy.saved_axes.moving
    for number, axis in enumerate(lazy.axes):
        dim = dims[axis.index]
        is_of_dim = sum(other.index == axis.index for other in lazy.axes) == 1 and number not in moving
        taken = {*dims, *found, "acquired"} - ({dim} if is_of_dim and dim not in found else set())
        name = dim if is_of_dim else _unique([axis.label], taken, f"{dim}_axis")[0]
        attrs = {
            "units": axis.units,
            "long_name": axis.label,
            "pymodaq_label": axis.label,
            "spread_order": int(axis.spread_order),
        }
        if number in moving:
            found[name] = _variable((*dims[: lazy.scan_dimensions], dim), moving[number], attrs)
        else:
            found[name] = xarray.Variable((dim,), axis.get_data(), attrs)
    if lazy.points is not None and "acquired" not in {*dims, *found}:
        found["acquired"] = _acquired(lazy.points, dims[: lazy.scan_dimensions])
    return found


def _acquired(points: AcquiredPoints, dims: Sequence[str]) -> xarray.Variable:
    attrs = {"long_name": "whether the point was acquired"}
    return _on_demand(dims, points.shape, np.dtype(bool), points.read, attrs)


def from_xarray(data: xarray.Dataset | xarray.DataArray) -> DataWithAxes:
    """Return a Dataset, or a DataArray, as data that can be saved; values that are lazy are read.

    All variables are channels, but for error bars and backgrounds of a Dataset made by
    `DataLoader.to_xarray`; coordinates of one dimension are axes, when they hold numbers.

    Parameters
    ----------
    data
        Any; what PyMoDAQ's data tell besides comes back where the Dataset was made from such.

    Raises
    ------
    DataMismatchError
        When variables have different dimensions, or there is none.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray
    >>> from h5modules.data_saving.xarray import from_xarray
    >>> spectrum = xarray.DataArray(np.ones(3), dims='energy', coords={'energy': [1.0, 2.0, 4.0]}, name='s')
    >>> from_xarray(spectrum).axes[0].get_data()
    array([1., 2., 4.])
    """
    if isinstance(data, xarray.DataArray):
        data = data.to_dataset(name="data" if data.name is None else data.name)
    attrs = data.attrs
    names = [name for name in attrs.get("pymodaq_channels", data.data_vars) if name in data.data_vars]
    errors = [f"{name}_error" for name in names]
    has_errors = bool(names) and all(name in data.data_vars for name in errors)
    if has_errors and "pymodaq_channels" not in attrs:
        names = [name for name in names if name not in errors]
    dims = _common_dims(data, names)
    units = str(attrs.get("pymodaq_units", data[names[0]].attrs.get("units", "")))
    labels = attrs.get("pymodaq_labels", ())
    made = DataWithAxes(
        str(attrs.get("pymodaq_name", names[0])),
        source=attrs.get("pymodaq_source", "raw"),
        distribution=attrs.get("pymodaq_distribution", "uniform"),
        data=[np.atleast_1d(data[name].values) for name in names],
        labels=list(labels) if len(labels) == len(names) else [str(name) for name in names],
        origin=str(attrs.get("pymodaq_origin", "")),
        nav_indexes=_navigation(attrs, dims),
        axes=[axis for index, dim in enumerate(dims) for axis in _axes_along(data, dim, index)],
        errors=[np.atleast_1d(data[name].values) for name in errors] if has_errors else None,
    )
    made.force_units(units)
    made.timestamp = attrs.get("pymodaq_timestamp", made.timestamp)
    made.add_extra_attribute(
        **{name: attrs[name] for name in attrs.get("pymodaq_extra", ()) if name in attrs}
    )
    return made


def _navigation(attrs: dict[Any, Any], dims: tuple[Any, ...]) -> tuple[int, ...]:
    """Return which dimensions are navigation dimensions; those that a selection dropped are not there."""
    before = attrs.get("pymodaq_dims", ())
    named = [before[index] for index in attrs.get("pymodaq_nav_indexes", ()) if index < len(before)]
    return tuple(index for index, dim in enumerate(dims) if dim in named)


def _common_dims(data: xarray.Dataset, names: Sequence[Any]) -> tuple[Any, ...]:
    found = {data[name].dims for name in names}
    if len(found) != 1:
        told = {str(name): data[name].dims for name in names}
        raise DataMismatchError(f"the variables of one signal have the same dimensions; these have {told}.")
    dims: tuple[Any, ...] = found.pop()
    return dims


def _axes_along(data: xarray.Dataset, dim: Any, index: int) -> list[Axis]:
    found = [
        make_axis(
            str(coordinate.attrs.get("pymodaq_label", name)),
            str(coordinate.attrs.get("units", "")),
            coordinate.values,
            index,
            int(coordinate.attrs.get("spread_order", 0)),
        )
        for name, coordinate in data.coords.items()
        if coordinate.dims == (dim,) and coordinate.dtype.kind in "iuf"
    ]
    return sorted(found, key=lambda axis: int(axis.spread_order))
