"""Modules of ours under PyMoDAQ's names: what it imports is ours, and nothing of it is changed."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import MappingProxyType, ModuleType

from ._errors import DashboardError, ServedTooLateError

SERVED: Mapping[str, str] = MappingProxyType(
    {
        "pymodaq_data.h5modules.backends": "h5modules.backends",
        "pymodaq_data.h5modules.saving": "h5modules.saving",
        "pymodaq_data.h5modules.data_saving": "h5modules.dashboard.served.data_saving",
        "pymodaq_data.h5modules.browsing": "h5modules.browsing",
        "pymodaq_gui.h5modules.saving": "h5modules.dashboard.served.saving",
        "pymodaq_gui.h5modules.browsing": "h5modules.browsing.qt",
        "pymodaq.utils.h5modules.module_saving": "h5modules.dashboard.served.module_saving",
    }
)
"""What is served for each module of PyMoDAQ; all of a layer together, so that a node is one and the same."""


class _ServedModules(MetaPathFinder, Loader):
    """Finds modules of ours where PyMoDAQ's are asked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to import a module that is served; None for all others."""
        return ModuleSpec(fullname, self) if fullname in SERVED else None

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the making of an empty module to Python: `exec_module` puts ours in its place."""

    def exec_module(self, module: ModuleType) -> None:
        """Put the module of ours in its place; Python hands out what then stands under the name."""
        sys.modules[module.__name__] = importlib.import_module(SERVED[module.__name__])


_FINDER = _ServedModules()


def serve() -> None:
    """Give PyMoDAQ the modules of h5modules from now on, in this process.

    Raises
    ------
    ServedTooLateError
        When PyMoDAQ has imported one of its own already.
    """
    if _FINDER in sys.meta_path:
        return
    if late := [name for name in SERVED if name in sys.modules]:
        raise ServedTooLateError(
            f"{late[0]} is imported already; call h5modules.dashboard.serve before anything of PyMoDAQ is "
            "imported."
        )
    sys.meta_path.insert(0, _FINDER)


def require_served() -> None:
    """Make sure that PyMoDAQ was imported as a whole, with the modules that were served.

    Raises
    ------
    DashboardError
        When it was not.
    """
    # pymodaq_data keeps an error during its own import to itself, and lacks what comes after it.
    if not hasattr(importlib.import_module("pymodaq_data"), "DataWithAxes"):
        raise DashboardError(
            "pymodaq_data was imported in part only; its log says why. Nothing is saved this way: report it, "
            "and start with --plain meanwhile."
        )
    for name, ours in SERVED.items():
        if importlib.import_module(name) is not importlib.import_module(ours):
            raise DashboardError(f"{name} is not {ours}; start the Dashboard in a process of its own.")
