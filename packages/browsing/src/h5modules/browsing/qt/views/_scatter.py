"""Scans whose points are listed: a dot at each place, coloured by what was read there."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QRectF
from qtpy.QtWidgets import QCheckBox, QWidget

from h5modules.browsing._scan_view import Array, ScanAxis, ScanSignal

from ._reading import read_overview, value_name
from ._signal_view import Channels, SignalView
from ._style import COLOUR_MAP, axis_name, dress, dress_axis, levels_of, named, style_of
from ._triangles import fill_between

_MOST_DOTS = 20_000
"""How many dots are drawn at most."""


class ScatterView(SignalView):
    """Shows the points of a scan where they were acquired; of spectra and frames, their mean."""

    title: ClassVar[str] = "Scatter"
    rank: ClassVar[int] = 70

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:  # docstring inherited
        return len(_coordinates(signal)) > 1 and signal.acquired.size > 1

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fill = QCheckBox("Fill between points")
        self._fill.setToolTip("Values between the points, linear in each triangle of neighbours")
        self._fill.toggled.connect(self._draw_again)
        self.bar.insertWidget(3, self._fill)

    def make_canvas(self) -> QWidget:  # docstring inherited
        self._canvas = pg.GraphicsLayoutWidget()
        self._plot = self._canvas.addPlot()
        self._plot.showGrid(x=True, y=True, alpha=0.15)
        self.dots = pg.ScatterPlotItem(
            hoverable=True, tip=lambda x, y, data: f"{x:.5g}, {y:.5g}:  {data:.5g}"
        )
        self.filling = pg.ImageItem(axisOrder="row-major")
        self.filling.setColorMap(pg.colormap.get(COLOUR_MAP))
        self.filling.setZValue(-1)
        self._plot.addItem(self.filling)
        self._plot.addItem(self.dots)
        self._colours = pg.ColorBarItem(colorMap=COLOUR_MAP, interactive=False)
        self._canvas.addItem(self._colours)
        return self._canvas

    def restyle(self) -> None:  # docstring inherited
        style = style_of(self)
        self._canvas.setBackground(style.ground)
        dress(self._plot, style)
        dress_axis(self._colours.axis, style)

    def draw(self, channels: Channels) -> None:  # docstring inherited
        self.redraw(channels)
        self._plot.autoRange()
        self.restyle()

    def wipe(self) -> None:  # docstring inherited
        self.dots.clear()
        self.filling.clear()

    def redraw(self, channels: Channels) -> None:  # docstring inherited
        signal = self.signal
        self.filling.clear()
        across, down = _coordinates(signal)[:2]
        values = read_overview(signal).reshape(-1)
        kept = np.flatnonzero(np.isfinite(values))
        step = max(1, -(-len(kept) // _MOST_DOTS))
        kept = kept[::step]
        low, high = levels_of(values[kept])
        shades = pg.colormap.get(COLOUR_MAP).map((values[kept] - low) / (high - low), mode="qcolor")
        x, y, values = across.values[kept], down.values[kept], values[kept]
        is_filled = self._fill.isChecked() and self._fill_between(x, y, values, (low, high))
        self.dots.setData(
            x=x,
            y=y,
            data=values,
            brush=[pg.mkBrush(shade) for shade in shades],
            pen=pg.mkPen(style_of(self).ink, width=0.5) if is_filled else None,
            size=5 if is_filled else 9,
        )
        self._colours.setLevels((low, high))
        self._colours.setLabel("right", named(value_name(signal), signal.units))
        self._plot.setLabel("bottom", axis_name(across, "first coordinate"))
        self._plot.setLabel("left", axis_name(down, "second coordinate"))
        shown = "" if step == 1 else f"; one of {step} is shown"
        self.tell(f"{int(signal.acquired.sum()):,} of {signal.acquired.size:,} points acquired{shown}")

    def _fill_between(self, x: Array, y: Array, values: Array, levels: tuple[float, float]) -> bool:
        """Draw values between points; tell whether there is something to draw."""
        filled = fill_between(x, y, values)
        if filled is None:
            return False
        self.filling.setImage(filled.values, levels=levels)
        self.filling.setRect(QRectF(filled.left, filled.bottom, filled.width, filled.height))
        return True

    def _draw_again(self) -> None:
        with self.telling():
            if self.channels:
                self.redraw(self.channels)


def _coordinates(signal: ScanSignal) -> tuple[ScanAxis, ...]:
    """Return the coordinates of listed points."""
    return signal.nav_axes[0] if len(signal.nav_axes) == 1 else ()
