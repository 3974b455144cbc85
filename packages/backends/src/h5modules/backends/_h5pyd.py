"""The driver over h5pyd: domains of an HSDS server, and everything that only they do in their own way.

What has returned is on the server: nothing is kept back. `flush` asks the server to put it on its disk, and
to say so.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike

from ._abilities import EXTENDED_FLOATS, Abilities
from ._codec import RawValue
from ._compression import Compression
from ._driver import (
    Array,
    ArrayInfo,
    ArraySpec,
    Driver,
    NodeKind,
    OpenMode,
    Selection,
    Writer,
    require_storable,
)
from ._errors import (
    ArrayShapeError,
    ArrayTypeError,
    AttributeMissingError,
    FileClosedError,
    FileError,
    FileReadOnlyError,
    NodeError,
    NodeExistsError,
    UnsupportedError,
)
from ._h5pyd_attributes import decode_attribute, encode_attribute
from ._h5pyd_copy import Copier
from ._h5pyd_domain import Domain, delete_domain, open_domain
from ._h5pyd_raw import RawFile
from ._h5pyd_tree import Broken, Tree, collection, item, split
from ._h5pyd_types import Dataset, chunk_shape, fill_to_json, filters_of, type_of
from ._h5pyd_values import BLOCK_BYTES, Appender, PointWriter, Values
from ._raw_values import checked_attribute
from ._selection import read_selected, row_positions, write_selected
from ._values import fit_values

FLUSH_SECONDS = 12.0
"""How long a flush may take at least: the server itself gives up after 10 s."""

ROWS_PER_CHUNK = 32
"""Rows of differing length in a chunk: many make appending slow, as the server packs the whole chunk anew."""

SMALL_BYTES = 4096
"""Values of no more than this are sent along with the array's description."""

_ROOT_NAMES = re.compile(r"dn-?\d{1,3}")
_COMPRESSORS = {"gzip": {"gzip", "deflate"}, "bitshuffle": {"lz4"}, "lz4": {"lz4"}, "zstd": {"zstd"}}


class H5pydDriver(Driver):
    """A domain of an HSDS server, through h5pyd."""

    library: ClassVar[str] = "h5pyd"
    abilities: ClassVar[Abilities] = Abilities(
        compressions=frozenset(_COMPRESSORS),
        checksum=False,  # the server takes the filter, and computes nothing
        placed=False,
        extended_floats=False,
        stored_sizes=False,  # the server finds out when it looks through the domain, some 10 s later
        local=False,
    )

    def __init__(self, domain: Domain) -> None:
        server = domain.server
        self._server = server
        self._writable = domain.writable
        self._compressors = domain.compressors
        self._tree = Tree(server, domain.root)
        self._appender = Appender(server)
        self._raw = RawFile(server, domain.root, read_only=not domain.writable)
        self._lock = threading.RLock()
        self._is_dirty = False
        self._run = self._server_run() if domain.writable else None

    @classmethod
    def open(cls, target: Path | str, mode: OpenMode, **options: Any) -> Self:
        """Open a domain of a server.

        Parameters
        ----------
        target
            The domain, such as ``/home/ada/scan.h5``, or with its server:
            ``http://host:port/home/ada/scan.h5``, ``hdf5://host:port/home/ada/scan.h5``.
        mode
            See `OpenMode`.
        **options
            ``endpoint``, ``username``, ``password``, ``bucket``, ``api_key``: where, and what to log in with;
            what is not given comes from the environment (``HS_ENDPOINT``, ``HS_USERNAME``, ``HS_PASSWORD``,
            ``HS_BUCKET``) or from ``.hscfg``. ``timeout``: seconds to wait for an answer, 10 by default.
            ``make_folders``: whether to make the folders above a new domain.
        """
        domain = open_domain(target, mode, options)
        try:
            return cls(domain)
        except BaseException:
            domain.server.close()
            raise

    @classmethod
    def delete_file(cls, target: Path | str, **options: Any) -> None:
        """Delete a closed domain; it is no error when there is none. The options are those of `open`."""
        delete_domain(target, options)

    # The file

    @property
    def filename(self) -> str:  # docstring inherited
        return self._server.address

    @property
    def is_open(self) -> bool:  # docstring inherited
        return self._server.is_open

    @property
    def writable(self) -> bool:  # docstring inherited
        return self._writable

    @property
    def requests(self) -> int:
        """How many requests were sent since the file was opened."""
        return self._server.requests

    @property
    def handle(self) -> Any:  # docstring inherited
        self._require_open()
        return self._raw.file()

    def close(self) -> None:  # docstring inherited
        if not self.is_open:
            return
        try:
            if self._writable and (self._is_dirty or self._raw.has_changes):
                self.flush()
        finally:
            self._raw.close()
            self._server.close()

    def flush(self) -> None:
        """Ask the server to write everything to its disk, and to say so.

        Raises
        ------
        FileError
            When it does not say so in time; or when the server was started anew since the last flush, and has
            lost what it had not written.
        """
        self._require_open()
        if not self._writable:
            return
        seconds = max(FLUSH_SECONDS, self._server.login.timeout)
        self._server.send("PUT", "/", body={}, parameters={"flush": 1}, timeout=seconds)
        run = self._server_run()
        if run != self._run:
            self._run = run
            raise FileError(
                f"the server {self._server.endpoint} was started anew while {self._server.domain!r} was open: what "
                "was written since the last flush may be lost. Check it, and write what is missing again."
            )
        self._is_dirty = False

    def _server_run(self) -> Hashable:
        """Return what tells one run of the server from the next."""
        about = self._server.get("/about").json()
        nodes = tuple(map(str, about.get("dn_ids") or ()))
        # Nodes of a cluster have random names; those of a single server are numbered, and its start tells.
        is_numbered = all(_ROOT_NAMES.fullmatch(name) for name in nodes)
        return (nodes, about.get("start_time")) if is_numbered else nodes

    def _require_open(self) -> None:
        if not self._server.is_open:
            raise FileClosedError(f"the file {self.filename!r} is closed.")
        if self._raw.has_changes:
            self._raw.flush()
            self._tree.forget()
            self._is_dirty = True

    def _changing(self) -> None:
        """Check that the file may be changed, and note that it is."""
        self._require_open()
        if not self._writable:
            raise FileReadOnlyError(
                f"the file {self.filename!r} was opened for reading; open it with mode 'a' or 'r+'."
            )
        self._is_dirty = True

    # The tree

    def raw(self, path: str) -> Any:  # docstring inherited
        self._require_open()
        identifier = self._tree.require(path)
        # By identifier: h5pyd does not find a path that leads through a soft link.
        file = self._raw.file()
        return file if identifier == self._tree.root else file[f"{collection(identifier)}/{identifier}"]

    def kind(self, path: str) -> NodeKind | None:  # docstring inherited
        self._require_open()
        return self._tree.kind(path)

    def identity(self, path: str) -> Hashable:  # docstring inherited
        self._require_open()
        return self._tree.require(path)

    def problem(self, path: str) -> str:  # docstring inherited
        self._require_open()
        return self._tree.problem(path)

    def child_names(self, path: str) -> list[str]:  # docstring inherited
        self._require_open()
        return [str(link["title"]) for link in self._tree.links(self._tree.require_group(path))]

    def iter_children(self, path: str) -> Iterator[tuple[str, NodeKind]]:  # docstring inherited
        self._require_open()
        return self._tree.children(path)

    def create_group(self, path: str) -> None:  # docstring inherited
        self._changing()
        self._create(path, "groups", {}, {"CLASS": NodeKind.GROUP.value})

    def _create(
        self,
        path: str,
        where: str,
        body: dict[str, Any],
        attributes: Mapping[str, RawValue],
        *,
        linked: bool = True,
    ) -> str:
        """Create a node with attributes, under its path or still without one; return its identifier."""
        parent, name = self._place(path)
        encoded = {key: encode_attribute(value)[0] for key, value in attributes.items()}
        link = {"link": {"id": parent, "name": name}} if linked else {}
        reply = self._server.post(f"/{where}", {**body, **link, "attributes": encoded}, expect=(409,))
        if reply.status == 409:
            raise self._taken(path)
        found = reply.json()
        if where == "datasets":
            self._appender.note(self._tree.keep_dataset(found))
        if linked:
            self._tree.remember(path, str(found["id"]))
        return str(found["id"])

    def _place(self, path: str) -> tuple[str, str]:
        """Return the group and the name for a new node."""
        above, name = split(path)
        if path == "/":
            raise self._taken(path)
        parent = self._tree.find(above)
        if not isinstance(parent, str) or not parent.startswith("g-"):
            raise NodeError(f"there is no group {above!r} in {self.filename!r} to hold {name!r}.")
        return parent, name

    def _taken(self, path: str) -> NodeExistsError:
        return NodeExistsError(f"{path!r} exists already in {self.filename!r}.")

    def delete(self, path: str) -> None:
        # docstring inherited
        self._changing()
        group, name = self._named(path)
        self._server.delete(item(group, "links", name), expect=(404, 410))
        self._tree.forget()

    def _named(self, path: str) -> tuple[str, str]:
        """Return group and name of something that is there; a broken link is."""
        if path == "/":
            raise NodeError(f"the root of {self.filename!r} has no name that could be changed.")
        if self._tree.find(path) is None:
            raise NodeError(f"there is no node {path!r} in {self.filename!r}.")
        above, name = split(path)
        return self._tree.require_group(above), name

    def move(self, source: str, target: str) -> None:
        # docstring inherited
        self._changing()
        group, name = self._named(source)
        link = self._tree.link(group, name)
        if link is None:
            raise NodeError(f"there is no node {source!r} in {self.filename!r}.")
        self._require_outside(source, target)
        # First the new name, then without the old one: it never is without any.
        self._put_link(target, link)
        self._server.delete(item(group, "links", name), expect=(404, 410))
        self._tree.forget()

    def _require_outside(self, source: str, target: str) -> None:
        moved = self._tree.find(source)
        above = split(target)[0]
        while True:
            if isinstance(moved, str) and self._tree.find(above) == moved:
                raise NodeError(f"{source!r} in {self.filename!r} cannot go to {target!r}, into itself.")
            if above == "/":
                return
            above = split(above)[0]

    def link(self, source: str, target: str) -> None:
        # docstring inherited
        self._changing()
        identifier = self._tree.require(source)
        self._put_link(target, {"class": "H5L_TYPE_HARD", "id": identifier})
        self._tree.remember(target, identifier)

    def _put_link(self, target: str, link: Mapping[str, Any]) -> None:
        parent, name = self._place(target)
        if self._tree.find(target) is not None:
            raise self._taken(target)
        kept = {key: link[key] for key in ("id", "h5path") if key in link}
        if other := link.get("file") or link.get("h5domain"):
            kept["h5domain"] = other
        reply = self._server.put(item(parent, "links", name), kept, expect=(409,))
        if reply.status == 409:
            raise self._taken(target)

    def copy(self, source: str, target: str) -> None:
        # docstring inherited
        self._changing()
        identifier = self._tree.require(source)
        self._place(target)
        self._require_outside(source, target)
        if self._tree.find(target) is not None:
            raise self._taken(target)
        copied = Copier(self._server).copy(identifier)
        self._put_link(target, {"id": copied})
        self._tree.remember(target, copied)

    # Arrays

    def create_array(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        # docstring inherited
        self._changing()
        if reason := self.abilities.refusal(spec) or self._refusal(spec.compression):
            raise UnsupportedError(f"{path!r} cannot be made on {self._server.endpoint}: {reason}.")
        body = self._description(spec)
        attributes = _array_attributes(spec.enlargeable)
        if values is None or not values.size:
            self._create(path, "datasets", body, attributes)
            return
        fitted = fit_values(values, spec.dtype, repr(path))
        if fitted.shape != spec.shape:
            raise ArrayShapeError(
                f"{path!r} is to have the shape {spec.shape}; values of {values.shape} do not fit."
            )
        if _goes_along(spec, fitted):
            self._create(path, "datasets", {**body, "value": fitted.tolist()}, attributes)
            return
        if self._tree.find(path) is not None:
            raise self._taken(path)
        # It gets its name when its values are there: nobody sees it without them.
        identifier = self._create(path, "datasets", body, attributes, linked=False)
        dataset = self._tree.keep_dataset(self._server.get(item(identifier)).json())
        whole = tuple(slice(0, length, 1) for length in spec.shape)
        Values(self._server, dataset).write_block(whole, fitted)
        self._put_link(path, {"id": identifier})
        self._tree.remember(path, identifier)

    def _refusal(self, compression: Compression | None) -> str:
        """Return why this very server does not pack in that way; empty when it does."""
        if (
            compression is None
            or compression.level == 0
            or _COMPRESSORS[compression.name] & self._compressors
        ):
            return ""
        known = ", ".join(sorted(self._compressors))
        return f"this server does not write the compression {compression.name!r}; it knows {known}"

    def _description(self, spec: ArraySpec) -> dict[str, Any]:
        properties: dict[str, Any] = {}
        if spec.fill_value is not None:
            properties["fillValue"] = fill_to_json(spec.fill_value, spec.dtype)
        has_room = spec.enlargeable or bool(math.prod(spec.shape) and spec.shape)
        if has_room and (filters := filters_of(spec.compression)):
            properties["filters"] = filters
        if has_room:
            itemsize = spec.dtype.itemsize
            chunks = spec.chunks or chunk_shape(spec.shape, itemsize, enlargeable=spec.enlargeable)
            properties["layout"] = {"class": "H5D_CHUNKED", "dims": list(chunks)}
        body: dict[str, Any] = {"type": type_of(spec.dtype), "creationProperties": properties}
        if spec.shape:
            body["shape"] = list(spec.shape)
        if spec.enlargeable:
            body["maxdims"] = [0, *spec.shape[1:]]
        return body

    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        # docstring inherited
        self._changing()
        row = np.dtype(dtype)
        require_storable(row)
        reason = self.abilities.refusal_of_rows(compression) or self._refusal(compression)
        if not reason and row in EXTENDED_FLOATS:
            reason = f"it has no floats of more than 64 bits ({row})"
        if reason:
            raise UnsupportedError(f"{path!r} cannot be made on {self._server.endpoint}: {reason}.")
        properties: dict[str, Any] = {"layout": {"class": "H5D_CHUNKED", "dims": [ROWS_PER_CHUNK]}}
        if filters := filters_of(compression):
            properties["filters"] = filters
        kind = {"class": "H5T_VLEN", "size": "H5T_VARIABLE", "base": type_of(row)}
        body = {"type": kind, "shape": [0], "maxdims": [0], "creationProperties": properties}
        self._create(
            path, "datasets", body, {"CLASS": NodeKind.VLARRAY.value, "EXTDIM": np.array(0, np.int32)}
        )

    def _dataset(self, path: str) -> Dataset:
        dataset = self._tree.dataset(path)
        self._appender.note(dataset)
        return dataset

    def array_info(self, path: str) -> ArrayInfo:
        # docstring inherited
        self._require_open()
        dataset = self._dataset(path)
        return ArrayInfo(
            shape=dataset.shape,
            dtype=dataset.dtype,
            enlargeable=dataset.kind in (NodeKind.EARRAY, NodeKind.VLARRAY),
            chunks=dataset.chunks,
            filters=dataset.filter_names,
            stored_bytes=self._stored_bytes(dataset),
            compression=dataset.compression,
            checksum=False,
            fill_value=dataset.fill_value,
        )

    def _stored_bytes(self, dataset: Dataset) -> int:
        # What the server found when it last looked through the domain, which is up to half a minute ago.
        found = self._server.get(item(dataset.id), verbose=1).json().get("allocated_size")
        return int(found) if found else math.prod(dataset.shape) * dataset.dtype.itemsize

    def read(self, path: str, selection: Selection = ...) -> Any:
        # docstring inherited
        self._require_open()
        dataset = self._dataset(path)
        values = Values(self._server, dataset)
        if dataset.kind is NodeKind.VLARRAY:
            return self._read_rows(dataset, values, selection)
        read_block = values.read_rows if dataset.is_text else values.read_block
        return read_selected(selection, dataset.shape, dataset.dtype, read_block)

    def _read_rows(self, dataset: Dataset, values: Values, selection: Selection) -> Any:
        chosen = row_positions(selection, dataset.shape[0])
        positions = [chosen] if isinstance(chosen, int) else chosen
        rows = read_selected(positions, dataset.shape, np.dtype(object), values.read_rows)
        return rows[0] if isinstance(chosen, int) else list(rows)

    def write(self, path: str, selection: Selection, values: Any) -> None:
        # docstring inherited
        self._changing()
        dataset = self._dataset(path)
        where = f"{path!r} in {self.filename!r}"
        if dataset.kind is NodeKind.VLARRAY:
            raise UnsupportedError(f"the rows of {where} are appended, never replaced.")
        if dataset.is_text or dataset.dtype.kind == "V":
            raise UnsupportedError(f"{where} holds {dataset.dtype}: it can be read, and not written.")
        stored = Values(self._server, dataset)
        fitted = fit_values(values, dataset.dtype, where)
        write_selected(selection, dataset.shape, fitted, stored.read_block, stored.write_block)

    def append(self, path: str, values: Array) -> None:
        # docstring inherited
        self._changing()
        with self._lock:
            dataset = self._tree.dataset(path, fresh=False)
            where = f"{path!r} in {self.filename!r}"
            if dataset.kind not in (NodeKind.EARRAY, NodeKind.VLARRAY):
                raise NodeError(f"{where} is not enlargeable.")
            if dataset.is_text or dataset.dtype.kind == "V":
                raise UnsupportedError(f"{where} holds {dataset.dtype}: it can be read, and not written.")
            fitted = fit_values(values, dataset.dtype, where)
            if dataset.kind is NodeKind.VLARRAY:
                self._append_row(dataset, fitted, where)
            elif fitted.ndim != len(dataset.shape) or fitted.shape[1:] != dataset.shape[1:]:
                raise ArrayShapeError(
                    f"a row of {where} has shape {dataset.shape[1:]}; {fitted.shape} does not fit."
                )
            elif len(fitted):
                self._appender.append(dataset, fitted)

    def _append_row(self, dataset: Dataset, row: Array, where: str) -> None:
        if row.ndim != 1:
            raise ArrayShapeError(
                f"a row of {where} has one dimension; values of shape {row.shape} do not fit."
            )
        self._appender.append_row(dataset, row)

    def writer(self, path: str) -> Writer:
        # docstring inherited
        self._changing()
        dataset = self._dataset(path)
        where = f"{path!r} in {self.filename!r}"
        if dataset.kind is NodeKind.VLARRAY:
            raise NodeError(f"{where} is ragged: it has no points to write, rows are appended to it.")
        if dataset.is_text or dataset.dtype.kind == "V":
            raise UnsupportedError(f"{where} holds {dataset.dtype}: it can be read, and not written.")
        return _DirtyWriter(self, PointWriter(self._server, dataset, where, lambda: self._tree.dataset(path)))

    # Attributes

    def attribute_names(self, path: str) -> list[str]:
        # docstring inherited
        self._require_open()
        return sorted(self._tree.attributes(self._tree.require(path)))

    def read_attribute(self, path: str, name: str) -> RawValue:
        # docstring inherited
        self._require_open()
        found = self._tree.attributes(self._tree.require(path))
        if name not in found:
            raise AttributeMissingError(f"{path!r} in {self.filename!r} has no attribute {name!r}.")
        return decode_attribute(found[name], f"attribute {name!r} of {path!r} in {self.filename!r}")

    def write_attributes(self, path: str, values: Mapping[str, RawValue]) -> None:
        # docstring inherited
        self._changing()
        identifier = self._tree.require(path)
        checked = {name: checked_attribute(name, value, self.abilities) for name, value in values.items()}
        for name, value in checked.items():
            if isinstance(value, np.ndarray) and value.dtype in EXTENDED_FLOATS:
                raise UnsupportedError(
                    f"attribute {name!r} of {path!r}: HSDS has no floats of more than 64 bits."
                )
        encoded = {name: encode_attribute(value) for name, value in checked.items()}
        if not encoded:
            return
        body = {"attributes": {name: each for name, (each, _) in encoded.items()}}
        try:
            reply = self._server.put(item(identifier, "attributes"), body, expect=(413,), replace=1)
            if reply.status == 413:
                raise UnsupportedError(
                    f"attributes {', '.join(map(repr, encoded))} of {path!r} are too long for the server "
                    f"{self._server.endpoint}, which takes 1 MiB at once; write a long one alone, or shorten it."
                )
            for name, (_, stored) in encoded.items():
                if stored is not None:
                    self._server.put(item(identifier, "attributes", name, "value"), stored)
        finally:
            self._tree.forget_attributes(identifier)

    def delete_attribute(self, path: str, name: str) -> None:
        # docstring inherited
        self._changing()
        identifier = self._tree.require(path)
        self._tree.forget_attributes(identifier)
        if name not in self._tree.attributes(identifier):
            raise AttributeMissingError(f"{path!r} in {self.filename!r} has no attribute {name!r}.")
        # A name may hold what separates names elsewhere, but for a NUL.
        parameters = {"attr_names": name, "separator": "\0"}
        self._server.send("DELETE", item(identifier, "attributes"), parameters=parameters)
        self._tree.forget_attributes(identifier)


class _DirtyWriter:
    """A writer that tells its file that there is something to flush."""

    def __init__(self, driver: H5pydDriver, writer: PointWriter) -> None:
        self._changing = driver._changing
        self._write = writer.write

    def write(self, index: tuple[int, ...], values: Array) -> None:
        # docstring inherited
        self._changing()
        self._write(index, values)


def _array_attributes(enlargeable: bool) -> dict[str, str | Array]:
    if enlargeable:
        return {"CLASS": NodeKind.EARRAY.value, "EXTDIM": np.array(0, np.int32)}
    return {"CLASS": NodeKind.CARRAY.value}


def _goes_along(spec: ArraySpec, values: Array) -> bool:
    """Tell whether values are so few, and so plain in JSON, that they go along with the description."""
    # Not without dimensions: the server takes a single zero, and -0.0 too, for no value at all.
    is_plain = spec.dtype.kind in "biuf" and bool(spec.shape) and spec.chunks is None and not spec.enlargeable
    return is_plain and values.nbytes <= min(SMALL_BYTES, BLOCK_BYTES)
