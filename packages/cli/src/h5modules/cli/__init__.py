"""The `h5modules` command."""

from __future__ import annotations

from ._commands import GROUP_NAME, LayerCommands, app
from ._errors import report

__all__ = ["main", "app", "LayerCommands", "GROUP_NAME"]


def main() -> None:
    """Run the command, and exit: with code 2 and a message where the input was refused."""
    with report():
        app(prog_name="h5modules")
