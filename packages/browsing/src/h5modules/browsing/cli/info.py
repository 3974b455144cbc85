"""``h5modules info``: all that is told of one node."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from h5modules.browsing._dates import date_text
from h5modules.browsing._details import NodeDetails, read_details
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._tree import printable, size_text
from h5modules.saving import BEGUN_NAME

from ._terminal import AsJson, File, console, show_block, tell_json
from .settings import show_settings

_MOST_CHILDREN = 20

_MOMENTS = (BEGUN_NAME, "timestamp")
"""The attributes that are seconds since 1970."""


def info(
    file: File,
    node: Annotated[str, typer.Argument(metavar="NODE", help="The path of a node.")] = "/",
    as_json: AsJson = False,
) -> None:
    """Show one node: what it is, its attributes, and its settings as a tree.

    Exit codes: 0 done; 2 the input was refused.
    """
    with open_to_read(file) as opened:
        details = read_details(opened.get_node(node))
        if as_json:
            told = asdict(details)
            tell_json(**told.pop("entry"), **told)
        else:
            _show(console(), details)


def _show(terminal: Console, details: NodeDetails) -> None:
    terminal.print(Text(printable(details.entry.path), "bold"), soft_wrap=True)
    show_block(terminal, _table(_facts(details), "cyan"))
    if details.attributes:
        terminal.print(Text("\nAttributes", "bold"))
        rows = ((name, _attribute_text(name, value)) for name, value in details.attributes.items())
        show_block(terminal, _table(rows, ""))
    if details.settings:
        terminal.print()
        show_settings(terminal, "Settings", details.settings)
    for remark in details.remarks:
        terminal.print(Text(printable(remark), "yellow"), soft_wrap=True)


def _table(rows: Iterator[tuple[str, str]], style: str) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style=style, overflow="fold")
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text("  " + printable(name)), Text(value))
    return table


def _facts(details: NodeDetails) -> Iterator[tuple[str, str]]:
    entry = details.entry
    facts = {
        "kind": entry.kind,
        "title": printable(entry.title),
        "state": entry.state,
        "problem": printable(entry.remark),
        "holds": _children(details.children),
    }
    if entry.dtype:
        facts |= {
            "shape": " x ".join(map(str, entry.shape)) or "one value",
            "type": entry.dtype,
            "units": printable(entry.units),
            "size": size_text(entry.nbytes),
            "in the file": size_text(details.stored_bytes),
            "chunks": " x ".join(map(str, details.chunks or ())),
            "filters": ", ".join(details.filters),
        }
    yield from ((name, value) for name, value in facts.items() if value)


def _children(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MOST_CHILDREN} more" if len(names) > _MOST_CHILDREN else ""
    return printable(", ".join(names[:_MOST_CHILDREN])) + more


def _attribute_text(name: str, value: Any) -> str:
    """Return the value of an attribute; a moment in seconds since 1970 with its date behind."""
    is_moment = name in _MOMENTS and isinstance(value, int | float) and value > 0
    date = date_text(value) if is_moment else ""
    return f"{value_text(value)}  ({date})" if date else value_text(value)


def value_text(value: Any, most: int = 400) -> str:
    """Return a value of an attribute as it is shown: long ones are cut, text of several lines keeps them.

    Examples
    --------
    >>> value_text(0.1), value_text('nm'), value_text((3, 2))
    ('0.1', 'nm', '(3, 2)')
    """
    if value is None:
        return "None"
    if isinstance(value, np.ndarray):
        text = np.array2string(value, threshold=20, max_line_width=1000)
    else:
        text = str(value)
    lines = [printable(line) for line in textwrap.dedent(text).splitlines()]
    shown = "\n".join(lines)
    return shown if len(shown) <= most else f"{shown[:most]}… ({len(shown)} characters)"
