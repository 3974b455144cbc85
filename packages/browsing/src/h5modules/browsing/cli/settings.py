"""``h5modules settings``: how the modules of a scan were set, and what changed between two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from h5modules.backends import GROUP, H5Backend, Node
from h5modules.browsing._errors import NothingToShowError
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._settings import Setting, compare_settings, iter_settings, read_settings
from h5modules.browsing._tree import printable

from ._terminal import AsJson, File, console, show_block, tell_json

DIFFERENT = 1
"""The exit code when settings differ."""


def settings(
    file: File,
    where: Annotated[str, typer.Argument(metavar="NODE", help="The node to start at.")] = "/",
    other: Annotated[
        str | None,
        typer.Option("--diff", metavar="NODE", help="Show what differs in this node.", show_default=False),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the settings of the modules in a file as trees; or what differs between two scans.

    Exit codes: 0 done, and with --diff: no difference; 1 settings differ; 2 the input was refused.
    """
    with open_to_read(file) as opened:
        if other is not None:
            if _show_changes(opened.get_node(where), opened.get_node(other), as_json=as_json):
                raise typer.Exit(DIFFERENT)
            return
        found = False
        for path, held in iter_settings(opened, where):
            found = True
            if as_json:
                tell_json(path=path, settings=[asdict(setting) for setting in held])
            else:
                show_settings(console(), path, held)
        if not found and not as_json:
            raise NothingToShowError(f"no node of {opened.filename!r} from {where!r} down has settings.")


def show_settings(terminal: Console, heading: str, held: Iterable[Setting]) -> None:
    """Print settings as a tree under a heading."""
    tree = Tree(Text(printable(heading), "bold blue"), guide_style="dim")
    above = {0: tree}
    for setting in held:
        branch = above[setting.depth].add(_label(setting))
        above[setting.depth + 1] = branch
    show_block(terminal, tree)


def _label(setting: Setting) -> Text:
    if setting.kind == "group":
        return Text(printable(setting.title), "bold")
    lines = [printable(line) for line in setting.value.splitlines()]
    value = ("" if len(lines) < 2 else "\n") + "\n".join(lines)
    return Text.assemble(printable(setting.title), "  ", (value, "green"))


def _show_changes(before: Node, after: Node, *, as_json: bool) -> bool:
    terminal, differ = console(), False
    for left, right, below in _pairs(before, after):
        name = f"{before.path.rstrip('/')}/{below}".rstrip("/.")
        changes = compare_settings(left, right)
        differ |= bool(changes)
        if changes and not as_json:
            terminal.print(Text(printable(name), "bold blue"), soft_wrap=True)
        for change in changes:
            if as_json:
                tell_json(node=name, **asdict(change))
            else:
                line = Text.assemble(
                    "  ", printable(change.title), "  ", *_values(change.before, change.after)
                )
                terminal.print(line, soft_wrap=True)
    if not differ and not as_json:
        terminal.print("No setting differs.")
    return differ


def _values(before: str | None, after: str | None) -> list[tuple[str, str]]:
    """Return old and new value, each with its style."""
    old, new = ("(none)" if each is None else printable(each) for each in (before, after))
    return [(old, "red"), (" -> ", "dim"), (new, "green")]


def _pairs(before: Node, after: Node) -> list[tuple[tuple[Setting, ...], tuple[Setting, ...], str]]:
    """Return the settings of nodes of the same place below two nodes, and that place."""
    old, new = (_settings_below(node) for node in (before, after))
    names = [*old, *(name for name in new if name not in old)]
    return [(old.get(name, ()), new.get(name, ()), name) for name in names]


def _settings_below(node: Node) -> dict[str, tuple[Setting, ...]]:
    file: H5Backend = node.to_h5_backend()
    if not isinstance(node, GROUP):
        return {".": read_settings(node)}
    base = node.path.rstrip("/")
    return {path[len(base) + 1 :] or ".": held for path, held in iter_settings(file, node)}
