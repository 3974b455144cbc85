"""Writing the tree ``/NeXus``: an entry for each measurement, in it a plot for each signal."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator

from pymodaq_data.data import DataDim

from h5modules.backends import GROUP, NodeKind, RawValue, Where
from h5modules.data_saving._assembly import MEASURED, Assembly
from h5modules.data_saving._errors import DataWarning
from h5modules.saving import NEXUS, H5SaverLowLevel, number_of, view_of

from ._names import valid_name
from ._plot import Plot, plot_of
from ._signals import is_shown, plot_signal

_TITLE = "What was saved, for programs that plot NeXus files"
_ACTUATOR = "actuator"


def show_groups(h5saver: H5SaverLowLevel, groups: Iterable[Where]) -> None:
    """Let other programs plot the signals in some groups: see `show_signals`."""
    if h5saver.nexus:
        nodes = map(h5saver.get_node, groups)
        found = (Assembly.all_in(h5saver, node, MEASURED) for node in nodes if isinstance(node, GROUP))
        show_signals(h5saver, (assembly for assemblies in found for assembly in assemblies))


def show_signals(h5saver: H5SaverLowLevel, signals: Iterable[Assembly]) -> None:
    """Let other programs plot signals, unless the saver's `nexus` says not to.

    Call it in the block of `H5SaverLowLevel.all_or_nothing` in which the arrays of the signals are made, last
    of all. A plot that a signal has already is made anew.

    Parameters
    ----------
    h5saver
        An open saver.
    signals
        The signals; their arrays and axes are in the file.
    """
    if not h5saver.nexus or not h5saver.driver.abilities.hard_links:
        return
    if view_of(h5saver) is None and NEXUS in h5saver.root():
        message = f"{h5saver.filename!r} holds a group {NEXUS!r} of its own: nothing is shown in it."
        warnings.warn(message, DataWarning, stacklevel=2)
        return
    view = NexusView(h5saver)
    with h5saver.all_or_nothing():
        for signal in signals:
            if is_shown(signal):
                view.show(signal)
        view.choose_defaults()


class NexusView:
    """The tree ``/NeXus`` of an open file, while plots are added to it.

    Parameters
    ----------
    h5saver
        An open saver; what its raw group holds is shown.
    """

    def __init__(self, h5saver: H5SaverLowLevel) -> None:
        self._h5saver = h5saver
        self._driver = h5saver.driver
        self._defaults: dict[str, str] = {}

    def show(self, signal: Assembly) -> None:
        """Make the plot of a signal, in the entry of its measurement."""
        measurement = self._measurement(signal.group.path)
        described = plot_signal(signal, measurement.name)
        plot = plot_of(described)
        entry = self._entry(measurement)
        name = self._free_name(entry, plot, signal)
        group = self._h5saver.get_set_group(entry, name, plot.title)
        above = signal.group.path.split("/")
        is_position = any(number_of(part, _ACTUATOR.capitalize()) is not None for part in above)
        kind: dict[str, RawValue] = {"type": _ACTUATOR} if is_position else {}
        # By the driver: the names of NeXus stand for themselves, also where PyMoDAQ would wrap them.
        self._driver.write_attributes(group.path, {**plot.attributes, **kind})
        for link, path in plot.links.items():
            self._driver.link(path, f"{group.path}/{link}")
        for axis in described.axes:
            self._set_attributes(axis.path, {"long_name": axis.long_name})
        self._defaults.setdefault(entry.path, self._held_default(entry) or name)
        if not is_position and self._is_position(entry, self._defaults[entry.path]):
            self._defaults[entry.path] = name

    def choose_defaults(self) -> None:
        """Let the file open with what was added last: call it when all else is done."""
        for path, name in self._defaults.items():
            self._set_attributes(path, {"default": name})
        if self._defaults:
            last = next(reversed(self._defaults)).rpartition("/")[2]
            self._set_attributes(f"/{NEXUS}", {"default": last})
            self._set_attributes("/", {"NX_class": "NXroot", "default": NEXUS})

    def _measurement(self, path: str) -> GROUP:
        """Return the child of the raw group that a path leads into; the raw group where there is none."""
        raw = self._h5saver.raw_group
        above = raw if f"{path}/".startswith(f"{raw.path}/") else self._h5saver.root()
        name = path.removeprefix(above.path).strip("/").partition("/")[0]
        is_child = name and name not in DataDim.names()
        return GROUP(self._h5saver, f"{above.path.rstrip('/')}/{name}") if is_child else above

    def _entry(self, measurement: GROUP) -> GROUP:
        name = valid_name(measurement.name, "root")
        path = f"/{NEXUS}/{name}"
        if self._driver.kind(path) is NodeKind.GROUP:
            return GROUP(self._h5saver, path)
        view = self._h5saver.get_set_group("/", NEXUS, _TITLE, NX_class="NXentry")
        return self._h5saver.get_set_group(view, name, measurement.title, NX_class="NXsubentry")

    def _free_name(self, entry: GROUP, plot: Plot, signal: Assembly) -> str:
        """Return the name for the plot of a signal; the one that is there is deleted."""
        identity = self._driver.identity(signal.channels[0].path)
        for name in _names(plot, signal):
            path = f"{entry.path}/{name}"
            if self._driver.kind(path) is None:
                return name
            shown = self._attribute(path, "signal")
            if shown and self._driver.identity(f"{path}/{shown}") == identity:
                self._h5saver.remove_node(path)
                return name
        raise AssertionError("names are without end")

    def _held_default(self, entry: GROUP) -> str:
        name = self._attribute(entry.path, "default")
        return name if name in entry else ""

    def _is_position(self, entry: GROUP, name: str) -> bool:
        return self._attribute(f"{entry.path}/{name}", "type") == _ACTUATOR

    def _attribute(self, path: str, name: str) -> str:
        is_there = name in self._driver.attribute_names(path)
        return str(self._driver.read_attribute(path, name)) if is_there else ""

    def _set_attributes(self, path: str, wanted: dict[str, str]) -> None:
        others = {name: text for name, text in wanted.items() if self._attribute(path, name) != text}
        if others:
            self._driver.write_attributes(path, others)


def _names(plot: Plot, signal: Assembly) -> Iterator[str]:
    """Yield names for a plot, the best first."""
    yield plot.name
    longer = valid_name(f"{plot.name}_{signal.group.name}_{signal.channels[0].name}", plot.name)
    yield longer
    yield from (f"{longer}_{number}" for number in itertools.count(1))
