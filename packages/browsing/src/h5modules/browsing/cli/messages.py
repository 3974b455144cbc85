"""``h5modules messages``: what was noted while a file was written."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from h5modules.browsing._lines import LOG, iter_lines
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._tree import printable

from ._terminal import AsJson, File, console, tell_json


def messages(
    file: File,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The node that keeps the lines.")] = LOG,
    last: Annotated[
        int | None,
        typer.Option("--last", "-n", min=0, help="Only so many of the newest lines.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the log of a file, or other lines of text that it keeps.

    Exit codes: 0 done; 2 the input was refused.
    """
    terminal = console()
    with open_to_read(file) as opened:
        for line in iter_lines(opened, node, last):
            if as_json:
                tell_json(line=line)
            else:
                terminal.print(Text(printable(line)), soft_wrap=not terminal.is_terminal)
