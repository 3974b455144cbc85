"""The commands ``h5modules scan ...``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from h5modules.backends import local_path
from h5modules.scanning._adaptive_plan import AdaptivePlan
from h5modules.scanning._axis import LinearAxis
from h5modules.scanning._devices import units_of
from h5modules.scanning._errors import DeviceFailedError, PlanError
from h5modules.scanning._estimate import estimated_seconds
from h5modules.scanning._opening import DeviceOpener, OpenRecipe
from h5modules.scanning._picture import draw_path
from h5modules.scanning._plan import Plan
from h5modules.scanning._problems import Problems
from h5modules.scanning._recipe import Recipe, load_recipe, recipe_of
from h5modules.scanning._registry import GROUP_NAME, RegisteredDevice, device_roles, registered_devices
from h5modules.scanning._resuming import saved_recipe

from ._attributes import parse_attributes
from ._describing import described, shape_of
from ._display import duration
from ._log import log
from ._options import Append, AsJson, NoNexus, OutputFile, Overwrite, output_of
from ._running import resume_recipe, run_recipe, run_shown
from ._steady import steady_console
from ._telling import FAILED, INCOMPLETE, REFUSED, STOPPED, tell_json, tell_result, telling

__all__ = ["app", "log", "run_shown", "tell_result", "telling", "FAILED", "INCOMPLETE", "REFUSED", "STOPPED"]

_EPILOG = (
    "Exit codes: 0 all points are saved; 1 a device or the disk stopped the scan; 2 the input was refused, "
    "nothing was moved or written; 3 points at which a device failed were left out; 130 stopped by Ctrl-C."
)

app = typer.Typer(
    help="Run scans without a window.", no_args_is_help=True, add_completion=False, epilog=_EPILOG
)

PlanFile = Annotated[Path, typer.Argument(metavar="PLAN.toml", help="The plan.", show_default=False)]


@app.command(epilog=_EPILOG)
def run(  # noqa: PLR0913 - each is an option
    output: OutputFile,
    plan: Annotated[
        Path | None, typer.Argument(metavar="PLAN.toml", help="The plan.", show_default=False)
    ] = None,
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
    append: Append = False,
    overwrite: Overwrite = False,
    title: Annotated[str, typer.Option(help="The title of a scan without PLAN.toml.")] = "Scan",
    attribute: Annotated[
        list[str] | None,
        typer.Option(
            "--attribute",
            metavar="NAME=VALUE",
            help="What to note of the scan, such as sample=GaAs; once for each. h5modules find looks for it.",
        ),
    ] = None,
    no_nexus: NoNexus = False,
    as_json: AsJson = False,
) -> None:
    """Run a scan, and save it: by a plan, or over a grid that options tell.

    Actuators and detectors are named as `h5modules scan devices` lists them.

    Example: h5modules scan run -a stage_x=-20:20:41 -a stage_y=-20:20:41 -d photodiode -o scan.h5
    """
    target = output_of(output, append=append, overwrite=overwrite, no_nexus=no_nexus)
    with telling(as_json=as_json):
        if plan is None:
            recipe, problems = _recipe_of(axis or [], detector or [], title)
        elif axis or detector:
            raise PlanError("give a plan, or axes and detectors, not both.")
        else:
            recipe, problems = load_recipe(plan)
        attributes = parse_attributes(attribute or (), problems)
        result = run_recipe(recipe, problems, target, attributes)
    tell_result(result, as_json=as_json)


@app.command()
def check(
    plan: PlanFile,
    picture: Annotated[
        Path | None,
        typer.Option(
            help="Draw the path here; PLAN.plan.png beside the plan by default.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Look at a plan before anything moves: what is wrong, how long it lasts, a picture of its path.

    Devices are opened and asked for units and limits; nothing is moved, read or saved.
    """
    with telling(as_json=as_json):
        recipe, problems = load_recipe(plan)
        with DeviceOpener(problems) as opener:
            opened = None if recipe is None else opener.open(recipe)
            problems.raise_any()
            assert recipe is not None and opened is not None  # noqa: PT018 - else there were problems
            seconds = estimated_seconds(opened.plan, opened.actuators, opened.detectors)
            drawn = _drawn(opened, plan.with_suffix(".plan.png") if picture is None else picture)
    if as_json:
        numbers = {"points": len(recipe.plan), "shape": shape_of(recipe.plan), "seconds": seconds}
        tell_json(status="good", **numbers, picture=drawn)
        return
    for line in described(recipe, opened):
        typer.echo(line)
    typer.echo(f"At least {duration(seconds)}, as far as the devices tell.")
    typer.echo("No picture: where it goes is known on the way." if drawn is None else f"Picture: {drawn}")


@app.command(epilog=_EPILOG)
def resume(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", parser=local_path, help="The file.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Go on with the last scan of a file, from the first point that is not acquired.

    The plan and the names of the devices are in the file; the devices are opened again by these names.
    """
    with telling(as_json=as_json):
        result = resume_recipe(saved_recipe(file), file)
    tell_result(result, as_json=as_json)


@app.command()
def demo(
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="PATH", parser=local_path, help="The file to save in.")
    ] = Path("demo.h5"),
    points: Annotated[int, typer.Option(help="Points along each of the two axes.", min=1)] = 41,
    append: Append = False,
    overwrite: Overwrite = False,
    no_nexus: NoNexus = False,
    as_json: AsJson = False,
) -> None:
    """Scan a simulated sample with simulated stages and detectors (pip install h5modules-simulators)."""
    axes = [LinearAxis(name, -40, 40, points, "um") for name in ("stage_x", "stage_y")]
    target = output_of(output, append=append, overwrite=overwrite, no_nexus=no_nexus)
    with telling(as_json=as_json):
        recipe = Recipe(Plan(axes), ("photodiode", "spectrometer", "camera"), "Simulated sample")
        result = run_recipe(recipe, Problems(), target)
    tell_result(result, as_json=as_json)


@app.command()
def devices(as_json: AsJson = False) -> None:
    """List the devices that a scan can use, what they can be used as, and the packages that bring them.

    They are imported, and not opened: of one that does not say before it is opened, the role is unknown.
    """
    found = [_Listed.of(each) for each in registered_devices()]
    if as_json:
        tell_json(devices=[asdict(each) for each in found])
        return
    if not found:
        steady_console().print(f"No installed package registers devices (entry points {GROUP_NAME!r}).")
    rows = [(each.name, each.role, each.package) for each in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row, listed in zip(rows, found, strict=True):
        line = "  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True))
        typer.echo(f"{line}  {listed.problem}".rstrip())


@dataclass(frozen=True, slots=True)
class _Listed:
    """A device, as it is listed."""

    name: str
    roles: tuple[str, ...]
    package: str
    problem: str

    @classmethod
    def of(cls, device: RegisteredDevice) -> _Listed:
        try:
            return cls(device.name, device_roles(device), device.package, "")
        except DeviceFailedError as error:
            return cls(device.name, (), device.package, str(error))

    @property
    def role(self) -> str:
        return ", ".join(self.roles) or "unknown"


def _recipe_of(axes: Sequence[str], detectors: Sequence[str], title: str) -> tuple[Recipe | None, Problems]:
    """Return the recipe that options tell, as far as it can be made, and what is wrong with it."""
    problems, parsed, plan = Problems(), [], None
    for text in axes:
        with problems.gathering():
            parsed.append(LinearAxis.parse(text))
    with problems.gathering():
        if parsed or not axes:
            plan = Plan(parsed)
    return recipe_of(plan, detectors, problems, title), problems


def _drawn(opened: OpenRecipe, path: Path) -> str | None:
    if isinstance(opened.plan, AdaptivePlan):
        return None
    units = {actuator.title: units_of(actuator) for actuator in opened.actuators}
    return str(draw_path(opened.plan, path, units))
