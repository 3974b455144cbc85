"""Live plots of a scan: PyMoDAQ's viewers, fed from memory and not more often than one can see."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pymodaq.post_treatment.load_and_plot import LoaderPlotter
from pymodaq_data.data import Axis, DataDistribution, DataToExport
from pymodaq_gui.plotting.data_viewers import Viewer2D
from pymodaq_gui.utils import DockArea
from qtpy.QtCore import QTimer

from ._points import PointsInMemory

SOONEST = 100
"""Milliseconds between two drawings, at least."""

SHARE = 5
"""How many times longer than it takes to draw the next drawing is waited for: a plot of much data does not
hold up the scan."""


class LivePlots(LoaderPlotter):  # type: ignore[misc] # PyMoDAQ has no types
    """Plots the points of a scan as they come.

    A point is put in its place in memory, which costs next to nothing; what came meanwhile is drawn together.

    Parameters
    ----------
    dockarea
        Where the viewers lie.
    draw
        Draws what `load_plot_data` loads; called in the thread of the windows.
    """

    def __init__(self, dockarea: DockArea, draw: Callable[[], None]) -> None:
        super().__init__(dockarea)
        self._draw = draw
        self._dressed: list[Viewer2D] = []
        self._timer = QTimer(singleShot=True, interval=SOONEST)
        self._timer.timeout.connect(self._draw_and_rest)
        self.begin((), (), DataDistribution.uniform)

    def begin(self, shape: tuple[int, ...], axes: tuple[Axis, ...], distribution: DataDistribution) -> None:
        """Forget the scan before: see `PointsInMemory`."""
        self._timer.stop()
        self._timer.setInterval(SOONEST)
        self._has_new = False
        self.points = self.dataloader = PointsInMemory(shape, axes, distribution)

    def add(self, dte: DataToExport, index: tuple[int, ...], *, draws: bool) -> None:
        """Keep a point, and have it drawn soon if `draws`."""
        self.points.add(dte, index)
        self._has_new = True
        if draws and not self._timer.isActive():
            self._timer.start()

    def finish(self, *, draws: bool) -> None:
        """Draw at once what was not drawn yet, if `draws`."""
        self._timer.stop()
        if draws and self._has_new:
            self._draw_and_rest()

    def set_data_to_viewers(self, data: DataToExport, *arguments: Any, **options: Any) -> None:
        """Show data, each signal in its viewer; maps in colours over the range of what is there."""
        for signal in data.data:
            viewer = self._viewers.get(signal.get_full_name())
            if isinstance(viewer, Viewer2D) and viewer not in self._dressed:
                self._dress(viewer, is_alone=len(signal.data) == 1)
        super().set_data_to_viewers(data, *arguments, **options)

    def _dress(self, viewer: Viewer2D, *, is_alone: bool) -> None:
        """Do once what is asked of a new viewer; what its user changes later stays."""
        self._dressed = [each for each in self._dressed if each in self.viewers] + [viewer]
        if not viewer.is_action_checked("autolevels"):
            viewer.get_action("autolevels").trigger()
        if is_alone:  # several share the colours red, green and blue
            viewer.set_gradient("red", "viridis")

    def _draw_and_rest(self) -> None:
        self._has_new, began = False, time.perf_counter()
        self._draw()
        took = 1000 * (time.perf_counter() - began)
        self._timer.setInterval(max(SOONEST, round(SHARE * took)))
