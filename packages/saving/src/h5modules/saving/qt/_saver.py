"""`H5Saver`: a saver with settings that tells others by Qt signals what happens."""

from __future__ import annotations

from typing import Any

from pymodaq_utils.utils import ThreadCommand
from qtpy.QtCore import QObject, Signal

from h5modules.backends import H5ModulesError, SaveType

from ._base import H5SaverBase


class H5Saver(H5SaverBase, QObject):  # type: ignore[misc] # Qt has no types
    """A saver with settings, for programs with windows.

    Parameters
    ----------
    save_type
        What the files are made for.
    backend
        The name of the library: see `h5modules.backends.backends_available`; h5py by default.

    Attributes
    ----------
    status_sig
        Emitted with a `ThreadCommand`, ``Update_Status`` and a text, when there is something to tell.
    new_file_sig
        Emitted when the button for a new file is pressed. Who is connected to it makes the file; where nobody
        does, the saver makes it.
    file_changed_sig
        Emitted with the path when another file was opened.
    """

    status_sig = Signal(ThreadCommand)
    new_file_sig = Signal()
    file_changed_sig = Signal(str)

    def __init__(self, save_type: SaveType | str = SaveType.scan, backend: str | None = None) -> None:
        QObject.__init__(self)
        H5SaverBase.__init__(self, save_type, backend)
        # Qt needs the objects behind a window as long as it may be shown, also when there is a next one.
        self._shown: list[tuple[Any, Any]] = []
        self.settings.child("new_file").sigActivated.connect(self._make_new_file)
        self.settings.child("show_file").sigActivated.connect(self._show_file)

    def _make_new_file(self, *_: Any) -> None:
        kind = self.metaObject()
        if self.isSignalConnected(kind.method(kind.indexOfSignal("new_file_sig()"))):
            self.new_file_sig.emit()  # who is connected may refuse, as long as points are on their way
            return
        try:
            self.init_file(update_h5=True)
        except H5ModulesError as error:
            self.update_status(f"No new file could be made: {error}")

    def _show_file(self, *_: Any) -> None:
        self.show_file_content()

    def _tell_file(self) -> None:
        super()._tell_file()
        self.file_changed_sig.emit(str(self.file_path))

    def update_status(self, status: str) -> None:
        """Tell the user something: a warning in the log, and `status_sig`."""
        super().update_status(status)
        self.status_sig.emit(ThreadCommand("Update_Status", [status]))

    def show_file_content(self) -> None:
        """Show what is in the file in PyMoDAQ's H5Browser, in a window of its own.

        A file that is open is shown as it is at this moment, what is pending included.
        """
        if self.file_path is None:
            self.update_status("There is no file to show yet.")
            return
        # Here, since they import PyMoDAQ's saver, and it can be this one that PyMoDAQ is given for it.
        from pymodaq_gui.h5modules.browsing import H5Browser
        from pymodaq_gui.utils.shared_ui import SharedUI
        from pymodaq_gui.utils.widgets.window import make_window

        window, _ = make_window(area=False, title="H5Browser")
        if self.isopen():
            self.flush()
            chosen = {"h5file": self.h5file}
        else:
            chosen = {"h5file_path": self.file_path}
        self.analysis_prog = H5Browser(window, backend=self.backend, **chosen)
        self.shared_ui = SharedUI(window)
        self.shared_ui.affect_application(self.analysis_prog)
        self.shared_ui.show()
        self._shown.append((self.analysis_prog, self.shared_ui))
