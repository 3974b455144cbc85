"""The driver over h5pyd: domains of an HSDS server, and everything that only they do in their own way.

What has returned is on the server: nothing is kept back. `flush` asks the server to put it on its disk, and
to say so.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import DTypeLike

from ._abilities import EXTENDED_FLOATS, Abilities
from ._array_spec import ArrayInfo, ArraySpec
from ._codec import RawValue
from ._compression import Compression
from ._driver import Array, Driver, NodeKind, OpenMode, Selection
from ._durability import DiskPace, Durability, taken_durability
from ._errors import (
    AttributeMissingError,
    FileClosedError,
    FileError,
    FileReadOnlyError,
    UnsupportedError,
)
from ._h5pyd_arrays import COMPRESSORS, Arrays
from ._h5pyd_attributes import decode_attribute, encode_attribute
from ._h5pyd_changes import Changes
from ._h5pyd_domain import Domain, delete_domain, open_domain, rename_domain
from ._h5pyd_http import Request
from ._h5pyd_raw import RawFile
from ._h5pyd_tree import Tree, collection, item
from ._handles import Appender, Writer
from ._raw_values import checked_attribute

FLUSH_SECONDS = 12.0
"""How long a flush may take at least: the server itself gives up after 10 s."""

_NUMBERED = re.compile(r"dn-?\d{1,3}")


class H5pydDriver(Driver):
    """A domain of an HSDS server, through h5pyd."""

    library: ClassVar[str] = "h5pyd"
    abilities: ClassVar[Abilities] = Abilities(
        compressions=frozenset(COMPRESSORS),
        checksum=False,  # the server takes the filter, and computes nothing
        placed=False,
        extended_floats=False,
        stored_sizes=False,  # the server finds out when it looks through the domain, some 10 s later
        local=False,
        served=True,
    )

    def __init__(self, domain: Domain, durability: Durability) -> None:
        server = domain.server
        self._server = server
        self._writable = domain.writable
        self._tree = Tree(server, domain.root)
        self._changes = Changes(server, self._tree)
        self._arrays = Arrays(server, self._tree, self._changes, self.abilities, domain.compressors)
        self._raw = RawFile(server, domain.root, read_only=not domain.writable)
        self._pace = DiskPace(self.flush, durability) if durability.is_synced else None
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
            ``make_folders``: whether to make the folders above a new domain. ``durability``, a `Durability`:
            how often points and rows wait for the server's disk, as `flush` does; the death of this process
            they outlive always.
        """
        durability, others = taken_durability(options)
        domain = open_domain(target, mode, others)
        try:
            return cls(domain, durability)
        except BaseException:
            domain.server.close()
            raise

    @classmethod
    def delete_file(cls, target: Path | str, **options: Any) -> None:
        """Delete a closed domain; it is no error when there is none. The options are those of `open`."""
        _, others = taken_durability(options)
        delete_domain(target, others)

    @classmethod
    def rename_file(cls, source: Path | str, target: Path | str, **options: Any) -> None:
        """Give a closed domain another path on its server; see `Driver.rename_file`."""
        _, others = taken_durability(options)
        rename_domain(source, target, others)

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
        self._server.send(Request("PUT", "/", {"flush": 1}, {}, timeout=seconds))
        run = self._server_run()
        if run != self._run:
            self._run = run
            raise FileError(
                f"server {self._server.endpoint} was started anew while {self._server.domain!r} was open, "
                "what was written since the last flush may be lost. Check it, and write again what is."
            )
        self._is_dirty = False

    def _server_run(self) -> Hashable:
        """Return what tells one run of the server from the next."""
        about = self._server.get("/about").json()
        nodes = tuple(map(str, about.get("dn_ids") or ()))
        # Nodes of a cluster have random names; those of a single server are numbered, and its start tells.
        is_numbered = all(_NUMBERED.fullmatch(name) for name in nodes)
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
        self._changes.create(path, "groups", {}, {"CLASS": NodeKind.GROUP.value})

    def delete(self, path: str) -> None:  # docstring inherited
        self._changing()
        self._changes.delete(path)

    def move(self, source: str, target: str) -> None:  # docstring inherited
        self._changing()
        self._changes.move(source, target)

    def link(self, source: str, target: str) -> None:  # docstring inherited
        self._changing()
        identifier = self._tree.require(source)
        self._changes.require_free(target)
        self._changes.link(target, identifier)

    def copy(self, source: str, target: str) -> None:  # docstring inherited
        self._changing()
        self._changes.copy(source, target)

    # Arrays

    def create_array(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        # docstring inherited
        self._changing()
        self._arrays.create(path, spec, values)

    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        # docstring inherited
        self._changing()
        self._arrays.create_ragged(path, np.dtype(dtype), compression)

    def array_info(self, path: str) -> ArrayInfo:  # docstring inherited
        self._require_open()
        return self._arrays.info(path)

    def read(self, path: str, selection: Selection = ...) -> Any:  # docstring inherited
        self._require_open()
        return self._arrays.read(path, selection)

    def write(self, path: str, selection: Selection, values: Any) -> None:  # docstring inherited
        self._changing()
        self._arrays.write(path, selection, values)

    def append(self, path: str, values: Array) -> None:  # docstring inherited
        self._changing()
        self._arrays.append(path, values)

    def writer(self, path: str) -> Writer:  # docstring inherited
        self._changing()
        writer = self._arrays.writer(path, self._changing)
        return writer if self._pace is None else self._pace.writer(writer)

    def appender(self, path: str) -> Appender:  # docstring inherited
        self._changing()
        appender = self._arrays.appender(path, self._changing)
        return appender if self._pace is None else self._pace.appender(appender)

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
                    f"{self._server.endpoint}, of 1 MiB at once; write long ones alone, or shorten them."
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
        self._server.delete(item(identifier, "attributes"), attr_names=name, separator="\0")
        self._tree.forget_attributes(identifier)
