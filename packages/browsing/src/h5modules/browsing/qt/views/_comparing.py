"""Several nodes at once: curves laid over each other, images beside each other with their difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar, TypeVar, cast

import numpy as np
import pyqtgraph as pg
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from h5modules.backends import H5ModulesError
from h5modules.browsing._scan_view import ScanSignal, read_signal
from h5modules.data_saving import NewPoints

from ._compared import (
    CannotCompareError,
    Compared,
    converted,
    difference_of,
    distinct_names,
    find_compared,
    is_image,
    read_image,
    with_points,
)
from ._compared_curves import Curve, as_first, curve_in_units_of, largest, less, read_curve_line
from ._curves import CurveView
from ._image_plot import ImagePlot
from ._reading import axis_of, dimension_of, value_name
from ._style import all_in_sight, axis_name, dress, levels_of, named, paint_curves, plot_curve, style_of
from ._view import Subject, View

T = TypeVar("T")

_DIFFERENCES = "CET-D1A"
"""Blue below zero, red above, white between."""


class ComparingView(View):
    """Shows what several nodes have in common.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    rank: ClassVar[int]

    compares: ClassVar[bool] = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._found: list[Compared] = []
        self._kept: list[tuple[ScanSignal, Any]] = []
        self._names: list[str] = []
        self._which = _combo("Signal")
        self._how = _combo("How they are compared")
        self._told = QLabel()
        self._told.setContentsMargins(8, 0, 8, 4)
        self._told.setWordWrap(True)  # a long line would make the window wider
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        bar = QHBoxLayout()
        bar.setContentsMargins(8, 4, 8, 0)
        for each in (self._which, self._how):
            bar.addWidget(each)
            each.currentIndexChanged.connect(self._draw_again)
        bar.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(bar)
        layout.addWidget(self.make_canvas(), 1)
        layout.addWidget(self._told)

    # What a comparison has to say

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:
        """Tell whether the view can show a signal."""
        raise NotImplementedError

    def make_canvas(self) -> QWidget:
        """Return the widget that it draws on."""
        raise NotImplementedError

    def ways(self) -> list[str]:
        """Return how the nodes can be compared."""
        raise NotImplementedError

    def draw(self, signals: tuple[ScanSignal, ...], *, is_live: bool) -> list[str]:
        """Draw a signal of each node, and return what to tell of it.

        Parameters
        ----------
        signals
            One of each node.
        is_live
            Whether they are what is shown, with more in it: what is in sight stays so.
        """
        raise NotImplementedError

    def wipe(self) -> None:
        """Draw nothing, and keep nothing of what was read."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take the colours of the theme."""

    # What the window asks for

    @classmethod
    def priority(cls, subject: Subject) -> int | None:
        """Return how well the view shows a node, None where it cannot."""
        return cls.rank if subject.others and find_compared(subject, cls.takes) else None

    def show_subject(self, subject: Subject) -> None:
        """Show a node and its others."""
        self._found = find_compared(subject, self.takes)
        self._names = distinct_names(subject)
        _fill(self._which, [each.name for each in self._found])
        self._which.setVisible(len(self._found) > 1)
        ways = self.ways()
        _fill(self._how, ways)
        self._how.setVisible(len(ways) > 1)
        self._draw()

    def clear(self) -> None:
        """Show nothing, and keep nothing."""
        self._found, self._kept = [], []
        self._told.clear()
        self.wipe()

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.restyle()

    def add_points(self, points: NewPoints) -> None:
        """Draw what came in the scan of one of the nodes; the others are not read again."""
        if not points.indexes or not self._found:
            return
        below = f"{points.where.rstrip('/')}/"
        place = max(self._which.currentIndex(), 0)
        signals = tuple(
            self._renewed(each, points) if each.array.path.startswith(below) else each
            for each in self._found[place].signals
        )
        self._found[place] = replace(self._found[place], signals=signals)
        self._draw_again(is_live=True)

    def _renewed(self, signal: ScanSignal, points: NewPoints) -> ScanSignal:
        """Return a signal as it is by now; where it can be, what came is read alone."""
        new = read_signal(signal.array)
        found = [self.with_points(kept, new, points.indexes) for each, kept in self._kept if each is signal]
        self._kept += [(new, each) for each in found if each is not None]
        return new

    def with_points(self, kept: Any, signal: ScanSignal, indexes: tuple[tuple[int, ...], ...]) -> Any:
        """Return what was read of a signal, with points that came since; None to read it all again."""

    def once(self, signal: ScanSignal, read: Callable[[ScanSignal], T]) -> T:
        """Return what is read of a signal: once, as long as it is shown and nothing comes to it."""
        for kept, found in self._kept:
            if kept is signal:
                return cast(T, found)
        found = read(signal)
        self._kept.append((signal, found))
        return found

    def _draw(self, *, is_live: bool = False) -> None:
        if not is_live:
            self._told.clear()
            self.wipe()  # what does not go together leaves no picture of something else
        if self._found:
            signals = self._found[max(self._which.currentIndex(), 0)].signals
            self._kept = [each for each in self._kept if any(each[0] is signal for signal in signals)]
            self._told.setText(" ".join(self.draw(signals, is_live=is_live)))

    def _draw_again(self, _: int = 0, *, is_live: bool = False) -> None:
        try:
            self._draw(is_live=is_live)
        except H5ModulesError as error:
            self.wipe()
            self._told.setText(str(error))


class OverlayView(ComparingView):
    """Lays curves over each other, as they are or as what differs from the first."""

    title: ClassVar[str] = "Overlay"
    rank: ClassVar[int] = 95

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:  # docstring inherited
        return CurveView.takes(signal)

    def make_canvas(self) -> QWidget:  # docstring inherited
        self.plot = pg.PlotWidget(background=None)
        self.plot.addLegend(offset=(-10, 10))
        self.plot.showGrid(x=True, y=True, alpha=0.15)
        return self.plot

    def ways(self) -> list[str]:  # docstring inherited
        return ["as they are", f"less {self._names[0]}", "each by its largest value"]

    def restyle(self) -> None:  # docstring inherited
        style = style_of(self)
        self.plot.setBackground(style.ground)
        dress(self.plot.getPlotItem(), style)
        self.plot.getPlotItem().legend.setLabelTextColor(style.ink)
        paint_curves(self.plot, style)

    def wipe(self) -> None:  # docstring inherited
        self.plot.clear()

    def draw(self, signals: tuple[ScanSignal, ...], *, is_live: bool) -> list[str]:  # docstring inherited
        curves, told = self._curves(signals)
        with all_in_sight(self.plot, is_new=not is_live):
            self.plot.clear()
            for (x, y), name in zip(curves, self._names, strict=True):
                plot_curve(self.plot, x, y, name)
        first, way = signals[0], self._how.currentIndex()
        item = self.plot.getPlotItem()
        otherwise = "point" if first.scan_shape else "index"
        item.setLabel("bottom", axis_name(axis_of(first, dimension_of(first)), otherwise))
        what = ("{}", f"{{}} less {self._names[0]}", "{} by its largest value")[way]
        item.setLabel("left", named(what.format(value_name(first)), "" if way == 2 else first.units))
        self.restyle()
        return told

    def _curves(self, signals: tuple[ScanSignal, ...]) -> tuple[list[Curve], list[str]]:
        """Return what is drawn, in the units of the first, and what to tell of it."""
        way = self._how.currentIndex()
        lines = [self.once(each, read_curve_line) for each in signals]
        told = []
        if not all(line.is_whole for line in lines):
            told.append("Of long curves the greatest values of a sample are compared, not all.")
        curves: list[Curve] = []
        for name, signal, line in zip(self._names, signals, lines, strict=True):
            (x, y), converted = curve_in_units_of(
                (self._names[0], name), signals[0], signal, line, has_units=way != 2
            )
            told += converted
            curves.append((as_first(x, curves[0][0]) if curves else x, y))
        if way == 1:
            if any(not np.array_equal(x, curves[0][0]) for x, _ in curves[1:]):
                told.append(f"{self._names[0]} is interpolated where the others have their places.")
            curves = [(x, less(x, y, *curves[0])) for x, y in curves]
        elif way == 2:
            curves = [(x, y / largest(y)) for x, y in curves]
        return curves, told


class DifferenceView(ComparingView):
    """Shows two images with the same colours, and one less the other."""

    title: ClassVar[str] = "Difference"
    rank: ClassVar[int] = 96

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:  # docstring inherited
        return is_image(signal)

    def make_canvas(self) -> QWidget:  # docstring inherited
        self.images = [ImagePlot(), ImagePlot(), ImagePlot(colours=_DIFFERENCES)]
        above, canvas = QSplitter(Qt.Orientation.Horizontal), QSplitter(Qt.Orientation.Vertical)
        for image in self.images[:2]:
            above.addWidget(image)
        canvas.addWidget(above)
        canvas.addWidget(self.images[2])
        canvas.setSizes([500, 500])
        for image in self.images:  # pyqtgraph's links run away where proportions are kept
            image.plot.vb.sigRangeChangedManually.connect(partial(self._look_at_the_same, image))
        return canvas

    def _look_at_the_same(self, moved: ImagePlot, *_: object) -> None:
        for image in self.images:
            if image is not moved:
                image.plot.setRange(moved.plot.viewRect(), padding=0)

    def ways(self) -> list[str]:  # docstring inherited
        first, *others = self._names
        return [f"{other} less {first}" for other in others]

    def restyle(self) -> None:  # docstring inherited
        for image in self.images:
            image.restyle(style_of(self))

    def wipe(self) -> None:  # docstring inherited
        for image in self.images:
            image.wipe()
            image.plot.setTitle(None)

    def with_points(  # docstring inherited
        self, kept: Any, signal: ScanSignal, indexes: tuple[tuple[int, ...], ...]
    ) -> Any:
        return with_points(kept, signal, indexes)

    def draw(self, signals: tuple[ScanSignal, ...], *, is_live: bool) -> list[str]:  # docstring inherited
        self.restyle()
        place = max(self._how.currentIndex(), 0) + 1
        names = self._names[0], self._names[place]
        first, other = (self.once(each, read_image) for each in (signals[0], signals[place]))
        other, told = converted(names, first, other)
        levels = levels_of(np.concatenate([each.plane.values.reshape(-1) for each in (first, other)]))
        for plot, image, name in zip(self.images, (first, other), names, strict=False):
            plot.plot.setTitle(named(name, ""))
            label = named(image.name, image.units)
            plot.show_plane(image.plane, image.axes, label, levels, is_live=is_live)
        try:
            difference = difference_of(names, first, other)
        except CannotCompareError:
            self.images[2].hide()
            raise
        self.images[2].show()
        most = max(map(abs, levels_of(np.append(difference.values, 0.0))))
        self.images[2].plot.setTitle(named(self._how.currentText(), ""))
        self.images[2].show_plane(
            difference,
            first.axes,
            named("difference", first.units),
            (-most, most),
            is_live=is_live,
        )
        return told


def _combo(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return combo


def _fill(combo: QComboBox, names: list[str]) -> None:
    """Offer names, and keep what is chosen if it is among them."""
    kept = combo.currentText()
    combo.blockSignals(True)
    combo.clear()
    combo.addItems(names)
    combo.setCurrentIndex(max(combo.findText(kept), 0))
    combo.blockSignals(False)
