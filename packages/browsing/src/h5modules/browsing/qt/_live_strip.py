"""A strip that tells how far the scan is that is being written."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QWidget

from h5modules.backends import FileState

from ._progress import ScanProgress

_TOLD = {
    FileState.RUNNING: ("● being written", "#1b8a5a"),
    FileState.INTERRUPTED: ("● interrupted", "#c62828"),
    FileState.FINISHED: ("● finished", "#5f6b7a"),
    None: ("● on a server", "#1f77b4"),
}

_INCOMPLETE = ("● ended, incomplete", "#b26a00")
"""Of a scan that was stopped, or left points out."""


class LiveStrip(QWidget):  # type: ignore[misc] # Qt has no types
    """State, points, rate and time left; hidden while nobody writes the file.

    Parameters
    ----------
    parent
        The widget it lies in.
    beside
        What lies at its right end.
    """

    def __init__(self, parent: QWidget | None = None, beside: Sequence[QWidget] = ()) -> None:
        super().__init__(parent)
        self._state, self._text, self._bar = QLabel(), QLabel(), QProgressBar()
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar.setTextVisible(False)
        self._bar.setMaximumHeight(8)
        self._bar.setFixedWidth(120)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 4)
        layout.setSpacing(12)
        layout.addWidget(self._state)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._bar)
        for widget in beside:
            layout.addWidget(widget)
        self.hide()

    @property
    def text(self) -> str:
        """What it tells; empty while it is hidden."""
        return "" if self.isHidden() else f"{self._state.text()} {self._text.text()}"

    def show_progress(self, progress: ScanProgress) -> None:
        """Tell how far a scan is."""
        is_short = progress.state is FileState.FINISHED and not progress.count.is_complete
        told, colour = _INCOMPLETE if is_short else _TOLD[progress.state]
        self._state.setText(told)
        self._state.setStyleSheet(f"color: {colour}; font-weight: 600")
        self._text.setText(progress.text)
        self._text.setToolTip(progress.text)
        total = progress.count.total
        self._bar.setVisible(total is not None)
        self._bar.setRange(0, total or 1)
        self._bar.setValue(progress.count.acquired)
        self.show()
