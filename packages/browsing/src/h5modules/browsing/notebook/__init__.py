"""What a file holds, in a notebook: objects that show themselves, and a plot that grows while a scan runs.

The objects of h5modules need nothing but this package. PyMoDAQ's data are shown where it is asked for::

    %load_ext h5modules.browsing.notebook
"""

from __future__ import annotations

from typing import Any

from ._live import plot_live
from ._shown import as_html

__all__ = ["as_html", "plot_live", "load_ipython_extension", "unload_ipython_extension"]


def load_ipython_extension(ipython: Any) -> None:
    """Show PyMoDAQ's data too, in this session: what ``%load_ext h5modules.browsing.notebook`` calls."""
    for kind in _kinds_of_pymodaq():
        ipython.display_formatter.formatters["text/html"].for_type(kind, as_html)


def unload_ipython_extension(ipython: Any) -> None:
    """Let them be shown as before: what ``%unload_ext h5modules.browsing.notebook`` calls."""
    for kind in _kinds_of_pymodaq():
        ipython.display_formatter.formatters["text/html"].pop(kind, None)


def _kinds_of_pymodaq() -> tuple[type, ...]:
    from pymodaq_data.data import DataToExport, DataWithAxes

    return DataWithAxes, DataToExport
