"""``h5modules diff``: what differs between two files, or two scans."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from typing import Annotated

import typer
from rich.text import Text

from h5modules.backends import Node
from h5modules.browsing._difference import Comparison, Difference
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._tree import printable

from ._terminal import AsJson, console, tell_json
from .info import value_text

DIFFERENT = 1
"""The exit code when something differs."""

_MARK = "::"
_LETTERS = 60
Place = Annotated[str, typer.Argument(metavar="FILE[::NODE]", show_default=False)]


def diff(
    first: Place,
    second: Place,
    relative: Annotated[float, typer.Option("--rtol", help="Relative tolerance of values.", min=0)] = 0.0,
    absolute: Annotated[float, typer.Option("--atol", help="Absolute tolerance of values.", min=0)] = 0.0,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="NAME", help="An attribute that may differ; once for each."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what differs: nodes, shapes, values, attributes, settings.

    Example: h5modules diff scan.h5::/RawData/Scan000 scan.h5::/RawData/Scan001 --ignore timestamp

    Exit codes: 0 no difference; 1 something differs; 2 the input was refused.
    """
    comparison, differ = Comparison(relative, absolute, frozenset(ignore or ())), False
    with ExitStack() as files:
        for found in comparison.differences(_node(first, files), _node(second, files)):
            differ = True
            if as_json:
                tell_json(**asdict(found))
            else:
                console().print(_line(found), soft_wrap=True)
    if differ:
        raise typer.Exit(DIFFERENT)


def _node(place: str, files: ExitStack) -> Node:
    file, mark, path = place.rpartition(_MARK)
    return files.enter_context(open_to_read(file if mark else place)).get_node(path if mark else "/")


def _line(found: Difference) -> Text:
    name = f" {printable(found.name)}" if found.name else ""
    many = f" ({found.count} differ, most:)" if found.count > 1 else ""
    before, after = _told(found.before), _told(found.after)
    parts = [(f"{found.kind}{name}{many}  ", "bold")]
    if found.kind != "added":
        parts.append((before, "red"))
    if found.kind not in ("added", "missing"):
        parts.append((" -> ", "dim"))
    if found.kind != "missing":
        parts.append((after, "green"))
    return Text.assemble((printable(found.path), "bold blue"), "  ", *parts)


def _told(value: object) -> str:
    if value is None or (isinstance(value, str) and not value):
        return "(none)" if value is None else "(empty)"
    return value_text(value, _LETTERS).replace("\n", " ")
