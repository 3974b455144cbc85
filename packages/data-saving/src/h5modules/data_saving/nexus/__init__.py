"""The tree ``/NeXus`` of a file: what was saved, under second names, so that other programs plot it at once.

It is made of hard links and attributes alone: no value is in the file twice, and nothing is written there
when a point is saved.
"""

from __future__ import annotations

from h5modules.saving import valid_name

from ._axes import SavedAxis
from ._files import RAW_GROUP, add_view, drop_view, remove_view, show_file
from ._names import unique_name
from ._plot import Plot, PlotAxis, PlotChannel, PlotSignal, plot_of
from ._signals import MadeSignal
from ._view import show_groups, show_made, show_signals

__all__ = [
    "RAW_GROUP",
    "add_view",
    "remove_view",
    "drop_view",
    "show_file",
    "show_groups",
    "show_signals",
    "show_made",
    "MadeSignal",
    "SavedAxis",
    "plot_of",
    "Plot",
    "PlotSignal",
    "PlotChannel",
    "PlotAxis",
    "valid_name",
    "unique_name",
]
