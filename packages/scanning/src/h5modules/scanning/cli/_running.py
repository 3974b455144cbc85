"""Recipes run and gone on with, their progress shown on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from h5modules.scanning._adaptive import resume_adaptive, run_adaptive
from h5modules.scanning._adaptive_plan import AdaptivePlan
from h5modules.scanning._opening import DeviceOpener, OpenRecipe
from h5modules.scanning._output import Output
from h5modules.scanning._problems import Problems
from h5modules.scanning._recipe import Recipe
from h5modules.scanning._resuming import RECIPE_NAME
from h5modules.scanning._runner import ScanResult, resume_scan, run_scan
from h5modules.scanning._steering import Callback

from ._display import Display
from ._steady import steady_console


def run_shown(scan: Callable[[Callback], ScanResult], title: str, total: int) -> ScanResult:
    """Run a scan with a progress bar on the terminal; where that is a pipe, the scan does not end with it.

    Parameters
    ----------
    scan
        Takes the callback that shows progress, and runs the scan.
    title, total
        What to write before the bar, and the number of points.
    """
    display = Display(steady_console(), title, total)
    try:
        return scan(display.show)
    finally:
        display.close()


def run_recipe(
    recipe: Recipe | None, problems: Problems, target: Output, attributes: Mapping[str, Any] | None = None
) -> ScanResult:
    """Open the devices of a recipe and run it, unless something is wrong: then all of it is told.

    Parameters
    ----------
    recipe, problems
        The recipe as far as it could be read, and what is wrong with it.
    target
        Where to save.
    attributes
        Further attributes of the scan's group.
    """
    with DeviceOpener(problems) as opener:
        opened = None if recipe is None else opener.open(recipe)
        with problems.gathering():
            target.check()
        problems.raise_any()
        assert recipe is not None and opened is not None  # noqa: PT018 - else there were problems
        named = {"title": recipe.title, "attributes": {**(attributes or {}), RECIPE_NAME: recipe.to_toml()}}
        return run_shown(lambda show: _run(opened, target, named, show), recipe.title, len(recipe.plan))


def resume_recipe(recipe: Recipe, path: Path) -> ScanResult:
    """Open the devices of a recipe, and go on with the last scan of a file, which was made by it."""
    problems = Problems()
    with DeviceOpener(problems) as opener:
        opened = opener.open(recipe)
        problems.raise_any()
        assert opened is not None  # else there were problems
        return run_shown(lambda show: _resume(opened, path, show), recipe.title, len(recipe.plan))


def _run(opened: OpenRecipe, target: Output, named: Mapping[str, Any], show: Callback) -> ScanResult:
    devices, plan = (opened.actuators, opened.detectors), opened.plan
    told: dict[str, Any] = {
        "append": target.append,
        "overwrite": target.overwrite,
        "nexus": target.nexus,
        **named,
        "policy": opened.policy,
        "callback": show,
    }
    if isinstance(plan, AdaptivePlan):
        return run_adaptive(plan, *devices, target.path, **told)
    return run_scan(plan, *devices, target.path, **told)


def _resume(opened: OpenRecipe, path: Path, show: Callback) -> ScanResult:
    devices, plan = (opened.actuators, opened.detectors), opened.plan
    if isinstance(plan, AdaptivePlan):
        return resume_adaptive(plan, *devices, path, policy=opened.policy, callback=show)
    return resume_scan(plan, *devices, path, policy=opened.policy, callback=show)
