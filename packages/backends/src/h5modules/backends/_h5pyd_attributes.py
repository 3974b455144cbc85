"""Attributes as HSDS takes and gives them in JSON."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._array_spec import STORABLE_KINDS
from ._codec import RawValue
from ._driver import Array
from ._errors import UndecodableError
from ._h5pyd_types import TEXT, UnknownTypeError, dtype_of, is_free_text, type_of
from ._raw_values import plain_text


def encode_attribute(value: str | bytes | Array) -> tuple[dict[str, Any], bytes | None]:
    """Return an attribute, checked by `checked_attribute`, as the server takes it.

    Returns
    -------
    The attribute in JSON; and bytes that have to be written by a second request, because they are not UTF-8:
    given at once, the server would keep the attribute without them, and fail from then on to read the node.

    Examples
    --------
    >>> encode_attribute(np.array([1, 2], 'u1'))[0]['value']
    'AQI='
    """
    if isinstance(value, str):
        return {"type": TEXT, "value": value}, None
    array = np.asarray(value if isinstance(value, np.ndarray) or value else b"\0", order="C")
    if array.dtype.kind == "O":
        return _shaped(TEXT, array.shape, array.tolist()), None
    kind = type_of(array.dtype)
    if not array.size:
        # Encoded as below, the server would keep nothing, and fail from then on to read the node.
        return _shaped(kind, array.shape, []), None
    if array.dtype.kind == "S" and any(
        isinstance(plain_text(text), bytes) for text in array.ravel().tolist()
    ):
        return _shaped(kind, array.shape, None), array.tobytes()
    return {
        **_shaped(kind, array.shape, base64.b64encode(array.tobytes()).decode()),
        "encoding": "base64",
    }, None


def _shaped(kind: Mapping[str, Any], shape: tuple[int, ...], value: Any) -> dict[str, Any]:
    item: dict[str, Any] = {"type": kind}
    if shape:
        item["shape"] = list(shape)
    return item if value is None else {**item, "value": value}


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
        return plain_text(bytes(array[()]))
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


def _array(found: Mapping[str, Any], dtype: np.dtype[Any], shape: tuple[int, ...]) -> Array:
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
    held: Array = np.empty(int(np.prod(shape)), object)
    for place, item in enumerate(itertools.islice(itertools.chain(items, itertools.repeat("")), held.size)):
        held[place] = item
    return held.reshape(shape)


def _leaves(value: Any) -> list[Any]:
    if not isinstance(value, list):
        return [value]
    return [leaf for item in value for leaf in _leaves(item)]
