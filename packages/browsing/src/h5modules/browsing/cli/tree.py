"""``h5modules tree``: what a file holds, a line a node."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from h5modules.backends import is_address
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._tree import Branches, TreeEntry, iter_tree, printable, size_text

from ._terminal import AsJson, File, console, show_line, tell_json

_ALIGNED = 200
"""How many lines are looked at for the width of the first column: the others may be longer."""


def tree(
    file: File,
    where: Annotated[str, typer.Argument(metavar="NODE", help="The node to start at.")] = "/",
    depth: Annotated[int | None, typer.Option(help="How many levels to show; all by default.", min=0)] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a file holds: names, shapes, units, sizes, and how much of each scan was acquired.

    Exit codes: 0 done; 2 the input was refused.
    """
    if as_json:
        with open_to_read(file) as opened:
            for entry in iter_tree(opened, where, depth):
                tell_json(**asdict(entry))
    else:
        print_tree(file, where, depth)


def print_tree(path: Path | str, where: str = "/", depth: int | None = None) -> None:
    """Print the tree of a file as it is read: cut at the width of a terminal, whole lines into a pipe."""
    terminal = console()
    with open_to_read(path) as file:
        entries = iter_tree(file, where, depth)
        first = next(entries)
        size = "" if is_address(path) else f"  {size_text(Path(path).stat().st_size)}"
        show_line(terminal, Text.assemble((printable(str(path)), "bold"), size))
        shown = entries if first.path == "/" else itertools.chain([first], entries)
        for line in _lines(shown, ascii_only=terminal.options.ascii_only):
            show_line(terminal, line)


def _lines(entries: Iterable[TreeEntry], *, ascii_only: bool) -> Iterator[Text]:
    branches = Branches(ascii_only=ascii_only)
    drawn = ((branches.before(entry), entry) for entry in entries)
    start = list(itertools.islice(drawn, _ALIGNED))
    width = max((len(branch) + len(printable(entry.name)) for branch, entry in start), default=0)
    titles: dict[int, str] = {}
    for branch, entry in itertools.chain(start, drawn):
        titles[entry.depth] = entry.title
        is_told = entry.title in (titles.get(entry.depth - 1), entry.name)
        parts = _description(entry, "" if is_told else entry.title)
        name = printable(entry.name)
        space = " " * max(2, width + 2 - len(branch) - len(name)) if parts else ""
        style = "red" if entry.remark else "bold blue" if entry.kind == "GROUP" else "green"
        yield Text.assemble((branch, "dim"), (name, style), space, *parts)


def _description(entry: TreeEntry, title: str) -> list[tuple[str, str]]:
    """Return what to say of a node, each part with its style."""
    if entry.remark:
        return [(printable(entry.remark), "red")]
    parts = [(entry.state, "yellow"), (printable(title), "italic")]
    if entry.kind != "GROUP":
        parts = [*_array_parts(entry), *parts]
    told = [(text, style) for text, style in parts if text]
    return [(text if number == 0 else f"  {text}", style) for number, (text, style) in enumerate(told)]


def _array_parts(entry: TreeEntry) -> list[tuple[str, str]]:
    shape = " x ".join(map(str, entry.shape))
    if entry.kind == "StringARRAY":
        return [(f"{shape} line{'' if entry.shape == (1,) else 's'} of text", "")]
    size = "rows of any length" if entry.kind == "VLARRAY" else size_text(entry.nbytes)
    size = "" if entry.dtype == "text" else size
    return [
        (f"{shape} {printable(entry.dtype)}".strip(), ""),
        (printable(entry.units), "cyan"),
        (size, "dim"),
    ]
