"""Lines of text that a file keeps, such as its log."""

from __future__ import annotations

from collections.abc import Iterator

from h5modules.backends import CARRAY, H5Backend, Node, StringARRAY, Where

from ._errors import NothingToShowError

LOG = "/RawData/Logger"
"""Where the log of a file is."""

_AT_ONCE = 256


def iter_lines(file: H5Backend, where: Where = LOG, last: int | None = None) -> Iterator[str]:
    """Yield lines of text, oldest first, as they are read.

    Parameters
    ----------
    file
        An open file.
    where
        The node that keeps them.
    last
        How many of the newest to give; None is all.

    Raises
    ------
    NothingToShowError
        When the node keeps no lines of text.
    UndecodableError
        When a line could only be read by running code that the file holds.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     notes = file.create_vlarray('/', 'Notes', 'string')
    ...     notes.append('aligned')
    ...     list(iter_lines(file, '/Notes'))
    ['aligned']
    """
    node: Node = file.get_node(where)
    if not isinstance(node, StringARRAY):
        kind = "an array" if isinstance(node, CARRAY) else "a group"
        raise NothingToShowError(f"{node.path!r} in {file.filename!r} is {kind}: it keeps no lines of text.")
    yield from lines_of(node, last)


def lines_of(texts: StringARRAY, last: int | None = None) -> Iterator[str]:
    """Yield the lines of a node that keeps them, oldest first: `iter_lines` where it was found before."""
    count = len(texts)
    for start in range(0 if last is None else max(0, count - last), count, _AT_ONCE):
        yield from texts[start : min(start + _AT_ONCE, count)]
