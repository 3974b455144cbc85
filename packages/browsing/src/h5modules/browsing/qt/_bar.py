"""A bar that tells what is wrong, or what happened, without standing in the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QPalette
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from ._icons import is_dark

_COLOURS = {  # for light themes, and for dark ones
    "error": ("#fde7e7", "#5a2626"),
    "warning": ("#fff3d6", "#54431a"),
    "note": ("#e3effb", "#1f3a54"),
}


class MessageBar(QWidget):  # type: ignore[misc] # Qt has no types
    """One message at a time, with what can be done about it; hidden while there is none.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._buttons = QHBoxLayout()
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setToolTip("Take this message away")
        close.setAccessibleName("Take this message away")
        close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 6, 6)
        layout.addWidget(self._label, 1)
        layout.addLayout(self._buttons)
        layout.addWidget(close)
        self.hide()

    @property
    def text(self) -> str:
        """What it tells; empty while it is hidden."""
        return "" if self.isHidden() else str(self._label.text())

    def tell(
        self, text: str, kind: str = "error", actions: Mapping[str, Callable[[], object]] | None = None
    ) -> None:
        """Show a message in the place of the one before.

        Parameters
        ----------
        text
            What to tell.
        kind
            ``error``, ``warning`` or ``note``.
        actions
            What can be done: texts of buttons, and what each does.
        """
        palette = QPalette(self.parentWidget().palette() if self.parentWidget() else self.palette())
        palette.setColor(QPalette.ColorRole.Window, QColor(_COLOURS[kind][is_dark(palette)]))
        self.setPalette(palette)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setText(text)
        self.setAccessibleName(text)
        while (old := self._buttons.takeAt(0)) is not None:
            old.widget().deleteLater()
        for name, do in (actions or {}).items():
            button = QPushButton(name)
            button.clicked.connect(lambda _=False, do=do: do())
            self._buttons.addWidget(button)
        self.show()

    def button(self, name: str) -> QPushButton:
        """Return the button of an action."""
        widgets = (self._buttons.itemAt(place).widget() for place in range(self._buttons.count()))
        return next(widget for widget in widgets if widget.text() == name)
