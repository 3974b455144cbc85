"""What has to be installed for windows, told by name where it is not."""

from __future__ import annotations

import importlib.util

from h5modules.backends import H5ModulesError

LIBRARIES = ("qtpy", "pyqtgraph", "pymodaq_gui")
"""What the extra ``qt`` brings."""

BINDINGS = {"PyQt6": "pyqt6", "PySide6": "pyside6"}
"""Bindings of Qt, and the extra that brings each."""


class QtMissingError(H5ModulesError, ImportError):
    """A saver with windows was asked for, and what it needs is not installed."""


def require_qt() -> None:
    """Make sure that the libraries and a binding are there; none of them is imported.

    Raises
    ------
    QtMissingError
        When one is missing; the message says what to install.
    """
    if missing := [name for name in LIBRARIES if importlib.util.find_spec(name) is None]:
        raise QtMissingError(
            f"H5Saver and H5SaverBase need {', '.join(missing)}, which the extra 'qt' brings beside a "
            'binding of Qt. Try: pip install "h5modules-saving[qt,pyqt6]"'
        )
    if not any(importlib.util.find_spec(name) for name in BINDINGS):
        commands = " or ".join(f'pip install "h5modules-saving[{extra}]"' for extra in BINDINGS.values())
        raise QtMissingError(
            f"H5Saver and H5SaverBase need a binding of Qt: {' or '.join(BINDINGS)}. Try: {commands}"
        )
