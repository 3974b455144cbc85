"""Formats that plugins of PyMoDAQ bring (entry points ``pymodaq.h5exporters``)."""

from __future__ import annotations

import pkgutil
import warnings
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from ._errors import ExporterWarning
from ._exporter import H5Exporter
from ._source import ExportSource

_GROUP = "pymodaq.h5exporters"


def peer_exporters() -> dict[str, type[H5Exporter]]:
    """Return the formats that installed plugins add to PyMoDAQ's, by extension.

    PyMoDAQ is imported only when there is such a plugin.
    """
    packages = [point.value for point in entry_points(group=_GROUP)]
    for package in packages:
        _import_exporters(package)
    if not packages:
        return {}
    registry = import_module("pymodaq_data.h5modules.exporter").ExporterFactory.exporters_registry
    found = (each for exporters in registry.values() for each in exporters.values())
    return {
        each.FORMAT_EXTENSION: _adapted(each)
        for each in found
        if any(each.__module__.startswith(f"{package}.") for package in packages)
    }


def _import_exporters(package: str) -> None:
    parent = _imported(f"{package}.exporters")
    for module in () if parent is None else pkgutil.iter_modules(parent.__path__):
        _imported(f"{package}.exporters.{module.name}")


def _imported(module: str) -> ModuleType | None:
    try:
        return import_module(module)
    except Exception as error:  # noqa: BLE001 - whatever it is, a broken plugin must not hide the others
        warnings.warn(f"the formats in {module!r} do not load: {error}", ExporterWarning, stacklevel=5)
        return None


def _adapted(peer: Any) -> type[H5Exporter]:
    class PeerExporter(H5Exporter):
        """A format of a plugin: its own `export_data` writes it."""

        FORMAT_EXTENSION = peer.FORMAT_EXTENSION
        FORMAT_DESCRIPTION = peer.FORMAT_DESCRIPTION

        def write(self, source: ExportSource, target: Path) -> None:
            """Hand the node to the plugin."""
            peer().export_data(source.node, str(target))

    return PeerExporter
