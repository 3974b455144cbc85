"""The driver over h5py: local files, and everything that only h5py does in its own way."""

from __future__ import annotations

import atexit
from collections.abc import Container, Hashable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, ClassVar, Self, cast
from weakref import WeakSet

import h5py
import numpy as np
from h5py import h5o
from numpy.typing import DTypeLike

from ._array_spec import ArrayInfo, ArraySpec
from ._codec import RawValue
from ._compression import Compression
from ._driver import Array, Driver, NodeKind, OpenMode, Selection
from ._durability import taken_durability
from ._errors import AttributeMissingError, H5ModulesError, NodeError, UndecodableError, UnsupportedError
from ._files import open_error, require_no_options, require_path
from ._h5py_arrays import Arrays
from ._h5py_file import FAILURES, H5pyFile
from ._h5py_files import copy_object, copy_root
from ._h5py_known import Held
from ._h5py_opening import open_to_read, open_to_write
from ._h5py_values import key, layout, prepared_attribute, read_attribute, text
from ._handles import Appender, Writer
from ._places import Place
from ._raw_values import checked_attribute

_unclosed: WeakSet[H5pyDriver] = WeakSet()
"""Files that are open for writing: HDF5 would close them when Python, in which they live, is gone."""


@atexit.register
def _close_all() -> None:
    with ExitStack() as closing:
        for driver in list(_unclosed):
            closing.callback(driver.close)


class H5pyDriver(Driver):
    """A local HDF5 file, through h5py.

    A file that is open for writing lives on a `JournaledFile`: its structure changes as a whole, when it is
    flushed. Points of arrays in one piece, and rows, go to their place past the library.
    """

    library: ClassVar[str] = "h5py"

    def __init__(self, file: H5pyFile, arrays: Arrays) -> None:
        self._file = file
        self._arrays = arrays
        if file.writable:
            _unclosed.add(self)

    @classmethod
    def open(cls, target: Path | str, mode: OpenMode, **options: Any) -> Self:
        """Open a local file; see `Driver.open`.

        Parameters
        ----------
        target
            The path of the file.
        mode
            See `OpenMode`.
        **options
            ``durability``, a `Durability`: whether what is acknowledged outlives a loss of power too; the
            death of the process it outlives always. ``check_space``, a bool: whether placed arrays are
            refused that do not fit on the disk; they are, unless it is False. ``locking``, as h5py's `File`
            takes it: without effect, for readers and writers never hold up each other.
        """
        durability, others = taken_durability(options)
        check_space = others.pop("check_space", True)
        others.pop("locking", None)
        require_no_options(cls.library, others)
        path = Path(target)
        require_path(path, mode)
        is_synced = durability.is_synced
        try:
            opened = open_to_read(path) if mode == "r" else open_to_write(path, mode, synced=is_synced)
        except H5ModulesError:
            raise
        except FAILURES as error:
            raise open_error(path, mode, error) from error
        file = H5pyFile(*opened, str(path), writable=mode != "r")
        return cls(file, Arrays(file, durability, check_space=bool(check_space)))

    # The file

    @property
    def filename(self) -> str:  # docstring inherited
        return self._file.name

    @property
    def is_open(self) -> bool:  # docstring inherited
        return bool(self._file.h5)

    @property
    def writable(self) -> bool:  # docstring inherited
        return self._file.writable

    @property
    def handle(self) -> h5py.File:  # docstring inherited
        self._file.require_open()
        self._file.known.stop()
        return self._file.h5

    def close(self) -> None:  # docstring inherited
        with self._file.explained("closing"), ExitStack() as closing:
            closing.callback(self._file.close)
            if self.is_open:
                self._arrays.trim()

    def flush(self) -> None:  # docstring inherited
        self._file.require_open()
        with self._file.explained("flushing"):
            self._file.commit()

    # The tree

    def raw(self, path: str) -> Any:  # docstring inherited
        self._file.known.stop()
        return self._file.raw(path)

    def kind(self, path: str) -> NodeKind | None:  # docstring inherited
        self._file.require_open()
        held = self._file.held
        known = held.get(("kind", path))
        if known is None:
            with self._file.uninterrupted():
                known, node = self._find(path)
            if node is not None:
                self._file.known.keep(held, ("kind", path), known, node)
        return known

    def _find(self, path: str) -> tuple[NodeKind | None, Any]:
        """Return what stands at a path, and the library's object if there is one."""
        if not self._file.has_link(path):  # to be told why it cannot be opened takes much longer
            return None, None
        try:
            node = self._file.h5[key(path)]
            return _kind_of(node), node
        except FAILURES:
            return NodeKind.UNREADABLE, None

    def iter_children(self, path: str) -> Iterator[tuple[str, NodeKind]]:
        # docstring inherited
        self._file.require_open()
        held = self._file.held
        known = held.get(("children", path))
        return iter(known) if known is not None else self._read_children(path, held)

    def _read_children(self, path: str, held: Held) -> Iterator[tuple[str, NodeKind]]:
        """Yield the children as they are read; the group is looked up once."""
        group, children, last = self._group(path), [], True
        for name in self._names(group, path):
            self._file.require_open()
            with self._file.uninterrupted():
                try:
                    node = group[key(name)]
                    kind: NodeKind | None = _kind_of(node)
                except FAILURES:  # a broken link, or it was taken away, or the file was closed meanwhile
                    kind, node = self._find(f"{path.rstrip('/')}/{name}")
                last = last and node is not None and self._file.known.lasts(node)
            if kind is not None:
                children.append((name, kind))
                yield name, kind
        if last:
            self._file.known.keep(held, ("children", path), tuple(children), group)

    def identity(self, path: str) -> Hashable:  # docstring inherited
        node = self._file.raw(path)
        with self._file.reading(path):
            info = h5o.get_info(node.id)
        return info.fileno, info.addr

    def problem(self, path: str) -> str:  # docstring inherited
        self._file.require_open()
        with self._file.uninterrupted():
            return self._problem(path)

    def _problem(self, path: str) -> str:
        try:
            node = self._file.h5[key(path)]
        except FAILURES as error:
            return self._link_problem(path, error)
        if isinstance(node, h5py.Group):
            return ""
        try:
            return layout(node).problem if isinstance(node, h5py.Dataset) else "it is a type without data"
        except FAILURES as error:
            return f"it is damaged: {error}"

    def _link_problem(self, path: str, error: Exception) -> str:
        link = self._file.link(path)
        if isinstance(link, h5py.ExternalLink):
            return f"it is a link to {link.path!r} in the file {link.filename!r}, which cannot be followed"
        if isinstance(link, h5py.SoftLink):
            return f"it is a link to {link.path!r}, where nothing is"
        if link is None:
            raise NodeError(f"there is no node {path!r} in {self._file.name!r}: {error}") from error
        return f"it is damaged: {error}"

    def link_target(self, path: str) -> str:
        """Return where a soft or external link leads; see `SupportsLinks`."""
        self._file.require_open()
        link = None if path == "/" else self._file.link(path)
        if isinstance(link, h5py.ExternalLink):
            return f"{link.filename}:{link.path}"
        return str(link.path) if isinstance(link, h5py.SoftLink) else ""

    def child_names(self, path: str) -> list[str]:  # docstring inherited
        return self._names(self._group(path), path)

    def _group(self, path: str) -> h5py.Group:
        node = self._file.raw(path)
        if not isinstance(node, h5py.Group):
            raise NodeError(f"{path!r} in {self._file.name!r} is not a group.")
        return node

    def _names(self, group: h5py.Group, path: str) -> list[str]:
        with self._file.reading(path):
            return sorted(text(name) for name in group)

    def _require_outside(self, source: str, target: str) -> None:
        if f"{target}/".startswith(f"{source}/") and source != target:
            raise NodeError(f"{source!r} in {self._file.name!r} cannot go into itself, to {target!r}.")

    def create_group(self, path: str) -> None:  # docstring inherited
        self._file.require_place(path)
        with self._file.made(path):
            self._file.h5.create_group(path).attrs["CLASS"] = NodeKind.GROUP.value

    def delete(self, path: str) -> None:  # docstring inherited
        self._file.require_removable(path)
        with self._file.changing(f"deleting {path!r} in"):
            del self._file.h5[key(path)]

    def move(self, source: str, target: str) -> None:  # docstring inherited
        self._file.require_removable(source)
        self._require_outside(source, target)
        self._file.require_place(target)
        with self._file.changing(f"moving {source!r} in"):
            self._file.h5.move(key(source), target)

    def link(self, source: str, target: str) -> None:  # docstring inherited
        node = self._file.raw(source)
        self._file.require_place(target)
        with self._file.changing(f"linking {source!r} in"):
            self._file.h5[target] = node

    def copy(self, source: str, target: str) -> None:  # docstring inherited
        node = self._file.raw(source)
        self._require_outside("" if source == "/" else source, target)
        self._file.require_place(target)
        with self._file.made(target):
            self._arrays.trim()
            copy_object(node.id, self._file.h5.id, target)

    def copy_to(self, path: str, other: H5pyDriver, new_path: str) -> None:
        """Copy to another file, whatever it is; see `SupportsDirectCopy`."""
        node = self._file.raw(path)
        with self._file.explained(f"copying {path!r} of"):
            self._arrays.trim()
        if new_path == "/":
            other._file.require_writable()
            with other._file.changing(f"copying {path!r} to"):
                copy_root(node.id, other._file.h5)
            return
        other._file.require_place(new_path)
        with other._file.made(new_path):
            copy_object(node.id, other._file.h5.id, new_path)

    # Arrays

    def create_array(self, path: str, spec: ArraySpec, values: Array | None = None) -> None:
        # docstring inherited
        self._file.require_place(path)
        if reason := self.abilities.refusal(spec):
            raise UnsupportedError(f"{path!r} cannot be created through {self.library}: {reason}.")
        self._arrays.create(path, spec, values)

    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        # docstring inherited
        self._arrays.create_ragged(path, dtype, compression)

    def array_info(self, path: str) -> ArrayInfo:  # docstring inherited
        return self._arrays.info(path)

    def read(self, path: str, selection: Selection = ...) -> Any:  # docstring inherited
        return self._arrays.read(path, selection)

    def write(self, path: str, selection: Selection, values: Any) -> None:  # docstring inherited
        self._arrays.write(path, selection, values)

    def append(self, path: str, values: Array) -> None:  # docstring inherited
        self._arrays.append(path, values)

    def writer(self, path: str) -> Writer:  # docstring inherited
        return self._arrays.writer(path)

    def appender(self, path: str) -> Appender:  # docstring inherited
        return self._arrays.appender(path)

    def places(self, path: str) -> list[Place]:
        """Return where in the file values lie; see `SupportsPlaces`."""
        return self._arrays.places(path)

    def truncate(self, path: str, length: int) -> None:
        """Take rows away from the end of an array; see `SupportsTruncation`."""
        self._arrays.truncate(path, length)

    # Attributes

    def attribute_names(self, path: str) -> list[str]:  # docstring inherited
        node = self._file.raw(path)
        with self._file.reading(path):
            return sorted(text(name) for name in node.attrs)

    def _require_attribute(self, path: str, name: str) -> Any:
        node = self._file.raw(path)
        with self._file.reading(path):
            if name and "\0" not in name and key(name) in node.attrs:
                return node
        raise AttributeMissingError(f"{path!r} in {self._file.name!r} has no attribute {name!r}.")

    def read_attribute(self, path: str, name: str) -> RawValue:  # docstring inherited
        self._file.require_open()
        held, asked = self._file.held, ("attribute", path, name)
        if asked not in held:
            node = self._require_attribute(path, name)
            with self._file.reading(path):
                value = read_attribute(node.attrs, name, self._file.where(path))
            self._file.known.keep(held, asked, value, node)
            return value
        return cast(RawValue, _own_copy(held[asked]))

    def read_attributes(
        self, path: str, without: Container[str] = ()
    ) -> dict[str, RawValue | UndecodableError]:  # docstring inherited; the node is looked up once
        self._file.require_open()
        held, asked = self._file.held, ("attributes", path)
        if asked in held:
            return {name: _own_copy(value) for name, value in held[asked].items() if name not in without}
        node, where = self._file.raw(path), self._file.where(path)
        found: dict[str, RawValue | UndecodableError] = {}
        with self._file.reading(path):
            for name in sorted(text(name) for name in node.attrs):
                if name not in without:
                    try:
                        found[name] = read_attribute(node.attrs, name, where)
                    except UndecodableError as error:
                        found[name] = error
        if without == ():
            self._file.known.keep(held, asked, found, node)
        return {name: _own_copy(value) for name, value in found.items()}

    def write_attributes(self, path: str, values: Mapping[str, RawValue]) -> None:  # docstring inherited
        node = self._file.raw(path)
        self._file.require_writable()
        self._file.require_own(node, path)
        prepared = {
            name: prepared_attribute(checked_attribute(name, value, self.abilities))
            for name, value in values.items()
        }
        with self._file.changing(f"writing attributes of {path!r} in"):
            for name, (data, dtype) in prepared.items():
                node.attrs.create(name, data, dtype=dtype)

    def delete_attribute(self, path: str, name: str) -> None:  # docstring inherited
        self._file.require_writable()
        node = self._require_attribute(path, name)
        self._file.require_own(node, path)
        with self._file.changing(f"deleting an attribute of {path!r} in"):
            del node.attrs[key(name)]


def _kind_of(node: Any) -> NodeKind:
    if isinstance(node, h5py.Group):
        return NodeKind.GROUP
    try:
        return layout(node).kind if isinstance(node, h5py.Dataset) else NodeKind.UNREADABLE
    except FAILURES:
        return NodeKind.UNREADABLE


def _own_copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value
