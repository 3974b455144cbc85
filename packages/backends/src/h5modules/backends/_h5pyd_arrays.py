"""Arrays of a domain: making, describing, reading and writing them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ._abilities import EXTENDED_FLOATS, Abilities
from ._array_spec import ArrayInfo, ArraySpec, require_storable
from ._compression import Compression
from ._driver import Array, NodeKind, Selection
from ._errors import ArrayShapeError, NodeError, UnsupportedError
from ._h5pyd_changes import Changes
from ._h5pyd_http import Server
from ._h5pyd_tree import Tree, item
from ._h5pyd_types import Dataset, chunk_shape, fill_to_json, filters_of, type_of
from ._h5pyd_values import Growth, PointWriter, RowAppender, Values
from ._selection import read_selected, row_positions, write_selected
from ._values import fit_values

ROWS_PER_CHUNK = 32
"""Rows of differing length in a chunk: many make appending slow, as the server packs the whole chunk anew."""

SMALL_BYTES = 4096
"""Values of no more than this are sent along with the array's description."""

COMPRESSORS = {"gzip": {"gzip", "deflate"}, "bitshuffle": {"lz4"}, "lz4": {"lz4"}, "zstd": {"zstd"}}
"""What a server has to know for each compression."""


class Arrays:
    """The arrays of one domain.

    Parameters
    ----------
    server, tree, changes
        The domain.
    abilities
        What can be done on any server.
    compressors
        What this server says it can pack values with.
    """

    def __init__(
        self,
        server: Server,
        tree: Tree,
        changes: Changes,
        abilities: Abilities,
        compressors: frozenset[str],
    ) -> None:
        self._server = server
        self._tree = tree
        self._changes = changes
        self._abilities = abilities
        self._compressors = compressors
        self._growth = Growth(server)

    # Making

    def create(self, path: str, spec: ArraySpec, values: Array | None) -> None:
        """Make an array as `Driver.create_array` promises it."""
        self._require_able(path, self._abilities.refusal(spec), spec.compression)
        body = _description(spec)
        attributes = _attributes(NodeKind.EARRAY if spec.enlargeable else NodeKind.CARRAY)
        if values is None or not values.size:
            self._keep(self._changes.create(path, "datasets", body, attributes))
            return
        fitted = fit_values(values, spec.dtype, repr(path))
        if fitted.shape != spec.shape:
            raise ArrayShapeError(
                f"{path!r} is to have the shape {spec.shape}; values of shape {fitted.shape} do not fit."
            )
        if _goes_along(spec, fitted):
            self._changes.create(path, "datasets", {**body, "value": fitted.tolist()}, attributes)
            return
        self._changes.require_free(path)
        # It gets its path when its values are there: nobody sees it without them.
        dataset = self._keep(self._changes.create(path, "datasets", body, attributes, named=False))
        whole = tuple(slice(0, length, 1) for length in spec.shape)
        Values(self._server, dataset).write_block(whole, fitted)
        self._changes.link(path, dataset.id)

    def create_ragged(self, path: str, row: np.dtype[Any], compression: Compression | None) -> None:
        """Make a list of rows as `Driver.create_ragged` promises it."""
        require_storable(row)
        reason = self._abilities.refusal_of_rows(compression)
        if row in EXTENDED_FLOATS:
            reason = reason or f"it has no floats of more than 64 bits ({row})"
        self._require_able(path, reason, compression)
        properties: dict[str, Any] = {"layout": {"class": "H5D_CHUNKED", "dims": [ROWS_PER_CHUNK]}}
        if filters := filters_of(compression):
            properties["filters"] = filters
        kind = {"class": "H5T_VLEN", "size": "H5T_VARIABLE", "base": type_of(row)}
        body = {"type": kind, "shape": [0], "maxdims": [0], "creationProperties": properties}
        self._keep(self._changes.create(path, "datasets", body, _attributes(NodeKind.VLARRAY)))

    def _require_able(self, path: str, reason: str, compression: Compression | None) -> None:
        name = compression.name if compression is not None and compression.level else ""
        if name and not reason and not COMPRESSORS[name] & self._compressors:
            known = ", ".join(sorted(self._compressors))
            reason = f"this server does not write the compression {name!r}; it knows {known}"
        if reason:
            raise UnsupportedError(f"{path!r} cannot be made on {self._server.endpoint}: {reason}.")

    def _keep(self, found: Any) -> Dataset:
        dataset = self._tree.keep_dataset(found)
        self._growth.note(dataset)
        return dataset

    # Describing and reading

    def info(self, path: str) -> ArrayInfo:
        """Describe an array."""
        dataset = self._dataset(path)
        return ArrayInfo(
            shape=dataset.shape,
            dtype=dataset.dtype,
            enlargeable=dataset.kind in (NodeKind.EARRAY, NodeKind.VLARRAY),
            chunks=dataset.chunks,
            filters=dataset.filter_names,
            stored_bytes=self._stored_bytes(dataset),
            compression=dataset.compression,
            fill_value=dataset.fill_value,
        )

    def _dataset(self, path: str) -> Dataset:
        dataset = self._tree.dataset(path)
        self._growth.note(dataset)
        return dataset

    def _stored_bytes(self, dataset: Dataset) -> int:
        unpacked = math.prod(dataset.shape) * dataset.dtype.itemsize
        if not dataset.filters:
            return unpacked
        # What the server found when it last looked through the domain, up to half a minute ago.
        found = self._server.get(item(dataset.id), verbose=1).json().get("allocated_size")
        return int(found) if found else unpacked

    def read(self, path: str, selection: Selection) -> Any:
        """Read values as `Driver.read` promises it."""
        dataset = self._dataset(path)
        values = Values(self._server, dataset)
        if dataset.kind is NodeKind.VLARRAY:
            chosen = row_positions(selection, dataset.shape[0])
            positions = [chosen] if isinstance(chosen, int) else chosen
            rows = read_selected(positions, dataset.shape, np.dtype(object), values.read_rows)
            return rows[0] if isinstance(chosen, int) else list(rows)
        read_block = values.read_rows if dataset.is_text else values.read_block
        return read_selected(selection, dataset.shape, dataset.dtype, read_block)

    # Writing

    def write(self, path: str, selection: Selection, values: Any) -> None:
        """Write values as `Driver.write` promises it."""
        dataset = self._dataset(path)
        if dataset.kind is NodeKind.VLARRAY:
            raise UnsupportedError(f"the rows of {self._where(path)} are appended, never replaced.")
        self._require_numbers(path, dataset)
        stored = Values(self._server, dataset)
        fitted = fit_values(values, dataset.dtype, self._where(path))
        write_selected(selection, dataset.shape, fitted, stored.read_block, stored.write_block)

    def append(self, path: str, values: Any) -> None:
        """Append rows as `Driver.append` promises it."""
        dataset = self._tree.dataset(path, fresh=False)
        where = self._where(path)
        if dataset.kind not in (NodeKind.EARRAY, NodeKind.VLARRAY):
            raise NodeError(f"{where} is not enlargeable.")
        self._require_numbers(path, dataset)
        fitted = fit_values(values, dataset.dtype, where)
        row = dataset.shape[1:]
        if dataset.kind is NodeKind.VLARRAY:
            if fitted.ndim != 1:
                raise ArrayShapeError(f"a row of {where} has one dimension; {fitted.shape} does not fit.")
            self._growth.append_row(dataset, fitted)
            return
        if fitted.ndim != len(dataset.shape) or fitted.shape[1:] != row:
            raise ArrayShapeError(f"a row of {where} has shape {row}; {fitted.shape} does not fit.")
        if len(fitted):
            self._growth.append(dataset, fitted)

    def writer(self, path: str, before: Callable[[], None]) -> PointWriter:
        """Return what writes points of an array; `before` is called before each."""
        dataset = self._dataset(path)
        where = self._where(path)
        if dataset.kind is NodeKind.VLARRAY:
            raise NodeError(f"{where} is ragged: it has no points to write, rows are appended to it.")
        self._require_numbers(path, dataset)
        return PointWriter(Values(self._server, dataset), where, lambda: self._tree.dataset(path), before)

    def appender(self, path: str, before: Callable[[], None]) -> RowAppender:
        """Return what adds rows to an array; `before` is called before each."""
        dataset = self._dataset(path)
        where = self._where(path)
        if dataset.kind is not NodeKind.EARRAY:
            raise NodeError(f"{where} is not an array that grows by fixed rows.")
        self._require_numbers(path, dataset)
        return RowAppender(self._growth, dataset, where, before)

    def _require_numbers(self, path: str, dataset: Dataset) -> None:
        if dataset.is_text or dataset.dtype.kind == "V":
            kind = "texts" if dataset.is_text else "records"
            raise UnsupportedError(f"{self._where(path)} holds {kind}: they can be read, and not written.")

    def _where(self, path: str) -> str:
        return f"{path!r} in {self._server.address!r}"


def _description(spec: ArraySpec) -> dict[str, Any]:
    """Return what the server is told of an array to be made."""
    properties: dict[str, Any] = {}
    body: dict[str, Any] = {"type": type_of(spec.dtype), "creationProperties": properties}
    if spec.fill_value is not None:
        properties["fillValue"] = fill_to_json(spec.fill_value, spec.dtype)
    if spec.enlargeable or (spec.shape and 0 not in spec.shape):  # an array without room has no chunks
        itemsize = spec.dtype.itemsize
        chunks = spec.chunks or chunk_shape(spec.shape, itemsize, enlargeable=spec.enlargeable)
        properties["layout"] = {"class": "H5D_CHUNKED", "dims": list(chunks)}
        if filters := filters_of(spec.compression):
            properties["filters"] = filters
    if spec.shape:
        body["shape"] = list(spec.shape)
    if spec.enlargeable:
        body["maxdims"] = [0, *spec.shape[1:]]
    return body


def _attributes(kind: NodeKind) -> dict[str, str | Array]:
    grows: dict[str, str | Array] = {} if kind is NodeKind.CARRAY else {"EXTDIM": np.array(0, np.int32)}
    return {"CLASS": kind.value, **grows}


def _goes_along(spec: ArraySpec, values: Array) -> bool:
    """Tell whether values are so few, and so plain in JSON, that they go along with the description."""
    # Not without dimensions: the server takes a single zero, and -0.0 too, for no value at all.
    is_plain = spec.dtype.kind in "biuf" and bool(spec.shape) and spec.chunks is None and not spec.enlargeable
    return is_plain and values.nbytes <= SMALL_BYTES
