"""HDF5 types as HSDS spells them in JSON, and what they are in numpy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from ._array_spec import STORABLE_KINDS
from ._compression import HDF5PLUGIN_FILTERS, Compression
from ._driver import NodeKind

TypeJson: TypeAlias = Mapping[str, Any]

TEXT: TypeJson = {
    "class": "H5T_STRING",
    "charSet": "H5T_CSET_UTF8",
    "strPad": "H5T_STR_NULLTERM",
    "length": "H5T_VARIABLE",
}
"""A text of any length."""

CHUNK_BYTES = 2**20
"""What a chunk takes at most, where nothing else is asked for: the server writes it anew for each change."""

GROWING_CHUNK_BYTES = 2**18
"""The same for an array that grows: its last chunk is stored whole, however few rows are in it."""

_ORDERS = {"<": "LE", ">": "BE", "|": "LE"}
_FILTER_NAMES = {"H5Z_FILTER_DEFLATE": "deflate", "H5Z_FILTER_SHUFFLE": "shuffle"}
_PROBLEMS = {
    "H5T_REFERENCE": "it holds references to other nodes, not values",
    "H5T_OPAQUE": "it holds bytes of unknown meaning (HDF5's opaque type)",
    "H5T_TIME": "it holds times of a type that HDF5 gave up",
    "H5T_BITFIELD": "it holds bit fields",
    "H5T_ARRAY": "each of its values is an array",
}


class UnknownTypeError(Exception):
    """A type has no counterpart in numpy; never leaves the adapter."""


def type_of(dtype: np.dtype[Any]) -> dict[str, Any]:
    """Return how HSDS spells a dtype: integers, floats, complex, bool, or bytes of a fixed length.

    Examples
    --------
    >>> type_of(np.dtype('>f4'))
    {'class': 'H5T_FLOAT', 'base': 'H5T_IEEE_F32BE'}
    """
    order = _ORDERS[dtype.str[0]]
    match dtype.kind:
        case "b":
            base = {"class": "H5T_INTEGER", "base": "H5T_STD_I8LE"}
            return {"class": "H5T_ENUM", "base": base, "mapping": {"FALSE": 0, "TRUE": 1}}
        case "i" | "u":
            name = f"H5T_STD_{dtype.kind.upper()}{8 * dtype.itemsize}{order}"
            return {"class": "H5T_INTEGER", "base": name}
        case "f":
            return {"class": "H5T_FLOAT", "base": f"H5T_IEEE_F{8 * dtype.itemsize}{order}"}
        case "c":
            part = {"class": "H5T_FLOAT", "base": f"H5T_IEEE_F{4 * dtype.itemsize}{order}"}
            return {
                "class": "H5T_COMPOUND",
                "fields": [{"name": "r", "type": part}, {"name": "i", "type": part}],
            }
    padding = {"charSet": "H5T_CSET_ASCII", "strPad": "H5T_STR_NULLPAD"}
    return {"class": "H5T_STRING", "length": dtype.itemsize, **padding}


def dtype_of(kind: TypeJson) -> np.dtype[Any]:
    """Return what a type of fixed length is in numpy.

    Raises
    ------
    UnknownTypeError
        When it is nothing that an array here can hold; the message says what it is.

    Examples
    --------
    >>> dtype_of(type_of(np.dtype('c8')))
    dtype('complex64')
    """
    match kind:
        case {"class": "H5T_INTEGER" | "H5T_FLOAT", "base": str(base)}:
            return _number(base)
        case {"class": "H5T_ENUM", "base": base}:
            mapping = kind.get("mapping") or kind.get("members")
            number = _number(base["base"] if isinstance(base, Mapping) else str(base))
            is_bool = mapping == {"FALSE": 0, "TRUE": 1} and number.itemsize == 1
            return np.dtype(bool) if is_bool else number
        case {"class": "H5T_STRING", "length": int(length)}:
            return np.dtype(f"S{length}")
        case {"class": "H5T_COMPOUND", "fields": fields}:
            return _compound(fields)
        case {"class": "H5T_ARRAY", "base": base, "dims": dims}:
            inner = dtype_of(base if isinstance(base, Mapping) else {"class": "H5T_INTEGER", "base": base})
            return np.dtype((inner, tuple(dims)))
    raise UnknownTypeError(
        _PROBLEMS.get(str(kind.get("class")), f"numpy has no such type ({kind.get('class')})")
    )


def _number(base: str) -> np.dtype[Any]:
    family, _, rest = base.removeprefix("H5T_").partition("_")
    order = ">" if rest.endswith("BE") else "<"
    letter, bits = rest[:1], rest[1:-2]
    if family in ("STD", "IEEE") and letter in "IUF" and bits in ("8", "16", "32", "64"):
        return np.dtype(f"{order}{letter.lower()}{int(bits) // 8}")
    raise UnknownTypeError(f"numpy has no such number ({base})")


def _compound(fields: Any) -> np.dtype[Any]:
    parts = [(str(field["name"]), dtype_of(field["type"])) for field in fields]
    names = [name for name, _ in parts]
    first = parts[0][1]
    if names == ["r", "i"] and first == parts[1][1] and first.kind == "f" and first.itemsize > 2:
        return np.dtype(f"{first.str[0]}c{2 * first.itemsize}")
    return np.dtype(parts)


def is_free_text(kind: TypeJson) -> bool:
    """Tell whether a type is a text of any length."""
    return kind.get("class") == "H5T_STRING" and kind.get("length") == "H5T_VARIABLE"


@dataclass(frozen=True, slots=True)
class Dataset:
    """A dataset as the server describes it, and what it is to us; nothing in it changes but the shape.

    Attributes
    ----------
    id
        Its identifier.
    kind
        What it is; `NodeKind.UNREADABLE` when it has a `problem`.
    dtype
        Of one value; of a value in a row, when it is ragged; object, when it holds texts.
    shape
        As it was when asked for.
    may_grow
        Whether the shape has to be asked for again.
    chunks
        The shape of a chunk, None when it is in one piece.
    filters
        As the server lists them.
    fill
        The fill value as the server gives it, None when nobody chose one.
    problem
        Why it cannot be shown.
    """

    id: str
    kind: NodeKind
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    may_grow: bool = False
    chunks: tuple[int, ...] | None = None
    filters: tuple[TypeJson, ...] = ()
    fill: Any = None
    problem: str = ""

    @property
    def is_text(self) -> bool:
        """Whether it holds texts of any length."""
        return self.dtype.kind == "O"

    @property
    def filter_names(self) -> tuple[str, ...]:
        """The names of the filters, as HDF5 calls them."""
        found = [(str(each.get("class", "")), each.get("name")) for each in self.filters]
        return tuple(str(name or _FILTER_NAMES.get(kind, kind)) for kind, name in found)

    @property
    def compression(self) -> Compression | None:
        """The compression, None where there is none or one unknown here."""
        names = {str(each.get("class", "")): each for each in self.filters}
        has_shuffle = names.pop("H5Z_FILTER_SHUFFLE", None) is not None
        names.pop("H5Z_FILTER_FLETCHER32", None)
        if len(names) != 1:
            return None
        ((kind, found),) = names.items()
        name = {"DEFLATE": "gzip", "BITSHUFFLE": "bitshuffle", "LZ4": "lz4", "ZSTD": "zstd"}.get(kind[11:])
        if name is None:
            return None
        level = found.get("level")
        return Compression(
            name, int(level) if level is not None else 4, shuffle=has_shuffle or name == "bitshuffle"
        )

    @property
    def fill_value(self) -> Any:
        """The fill value as a numpy scalar, None where nobody chose one."""
        if self.fill is None or self.dtype.kind not in STORABLE_KINDS or self.kind is NodeKind.VLARRAY:
            return None
        return fill_from_json(self.fill, self.dtype)


def parse_dataset(found: Mapping[str, Any]) -> Dataset:
    """Return what the JSON of a dataset says."""
    space = found["shape"]
    shape = () if space["class"] == "H5S_SCALAR" else tuple(space.get("dims", (0,)))
    limits = space.get("maxdims")
    properties = found.get("creationProperties", {})
    layout = properties.get("layout") or found.get("layout") or {}
    is_chunked = "CHUNKED" in str(layout.get("class", "")) and shape
    kind, dtype, problem = _kind(
        found["type"], shape, grows=bool(limits) and limits[0] in (0, "H5S_UNLIMITED")
    )
    return Dataset(
        id=str(found["id"]),
        kind=kind,
        dtype=dtype,
        shape=tuple(int(length) for length in shape),
        may_grow=limits is not None,
        chunks=tuple(int(length) for length in layout.get("dims", ())) or None if is_chunked else None,
        filters=tuple(properties.get("filters") or ()),
        fill=properties.get("fillValue"),
        problem=problem,
    )


def _kind(kind: TypeJson, shape: tuple[int, ...], *, grows: bool) -> tuple[NodeKind, np.dtype[Any], str]:
    unknown = np.dtype(np.void)
    if is_free_text(kind):
        return (NodeKind.EARRAY if grows else NodeKind.CARRAY), np.dtype(object), ""
    try:
        if kind.get("class") == "H5T_VLEN":
            row = kind["base"]
            dtype = dtype_of(row) if isinstance(row, Mapping) else _number(str(row))
            if dtype.kind not in STORABLE_KINDS:
                return NodeKind.UNREADABLE, unknown, "its rows hold more than numbers"
            if len(shape) != 1:
                problem = f"its rows, each of its own length, lie in {len(shape)} dimensions"
                return NodeKind.UNREADABLE, unknown, problem
            return NodeKind.VLARRAY, dtype, ""
        if kind.get("class") == "H5T_ARRAY":
            raise UnknownTypeError(_PROBLEMS["H5T_ARRAY"])
        dtype = dtype_of(kind)
    except UnknownTypeError as error:
        return NodeKind.UNREADABLE, unknown, str(error)
    return (NodeKind.EARRAY if grows else NodeKind.CARRAY), dtype, ""


def fill_to_json(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return a fill value of a dtype as the server takes it."""
    scalar = np.asarray(value, dtype).item()
    if isinstance(scalar, complex):
        return [scalar.real, scalar.imag]
    return scalar.decode() if isinstance(scalar, bytes) else scalar


def fill_from_json(value: Any, dtype: np.dtype[Any]) -> Any:
    """Return a fill value that the server gave as a numpy scalar; None when it does not go with the dtype."""
    try:
        if dtype.kind == "c":
            return dtype.type(complex(*value))
        return np.asarray(value, dtype)[()]
    except (TypeError, ValueError):
        return None


def filters_of(compression: Compression | None) -> list[dict[str, Any]]:
    """Return the filters that pack values in that way, as the server takes them."""
    if compression is None or compression.level == 0:
        return []
    if compression.name == "gzip":
        packing = {"class": "H5Z_FILTER_DEFLATE", "id": 1, "name": "deflate", "level": compression.level}
    else:
        number = HDF5PLUGIN_FILTERS[compression.name]
        kind = f"H5Z_FILTER_{compression.name.upper()}"
        packing = {
            "class": kind,
            "id": number,
            "name": compression.name,
        }  # the server takes no level for these
    if compression.name == "bitshuffle" or not compression.shuffle:
        return [packing]
    return [{"class": "H5Z_FILTER_SHUFFLE", "id": 2, "name": "shuffle"}, packing]


def chunk_shape(shape: tuple[int, ...], itemsize: int, *, enlargeable: bool) -> tuple[int, ...]:
    """Return the shape of the chunks for an array for which none is asked for.

    The last dimensions stay whole as far as a chunk takes them, so that a point, which is what is written at
    once, lies in few chunks.

    Examples
    --------
    >>> chunk_shape((1000, 128, 128), 8, enlargeable=False)
    (8, 128, 128)
    >>> chunk_shape((0, 1024), 8, enlargeable=True)
    (32, 1024)
    """
    room = (GROWING_CHUNK_BYTES if enlargeable else CHUNK_BYTES) // itemsize
    parts: list[int] = []
    for axis in reversed(range(len(shape))):
        limit = room if enlargeable and axis == 0 else shape[axis]
        parts.insert(0, max(1, min(limit, room)))
        room //= parts[0]
    return tuple(parts)
