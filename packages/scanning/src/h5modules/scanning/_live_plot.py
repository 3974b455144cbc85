"""A plot that grows while a scan runs, in a notebook."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ._adaptive_plan import AdaptivePlan
from ._axis import PlanAxis, Positions
from ._errors import PlanError
from ._plan import Plan, Point
from ._progress import Progress

_SHARE = 5
"""How many times as long as a picture took it is waited, at least, before the next."""

ShowPicture = Callable[[bytes], object]
"""Takes a picture (PNG) that takes the place of the one before."""


class LivePlot:
    """A callback that plots what one detector reads: a line, a map, or the places of a list.

    The mean of its first channel is plotted. Maps are those of the two fastest axes, at the latest position
    of the others.

    Parameters
    ----------
    plan
        The plan of the scan.
    detector
        The title of the detector.
    seconds
        The time between two pictures, more where drawing takes long, for the scan waits meanwhile; 0 draws
        one after each point.
    show
        Shows a picture; by default it is shown below the cell of a notebook.

    Raises
    ------
    PlanError
        When matplotlib is not installed, or, without `show`, IPython.

    Examples
    --------
    >>> from h5modules.scanning import FunctionActuator, LinearAxis, run_scan
    >>> stage = FunctionActuator(lambda value: None, 'Stage', 'mm')
    >>> def power():
    ...     return stage.position**2
    >>> plan = Plan([LinearAxis('Stage', -1, 1, 5)])
    >>> pictures = []
    >>> plot = LivePlot(plan, 'power', show=pictures.append)
    >>> result = run_scan(plan, [stage], [power], tmp_path / 'scan.h5', callback=plot)
    >>> pictures[-1][1:4]
    b'PNG'
    """

    def __init__(
        self,
        plan: Plan | AdaptivePlan,
        detector: str,
        *,
        seconds: float = 0.5,
        show: ShowPicture | None = None,
    ) -> None:
        self._plan = plan
        self._detector = detector
        self._seconds = seconds
        self._show = show or _shown_below_the_cell()
        self._figure = _figure()
        self._next = 0.0
        self._is_grid = isinstance(plan, Plan) and not plan.is_spread
        self._values = np.full(plan.shape if isinstance(plan, Plan) and self._is_grid else (0,), np.nan)
        self._rows: list[tuple[float, ...]] = []
        self._latest: Point | None = None
        self._title = ""
        self._is_drawn = True

    def __call__(self, progress: Progress) -> None:
        """Take what was saved just now, and draw it if it is time, or the last point."""
        if progress.point is not None and progress.data is not None:
            self._take(progress.point, progress.data)
        self._title = f"{progress.done} of {progress.total} points"
        self._is_drawn = False
        if progress.done + progress.skipped >= progress.total or time.monotonic() >= self._next:
            self.finish()

    def finish(self) -> None:
        """Draw what was not drawn yet: the end of a scan that was stopped before its last point."""
        if self._latest is None or self._is_drawn:
            return
        start = time.monotonic()
        self._show(self.picture(self._title))
        self._is_drawn = True
        took = time.monotonic() - start
        self._next = start + took + (self._seconds and max(self._seconds, _SHARE * took))

    def _take(self, point: Point, data: Any) -> None:
        found = [signal for signal in data.data if signal.origin == self._detector]
        if not found:
            origins = [signal.origin for signal in data.data]
            raise PlanError(f"{self._detector!r} cannot be plotted; the scan has {origins}.")
        value = float(np.real(np.mean(found[0].data[0])))
        self._latest = point
        if self._is_grid:
            self._values[point.index] = value
        else:
            self._rows.append((*point.positions.values(), value))

    def picture(self, title: str = "") -> bytes:
        """Return the plot as it is now, as a PNG."""
        self._figure.clear()
        axes = self._figure.subplots()
        self._draw(axes)
        axes.set_title(title)
        file = io.BytesIO()
        self._figure.savefig(file, format="png", dpi=80)
        return file.getvalue()

    def _draw(self, axes: Any) -> None:
        names = self._plan.actuators
        if self._latest is None:
            return
        if self._is_grid:
            self._draw_grid(axes, self._latest)
            return
        rows = np.array(self._rows)
        if rows.shape[1] == 3:
            dots = axes.scatter(rows[:, 1], rows[:, 0], c=rows[:, 2], s=14, cmap="viridis")
            axes.figure.colorbar(dots, label=self._detector)
            axes.set(xlabel=names[1], ylabel=names[0])
        else:
            is_line = rows.shape[1] == 2
            across = rows[:, 0] if is_line else np.arange(1, len(rows) + 1)
            axes.plot(across, rows[:, -1], "." if isinstance(self._plan, AdaptivePlan) else ".-")
            axes.set(xlabel=names[0] if is_line else "point", ylabel=self._detector)

    def _draw_grid(self, axes: Any, latest: Point) -> None:
        assert isinstance(self._plan, Plan)  # adaptive plans have no grid
        across = self._plan.leaves[-1]
        if len(self._plan.leaves) == 1:
            axes.plot(_side(across), self._values, ".-")
            axes.set(xlabel=_label(across), ylabel=self._detector)
            return
        up = self._plan.leaves[-2]
        values = self._values[latest.index[:-2]]
        mesh = axes.pcolormesh(_edges(_side(across)), _edges(_side(up)), values, cmap="viridis")
        axes.figure.colorbar(mesh, label=self._detector)
        axes.set(xlabel=_label(across), ylabel=_label(up))


def _side(axis: PlanAxis) -> Positions:
    return axis.positions()[:, 0] if axis.actuators else np.arange(1.0, len(axis) + 1)


def _edges(positions: Positions) -> Positions:
    """Return where the fields of a map end; a single position has a field of 1."""
    if len(positions) == 1:
        return np.array([positions[0] - 0.5, positions[0] + 0.5])
    between = (positions[1:] + positions[:-1]) / 2
    return np.array([2 * positions[0] - between[0], *between, 2 * positions[-1] - between[-1]])


def _label(axis: PlanAxis) -> str:
    return axis.actuators[0] if axis.actuators else "Repetition"


def _figure() -> Any:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise PlanError('plotting needs matplotlib; try: pip install "h5modules-scanning[plot]"') from error
    figure = Figure(figsize=(6.4, 4.4), layout="compressed")
    FigureCanvasAgg(figure)
    return figure


def _shown_below_the_cell() -> ShowPicture:
    message = "a live plot is shown in a notebook, and this is none; give show."
    try:
        from IPython.core.getipython import get_ipython
        from IPython.display import DisplayHandle, Image
    except ImportError as error:
        raise PlanError(message) from error
    if get_ipython() is None:
        raise PlanError(message)
    # The place is taken now, in the cell that makes the plot: the scan may run in a thread.
    make_handle: Callable[[], Any] = DisplayHandle
    make_image: Callable[..., Any] = Image
    handle = make_handle()
    handle.display("")
    return lambda picture: handle.update(make_image(data=picture, format="png"))
