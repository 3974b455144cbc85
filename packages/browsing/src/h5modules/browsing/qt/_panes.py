"""What is told beside the values of a node: its attributes, its settings, the log of its file."""

from __future__ import annotations

from typing import Any

import numpy as np
from qtpy.QtCore import Qt
from qtpy.QtGui import QFontDatabase, QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QPlainTextEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from h5modules.browsing._details import NodeDetails
from h5modules.browsing._settings import Setting
from h5modules.browsing._tree import size_text

_LONGEST = 2_000
"""How many letters of a value are shown; the tip has as many, and copying them all."""

_WHOLE = int(Qt.ItemDataRole.UserRole)
_FEW = 12


class PairsPane(QTreeWidget):  # type: ignore[misc] # Qt has no types
    """Names and values, which can be copied.

    Parameters
    ----------
    title
        What they are.
    parent
        The widget it lies in.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setHeaderLabels(["Name", "Value"])
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.header().resizeSection(0, 170)

    def keyPressEvent(self, event: Any) -> None:  # noqa: N802 - Qt's
        if event.matches(QKeySequence.StandardKey.Copy):
            lines = [f"{item.text(0)}\t{item.data(1, _WHOLE)}" for item in self.selectedItems()]
            QApplication.clipboard().setText("\n".join(lines))
            return
        super().keyPressEvent(event)

    def add_pair(self, name: str, value: str, above: QTreeWidgetItem | None = None) -> QTreeWidgetItem:
        """Show a name and a value, perhaps below another."""
        line = " ".join(value[:_LONGEST].split())
        item = QTreeWidgetItem([name, line])
        item.setData(1, _WHOLE, value)
        item.setToolTip(0, name)
        item.setToolTip(1, value[:_LONGEST])
        if above is None:
            self.addTopLevelItem(item)
        else:
            above.addChild(item)
        return item


class AttributesPane(PairsPane):
    """The attributes of a node, and how it lies in the file.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Attributes", parent)
        self.setRootIsDecorated(False)

    def show_details(self, details: NodeDetails) -> None:
        """Show those of a node."""
        self.clear()
        for name, value in _storage(details):
            item = self.add_pair(name, value)
            for column in range(2):
                item.setForeground(column, self.palette().placeholderText())
        for name, value in details.attributes.items():
            self.add_pair(name, value_text(value))
        for remark in details.remarks:
            self.add_pair("cannot be read", remark)


class SettingsPane(PairsPane):
    """The settings of a module, as the tree that its user saw.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Settings", parent)

    def show_settings(self, settings: tuple[Setting, ...]) -> None:
        """Show those of a node, groups opened."""
        self.clear()
        above: list[QTreeWidgetItem] = []
        for setting in settings:
            del above[setting.depth :]
            value = _readable(setting)
            above.append(self.add_pair(setting.title, value, above[-1] if above else None))
        self.expandAll()


class LogPane(QPlainTextEdit):  # type: ignore[misc] # Qt has no types
    """Lines of text, the newest below.

    Parameters
    ----------
    parent
        The widget it lies in.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Log of the file")
        self.setReadOnly(True)
        self.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setPlaceholderText("This file keeps no log.")

    def show_lines(self, lines: list[str]) -> None:
        """Show lines, unless they are what is shown."""
        text = "\n".join(lines)
        if text != self.toPlainText():
            self.setPlainText(text)
            self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())


def value_text(value: Any) -> str:
    """Return the value of an attribute as people read it.

    Examples
    --------
    >>> value_text('nm'), value_text((0, 1)), value_text(np.arange(100))
    ('nm', '(0, 1)', '100 values of int64: 0 1 2 3 4 5 6 7 8 9 10 11 …')
    """
    if value is None:
        return "none"
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace") if len(value) < _LONGEST else size_text(len(value))
    if isinstance(value, np.ndarray) and value.size > _FEW:
        first = " ".join(str(each) for each in value.reshape(-1)[:_FEW])
        return f"{value.size:,} values of {value.dtype}: {first} …"
    return str(value)


def _readable(setting: Setting) -> str:
    if setting.kind.startswith("bool"):
        return "yes" if setting.value in ("1", "True", "true") else "no"
    return setting.value


def _storage(details: NodeDetails) -> list[tuple[str, str]]:
    """Return what is told of a node that is no attribute."""
    entry = details.entry
    told = [("path", entry.path)]
    if entry.remark:
        return [*told, ("cannot be read", entry.remark)]
    if entry.kind == "GROUP":
        return [*told, ("holds", f"{len(details.children):,} nodes")]
    shape = " x ".join(map(str, entry.shape)) or "1 value"
    told.append(("values", f"{shape}, {entry.dtype}"))
    layout = f"in chunks of {' x '.join(map(str, details.chunks))}" if details.chunks else "in one piece"
    filters = f", {', '.join(details.filters)}" if details.filters else ""
    stored = f", {size_text(details.stored_bytes)} in the file" if details.stored_bytes else ""
    return [*told, ("stored", f"{layout}{filters}{stored}")]
