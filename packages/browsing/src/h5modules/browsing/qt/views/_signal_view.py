"""What all views of signals share: which signal is shown, with its background or without, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import numpy as np
from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from h5modules.backends import CARRAY, H5ModulesError
from h5modules.browsing._scan_view import Array, ScanSignal, as_floats, read_signal
from h5modules.data_saving import NewPoints
from h5modules.saving import DataType, number_of

from ._view import Subject, View

Channels = tuple[ScanSignal, ...]


class SignalView(View):
    """Shows one of the signals of a node, with all its channels.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    rank: ClassVar[int]

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signals: list[Channels] = []
        self._which = QComboBox()
        self._which.setAccessibleName("Signal")
        self._which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._background = QCheckBox("Subtract background")
        self._told = QLabel()
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(8, 4, 8, 0)
        self.bar.addWidget(self._which)
        self.bar.addStretch(1)
        self.bar.addWidget(self._background)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(self.bar)
        layout.addWidget(self.make_canvas(), 1)
        self._told.setContentsMargins(8, 0, 8, 4)
        layout.addWidget(self._told)
        self._which.currentIndexChanged.connect(self._draw)
        self._background.toggled.connect(self._draw)

    # What a view of signals has to say

    @classmethod
    def takes(cls, signal: ScanSignal) -> bool:
        """Tell whether the view can show a signal."""
        raise NotImplementedError

    def make_canvas(self) -> QWidget:
        """Return the widget that it draws on."""
        raise NotImplementedError

    def draw(self, channels: Channels) -> None:
        """Draw a signal."""
        raise NotImplementedError

    def redraw(self, channels: Channels) -> None:
        """Draw a signal as it is by now, with the same part of it in sight."""
        self.draw(channels)

    def restyle(self) -> None:
        """Take the colours of the theme."""

    # What the window asks for

    @classmethod
    def priority(cls, subject: Subject) -> int | None:
        """Return how well the view shows a node, None where it cannot."""
        able = [each for each in subject.signals if cls.takes(each[0])]
        return cls.rank if able else None

    def show_subject(self, subject: Subject) -> None:
        """Show a node."""
        self._signals = [each for each in subject.signals if self.takes(each[0])]
        shown = self._which.currentText()
        self._which.blockSignals(True)
        self._which.clear()
        for channels in self._signals:
            self._which.addItem(_title(channels))
        self._which.setCurrentIndex(max(self._which.findText(shown), 0))
        self._which.setVisible(len(self._signals) > 1)
        self._which.blockSignals(False)
        self._draw()

    def clear(self) -> None:
        """Show nothing, and keep nothing."""
        self._signals = []
        self._which.clear()
        self.tell("")

    def add_points(self, points: NewPoints) -> None:
        """Draw what came."""
        with self.telling():
            if points.indexes and self.channels:
                self.redraw(self.renewed())

    @property
    def channels(self) -> Channels:
        """The signal that is shown; empty for none."""
        place = self._which.currentIndex()
        return self._signals[place] if 0 <= place < len(self._signals) else ()

    def renewed(self) -> Channels:
        """Return the signal as it is by now: more of it may have been acquired."""
        channels = tuple(read_signal(each.array) for each in self.channels)
        self._signals[self._which.currentIndex()] = channels
        return channels

    def tell(self, text: str) -> None:
        """Say something below the plot."""
        self._told.setText(text)

    def changeEvent(self, event: QEvent | None) -> None:  # noqa: N802 - Qt's name
        """Follow the theme."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            self.restyle()

    def without_background(self, signal: ScanSignal, values: Array, cut: Any = ...) -> Array:
        """Return values of a cut, less the background there if that is asked for."""
        if not self._background.isChecked() or (background := background_of(signal)) is None:
            return values
        count = len(signal.scan_shape)
        of_point = background.shape != signal.array.shape
        where = cut[count:] if of_point and cut is not ... else cut
        return np.asarray(values - as_floats(background[where] if background.shape else background.read()))

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say below the plot why something could not be read in a block."""
        try:
            yield
        except H5ModulesError as error:
            self.tell(str(error))

    def _draw(self) -> None:
        channels = self.channels
        if not channels:
            return
        with self.telling():
            self.tell("")
            self._background.setVisible(any(background_of(each) is not None for each in channels))
            self.draw(channels)


def background_of(signal: ScanSignal) -> CARRAY | None:
    """Return the background of a channel, of its own shape or that of a point; None for none."""
    group, number = signal.array.parent_node, number_of(signal.array.name, DataType.data.value)
    name = "" if number is None else f"{DataType.bkg.value}{number:02d}"
    found = group.get_child(name) if group is not None and name in group else None
    shape = signal.array.shape
    if isinstance(found, CARRAY) and found.shape in (shape, shape[len(signal.scan_shape) :]):
        return found
    return None


def _title(channels: Channels) -> str:
    first = channels[0]
    size = " x ".join(map(str, first.array.shape))
    name = " - ".join(part for part in (first.origin, first.title) if part) or first.array.name
    return f"{name}  ({size})"
