"""``h5modules plot``: the picture of a scan."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from h5modules.backends import local_path
from h5modules.browsing._errors import NothingToShowError
from h5modules.browsing._opening import backend_for
from h5modules.browsing._scan_choice import find_scan
from h5modules.browsing._scan_view import ScanSignal, iter_signals, iter_signals_below
from h5modules.browsing._sketch import Sketch, sketch_signal
from h5modules.browsing._tree import printable
from h5modules.saving import H5SaverLowLevel, units_text

from ._terminal import AsJson, File, console, show_line, tell_json

_WIDTH = 76
"""How many letters are drawn across at most."""


def plot(
    file: File,
    scan: Annotated[
        str | None,
        typer.Option(help="A scan, as Scan000, or a log; by default the newest.", show_default=False),
    ] = None,
    node: Annotated[
        str | None,
        typer.Option(help="Draw this node instead: a detector, a log, any array.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            parser=local_path,
            help="The picture; by default beside the file.",
            show_default=False,
        ),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", "-t", help="Draw with letters, and save no picture.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw a scan or a log: its maps, spectra and frames; a picture of that name is replaced.

    Exit codes: 0 done; 2 the input was refused.
    """
    if node is not None and scan is not None:
        raise typer.BadParameter("give a scan or a node, not both.", param_hint="--node")
    if terminal:
        if output is not None or as_json:
            raise typer.BadParameter(
                "it saves no picture: leave --output and --json out.", param_hint="--terminal"
            )
        _sketch(file, scan, node)
        return
    from h5modules.browsing._picture import plot_node, plot_scan  # matplotlib takes a second to import

    picture = plot_scan(file, scan, output) if node is None else plot_node(file, node, output)
    if as_json:
        tell_json(picture=str(picture))
    else:
        typer.echo(f"Picture: {picture}")


def _heading(signal: ScanSignal, sketch: Sketch) -> Text:
    label = f": {signal.label}" if signal.label not in ("", signal.title) else ""
    values = f"{sketch.low:.5g} to {sketch.high:.5g} {units_text(signal.units)}".rstrip()
    return Text.assemble((printable(f"{signal.title}{label}"), "bold"), f"  {printable(values)}")


def _sketch(file: str, scan: str | None, node: str | None) -> None:
    screen, count = console(), 0
    width = min(screen.width, _WIDTH)
    with H5SaverLowLevel(backend=backend_for(file)) as saver:
        saver.open_file(file, "r")
        found = (
            iter_signals(saver, find_scan(saver, scan))
            if node is None
            else iter_signals_below(saver.get_node(node))
        )
        for signal in found:
            if signal.signal_dimensions > 2 or not signal.acquired.any() or not signal.is_more_than_a_value:
                continue
            count += 1
            sketch = sketch_signal(signal, width, ascii_only=screen.options.ascii_only)
            show_line(screen, _heading(signal, sketch))
            for line in sketch.lines:
                screen.print(Text(printable(line), "cyan"), no_wrap=True, crop=True)
            show_line(screen, Text(printable(sketch.remark), "dim"))
    if not count:
        raise NothingToShowError(f"{file!r} holds nothing that can be drawn there.")
