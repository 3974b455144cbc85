"""What the commands tell: messages for people, JSON for machines, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from h5modules.backends import H5ModulesError
from h5modules.scanning._errors import PlanError
from h5modules.scanning._runner import ScanResult

from ._display import duration, rate
from ._signals import ending_as_ctrl_c

FAILED = 1
"""The exit code of a scan that a device or the disk stopped."""

REFUSED = 2
"""The exit code when the input was refused: nothing was moved or written."""

INCOMPLETE = 3
"""The exit code of a scan that went through, but left out points at which a device failed."""

STOPPED = 130
"""The exit code of a scan that its user stopped, as shells have it."""


def tell_result(result: ScanResult, *, as_json: bool = False) -> None:
    """Print how a scan went, and where it is saved.

    Raises
    ------
    typer.Exit
        With code 3 when points were left out.
    """
    done = result.progress
    if as_json:
        status = "done" if result.is_complete else "incomplete"
        tell_json(status=status, **_numbers(result))
    else:
        now = f", {done.done - done.before} of them now," if done.before else ""
        speed = f": {rate(done)}" if done.rate else ""
        typer.echo(f"{done.done} points{now} in {duration(done.seconds)}{speed}")
        typer.echo(f"Saved: {result.path} {result.node}")
    if done.skipped:
        if not as_json:
            points = "1 point" if done.skipped == 1 else f"{done.skipped} points"
            typer.echo(f"Left out: {points} at which a device failed; the log of the file tells.", err=True)
        raise typer.Exit(INCOMPLETE)


def _numbers(result: ScanResult) -> dict[str, Any]:
    done = result.progress
    return {
        "path": str(result.path),
        "node": result.node,
        "points": done.done,
        "total": done.total,
        "skipped": done.skipped,
        "seconds": done.seconds,
    }


@contextmanager
def telling(*, as_json: bool) -> Iterator[None]:
    """Turn what stops a scan into a message, with what was saved, and an exit code.

    Signals that end a program stop the scan as Ctrl-C does. An error that refuses the input is passed on, and
    told by `h5modules` itself; as JSON it is told here.
    """
    try:
        with ending_as_ctrl_c():
            yield
    except (KeyboardInterrupt, H5ModulesError) as error:
        notes = tuple(getattr(error, "__notes__", ()))  # the runner's, from when the file was opened
        is_stopped = isinstance(error, KeyboardInterrupt)
        code = STOPPED if is_stopped else FAILED if notes else REFUSED
        if as_json:
            status = {STOPPED: "stopped", FAILED: "failed", REFUSED: "refused"}[code]
            tell_json(status=status, problems=list(_problems(error)), notes=list(notes))
        elif code == REFUSED:
            raise
        else:
            console = Console(stderr=True, highlight=False)
            message = Text("Stopped.") if is_stopped else Text.assemble(("Error: ", "bold red"), str(error))
            for line in (message, *notes):
                console.print(line, soft_wrap=True, markup=False)
        raise typer.Exit(code) from error


def _problems(error: BaseException) -> tuple[str, ...]:
    if isinstance(error, PlanError):
        return error.problems
    return () if isinstance(error, KeyboardInterrupt) else (str(error),)


def tell_json(**values: Any) -> None:
    """Print values as one line of JSON."""
    typer.echo(json.dumps(values))
