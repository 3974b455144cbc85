"""The file of a scanner's window: opened, changed and closed between scans only."""

from __future__ import annotations

from typing import Any

from pymodaq_gui.managers.h5manager import H5Manager

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

    def close_file(self) -> None:
        """Close the file, if no point is on its way to it."""
        if not self._app.is_saving:
            super().close_file()

    def create_new_file(self) -> None:
        """Go on in a new file, if no scan is being saved."""
        if not self._app.refuses_while_saving("a new file"):
            super().create_new_file()

    def load_file(self, mode: str = "a") -> None:
        """Go on in another file, which the user is asked for, if no scan is being saved."""
        if not self._app.refuses_while_saving("another file"):
            super().load_file(mode)
