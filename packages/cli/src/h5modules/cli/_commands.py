"""The `h5modules` command: its sub-commands are those that the installed layers offer."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from ._version import show_version

GROUP_NAME = "h5modules.commands"
"""The entry-point group in which layers register a `typer.Typer` or a function."""

_LAYERS = {
    "recover": "h5modules-saving",
    "pack": "h5modules-saving",
    "scan": "h5modules-scanning",
    "log": "h5modules-scanning",
    **dict.fromkeys(
        "tree info show messages settings diff copy nexus validate watch export comment find".split(),
        "h5modules-browsing",
    ),
    "plot": "h5modules-browsing[plot]",
    "browse": "h5modules-browsing[qt,pyqt6]",
    "serve": "h5modules-browsing[web]",
    "dashboard": "h5modules-dashboard[pyqt6]",
}
"""Where commands come from that may not be installed."""


class LayerCommands(TyperGroup):
    """A group of commands that are imported when they are called, or when the help lists them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, sorted; nothing is imported."""
        return sorted(_entry_points())

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, importing its layer; None when there is none of that name."""
        point = _entry_points().get(cmd_name)
        return None if point is None else _load(point)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that arguments begin with, or tell which package brings it."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-"):
            ctx.fail(f"No such command {name!r}.{_hint(name, known)}")
        return super().resolve_command(ctx, args)


def _hint(name: str, known: list[str]) -> str:
    if name in _LAYERS:
        return f' It comes with another package. Try: pip install "{_LAYERS[name]}"'
    close = difflib.get_close_matches(name, known, n=1)
    return f" Did you mean {close[0]!r}?" if close else ""


def _entry_points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP_NAME)}


def _load(point: EntryPoint) -> Any:
    try:
        offered = point.load()
        is_layer = isinstance(offered, typer.Typer)
        command = typer.main.get_command(offered) if is_layer else _command_of(offered, point.name)
    except Exception as error:  # noqa: BLE001 - whatever it is, a broken layer must not hide the others
        command = _command_of(_unavailable(point, error), point.name)
    command.name = point.name
    return command


def _command_of(function: Any, name: str) -> Any:
    layer = typer.Typer(add_completion=False)
    layer.command(name)(function)
    command: Any = typer.main.get_command(layer)
    for told in (command, *command.params):  # plain text: brackets, as of extras of a package, are no markup
        if getattr(told, "help", None):
            told.help = escape(told.help)
    return command


def _unavailable(point: EntryPoint, error: Exception) -> Callable[[], None]:
    """Return what says why it cannot run."""
    reason = f"its layer {point.module} does not load ({type(error).__name__}: {error})"

    def unavailable() -> None:
        typer.echo(f"Error: the command {point.name!r} is installed, but {reason}.", err=True)
        raise typer.Exit(1)

    unavailable.__doc__ = f"Not available: {reason}."
    return unavailable


app = typer.Typer(cls=LayerCommands, no_args_is_help=True)


@app.callback()
def h5modules(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=show_version, is_eager=True, help="Show what is installed, with versions."
        ),
    ] = False,
) -> None:
    """Save, load and browse laboratory acquisitions in HDF5."""
