"""Comments on nodes, where PyMoDAQ's browser keeps them."""

from __future__ import annotations

from h5modules.backends import H5Backend, Where

_NAME = "comments"


def read_comments(file: H5Backend, where: Where) -> str:
    """Return the comments of a node; empty where there are none."""
    return str(file.get_node(where).attrs.get(_NAME, ""))


def add_comment(file: H5Backend, where: Where, comment: str) -> str:
    """Add a line to the comments of a node, and return all of them.

    Parameters
    ----------
    file
        A file open for writing.
    where
        The node.
    comment
        The line.

    Raises
    ------
    NodeError
        When there is no such node.
    FileReadOnlyError
        When the file was opened for reading.

    Examples
    --------
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     _ = add_comment(file, '/', 'laser was off')
    ...     add_comment(file, '/', 'no, it was not').splitlines()
    ['laser was off', 'no, it was not']
    """
    before = read_comments(file, where)
    text = f"{before}\n{comment}" if before else comment
    file.get_node(where).attrs[_NAME] = text
    file.flush()
    return text
