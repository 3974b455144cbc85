"""Values, attributes and trees for hypothesis."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from h5modules.backends._abilities import Abilities
from h5modules.backends._codec import RawValue

from ._cases import DTYPES

Array = np.ndarray[Any, Any]

SHAPES = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
"""Texts that HDF5 can hold: all but NUL and lone surrogates."""


def names() -> st.SearchStrategy[str]:
    """Return names of nodes and attributes."""
    return TEXTS.filter(lambda name: name.strip() and name not in (".", "..") and "/" not in name)


def dtypes() -> st.SearchStrategy[np.dtype[Any]]:
    """Return dtypes that every driver keeps."""
    return st.sampled_from([np.dtype(name) for name in DTYPES])


def array_values(shapes: st.SearchStrategy[tuple[int, ...]] = SHAPES) -> st.SearchStrategy[Array]:
    """Return arrays of those dtypes."""
    return dtypes().flatmap(lambda dtype: hnp.arrays(dtype, shapes, elements=_elements(dtype)))


def _elements(dtype: np.dtype[Any]) -> st.SearchStrategy[Any]:
    if dtype.kind == "S":  # zeros at the end of a text are its padding: they are nothing that could be kept
        return st.binary(max_size=dtype.itemsize).map(lambda text: text.rstrip(b"\0"))
    return hnp.from_dtype(dtype)


def selections(shape: tuple[int, ...]) -> st.SearchStrategy[Any]:
    """Return indices of an array of that shape: integers, slices, ellipses, lists and masks."""
    kinds: list[st.SearchStrategy[Any]] = [hnp.basic_indices(shape, allow_newaxis=False)]
    if shape:
        masks = st.integers(1, len(shape)).flatmap(lambda count: hnp.arrays(bool, shape[:count]))
        kinds += [masks, st.tuples(*(_parts(length) for length in shape))]
    if shape and 0 not in shape:
        kinds.append(hnp.integer_array_indices(shape, result_shape=hnp.array_shapes(max_dims=2, max_side=4)))
    return st.one_of(kinds)


def _parts(length: int) -> st.SearchStrategy[Any]:
    """Return indices of one dimension; lists are of two positions, so that several of them go together."""
    if not length:
        return st.slices(length)
    positions = st.integers(-length, length - 1)
    return st.one_of(positions, st.slices(length), st.lists(positions, min_size=2, max_size=2))


def raw_attributes(abilities: Abilities) -> st.SearchStrategy[RawValue]:
    """Return attributes as a driver takes them."""
    numbers = [np.dtype(name) for name in DTYPES if np.dtype(name).kind != "S"]
    scalars = (
        st.sampled_from(numbers).flatmap(lambda dtype: hnp.arrays(dtype, ())).map(lambda array: array[()])
    )
    shapes = hnp.array_shapes(max_dims=2, min_side=0, max_side=4)
    kinds: list[st.SearchStrategy[Any]] = [TEXTS, scalars, array_values(shapes), _text_arrays(shapes)]
    if abilities.raw_bytes:
        kinds.append(st.binary(min_size=1, max_size=30).filter(_is_raw))
    return st.one_of(kinds)


def _text_arrays(shapes: st.SearchStrategy[tuple[int, ...]]) -> st.SearchStrategy[Array]:
    return hnp.arrays(object, shapes, elements=TEXTS)


def _is_raw(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return not value.endswith(b"\0")
    return False


def attribute_values() -> st.SearchStrategy[Any]:
    """Return Python values that an attribute can be: they come back equal and of the same type."""
    dates = [st.dates(), st.times(), st.datetimes(), st.timedeltas()]
    zones = st.timezones().map(lambda _: datetime.UTC)
    numpy_scalars = st.sampled_from([np.dtype(name) for name in DTYPES if np.dtype(name).isnative]).flatmap(
        lambda dtype: hnp.arrays(dtype, (), elements=_elements(dtype)).map(lambda array: array[()])
    )
    numbers = [st.integers(), st.floats(), st.complex_numbers(), numpy_scalars]
    others = [st.none(), st.booleans(), st.text(), st.binary(), st.datetimes(timezones=zones)]
    plain = st.one_of([*numbers, *others, *dates])
    hashable = st.one_of(st.integers(), st.text(), st.booleans(), st.none(), st.dates())
    nested = st.recursive(
        plain,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.lists(inner, max_size=4).map(tuple),
            st.dictionaries(hashable, inner, max_size=4),
            st.sets(hashable, max_size=4),
            st.frozensets(hashable, max_size=4),
        ),
        max_leaves=8,
    )
    arrays = array_values(hnp.array_shapes(max_dims=2, max_side=4))
    return st.one_of(nested, arrays)


def trees() -> st.SearchStrategy[dict[str, Any]]:
    """Return trees: a dict is a group, an array an array, a list of arrays a ragged one."""
    rows = dtypes().flatmap(
        lambda dtype: st.lists(
            hnp.arrays(dtype, st.integers(0, 4), elements=_elements(dtype)), min_size=1, max_size=3
        )
    )
    leaves = st.one_of(array_values(), rows)
    return st.recursive(
        st.dictionaries(names(), leaves, max_size=3),
        lambda inner: st.dictionaries(names(), st.one_of(leaves, inner), max_size=3),
        max_leaves=6,
    )
