"""Packing a file whose scans are over: a whole new file, compared with the old one, takes its place."""

from __future__ import annotations

import math
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from h5modules.backends import (
    CARRAY,
    GROUP,
    MADE_WITH_THE_NODE,
    VLARRAY,
    Compression,
    FileAccessError,
    FileError,
    H5Backend,
    Node,
    UnreadableNode,
    claimed,
    local_path,
    recover,
)

from ._chunks import chunks_for_both

BLOCK_BYTES = 16 * 2**20
"""About how much of an array is compared at once."""


class PackingError(FileError):
    """The packed copy is not the same as the file: the file was left as it was."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What packing did to a file.

    Attributes
    ----------
    path
        The file.
    before, after
        How many bytes it took on the disk, and takes now.
    copied
        How many bytes its packed copy takes.
    was_replaced
        Whether the copy took the place of the file; else the file was left as it was, and is the smaller one.
    """

    path: Path
    before: int
    after: int
    copied: int
    was_replaced: bool


def pack(
    path: Path | str,
    compression: Compression | None = None,
    chunks: Callable[[CARRAY], tuple[int, ...] | None] = chunks_for_both,
) -> Packed:
    """Pack all arrays of a closed file; it is there whole at any moment, before or after.

    A copy is written beside the file, read again and compared value by value, and takes the place of the file
    then, if it takes less of the disk: what is small, or noise, may take more when it is packed. With level
    0, which unpacks, it does so in any case. It can be interrupted at any moment. The rights of the
    file stay, and so does a symbolic link to it. A scan in it that is not complete can be gone on with.

    Parameters
    ----------
    path
        The path of a local file.
    compression
        How; gzip with shuffle by default, which every HDF5 program reads.
    chunks
        Called with each array that lies in one piece; returns its chunks, or None where the library may
        choose. By default, a point of a scan and the map of a pixel need about as much of the array.

    Raises
    ------
    FileMissingError, FileFormatError
        When there is no such file, or it is damaged.
    FileAccessError
        When it is open for writing; or, where the system does not let open files be replaced (Windows), when
        somebody reads it. Nothing was changed.
    UnsupportedError
        When it holds something that cannot be copied; nothing was changed.
    PackingError
        When the copy is not the same; nothing was changed.

    Examples
    --------
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     array = file.create_carray('/', 'Data', np.zeros((200, 1000)))
    >>> packed = pack(tmp_path / 'scan.h5')
    >>> packed.after < packed.before / 100
    True
    """
    where, wanted = local_path(path), compression or Compression()
    H5Backend.open(where).close_file()  # of one that is cut off, recover() would have what is lost read 0
    recover(where)  # a packed file has no journal, and no mark of a writer
    with claimed(where):
        before = _bytes_on_disk(where)
        # Of one folder with the file, so that it can be renamed; not `.part`, which the copy is called first.
        real = where.resolve()  # a link to the file stays one
        beside = real.with_name(f".{real.name[:40]}.{secrets.token_hex(4)}.packed")
        try:
            _write_packed(where, beside, wanted, chunks)
            copied = _bytes_on_disk(beside)
            is_wanted = copied < before or wanted.level == 0
            if is_wanted:
                _give_rights(real, beside)
                beside.replace(real)
        except PermissionError as error:
            raise FileAccessError(
                f"{str(where)!r} could not be replaced by its packed copy: somebody reads it, or the folder "
                "may not be written; close it there and try again. Nothing was changed."
            ) from error
        finally:
            beside.unlink(missing_ok=True)
        return Packed(where, before, copied if is_wanted else before, copied, is_wanted)


def _give_rights(file: Path, copy: Path) -> None:
    """Let the same users read and write a copy as the file, as far as the system lets us."""
    found = file.stat()
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(copy, -1, found.st_gid)
        with suppress(OSError):
            os.chown(copy, found.st_uid, -1)
    shutil.copymode(file, copy)


def _bytes_on_disk(path: Path) -> int:
    # A scan takes only what was acquired; where blocks are not told (Windows), its length.
    found = path.stat()
    return int(getattr(found, "st_blocks", math.ceil(found.st_size / 512))) * 512


def _write_packed(
    path: Path,
    beside: Path,
    compression: Compression,
    chunks: Callable[[CARRAY], tuple[int, ...] | None],
) -> None:
    with H5Backend.open(path) as file:

        def chosen(where: str) -> tuple[int, ...] | None:
            array = file.get_node(where)
            return chunks(array) if isinstance(array, CARRAY) else None

        file.save_file_as(beside, compression=compression, chunks=chosen)
        with H5Backend.open(beside) as copy:
            for difference in differences(file, copy):
                raise PackingError(f"the packed copy of {str(path)!r} differs: {difference}.")


def differences(one: H5Backend, other: H5Backend) -> Iterator[str]:
    """Yield in words where two files differ: in their nodes, values or attributes."""
    others = {node.path: node for node in other.walk_nodes()}
    for node in one.walk_nodes():
        twin = others.pop(node.path, None)
        if twin is None or type(twin) is not type(node):
            yield f"{node.path!r} is a {type(node).__name__} in one of them only"
        else:
            yield from _node_differences(node, twin)
    for path in others:
        yield f"{path!r} is in one of them only"


def _node_differences(node: Node, twin: Node) -> Iterator[str]:
    if isinstance(node, UnreadableNode):
        return
    driver, other = node.driver, twin.driver
    # What these say of a library's own way is compared with the nodes themselves.
    values = driver.read_attributes(node.path, MADE_WITH_THE_NODE)
    theirs = other.read_attributes(twin.path, MADE_WITH_THE_NODE)
    if values.keys() != theirs.keys():
        yield f"{node.path!r} has other attributes"
        return
    for name, value in values.items():
        if repr(value) != repr(theirs[name]):
            yield f"the attribute {name!r} of {node.path!r}"
    if isinstance(node, GROUP):
        return
    if isinstance(node, VLARRAY) and isinstance(twin, VLARRAY):
        rows, copied = driver.read(node.path), other.read(twin.path)
        if len(rows) != len(copied) or not all(map(np.array_equal, rows, copied)):
            yield f"the rows of {node.path!r}"
    elif isinstance(node, CARRAY) and isinstance(twin, CARRAY):
        yield from _value_differences(node, twin)


def _value_differences(array: CARRAY, twin: CARRAY) -> Iterator[str]:
    info, other = array.info, twin.info
    if (info.shape, info.dtype) != (other.shape, other.dtype):
        yield f"the shape or the dtype of {array.path!r}"
        return
    for part in _parts(info.shape, info.dtype):
        # By their bytes: a NaN is a NaN.
        if np.asarray(array[part]).tobytes() != np.asarray(twin[part]).tobytes():
            yield f"the values of {array.path!r}"
            return


def _parts(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Any]:
    if not shape:
        yield ...
        return
    rows = max(1, BLOCK_BYTES // max(1, math.prod(shape[1:]) * dtype.itemsize))
    for start in range(0, shape[0], rows):
        yield slice(start, start + rows)
