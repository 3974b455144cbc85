"""The line of Python that loads a node."""

from __future__ import annotations

from pathlib import Path

from h5modules.backends import GROUP, Node, NodeError, UndecodableError, is_address

_MEASURED = ("data", "data_enlargeable")


def python_lines(node: Node, target: Path | str) -> str:
    """Return lines that load what lies at a node, to be run anywhere.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     print(python_lines(file.create_carray('/', 'Power', [1.0, 2.0]), 'scan.h5'))
    from h5modules.browsing import open_to_read
    with open_to_read('scan.h5') as file:
        values = file.get_node('/Power').read()
    """
    where = repr(str(target))
    if _is_measured(node) and not is_address(target):
        lines = [
            "from h5modules.data_saving import DataLoader",
            f"with DataLoader({where}) as loader:",
            f"    data = loader.load_data({node.path!r}, load_all=True)",
        ]
    elif isinstance(node, GROUP) and not is_address(target):
        lines = [
            "from h5modules.data_saving import DataLoader",
            f"with DataLoader({where}) as loader:",
            f"    data = loader.load_all({node.path!r})",
        ]
    else:
        lines = [
            "from h5modules.browsing import open_to_read",
            f"with open_to_read({where}) as file:",
            f"    values = file.get_node({node.path!r}){'' if isinstance(node, GROUP) else '.read()'}",
        ]
    return "\n".join(lines)


def _is_measured(node: Node) -> bool:
    try:
        return node.attrs.get("data_type") in _MEASURED
    except (NodeError, UndecodableError):
        return False
