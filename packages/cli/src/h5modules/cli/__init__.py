"""The `h5modules` command."""

from __future__ import annotations

from ._commands import GROUP_NAME, LayerCommands, app
from ._errors import report
from ._pipes import ending_with_its_reader, open_streams

__all__ = ["main", "app", "LayerCommands", "GROUP_NAME"]


def main() -> None:
    """Run the command, and exit: with code 2 and a message where the input was refused.

    The code is 141 when what reads the output, such as ``head``, has seen enough.
    """
    open_streams()
    with ending_with_its_reader(), report():
        app(prog_name="h5modules")
