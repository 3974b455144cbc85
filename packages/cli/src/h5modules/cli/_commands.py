"""The `h5modules` command: its sub-commands are those that the installed layers offer."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ._version import show_version

GROUP_NAME = "h5modules.commands"
"""The entry-point group in which layers register a `typer.Typer` or a function."""


class LayerCommands(TyperGroup):
    """A group of commands that are imported when they are called."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, sorted; nothing is imported."""
        return sorted(_entry_points())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, importing its layer; None when there is none of that name."""
        point = _entry_points().get(cmd_name)
        return None if point is None else _load(point)


def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP_NAME)}


def _load(point: EntryPoint) -> Any:
    try:
        offered = point.load()
    except ImportError as error:
        return _unavailable(point.name, error)
    layer = offered if isinstance(offered, typer.Typer) else typer.Typer()
    if layer is not offered:
        layer.command(point.name)(offered)
    command = typer.main.get_command(layer)
    command.name = point.name
    return command


def _unavailable(name: str, error: ImportError) -> Any:
    """Return a command that says why it cannot run, so that one broken layer does not hide the others."""

    def unavailable() -> None:
        typer.echo(
            f"Error: the command {name!r} is installed, but its layer does not import: {error}", err=True
        )
        raise typer.Exit(1)

    layer = typer.Typer()
    layer.command(name, help="Not available: its layer does not import.")(unavailable)
    return typer.main.get_command(layer)


app = typer.Typer(cls=LayerCommands, no_args_is_help=True, rich_markup_mode="rich")


@app.callback()
def h5modules(
    version: Annotated[
        bool,
        typer.Option("--version", callback=show_version, is_eager=True, help="Show the versions installed."),
    ] = False,
) -> None:
    """Save, load and browse laboratory acquisitions in HDF5."""
