"""The last scan of a file: how far it came, and the recipe that it was made by."""

from __future__ import annotations

from pathlib import Path

from h5modules.backends import GROUP, FileState, H5ModulesError, file_status
from h5modules.saving import BEGUN_NAME, H5SaverLowLevel, count_points, record_of

from ._adaptive_plan import AdaptivePlan
from ._errors import PlanError, ScanResumeError
from ._recipe import Recipe

PLAN_NAME = "plan"
"""The attribute of a scan's group that holds its plan."""

RECIPE_NAME = "recipe"
"""The attribute of a scan's group that holds its recipe."""


def saved_recipe(path: Path) -> Recipe:
    """Return the recipe of the last scan in a file.

    Raises
    ------
    ScanResumeError
        When the file holds no scan, or the last one was not made by a recipe.
    FileError
        When the file cannot be read.
    PlanError
        When the recipe in it is of another version.
    """
    with H5SaverLowLevel.from_file(path, mode="r") as h5saver:
        group = _last_scan(h5saver)
        text = None if group is None else group.attrs.get(RECIPE_NAME)
    if text is None:
        raise ScanResumeError(
            f"the last scan of {str(path)!r} was not run by a plan that names its devices; "
            "go on with it from Python: see resume_scan."
        )
    return Recipe.from_toml(str(text))


def how_to_go_on(path: Path) -> str:
    """Tell how to go on with the last scan of a file; empty when it is whole, or there is none to go on with.

    A file that cannot be read, or that another program writes, holds nothing to go on with.
    """
    try:
        if file_status(path).state is FileState.RUNNING:
            return ""
        with H5SaverLowLevel.from_file(path, mode="r") as h5saver:
            group = _last_scan(h5saver)
            if group is None or PLAN_NAME not in group.attrs:
                return ""
            done, total = _points_of(h5saver, group)
            function = "resume_scan" if group.attrs.get("type") == "scan" else "resume_adaptive"
            is_named = RECIPE_NAME in group.attrs
    except H5ModulesError:
        return ""
    if not 0 < done < total:
        return ""
    ways = f'h5modules scan resume "{path}" ({function})' if is_named else function
    return f"it holds an interrupted scan, {done} of {total} points: go on with {ways}"


def _last_scan(h5saver: H5SaverLowLevel) -> GROUP | None:
    found = [h5saver.get_last_group(h5saver.raw_group, kind) for kind in ("scan", "optimizer")]
    groups = [group for group in found if group is not None]
    return max(groups, key=lambda group: float(group.attrs.get(BEGUN_NAME, 0)), default=None)


def _points_of(h5saver: H5SaverLowLevel, group: GROUP) -> tuple[int, int]:
    """Return how many points of a scan are acquired, and how many there will be."""
    record = record_of(group)
    if record is not None:
        count = count_points(group, record)
        return count.acquired, count.total or 0
    detectors = h5saver.get_groups(group, "detector")
    records = [(each, record_of(each)) for each in detectors]
    rows = [0 if record is None else count_points(each, record).acquired for each, record in records]
    return min(rows, default=0), _most_points(str(group.attrs[PLAN_NAME]))


def _most_points(text: str) -> int:
    """Return the points of an adaptive plan; 0 where it may have ended before, when enough was known."""
    try:
        plan = AdaptivePlan.from_toml(text)
    except PlanError:
        return 0
    return 0 if plan.loss else plan.points
