"""The modules that a measurement was made with, as parts of an instrument of NeXus.

Only what the file tells is told: values, and the names of modules. Nothing here knows a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from h5modules.saving import number_of

from ._names import unique_name
from ._plot import Plot, PlotSignal

INSTRUMENT = "instrument"
"""The name of an instrument in its entry."""

ACTUATOR, DETECTOR = "Actuator", "Detector"
"""How the names of the groups of modules begin."""

_MEANT_OTHERWISE = frozenset({"data_errors", "data_file"})
"""Names beginning as those of further arrays, for which a detector of NeXus has a meaning."""


@dataclass(frozen=True, slots=True)
class Component:
    """What a module is in NeXus: its class, and the paths of its arrays by the names that NeXus has."""

    nx_class: str
    links: dict[str, str]


def module_of(path: str) -> str:
    """Return the path of the innermost detector or actuator that a path leads into; ``''`` where none.

    Examples
    --------
    >>> module_of('/RawData/Scan000/Detector000/Data0D/CH00'), module_of('/RawData/Scan000')
    ('/RawData/Scan000/Detector000', '')
    """
    parts = path.split("/")
    inside = [
        place
        for place, part in enumerate(parts)
        if any(number_of(part, kind) is not None for kind in (ACTUATOR, DETECTOR))
    ]
    return "/".join(parts[: inside[-1] + 1]) if inside else ""


def is_actuator(module: str) -> bool:
    """Tell whether a path is that of an actuator."""
    return number_of(module.rpartition("/")[2], ACTUATOR) is not None


def component_of(module: str, title: str, shown: Iterable[tuple[PlotSignal, Plot]]) -> Component:
    """Return what NeXus has words for of a module.

    Parameters
    ----------
    module
        The path of its group.
    title
        Its name.
    shown
        Its signals and their plots.

    Examples
    --------
    >>> from h5modules.data_saving.nexus import PlotAxis, PlotChannel, plot_of
    >>> axis, channel = PlotAxis('/x', 'Stage', 'um', (0,)), PlotChannel('/read', None, 'CH00')
    >>> signal = PlotSignal('Stage', 'Stage', 'Scan000', 1, (0,), False, (channel,), (axis,))
    >>> component_of('/RawData/Scan000/Actuator000', 'Stage', [(signal, plot_of(signal))])
    Component(nx_class='NXpositioner', links={'value': '/read', 'target_value': '/x'})
    """
    ordered = sorted(shown, key=lambda each: each[0].channels[0].path)
    if is_actuator(module):
        return Component("NXpositioner", _positions(title, [signal for signal, _ in ordered]))
    return Component("NXdetector", _detected([plot for _, plot in ordered]))


def _detected(plots: Sequence[Plot]) -> dict[str, str]:
    named = [(plot, name) for plot in plots for name in plot.channels]
    links: dict[str, str] = {}
    for plot, name in named:
        # NeXus has one word for what a detector gives: of several arrays none is *the* data.
        taken = _MEANT_OTHERWISE.union(links)
        field = "data" if len(named) == 1 else unique_name(f"data_{name}", taken, "data")
        links[field] = plot.links[name]
        if f"{name}_errors" in plot.links:
            links[f"{field}_errors"] = plot.links[f"{name}_errors"]
    return links


def _positions(title: str, signals: Sequence[PlotSignal]) -> dict[str, str]:
    links: dict[str, str] = {}
    channels = [channel for signal in signals for channel in signal.channels]
    if len(channels) == 1 and signals[0].dimensions == 1:  # NeXus wants a list of positions
        links["value"] = channels[0].path
        if channels[0].errors is not None:
            links["value_errors"] = channels[0].errors
    for signal in signals:
        for axis in signal.axes:
            is_scanned = len(axis.dimensions) == 1 and axis.dimensions[0] in signal.nav_indexes
            if is_scanned and axis.label == title:
                links.setdefault("target_value", axis.path)
    return links
