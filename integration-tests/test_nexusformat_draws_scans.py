"""What nexusformat, on which NexPy is built, finds to plot in each kind of measurement, and draws of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import matplotlib.pyplot as plt

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what it says of Python while it is imported
    from nexusformat.nexus import NXdata, nxload

FOUND = {
    "Line": (1, ["x"], ("x (um)", "power (mW)")),
    "Map": (2, ["x", "y"], ("y (um)", "x (um)")),
    "Cloud": (1, ["x", "y"], ("x (um)", "power (mW)")),  # over the first coordinate
    "Spectra": (2, ["x", "wavelength"], ("wavelength (nm)", "x (um)")),
    "Spectra_of_a_map": (3, ["x", "y", "wavelength"], ("wavelength (nm)", "y (um)")),
    "Frames": (3, ["x", "up", "across"], ("across (mm)", "up (mm)")),
    "Channels": (1, ["x"], ("x (um)", "left ()")),
    "Snapshot": (2, ["up", "across"], ("across (mm)", "up (mm)")),
    "Adaptive": (1, ["x", "y"], ("x (um)", "power (mW)")),
    "Spectra_log": (2, ["time", "Axis1"], ("Axis1", "time (s)")),
    "Log": (1, ["time"], ("time (s)", "power (mW)")),
}
"""The dimensions that are plotted, the axes, and what stands beside these in the drawing."""


def test_each_measurement_is_found_and_drawn(save_each_kind: Callable[..., Path]) -> None:
    plt.switch_backend("agg")
    root = nxload(str(save_each_kind()))
    found = {}
    for name in root["NeXus"]:
        data = root["NeXus"][name].plottable_data
        # Where there are three dimensions it asks for a slice, which NexPy has sliders for.
        drawn = _drawn(data[0] if data.plot_rank == 3 else data)
        found[name] = (data.plot_rank, [axis.nxname for axis in data.nxaxes], drawn)
        assert (data.nxerrors is not None) == (name == "Channels")
    assert found == FOUND


def _drawn(data: NXdata) -> tuple[str, str]:
    """Draw, and return what is written beside the axes."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what matplotlib says of how nexusformat calls it
            data.plot()
        axes = plt.gca()
        assert axes.lines or axes.collections, "something was drawn"
        return axes.get_xlabel(), axes.get_ylabel()
    finally:
        plt.close("all")
