"""The driver over h5py: local files, and everything that only h5py does in its own way."""

from __future__ import annotations

import os
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import h5py
import numpy as np
from h5py import h5d, h5f, h5o, h5p, h5s, h5z
from numpy.typing import DTypeLike

from ._codec import RawValue
from ._compression import Compression
from ._driver import Array, ArrayInfo, ArraySpec, Driver, NodeKind, OpenMode, Selection, Writer
from ._errors import (
    ArrayIndexError,
    ArrayShapeError,
    ArrayTypeError,
    AttributeMissingError,
    FileAccessError,
    FileClosedError,
    FileError,
    FileFormatError,
    FileMissingError,
    FileReadOnlyError,
    FileTakenError,
    NodeError,
    UndecodableError,
    UnsupportedError,
)
from ._filters import filter_problem, load_plugins, plugin_options


class H5pyDriver(Driver):
    """A local HDF5 file, through h5py."""

    library: ClassVar[str] = "h5py"

    def __init__(self, file: h5py.File, filename: str, *, writable: bool) -> None:
        self._file = file
        self._filename = filename
        self._writable = writable

    @classmethod
    def open(cls, target: Path | str, mode: OpenMode, **options: Any) -> Self:
        """Open a local file.

        Parameters
        ----------
        target
            The path of the file.
        mode
            See `OpenMode`.
        **options
            Options of `h5py.File` that this driver passes on: none yet.
        """
        if options:
            raise UnsupportedError(f"the h5py backend takes no option {', '.join(map(repr, options))}.")
        path = Path(target)
        _require_sane(path, mode)
        name = os.fsencode(path)
        fapl = _file_access()
        try:
            if mode == "r":
                fid = h5f.open(name, h5f.ACC_RDONLY, fapl=fapl)
            elif mode == "r+" or (mode == "a" and path.exists()):
                fid = h5f.open(name, h5f.ACC_RDWR, fapl=fapl)
            else:
                flags = h5f.ACC_TRUNC if mode == "w" else h5f.ACC_EXCL
                fid = h5f.create(name, flags, fapl=fapl)
        except OSError as error:
            raise _open_error(path, mode, error) from error
        return cls(h5py.File(fid), str(path), writable=mode != "r")

    # The file

    @property
    def filename(self) -> str:  # docstring inherited
        return self._filename

    @property
    def is_open(self) -> bool:  # docstring inherited
        return bool(self._file)

    @property
    def writable(self) -> bool:  # docstring inherited
        return self._writable

    @property
    def handle(self) -> h5py.File:  # docstring inherited
        self._require_open()
        return self._file

    def close(self) -> None:  # docstring inherited
        if not self.is_open:
            return
        try:
            self._file.close()
        except (OSError, RuntimeError) as error:
            raise FileError(f"closing {self._filename!r} failed: {error}") from error

    def flush(self) -> None:  # docstring inherited
        self._require_open()
        try:
            self._file.flush()
        except (OSError, RuntimeError) as error:
            raise FileError(f"flushing {self._filename!r} failed: {error}") from error

    def _require_open(self) -> None:
        if not self._file:
            raise FileClosedError(f"the file {self._filename!r} is closed.")

    def _require_writable(self) -> None:
        self._require_open()
        if not self._writable:
            raise FileReadOnlyError(
                f"the file {self._filename!r} was opened for reading; open it with mode 'a' or 'r+'."
            )

    # The tree

    def raw(self, path: str) -> Any:  # docstring inherited
        self._require_open()
        try:
            return self._file[path]
        except (KeyError, OSError, RuntimeError) as error:
            raise NodeError(f"no node {path!r} in {self._filename!r}: {error}") from error

    def kind(self, path: str) -> NodeKind | None:  # docstring inherited
        self._require_open()
        try:
            node = self._file[path]
        except (KeyError, OSError, RuntimeError):
            return NodeKind.UNREADABLE if self._has_link(path) else None
        return _kind(node)

    def identity(self, path: str) -> Hashable:  # docstring inherited
        info = h5o.get_info(self.raw(path).id)
        return info.fileno, info.addr

    def problem(self, path: str) -> str:  # docstring inherited
        try:
            node = self.raw(path)
        except NodeError:
            link = self._file.get(path, getlink=True)
            target = f"{getattr(link, 'filename', '')}{getattr(link, 'path', '')}"
            return f"a broken link to {target!r}"
        return "a type without data" if isinstance(node, h5py.Datatype) else ""

    def _has_link(self, path: str) -> bool:
        try:
            return self._file.get(path, getlink=True) is not None
        except (KeyError, OSError, RuntimeError):
            return False

    def child_names(self, path: str) -> list[str]:  # docstring inherited
        node = self.raw(path)
        if not isinstance(node, h5py.Group):
            raise NodeError(f"{path!r} in {self._filename!r} is not a group.")
        return sorted(node)

    def create_group(self, path: str) -> None:  # docstring inherited
        self._require_writable()
        self._file.create_group(path).attrs["CLASS"] = "GROUP"

    def create_array(
        self, path: str, spec: ArraySpec, values: Array | None = None
    ) -> None:  # docstring inherited
        self._require_writable()
        options = _layout_options(spec)
        try:
            dataset = self._file.create_dataset(path, shape=spec.shape, dtype=spec.dtype, **options)
        except TypeError as error:
            raise ArrayTypeError(
                f"HDF5 cannot hold values of dtype {spec.dtype} ({path!r}): {error}"
            ) from error
        dataset.attrs["CLASS"] = "EARRAY" if spec.enlargeable else "CARRAY"
        if spec.enlargeable:
            dataset.attrs["EXTDIM"] = np.int32(0)
        if values is not None and values.size:
            dataset[...] = values

    def create_ragged(self, path: str, dtype: DTypeLike, compression: Compression | None = None) -> None:
        # docstring inherited
        self._require_writable()
        options = _filter_options(compression, checksum=False)
        row = h5py.vlen_dtype(np.dtype(dtype))
        dataset = self._file.create_dataset(path, shape=(0,), maxshape=(None,), dtype=row, **options)
        dataset.attrs["CLASS"] = "VLARRAY"
        dataset.attrs["EXTDIM"] = np.int32(0)

    def delete(self, path: str) -> None:  # docstring inherited
        self._require_writable()
        del self._file[path]

    def move(self, source: str, target: str) -> None:  # docstring inherited
        self._require_writable()
        self._file.move(source, target)

    def link(self, source: str, target: str) -> None:  # docstring inherited
        node = self.raw(source)
        self._require_writable()
        self._file[target] = node

    def copy(self, source: str, target: str) -> None:  # docstring inherited
        node = self.raw(source)
        self._require_writable()
        self._file.copy(node, target)

    # Arrays

    def _dataset(self, path: str) -> h5py.Dataset:
        node = self.raw(path)
        if not isinstance(node, h5py.Dataset):
            raise NodeError(f"{path!r} in {self._filename!r} is not an array.")
        return node

    def array_info(self, path: str) -> ArrayInfo:  # docstring inherited
        dataset = self._dataset(path)
        row = h5py.check_vlen_dtype(dataset.dtype)
        return ArrayInfo(
            shape=tuple(dataset.shape or ()),
            dtype=dataset.dtype if row is None else np.dtype(row),
            enlargeable=_is_enlargeable(dataset),
            chunks=dataset.chunks,
            filters=tuple(name for _, name in _filters(dataset)),
            stored_bytes=int(dataset.id.get_storage_size()),
        )

    def read(self, path: str, selection: Selection = ()) -> Any:  # docstring inherited
        dataset = self._dataset(path)
        if dataset.shape is None:
            return np.empty((0,), dataset.dtype)
        if _missing_filter(dataset):
            load_plugins()
        try:
            if h5py.check_string_dtype(dataset.dtype) is not None and dataset.dtype.kind == "O":
                return dataset.asstr()[selection]
            values = dataset[selection]
        except (ValueError, IndexError, TypeError) as error:
            raise ArrayIndexError(
                f"{selection!r} does not select from {path!r} of shape {dataset.shape}: {error}"
            ) from error
        except OSError as error:
            reason = _missing_filter(dataset) or str(error)
            raise FileFormatError(f"{path!r} in {self._filename!r} cannot be read: {reason}") from error
        if dataset.dtype.kind == "O" and isinstance(values, np.ndarray) and dataset.shape == values.shape:
            return list(values)
        return values

    def write(self, path: str, selection: Selection, values: Any) -> None:  # docstring inherited
        dataset = self._dataset(path)
        self._require_writable()
        try:
            dataset[selection] = values
        except (ValueError, IndexError) as error:
            raise ArrayIndexError(
                f"{selection!r} does not select from {path!r} of shape {dataset.shape}: {error}"
            ) from error
        except TypeError as error:
            raise ArrayShapeError(
                f"values do not fit {selection!r} of {path!r} of shape {dataset.shape}: {error}"
            ) from error

    def append(self, path: str, values: Array) -> None:  # docstring inherited
        dataset = self._dataset(path)
        self._require_writable()
        length = dataset.shape[0]
        if h5py.check_vlen_dtype(dataset.dtype) is not None:
            dataset.resize(length + 1, axis=0)
            dataset[length] = values
        else:
            dataset.resize(length + len(values), axis=0)
            dataset[length:] = values

    def writer(self, path: str) -> Writer:  # docstring inherited
        dataset = self._dataset(path)
        self._require_writable()
        return _HandleWriter(dataset.id, path, self._filename)

    # Attributes

    def attribute_names(self, path: str) -> list[str]:  # docstring inherited
        return sorted(self.raw(path).attrs)

    def read_attribute(self, path: str, name: str) -> RawValue:  # docstring inherited
        node = self.raw(path)
        if name not in node.attrs:
            raise AttributeMissingError(f"{path!r} in {self._filename!r} has no attribute {name!r}.")
        try:
            value = node.attrs[name]
        except (OSError, TypeError, ValueError) as error:
            raise UndecodableError(
                f"attribute {name!r} of {path!r} is of a type that cannot be read: {error}"
            ) from error
        return _plain(value, path, name)

    def write_attributes(self, path: str, values: Mapping[str, RawValue]) -> None:  # docstring inherited
        node = self.raw(path)
        self._require_writable()
        for name, value in values.items():
            _write_attribute(node, name, value)

    def delete_attribute(self, path: str, name: str) -> None:  # docstring inherited
        node = self.raw(path)
        self._require_writable()
        if name not in node.attrs:
            raise AttributeMissingError(f"{path!r} in {self._filename!r} has no attribute {name!r}.")
        del node.attrs[name]


class _HandleWriter:
    """Writes points through a dataset's low-level handle; the spaces are made once."""

    def __init__(self, dataset: h5d.DatasetID, path: str, filename: str) -> None:
        self._dataset = dataset
        self._where = f"{path!r} in {filename!r}"
        self._shape = tuple(dataset.shape)
        self._type = dataset.get_type()
        self._space = dataset.get_space()
        self._memory: dict[int, tuple[h5s.SpaceID, tuple[int, ...], tuple[int, ...]]] = {}

    def write(self, index: tuple[int, ...], values: Array) -> None:
        # docstring inherited
        leading = len(index)
        if leading not in self._memory:
            rest = self._shape[leading:]
            self._memory[leading] = h5s.create_simple(rest or (1,)), (0,) * len(rest), (1,) * leading + rest
        memory, zeros, count = self._memory[leading]
        self._space.select_hyperslab(index + zeros, count)
        try:
            self._dataset.write(memory, self._space, values, self._type)
        except (OSError, RuntimeError) as error:
            raise FileError(f"writing point {index} of {self._where} failed: {error}") from error
        except ValueError as error:
            raise FileClosedError(
                f"writing point {index} of {self._where} failed, the file is closed: {error}"
            ) from error


def _file_access() -> h5p.PropFAID:
    fapl = h5p.create(h5p.FILE_ACCESS)
    fapl.set_fclose_degree(h5f.CLOSE_STRONG)
    # The earliest format is the one that every HDF5 program opens, also after its writer was killed.
    fapl.set_libver_bounds(h5f.LIBVER_EARLIEST, h5f.LIBVER_LATEST)
    # Without the sieve buffer each write of a contiguous array goes to the operating system before it returns.
    fapl.set_sieve_buf_size(0)
    return fapl


def _require_sane(path: Path, mode: OpenMode) -> None:
    if mode not in ("r", "r+", "a", "w", "x"):
        raise FileError(f"mode {mode!r} is not one of 'r', 'r+', 'a', 'w', 'x'.")
    if path.is_dir():
        raise FileError(f"{str(path)!r} is a folder, not a file.")
    if mode in ("r", "r+") and not path.exists():
        raise FileMissingError(f"there is no file {str(path)!r}.")
    if not path.parent.is_dir():
        raise FileMissingError(
            f"there is no folder {str(path.parent)!r} to hold {path.name!r}; create it first."
        )
    if mode == "x" and path.exists():
        raise FileTakenError(f"{str(path)!r} exists already; open it with mode 'a', or choose another name.")


def _open_error(path: Path, mode: OpenMode, error: OSError) -> FileError:
    if isinstance(error, PermissionError):
        return FileAccessError(f"no permission to open {str(path)!r} with mode {mode!r}: {error}")
    if "unable to lock file" in str(error) or "already open" in str(error):
        return FileAccessError(
            f"{str(path)!r} is open in another program or object; close it there first: {error}"
        )
    if mode in ("w", "x") or not path.exists():
        return FileError(f"{str(path)!r} cannot be created: {error}")
    return FileFormatError(f"{str(path)!r} is not an HDF5 file, or it is damaged: {error}")


def _kind(node: Any) -> NodeKind:
    if isinstance(node, h5py.Group):
        return NodeKind.GROUP
    if not isinstance(node, h5py.Dataset):
        return NodeKind.UNREADABLE
    vlen = h5py.check_vlen_dtype(node.dtype)
    if vlen is not None and not isinstance(vlen, type):
        return NodeKind.VLARRAY
    return NodeKind.EARRAY if _is_enlargeable(node) else NodeKind.CARRAY


def _is_enlargeable(dataset: h5py.Dataset) -> bool:
    return bool(dataset.shape) and dataset.maxshape[0] is None


def _layout_options(spec: ArraySpec) -> dict[str, Any]:
    options: dict[str, Any] = {"chunks": spec.chunks}
    if spec.placed:
        if spec.enlargeable or spec.compression or spec.checksum or spec.chunks:
            raise UnsupportedError(
                "a placed array is in one piece: not enlargeable, chunked, compressed or with checksums."
            )
        dcpl = h5p.create(h5p.DATASET_CREATE)
        dcpl.set_layout(h5d.CONTIGUOUS)
        dcpl.set_alloc_time(h5d.ALLOC_TIME_EARLY)
        return {"dcpl": dcpl}
    if spec.enlargeable:
        options["maxshape"] = (None, *spec.shape[1:])
    if spec.fill_value is not None:
        options["fillvalue"] = spec.fill_value
    # HDF5 packs chunks: an array without room for values has none.
    if spec.enlargeable or (spec.shape and 0 not in spec.shape):
        options.update(_filter_options(spec.compression, checksum=spec.checksum))
    return options


def _filter_options(compression: Compression | None, *, checksum: bool) -> dict[str, Any]:
    options: dict[str, Any] = {"fletcher32": True} if checksum else {}
    if compression is None or compression.level == 0:
        return options
    if compression.name == "gzip":
        return {
            **options,
            "compression": "gzip",
            "compression_opts": compression.level,
            "shuffle": compression.shuffle,
        }
    return {**options, **plugin_options(compression)}


def _filters(dataset: h5py.Dataset) -> list[tuple[int, str]]:
    dcpl = dataset.id.get_create_plist()
    found = [dcpl.get_filter(index) for index in range(dcpl.get_nfilters())]
    return [(number, name.decode(errors="replace")) for number, _, _, name in found]


def _missing_filter(dataset: h5py.Dataset) -> str:
    for number, name in _filters(dataset):
        if not h5z.filter_avail(number):
            return filter_problem(number, name)
    return ""


def _plain(value: Any, path: str, name: str) -> RawValue:
    if isinstance(value, np.bytes_ | bytes):
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            return bytes(value)
    if isinstance(value, str | np.generic):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufcSO":
        if value.dtype.kind == "O" and not all(isinstance(item, str) for item in value.flat):
            raise UndecodableError(f"attribute {name!r} of {path!r} holds references or rows, not values.")
        return value
    raise UndecodableError(
        f"attribute {name!r} of {path!r} is of a type that has no Python value: {value!r}."
    )


def _write_attribute(node: Any, name: str, value: RawValue) -> None:
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        node.attrs.create(name, value, dtype=h5py.string_dtype())
    else:
        node.attrs.create(name, value)
