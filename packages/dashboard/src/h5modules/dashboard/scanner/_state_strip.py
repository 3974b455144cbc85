"""A strip that tells the state of a scanner's file, with what can be done about it."""

from __future__ import annotations

from qtpy.QtGui import QAction, QPalette
from qtpy.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from h5modules.backends import FileState
from h5modules.browsing.qt import LiveStrip, MessageBar, RateMeter, ScanProgress
from h5modules.saving import PointCount

NO_POINTS = "no points yet"

SAFE = "kept if the program dies"

SAFE_TIP = (
    "Every point that is counted here is with the operating system: it is in the file even if the program is "
    "killed. When the power fails, what the system had not yet put on the disk is lost: the last seconds."
)


class StateStrip(QWidget):  # type: ignore[misc] # Qt has no types
    """State, points, rate, how safe they are, and buttons; below it a message, while there is one.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._live, self._none, self._safe = LiveStrip(), QLabel(NO_POINTS), QLabel(SAFE)
        self._message, self._meter = MessageBar(), RateMeter()
        self._safe.setToolTip(SAFE_TIP)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(6, 0, 6, 0)
        self._row.addWidget(self._live, 1)
        self._row.addWidget(self._none, 1)
        self._row.addWidget(self._safe)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._row)
        column.addWidget(self._message)
        self.show_progress(None)

    def add_button(self, action: QAction) -> None:
        """Add a button that shows an action by its name."""
        button = QToolButton()
        button.setDefaultAction(action)
        self._row.addWidget(button)

    @property
    def text(self) -> str:
        """What it tells of the scan."""
        return self._live.text or NO_POINTS

    @property
    def message(self) -> str:
        """The message; empty while there is none."""
        return self._message.text

    def tell(self, message: str, kind: str = "error") -> None:
        """Show a message, an ``error``, a ``warning`` or a ``note``, in the place of the one before."""
        self._message.tell(message, kind)
        colour = self._message.palette().color(QPalette.ColorRole.Window).name()
        self._message.setStyleSheet(f"background: {colour}")  # PyMoDAQ's style paints over palettes

    def forget_message(self) -> None:
        """Take the message away."""
        self._message.hide()

    def show_running(self, title: str, saved: int, total: int) -> None:
        """Tell how many points of a scan are in the file while it is acquired."""
        count = PointCount(title, saved, total, is_filled=False)
        rate = self._meter.rate(title, saved)
        self.show_progress(ScanProgress(title, count, FileState.RUNNING, rate))

    def show_progress(self, progress: ScanProgress | None) -> None:
        """Tell how far a scan is; None: there is none."""
        self._live.setVisible(progress is not None)
        self._none.setVisible(progress is None)
        self._safe.setVisible(progress is not None)
        if progress is not None:
            self._live.show_progress(progress)
