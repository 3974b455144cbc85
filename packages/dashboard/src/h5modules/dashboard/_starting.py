"""Opens the Dashboard."""

from __future__ import annotations

import importlib
import xml.etree.ElementTree as ElementTree
from importlib.metadata import version
from pathlib import Path

from ._errors import ExperimentMissingError, PluginError, VersionError
from ._serving import require_served, serve

KNOWN = "5.3."
"""How the versions of PyMoDAQ begin that this package was made for."""


def require_version() -> None:
    """Make sure that PyMoDAQ is of a version that this package knows.

    Raises
    ------
    VersionError
        When it is not.
    """
    if not (found := version("pymodaq")).startswith(KNOWN):
        raise VersionError(
            f'PyMoDAQ {found} is installed; try: pip install "pymodaq>=5.3.8,<5.4", or have it save by '
            "itself: h5modules dashboard --plain."
        )


def start(experiment: str | None = None, *, plain: bool = False) -> int:
    """Open the Dashboard and wait until it is closed.

    Parameters
    ----------
    experiment
        The name of an experiment to load.
    plain
        Leave PyMoDAQ as it is, saving by its own modules.

    Returns
    -------
    The exit code of the program.

    Raises
    ------
    VersionError, ServedTooLateError, DashboardError
        When the Dashboard cannot save through h5modules.
    ExperimentMissingError
        When there is no experiment of that name; no window was opened.
    PluginError
        When a plugin of the experiment is missing; no window was opened.
    """
    if not plain:
        require_version()
        serve()
    dashboard = importlib.import_module("pymodaq.dashboard")
    if not plain:
        require_served()
    if experiment is not None:
        _require_experiment(experiment)
    application = importlib.import_module("pymodaq_gui.qt_utils").mkQApp("Dashboard")
    if experiment is None:
        opened = dashboard.create_load_dashboard()
    else:
        opened = dashboard.load_dashboard_with_experiment(experiment)
    code = int(application.exec())
    del opened  # Qt needs it until here
    return code


def _require_experiment(name: str) -> None:
    folder = importlib.import_module("pymodaq.utils.config").get_set_experiment_path()
    path = folder / f"{name}.xml"
    if not path.is_file():
        names = ", ".join(sorted(each.stem for each in folder.glob("*.xml"))) or "none"
        raise ExperimentMissingError(f"there is no experiment {name!r} in {folder}; there are: {names}.")
    installed = importlib.import_module("pymodaq.control_modules.instruments").CONTROL_MODULES
    if missing := sorted(plugins_of(path) - {each["name"] for each in installed}):
        raise PluginError(
            f"the experiment {name!r} needs the plugins {missing}, which are not installed, or cannot be "
            f"imported; PyMoDAQ's log tells why. Install them, or change {path}."
        )


def plugins_of(experiment: Path) -> set[str]:
    """Return the names of the plugins that an experiment needs."""
    rows = ElementTree.parse(experiment).getroot().findall("./*/*/info/type")
    return {name for row in rows if (name := (row.text or "").removeprefix("str('").removesuffix("')"))}
