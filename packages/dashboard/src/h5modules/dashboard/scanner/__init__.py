"""A scanner for the Dashboard: PyMoDAQ's DAQ_Scan, with saving, live plots and resuming of h5modules.

It is a sub-class of PyMoDAQ's, loaded by its entry point; nothing of PyMoDAQ is replaced.
"""

from __future__ import annotations

from ._live_plots import LivePlots
from ._points import PointsInMemory
from ._scanner import H5Scanner
from ._state_strip import StateStrip

__all__ = ["H5Scanner", "LivePlots", "PointsInMemory", "StateStrip"]
