"""Look at what was saved: the tree of a file, values, settings, differences, a picture of a scan.

`H5Browser` and `browse_data`, the browser with a window, are here too: they are imported from
`h5modules.browsing.qt` when they are asked for, and need the extra ``qt``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._browser_util import H5BrowserUtil
from ._comments import add_comment, read_comments
from ._copying import copy_part, copy_whole
from ._details import NodeDetails, read_details
from ._deviation import Deviation, Severity
from ._difference import Comparison, Difference
from ._errors import (
    DisplayMissingError,
    LibraryMissingError,
    NothingToShowError,
    PictureError,
    SelectionError,
    SettingsError,
)
from ._lines import iter_lines
from ._opening import open_to_read
from ._picking import DataChoice, ask_in_terminal, iter_data, pick_data
from ._picture import draw_scan, plot_node, plot_scan
from ._scan_choice import find_scan
from ._scan_view import ScanAxis, ScanSignal, iter_signals
from ._selecting import parse_selection
from ._settings import Setting, SettingChange, compare_settings, iter_settings, read_settings
from ._statistics import Statistics, read_statistics
from ._tree import TreeEntry, iter_tree
from ._validation import iter_deviations
from ._watching import ModuleProgress, Progress, iter_progress
from .export import (
    ExporterFactory,
    ExporterWarning,
    ExportSignal,
    ExportSource,
    ExportTargetError,
    FormatMismatchError,
    FormatUnknownError,
    H5Exporter,
    NotAcquiredWarning,
    export_node,
)

if TYPE_CHECKING:
    from .qt import H5Browser as H5Browser
    from .qt import browse_data as browse_data

__all__ = [
    "H5BrowserUtil",
    "export_node",
    "H5Exporter",
    "ExporterFactory",
    "ExportSource",
    "ExportSignal",
    "add_comment",
    "read_comments",
    "ExporterWarning",
    "ExportTargetError",
    "FormatMismatchError",
    "FormatUnknownError",
    "NotAcquiredWarning",
    "open_to_read",
    "pick_data",
    "iter_data",
    "ask_in_terminal",
    "DataChoice",
    "iter_tree",
    "TreeEntry",
    "read_details",
    "NodeDetails",
    "parse_selection",
    "read_statistics",
    "Statistics",
    "iter_lines",
    "iter_settings",
    "read_settings",
    "compare_settings",
    "Setting",
    "SettingChange",
    "Comparison",
    "Difference",
    "iter_deviations",
    "Deviation",
    "Severity",
    "iter_progress",
    "Progress",
    "ModuleProgress",
    "copy_whole",
    "copy_part",
    "plot_scan",
    "plot_node",
    "draw_scan",
    "find_scan",
    "iter_signals",
    "ScanSignal",
    "ScanAxis",
    "NothingToShowError",
    "SelectionError",
    "SettingsError",
    "PictureError",
    "LibraryMissingError",
    "DisplayMissingError",
]


def __getattr__(name: str) -> Any:
    """Import what needs Qt when it is asked for; without the extra ``qt``, an ImportError says so."""
    if name in ("H5Browser", "browse_data"):
        return getattr(importlib.import_module(".qt", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
