"""Libraries that only some formats need."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from h5modules.browsing._errors import LibraryMissingError


def library(name: str) -> Any:
    """Return the library of a format.

    Raises
    ------
    LibraryMissingError
        When it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise LibraryMissingError(
            f'this format needs {name.partition(".")[0]}: pip install "h5modules-browsing[export]" ({error})'
        ) from error
