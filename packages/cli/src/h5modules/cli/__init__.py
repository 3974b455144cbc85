"""The `h5modules` command."""

from __future__ import annotations

import io
import sys

from ._commands import GROUP_NAME, LayerCommands, app
from ._errors import report

__all__ = ["main", "app", "LayerCommands", "GROUP_NAME"]


def main() -> None:
    """Run the command, and exit: with code 2 and a message where the input was refused."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(
            stream, io.TextIOWrapper
        ):  # a name in a file must not stop a pipe that lacks its letters
            stream.reconfigure(errors="backslashreplace")
    with report():
        app(prog_name="h5modules")
