"""What has to be installed for windows, told by name where it is not."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

from h5modules.backends import H5ModulesError

BINDINGS = {"PyQt6": "pyqt6", "PySide6": "pyside6"}
"""Bindings of Qt, and the extra that brings each."""


class QtMissingError(H5ModulesError, ImportError):
    """Something with windows was asked for, and what it needs is not installed."""


def require_qt(who: str, libraries: Sequence[str], distribution: str) -> None:
    """Make sure that libraries and a binding of Qt are there; none of them is imported.

    Parameters
    ----------
    who
        What needs them, with its verb.
    libraries
        What the extra ``qt`` brings.
    distribution
        Whose extra it is.

    Raises
    ------
    QtMissingError
        When one is missing; the message says what to install.
    """
    if missing := [name for name in libraries if importlib.util.find_spec(name) is None]:
        raise QtMissingError(
            f"{who} {', '.join(missing)}, which the extra 'qt' brings beside a "
            f'binding of Qt. Try: pip install "{distribution}[qt,pyqt6]"'
        )
    if not any(importlib.util.find_spec(name) for name in BINDINGS):
        commands = " or ".join(f'pip install "{distribution}[{extra}]"' for extra in BINDINGS.values())
        raise QtMissingError(f"{who} a binding of Qt: {' or '.join(BINDINGS)}. Try: {commands}")
