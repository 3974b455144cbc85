"""The `h5modules` command."""

from __future__ import annotations

import sys

from ._errors import report

from ._commands import GROUP_NAME, LayerCommands, app

__all__ = ["main", "app", "LayerCommands", "GROUP_NAME"]


def main() -> None:
    """Run the command; an error of ours becomes a message and exit code 2."""
    with report():
        app(prog_name="h5modules")
    sys.exit(0)
