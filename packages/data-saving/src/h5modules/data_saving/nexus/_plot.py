"""What a plot of a signal is made of: names, links and attributes. Nothing here knows a file.

The rules are those of the base class NXdata in the NeXus manual. Where they leave a choice, the one is made
that silx, h5web and NexPy all draw.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from h5modules.backends import RawValue
from h5modules.saving import valid_name

from ._names import unique_name

_RESERVED = frozenset({"title", "errors"})
"""Names of arrays that readers take for something else than a signal or an axis."""

_DEFAULT_LABEL = re.compile(r"CH[0-9]+\Z")
"""How PyMoDAQ labels channels that nobody labelled."""


@dataclass(frozen=True, slots=True)
class PlotChannel:
    """One channel of a signal: the path of its array, that of its error bars if there are any, its label."""

    path: str
    errors: str | None
    label: str


@dataclass(frozen=True, slots=True)
class PlotAxis:
    """An axis of a signal.

    Attributes
    ----------
    path
        Its array, of one dimension; or of several where it is not the same at each point.
    label, units
        What it is called, and its unit.
    dimensions
        The dimensions of the signal that it runs along: one; or those of the scan and then its own, where it
        is not the same at each point.
    """

    path: str
    label: str
    units: str
    dimensions: tuple[int, ...]

    @property
    def long_name(self) -> str:
        """What is written beside the axis of a plot."""
        label = self.label or "axis"
        return f"{label} ({self.units})" if self.units else label


@dataclass(frozen=True, slots=True)
class PlotSignal:
    """A signal that is to be plotted.

    Attributes
    ----------
    name, origin
        Its name, and the module that it comes from.
    measurement
        What it was measured in, such as ``Scan000``.
    dimensions
        How many dimensions its arrays have.
    nav_indexes
        Which of these are navigation dimensions.
    is_spread
        Whether its points are listed, and not laid out on a grid.
    channels
        Its channels; one at least.
    axes
        Its axes, in the order in which they are preferred.
    grows
        Whether it is of a log, whose rows are still to come.
    """

    name: str
    origin: str
    measurement: str
    dimensions: int
    nav_indexes: tuple[int, ...]
    is_spread: bool
    channels: tuple[PlotChannel, ...]
    axes: tuple[PlotAxis, ...]
    grows: bool = False

    @property
    def counts_rows(self) -> bool:
        """Whether its rows are counted while they come: its arrays and axes have room for other numbers."""
        return self.grows and self.dimensions > 1


@dataclass(frozen=True, slots=True)
class Plot:
    """A group of the class NXdata.

    Attributes
    ----------
    name
        The name that it should have.
    title
        What it shows, for people.
    channels
        The names of its signal and of the auxiliary ones.
    links
        The paths of its arrays, by the names that they have in the group.
    attributes
        The attributes of the group.
    """

    name: str
    title: str
    channels: tuple[str, ...]
    links: dict[str, str]
    attributes: dict[str, RawValue]


def plot_of(signal: PlotSignal) -> Plot:
    """Return the plot of a signal.

    Examples
    --------
    >>> axes = (PlotAxis('/x', 'Stage X', 'um', (0,)), PlotAxis('/y', 'Stage Y', 'um', (1,)))
    >>> channel = PlotChannel('/power', '/sigma', 'left')
    >>> plot = plot_of(PlotSignal('power', 'Photodiode', 'Scan000', 2, (0, 1), False, (channel,), axes))
    >>> plot.name, plot.title
    ('Photodiode_power', 'Scan000: power of Photodiode')
    >>> plot.links
    {'power': '/power', 'power_errors': '/sigma', 'Stage_X': '/x', 'Stage_Y': '/y'}
    >>> plot.attributes['signal'], plot.attributes['axes'].tolist()
    ('power', ['Stage_X', 'Stage_Y'])
    """
    links: dict[str, str] = {}
    names = [_add_channel(signal, channel, links) for channel in signal.channels]
    axis_names = [_add_axis(axis, links) for axis in signal.axes]
    title = f"{signal.measurement}: {signal.name}" + (f" of {signal.origin}" if signal.origin else "")
    attributes: dict[str, RawValue] = {"NX_class": "NXdata", "signal": names[0], "title": title}
    if others := names[1:]:
        attributes["auxiliary_signals"] = np.array(others, object)
    if axes := _axes(signal, axis_names):
        attributes["axes"] = np.array(axes, object)
    for name, axis in zip(axis_names, signal.axes, strict=True):
        attributes[f"{name}_indices"] = np.array(axis.dimensions)
    if interpretation := _interpretation(signal):
        attributes["interpretation"] = interpretation
    name = valid_name(f"{signal.origin} {signal.name}", "data")
    return Plot(name, title, tuple(names), links, attributes)


def _add_channel(signal: PlotSignal, channel: PlotChannel, links: dict[str, str]) -> str:
    """Add the links of a channel under the name that is read beside its curve."""
    if len(signal.channels) == 1:
        wanted = signal.name
    elif _DEFAULT_LABEL.match(channel.label):
        wanted = f"{signal.name} {channel.label}"
    else:
        wanted = channel.label
    name = unique_name(wanted, _taken(links), "signal")
    links[name] = channel.path
    if channel.errors is not None:
        links[f"{name}_errors"] = channel.errors
    return name


def _add_axis(axis: PlotAxis, links: dict[str, str]) -> str:
    name = unique_name(axis.label, _taken(links), "axis")
    links[name] = axis.path
    return name


def _taken(links: dict[str, str]) -> frozenset[str]:
    """Return the names that are not free: those given, and those that would speak of one that was given."""
    return _RESERVED.union(links, (f"{name}_errors" for name in links), (_of_errors(name) for name in links))


def _of_errors(name: str) -> str:
    return name.removesuffix("_errors")


def _axes(signal: PlotSignal, names: Sequence[str]) -> list[str]:
    """Return the name of the axis of each dimension; of a list of points, those of both its coordinates."""
    found = [
        [name for name, axis in zip(names, signal.axes, strict=True) if axis.dimensions == (dimension,)]
        for dimension in range(signal.dimensions)
    ]
    moving = {axis.dimensions[-1] for axis in signal.axes if len(axis.dimensions) > 1}
    if signal.dimensions == 1 and signal.is_spread and len(found[0]) == 2:
        return found[0]  # a cloud of points
    return [
        _axis(
            candidates,
            is_list=signal.is_spread and dimension in signal.nav_indexes,
            moves=dimension in moving or (signal.counts_rows and dimension == 0),
        )
        for dimension, candidates in enumerate(found)
    ]


def _axis(candidates: Sequence[str], *, is_list: bool, moves: bool) -> str:
    # Where no single one says what the dimension is, it is counted: that is never wrong.
    if not candidates or moves or (is_list and len(candidates) > 1):
        return "."
    return candidates[0]


def _interpretation(signal: PlotSignal) -> str | None:
    """Return what a point holds, where readers would show something else first."""
    scanned = len(signal.nav_indexes)
    of_point = signal.dimensions - scanned
    if signal.nav_indexes != tuple(range(scanned)):
        return None
    if of_point == 1 and scanned > 1:
        return "spectrum"
    return "image" if of_point == 2 and scanned else None
