"""The path of a plan, drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from h5modules.backends import FileAccessError
from h5modules.saving import units_text

from ._errors import PlanError
from ._estimate import timing_text
from ._plan import Plan

_MOST_POINTS = 20_000
"""Of a longer plan the first points are drawn: more are one blot."""

_WITH_DOTS = 2_000
"""How many points are drawn as dots too."""


def draw_path(plan: Plan, path: Path, units: Mapping[str, str] | None = None) -> Path:
    """Draw the path of a plan: its two fastest actuators against each other, or its one against the points.

    Parameters
    ----------
    plan
        The plan.
    path
        The picture, in the format that its suffix says.
    units
        The unit of each actuator by title, where the plan says none.

    Returns
    -------
    The path of the picture.

    Raises
    ------
    PlanError
        When matplotlib is not installed, the plan moves nothing, or the suffix is no format of matplotlib.
    FileAccessError
        When the picture cannot be written.
    """
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlanError('drawing needs matplotlib; try: pip install "h5modules-scanning[plot]"') from error
    if not plan.actuators:
        raise PlanError("the plan moves nothing; there is no path to draw.")
    figure = Figure(figsize=(6.4, 5.2), layout="compressed")
    FigureCanvasAgg(figure)
    _draw(plan, figure.subplots(), units or {})
    try:
        figure.savefig(path, dpi=120)
    except ValueError as error:
        raise PlanError(f"{str(path)!r} cannot be drawn: {error}.") from error
    except OSError as error:
        raise FileAccessError(f"{str(path)!r} cannot be written: {error.strerror}.") from error
    return path


def _draw(plan: Plan, axes: Any, told: Mapping[str, str]) -> None:
    drawn = min(len(plan), _MOST_POINTS)
    names = plan.actuators[-2:]
    rows = np.array([[point.positions[name] for name in names] for point in map(plan.point, range(drawn))])
    number = np.arange(1, drawn + 1)
    if len(names) == 1:
        across, up, labels = number, rows[:, 0], ("point", names[0])
    else:
        across, up, labels = rows[:, 1], rows[:, 0], (names[1], names[0])
        axes.set_aspect("equal" if _is_square(rows) else "auto")
    axes.plot(across, up, color="0.75", linewidth=0.8, zorder=1)
    if drawn <= _WITH_DOTS:
        dots = axes.scatter(across, up, c=number, s=14, cmap="viridis", zorder=2)
        axes.figure.colorbar(dots, label="point")
    axes.plot(across[0], up[0], "o", color="tab:red", markersize=7, markerfacecolor="none", label="first")
    axes.plot(across[-1], up[-1], "s", color="tab:red", markersize=7, markerfacecolor="none", label="last")
    said = {name: axis.units for axis in plan.leaves for name in axis.actuators if axis.units}
    units = {**told, **said}
    across_label, up_label = (_label(name, units.get(name, "")) for name in labels)
    axes.set(xlabel=across_label, ylabel=up_label, title=_title(plan, drawn))
    axes.figure.legend(loc="outside lower center", ncols=2, fontsize="small")


def _label(name: str, units: str) -> str:
    return f"{name} ({units_text(units)})" if units else name


def _is_square(rows: np.ndarray[Any, np.dtype[np.float64]]) -> bool:
    spans = np.ptp(rows, axis=0)
    return bool(spans.min() > 0 and spans.max() / spans.min() < 3)


def _title(plan: Plan, drawn: int) -> str:
    shape = " x ".join(map(str, plan.shape))
    points = f"{len(plan)} points ({shape})" + ("" if drawn == len(plan) else f", the first {drawn} drawn")
    return "\n".join(filter(None, (points, timing_text(plan))))
