"""`H5Browser` and `browse_data`: the browser under the names that PyMoDAQ's users know."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymodaq_data.data import DataWithAxes
from qtpy.QtCore import QObject, Qt, Signal
from qtpy.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QMainWindow, QVBoxLayout, QWidget

from h5modules.backends import H5ModulesError
from h5modules.data_saving import DataLoader

from ._browsed_file import BrowsedFile
from ._window import BrowserWindow

_FILES = "Standard data files (*.h5 *.hdf5);;All files (*)"


class H5Browser(QObject):  # type: ignore[misc] # Qt has no types
    """The browser within a window of somebody else.

    Parameters
    ----------
    parent
        The window, whose central widget it becomes; or a widget, which it fills.
    h5file
        A file that is open already: an `H5Backend`, or the file object of a library. It is flushed, and
        opened by its name a second time, for reading.
    h5file_path
        The path of a file to open. Where neither is given, the user is asked.
    backend
        The name of the library; None is the one that fits.
    swmr
        Taken for PyMoDAQ's callers, without effect: files that are being written are followed anyway.

    Attributes
    ----------
    data_node_signal
        Emitted with the path of a node that is shown.
    status_signal
        Emitted with what was told to the user.
    current_node_path
        The path of the node that is shown; None for none.
    """

    data_node_signal = Signal(str)
    status_signal = Signal(str)

    def __init__(
        self,
        parent: QWidget,
        h5file: Any = None,
        h5file_path: Path | str | None = None,
        backend: str | None = None,
        swmr: bool = False,
    ) -> None:
        super().__init__(parent)
        self.mainwindow = parent
        self.current_node_path: str | None = None
        self._backend = backend
        self.window = BrowserWindow()
        self.window.setWindowFlags(Qt.WindowType.Widget)
        _put_into(parent, self.window)
        self.window.node_chosen.connect(self._note_node)
        self.window.told.connect(self.status_signal)
        self.load_file(h5file, h5file_path)

    @property
    def source(self) -> BrowsedFile | None:
        """The file that is shown; None for none."""
        return self.window.sources[-1] if self.window.sources else None

    def load_file(
        self, h5file: Any = None, h5file_path: Path | str | None = None, swmr: bool | None = None
    ) -> None:
        """Show a file in the place of the one before; arguments are those of the constructor."""
        target = h5file_path
        if h5file is not None:
            h5file.flush()
            target = h5file.filename
        if target is None:
            target, _ = QFileDialog.getOpenFileName(self.window, "Open a file", "", _FILES)
        if target:
            for source in self.window.sources:
                self.window.close_file(source)
            self.window.open(target, backend=self._backend)

    def refresh_file(self) -> None:
        """Look again at the file."""
        self.window.refresh()

    def get_tree_node_path(self) -> str | None:
        """Return the path of the node that is chosen in the tree; None for none."""
        item = self.window.files.tree.current
        return None if item is None else item.row.path

    def show_node(self, path: str) -> None:
        """Go to a node, and show it."""
        if self.source is not None:
            self.window.files.tree.go_to(self.source, path)

    def add_comments(self, status: bool = False, comment: str = "") -> None:
        """Add a comment to the node that is shown; the user is asked for it where it is empty."""
        chosen = self.window.chosen
        if comment and chosen is not None:
            self.window.actions_of.comment(*chosen, comment)
        else:
            self.window.actions_of.ask_comment()

    def export_data(self) -> None:
        """Ask where to, and in which format, and export the node that is shown."""
        self.window.actions_of.ask_export()

    def quit_fun(self) -> None:
        """Close the file and the browser."""
        self.window.close()

    def _note_node(self, path: str) -> None:
        self.current_node_path = path
        self.data_node_signal.emit(path)


def browse_data(
    fname: Path | str | None = None, ret_all: bool = False, message: str | None = None
) -> DataWithAxes | tuple[DataWithAxes | None, str, str | None] | None:
    """Let the user choose a node of a file, and return the data there, their background subtracted.

    Parameters
    ----------
    fname
        The path of the file; None asks for it.
    ret_all
        Return the name of the file and the path of the node too.
    message
        The title of the window.

    Returns
    -------
    The data, None where nothing was chosen or no data are there; with `ret_all`, also the file and the path
    of the node.
    """
    if fname is None:
        fname, _ = QFileDialog.getOpenFileName(None, "Open a file", "", _FILES)
    if not fname:
        return (None, "", "") if ret_all else None
    dialog = QDialog()
    dialog.setWindowTitle(message or "Choose a node with data")
    dialog.resize(1200, 760)
    holder = QMainWindow()
    browser = H5Browser(holder, h5file_path=fname)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    layout = QVBoxLayout(dialog)
    layout.addWidget(holder, 1)
    layout.addWidget(buttons)
    data: DataWithAxes | None = None

    def accept() -> None:
        nonlocal data
        try:
            data = _load(fname, browser.current_node_path)
        except H5ModulesError as error:
            browser.window.tell(str(error))
            return
        dialog.accept()

    buttons.accepted.connect(accept)
    buttons.rejected.connect(dialog.reject)
    dialog.exec()
    path = None if data is None else browser.current_node_path
    browser.quit_fun()
    dialog.deleteLater()
    return (data, str(fname), path) if ret_all else data


def _load(fname: Path | str, path: str | None) -> DataWithAxes:
    with DataLoader(fname) as loader:
        return loader.load_data(path or "/", with_bkg=True)


def _put_into(parent: QWidget, widget: QWidget) -> None:
    if isinstance(parent, QMainWindow):
        parent.setCentralWidget(widget)
        return
    layout = parent.layout() or QVBoxLayout(parent)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(widget)
