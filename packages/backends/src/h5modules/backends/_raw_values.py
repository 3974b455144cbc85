"""Attributes on their way into a file: what every library has to refuse, and the form of the rest."""

from __future__ import annotations

import reprlib

import numpy as np

from ._abilities import Abilities
from ._array_spec import STORABLE_KINDS
from ._codec import RawValue
from ._driver import Array
from ._errors import AttributeValueError, UnsupportedError

LARGEST_ATTRIBUTE = 65_000
"""How many bytes the values of an attribute may take: HDF5 keeps them in one message of at most 64 KiB."""

_REFERENCE_BYTES = 16
"""What a text in an array of texts takes there: the text itself lies elsewhere."""


def checked_attribute(name: str, value: RawValue, abilities: Abilities) -> str | bytes | Array:
    """Return the value of an attribute as text, bytes, or an array of numbers, bytes, or `str` objects.

    Parameters
    ----------
    name, value
        The attribute.
    abilities
        What the library can do.

    Raises
    ------
    AttributeValueError
        When HDF5 cannot hold the name or the value.
    UnsupportedError
        When the library cannot.

    Examples
    --------
    >>> checked_attribute('units', np.array(['nm', 's']), Abilities())
    array(['nm', 's'], dtype=object)
    """
    if not is_storable_name(name):
        raise AttributeValueError(f"{name!r} cannot be the name of an attribute.")
    if isinstance(value, str):
        return _checked_text(name, value, abilities)
    if isinstance(value, bytes):
        return _checked_bytes(name, bytes(value), abilities)
    array = np.asarray(value)
    if array.dtype.kind in "OU":
        array = array.astype(object)
        for item in array.flat:
            _checked_text(name, item, abilities)
    elif array.dtype.kind not in STORABLE_KINDS or not array.dtype.itemsize:
        raise AttributeValueError(f"attribute {name!r}: {array.dtype} values cannot be kept in an attribute.")
    size = array.size * _REFERENCE_BYTES if array.dtype.kind == "O" else array.nbytes
    if size > LARGEST_ATTRIBUTE:
        raise AttributeValueError(
            f"attribute {name!r}: {size} bytes are too many (at most {LARGEST_ATTRIBUTE}); save an array."
        )
    return array


def is_storable_name(name: str) -> bool:
    """Tell whether HDF5 can hold that name."""
    return bool(name) and "\0" not in name and _is_unicode(name)


def plain_text(stored: bytes) -> str | bytes:
    r"""Return stored text as str, as bytes where it is not UTF-8.

    Examples
    --------
    >>> plain_text(b'nm'), plain_text(bytes([255]))
    ('nm', b'\xff')
    """
    try:
        return stored.decode()
    except UnicodeDecodeError:
        return stored


def _checked_text(name: str, value: object, abilities: Abilities) -> str:
    if not isinstance(value, str) or "\0" in value or not _is_unicode(value):
        raise AttributeValueError(f"attribute {name!r}: {reprlib.repr(value)} cannot be kept as text.")
    limit = abilities.largest_text
    if limit is not None and (size := len(value.encode())) > limit:
        raise UnsupportedError(f"attribute {name!r}: its text of {size} bytes is too long (at most {limit}).")
    return str(value)


def _checked_bytes(name: str, value: bytes, abilities: Abilities) -> bytes:
    if value.endswith(b"\0"):
        raise AttributeValueError(
            f"attribute {name!r}: the zeros at the end of {reprlib.repr(value)} would be lost."
        )
    if not abilities.raw_bytes and isinstance(plain_text(value), bytes):
        raise UnsupportedError(f"attribute {name!r}: {reprlib.repr(value)} is not UTF-8 text.")
    if len(value) > LARGEST_ATTRIBUTE:
        raise AttributeValueError(f"attribute {name!r}: {len(value)} bytes are too many.")
    return value


def _is_unicode(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def encoded(name: str) -> bytes:
    """Return a name as HDF5 takes it; a name that is not UTF-8 came in by `decoded`."""
    try:
        return name.encode(errors="surrogateescape")
    except UnicodeEncodeError:  # no name of a file: nothing will be found by it
        return name.encode(errors="surrogatepass")


def decoded(name: bytes) -> str:
    """Return a name of HDF5 as text, from which `encoded` makes the same name."""
    return name.decode(errors="surrogateescape")
