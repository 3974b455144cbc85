"""What is offered when a scan begins while an older one is shown: to go there, or to go along by itself."""

from __future__ import annotations

from qtpy.QtCore import QObject, Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QPushButton

from h5modules.backends import FileState

from ._browsed_file import BrowsedFile
from ._progress import ScanProgress, is_below, scan_path

_TOLD = "When the next scan begins, show the same of that one, if points came in what you look at"


class NewScans(QObject):  # type: ignore[misc] # Qt has no types
    """A button that leads to the newest scan of a file, and an action to go along with new ones.

    Parameters
    ----------
    parent
        The object that owns it.

    Attributes
    ----------
    wanted
        Emitted with a file and the path of its newest scan, when that is to be shown.
    button
        To be laid out somewhere; it is hidden while the newest scan is shown, and while nobody writes.
    follows
        To be put into a menu: whether a scan that begins is shown in the place of one that was watched.
    """

    wanted = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.button, self.follows = QPushButton(), QAction("&Follow new scans", self)
        self.button.clicked.connect(self._go)
        self.button.hide()
        self.follows.setCheckable(True)
        self.follows.setChecked(True)
        self.follows.setToolTip(_TOLD)
        self.follows.setStatusTip(_TOLD)
        self._newest: tuple[BrowsedFile, str] | None = None

    def note(self, source: BrowsedFile, path: str, progress: ScanProgress, *, is_watched: bool) -> None:
        """Offer the newest scan of a file, or go there.

        Parameters
        ----------
        source, path
            The node that is shown.
        progress
            How far the newest scan is.
        is_watched
            Whether somebody watches points come in there.
        """
        newest = source, scan_path(progress.count.path)
        before, self._newest = self._newest, newest
        is_elsewhere = progress.state in (FileState.RUNNING, None) and not is_below(path, newest[1])
        self.button.setText(f"Show {newest[1].rpartition('/')[2]}")
        self.button.setVisible(is_elsewhere)
        was_newest = before is not None and before[0] is source and is_below(path, before[1])
        if is_elsewhere and was_newest and is_watched and self.follows.isChecked():
            self._go()

    def _go(self) -> None:
        if self._newest is not None:
            self.button.hide()
            self.wanted.emit(*self._newest)

    def forget(self, source: BrowsedFile) -> None:
        """Offer nothing any more of a file."""
        if self._newest is not None and self._newest[0] is source:
            self._newest = None
