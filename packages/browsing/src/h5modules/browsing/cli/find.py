"""``h5modules find``: files found by what they hold."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from h5modules.backends import FileMissingError, FileState, local_path
from h5modules.browsing._errors import NothingToShowError
from h5modules.browsing._states import INCOMPLETE
from h5modules.browsing._tree import printable
from h5modules.browsing.catalogue import (
    Catalogue,
    CataloguedScan,
    CatalogueEntry,
    CatalogueUpdate,
    Condition,
    Query,
    QueryError,
    parse_shape,
)

from ._terminal import AsJson, console, progress_bar, show_block, tell_json

NOTHING_FOUND = 1
"""The exit code when nothing was found."""

_MOST_PROCESSES = 8
"""How many processes read files at most: with more, disks are what takes time."""

_MOST_TOLD = 10
"""How many of the files that could not be read are named."""


def find(  # noqa: PLR0913 - the options of a search
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", parser=local_path, help="Where to search, with all below.")
    ] = Path(),
    title: Annotated[str, typer.Option(help="In the title of the scan, or of the file.")] = "",
    since: Annotated[str, typer.Option(help="Begun then or later: 2026-03-01, or 2026-03-01T14:30.")] = "",
    until: Annotated[str, typer.Option(help="Begun then or before; a day counts whole.")] = "",
    shape: Annotated[str, typer.Option(help="The shape of the scan: 41x41, or 41x* for any length.")] = "",
    actuator: Annotated[str, typer.Option(help="In the title of an actuator.")] = "",
    detector: Annotated[str, typer.Option(help="In the title of a detector.")] = "",
    holding: Annotated[
        list[str] | None,
        typer.Option(
            "--with",
            help="An attribute or a setting: gain, gain=3, Camera/exposure>=0.1; again for more.",
            show_default=False,
        ),
    ] = None,
    log: Annotated[str, typer.Option(help="In the log.")] = "",
    comment: Annotated[str, typer.Option(help="In the comments.")] = "",
    text: Annotated[str, typer.Option(help="Anywhere: titles, attributes, settings, log, comments.")] = "",
    state: Annotated[str, typer.Option(help="running, finished, incomplete or interrupted.")] = "",
    update: Annotated[bool, typer.Option(help="Read first what is new or changed.")] = True,
    index: Annotated[
        Path | None, typer.Option(help="The index; in the user's cache by default.", show_default=False)
    ] = None,
    thumbnails: Annotated[
        Path | None,
        typer.Option(help="A folder to save a small picture of each scan in.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find files by what they hold, the newest first. All that is given must hold; * stands for any letters.

    Each file is read once, and again when it has changed. Nothing is changed in it, and nobody who writes it
    is held up.

    Exit codes: 0 found; 1 nothing found; 2 the input was refused.
    """
    query = Query(
        title=title,
        since=_moment(since),
        until=_moment(until, whole_day=True),
        shape=parse_shape(shape) if shape else None,
        actuator=actuator,
        detector=detector,
        conditions=tuple(Condition.parse(text) for text in holding or ()),
        log=log,
        comment=comment,
        text=text,
        state=_state(state),
    )
    with Catalogue(index) as catalogue:
        if update:
            _require_folder(folder)
            _tell_unread(_updated(catalogue, folder))
        found = catalogue.search(query, folder)
        if as_json:
            for entry in found:
                tell_json(**_as_object(entry))
        else:
            _show(console(), found, folder.resolve())
        if thumbnails is not None:
            _save_thumbnails(catalogue, found, thumbnails)
    if not found:
        raise typer.Exit(NOTHING_FOUND)


def _require_folder(folder: Path) -> None:
    if not folder.exists():
        word = shlex.quote(folder.name)
        message = (
            f"there is no folder {str(folder)!r}. To find files that speak of it, write "
            f"--text {word}, or --title {word}."
        )
        raise FileMissingError(message)


def _moment(text: str, *, whole_day: bool = False) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is no date; write such as 2026-03-01, or 2026-03-01T14:30."
        raise QueryError(message) from None
    is_day = whole_day and len(text) == len("2026-03-01")
    return moment + timedelta(days=1, microseconds=-1) if is_day else moment


def _state(text: str) -> str:
    known = [*(each.value for each in FileState), INCOMPLETE]
    if text and text not in known:
        raise QueryError(f"{text!r} is no state of a file; there are {', '.join(known)}.")
    return text


def _updated(catalogue: Catalogue, folder: Path) -> CatalogueUpdate:
    with progress_bar("Reading files") as show:
        return catalogue.update(folder, show, _processes())


def _processes() -> int:
    """Return how many processes read files: the others of a machine are left to what runs on it."""
    return max(1, min((os.cpu_count() or 1) // 2, _MOST_PROCESSES))


def _tell_unread(update: CatalogueUpdate) -> None:
    for unread in update.unread[:_MOST_TOLD]:
        where = "" if str(unread.path) in unread.reason else f"{unread.path}: "
        typer.echo(f"Not read: {printable(where + unread.reason)}", err=True)
    if (more := len(update.unread) - _MOST_TOLD) > 0:
        typer.echo(f"Not read: {more} more", err=True)


def _as_object(entry: CatalogueEntry) -> dict[str, Any]:
    """Return an entry as JSON has it: dates as ISO 8601."""
    told = asdict(entry) | {"date": entry.date.isoformat()}
    for scan, known in zip(told["scans"], entry.scans, strict=True):
        scan["date"] = scan["date"] and scan["date"].isoformat()
        scan["state"] = entry.state_of(known)
    return told


def _show(terminal: Console, found: list[CatalogueEntry], folder: Path) -> None:
    if not found:
        typer.echo("Nothing found.", err=True)
        return
    table = Table.grid(padding=(0, 2))
    for number, column in enumerate(("dim", "bold", "cyan", "", "yellow", "", "dim")):
        table.add_column(style=column, overflow="fold", no_wrap=number in (0, 2, 3))
    for entry in found:
        for row in _rows(entry, folder):
            table.add_row(*(Text(printable(cell)) for cell in row))
    show_block(terminal, table)


def _rows(entry: CatalogueEntry, folder: Path) -> Iterator[tuple[str, ...]]:
    path = entry.path.name if entry.path == folder else str(entry.path.relative_to(folder))
    if not entry.scans:
        yield f"{entry.date:%Y-%m-%d %H:%M}", path, "", "", _word(entry.state), entry.title, ""
    for scan in entry.scans:
        date = scan.date or entry.date
        shape = "log" if scan.is_log else " x ".join(map(str, scan.shape))
        modules = "; ".join(", ".join(titles) for titles in (scan.actuators, scan.detectors) if titles)
        progress = ", ".join(filter(None, (_word(entry.state_of(scan)), _progress(scan))))
        name = scan.path.rpartition("/")[2]
        yield f"{date:%Y-%m-%d %H:%M}", path, name, shape, progress, scan.title, modules


def _word(state: str) -> str:
    return "" if state == FileState.FINISHED.value else state


def _progress(scan: CataloguedScan) -> str:
    if scan.is_log:
        return f"{scan.acquired} rows"
    is_whole = scan.acquired is None or scan.acquired == scan.total
    return "" if is_whole else f"{scan.acquired} of {scan.total} points"


def _save_thumbnails(catalogue: Catalogue, found: list[CatalogueEntry], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, entry in enumerate(found):
        for scan in entry.scans:
            target = folder / f"{number:04d}-{entry.path.stem}-{scan.path.rpartition('/')[2]}.png"
            try:
                target.write_bytes(catalogue.thumbnail(entry.path, scan.path))
            except NothingToShowError as error:
                typer.echo(f"No picture: {printable(str(error))}", err=True)
