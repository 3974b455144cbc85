"""What all views of signals share: which signal is shown, with its background or without, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from qtpy.QtCore import QEvent, Qt
from qtpy.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from h5modules.backends import H5ModulesError
from h5modules.browsing._scan_view import ScanSignal, background_of, read_signal
from h5modules.data_saving import NewPoints

from ._reading import Clean, cleaning, shown_name
from ._view import Beside, Subject, View, at_once

Channels = tuple[ScanSignal, ...]


class SignalView(View):
    """Shows one of the signals of a node, with all its channels.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    rank: ClassVar[int]

    one_at_a_time: ClassVar[bool] = True
    """Whether one channel is shown at a time, which can be chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._signals: list[Channels] = []
        self.beside: Beside = at_once
        self._which = QComboBox()
        self._which.setAccessibleName("Signal")
        self._which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._channel = QComboBox()
        self._channel.setAccessibleName("Channel")
        self._channel.setToolTip("Which channel is shown")
        self._background = QCheckBox("Subtract background")
        self._told = QLabel()
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QHBoxLayout()
        self.bar.setContentsMargins(8, 4, 8, 0)
        self.bar.addWidget(self._which)
        self.bar.addWidget(self._channel)
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
        self._channel.currentIndexChanged.connect(self._draw)
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

    def wipe(self) -> None:
        """Draw nothing, and keep nothing of what was read."""
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
        self.beside = subject.beside
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
        self.wipe()

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

    @property
    def signal(self) -> ScanSignal:
        """The channel that was chosen, of a signal that is shown."""
        place: int = self._channel.currentIndex()
        return self.channels[max(place, 0)]

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

    def cleaning(self, signal: ScanSignal) -> Clean:
        """Return what makes of stored values those that are shown: NaN where nothing was acquired.

        The background is subtracted, if that is asked for. What is returned touches no widget.
        """
        return cleaning(signal, background_of(signal) if self._background.isChecked() else None)

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Say below the plot why something could not be read in a block."""
        try:
            yield
        except H5ModulesError as error:
            self.tell(str(error))

    def _draw(self) -> None:
        channels = self.channels
        self.wipe()  # what cannot be read leaves no picture of something else
        if not channels:
            return
        with self.telling():
            self.tell("")
            self._background.setVisible(any(background_of(each) is not None for each in channels))
            self._offer_channels([channel_name(each, channels) for each in channels])
            self.draw(channels)

    def _offer_channels(self, names: list[str]) -> None:
        self._channel.setVisible(self.one_at_a_time and len(names) > 1)
        if names != [self._channel.itemText(place) for place in range(self._channel.count())]:
            self._channel.blockSignals(True)
            self._channel.clear()
            self._channel.addItems(names)
            self._channel.blockSignals(False)


def channel_name(signal: ScanSignal, channels: Channels) -> str:
    """Return what to call the values that are shown of one of some channels."""
    return shown_name(signal, signal.label or (signal.array.name if len(channels) > 1 else signal.title))


def signal_name(signal: ScanSignal, *, with_label: bool = True) -> str:
    """Return what to call a signal among others: where it came from, and what it is."""
    parts = [signal.origin, signal.title, signal.label if with_label else ""]
    if signal.title.startswith(signal.origin):
        parts.pop(0)
    return " - ".join(dict.fromkeys(filter(None, parts))) or signal.array.name


def _title(channels: Channels) -> str:
    first = channels[0]
    size = " x ".join(map(str, first.array.shape))
    return f"{signal_name(first, with_label=False)}  ({size})"
