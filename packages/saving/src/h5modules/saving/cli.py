"""``h5modules recover`` and ``h5modules pack``: files that were not closed, files that take too much room."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from h5modules.backends import Compression, CompressionError, FileState, H5ModulesError, local_path

from ._packing import Packed, pack
from ._recovery import Recovered, recover

BAD_INPUT = 2
"""The exit code when one of the files could not be dealt with."""

VALUES_GONE = 3
"""The exit code when of a file bytes were missing."""

T = TypeVar("T")

Paths = Annotated[
    list[Path],
    typer.Argument(metavar="PATH", parser=local_path, help="Files, or folders: all HDF5 files below them."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for each file.")]


def recover_files(
    paths: Paths,
    fill: Annotated[
        bool,
        typer.Option(help="Write NaN where points were not acquired, however much there is to write."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Finish what a killed writer left: every program reads what was acquired then, and nothing is lost.

    Of files that were cut off it tells what is gone. Exit codes: 0 done; 2 a file could not be dealt with; 3
    a file was cut off, and is not whole.
    """
    tell = _recovered_json if as_json else _recovered_text
    found = _each(paths, lambda path: recover(path, fill=fill), tell)
    if any(each.file.bytes_missing for each in found):
        raise typer.Exit(VALUES_GONE)


def pack_files(
    paths: Paths,
    compression: Annotated[
        str, typer.Option(help="gzip, which every program reads; fast; or lz4, bitshuffle, zstd, blosc2.")
    ] = "gzip",
    level: Annotated[int, typer.Option(help="0 (none) to 9.", min=0, max=9)] = 4,
    as_json: AsJson = False,
) -> None:
    """Pack closed files: each is replaced by a packed copy, if that is smaller, and was found to be the same.

    With --level 0 files are unpacked, and become larger.
    """
    try:
        wanted = Compression(compression, level)
    except CompressionError as error:
        raise typer.BadParameter(str(error)) from None
    _each(paths, lambda path: pack(path, wanted), _packed_json if as_json else _packed_text)


def _each(paths: list[Path], do: Callable[[Path], T], tell: Callable[[T], str]) -> list[T]:
    """Deal with every file, whatever becomes of the others; return what became of them."""
    failed, done = False, []
    for path in _files(paths):
        try:
            done.append(do(path))
            typer.echo(tell(done[-1]))
        except H5ModulesError as error:
            failed = True
            typer.echo(f"Error: {error}", err=True)
    if failed:
        raise typer.Exit(BAD_INPUT)
    return done


def _files(paths: list[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            names = ("*.h5", "*.hdf5", "*.hdf", "*.nxs")
            yield from sorted(found for name in names for found in path.rglob(name) if found.is_file())
        else:
            yield path


def _recovered_text(found: Recovered) -> str:
    told = {
        "its writer ended without closing it": found.file.state is FileState.INTERRUPTED,
        "a structure change was finished": found.file.journal_applied,
        "the mark of a writer was taken away": found.file.flags_cleared,
        f"{found.file.bytes_found:,} bytes beyond the end were kept": bool(found.file.bytes_found),
        f"it was cut off, {found.file.bytes_missing:,} bytes are gone": bool(found.file.bytes_missing),
        "the room that logs kept for more rows was given back": bool(found.rows_cut),
    }
    done = "; ".join(text for text, is_so in told.items() if is_so)
    lines = [f"{found.path}: {done or 'whole'}"]
    for count in found.groups:
        remark = "" if count.is_filled else "; points not acquired read 0 in other programs (see --fill)"
        lines.append(f"  {count}{remark}")
    if found.file.bytes_missing:
        lines += [f"  gone: {each}" for each in found.lost] or ["  no values lay there"]
        lines.append("  If there is a whole copy of it somewhere, take that.")
    return "\n".join(lines)


def _recovered_json(found: Recovered) -> str:
    groups = [
        {"path": each.path, "acquired": each.acquired, "total": each.total, "filled": each.is_filled}
        for each in found.groups
    ]
    told = {
        "path": str(found.path),
        "was_whole": found.was_whole,
        "journal_applied": found.file.journal_applied,
        "flags_cleared": found.file.flags_cleared,
        "bytes_found": found.file.bytes_found,
        "bytes_missing": found.file.bytes_missing,
        "rows_cut": found.rows_cut,
        "groups": groups,
        "lost": [
            {"path": each.path, "values": each.values, "total": each.total, "reads": each.reads}
            for each in found.lost
        ],
    }
    return json.dumps(told)


def _packed_text(packed: Packed) -> str:
    before = f"{packed.path}: {packed.before:,} bytes on the disk"
    if packed.was_replaced:
        return f"{before}, now {packed.after:,}"
    return f"{before}, left as it was: packed it takes {packed.copied:,}"


def _packed_json(packed: Packed) -> str:
    return json.dumps({**asdict(packed), "path": str(packed.path)})
