"""The `H5Saver` of the Dashboard: in PyMoDAQ's folder, and kept as long as points are on their way to it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Protocol

from pymodaq_data.config import Config

from h5modules.backends import SaveType
from h5modules.saving import qt

from ._errors import ScanRunningError

logger = logging.getLogger(__name__)


class SavedInThread(Protocol):
    """Something that is saved in a thread of its own, while the window may ask for its file."""

    @property
    def is_saving(self) -> bool:
        """Whether points are on their way to the file, or more are to come."""

    def finish_points(self) -> None:
        """Wait until the points that are on their way are saved."""

    def tell(self, text: str) -> None:
        """Tell something in the log and the window."""


class H5Saver(qt.H5Saver):
    """A saver with settings as the Dashboard makes it; files lie where PyMoDAQ's configuration says.

    DAQ_Scan can close its file while points wait in the thread that saves them (its setting
    ``close_after_scan``); here they are saved first. Its window offers a new file, and another one, in
    mid-scan; here that is refused.

    Parameters
    ----------
    save_type, backend
        As for `h5modules.saving.qt.H5Saver`.
    """

    def __init__(self, save_type: SaveType | str = SaveType.scan, backend: str | None = None) -> None:
        self._saved: SavedInThread | None = None
        super().__init__(save_type, backend)
        if (folder := configured_folder()) is not None:
            self.settings["base_path"] = str(folder)

    def keep_for(self, saved: SavedInThread) -> None:
        """Keep the file as long as something is saved in a thread."""
        self._saved = saved

    def init_file(self, *arguments: Any, **named: Any) -> bool:
        """Open a file: see `h5modules.saving.qt.H5Saver.init_file`.

        PyMoDAQ's *Open file to append* hands on that its button is not checked, as the mode.
        """
        if named.get("mode") is False:
            named["mode"] = "a"
        return super().init_file(*arguments, **named)

    def _open_and_lay_out(self, *arguments: Any, **named: Any) -> bool:
        if self._saved is not None and self._saved.is_saving:
            refusal = (
                f"A measurement is being saved to {self.filename!r}: stop it, or wait for its end, before "
                "you ask for another file."
            )
            self._saved.tell(refusal)
            raise ScanRunningError(refusal)
        return super()._open_and_lay_out(*arguments, **named)

    def flush(self) -> None:
        """Hand everything to the operating system, points that wait to be saved too."""
        if self._saved is not None:
            self._saved.finish_points()
        super().flush()

    def close_file(self) -> None:
        """Close the file when the points that wait are saved; not, as long as more are to come."""
        if self._saved is not None:
            self._saved.finish_points()
            if self._saved.is_saving:
                return
        super().close_file()


def configured_folder() -> Path | None:
    """Return the ``save_path`` of PyMoDAQ's configuration; None when it is none of this system.

    PyMoDAQ's own default is a path of Windows, which is no absolute path elsewhere.
    """
    configured: Any = Config()("data_saving", "h5file", "save_path")
    folder = Path(configured)
    if folder.is_absolute():
        return folder
    logger.warning("PyMoDAQ's save_path %r is no full path here; files are saved elsewhere.", configured)
    return None
