"""Served as ``pymodaq_gui.h5modules.saving``."""

from __future__ import annotations

from h5modules.dashboard._h5saver import H5Saver
from h5modules.saving.qt import H5SaverBase, dashboard_submodules_params

__all__ = ["H5SaverBase", "H5Saver", "dashboard_submodules_params"]
