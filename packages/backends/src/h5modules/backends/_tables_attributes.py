"""Attributes as HDF5 stores them, read and written by its own functions.

A type is looked at before a value is read, so that no attribute can run code, come back with a wrong value or
end the process: see `_tables_hdf5`.
"""

from __future__ import annotations

import ctypes
import math
import reprlib
import uuid
from contextlib import ExitStack

import numpy as np

from ._codec import RawValue
from ._driver import Array
from ._errors import AttributeValueError, UndecodableError
from ._raw_values import encoded, plain_text
from ._tables_hdf5 import (
    DEFAULT,
    HDF5,
    NUL,
    NULL_SPACE,
    SPACES,
    Hdf5Error,
    TypeClass,
    attribute_names,
    extent,
    held,
)
from ._tables_pickles import unpickled
from ._tables_types import new_space, numpy_type, stored_type, taken_texts

LARGEST_ATTRIBUTE = 65_000
"""How many bytes an attribute may take beside its text: HDF5 keeps it in one message of at most 64 KiB."""

ASCII = 0
"""What `H5Tget_cset` says of text that is not marked as UTF-8."""


def read_attribute(node: int, name: str) -> RawValue:
    """Return an attribute of an open object.

    Raises
    ------
    UndecodableError
        When its type is one that has no Python value, or that could only be read by running code.
    """
    with ExitStack() as stack:
        attribute = stack.enter_context(held(HDF5.H5Aopen(node, encoded(name), DEFAULT), HDF5.H5Aclose))
        stored = stack.enter_context(held(HDF5.H5Aget_type(attribute), HDF5.H5Tclose))
        space = stack.enter_context(held(HDF5.H5Aget_space(attribute), HDF5.H5Sclose))
        shape, _ = extent(space)
        if HDF5.H5Tget_class(stored) == TypeClass.STRING:
            if HDF5.H5Sget_simple_extent_type(space) == NULL_SPACE:
                return ""  # PyTables keeps an empty text without any room for it
            return _read_text(attribute, stored, space, shape)
        values: Array = np.empty(shape, numpy_type(stored))
        if values.dtype.kind not in "biufc":
            raise UndecodableError(f"it holds records ({values.dtype})")
        HDF5.H5Aread(attribute, stored, values.ctypes.data)
        scalar: RawValue = values[()]
        return values if shape else scalar


def _read_text(attribute: int, stored: int, space: int, shape: tuple[int, ...]) -> RawValue:
    if HDF5.H5Tis_variable_str(stored):
        pointers = (ctypes.c_char_p * max(math.prod(shape), 1))()
        HDF5.H5Aread(attribute, stored, pointers)
        texts = taken_texts(pointers, stored, space, shape)
        if shape and not all(isinstance(item, str) for item in texts.flat):
            raise UndecodableError("it holds text that is not UTF-8")
        return texts if shape else _unpickled(texts.item(), stored)
    values: Array = np.empty(shape, f"S{HDF5.H5Tget_size(stored)}")
    HDF5.H5Aread(attribute, stored, values.ctypes.data)
    padding = HDF5.H5Tget_strpad(stored)
    unpadded = np.array([_unpadded(item, padding) for item in values.flat], values.dtype).reshape(shape)
    return unpadded if shape else _unpickled(plain_text(bytes(unpadded[()])), stored)


def _unpadded(text: bytes, padding: int) -> bytes:
    if padding == NUL:  # anything may follow it
        return text.partition(b"\0")[0]
    return text.rstrip(b" ") if padding == SPACES else text


def _unpickled(text: str | bytes, stored: int) -> RawValue:
    if HDF5.H5Tget_cset(stored) != ASCII:  # PyTables writes text as UTF-8, pickles as ASCII
        return text
    value = unpickled(text.encode() if isinstance(text, str) else text)
    return text if value is None else value


def require_attribute_value(name: str, value: RawValue) -> None:
    """Refuse what an attribute cannot hold.

    Raises
    ------
    AttributeValueError
        When the name is none, or the value neither numbers nor text, text with a NUL or not Unicode, or too
        large.
    """
    if not name or not _is_text(name):
        raise AttributeValueError(f"{name!r} cannot be the name of an attribute.")
    values = _as_stored(value)
    size = values.nbytes
    if values.dtype.kind == "O":
        size = 16 * values.size if values.ndim else 0  # of each text, only where it is
        if bad := [item for item in values.flat if not _is_text(item)]:
            raise AttributeValueError(f"attribute {name!r}: {reprlib.repr(bad[0])} cannot be kept as text.")
    elif values.dtype.kind not in "biufcS":
        raise AttributeValueError(f"attribute {name!r}: {values.dtype} values cannot be kept.")
    if isinstance(value, bytes) and value.endswith(b"\0"):
        short = reprlib.repr(value)
        raise AttributeValueError(f"attribute {name!r}: the zeros at the end of {short} would be lost.")
    if size > LARGEST_ATTRIBUTE:
        raise AttributeValueError(
            f"attribute {name!r}: {size} bytes are too many (at most {LARGEST_ATTRIBUTE}); make it an array."
        )


def _is_text(value: object) -> bool:
    try:
        return isinstance(value, str) and b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def write_attribute(node: int, name: str, value: RawValue) -> None:
    """Write an attribute of an open object; one of that name is given up when the new one is there.

    Raises
    ------
    Hdf5Error
        When HDF5 does not take it; then the old one is still there.
    """
    final = encoded(name)
    is_new = not HDF5.H5Aexists(node, final)
    # As long as the name that it will get: a header may have room for the one and not for the other.
    created = final if is_new else uuid.uuid4().hex.encode().ljust(len(final), b"-")
    _create(node, created, _as_stored(value))
    if not is_new:
        HDF5.H5Adelete(node, final)
        HDF5.H5Arename(node, created, final)


def _create(node: int, name: bytes, values: Array) -> None:
    texts = [item.encode() for item in values.flat] if values.dtype.kind == "O" else []
    content = (ctypes.c_char_p * len(texts))(*texts) if texts else values.ctypes.data
    with ExitStack() as stack:
        stored = stack.enter_context(held(stored_type(values.dtype), HDF5.H5Tclose))
        space = stack.enter_context(held(new_space(values.shape), HDF5.H5Sclose))
        attribute = HDF5.H5Acreate2(node, name, stored, space, DEFAULT, DEFAULT)
        stack.enter_context(held(attribute, HDF5.H5Aclose))
        try:
            HDF5.H5Awrite(attribute, stored, content)
        except Hdf5Error:
            HDF5.H5Adelete(node, name)
            raise


def _as_stored(value: RawValue) -> Array:
    if isinstance(value, str) or (isinstance(value, np.ndarray) and value.dtype.kind == "U"):
        return np.asarray(value, object)
    return np.asarray(value, order="C")


def copy_attributes(source: int, target: int) -> None:
    """Give an object all attributes of another in the same file, of whatever type, that it has not yet."""
    for name in map(encoded, attribute_names(source)):
        if HDF5.H5Aexists(target, name):
            continue
        with ExitStack() as stack:
            old = stack.enter_context(held(HDF5.H5Aopen(source, name, DEFAULT), HDF5.H5Aclose))
            stored = stack.enter_context(held(HDF5.H5Aget_type(old), HDF5.H5Tclose))
            space = stack.enter_context(held(HDF5.H5Aget_space(old), HDF5.H5Sclose))
            content = ctypes.create_string_buffer(
                HDF5.H5Tget_size(stored) * max(math.prod(extent(space)[0]), 1)
            )
            HDF5.H5Aread(old, stored, content)
            new = HDF5.H5Acreate2(target, name, stored, space, DEFAULT, DEFAULT)
            stack.enter_context(held(new, HDF5.H5Aclose))
            HDF5.H5Awrite(new, stored, content)
            HDF5.H5Dvlen_reclaim(stored, space, DEFAULT, content)
