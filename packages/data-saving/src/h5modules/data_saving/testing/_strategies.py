"""Data of every kind that PyMoDAQ can make, for hypothesis."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pymodaq_data.data import Axis, DataCalculated, DataFromRoi, DataRaw, DataToExport, DataWithAxes

from h5modules.backends.testing import array_values
from h5modules.data_saving import make_axis

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]

UNITS = ("", "V", "mW", "nm", "1/s", "%", "count", "degC", "um", "dimensionless", "kg*m**2/s**2")
"""Units that PyMoDAQ takes as they are."""

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)

_EXTRA_NAMES = st.text("abcdefghijklmnopqrstuvwxyzß_0123456789", max_size=8).map(lambda name: f"my_{name}")

_EXTRA_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.datetimes(),
    st.lists(st.integers(), max_size=3),
    st.tuples(st.integers(), st.floats()),
)

_NUMBERS = st.floats(-1e6, 1e6).map(lambda number: float(np.float32(number)))


def shapes(
    min_dims: int = 1, max_dims: int = 4, min_side: int = 1, max_side: int = 4
) -> st.SearchStrategy[Shape]:
    """Return shapes of a signal's values; one value has the shape ``(1,)``."""
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side)


@st.composite
def axes(draw: st.DrawFn, size: int, index: int = 0, spread_order: int = 0) -> Axis:
    """Return axes of a length: equally spaced, irregular, of one value, of any number type, with any name.

    Parameters
    ----------
    draw
        Given by hypothesis.
    size
        How many values.
    index, spread_order
        Which dimension it belongs to, and its number among those of a spread scan.
    """
    label, units = draw(TEXTS), draw(st.sampled_from(UNITS))
    if not size or draw(st.booleans()):  # PyMoDAQ cannot make one of no values
        scaling, offset = draw(_NUMBERS), draw(_NUMBERS)
        return Axis(
            label, units, index=index, spread_order=spread_order, size=size, offset=offset, scaling=scaling
        )
    values = draw(_coordinates(size))
    if draw(st.booleans()):
        return make_axis(label, units, values, index, spread_order)
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # numpy's, at the steps of one value
        return Axis(label, units, data=values, index=index, spread_order=spread_order)


def _coordinates(size: int) -> st.SearchStrategy[Array]:
    integers = st.integers(-1000, 1000)
    kinds = {"f8": _NUMBERS, "f4": _NUMBERS, "i8": integers, "i4": integers, "u2": st.integers(0, 1000)}
    return st.sampled_from(sorted(kinds)).flatmap(lambda kind: hnp.arrays(kind, size, elements=kinds[kind]))


@st.composite
def signals(
    draw: st.DrawFn,
    shape: st.SearchStrategy[Shape] | None = None,
    *,
    with_navigation: bool = True,
) -> DataWithAxes:
    """Return signals: 0D to ND, one or several channels, of any dtype, with or without everything else.

    Parameters
    ----------
    draw
        Given by hypothesis.
    shape
        The shape of the values; any by default.
    with_navigation
        Whether there may be navigation dimensions.
    """
    lengths = draw(shapes() if shape is None else shape)
    count = draw(st.integers(1, 3))
    arrays = array_values(st.just(lengths))
    navigation = draw(_nav_indexes(len(lengths))) if with_navigation else ()
    is_spread = len(navigation) == 1 and draw(st.booleans())
    kind = draw(st.sampled_from([DataRaw, DataCalculated, DataFromRoi]))
    extra = draw(st.dictionaries(_EXTRA_NAMES, _EXTRA_VALUES, max_size=2))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what PyMoDAQ thinks of some of them
        data = kind(
            draw(TEXTS),
            distribution="spread" if is_spread else "uniform",
            data=[draw(arrays) for _ in range(count)],
            labels=draw(st.none() | st.lists(TEXTS, min_size=count, max_size=count)),
            origin=draw(TEXTS),
            units=draw(st.sampled_from(UNITS)),
            axes=draw(_all_axes(lengths, navigation if is_spread else ())),
            nav_indexes=navigation,
            errors=draw(st.none() | st.lists(arrays, min_size=count, max_size=count)),
        )
    for name, value in extra.items():
        data.add_extra_attribute(**{name: value})
    data.timestamp = draw(st.floats(0, 4e9))
    return data


def _nav_indexes(dimensions: int) -> st.SearchStrategy[tuple[int, ...]]:
    subsets = st.sets(st.integers(0, dimensions - 1), max_size=dimensions)
    return st.just(()) | subsets.map(lambda found: tuple(sorted(found)))


@st.composite
def _all_axes(draw: st.DrawFn, shape: Shape, spread: tuple[int, ...]) -> list[Axis]:
    found = []
    for index, size in enumerate(shape):
        count = draw(st.integers(0, 3 if index in spread else 1))
        found += [draw(axes(size, index, order)) for order in range(count)]
    return found


@st.composite
def points(draw: st.DrawFn, max_signals: int = 3, *, with_navigation: bool = True) -> DataToExport:
    """Return `DataToExport` objects of signals that can be told apart.

    Parameters
    ----------
    draw
        Given by hypothesis.
    max_signals
        How many signals there are at most.
    with_navigation
        Whether signals may have navigation dimensions.
    """
    found = draw(
        st.lists(
            signals(with_navigation=with_navigation),
            min_size=1,
            max_size=max_signals,
            unique_by=lambda signal: (signal.name, signal.origin or ""),
        )
    )
    for number, signal in enumerate(found):  # PyMoDAQ gives those without an origin the name of the point
        signal.origin = signal.origin or f"origin {number}"
    return DataToExport(draw(TEXTS), data=found)


@st.composite
def again(draw: st.DrawFn, point: DataToExport, *, with_moving_axes: bool = False) -> DataToExport:
    """Return other measurements of the same signals, as the next point of a scan brings them.

    Parameters
    ----------
    draw
        Given by hypothesis.
    point
        The first point.
    with_moving_axes
        Whether the axes may have other values.
    """
    return DataToExport(point.name, data=[_again(draw, signal, with_moving_axes) for signal in point.data])


def _again(draw: st.DrawFn, signal: DataWithAxes, with_moving_axes: bool) -> DataWithAxes:
    other = signal.deepcopy()
    for values in (*other.data, *(other.errors or ())):
        values[...] = draw(
            _like(values)
        )  # in place: given new arrays, PyMoDAQ's object changes its dimension
    if with_moving_axes:
        other.axes = [_moved(draw, axis) for axis in signal.axes]
    return other


def _like(values: Array) -> st.SearchStrategy[Array]:
    if values.dtype.kind == "S":
        return st.just(values[::-1].copy())
    return hnp.arrays(values.dtype, values.shape, elements=hnp.from_dtype(values.dtype))


def _moved(draw: st.DrawFn, axis: Axis) -> Axis:
    values = draw(hnp.arrays("f8", axis.size, elements=_NUMBERS))
    return make_axis(axis.label, axis.units, values, axis.index, axis.spread_order)
