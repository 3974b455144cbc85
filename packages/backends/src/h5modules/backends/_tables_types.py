"""Types and shapes: what HDF5 says of them, as numpy says it."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import math
import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from tables import Atom
from tables.utilsextension import atom_to_hdf5_type

from ._array_spec import STORABLE_KINDS, ArraySpec
from ._driver import Array, NodeKind
from ._errors import UndecodableError
from ._filters import filter_problem
from ._raw_values import decoded, encoded, plain_text
from ._tables_hdf5 import (
    ALL,
    DEFAULT,
    EARLY,
    HDF5,
    NULS,
    SPACES,
    UNLIMITED,
    VARIABLE,
    Filter,
    TypeClass,
    extent,
    filters_of,
    held,
)

_EXPONENT_BITS = {2: 5, 4: 8, 8: 11}
"""Of the floats that numpy has, by their size in bytes; other floats of these sizes are in use."""


def stored_type(dtype: np.dtype[Any]) -> int:
    """Return the HDF5 type that values of a dtype are stored with, to be closed by the caller.

    Booleans get PyTables' type (bits), arrays of objects that of texts of any length.
    """
    if dtype.kind != "O":
        big = dtype.byteorder == ">" or (dtype.byteorder == "=" and sys.byteorder == "big")
        number: int = atom_to_hdf5_type(Atom.from_dtype(dtype.newbyteorder("=")), "big" if big else "little")
        if dtype.kind == "S":
            HDF5.H5Tset_strpad(number, NULS)  # PyTables lets text end with the first NUL
        return number
    text: int = HDF5.H5Tcopy(HDF5.H5T_C_S1)
    HDF5.H5Tset_size(text, VARIABLE)
    HDF5.H5Tset_cset(text, 1)  # UTF-8
    return text


def numpy_type(kind: int) -> np.dtype[Any]:
    """Return the dtype of values that lie in memory as they lie in the file.

    Raises
    ------
    UndecodableError
        When numpy has no such dtype.
    """
    size, what = HDF5.H5Tget_size(kind), TypeClass(HDF5.H5Tget_class(kind))
    match what:
        case TypeClass.INTEGER if HDF5.H5Tget_precision(kind) == 8 * size:
            return np.dtype(f"{_order(kind)}{'i' if HDF5.H5Tget_sign(kind) else 'u'}{size}")
        case TypeClass.FLOAT if _is_float(kind, size):
            return np.dtype(f"{_order(kind)}f{size}")
        case TypeClass.BITFIELD if size == 1:
            return np.dtype(bool)
        case TypeClass.BITFIELD:
            raise UndecodableError(f"it holds fields of {8 * size} bits")
        case TypeClass.STRING if not HDF5.H5Tis_variable_str(kind):
            return np.dtype(f"S{size}")
        case TypeClass.ENUM:
            return _enum_type(kind)
        case TypeClass.COMPOUND:
            return _compound_type(kind, size)
        case TypeClass.ARRAY:
            lengths = (ctypes.c_uint64 * HDF5.H5Tget_array_ndims(kind))()
            HDF5.H5Tget_array_dims2(kind, lengths)
            with held(HDF5.H5Tget_super(kind), HDF5.H5Tclose) as base:
                return np.dtype((numpy_type(base), tuple(lengths)))
        case TypeClass.STRING | TypeClass.VLEN:
            raise UndecodableError("it holds values of varying length")
        case TypeClass.REFERENCE:
            raise UndecodableError("it holds references to other nodes, not values")
        case TypeClass.OPAQUE:
            raise UndecodableError("it holds bytes of unknown meaning (HDF5's opaque type)")
    raise UndecodableError(f"it holds {what.name.lower()} values of a kind that numpy does not have")


def _order(kind: int) -> str:
    return ">" if HDF5.H5Tget_order(kind) == 1 else "<"


def _is_float(kind: int, size: int) -> bool:
    if size not in _EXPONENT_BITS:
        return bool(HDF5.H5Tequal(kind, HDF5.H5T_NATIVE_LDOUBLE))
    fields = [ctypes.c_size_t() for _ in range(5)]
    HDF5.H5Tget_fields(kind, *map(ctypes.byref, fields))
    return fields[2].value == _EXPONENT_BITS[size] and HDF5.H5Tget_order(kind) < 2  # not of a VAX


def _enum_type(kind: int) -> np.dtype[Any]:
    with held(HDF5.H5Tget_super(kind), HDF5.H5Tclose) as base:
        dtype = numpy_type(base)
    members = {name: _member_value(kind, number, dtype) for number, name in enumerate(_member_names(kind))}
    # The way in which h5py stores booleans.
    return np.dtype(bool) if dtype == np.int8 and members == {"FALSE": 0, "TRUE": 1} else dtype


def _member_names(kind: int) -> list[str]:
    names = []
    for number in range(HDF5.H5Tget_nmembers(kind)):
        pointer = HDF5.H5Tget_member_name(kind, number)
        names.append(decoded(ctypes.string_at(pointer)))
        HDF5.H5free_memory(pointer)
    return names


def _member_value(kind: int, number: int, dtype: np.dtype[Any]) -> int:
    value: Array = np.empty((), dtype)
    HDF5.H5Tget_member_value(kind, number, value.ctypes.data)
    return int(value)


def _compound_type(kind: int, size: int) -> np.dtype[Any]:
    names, formats = _member_names(kind), []
    for number in range(len(names)):
        with held(HDF5.H5Tget_member_type(kind, number), HDF5.H5Tclose) as member:
            formats.append(numpy_type(member))
    first = formats[0] if formats else np.dtype(np.void)
    if names == ["r", "i"] and formats == [first, first] and first.kind == "f" and size == 2 * first.itemsize:
        return np.dtype(f"{first.byteorder}c{size}")
    offsets = [HDF5.H5Tget_member_offset(kind, number) for number in range(len(names))]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": size})


@dataclass(frozen=True, slots=True)
class Layout:
    """An array as it is to be seen: of which kind, with numpy's shape and dtype; or why it cannot be."""

    kind: NodeKind
    shape: tuple[int, ...] = ()
    dtype: np.dtype[Any] = field(default_factory=lambda: np.dtype(np.void))
    problem: str = ""
    has_spaces: bool = False
    """Whether text is filled up with spaces, which are not part of it."""

    @property
    def is_ragged(self) -> bool:
        """Whether it is a list of rows, each of its own length."""
        return self.kind is NodeKind.VLARRAY

    @property
    def is_of_numbers(self) -> bool:
        """Whether PyTables itself reads and writes its blocks."""
        return self.kind in (NodeKind.CARRAY, NodeKind.EARRAY) and self.dtype.kind in STORABLE_KINDS


def layout(dataset: int) -> Layout:
    """Return what an open array is like."""
    with held(HDF5.H5Dget_space(dataset), HDF5.H5Sclose) as space:
        shape, limits = extent(space)
    try:
        with held(HDF5.H5Dget_type(dataset), HDF5.H5Tclose) as stored:
            dtype, is_ragged = _value_type(stored)
            has_spaces = dtype.kind == "S" and not is_ragged and HDF5.H5Tget_strpad(stored) == SPACES
    except UndecodableError as error:
        return Layout(NodeKind.UNREADABLE, problem=str(error))
    if is_ragged and len(shape) != 1:
        problem = f"its rows, each of its own length, lie in {len(shape)} dimensions"
        return Layout(NodeKind.UNREADABLE, problem=problem)
    if problem := next(filter(None, map(_filter_problem, filters_of(dataset))), ""):
        return Layout(NodeKind.UNREADABLE, problem=problem)
    if is_ragged:
        return Layout(NodeKind.VLARRAY, shape, dtype)
    grows = bool(limits) and limits[0] == UNLIMITED
    return Layout(NodeKind.EARRAY if grows else NodeKind.CARRAY, shape, dtype, has_spaces=has_spaces)


def shape_of(dataset: int) -> tuple[int, ...]:
    """Return the shape that an open array has now."""
    with held(HDF5.H5Dget_space(dataset), HDF5.H5Sclose) as space:
        return extent(space)[0]


def _value_type(stored: int) -> tuple[np.dtype[Any], bool]:
    """Return the dtype of a value, and whether it is one of a row."""
    match HDF5.H5Tget_class(stored):
        case TypeClass.ARRAY:
            raise UndecodableError("each of its values is an array")
        case TypeClass.STRING if HDF5.H5Tis_variable_str(stored):
            return np.dtype(object), False
        case TypeClass.VLEN:
            with held(HDF5.H5Tget_super(stored), HDF5.H5Tclose) as row:
                dtype = numpy_type(row)
            if dtype.kind not in STORABLE_KINDS or dtype.subdtype:
                raise UndecodableError("its rows hold more than numbers")
            return dtype, True
    return numpy_type(stored), False


def _filter_problem(step: Filter) -> str:
    is_here = HDF5.H5Zfilter_avail(step.number) or (add_plugins() and HDF5.H5Zfilter_avail(step.number))
    return "" if is_here else filter_problem(step.number, step.name)


@functools.cache
def add_plugins() -> bool:
    """Show the filters of `hdf5plugin` to the HDF5 library of PyTables; return whether there are any."""
    # It is not imported: that would load h5py, and the HDF5 library of h5py.
    package = importlib.util.find_spec("hdf5plugin")
    for folder in package.submodule_search_locations or () if package else ():
        HDF5.H5PLappend(os.fsencode(Path(folder, "plugins")))
    return package is not None


def read_whole(dataset: int, found: Layout) -> Array:
    """Read all values of an array that PyTables does not read: records, or text of any length."""
    with ExitStack() as stack:
        stored = stack.enter_context(held(HDF5.H5Dget_type(dataset), HDF5.H5Tclose))
        if found.dtype.kind != "O":
            values: Array = np.empty(found.shape, found.dtype)
            HDF5.H5Dread(dataset, stored, ALL, ALL, DEFAULT, values.ctypes.data)
            return values
        space = stack.enter_context(held(HDF5.H5Dget_space(dataset), HDF5.H5Sclose))
        pointers = (ctypes.c_char_p * max(math.prod(found.shape), 1))()
        HDF5.H5Dread(dataset, stored, ALL, ALL, DEFAULT, pointers)
        return taken_texts(pointers, stored, space, found.shape)


def taken_texts(pointers: Any, stored: int, space: int, shape: tuple[int, ...]) -> Array:
    """Return the texts that HDF5 points to, as `plain_text` does, and give their memory back."""
    texts: Array = np.empty(math.prod(shape), object)
    for place in range(texts.size):
        texts[place] = plain_text(pointers[place] or b"")
    HDF5.H5Dvlen_reclaim(stored, space, DEFAULT, pointers)
    return texts.reshape(shape)


def create_whole(where: int, path: str, spec: ArraySpec) -> None:
    """Make an array that lies in one piece; PyTables could neither place it at once nor note a fill value."""
    with ExitStack() as stack:
        stored = stack.enter_context(held(stored_type(spec.dtype), HDF5.H5Tclose))
        space = stack.enter_context(held(new_space(spec.shape), HDF5.H5Sclose))
        plan = stack.enter_context(held(HDF5.H5Pcreate(HDF5.H5P_CLS_DATASET_CREATE_ID), HDF5.H5Pclose))
        if spec.placed:
            HDF5.H5Pset_alloc_time(plan, EARLY)
        if spec.fill_value is not None:
            value: Array = np.asarray(spec.fill_value, spec.dtype)
            HDF5.H5Pset_fill_value(plan, stored, value.ctypes.data)
        HDF5.H5Dclose(HDF5.H5Dcreate2(where, encoded(path), stored, space, DEFAULT, plan, DEFAULT))


def new_space(shape: tuple[int, ...]) -> int:
    """Return a data space of that shape, to be closed by the caller."""
    space: int = HDF5.H5Screate_simple(len(shape), (ctypes.c_uint64 * max(len(shape), 1))(*shape), None)
    return space


def fill_value(dataset: int, found: Layout) -> Any:
    """Return what unwritten values of an array read as; None where nobody chose it."""
    chosen, value = ctypes.c_int(), np.empty((), found.dtype)
    with held(HDF5.H5Dget_create_plist(dataset), HDF5.H5Pclose) as properties:
        HDF5.H5Pfill_value_defined(properties, ctypes.byref(chosen))
        if chosen.value != 2 or not found.is_of_numbers:  # 2 is: by the user
            return None
        with held(HDF5.H5Dget_type(dataset), HDF5.H5Tclose) as stored:
            HDF5.H5Pget_fill_value(properties, stored, value.ctypes.data)
    return value[()]
