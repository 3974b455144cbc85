"""The second names that arrays have in ``/NeXus``, where other programs look for something to plot.

They are hard links: an array is gone from the file when both its names are. What walks a file to find data
passes them by; what deletes data takes them along.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, EARRAY, GROUP, H5Backend, Node, NodeKind

from ._names import counting_key
from ._types import NEXUS

NEXUS_PATH = f"/{NEXUS}"
"""Where the view lies."""


NEXUS_SWITCH = "H5MODULES_NEXUS"
"""The environment variable that, when it is ``0``, lets files be made without the view."""


def is_shown_by_default() -> bool:
    """Tell whether savers make the view where nobody says: unless the variable `NEXUS_SWITCH` is ``0``."""
    return os.environ.get(NEXUS_SWITCH, "").strip() != "0"


def view_of(file: H5Backend) -> GROUP | None:
    """Return the group of the second names in a file; None where there is none.

    A group of that name that is not marked as an entry of NeXus is somebody's own.
    """
    driver = file.driver
    if driver.kind(NEXUS_PATH) is not NodeKind.GROUP:
        return None
    is_marked = "NX_class" in driver.attribute_names(NEXUS_PATH)
    is_entry = is_marked and driver.read_attribute(NEXUS_PATH, "NX_class") == "NXentry"
    return GROUP(file, NEXUS_PATH) if is_entry else None


def is_second_name(node: Node) -> bool:
    """Tell whether a node lies in the view: it is another name of a node elsewhere, or holds such names.

    Examples
    --------
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     group = file.get_set_group('/', 'NeXus')
    ...     before = is_second_name(group)
    ...     file.driver.write_attributes(group.path, {'NX_class': 'NXentry'})
    ...     before, is_second_name(group)
    (False, True)
    """
    path = node.path
    is_below = path == NEXUS_PATH or path.startswith(f"{NEXUS_PATH}/")
    return is_below and view_of(node.to_h5_backend()) is not None


def walk_first_names(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, but what has come under another name, or will.

    Where the node is a second name itself, what is below it is yielded.
    """
    file = node.to_h5_backend()
    view = view_of(file) if node.path == "/" else None
    below = None if view is None else f"{view.path}/"
    for each in file.walk_nodes(node):
        if below is None or not f"{each.path}/".startswith(below):
            yield each


def arrays_at(file: H5Backend, path: str) -> set[Hashable]:
    """Return what tells the arrays at a path, and below it, from all others; a second name is no other array.

    Examples
    --------
    >>> import numpy as np
    >>> from h5modules.backends import H5Backend
    >>> with H5Backend.open(tmp_path / 'scan.h5', 'w') as file:
    ...     array = file.create_carray('/', 'first', np.arange(3))
    ...     file.driver.link('/first', '/second')
    ...     arrays_at(file, '/first') == arrays_at(file, '/second')
    True
    """
    driver = file.driver
    return {driver.identity(node.path) for node in file.walk_nodes(path) if isinstance(node, CARRAY)}


def drop_second_names(file: H5Backend, arrays: set[Hashable], entry: GROUP | None = None) -> None:
    """Delete the second names of arrays; a plot goes with its signal, an entry with its last plot.

    A part of an instrument goes with its last array.

    Parameters
    ----------
    file
        An open file.
    arrays
        What tells the arrays: see `arrays_at`.
    entry
        The entry of the view that loses them; None is all of them.
    """
    view = view_of(file)
    if view is not None and arrays:
        _drop_below(entry or view, arrays)


def show_again_with(show: Callable[[H5Backend, Sequence[str]], None]) -> None:
    """Have `show` make the second names of what was moved or copied.

    Parameters
    ----------
    show
        Called with an open file that has a view, and with the paths below which plots are to be made anew;
        nothing need be there any more.
    """
    _shows_again.append(show)


def show_again(file: H5Backend, paths: Sequence[str]) -> None:
    """Let what was moved or copied be shown as it is now."""
    for show in _shows_again:
        show(file, paths)


_shows_again: list[Callable[[H5Backend, Sequence[str]], None]] = []


def name_growing_axes(file: H5Backend) -> int:
    """Let the plots of logs of spectra and images name what their rows are a function of; return how many.

    While such a log is written, its arrays have room for different numbers of rows, which readers of NeXus
    refuse: the rows are counted. Call it once every array ends with its last row, or is about to.
    """
    view = view_of(file)
    plots = () if view is None else file.walk_groups(view)
    return sum(_name_growing_axis(plot) for plot in plots)


def _name_growing_axis(plot: GROUP) -> bool:
    raw = _raw_attributes(plot)
    axes = [str(name) for name in np.atleast_1d(raw.get("axes", ()))]
    if not axes or axes[0] != ".":
        return False
    along = [name.removesuffix("_indices") for name in raw if name.endswith("_indices")]
    along = [name for name in along if np.atleast_1d(raw[f"{name}_indices"]).tolist() == [0]]
    if len(along) != 1 or not isinstance(plot.get_child(along[0]), EARRAY):
        return False
    plot.driver.write_attributes(plot.path, {"axes": np.array([along[0], *axes[1:]], object)})
    return True


def _drop_below(group: GROUP, arrays: set[Hashable]) -> None:
    driver = group.driver
    lost = []
    for name, child in group.iter_children():
        if isinstance(child, GROUP):
            _drop_below(child, arrays)
        elif driver.identity(child.path) in arrays:
            lost.append(name)
    raw = _raw_attributes(group)
    if raw.get("signal") in lost:
        driver.delete(group.path)
    elif lost:
        _forget(group, lost, raw)
    elif "default" in raw:
        _choose_default(group, raw["default"])
    if raw.keys().isdisjoint({"signal", "default"}) and not driver.child_names(group.path):
        driver.delete(group.path)  # what an instrument has no arrays of any more


def _forget(plot: GROUP, lost: list[str], raw: dict[str, Any]) -> None:
    """Delete names from a plot that keeps its signal, and what its attributes say of them."""
    driver, path = plot.driver, plot.path
    for name in lost:
        driver.delete(f"{path}/{name}")
        if f"{name}_indices" in raw:
            driver.delete_attribute(path, f"{name}_indices")
    if "axes" in raw:
        kept = ["." if name in lost else name for name in np.atleast_1d(raw["axes"])]
        driver.write_attributes(path, {"axes": np.array(kept, object)})
    if "auxiliary_signals" in raw:
        others = [name for name in np.atleast_1d(raw["auxiliary_signals"]) if name not in lost]
        driver.delete_attribute(path, "auxiliary_signals")
        if others:
            driver.write_attributes(path, {"auxiliary_signals": np.array(others, object)})


def _choose_default(entry: GROUP, default: str) -> None:
    """Let an entry show another plot where its own is gone, the last one; without any it is deleted."""
    names = [name for name, child in entry.iter_children() if _shows_something(child)]
    if not names:
        entry.driver.delete(entry.path)
    elif default not in names:
        entry.driver.write_attributes(entry.path, {"default": max(names, key=counting_key)})


def _shows_something(node: Node) -> bool:
    return isinstance(node, GROUP) and not {"signal", "default"}.isdisjoint(_raw_attributes(node))


def _raw_attributes(group: GROUP) -> dict[str, Any]:
    """Return the attributes as they stand in the file: the names of NeXus are in no envelope."""
    return group.driver.read_attributes(group.path)
