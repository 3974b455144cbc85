"""The commands ``h5modules tree`` and ``h5modules plot``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from h5modules.backends import H5Backend

from ._tree import TreeEntry, branches, iter_tree, printable, size_text

File = Annotated[Path, typer.Argument(help="An HDF5 file.", show_default=False)]


def tree(
    file: File,
    where: Annotated[str, typer.Argument(help="The node to start at.")] = "/",
    depth: Annotated[int | None, typer.Option(help="How many levels to show; all by default.", min=0)] = None,
) -> None:
    """Show what a file holds: names, shapes, units and sizes."""
    print_tree(file, where, depth)


def plot(
    file: File,
    scan: Annotated[
        str | None, typer.Option(help="A scan, as Scan000; the last one by default.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The picture; by default beside the file.", show_default=False),
    ] = None,
) -> None:
    """Draw a scan: its maps, spectra and frames; a picture of that name is replaced."""
    from ._picture import plot_scan  # matplotlib takes a second to import

    typer.echo(f"Picture: {plot_scan(file, scan, output)}")


def print_tree(path: Path, where: str = "/", depth: int | None = None) -> None:
    """Print the tree of a file: cut at the width of a terminal, whole lines into a pipe."""
    with H5Backend.open(path) as file:
        entries = list(iter_tree(file, where, depth))
    console = Console(highlight=False)
    first, *below = _lines(entries, ascii_only=console.options.ascii_only)
    heading = Text.assemble((printable(str(path)), "bold"), f"  {size_text(path.stat().st_size)}")
    shown = [heading, *below] if entries[0].path == "/" else [heading, first, *below]
    for line in shown:
        if console.is_terminal:
            console.print(line, no_wrap=True, overflow="ellipsis")
        else:
            console.print(line, soft_wrap=True)


def _lines(entries: Sequence[TreeEntry], *, ascii_only: bool) -> list[Text]:
    drawn = branches(entries, ascii_only=ascii_only)
    width = max(len(branch) + len(entry.name) for branch, entry in zip(drawn, entries, strict=True))
    titles: dict[int, str] = {}
    lines = []
    for branch, entry in zip(drawn, entries, strict=True):
        titles[entry.depth] = entry.title
        is_told = entry.title in (titles.get(entry.depth - 1), entry.name)
        parts = _description(entry, "" if is_told else entry.title)
        space = " " * (width + 2 - len(branch) - len(entry.name)) if parts else ""
        style = "red" if entry.remark else "bold blue" if entry.kind == "GROUP" else "green"
        lines.append(Text.assemble((branch, "dim"), (entry.name, style), space, *parts))
    return lines


def _description(entry: TreeEntry, title: str) -> list[tuple[str, str]]:
    """Return what to say of a node, each part with its style."""
    if entry.remark:
        return [(entry.remark, "red")]
    if entry.kind == "GROUP":
        return [(title, "italic")] if title else []
    shape = " x ".join(map(str, entry.shape))
    if entry.kind == "StringARRAY":
        return [(f"{shape} line{'' if entry.shape == (1,) else 's'} of text", "")]
    parts = [(f"{shape} {entry.dtype}".strip(), ""), (entry.units, "cyan"), (title, "italic")]
    parts.insert(2, (size_text(entry.nbytes) if entry.kind != "VLARRAY" else "rows of any length", "dim"))
    return [
        (text if number == 0 else f"  {text}", style) for number, (text, style) in enumerate(parts) if text
    ]
