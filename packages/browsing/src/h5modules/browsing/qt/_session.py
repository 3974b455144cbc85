"""What the browser remembers from one day to the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qtpy.QtCore import QSettings

_MOST_RECENT = 12


class Session:
    """Keeps the files that were open, those opened lately, and how the window was arranged.

    Parameters
    ----------
    settings
        Where it is kept; the user's own settings when None.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings = QSettings("h5modules", "browser") if settings is None else settings

    @property
    def recent(self) -> list[str]:
        """Paths and addresses opened lately, the last one first."""
        return self._texts("recent")

    def note_opened(self, target: Path | str) -> None:
        """Remember that a file was opened."""
        text = str(target)
        known = [text, *(each for each in self.recent if each != text)]
        self._settings.setValue("recent", known[:_MOST_RECENT])

    def forget_recent(self) -> None:
        """Remember no file that was opened lately."""
        self._settings.remove("recent")

    @property
    def open_files(self) -> list[str]:
        """The files that were open when the window was closed."""
        return self._texts("open")

    @open_files.setter
    def open_files(self, targets: list[str]) -> None:
        self._settings.setValue("open", targets)

    @property
    def current(self) -> tuple[str, str]:
        """File and path of the node that was shown; both empty for none."""
        told = self._texts("current")
        return (told[0], told[1]) if len(told) == 2 else ("", "")

    @current.setter
    def current(self, node: tuple[str, str]) -> None:
        self._settings.setValue("current", list(node))

    @property
    def follows_new_scans(self) -> bool:
        """Whether a scan that begins is shown in the place of the one that was watched."""
        return bool(self._settings.value("follow", True, type=bool))

    @follows_new_scans.setter
    def follows_new_scans(self, does: bool) -> None:
        self._settings.setValue("follow", does)

    def arrangement(self, name: str) -> Any:
        """Return how a part of the window was arranged, as Qt keeps it; None when it never was."""
        return self._settings.value(f"arrangement/{name}")

    def note_arrangement(self, name: str, state: Any) -> None:
        """Remember how a part of the window is arranged."""
        self._settings.setValue(f"arrangement/{name}", state)

    def save(self) -> None:
        """Write it down now."""
        self._settings.sync()

    def _texts(self, key: str) -> list[str]:
        value = self._settings.value(key)
        if isinstance(value, str):  # a list of one comes back as its only text
            return [value]
        return [str(each) for each in value] if isinstance(value, list | tuple) else []
