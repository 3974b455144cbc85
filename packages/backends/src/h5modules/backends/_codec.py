"""How a Python value becomes an HDF5 attribute, and comes back.

Strings, floats and numeric arrays are stored natively, so that any viewer shows them. What HDF5 would return
with another type is put into PyMoDAQ's envelope, the JSON text ``{"module": ..., "type": ..., "data":
spelling}``, which PyMoDAQ reads and which any program shows as text. The layout is described in
``docs/format.md``.
"""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias

import numpy as np

from ._errors import AttributeValueError, UndecodableError
from ._literal import parse_literal, spell

RawValue: TypeAlias = str | bytes | np.generic | np.ndarray[Any, Any]
"""What a driver stores and returns for an attribute: text, raw bytes, a numpy scalar or a numpy array."""

MAX_NUMERIC_BYTES = 60_000
"""Largest numeric array kept in an attribute: HDF5 limits an object header message to 64 KiB."""


def encode(value: Any) -> RawValue:
    """Return what to store for `value`.

    Parameters
    ----------
    value
        None, bool, int, float, complex, str, bytes, a date or a time, a tuple, list, set or dict of these, a
        numpy scalar, or a numpy array of numbers, booleans or strings. They come back equal and of the same
        type, but for text of numpy: `numpy.str_` comes back as str, and an array of text with the shortest
        dtype that holds it.

    Raises
    ------
    AttributeValueError
        When `value` is of another type, or an array too large for an attribute.

    Examples
    --------
    >>> encode('nm')
    'nm'
    >>> encode((10, 2))
    '{"module": "builtins", "type": "tuple", "data": "(10, 2)"}'
    """
    if isinstance(value, str):
        return _encode_text(str(value))
    if isinstance(value, np.ndarray) and value.ndim:
        return _encode_array(value)
    if type(value) is float:
        return np.float64(value)
    if type(value) is complex:
        return np.complex128(value)
    # Scalars are native too, but for those that float, complex and bytes are stored as.
    is_native = not isinstance(value, np.float64 | np.complex128 | np.bytes_)
    if isinstance(value, np.generic) and value.dtype.kind in "biufc" and is_native:
        return value
    return envelope(value)


def envelope(value: Any) -> str:
    """Return PyMoDAQ's JSON text for `value`.

    Raises
    ------
    AttributeValueError
        When `value` cannot be spelt so that it comes back the same.
    """
    kind = type(value)
    try:
        data = spell(value)
        if not same(parse_literal(data), value):
            raise UndecodableError("it would not come back the same")
    except (UndecodableError, RecursionError, ValueError) as error:
        raise AttributeValueError(
            f"a value of type {kind.__module__}.{kind.__qualname__} cannot be an attribute ({error}); "
            "give numbers, text, dates, numpy arrays, or tuples, lists, sets and dicts of plain values."
        ) from error
    return json.dumps({"module": kind.__module__, "type": kind.__name__, "data": data})


def decode(raw: RawValue) -> Any:
    """Return the value that `raw` stands for; no code in it is run.

    Raises
    ------
    UndecodableError
        When `raw` is an envelope around something that is not a plain value.

    Examples
    --------
    >>> decode('{"module": "builtins", "type": "float", "data": "3.5"}')
    3.5
    >>> decode('nm')
    'nm'
    """
    if isinstance(raw, str):
        return _decode_text(str(raw))
    if isinstance(raw, np.ndarray):
        return raw.astype(str) if raw.dtype.kind == "O" else raw
    if isinstance(raw, np.float64 | np.complex128):
        return raw.item()
    return raw


def _encode_text(text: str) -> str:
    if "\0" in text or _is_json(text) or not _is_unicode(text):
        # PyMoDAQ tries JSON on every text it reads: '1' would come back as a number. HDF5 ends a text at NUL.
        return envelope(text)
    return text


def _encode_array(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    kind = array.dtype.kind
    if kind == "U" or (kind == "O" and all(isinstance(item, str) for item in array.flat)):
        return array.astype(object)
    if kind not in "biufcS":
        raise AttributeValueError(
            f"an array of {array.dtype} cannot be an attribute; save it as an array of its own."
        )
    if array.nbytes > MAX_NUMERIC_BYTES:
        raise AttributeValueError(
            f"an array of {array.nbytes} bytes is too large for an attribute (at most {MAX_NUMERIC_BYTES}); "
            "save it as an array of its own."
        )
    return array


def _decode_text(text: str) -> Any:
    if not text.lstrip().startswith("{"):
        return text
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not (isinstance(content, dict) and isinstance(content.get("data"), str) and "type" in content):
        return text
    return parse_literal(content["data"])


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def same(left: Any, right: Any) -> bool:
    """Tell whether two attribute values are equal and of the same type; NaN equals NaN.

    Examples
    --------
    >>> same(1, 1.0), same((1, float('nan')), (1, float('nan')))
    (False, True)
    """
    if type(left) is not type(right):
        return False
    if isinstance(left, np.ndarray):
        return bool(left.dtype == right.dtype and left.shape == right.shape and _equal_items(left, right))
    if isinstance(left, float | np.floating) and math.isnan(left):
        return math.isnan(right)
    if isinstance(left, complex | np.complexfloating):
        return same(left.real, right.real) and same(left.imag, right.imag)
    if isinstance(left, tuple | list):
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if isinstance(left, dict):
        return same(list(left.items()), list(right.items()))
    return bool(left == right)


def _equal_items(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> bool:
    return np.array_equal(left, right, equal_nan=left.dtype.kind in "fc")
