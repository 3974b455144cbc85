"""How far a scan has come, on a terminal."""

from __future__ import annotations

import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.table import Column

from h5modules.scanning._progress import Progress

QUIET_SECONDS = 60.0
"""How often progress is told where there is no terminal to draw a bar on."""


class Display:
    """Shows how far a scan has come: a bar on a terminal, else a line now and then."""

    def __init__(self, console: Console, title: str, total: int) -> None:
        columns = (
            TextColumn(
                "{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")
            ),
            BarColumn(bar_width=None),
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            TextColumn("{task.fields[rate]}", table_column=Column(no_wrap=True)),
            TimeRemainingColumn(elapsed_when_finished=True, table_column=Column(no_wrap=True)),
        )
        self._console = console
        self._next_line = QUIET_SECONDS
        is_quiet = not console.is_terminal
        self._bar = ProgressBar(*columns, console=console, expand=True, transient=True, disable=is_quiet)
        self._task = self._bar.add_task(title, total=total, rate="")
        self._has_started = False

    def show(self, progress: Progress) -> None:
        """Show that much."""
        if not self._has_started:  # not before: a scan that is refused shows no bar
            self._has_started = True
            self._bar.start()
        self._bar.update(self._task, completed=progress.done, rate=rate(progress))
        if self._bar.disable and progress.seconds >= self._next_line:
            self._next_line = progress.seconds + QUIET_SECONDS
            self._console.print(f"{progress.done} of {progress.total} points, {rate(progress)}")

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()


def rate(progress: Progress) -> str:
    """Return the rate as text; empty before there is one."""
    return f"{progress.rate:.3g} points/s" if progress.rate else ""


def duration(seconds: float) -> str:
    """Return a time as text."""
    if seconds < 100:
        return f"{seconds:.3g} s"
    return str(datetime.timedelta(seconds=round(seconds))).removesuffix(", 0:00:00")
