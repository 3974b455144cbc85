"""The tree ``/NeXus`` of files that were saved without it, or that are to be without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from h5modules.backends import CARRAY, H5Backend, encode_attributes
from h5modules.data_saving._assembly import MEASURED, Assembly
from h5modules.data_saving._errors import DataNodeError
from h5modules.saving import H5SaverLowLevel, view_of

from ._signals import is_shown
from ._view import show_signals

RAW_GROUP = "RawData"
"""The group without which a file is in another layout."""


def add_view(path: Path | str, new_file: Path | str | None = None) -> int:
    """Let other programs plot what a file holds; a view that it has already is made anew.

    No value is touched. Units that PyMoDAQ wrapped become plain text, which it reads as well.

    Parameters
    ----------
    path
        A closed file of PyMoDAQ, or of ours.
    new_file
        Copy the file to this name first, and leave the old one as it is.

    Returns
    -------
    How many signals are shown.

    Raises
    ------
    DataNodeError
        When the file has no raw group, and so is none of PyMoDAQ's; it was not changed.
    FileMissingError, FileTakenError, FileAccessError, FileFormatError
        When a file cannot be read or written.
    """
    with H5Backend.open(path) as file:
        if RAW_GROUP not in file.root():
            raise DataNodeError(
                f"{str(path)!r} has no group {RAW_GROUP!r}; files in the layout of PyMoDAQ have one."
            )
        if new_file is not None:
            file.save_file_as(new_file)
    with _opened(path if new_file is None else new_file) as h5saver:
        return show_file(h5saver)


def show_file(h5saver: H5SaverLowLevel) -> int:
    """Make the view of an open file anew, and return how many signals are shown: see `add_view`."""
    with h5saver.all_or_nothing():
        drop_view(h5saver)
        groups = h5saver.walk_groups("/")
        signals = [found for group in groups for found in Assembly.all_in(h5saver, group, MEASURED)]
        show_signals(h5saver, signals)
        _unwrap_units(h5saver)
    h5saver.flush()
    return sum(is_shown(signal.group.path) for signal in signals)


def drop_view(h5saver: H5SaverLowLevel) -> bool:
    """Take the view out of an open file, and tell whether there was one; what it shows stays."""
    view = view_of(h5saver)
    if view is None:
        return False
    h5saver.remove_node(view)
    root = h5saver.root()
    for name in ("NX_class", "default"):
        if name in root.attrs:
            del root.attrs[name]
    return True


def remove_view(path: Path | str) -> bool:
    """Take the view out of a closed file, and tell whether there was one; what it shows stays.

    Raises
    ------
    FileMissingError, FileAccessError, FileFormatError
        When it cannot be written.
    """
    with H5Backend.open(path) as file:
        if view_of(file) is None:
            return False
    with _opened(path) as h5saver:
        return drop_view(h5saver)


@contextmanager
def _opened(path: Path | str) -> Iterator[H5SaverLowLevel]:
    h5saver = H5SaverLowLevel()
    h5saver.open_file(path, "r+")  # and no more: nothing is laid out in a file that is somebody's
    try:
        yield h5saver
    finally:
        h5saver.close_file()


def _unwrap_units(h5saver: H5SaverLowLevel) -> None:
    """Write the units of what is shown as plain text, where PyMoDAQ wrapped them."""
    driver, view = h5saver.driver, view_of(h5saver)
    shown = [] if view is None else list(h5saver.walk_nodes(view))
    for node in shown:
        if not isinstance(node, CARRAY) or "units" not in node.attrs:
            continue
        units = node.attrs["units"]
        plain = encode_attributes({"units": units}, node.path)
        if isinstance(units, str) and driver.read_attribute(node.path, "units") != plain["units"]:
            driver.write_attributes(node.path, plain)
