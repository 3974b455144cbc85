"""Images: a map of a scan, a frame, the spectra of a scan along one axis."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QCheckBox, QSplitter, QWidget

from h5modules.browsing._labels import coordinate
from h5modules.browsing._scan_view import ScanSignal

from ._image_plot import ImagePlot
from ._reading import Clean, Plane, axis_of, cut_of, long_dimensions, read_plane, value_name
from ._signal_view import Channels, SignalView
from ._style import axis_name, dress, named, style_of


class ImageView(SignalView):
    """Shows two dimensions of a signal, with the mean and line-outs of a rectangle."""

    title: ClassVar[str] = "Image"
    rank: ClassVar[int] = 50

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked: object = None
        self._locked = QCheckBox("Keep proportions")
        self._locked.toggled.connect(self.image.lock)
        self._region = QCheckBox("Region")
        self._region.setToolTip("A rectangle to drag: its mean, and the means of its rows and columns")
        self._region.toggled.connect(self._show_region)
        self.bar.insertWidget(2, self._region)
        self.bar.insertWidget(3, self._locked)

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:  # docstring inherited
        scan, inner = long_dimensions(signal)
        return len(scan) + len(inner) == 2

    def make_canvas(self) -> QWidget:  # docstring inherited
        self.image = ImagePlot(has_histogram=True)
        self.image.pointed.connect(self._tell_pointed)
        self.image.fine.wanted.connect(self._read_part)
        self.image.region_moved.connect(self._draw_region)
        self._profiles = pg.GraphicsLayoutWidget()
        self._beside = [self._profiles.addPlot(row=number, col=0) for number in range(2)]
        self._profiles.hide()
        canvas = QSplitter(Qt.Orientation.Horizontal)
        canvas.addWidget(self.image)
        canvas.addWidget(self._profiles)
        canvas.setSizes([600, 350])
        return canvas

    def restyle(self) -> None:  # docstring inherited
        style = style_of(self)
        self.image.restyle(style)
        self._profiles.setBackground(style.ground)
        for plot in self._beside:
            dress(plot, style)

    def draw(self, channels: Channels) -> None:  # docstring inherited
        self._show(is_live=False)

    def redraw(self, channels: Channels) -> None:  # docstring inherited
        self._show(is_live=True)

    def _show(self, *, is_live: bool) -> None:
        self._asked = None
        signal = self.signal
        down, across = _dimensions(signal)
        plane = _read(signal, self.cleaning(signal))
        axes = axis_of(signal, down), axis_of(signal, across)
        name = named(value_name(signal), signal.units)
        self.image.show_plane(plane, axes, name, is_live=is_live)
        self._locked.blockSignals(True)
        self._locked.setChecked(bool(self.image.plot.vb.state["aspectLocked"]))
        self._locked.blockSignals(False)
        self.restyle()
        self._draw_region()

    def wipe(self) -> None:  # docstring inherited
        self._asked = None
        self.image.wipe()
        for plot in self._beside:
            plot.clear()

    def _read_part(self, rows: tuple[int, int], columns: tuple[int, int]) -> None:
        """Read a part of a large image anew, and draw it unless another one was asked for."""
        if not self.channels:
            return
        signal = self.signal
        clean = self.cleaning(signal)
        self._asked = asked = (signal, rows, columns)

        def show(part: Plane) -> None:
            if self._asked is asked:
                self.image.show_part(part)

        self.beside(lambda: _read(signal, clean, rows, columns), show, lambda error: self.tell(str(error)))

    def _tell_pointed(self, row: int, column: int, value: float) -> None:
        if row < 0 or not self.channels:
            self.tell("")
            return
        signal = self.signal
        down, across = _dimensions(signal)
        places = [coordinate(axis_of(signal, across), column), coordinate(axis_of(signal, down), row)]
        told = "not acquired" if np.isnan(value) else f"{value:.6g} {signal.units}".rstrip()
        self.tell(f"{', '.join(places)}:  {told}")

    def _show_region(self, is_shown: bool) -> None:
        self.image.show_region(is_shown, part=1 / 4)
        self._profiles.setVisible(is_shown)
        self._draw_region()

    def _draw_region(self) -> None:
        if not self._region.isChecked() or not self.channels:
            return
        signal = self.signal
        mean, *lines = self.image.mean()
        self.tell(f"mean in the region:  {mean:.6g} {signal.units}".rstrip())
        style = style_of(self)
        sides = zip(("row", "column"), _dimensions(signal), self.image.numbers_in_region, lines, strict=True)
        for plot, (name, dimension, numbers, values) in zip(self._beside[::-1], sides, strict=True):
            axis = axis_of(signal, dimension)
            plot.clear()
            if len(values):
                x = numbers if axis is None else axis.values[numbers]
                plot.plot(x, values, pen=pg.mkPen(style.curve(0), width=1.5))
            plot.setLabel("bottom", axis_name(axis, name))
            plot.setLabel("left", named("mean", signal.units))


def _read(
    signal: ScanSignal,
    clean: Clean,
    rows: tuple[int, int] | None = None,
    columns: tuple[int, int] | None = None,
) -> Plane:
    """Return the plane of a signal, or a part of it."""
    cut = cut_of(signal, _dimensions(signal))
    return read_plane(signal.array, cut, rows, columns, clean)


def _dimensions(signal: ScanSignal) -> tuple[int, int]:
    scan, inner = long_dimensions(signal)
    first, second = scan + inner
    return first, second
