"""Rows of a string array, in the form that PyMoDAQ writes and reads: a pickled `str`, as bytes.

Reading uses an unpickler that can resolve no name at all, so that a crafted row is an error and never runs.
"""

from __future__ import annotations

import io
import pickle
from typing import Any, NoReturn

import numpy as np

from ._errors import UndecodableError


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> NoReturn:
        raise UndecodableError(f"a row of text asks for {module}.{name}: refused.")


def text_to_row(text: str) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return `text` as a row, a 1D array of uint8.

    Examples
    --------
    >>> row_to_text(text_to_row('scan started'))
    'scan started'
    """
    if not isinstance(text, str):
        raise TypeError(f"a row of a string array is a str, not {type(text).__name__}: {text!r}.")
    return np.frombuffer(pickle.dumps(str(text)), np.uint8)


def row_to_text(row: np.ndarray[Any, Any]) -> str:
    """Return the text of a row.

    Raises
    ------
    UndecodableError
        When the row holds anything but one pickled `str`.
    """
    try:
        text = _PlainUnpickler(io.BytesIO(np.asarray(row, np.uint8).tobytes())).load()
    except UndecodableError:
        raise
    except Exception as error:  # a damaged pickle raises about anything
        raise UndecodableError(f"a row of text is damaged ({type(error).__name__}: {error}).") from error
    if not isinstance(text, str):
        raise UndecodableError(f"a row of text holds a {type(text).__name__}: refused.")
    return text
