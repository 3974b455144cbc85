"""The Dashboard's modules as the savers want them."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from typing import Any

from pymodaq_data.data import DataDim, DataSource, DataWithAxes
from pymodaq_gui.parameter import ioxml

_LARGE = (DataDim.Data2D, DataDim.DataND)


class DashboardModule:
    """A module of the Dashboard, with its title and settings: a DAQ_Move.

    Parameters
    ----------
    module
        What PyMoDAQ has.

    Attributes
    ----------
    h5saver
        The saver whose settings are saved with the module's, and say what is saved.
    """

    def __init__(self, module: Any, h5saver: Any = None) -> None:
        self.module = module
        self.h5saver = h5saver

    @property
    def title(self) -> str:
        """The name that its users gave it."""
        return str(self.module.title)

    def settings_xml(self) -> str:
        """Return all its settings as XML."""
        root = ElementTree.Element("All_settings", type="group")
        root.append(ioxml.walk_parameters_to_xml(param=self.module.settings))
        for name, param in self._further_settings():
            group = ElementTree.SubElement(root, name, type="group")
            group.append(ioxml.walk_parameters_to_xml(param=param))
        return ElementTree.tostring(root, encoding="unicode")

    def _further_settings(self) -> Iterator[tuple[str, Any]]:
        yield from ()


class DashboardDetector(DashboardModule):
    """A DAQ_Viewer: its regions of interest are among its settings, and the saver's say what is saved."""

    def _further_settings(self) -> Iterator[tuple[str, Any]]:
        if self.h5saver is not None:
            yield "H5Saver", self.h5saver.settings
        if self.module.ui is None:
            return
        for number, viewer in enumerate(self.module.viewers):
            if (regions := getattr(viewer, "roi_manager", None)) is not None:
                yield f"ROI_Viewer_{number:02d}", regions.settings

    def saves(self, data: DataWithAxes) -> bool:
        """Tell whether the settings of the saver let it be saved: raw alone, nothing of 2 dimensions."""
        if self.h5saver is None:
            return True
        chosen = self.h5saver.settings
        if chosen["save_raw_only"] and data.source != DataSource.raw:
            return False
        return bool(chosen["save_2D"]) or data.dim not in _LARGE


class DashboardCompound(DashboardModule):
    """A DAQ_Scan, a logger or an optimizer: all detectors and actuators of the Dashboard are its own."""

    @property
    def detectors(self) -> list[DashboardDetector]:
        """Every detector that is loaded."""
        return [DashboardDetector(each, self.h5saver) for each in self.module.modules_manager.detectors_all]

    @property
    def actuators(self) -> list[DashboardModule]:
        """Every actuator that is loaded."""
        return [DashboardModule(each, self.h5saver) for each in self.module.modules_manager.actuators_all]

    def _further_settings(self) -> Iterator[tuple[str, Any]]:
        if self.h5saver is not None:
            yield "H5Saver", self.h5saver.settings
