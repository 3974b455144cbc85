"""The recipe that a scan was made by, out of its file."""

from __future__ import annotations

from pathlib import Path

from h5modules.saving import BEGUN_NAME, H5SaverLowLevel

from ._errors import ScanResumeError
from ._recipe import Recipe

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
        found = [h5saver.get_last_group(h5saver.raw_group, kind) for kind in ("scan", "optimizer")]
        groups = [group.attrs.to_dict() for group in found if group is not None]
    latest = max(groups, key=lambda attributes: float(attributes.get(BEGUN_NAME, 0)), default={})
    text = latest.get(RECIPE_NAME)
    if text is None:
        raise ScanResumeError(
            f"the last scan of {str(path)!r} was not run by a plan that names its devices; "
            "go on with it from Python: see resume_scan."
        )
    return Recipe.from_toml(str(text))
