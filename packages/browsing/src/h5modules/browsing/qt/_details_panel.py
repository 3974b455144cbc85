"""Attributes, settings and log of what is chosen, read beside the GUI thread."""

from __future__ import annotations

from functools import partial

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from h5modules.backends import H5Backend, NodeError, UndecodableError
from h5modules.browsing._details import NodeDetails, read_details
from h5modules.browsing._errors import NothingToShowError, SettingsError
from h5modules.browsing._lines import LOG, iter_lines
from h5modules.browsing._settings import Setting, read_settings
from h5modules.browsing._tree import describe_node

from ._browsed_file import BrowsedFile
from ._panes import AttributesPane, LogPane, SettingsPane

_LINES = 1_000
"""How many lines of a log are shown: its newest."""

Found = tuple[NodeDetails, tuple[Setting, ...], list[str]]


class DetailsPanel(QWidget):  # type: ignore[misc] # Qt has no types
    """Tells what there is beside the values.

    Parameters
    ----------
    parent
        The widget it lies in.

    Attributes
    ----------
    failed
        Emitted with the reason when something could not be read.
    """

    failed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.attributes = AttributesPane()
        self.settings = SettingsPane()
        self.log = LogPane()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for name, pane in (("Attributes", self.attributes), ("Settings", self.settings), ("Log", self.log)):
            self.tabs.addTab(pane, name)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.tabs)
        self._wanted: tuple[BrowsedFile, str] | None = None

    def show_node(self, source: BrowsedFile, path: str) -> None:
        """Show what is told of a node; of one without settings, those of the module that it lies in."""
        self._wanted = (source, path)
        source.read(partial(_read, path=path), partial(self._take, source, path), self._fail)

    def clear(self) -> None:
        """Show nothing."""
        self._wanted = None
        for pane in (self.attributes, self.settings, self.log):
            pane.clear()

    def _take(self, source: BrowsedFile, path: str, found: Found) -> None:
        if self._wanted != (source, path):  # another node was chosen meanwhile
            return
        details, settings, lines = found
        self.attributes.show_details(details)
        self.settings.show_settings(settings)
        self.tabs.setTabEnabled(self.tabs.indexOf(self.settings), bool(settings))
        self.log.show_lines(lines)

    def _fail(self, error: BaseException) -> None:
        self.failed.emit(str(error))


def _read(file: H5Backend, path: str) -> Found:
    node = file.get_node(path)
    try:
        details = read_details(node)
    except SettingsError as error:
        details = NodeDetails(describe_node(node), remarks=(str(error),))
    return details, details.settings or _settings_around(file, path), _log(file)


def _settings_around(file: H5Backend, path: str) -> tuple[Setting, ...]:
    node = file.get_node(path).parent_node
    while node is not None and node.path != "/":
        try:
            if settings := read_settings(node):
                return settings
        except SettingsError:  # told where that node is looked at
            return ()
        node = node.parent_node
    return ()


def _log(file: H5Backend) -> list[str]:
    try:
        return list(iter_lines(file, LOG, _LINES))
    except NodeError:
        return []
    except (NothingToShowError, UndecodableError) as error:
        return [f"The log cannot be read: {error}"]
