"""Errors on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

BAD_INPUT = 2
"""The exit code when the input was refused: nothing was moved or written."""


@contextmanager
def report() -> Iterator[None]:
    """Turn an error that this house raises on purpose into a message on stderr, and exit.

    They are told by their root's name, so that this package needs no other layer.
    """
    try:
        yield
    except Exception as error:
        if not any(base.__name__ == "H5ModulesError" for base in type(error).__mro__):
            raise
        message = Text.assemble(("Error: ", "bold red"), str(error))
        Console(stderr=True).print(message, soft_wrap=True)
        sys.exit(BAD_INPUT)
