"""What the commands tell: messages for people, JSON for machines, exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from rich.text import Text

from h5modules.backends import H5ModulesError
from h5modules.scanning._errors import PlanError
from h5modules.scanning._runner import ScanResult

from ._display import duration, rate
from ._signals import ending_as_ctrl_c
from ._steady import steady_console, tell_steadily

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
    tell_steadily(*_result(result, as_json=as_json))
    if skipped := result.progress.skipped:
        if not as_json:
            points = "1 point" if skipped == 1 else f"{skipped} points"
            told = f"Left out: {points} at which a device failed; the log of the file tells."
            steady_console().print(told, soft_wrap=True)
        raise typer.Exit(INCOMPLETE)


def _result(result: ScanResult, *, as_json: bool) -> list[str]:
    if as_json:
        return [json_line(status="done" if result.is_complete else "incomplete", **_numbers(result))]
    done = result.progress
    now = f", {done.done - done.before} of them now," if done.before else ""
    speed = f": {rate(done)}" if done.rate else ""
    return [
        f"{done.done} points{now} in {duration(done.seconds)}{speed}",
        f"Saved: {result.path} {result.node}",
    ]


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
            tell_steadily(json_line(status=status, problems=list(_problems(error)), notes=list(notes)))
        elif code == REFUSED:
            raise
        else:
            console = steady_console()
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
    typer.echo(json_line(**values))


def json_line(**values: Any) -> str:
    """Return values as one line of JSON."""
    return json.dumps(values)
