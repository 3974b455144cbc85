"""The `H5Saver` of the Dashboard: in PyMoDAQ's folder, and closed only when no point waits to be saved."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymodaq_data.config import Config

from h5modules.backends import SaveType
from h5modules.saving import qt

logger = logging.getLogger(__name__)


class H5Saver(qt.H5Saver):
    """A saver with settings as the Dashboard makes it; files lie where PyMoDAQ's configuration says.

    DAQ_Scan can close its file while points wait in the thread that saves them (its setting
    ``close_after_scan``); here they are saved first.

    Parameters
    ----------
    save_type, backend
        As for `h5modules.saving.qt.H5Saver`.
    """

    def __init__(self, save_type: SaveType | str = SaveType.scan, backend: str | None = None) -> None:
        self._before_close: Callable[[], None] | None = None
        super().__init__(save_type, backend)
        if (folder := configured_folder()) is not None:
            self.settings["base_path"] = str(folder)

    def finish_first(self, finish: Callable[[], None]) -> None:
        """Have `finish` called before the file is flushed or closed."""
        self._before_close = finish

    def flush(self) -> None:
        """Hand everything to the operating system, points that wait to be saved too."""
        if self._before_close is not None:
            self._before_close()
        super().flush()

    def close_file(self) -> None:
        """Close the file, when the points that wait are saved; closing twice is no error."""
        if self._before_close is not None:
            self._before_close()
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
