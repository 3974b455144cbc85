"""``h5modules watch``: a scan while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from h5modules.browsing._opening import open_to_read
from h5modules.browsing._states import INCOMPLETE
from h5modules.browsing._tree import printable
from h5modules.browsing._watching import ModuleProgress, Progress, iter_progress

from ._terminal import AsJson, File, console, tell_json

INTERRUPTED = 1
"""The exit code when the writer ended without closing the file."""

POINTS_MISSING = 3
"""The exit code when the scan ended before all points were acquired."""

STOPPED = 130
"""The exit code after Ctrl-C."""


def watch(
    file: File,
    node: Annotated[
        str | None,
        typer.Argument(metavar="NODE", help="A scan or a log; the newest by default.", show_default=False),
    ] = None,
    interval: Annotated[float, typer.Option(help="Seconds between two looks.", min=0.05)] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Follow a scan while it is written: points, rate, time left. It ends when the scan ends.

    Of a log, each of its modules is shown. Nobody can tell whether the writer of a domain of a server lives:
    a log there is followed until Ctrl-C.

    Exit codes: 0 the scan has ended, with all points; 1 its writer was killed; 2 the input was refused; 3 it
    has ended, and points are missing; 130 stopped by Ctrl-C.
    """
    terminal, last = console(), None
    looks = iter_progress(file, node, interval)
    try:
        for last in _shown(terminal, looks) if terminal.is_terminal and not as_json else looks:
            if as_json:
                tell_json(**asdict(last))
            elif not terminal.is_terminal:
                for line in _lines(last):
                    typer.echo(line)
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None
    if last is not None and last.state == "interrupted":
        typer.echo(f"Its writer ended without closing the file. {_ways_on(file, last.path)}", err=True)
        raise typer.Exit(INTERRUPTED)
    if last is not None and last.state == INCOMPLETE:
        raise typer.Exit(POINTS_MISSING)


def _ways_on(file: str, node: str) -> str:
    """Return what to do about a scan or a log whose writer was killed."""
    with open_to_read(file) as opened:
        is_resumable = "recipe" in opened.get_node(node).attrs  # it tells the plan and its devices
    resume = f'Go on with the scan: h5modules scan resume "{file}". ' if is_resumable else ""
    return f'{resume}Make the file whole: h5modules recover "{file}".'


def _shown(terminal: Console, looks: Iterator[Progress]) -> Iterator[Progress]:
    with Live(console=terminal, auto_refresh=False) as live:
        for look in looks:
            live.update(_bar(look), refresh=True)
            yield look


def _bar(look: Progress) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=2)
    table.add_column(ratio=1)
    table.add_column(no_wrap=True, justify="right")
    bar = Text() if look.total is None else ProgressBar(total=look.total, completed=look.acquired)
    table.add_row(Text(_title(look), "bold"), bar, _numbers(look))
    for module in look.modules:
        table.add_row(Text(f"  {_title(module)}"), Text(), _rows(module, look.state))
    return table


def _title(look: Progress | ModuleProgress) -> str:
    return printable(look.title or look.path.rpartition("/")[2])


def _lines(look: Progress) -> Iterator[str]:
    yield f"{printable(look.path)}  {_numbers(look)}"
    for module in look.modules:
        yield f"{printable(module.path)}  {_rows(module, look.state)}  {_title(module)}"


def _rows(module: ModuleProgress, state: str) -> str:
    rate = f"  {_rate(module.rate)}" if state == "running" else ""
    return f"{module.acquired} rows{rate}"


def _rate(rate: float) -> str:
    return f"{rate:.3g}/s" if rate else "-/s"


def _numbers(look: Progress) -> str:
    """Return points and rate, and how long it will take, or how it ended."""
    points = f"{look.acquired} rows" if look.total is None else f"{look.acquired}/{look.total} points"
    if look.state != "running":
        return f"{points}  {'ended, incomplete' if look.state == INCOMPLETE else look.state}"
    rate = _rate(look.rate)
    if look.total is None or not look.rate:
        return f"{points}  {rate}"
    minutes, seconds = divmod(round((look.total - look.acquired) / look.rate), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{points}  {rate}  {hours}:{minutes:02d}:{seconds:02d} left"
