"""HDF5's own functions, in the copy of the library that PyTables has loaded.

PyTables reads an attribute without asking for its type first: it unpickles what looks like a pickle, gives
big-endian arrays with their bytes the wrong way round, knows no enumeration, and ends the process at a text
that HDF5 calls null. It has no function that copies an object with everything in it, and does not tell when a
flush failed. HDF5 has all of that, and knows the objects that PyTables opens by number. The functions carry
HDF5's names; each raises `Hdf5Error` where HDF5 reports a failure.
"""

from __future__ import annotations

import ctypes
import functools
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint, c_uint64, c_void_p
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Concatenate, ParamSpec, TypeVar

import tables
from tables import hdf5extension

from ._driver import Driver
from ._errors import FileClosedError, FileError, H5ModulesError
from ._raw_values import decoded, encoded

ID = ctypes.c_int64
"""What HDF5 calls an open file, object, type or space by (``hid_t``)."""

DEFAULT = 0
"""No property list."""

NUL, NULS, SPACES = range(3)
"""What `H5Tget_strpad` says of text: that a NUL ends it, or that NULs or spaces fill it up."""

WHOLE_FILE = 1
"""What `H5Fflush` is to reach, from whatever object it is given."""

ALL = 0
"""The whole of a space."""

EARLY = 1
"""When `H5Pset_alloc_time` lets an array take its place in the file: as soon as it is made."""

GROUP, DATASET = 2, 5
"""What `H5Iget_type` calls groups and arrays."""

CHUNKED = 2
"""What `H5Pget_layout` calls an array that lies in pieces."""

NULL_SPACE = 2
"""What `H5Sget_simple_extent_type` calls a space that can never hold a value."""

VARIABLE = ctypes.c_size_t(-1).value
"""The size of a text of variable length."""

UNLIMITED = ctypes.c_uint64(-1).value
"""The largest length of a dimension that may grow."""


class TypeClass(IntEnum):
    """What `H5Tget_class` returns."""

    INTEGER = 0
    FLOAT = 1
    TIME = 2
    STRING = 3
    BITFIELD = 4
    OPAQUE = 5
    COMPOUND = 6
    REFERENCE = 7
    ENUM = 8
    VLEN = 9
    ARRAY = 10
    COMPLEX = 11


class _Failure(ctypes.Structure):
    """A step of HDF5's way to a failure (``H5E_error2_t``)."""

    _fields_ = (
        *(("of", ID), ("major", ID), ("minor", ID), ("line", c_uint)),
        *(("function", c_char_p), ("file", c_char_p), ("description", c_char_p)),
    )


_ERROR_VISITOR = ctypes.PYFUNCTYPE(c_int, c_uint, POINTER(_Failure), c_void_p)

_VISITOR = ctypes.PYFUNCTYPE(c_int, ID, c_char_p, c_void_p, c_void_p)

_SIZES = POINTER(c_uint64)

# The type of the result, and those of the arguments; a negative number is a failure.
_FUNCTIONS: dict[str, tuple[Any, ...]] = {
    "H5Ewalk2": (c_int, ID, c_int, _ERROR_VISITOR, c_void_p),
    "H5get_libversion": (c_int, POINTER(c_uint), POINTER(c_uint), POINTER(c_uint)),
    "H5free_memory": (c_int, c_void_p),
    "H5Fflush": (c_int, ID, c_int),
    "H5Iget_type": (c_int, ID),
    "H5Oopen": (ID, ID, c_char_p, ID),
    "H5Oclose": (c_int, ID),
    "H5Oget_info1": (c_int, ID, c_void_p),
    "H5Ocopy": (c_int, ID, c_char_p, ID, c_char_p, ID, ID),
    "H5Lexists": (c_int, ID, c_char_p, ID),
    "H5Lget_info1": (c_int, ID, c_char_p, c_void_p, ID),
    "H5Lmove": (c_int, ID, c_char_p, ID, c_char_p, ID, ID),
    "H5Ldelete": (c_int, ID, c_char_p, ID),
    "H5Lcreate_hard": (c_int, ID, c_char_p, ID, c_char_p, ID, ID),
    "H5Literate1": (c_int, ID, c_int, c_int, _SIZES, _VISITOR, c_void_p),
    "H5Aopen": (ID, ID, c_char_p, ID),
    "H5Acreate2": (ID, ID, c_char_p, ID, ID, ID, ID),
    "H5Aclose": (c_int, ID),
    "H5Aexists": (c_int, ID, c_char_p),
    "H5Adelete": (c_int, ID, c_char_p),
    "H5Arename": (c_int, ID, c_char_p, c_char_p),
    "H5Aget_type": (ID, ID),
    "H5Aget_space": (ID, ID),
    "H5Aread": (c_int, ID, ID, c_void_p),
    "H5Awrite": (c_int, ID, ID, c_void_p),
    "H5Aiterate2": (c_int, ID, c_int, c_int, _SIZES, _VISITOR, c_void_p),
    "H5Tclose": (c_int, ID),
    "H5Tcopy": (ID, ID),
    "H5Tequal": (c_int, ID, ID),
    "H5Tget_class": (c_int, ID),
    "H5Tget_size": (c_size_t, ID),
    "H5Tset_size": (c_int, ID, c_size_t),
    "H5Tget_order": (c_int, ID),
    "H5Tget_sign": (c_int, ID),
    "H5Tget_precision": (c_size_t, ID),
    "H5Tget_fields": (c_int, ID, *[POINTER(c_size_t)] * 5),
    "H5Tget_super": (ID, ID),
    "H5Tget_nmembers": (c_int, ID),
    "H5Tget_member_name": (c_void_p, ID, c_uint),
    "H5Tget_member_type": (ID, ID, c_uint),
    "H5Tget_member_offset": (c_size_t, ID, c_uint),
    "H5Tget_member_value": (c_int, ID, c_uint, c_void_p),
    "H5Tget_array_ndims": (c_int, ID),
    "H5Tget_array_dims2": (c_int, ID, _SIZES),
    "H5Tis_variable_str": (c_int, ID),
    "H5Tget_strpad": (c_int, ID),
    "H5Tset_strpad": (c_int, ID, c_int),
    "H5Tget_cset": (c_int, ID),
    "H5Tset_cset": (c_int, ID, c_int),
    "H5Screate_simple": (ID, c_int, _SIZES, c_void_p),
    "H5Sclose": (c_int, ID),
    "H5Sget_simple_extent_type": (c_int, ID),
    "H5Sget_simple_extent_ndims": (c_int, ID),
    "H5Sget_simple_extent_dims": (c_int, ID, _SIZES, _SIZES),
    "H5Dcreate2": (ID, ID, c_char_p, ID, ID, ID, ID, ID),
    "H5Dclose": (c_int, ID),
    "H5Dget_type": (ID, ID),
    "H5Dget_space": (ID, ID),
    "H5Dget_create_plist": (ID, ID),
    "H5Dset_extent": (c_int, ID, _SIZES),
    "H5Dread": (c_int, ID, ID, ID, ID, ID, c_void_p),
    "H5Dvlen_reclaim": (c_int, ID, ID, ID, c_void_p),
    "H5Dget_storage_size": (c_uint64, ID),
    "H5Pcreate": (ID, ID),
    "H5Pclose": (c_int, ID),
    "H5Pset_alloc_time": (c_int, ID, c_int),
    "H5Pset_fill_value": (c_int, ID, ID, c_void_p),
    "H5Pfill_value_defined": (c_int, ID, POINTER(c_int)),
    "H5Pget_fill_value": (c_int, ID, ID, c_void_p),
    "H5Pget_layout": (c_int, ID),
    "H5Pget_chunk": (c_int, ID, c_int, _SIZES),
    "H5Pget_nfilters": (c_int, ID),
    "H5Pget_filter2": (c_int, ID, c_uint, *[c_void_p] * 3, c_size_t, c_char_p, c_void_p),
    "H5Zfilter_avail": (c_int, c_int),
    "H5PLappend": (c_int, c_char_p),
}

_OLDER_NAMES = {"H5Literate1": "H5Literate", "H5Lget_info1": "H5Lget_info"}  # of HDF5 1.10

_NUMBERS = ("H5T_C_S1", "H5T_NATIVE_LDOUBLE", "H5P_CLS_DATASET_CREATE_ID")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the chunks of an array go through: its registered number, its name, and its options."""

    number: int
    name: str
    options: tuple[int, ...]


class Hdf5Error(Exception):
    """HDF5 reported a failure; the message is its own, of the place where it arose."""


class _LinkInfo(ctypes.Structure):
    """The head of HDF5's ``H5L_info1_t``, and room for the rest of it."""

    _fields_ = (("kind", c_int), ("rest", c_uint64 * 16))


class _ObjectInfo(ctypes.Structure):
    """The head of HDF5's ``H5O_info1_t``, and room for the rest of it."""

    _fields_ = (("file", ctypes.c_ulong), ("address", c_uint64), ("rest", c_uint64 * 64))


def _checked(result: Any, function: Any, arguments: Any) -> Any:
    if result is not None and result < 0:
        raise Hdf5Error(_last_failure())
    return result


def _unchecked(result: Any, function: Any, arguments: Any) -> Any:
    return result


def _last_failure() -> str:
    steps = ["HDF5 gives no reason"]

    def visit(_number: int, step: Any, _data: int) -> int:
        steps.append(step.contents.description.decode(errors="replace"))
        return 0

    downward, default_stack = 1, 0
    HDF5.H5Ewalk2(default_stack, downward, _ERROR_VISITOR(visit), None)
    return steps[-1]


FAILURES = (
    *(Hdf5Error, tables.HDF5ExtError, OSError, RuntimeError, ValueError, TypeError),
    *(LookupError, OverflowError, MemoryError, SystemError),
)
"""What comes of a damaged file or a full disk: PyTables has no class that they share."""

_P = ParamSpec("_P")
_R = TypeVar("_R")
_Owner = TypeVar("_Owner", bound=Driver)


def reason(error: Exception) -> str:
    """Return why HDF5 failed, in its own words and without its trace."""
    if not isinstance(error, tables.HDF5ExtError):
        return str(error)
    steps = error.h5backtrace
    return str(steps[-1][-1]) if steps else str(error)


def _load() -> SimpleNamespace:
    library = _loaded_library(Path(hdf5extension.__file__))
    functions = {}
    for name, (result, *arguments) in _FUNCTIONS.items():
        function = getattr(library, name, None) or getattr(library, _OLDER_NAMES.get(name, name), None)
        if function is None:
            raise ImportError(f"this build of PyTables does not show its HDF5 library (no {name} in it).")
        function.restype, function.argtypes, function.errcheck = result, arguments, _checked
        functions[name] = function
    functions["H5Ewalk2"].errcheck = _unchecked  # it is what is asked when a function fails
    numbers = {name: ID.in_dll(library, f"{name}_g").value for name in _NUMBERS}
    return SimpleNamespace(**functions, **numbers)


def _loaded_library(extension: Path) -> ctypes.PyDLL:
    if sys.platform == "win32":
        find = ctypes.WinDLL("kernel32").GetModuleHandleW
        find.restype, find.argtypes = c_void_p, [ctypes.c_wchar_p]
        names = {name.decode() for name in re.findall(rb"[\w.+-]*hdf5[\w.+-]*\.dll", extension.read_bytes())}
        # The longest first: wheels give a library a name of its own, and 'hdf5.dll' may be another package's.
        for name in sorted(names, key=len, reverse=True):
            if handle := find(name):
                return ctypes.PyDLL(name, handle=handle)
        raise ImportError("the HDF5 library of PyTables was not found among the loaded ones.")
    # A name is looked up in the libraries, too, that the extension was linked with.
    return ctypes.PyDLL(str(extension))


HDF5 = _load()
"""The functions."""

LOCK = threading.RLock()
"""Whoever uses PyTables has it: the library is not made for several threads, whatever files they work on."""


def alone(method: Callable[Concatenate[_Owner, _P], _R]) -> Callable[Concatenate[_Owner, _P], _R]:
    """Let one thread at a time into PyTables, with an open file, and explain what nobody else has."""

    @functools.wraps(method)
    def call(self: _Owner, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        with LOCK:
            if not self.is_open:
                raise FileClosedError(f"the file {self.filename!r} is closed.")
            doing = method.__name__.replace("_", " ")
            with explained(f"{doing} in {self.filename!r}"):
                return method(self, *args, **kwargs)

    return call


@contextmanager
def explained(doing: str, kind: type[FileError] = FileError) -> Iterator[None]:
    """Turn what PyTables and HDF5 raise in the block into an error of ours."""
    try:
        yield
    except H5ModulesError:
        raise
    except FAILURES as error:
        raise kind(f"{doing} failed: {reason(error)}.") from error


@contextmanager
def held(identifier: int, close: Callable[[int], Any]) -> Iterator[int]:
    """Give an open identifier back to HDF5 at the end of the block."""
    try:
        yield identifier
    finally:
        close(identifier)


def link_names(group: int) -> list[str]:
    """Return the names of a group's links, sorted."""
    return _names(HDF5.H5Literate1, group)


def is_hard_link(where: int, path: str) -> bool:
    """Tell whether a link leads to an object by its address, and not by a path."""
    info = _LinkInfo()
    HDF5.H5Lget_info1(where, encoded(path), ctypes.byref(info), DEFAULT)
    return bool(info.kind == 0)


def attribute_names(node: int) -> list[str]:
    """Return the names of an object's attributes, sorted."""
    return _names(HDF5.H5Aiterate2, node)


def _names(iterate: Any, identifier: int) -> list[str]:
    names: list[str] = []

    def visit(_where: int, name: bytes, _info: int, _data: int) -> int:
        names.append(decoded(name))
        return 0

    by_name, any_order = 0, 2
    iterate(identifier, by_name, any_order, ctypes.byref(c_uint64(0)), _VISITOR(visit), None)
    return sorted(names)


def address(node: int) -> tuple[int, int]:
    """Return the file and the address of an open object: the same for all links that lead to it."""
    info = _ObjectInfo()
    HDF5.H5Oget_info1(node, ctypes.byref(info))
    return info.file, info.address


def extent(space: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the shape of a data space, and what limits it; ``(0,)`` for one that can never hold a value."""
    if HDF5.H5Sget_simple_extent_type(space) == NULL_SPACE:
        return (0,), (0,)
    rank = HDF5.H5Sget_simple_extent_ndims(space)
    lengths, limits = ((c_uint64 * max(rank, 1))() for _ in range(2))
    HDF5.H5Sget_simple_extent_dims(space, lengths, limits)
    return tuple(lengths[:rank]), tuple(limits[:rank])


def filters_of(dataset: int) -> list[Filter]:
    """Return the filters that an array's chunks go through, in order."""
    found = []
    with held(HDF5.H5Dget_create_plist(dataset), HDF5.H5Pclose) as properties:
        for position in range(HDF5.H5Pget_nfilters(properties)):
            name, options, count = ctypes.create_string_buffer(256), (c_uint * 32)(), c_size_t(32)
            number = HDF5.H5Pget_filter2(
                properties, position, None, ctypes.byref(count), options, len(name), name, None
            )
            found.append(Filter(number, name.value.decode(errors="replace"), tuple(options[: count.value])))
    return found


def chunks_of(dataset: int) -> tuple[int, ...] | None:
    """Return the shape of an array's chunks; None when it lies in one piece."""
    with held(HDF5.H5Dget_create_plist(dataset), HDF5.H5Pclose) as properties:
        if HDF5.H5Pget_layout(properties) != CHUNKED:
            return None
        lengths = (c_uint64 * 32)()  # HDF5 has at most 32 dimensions
        return tuple(lengths[: HDF5.H5Pget_chunk(properties, 32, lengths)])
