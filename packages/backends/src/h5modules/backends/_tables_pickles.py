"""Attributes that PyTables pickled, read without running them.

PyTables pickles what HDF5 has no type for, a list say, and stores the pickle as ASCII text. It unpickles
every such text that ends with a full stop. Here a pickle is first read as a list of operations; only one that
does nothing but build plain values is then carried out.
"""

from __future__ import annotations

import io
import pickle
import pickletools
from typing import Any, NoReturn

from ._codec import RawValue, encode
from ._errors import AttributeValueError, UndecodableError

_RUNNING = frozenset(
    "GLOBAL STACK_GLOBAL REDUCE BUILD INST OBJ NEWOBJ NEWOBJ_EX PERSID BINPERSID EXT1 EXT2 EXT4".split()
)
"""Operations of a pickle that import something or call it."""

_LIMIT = 1_000_000
"""The most items and characters in a value: a short pickle can spell an endless one."""


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> NoReturn:
        raise UndecodableError(f"it asks for {module}.{name}, which would run code.")


def unpickled(stored: bytes) -> RawValue | None:
    r"""Return the value that a text of PyTables stands for; None when it is a text and no pickle.

    Parameters
    ----------
    stored
        A text as it lies in the file.

    Returns
    -------
    RawValue | None
        The value as a driver would read it, had it been written by this package.

    Raises
    ------
    UndecodableError
        When it is a pickle of anything but None, booleans, numbers, texts, bytes, and tuples, lists, sets and
        dicts of these.

    Examples
    --------
    >>> unpickled(b'(lp0\nI1\na.')
    '{"module": "builtins", "type": "list", "data": "[1]"}'
    >>> unpickled(b'Rather late.') is None
    True
    """
    if not stored.endswith(b".") or not _is_pickle(stored):
        return None
    running = _RUNNING & {operation.name for operation, _, _ in pickletools.genops(stored)}
    if running:
        raise UndecodableError(f"it is a pickle that could run code ({', '.join(sorted(running))}).")
    try:
        value = _PlainUnpickler(io.BytesIO(stored)).load()
    except UndecodableError:
        raise
    except Exception as error:  # a damaged pickle raises about anything
        raise UndecodableError(f"it is a damaged pickle ({type(error).__name__}: {error}).") from error
    _require_small(value)
    try:
        return encode(value)
    except AttributeValueError as error:
        raise UndecodableError(f"it is a pickle: {error}") from error


def _is_pickle(stored: bytes) -> bool:
    # It follows the operations with a stack of their kinds, which no sentence passes; nothing is carried out.
    stream = io.BytesIO(stored)
    try:
        pickletools.dis(stream, out=io.StringIO())
    except (ValueError, KeyError, IndexError, OverflowError):
        return False
    return stream.tell() == len(stored)


def _require_small(value: Any) -> None:
    pending, size = [value], 0
    while pending:
        item = pending.pop()
        size += 1 + (len(item) if isinstance(item, str | bytes | bytearray) else 0)
        if isinstance(item, dict):
            pending.extend([*item, *item.values()])
        elif isinstance(item, tuple | list | set | frozenset):
            pending.extend(item)
        if size > _LIMIT:
            raise UndecodableError("it is a pickle of a value too large for an attribute.")
