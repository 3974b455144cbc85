"""The commands ``h5modules scan ...``."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as ProgressBar
from rich.table import Column
from rich.text import Text

from h5modules.backends import H5ModulesError

from ._axis import LinearAxis
from ._checks import require_actuator, require_detector
from ._devices import Actuator, Detector, SupportsClose
from ._errors import PlanError
from ._limits import check_actuators
from ._output import Output
from ._plan import Plan
from ._problems import Problems
from ._progress import Progress
from ._registry import GROUP_NAME, open_device, registered_devices
from ._runner import ScanResult, run_scan

app = typer.Typer(help="Run scans without a window.", no_args_is_help=True, add_completion=False)

FAILED = 1
"""The exit code of a scan that a device or the disk stopped."""

STOPPED = 130
"""The exit code of a scan that its user stopped, as shells have it."""

_QUIET_SECONDS = 60.0
"""How often progress is told where there is no terminal to draw a bar on."""


@app.command()
def run(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to save in.", show_default=False)],
    axis: Annotated[
        list[str] | None,
        typer.Option(
            "--axis",
            "-a",
            metavar="AXIS",
            help="ACTUATOR=START:STOP:POINTS; once for each axis, the slowest first.",
        ),
    ] = None,
    detector: Annotated[
        list[str] | None,
        typer.Option("--detector", "-d", metavar="NAME", help="A detector to read; once for each."),
    ] = None,
    append: Annotated[
        bool, typer.Option("--append", help="Add the scan to the file if it is there.")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")] = False,
    title: Annotated[str, typer.Option(help="The title of the scan.")] = "Scan",
) -> None:
    """Run a scan over a grid, and save it.

    Actuators and detectors are named as `h5modules scan devices` lists them.

    Example: h5modules scan run -a stage_x=-20:20:41 -a stage_y=-20:20:41 -d photodiode -o scan.h5
    """
    target = Output(output, append=append, overwrite=overwrite)
    with ExitStack() as stack:
        bench = _Bench(stack)
        plan = bench.open_axes(axis or [])
        bench.open_detectors(detector or [])
        with bench.problems.gathering():
            target.check()
        bench.problems.raise_any()
        assert plan is not None  # else there were problems
        tell_result(run_with_progress(plan, bench.actuators, bench.detectors, target, title))


@app.command()
def devices() -> None:
    """List the devices that a scan can use, and the packages that bring them."""
    found = registered_devices()
    if not found:
        Console(stderr=True).print(f"No installed package registers devices (entry points {GROUP_NAME!r}).")
    width = max((len(each.name) for each in found), default=0)
    for each in found:
        typer.echo(f"{each.name:{width}}  {each.package}")


class _Bench:
    """Opens devices by name, keeping all that goes wrong, and closes them in the end."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._opened: dict[str, Any] = {}
        self.problems = Problems()
        self.actuators: list[Actuator] = []
        self.detectors: list[Detector] = []

    def open_axes(self, texts: Sequence[str]) -> Plan | None:
        """Open the actuators that axes name, and return the plan; None when something is wrong."""
        axes, plan = [], None
        for text in texts:
            with self.problems.gathering():
                axes.append(LinearAxis.parse(text))
                device = self._open(axes[-1].actuator)
                require_actuator(device)
                axes[-1] = replace(axes[-1], actuator=device.title)
                self.actuators.append(device)
        with self.problems.gathering():
            if axes or not texts:
                plan = Plan(axes)
                if len(self.actuators) == len(texts):  # else more problems would follow from those told
                    check_actuators(plan, self.actuators)
        return plan

    def open_detectors(self, names: Sequence[str]) -> None:
        """Open detectors."""
        for name in dict.fromkeys(names):
            with self.problems.gathering():
                if names.count(name) > 1:
                    raise PlanError(f"detector {name!r} is named {names.count(name)} times; name it once.")
                device = self._open(name)
                require_detector(device)
                self.detectors.append(device)
        with self.problems.gathering():
            if not names:
                raise PlanError("the scan has no detectors; give at least one.")

    def _open(self, name: str) -> Any:
        if name not in self._opened:
            device = self._opened[name] = open_device(name)
            if isinstance(device, SupportsClose):
                self._stack.callback(device.close)
        return self._opened[name]


def run_with_progress(
    plan: Plan,
    actuators: Sequence[Actuator],
    detectors: Sequence[Detector],
    output: Output,
    title: str = "Scan",
) -> ScanResult:
    """Run a scan with a progress bar on the terminal.

    Raises
    ------
    H5ModulesError
        When the scan was refused: nothing was moved or written.
    typer.Exit
        With code 130 when the user stopped the scan, with code 1 when it failed; what was saved is told.
    """
    console = Console(stderr=True, highlight=False)
    display = _Display(console, title, len(plan))
    with _telling(console, display):
        return run_scan(
            plan,
            actuators,
            detectors,
            output.path,
            append=output.append,
            overwrite=output.overwrite,
            title=title,
            callback=display.show,
        )


def tell_result(result: ScanResult) -> None:
    """Print how a scan went, and where it is saved."""
    done = result.progress
    typer.echo(f"{done.done} points in {_duration(done.seconds)}: {_rate(done)}")
    typer.echo(f"Saved: {result.path} {result.node}")


class _Display:
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
        self._next_line = _QUIET_SECONDS
        is_quiet = not console.is_terminal
        self._bar = ProgressBar(*columns, console=console, expand=True, transient=True, disable=is_quiet)
        self._task = self._bar.add_task(title, total=total, rate="")
        self._has_started = False

    def show(self, progress: Progress) -> None:
        """Show that much."""
        if not self._has_started:  # not before: a scan that is refused shows no bar
            self._has_started = True
            self._bar.start()
        self._bar.update(self._task, completed=progress.done, rate=_rate(progress))
        if self._bar.disable and progress.seconds >= self._next_line:
            self._next_line = progress.seconds + _QUIET_SECONDS
            self._console.print(f"{progress.done} of {progress.total} points, {_rate(progress)}")

    def close(self) -> None:
        """Take the bar away."""
        self._bar.stop()


@contextmanager
def _telling(console: Console, display: _Display) -> Iterator[None]:
    """Turn what stops a scan into a message, with what was saved, and an exit code."""
    try:
        yield
    except (KeyboardInterrupt, H5ModulesError) as error:
        display.close()
        notes = getattr(error, "__notes__", ())  # the runner's, from when the file was opened
        if isinstance(error, KeyboardInterrupt):
            message, code = Text("Stopped."), STOPPED
        elif notes:
            message, code = Text.assemble(("Error: ", "bold red"), str(error)), FAILED
        else:
            raise
        for line in (message, *notes):
            console.print(line, soft_wrap=True, markup=False)
        raise typer.Exit(code) from error
    finally:
        display.close()


def _rate(progress: Progress) -> str:
    return f"{progress.rate:.3g} points/s" if progress.done else ""


def _duration(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds < 100 else str(datetime.timedelta(seconds=round(seconds)))
