"""The commands ``h5modules scan ...``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar

from ._devices import Actuator, Detector, device_names, open_device
from ._plan import LinearAxis, Plan
from ._progress import Progress
from ._runner import run_scan

app = typer.Typer(help="Run scans without a window.", no_args_is_help=True)

STOPPED = 130
"""The exit code of a scan that its user stopped, as shells have it."""


@app.command()
def run(
    axis: Annotated[
        list[str],
        typer.Option(
            "--axis", "-a", help="ACTUATOR=START:STOP:POINTS; once for each axis, the slowest first.", show_default=False
        ),
    ],
    detector: Annotated[
        list[str], typer.Option("--detector", "-d", help="A detector to read; once for each.", show_default=False)
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to save in.", show_default=False)],
    append: Annotated[bool, typer.Option("--append", help="Add the scan to the file if it is there.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    title: Annotated[str, typer.Option(help="The title of the scan.")] = "Scan",
) -> None:
    """Run a scan over a grid, with devices found by name (see `devices`), and save it."""
    axes, actuators = [], []
    for parsed in map(LinearAxis.parse, axis):
        device = open_device(parsed.actuator)
        axes.append(replace(parsed, actuator=device.title))
        actuators.append(device)
    detectors = [open_device(name) for name in detector]
    run_with_progress(Plan(axes), actuators, detectors, output, append=append, overwrite=overwrite, title=title)


@app.command()
def devices() -> None:
    """List the devices that a scan can use."""
    for name in device_names():
        typer.echo(name)


def run_with_progress(
    plan: Plan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector],
    output: Path,
    *,
    append: bool = False,
    overwrite: bool = False,
    title: str = "Scan",
) -> Path:
    """Run a scan with a progress bar on the terminal, and tell how it went; return the file.

    Raises
    ------
    typer.Exit
        With code 130, when the user stopped the scan.
    """
    console = Console(highlight=False)
    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TimeRemainingColumn()
    bar = ProgressBar(TextColumn("{task.description}"), *columns, console=console)
    task = bar.add_task(title, total=len(plan), rate="")

    def show(progress: Progress) -> None:
        bar.start()  # at the first point: a scan that is refused shows no bar
        bar.update(task, completed=progress.done, rate=f"{progress.rate:.0f} points/s")

    try:
        result = run_scan(
            plan, actuators, detectors, output, append=append, overwrite=overwrite, title=title, callback=show
        )
    except KeyboardInterrupt:
        bar.stop()
        done = int(bar.tasks[0].completed)
        console.print(f"Stopped after {done} of {len(plan)} points; they are saved in {output}.", soft_wrap=True)
        raise typer.Exit(STOPPED) from None
    finally:
        bar.stop()
    progress = result.progress
    console.print(f"{progress.done} points in {progress.seconds:.2f} s: {progress.rate:.0f} points/s")
    console.print(f"Saved: {result.path} {result.node}", soft_wrap=True)
    return result.path
