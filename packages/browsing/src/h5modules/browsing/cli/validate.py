"""``h5modules validate``: whether a file keeps to the layout."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer
from rich.text import Text

from h5modules.browsing._deviation import Severity
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._tree import printable
from h5modules.browsing._validation import iter_deviations

from ._terminal import AsJson, File, console, tell_json

DEVIATES = 1
"""The exit code when there are errors."""

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def validate(
    file: File,
    where: Annotated[str, typer.Argument(metavar="NODE", help="The node to start at.")] = "/",
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check a file against the layout of PyMoDAQ and h5modules: each deviation, with its node.

    Exit codes: 0 no errors; 1 errors, with --strict also warnings; 2 the input was refused.
    """
    terminal, counts = console(), Counter[Severity]()
    with open_to_read(file) as opened:
        for deviation in iter_deviations(opened, where):
            counts[deviation.severity] += 1
            severity = deviation.severity.value
            if as_json:
                tell_json(path=deviation.path, severity=severity, message=deviation.message)
            else:
                style = _STYLES[deviation.severity]
                line = Text.assemble((f"{severity:8}", style), (printable(deviation.path), "bold"), ": ")
                terminal.print(line.append(printable(deviation.message)), soft_wrap=True)
    if not as_json:
        told = [f"{counts[each]} {each.value}{'s' * (counts[each] != 1)}" for each in Severity]
        terminal.print(", ".join(told) if counts.total() else "It keeps to the layout.")
    if counts[Severity.ERROR] or (strict and counts[Severity.WARNING]):
        raise typer.Exit(DEVIATES)
