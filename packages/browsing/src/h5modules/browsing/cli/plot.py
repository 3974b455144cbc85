"""``h5modules plot``: the picture of a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._terminal import AsJson, tell_json


def plot(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An HDF5 file.", show_default=False)],
    scan: Annotated[
        str | None, typer.Option(help="A scan, as Scan000; the last one by default.", show_default=False)
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The picture; by default beside the file.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a scan: its maps, spectra and frames; a picture of that name is replaced."""
    from h5modules.browsing._picture import plot_scan  # matplotlib takes a second to import

    picture = plot_scan(file, scan, output)
    if as_json:
        tell_json(picture=str(picture))
    else:
        typer.echo(f"Picture: {picture}")
