"""Copying whole files, of any library to any other: the copy is there whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._copying import Packing, copy_tree
from ._driver import Driver, OpenMode
from ._errors import FileMissingError
from ._replacing import hidden_name, own_copy_error, replacement, taken_error
from ._sidecars import claim_path, journal_path


@dataclass(frozen=True, slots=True)
class Destination:
    """A file to be made: its path or domain, the driver class to make it with, and that class's options."""

    target: Path | str
    library: type[Driver]
    options: Mapping[str, Any] = field(default_factory=dict)
    overwrite: bool = False


def save_file(
    source: Driver,
    destination: Destination,
    *,
    packing: Packing | None = None,
    leave_out: bool = False,
) -> list[str]:
    """Copy a whole file, of any library to any other; the copy is there whole or not at all.

    Parameters
    ----------
    source
        The open file.
    destination
        Where and how to make the copy.
    packing, leave_out
        See `copy_tree`.

    Returns
    -------
    What was left out, and why.

    Raises
    ------
    FileTakenError
        When there is a file of that name, and it is not to be replaced.
    FileAccessError
        When it is the open file itself, or somebody writes it, or its folder may not be written.
    FileError
        When anything else is in the way.
    UnsupportedError
        When something cannot be copied.
    """
    if source.writable:
        source.flush()

    def fill(target: Path | str, mode: OpenMode) -> list[str]:
        copy = destination.library.open(target, mode, **destination.options)
        try:
            return copy_tree(source, "/", copy, "/", packing=packing, leave_out=leave_out)
        finally:
            copy.close()

    if not destination.library.abilities.local:
        return _save_elsewhere(source, destination, fill)
    # What is being written is copied through the library: its file holds room for rows to come.
    as_it_is = packing is None and source.abilities.local and not source.writable
    return _save_local(source, destination, fill, as_it_is=as_it_is)


def _save_local(
    source: Driver,
    destination: Destination,
    fill: Callable[[Path | str, OpenMode], list[str]],
    *,
    as_it_is: bool,
) -> list[str]:
    origin = source.filename if source.abilities.local else None
    with replacement(destination.target, source=origin, overwrite=destination.overwrite) as beside:
        return [] if as_it_is and _copy_bytes(Path(source.filename), beside) else fill(beside, "w")


def _copy_bytes(source: Path, target: Path) -> bool:
    """Copy a file as it is, whatever it holds; return False where that would not make a good one."""
    if claim_path(source).exists() or journal_path(source).exists():
        return False  # somebody writes it, or was killed while its structure changed
    try:
        with source.open("rb") as file:
            if _is_marked_as_open(file.read(12)):
                return False
        import shutil  # here: it brings the libraries of all archives along

        shutil.copyfile(source, target)
    except PermissionError:  # Windows lets nobody read what HDF5 has locked
        return False
    return True


def _is_marked_as_open(start: bytes) -> bool:
    # The newer formats (superblock 3) note in byte 11 that a program writes: nobody could open the copy.
    return start[:8] != b"\x89HDF\r\n\x1a\n" or (start[8] >= 3 and start[11] != 0)


def _save_elsewhere(
    source: Driver, destination: Destination, fill: Callable[[Path | str, OpenMode], list[str]]
) -> list[str]:
    """Save where the library alone can give a name: under a hidden one first, as `replacement` does."""
    library, target, options = destination.library, destination.target, destination.options
    there = _root_of(destination)
    if there is not None:
        if not destination.overwrite:
            raise taken_error(target)
        if library is type(source) and source.identity("/") == there:
            raise own_copy_error(target)
    above, slash, name = str(target).rpartition("/")
    beside = f"{above}{slash}{hidden_name(name)}"
    try:
        left_out = fill(beside, "x")
        library.rename_file(beside, target, **options)
    except BaseException:
        library.delete_file(beside, **options)
        raise
    return left_out


def _root_of(destination: Destination) -> Hashable | None:
    """Return what the root of the file that is there now is known by; None where there is none."""
    try:
        existing = destination.library.open(destination.target, "r", **destination.options)
    except FileMissingError:
        return None
    try:
        return existing.identity("/")
    finally:
        existing.close()
