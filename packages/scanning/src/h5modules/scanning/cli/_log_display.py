"""What a log reads, on a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.table import Table

from h5modules.scanning._log_progress import LogProgress

from ._display import QUIET_SECONDS, duration

_REFRESH_SECONDS = 0.2
"""How often the table is made anew: a log may read thousands of times a second."""


class LogDisplay:
    """Shows what was read last: a table on a terminal, else a line now and then.

    Parameters
    ----------
    console
        Where to show it.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._next = 0.0 if console.is_terminal else QUIET_SECONDS
        self._has_started = False

    def show(self, progress: LogProgress) -> None:
        """Show that much, unless it was shown just now."""
        if progress.seconds < self._next:
            return
        if not self._console.is_terminal:
            self._next = progress.seconds + QUIET_SECONDS
            self._console.print(_summary(progress), soft_wrap=True, markup=False)
            return
        self._next = progress.seconds + _REFRESH_SECONDS
        if not self._has_started:  # not before: a log that is refused shows nothing
            self._has_started = True
            self._live.start()
        self._live.update(_table(progress), refresh=True)

    def close(self) -> None:
        """Take the table away."""
        self._live.stop()


def _summary(progress: LogProgress) -> str:
    failed = f", {progress.failed} failed" if progress.failed else ""
    return f"{progress.rows} readings in {duration(progress.seconds)}{failed}, {progress.path}"


def _table(progress: LogProgress) -> Table:
    table = Table("device", "reads", "unit", "saved", "failed", caption=_summary(progress), box=None)
    for column in (1, 3, 4):
        table.columns[column].justify = "right"
    for device in progress.devices:
        value = "" if device.latest is None else f"{device.latest:.6g}"
        table.add_row(device.title, value, device.units, str(device.rows), str(device.failed or ""))
    return table
