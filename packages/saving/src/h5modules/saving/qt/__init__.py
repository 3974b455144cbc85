"""Savers with a settings tree, for programs with windows; they need the extra ``qt`` and a binding of Qt."""

from __future__ import annotations

from h5modules.saving._needs_qt import require_qt

require_qt("H5Saver and H5SaverBase need", ("qtpy", "pyqtgraph", "pymodaq_gui"), "h5modules-saving")

from ._base import H5SaverBase  # noqa: E402 - these import Qt, which is asked for first
from ._saver import H5Saver  # noqa: E402
from ._tree import dashboard_submodules_params  # noqa: E402

__all__ = ["H5SaverBase", "H5Saver", "dashboard_submodules_params"]
