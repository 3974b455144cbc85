"""``h5modules plot``: the picture of a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._terminal import AsJson, File, tell_json


def plot(
    file: File,
    scan: Annotated[
        str | None, typer.Option(help="A scan, as Scan000; the last one by default.", show_default=False)
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(help="Draw this node instead: a detector, a log, any array.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The picture; by default beside the file.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Draw a scan: its maps, spectra and frames; a picture of that name is replaced.

    Exit codes: 0 done; 2 the input was refused.
    """
    from h5modules.browsing._picture import plot_node, plot_scan  # matplotlib takes a second to import

    if node is not None and scan is not None:
        raise typer.BadParameter("give a scan or a node, not both.", param_hint="--node")
    picture = plot_scan(file, scan, output) if node is None else plot_node(file, node, output)
    if as_json:
        tell_json(picture=str(picture))
    else:
        typer.echo(f"Picture: {picture}")
