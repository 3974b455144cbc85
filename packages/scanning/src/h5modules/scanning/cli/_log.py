"""The command ``h5modules log``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.console import Console

from h5modules.scanning._calls import CallLimits
from h5modules.scanning._checks import require_actuator, require_detector
from h5modules.scanning._errors import PlanError
from h5modules.scanning._log_progress import LogProgress
from h5modules.scanning._log_rule import LogRule, Sampling
from h5modules.scanning._logger import log_devices
from h5modules.scanning._opening import DeviceOpener
from h5modules.scanning._policy import FailurePolicy, OnFailure
from h5modules.scanning._problems import Problems

from ._display import duration
from ._log_display import LogDisplay
from ._options import Append, AsJson, OutputFile, Overwrite
from ._telling import tell_json, telling

_DEVICE = "once for each: NAME, NAME,every=60 (seconds), NAME,change=0.1 (only what differs by more)"

_EPILOG = (
    "Exit codes: 0 it ended as it was told, or by Ctrl-C; 1 a device or the disk stopped it; 2 the input was "
    "refused, nothing was read or written; 130 Ctrl-C twice."
)


def log(  # noqa: PLR0913 - each is an option
    output: OutputFile,
    actuator: Annotated[
        list[str] | None,
        typer.Option("--actuator", "-a", metavar="NAME", help=f"An actuator to record, {_DEVICE}."),
    ] = None,
    detector: Annotated[
        list[str] | None,
        typer.Option("--detector", "-d", metavar="NAME", help=f"A detector to record, {_DEVICE}."),
    ] = None,
    interval: Annotated[float, typer.Option(help="Seconds from one reading to the next.")] = 1.0,
    on_change: Annotated[
        bool, typer.Option("--on-change", help="Save what changes, not every reading.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(help="How long to log; for ever by default.", show_default=False)
    ] = None,
    megabytes: Annotated[
        float | None, typer.Option(help="Begin the next file after so many.", show_default=False)
    ] = None,
    hours: Annotated[
        float | None, typer.Option(help="Begin the next file after so many.", show_default=False)
    ] = None,
    skip: Annotated[bool, typer.Option("--skip", help="Leave readings out that fail, and go on.")] = False,
    timeout: Annotated[
        float | None, typer.Option(help="Seconds after which a reading has failed.", show_default=False)
    ] = None,
    title: Annotated[str, typer.Option(help="The title of the log.")] = "Log",
    append: Append = False,
    overwrite: Overwrite = False,
    as_json: AsJson = False,
) -> None:
    """Record detectors, and where actuators are, against the time, until Ctrl-C; nothing is moved.

    Example: h5modules log -d photodiode -a thermostat,every=10 --interval 0.5 --hours 24 -o night.h5
    """
    policy = OnFailure.skip if skip else OnFailure.stop
    with telling(as_json=as_json):
        problems, default = Problems(), Sampling(interval, on_change)
        actuators, detectors = _parsed(actuator, default, problems), _parsed(detector, default, problems)
        with DeviceOpener(problems) as opener:
            moved = opener.open_as(require_actuator, dict.fromkeys(actuators, ""))
            read = opener.open_as(require_detector, dict.fromkeys(detectors, ""))
            problems.raise_any()
            asked = {**actuators, **detectors}
            devices = {device.title: asked[name] for name, device in {**moved, **read}.items()}
            limits = {each: CallLimits(timeout) for each in devices}
            sizes = megabytes and megabytes * 1e6, hours and hours * 3600
            rule = LogRule(interval, on_change, seconds, *sizes, devices)
            done = _shown(
                lambda show: log_devices(
                    [*moved.values()],
                    [*read.values()],
                    output,
                    rule,
                    append=append,
                    overwrite=overwrite,
                    title=title,
                    callback=show,
                    policy=FailurePolicy(policy, limits=limits),
                )
            )
    _tell(done, as_json=as_json)


def _parsed(texts: Sequence[str] | None, default: Sampling, problems: Problems) -> dict[str, Sampling]:
    parsed: dict[str, Sampling] = {}
    for text in texts or ():
        with problems.gathering():
            name, sampling = Sampling.parse(text, default)
            if name in parsed:
                raise PlanError(f"device {name!r} is named twice; name it once.")
            parsed[name] = sampling
    return parsed


def _shown(log: Callable[[Callable[[LogProgress], None]], LogProgress]) -> LogProgress:
    display = LogDisplay(Console(stderr=True, highlight=False))
    try:
        return log(display.show)
    finally:
        display.close()


def _tell(done: LogProgress, *, as_json: bool) -> None:
    if as_json:
        devices = {each.title: {"rows": each.rows, "failed": each.failed} for each in done.devices}
        numbers = {"rows": done.rows, "failed": done.failed, "seconds": done.seconds}
        tell_json(status="done", path=str(done.path), **numbers, devices=devices)
        return
    typer.echo(f"{done.rows} readings in {duration(done.seconds)}, {done.failed} failed")
    typer.echo(f"Saved: {done.path}")
