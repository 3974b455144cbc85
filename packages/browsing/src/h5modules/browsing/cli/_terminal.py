"""What the commands share: their arguments, the terminal, JSON."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any

import numpy as np
import typer
from rich.console import Console, RenderableType
from rich.text import Text

_PIPE_WIDTH = 10_000

File = Annotated[
    str, typer.Argument(metavar="FILE", help="An HDF5 file, or hdf5://host:port/domain.", show_default=False)
]
NodePath = Annotated[str, typer.Argument(metavar="NODE", help="The path of a node.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]


def console() -> Console:
    """Return the terminal, or a pipe: that gets no colours, and lines as long as they are."""
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    return Console(highlight=False, emoji=False, markup=False, width=width)


def show_block(terminal: Console, block: RenderableType) -> None:
    """Print a table or a tree; into a pipe, without the spaces that fill it up to its width."""
    if terminal.is_terminal:
        terminal.print(block)
        return
    with terminal.capture() as capture:
        terminal.print(block)
    for line in capture.get().splitlines():
        typer.echo(line.rstrip())


def show_line(terminal: Console, line: Text) -> None:
    """Print a line: cut at the width of a terminal, whole into a pipe."""
    if terminal.is_terminal:
        terminal.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    else:
        typer.echo(line.plain)  # much faster, which tells in files of many nodes


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar, in a terminal alone; give what to call with how much is done, and of how much."""
    from rich.progress import Progress  # here: most commands have no bar

    terminal = Console(stderr=True)
    with Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show


def tell_json(**values: Any) -> None:
    """Print one JSON object on a line; what JSON has no word for (NaN, infinity) is null."""
    typer.echo(json.dumps(plain(values), allow_nan=False))


def plain(value: Any) -> Any:
    """Return a value made of what JSON knows.

    Examples
    --------
    >>> plain({'shape': (2, 3), 'mean': np.float64('nan'), 'raw': b'ab'})
    {'shape': [2, 3], 'mean': None, 'raw': 'ab'}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        return plain(value.tolist())
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, complex):
        return {"real": plain(value.real), "imag": plain(value.imag)}
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
