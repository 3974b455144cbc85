"""The command ``h5modules log``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from h5modules.scanning._calls import CallLimits
from h5modules.scanning._errors import PlanError
from h5modules.scanning._log_progress import LogProgress
from h5modules.scanning._log_recipe import LogRecipe, draft, load_log_recipe, require_named_once
from h5modules.scanning._log_rule import LogRule, Sampling
from h5modules.scanning._opening import DeviceOpener
from h5modules.scanning._policy import OnFailure
from h5modules.scanning._problems import Problems
from h5modules.scanning._recipe import DeviceUse

from ._display import duration
from ._log_display import LogDisplay
from ._open_log import OpenLog, open_log
from ._options import Append, AsJson, NoNexus, OutputFile, Overwrite, output_of
from ._steady import steady_console, tell_steadily
from ._telling import json_line, tell_json, telling

_DEVICE = "once for each: NAME, NAME,every=60 (seconds), NAME,change=0.1 (only what differs by more)"

_BOUNDS = (("seconds", 1), ("megabytes", 1e6), ("hours", 3600))
"""Options that bound a log or its files, with what one of each is in seconds or bytes."""

_EPILOG = (
    "Exit codes: 0 it ended as it was told, or by Ctrl-C; 1 a device or the disk stopped it; 2 the input was "
    "refused, nothing was read or written; 130 Ctrl-C twice."
)


def log(  # noqa: PLR0913 - each is an option
    output: OutputFile,
    plan: Annotated[
        Path | None,
        typer.Argument(metavar="PLAN.toml", help="The log as a file.", show_default=False),
    ] = None,
    actuator: Annotated[
        list[str] | None,
        typer.Option("--actuator", "-a", metavar="NAME", help=f"An actuator to record, {_DEVICE}."),
    ] = None,
    detector: Annotated[
        list[str] | None,
        typer.Option("--detector", "-d", metavar="NAME", help=f"A detector to record, {_DEVICE}."),
    ] = None,
    interval: Annotated[
        float | None,
        typer.Option(help="Seconds from one reading to the next; 1 by default.", show_default=False),
    ] = None,
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
    title: Annotated[
        str | None, typer.Option(help="The title of the log; 'Log' by default.", show_default=False)
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Tell what is wrong and what would be recorded; record nothing.")
    ] = False,
    append: Append = False,
    overwrite: Overwrite = False,
    no_nexus: NoNexus = False,
    as_json: AsJson = False,
) -> None:
    """Record detectors, and where actuators are, against the time, until Ctrl-C; nothing is moved.

    What is recorded is told by a plan, or by options. With --append the last log of the file is gone on with;
    if that is of other devices, this is told, and a new one begun.

    Example: h5modules log -d photodiode -a thermostat,every=10 --interval 0.5 --hours 24 -o night.h5
    """
    target = output_of(output, append=append, overwrite=overwrite, no_nexus=no_nexus)
    told = {
        "interval": interval,
        "on_change": on_change,
        "seconds": seconds,
        "megabytes": megabytes,
        "hours": hours,
        "skip": skip,
        "timeout": timeout,
        "title": title,
    }
    with telling(as_json=as_json):
        if plan is None:
            recipe, problems = _recipe_of(actuator or [], detector or [], told)
        elif actuator or detector or any(value is not None and value is not False for value in told.values()):
            raise PlanError("give a plan, or devices and how they are logged, not both.")
        else:
            recipe, problems = load_log_recipe(plan)
        with DeviceOpener(problems) as opener:
            opened = open_log(recipe, opener, target)
            if remark := opened.remark(target):
                steady_console().print(remark, soft_wrap=True, markup=False)
            if check:
                _describe(opened, as_json=as_json)
                return
            done = _shown(lambda show: opened.run(target, show))
    tell_steadily(*_result(done, as_json=as_json))


def _recipe_of(
    actuator: Sequence[str], detector: Sequence[str], told: dict[str, Any]
) -> tuple[LogRecipe | None, Problems]:
    """Return the log that options tell, as far as it can be made, and what is wrong with it."""
    problems, rule, limits = Problems(), LogRule(), CallLimits()
    every = 1.0 if told["interval"] is None else told["interval"]
    default = Sampling()
    with problems.gathering():
        seconds, size, age = (_bound(told, *each) for each in _BOUNDS)
        rule = LogRule(every, told["on_change"], seconds, size, age)
        default = Sampling(every, told["on_change"])
    actuators, detectors = _parsed(actuator, default, problems), _parsed(detector, default, problems)
    with problems.gathering():
        limits = CallLimits(told["timeout"])
    asked = {**actuators, **detectors}
    with problems.gathering():
        if not problems or asked:
            require_named_once([*actuators], [*detectors], ())
    policy = OnFailure.skip if told["skip"] else OnFailure.stop
    uses = dict.fromkeys(asked, DeviceUse(limits=limits))
    title = told["title"] or "Log"
    return draft([*actuators], [*detectors], title, replace(rule, devices=asked), policy, uses), problems


def _bound(told: dict[str, Any], name: str, unit: float) -> float | None:
    value: float | None = told[name]
    if value is not None and not value > 0:
        raise PlanError(f"--{name} is {value:g}; give a number above 0.")
    return None if value is None else value * unit


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
    display = LogDisplay(steady_console())
    try:
        return log(display.show)
    finally:
        display.close()


def _describe(opened: OpenLog, *, as_json: bool) -> None:
    rule = opened.recipe.rule_for(opened.titles)
    devices = {title: rule.sampling(title) for title in opened.titles.values()}
    if as_json:
        numbers = {"seconds": rule.seconds, "bytes": rule.largest_file, "longest": rule.longest_file}
        tell_json(status="good", **numbers, devices={title: asdict(each) for title, each in devices.items()})
        return
    typer.echo(f"{opened.recipe.title}: {'until Ctrl-C' if rule.seconds is None else duration(rule.seconds)}")
    width = max(map(len, devices))
    for title, each in devices.items():
        differing = f", by more than {each.tolerance:g}" if each.tolerance else ""
        saved = f", saved when it changes{differing}" if each.on_change else ""
        typer.echo(f"  {title:{width}}  every {each.interval:g} s{saved}")
    if rule.has_series:
        size = [] if rule.largest_file is None else [f"{rule.largest_file / 1e6:g} MB"]
        age = [] if rule.longest_file is None else [duration(rule.longest_file)]
        typer.echo(f"The next file begins after {' or '.join(size + age)}.")


def _result(done: LogProgress, *, as_json: bool) -> list[str]:
    if as_json:
        devices = {each.title: {"rows": each.rows, "failed": each.failed} for each in done.devices}
        numbers = {"rows": done.rows, "failed": done.failed, "seconds": done.seconds}
        return [json_line(status="done", path=str(done.path), node=done.node, **numbers, devices=devices)]
    return [
        f"{done.rows} readings in {duration(done.seconds)}, {done.failed} failed",
        f"Saved: {done.path} {done.node}",
    ]
