"""The commands ``h5modules tree`` and ``h5modules plot``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from h5modules.backends import H5Backend

from ._tree import TreeEntry, iter_tree

File = Annotated[Path, typer.Argument(help="An HDF5 file.", show_default=False)]


def tree(
    file: File,
    where: Annotated[str, typer.Argument(help="The node to start at.")] = "/",
    depth: Annotated[int | None, typer.Option(help="How many levels to show; all by default.", min=0)] = None,
) -> None:
    """Show what a file holds: names, shapes, units and sizes."""
    Console().print(render_tree(file, where, depth))


def plot(
    file: File,
    scan: Annotated[
        str | None, typer.Option(help="The scan's path in the file; the last scan by default.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The PNG; beside the file by default.")
    ] = None,
) -> None:
    """Draw a scan: map, mean spectrum, frame."""
    from ._picture import plot_scan  # matplotlib and PyMoDAQ's data take seconds to import

    Console().print(f"Picture: {plot_scan(file, scan, output)}", soft_wrap=True)


def render_tree(path: Path, where: str = "/", depth: int | None = None) -> Tree:
    """Return the tree of a file, to be printed by rich."""
    with H5Backend.open(path) as file:
        entries = iter_tree(file, where, depth)
        first = next(entries)
        root = Tree(Text.assemble((str(path), "bold"), (f"  {first.title}", "dim")), guide_style="dim")
        levels = [root]
        for entry in entries:
            del levels[entry.depth :]
            levels.append(levels[-1].add(_line(entry)))
    return root


def _line(entry: TreeEntry) -> Text:
    if entry.remark:
        return Text.assemble((entry.name, "red"), (f"  {entry.remark}", "red dim"))
    title = "" if entry.title in ("", entry.name) else f"  {entry.title}"
    if entry.kind == "GROUP":
        return Text.assemble((entry.name, "bold blue"), (title, "italic"))
    shape = " x ".join(map(str, entry.shape)) or "1 value"
    size = f"  {_size(entry.nbytes)}" if entry.kind in ("CARRAY", "EARRAY") else ""
    what = "lines of text" if entry.kind == "StringARRAY" else entry.dtype
    units = f" {entry.units}" if entry.units else ""
    return Text.assemble(
        (entry.name, "green"), f"  {shape} {what}", (units, "cyan"), (size, "dim"), (title, "italic")
    )


def _size(nbytes: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if nbytes < 1000:
            return f"{nbytes:.3g} {unit}"
        nbytes /= 1000
    return f"{nbytes:.3g} TB"
