"""Look at what was saved: the tree of a file, a picture of a scan."""

from __future__ import annotations

from ._errors import LibraryMissingError, NothingToShowError, PictureError
from ._picture import draw_scan, plot_scan
from ._scan_view import ScanAxis, ScanSignal, find_scan, iter_signals
from ._tree import TreeEntry, iter_tree

__all__ = [
    "iter_tree",
    "TreeEntry",
    "plot_scan",
    "draw_scan",
    "find_scan",
    "iter_signals",
    "ScanSignal",
    "ScanAxis",
    "NothingToShowError",
    "PictureError",
    "LibraryMissingError",
]
