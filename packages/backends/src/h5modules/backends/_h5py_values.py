"""What HDF5's types mean in numpy, where h5py leaves it open."""

from __future__ import annotations

import reprlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5s, h5t, h5z

from ._array_spec import STORABLE_KINDS
from ._codec import RawValue
from ._driver import Array, NodeKind
from ._errors import UndecodableError
from ._filters import filter_problem, load_plugins
from ._raw_values import decoded, encoded, plain_text
from ._selection import Block

_CHECKSUM_BYTES = 4

_TEXTS = {h5t.CSET_ASCII: h5py.string_dtype("ascii"), h5t.CSET_UTF8: h5py.string_dtype("utf-8")}

_PROBLEMS = {
    h5t.TypeReferenceID: "it holds references to other nodes, not values",
    h5t.TypeOpaqueID: "it holds bytes of unknown meaning (HDF5's opaque type)",
    h5t.TypeArrayID: "each of its values is an array",
}


def key(name: str) -> str | bytes:
    """Return a name as h5py finds it: one that is not UTF-8 came to us with its bytes as surrogates."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return encoded(name)
    return name


def text(name: str | bytes) -> str:
    """Return a name that h5py gave as text; h5py leaves those that are not UTF-8 as bytes."""
    return name if isinstance(name, str) else decoded(name)


@dataclass(frozen=True, slots=True)
class Layout:
    """A dataset as it is to be seen: of which kind, with numpy's shape and dtype; or why it cannot be."""

    dataset: Any
    kind: NodeKind
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    problem: str = ""

    def read_block(self, block: Block) -> Array:
        """Read a block, as `read_selected` asks for it."""
        values: Array = np.asarray(self.dataset[block])
        if self.kind is NodeKind.VLARRAY:
            return _objects([self._row(row) for row in values.flat], values.shape)
        if self.dtype.kind == "O":
            return _objects([_as_text(item) for item in values.flat], values.shape)
        return values.astype(self.dtype, copy=False)

    def _row(self, row: Array) -> Array:
        if not self.dtype.isnative and _loses_order(self.dtype):
            return row.view(self.dtype)
        return row.astype(self.dtype, copy=False)

    def write_block(self, block: Block, values: Array) -> None:
        """Write a block, as `write_selected` asks for it; our dtype is laid out as the type of the file."""
        space = self.dataset.id.get_space()
        memory = h5s.create_simple(values.shape) if block else h5s.create(h5s.SCALAR)
        if block:
            starts, steps = tuple(part.start for part in block), tuple(part.step for part in block)
            space.select_hyperslab(starts, values.shape, steps)
        self.dataset.id.write(memory, space, values, self.dataset.id.get_type())


@cache
def _loses_order(dtype: np.dtype[Any]) -> bool:
    """Tell whether h5py, as 3.16 does, gives the bytes of rows as they are stored and calls them native."""
    with h5py.File("rows", "w", driver="core", backing_store=False) as file:
        rows = file.create_dataset("rows", shape=(1,), dtype=h5py.vlen_dtype(dtype))
        rows[0] = np.ones(1, dtype)
        return not np.array_equal(rows[0], np.ones(1))


def layout(dataset: h5py.Dataset) -> Layout:
    """Return how a dataset is to be seen."""
    stored = dataset.id.get_type()
    shape = dataset.shape if dataset.shape is not None else (0,)
    if problem := _type_problem(stored) or _filter_problem(dataset):
        return Layout(dataset, NodeKind.UNREADABLE, shape, np.dtype(np.void), problem)
    is_ragged = isinstance(stored, h5t.TypeVlenID)
    if is_ragged and len(shape) != 1:
        problem = f"its rows, each of its own length, lie in {len(shape)} dimensions"
        return Layout(dataset, NodeKind.UNREADABLE, shape, np.dtype(np.void), problem)
    dtype = _numpy_type(stored.get_super() if is_ragged else stored)
    if is_ragged:
        return Layout(dataset, NodeKind.VLARRAY, shape, dtype)
    grows = bool(dataset.shape) and dataset.maxshape[0] is None
    return Layout(dataset, NodeKind.EARRAY if grows else NodeKind.CARRAY, shape, dtype)


def _numpy_type(stored: h5t.TypeID) -> np.dtype[Any]:
    # PyTables keeps booleans as bit fields of 8 bits.
    return np.dtype(bool) if isinstance(stored, h5t.TypeBitfieldID) else np.dtype(stored.dtype)


def _type_problem(stored: h5t.TypeID) -> str:
    try:
        dtype = np.dtype(stored.dtype)
    except (TypeError, ValueError) as error:
        return f"numpy has no such type: {error}"
    if isinstance(stored, h5t.TypeVlenID):
        row = stored.get_super()
        is_number = row.dtype.kind in STORABLE_KINDS and not _is_free_text(row)
        return _type_problem(row) if is_number else "its rows hold more than numbers"
    if isinstance(stored, h5t.TypeBitfieldID) and stored.get_size() > 1:
        return f"it holds fields of {8 * stored.get_size()} bits"
    if isinstance(stored, h5t.TypeCompoundID) and dtype.kind == "V":
        fields = [stored.get_member_type(number) for number in range(stored.get_nmembers())]
        return next(filter(None, map(_field_problem, fields)), "")
    return _PROBLEMS.get(type(stored), "")


def _field_problem(stored: h5t.TypeID) -> str:
    if isinstance(stored, h5t.TypeArrayID):
        return _field_problem(stored.get_super())
    if isinstance(stored, h5t.TypeVlenID) or _is_free_text(stored):
        return "one of its fields is of variable length"
    return _type_problem(stored)


def _is_free_text(stored: h5t.TypeID) -> bool:
    return isinstance(stored, h5t.TypeStringID) and bool(stored.is_variable_str())


def filters(dataset: h5py.Dataset) -> list[tuple[int, tuple[int, ...], str]]:
    """Return number, parameters and name of each filter of a dataset."""
    dcpl = dataset.id.get_create_plist()
    found = [dcpl.get_filter(index) for index in range(dcpl.get_nfilters())]
    return [(number, parameters, name.decode(errors="replace")) for number, _, parameters, name in found]


def require_checksums(dataset: h5py.Dataset) -> None:
    """Refuse an array with chunks too short for their checksum: HDF5 would read before them, and crash.

    Raises
    ------
    OSError
        When there is one.
    """
    shortest = dataset.id.chunk_iter(lambda chunk: chunk if chunk.size < _CHECKSUM_BYTES else None)
    if shortest is not None:
        raise OSError(f"the chunk at {shortest.chunk_offset} has lost its checksum")


def _filter_problem(dataset: h5py.Dataset) -> str:
    for number, _, name in filters(dataset):
        if not h5z.filter_avail(number) and not (load_plugins() and h5z.filter_avail(number)):
            return filter_problem(number, name)
    return ""


def _objects(items: list[Any], shape: tuple[int, ...]) -> Array:
    held: Array = np.empty(len(items), object)
    for place, item in enumerate(items):
        held[place] = item
    return held.reshape(shape)


def _as_text(value: str | bytes) -> str | bytes:
    # h5py decodes text of variable length, and hides what is not UTF-8 in surrogates.
    return plain_text(value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value))


def _read_text(held: h5a.AttrID, stored: h5t.TypeStringID) -> bytes:
    """Return a single text, as h5py would in three times the time: most attributes are one."""
    dtype = _TEXTS.get(stored.get_cset())
    value: Array = np.empty((), held.dtype if dtype is None else dtype)
    held.read(value)
    return bytes(value[()])


def read_attribute(attributes: h5py.AttributeManager, name: str, where: str) -> RawValue:
    """Return the attribute `name` as `Driver.read_attribute` tells; `where` is the node in messages."""
    held = attributes.get_id(key(name))
    stored = held.get_type()
    is_text = _is_free_text(stored) and held.shape == ()
    # Refused before it is read: in a damaged file HDF5 can crash on reading rows.
    if isinstance(stored, h5t.TypeVlenID | h5t.TypeCompoundID) and stored.dtype.kind != "c":
        raise UndecodableError(
            f"attribute {name!r} of {where} holds rows or records, which have no Python value."
        )
    if not is_text and (problem := _type_problem(stored)):
        raise UndecodableError(f"attribute {name!r} of {where} has no Python value: {problem}.")
    try:
        value = _read_text(held, stored) if is_text else attributes[key(name)]
    except (OSError, TypeError, ValueError, RuntimeError) as error:
        raise UndecodableError(
            f"attribute {name!r} of {where} is of a type that cannot be read: {error}"
        ) from error
    if isinstance(value, h5py.Empty):
        # PyTables keeps an empty text without any room for it.
        return "" if value.dtype.kind in "SO" else np.empty((0,), value.dtype)
    if isinstance(value, str | bytes):  # a text of fixed length comes as numpy's bytes
        return _as_text(value)
    if isinstance(stored, h5t.TypeBitfieldID) and stored.get_size() == 1:
        return np.asarray(value).astype(bool)[()]
    if isinstance(value, np.generic | np.ndarray) and value.dtype.kind in "biufcS":
        return value
    if isinstance(value, np.ndarray) and _is_free_text(stored):
        items = [_as_text(item) for item in value.flat]
        if all(isinstance(item, str) for item in items):
            return _objects(items, value.shape)
    raise UndecodableError(f"attribute {name!r} of {where} has no Python value: {reprlib.repr(value)}.")


def prepared_attribute(value: str | bytes | Array) -> tuple[Any, Any]:
    """Return data and type to give to h5py for the value of an attribute."""
    if isinstance(value, bytes):  # h5py would make text of variable length of it, which ends at a zero
        return np.array(value), np.dtype(("S", max(len(value), 1)))
    is_text = isinstance(value, str) or value.dtype.kind == "O"
    return value, h5py.string_dtype() if is_text else None
