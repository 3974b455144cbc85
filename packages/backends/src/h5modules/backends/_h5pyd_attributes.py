"""Attributes as HSDS takes and gives them in JSON."""

from __future__ import annotations

import base64
import itertools
import reprlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._codec import RawValue
from ._driver import STORABLE_KINDS
from ._errors import AttributeValueError, UndecodableError
from ._h5pyd_types import TEXT, UnknownTypeError, dtype_of, is_free_text, type_of


def encode_attribute(name: str, value: RawValue) -> tuple[dict[str, Any], bytes | None]:
    """Return an attribute as the server takes it.

    Returns
    -------
    The attribute in JSON; and bytes that have to be written by a second request, because they are not UTF-8:
    given at once, the server would keep the attribute without them, and fail from then on to read the node.

    Raises
    ------
    AttributeValueError
        When name or value cannot be kept.
    """
    if not name or "\0" in name or not _is_unicode(name):
        raise AttributeValueError(f"{name!r} cannot be the name of an attribute.")
    if isinstance(value, str):
        return {"type": TEXT, "value": _text(name, value)}, None
    if isinstance(value, bytes) and value.endswith(b"\0"):
        shown = reprlib.repr(value)
        raise AttributeValueError(f"attribute {name!r}: the zeros at the end of {shown} would be lost.")
    array = np.asarray(value)
    if array.dtype.kind in "OU":
        texts = np.asarray([_text(name, item) for item in array.ravel().tolist()], object)
        return _shaped({"type": TEXT}, array.shape, texts.reshape(array.shape).tolist()), None
    if array.dtype.kind not in STORABLE_KINDS:
        raise AttributeValueError(f"attribute {name!r}: {array.dtype} values cannot be kept in an attribute.")
    if array.dtype.kind == "S" and not array.dtype.itemsize:
        array = array.astype("S1")
    return _encode_array(np.ascontiguousarray(array).reshape(array.shape))


def _encode_array(array: np.ndarray[Any, Any]) -> tuple[dict[str, Any], bytes | None]:
    item = _shaped({"type": type_of(array.dtype)}, array.shape, None)
    stored = array.tobytes()
    if not array.size:
        return (
            item,
            None,
        )  # and no value: of an encoded empty one, the server keeps an attribute it cannot read
    if array.dtype.kind == "S" and not all(_is_utf8(text) for text in array.ravel().tolist()):
        return item, stored
    return {**item, "value": base64.b64encode(stored).decode(), "encoding": "base64"}, None


def _shaped(item: dict[str, Any], shape: tuple[int, ...], value: Any) -> dict[str, Any]:
    space: dict[str, Any] = {"shape": list(shape)} if shape else {}
    return {**item, **space, **({} if value is None else {"value": value})}


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or "\0" in value or not _is_unicode(value):
        raise AttributeValueError(f"attribute {name!r}: {reprlib.repr(value)} cannot be kept as text.")
    return str(value)


def decode_attribute(found: Mapping[str, Any], where: str) -> RawValue:
    """Return the value of an attribute that the server gave.

    Parameters
    ----------
    found
        The attribute in JSON, with its type, shape and value.
    where
        What the attribute is called in a message.

    Raises
    ------
    UndecodableError
        When its type is one that has no Python value.
    """
    kind, space, value = found["type"], found["shape"], found.get("value")
    if space["class"] == "H5S_NULL":
        return "" if kind.get("class") == "H5T_STRING" else np.empty((0,), _dtype(kind, where))
    shape = tuple(space.get("dims", ())) if space["class"] == "H5S_SIMPLE" else ()
    if is_free_text(kind):
        return _texts(value, shape, where)
    dtype = _dtype(kind, where)
    try:
        array = _array(found, dtype, shape)
    except (TypeError, ValueError, OverflowError) as error:
        raise UndecodableError(f"{where} does not hold what its type says: {error}.") from error
    if array.dtype.kind == "S" and not shape:
        stored = bytes(array[()])
        return stored.decode() if _is_utf8(stored) else stored
    scalar_or_array: RawValue = array if shape else array[()]
    return scalar_or_array


def _dtype(kind: Mapping[str, Any], where: str) -> np.dtype[Any]:
    try:
        dtype = dtype_of(kind)
    except UnknownTypeError as error:
        raise UndecodableError(f"{where} has no Python value: {error}.") from error
    if dtype.kind not in STORABLE_KINDS or dtype.shape:
        raise UndecodableError(f"{where} has no Python value: it is of the type {dtype}.")
    return dtype


def _array(found: Mapping[str, Any], dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    value = found.get("value")
    if value is None:
        return np.zeros(shape, dtype)
    if found.get("encoding") == "base64":
        return np.frombuffer(base64.b64decode(value), dtype).reshape(shape).copy()
    if dtype.kind == "c":
        parts = np.asarray(value, dtype.str.replace("c", "f")[:2] + str(dtype.itemsize // 2))
        return np.ascontiguousarray(parts).view(dtype).reshape(shape)
    if dtype.kind == "S":
        items = [str(item).encode() for item in _leaves(value)]
        return np.asarray(items, dtype).reshape(shape)
    return np.asarray(value, dtype).reshape(shape)


def _texts(value: Any, shape: tuple[int, ...], where: str) -> RawValue:
    items = [item or "" for item in _leaves(value)]
    if not all(isinstance(item, str) for item in items):
        raise UndecodableError(f"{where} holds something else than text.")
    if not shape:
        return str(items[0]) if items else ""
    held: np.ndarray[Any, Any] = np.empty(int(np.prod(shape)), object)
    for place, item in enumerate(itertools.islice(itertools.chain(items, itertools.repeat("")), held.size)):
        held[place] = item
    return held.reshape(shape)


def _leaves(value: Any) -> list[Any]:
    if not isinstance(value, list):
        return [value]
    return [leaf for item in value for leaf in _leaves(item)]


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_utf8(stored: bytes) -> bool:
    try:
        stored.decode()
    except UnicodeDecodeError:
        return False
    return True
