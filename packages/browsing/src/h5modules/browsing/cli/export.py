"""``h5modules export``: a node in the format of another program."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import typer

from h5modules.backends import local_path
from h5modules.browsing._opening import open_to_read
from h5modules.browsing.export import NotAcquiredWarning, export_node

from ._terminal import AsJson, File, progress_bar, tell_json


def export(
    file: File,
    node: Annotated[str, typer.Argument(metavar="NODE", help="What to export.")] = "/",
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="PATH", parser=local_path, help="The file to write.", show_default=False
        ),
    ] = ...,  # type: ignore[assignment]  # how typer is told that an option is required
    format_name: Annotated[
        str | None,
        typer.Option("--format", help="The format; by default that of the ending.", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")] = False,
    as_json: AsJson = False,
) -> None:
    """Save a part of a file in another format.

    Formats: csv, csv-long, txt, npy, npz, nc, zarr, h5, nxs, tif, parquet, mat, hspy, ascii (for FLIMJ).

    Exit codes: 0 done; 2 the input was refused, nothing was written.
    """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", NotAcquiredWarning)
        with open_to_read(file) as opened, progress_bar("Export") as show:
            found = opened.get_node(node)
            export_node(found, output, format_name=format_name, overwrite=overwrite, progress=show)
    for each in told:
        typer.echo(f"Warning: {each.message}", err=True)
    if as_json:
        tell_json(file=file, node=found.path, target=str(output), bytes=_size(output))
    else:
        typer.echo(f"Exported: {output}")


def _size(target: Path) -> int:
    files = [path for path in target.rglob("*") if path.is_file()] if target.is_dir() else [target]
    return sum(path.stat().st_size for path in files)
