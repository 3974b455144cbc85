"""The file of a scanner's window: opened, changed and closed between scans only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pymodaq_gui.managers import h5manager
from pymodaq_gui.managers.h5manager import FileStatus, H5Manager

from h5modules.backends import H5ModulesError, OpenMode
from h5modules.browsing.qt import BrowserWindow
from h5modules.saving.qt import H5Saver


class BrowsableSaver(H5Saver):
    """A saver that shows its file in the browser of h5modules, also while it is written."""

    _browser: BrowserWindow | None = None

    def show_file_content(self) -> None:
        """Show what is in the file, in a window of its own."""
        if self.file_path is None:
            self.update_status("There is no file to show yet.")
            return
        if self._browser is not None:
            self._browser.close()
        self._browser = BrowserWindow()
        self._browser.open(self.file_path)
        self._browser.show()


class ScanFiles(H5Manager):  # type: ignore[misc] # PyMoDAQ has no types
    """Gives a scanner its file, and keeps hands off it while points are saved.

    PyMoDAQ closes the file of a scan that ends as ``close_after_scan`` asks for, although points may still be
    on their way to it; here it is closed behind the last one.

    Parameters
    ----------
    app
        The scanner.
    show_not
        Which actions are not shown.
    """

    def __init__(self, app: Any, show_not: Any) -> None:
        super().__init__(app, show_not=show_not)
        saver = self._h5saver = BrowsableSaver()
        saver.settings.child("do_save").hide()
        saver.settings.child("custom_name").hide()
        saver.settings["base_name"] = self._h5_base_group_name
        saver.new_file_sig.connect(self.create_new_file)
        saver.file_changed_sig.connect(self.update_file_status_led)

    @property
    def current(self) -> H5Saver:
        """The saver, its file open or closed."""
        return self._h5saver

    def open_file(self, mode: OpenMode = "a") -> FileStatus:
        """Open the file that was closed again, here or on its server; tell whether there is one."""
        target = self.current.file_path
        if self.current.isopen():
            return FileStatus.REOPENED
        if target is None or (isinstance(target, Path) and not target.is_file()):
            return FileStatus.NO_FILE
        return self._try_open_existing_file(target, mode)

    def _try_open_existing_file(self, current_file: Path | str, mode: OpenMode = "a") -> FileStatus:
        """Open a file; when that fails, say why, and leave it to the user what to do about it.

        PyMoDAQ's asks in a box again and again, or goes on in a new file without a word.
        """
        try:
            self.current.init_file(addhoc_file_path=current_file, mode=mode)
        except H5ModulesError as error:
            self._app.tell(f"{current_file} cannot be opened: {error}")
            return FileStatus.CLOSED
        self.file_open_signal.emit(True)
        return FileStatus.REOPENED

    def close_file(self) -> None:
        """Close the file, if no point is on its way to it."""
        if not self._app.is_saving:
            super().close_file()

    def create_new_file(self) -> None:
        """Go on in a new file, if no scan is being saved."""
        if self._app.refuses_while_saving("a new file"):
            return
        self.close_file()
        try:
            self.current.init_file(update_h5=True)
        except H5ModulesError as error:
            self._app.tell(f"No new file could be made: {error}")
        self.update_file_status_led()

    def load_file(self, *_: object) -> None:
        """Go on in another file, which the user is asked for, if no scan is being saved.

        PyMoDAQ's action hands on that it is not checked, as the mode in which the file is to be opened.
        """
        if not self._app.refuses_while_saving("another file"):
            super().load_file()

    def save_file(self) -> None:
        """Copy the file to another, which the user is asked for, if no scan is being saved."""
        if self._app.refuses_while_saving("a copy"):
            return
        target = h5manager.select_file(self.current_folder, save=True, ext="h5")
        if target is None or not str(target):
            return
        try:
            self.h5saver.save_file_as(target, overwrite=True)  # the dialog has asked
        except H5ModulesError as error:
            self._app.tell(f"{target} was not made: {error}")
        else:
            self._app.tell(f"{target} is a copy of the file as it is now.", "note")
