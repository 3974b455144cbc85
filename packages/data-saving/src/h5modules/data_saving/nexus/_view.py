"""Writing the tree ``/NeXus``: an entry for each measurement, in it a plot for each signal."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from pymodaq_data.data import DataDim

from h5modules.backends import GROUP, Driver, H5Backend, NodeKind, RawValue, Where
from h5modules.data_saving._assembly import MEASURED, Assembly
from h5modules.data_saving._errors import DataWarning
from h5modules.saving import (
    NEXUS,
    H5SaverLowLevel,
    arrays_at,
    drop_second_names,
    show_again_with,
    valid_name,
    view_of,
)

from ._axes import SavedAxis, saved_nav_axes
from ._instrument import INSTRUMENT, component_of, is_actuator, module_of
from ._plot import Plot, PlotSignal, plot_of
from ._signals import MadeSignal, is_shown, read_signal

_TITLE = "What was saved, for programs that plot NeXus files"
_INSTRUMENT_TITLE = "What it was measured with"
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
    if _is_wanted(h5saver):
        view = NexusView(h5saver)
        with h5saver.all_or_nothing():
            for signal in signals:
                view.show_read(signal)
            view.finish()


def show_made(h5saver: H5SaverLowLevel, where: Where, signals: Iterable[MadeSignal]) -> None:
    """Let other programs plot signals that were just made: as `show_signals`, and does not ask for them.

    Parameters
    ----------
    h5saver
        An open saver.
    where
        The group of the module that the signals belong to, or of the one signal.
    signals
        What was made.
    """
    if _is_wanted(h5saver):
        view = NexusView(h5saver)
        group = h5saver.get_node(where)
        nav_axes = saved_nav_axes(group) if isinstance(group, GROUP) else []
        with h5saver.all_or_nothing():
            for signal in signals:
                view.show_made(signal, nav_axes)
            view.finish()


def _show_again(file: H5Backend, paths: Sequence[str]) -> None:
    """Make the plots of what was moved or copied."""
    if isinstance(file, H5SaverLowLevel):
        view = NexusView(file)
        groups = {group.path: group for path in paths for group in view.groups_around(path)}
        show_signals(
            file, [signal for group in groups.values() for signal in Assembly.all_in(file, group, MEASURED)]
        )


show_again_with(_show_again)


_own_entries: WeakKeyDictionary[Driver, set[str]] = WeakKeyDictionary()
"""The entries of each open file that were made since it was opened, or found to be of what is there."""


def _is_wanted(h5saver: H5SaverLowLevel) -> bool:
    if not h5saver.nexus or not h5saver.driver.abilities.hard_links:
        return False
    if view_of(h5saver) is None and NEXUS in h5saver.root():
        message = f"{h5saver.filename!r} holds a group {NEXUS!r} of its own: nothing is shown in it."
        warnings.warn(message, DataWarning, stacklevel=3)
        return False
    return True


@dataclass(slots=True)
class _Entry:
    """An entry while plots are added to it: its path, what it shows first, and whether that is a position."""

    path: str
    default: str
    shows_position: bool


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
        self._raw_path = h5saver.raw_group.path
        self._entries: dict[str, _Entry] = {}
        self._own_entries = _own_entries.setdefault(h5saver.driver, set())
        self._named_axes: set[str] = set()
        self._modules: dict[tuple[str, str], list[tuple[PlotSignal, Plot]]] = {}

    def show_read(self, signal: Assembly) -> None:
        """Make the plot of a signal, as the file tells of it."""
        if is_shown(signal.group.path):
            self._show(signal.group.path, self._read(signal))

    def show_made(self, signal: MadeSignal, nav_axes: Sequence[SavedAxis]) -> None:
        """Make the plot of a signal that was just made."""
        if is_shown(signal.group):
            self._show(signal.group, signal.to_plot(self._measurement(signal.group).name, nav_axes))

    def _read(self, signal: Assembly) -> PlotSignal:
        nav_axes = saved_nav_axes(signal.group) if signal.nav_indexes else []
        return read_signal(signal, self._measurement(signal.group.path).name, nav_axes)

    def _show(self, path: str, signal: PlotSignal) -> None:
        """Make the plot of a signal in the group `path`, in the entry of its measurement."""
        plot = plot_of(signal)
        entry = self._entry(self._measurement(path))
        name = self._free_name(entry.path, plot, path, signal.channels[0].path)
        group = self._h5saver.get_set_group(entry.path, name, plot.title).path
        module = module_of(path)
        is_position = is_actuator(module)
        kind: dict[str, RawValue] = {"type": _ACTUATOR} if is_position else {}
        # By the driver: the names of NeXus stand for themselves, also where PyMoDAQ would wrap them.
        self._driver.write_attributes(group, {**plot.attributes, **kind})
        for link, target in plot.links.items():
            self._driver.link(target, f"{group}/{link}")
        for axis in signal.axes:
            if axis.path not in self._named_axes:
                self._set_attributes(axis.path, {"long_name": axis.long_name})
                self._named_axes.add(axis.path)
        if signal.counts_rows:
            self._h5saver.name_axes_at_close()
        if not entry.default or (entry.shows_position and not is_position):
            entry.default, entry.shows_position = name, is_position
        if module:
            self._modules.setdefault((entry.path, module), []).append((signal, plot))

    def finish(self) -> None:
        """Name the modules, and let the file open with what was added last: call it when all else is done."""
        for (entry_path, module), shown in self._modules.items():
            self._name_module(entry_path, GROUP(self._h5saver, module), shown)
        for entry in self._entries.values():
            self._set_attributes(entry.path, {"default": entry.default})
        if self._entries:
            last = next(reversed(self._entries)).rpartition("/")[2]
            self._set_attributes(f"/{NEXUS}", {"default": last})
            self._set_attributes("/", {"NX_class": "NXroot", "default": NEXUS})

    def _name_module(self, entry: str, module: GROUP, shown: list[tuple[PlotSignal, Plot]]) -> None:
        """Make the part of the instrument that a module is; one that is there already is made anew."""
        title = module.title or module.name
        instrument = f"{entry}/{INSTRUMENT}"
        name, was_there = self._free_part(instrument, title, module)
        part = component_of(module.path, title, self._signals_of(module) if was_there else shown)
        if part.links:
            self._h5saver.get_set_group(entry, INSTRUMENT, _INSTRUMENT_TITLE, NX_class="NXinstrument")
            group = self._h5saver.get_set_group(instrument, name, title, NX_class=part.nx_class).path
            for link, target in part.links.items():
                self._driver.link(target, f"{group}/{link}")

    def _free_part(self, instrument: str, title: str, module: GROUP) -> tuple[str, bool]:
        """Return the name for the part that a module is; tell whether it was there, and delete it then."""
        base = valid_name(title, module.name)
        for name in _counted(base, f"{base}_{module.name}"):
            path = f"{instrument}/{name}"
            if self._driver.kind(path) is None:
                return name, False
            if not arrays_at(self._h5saver, path).isdisjoint(arrays_at(self._h5saver, module.path)):
                self._h5saver.remove_node(path)
                return name, True
        raise AssertionError("names are without end")

    def _signals_of(self, module: GROUP) -> list[tuple[PlotSignal, Plot]]:
        """Return all signals of a module, as the file tells of them."""
        groups = self._h5saver.walk_groups(module)
        found = [Assembly.all_in(self._h5saver, group, MEASURED) for group in groups]
        signals = [self._read(signal) for assemblies in found for signal in assemblies]
        return [(signal, plot_of(signal)) for signal in signals]

    def _measurement(self, path: str) -> GROUP:
        """Return the child of the raw group that a path leads into; the raw group where there is none."""
        above = self._raw_path if f"{path}/".startswith(f"{self._raw_path}/") else "/"
        name = path.removeprefix(above).strip("/").partition("/")[0]
        is_child = name and name not in DataDim.names()
        return GROUP(self._h5saver, f"{above.rstrip('/')}/{name}" if is_child else above)

    def groups_around(self, path: str) -> Iterator[GROUP]:
        """Yield the groups of the measurement that a path leads into, which share axes; there may be none."""
        measurement = self._measurement(path).path
        above = path if measurement in (self._raw_path, "/") else measurement
        if self._driver.kind(above) is NodeKind.GROUP:
            yield from self._h5saver.walk_groups(above)

    def _entry(self, measurement: GROUP) -> _Entry:
        name = valid_name(measurement.name, "root")
        path = f"/{NEXUS}/{name}"
        if path not in self._entries:
            if self._driver.kind(path) is not NodeKind.GROUP:
                view = self._h5saver.get_set_group("/", NEXUS, _TITLE, NX_class="NXentry")
                self._h5saver.get_set_group(view, name, measurement.title, NX_class="NXsubentry")
                self._entries[path] = _Entry(path, "", shows_position=False)
            else:
                if path not in self._own_entries:
                    self._drop_what_is_of_others(GROUP(self._h5saver, path), measurement)
                if self._driver.kind(path) is None:
                    return self._entry(measurement)
                default = self._held_default(path)
                is_position = bool(default) and self._attribute(f"{path}/{default}", "type") == _ACTUATOR
                self._entries[path] = _Entry(path, default, is_position)
            self._own_entries.add(path)
        return self._entries[path]

    def _drop_what_is_of_others(self, entry: GROUP, measurement: GROUP) -> None:
        """Delete the plots of what was deleted or moved without us: another one has its name now."""
        others = arrays_at(self._h5saver, entry.path) - arrays_at(self._h5saver, measurement.path)
        if others:
            drop_second_names(self._h5saver, others, entry)
            if self._driver.kind(entry.path) is not None:
                self._set_attributes(entry.path, {"TITLE": measurement.title})

    def _free_name(self, entry: str, plot: Plot, group: str, channel: str) -> str:
        """Return the name for the plot of a signal; the one that is there is deleted."""
        for name in _names(plot, group, channel):
            path = f"{entry}/{name}"
            if self._driver.kind(path) is None:
                return name
            shown = self._attribute(path, "signal")
            identity = self._driver.identity(channel)
            if shown and self._driver.identity(f"{path}/{shown}") == identity:
                self._h5saver.remove_node(path)
                return name
        raise AssertionError("names are without end")

    def _held_default(self, entry: str) -> str:
        name = self._attribute(entry, "default")
        return name if name and self._driver.kind(f"{entry}/{name}") is not None else ""

    def _attribute(self, path: str, name: str) -> str:
        is_there = name in self._driver.attribute_names(path)
        return str(self._driver.read_attribute(path, name)) if is_there else ""

    def _set_attributes(self, path: str, wanted: dict[str, str]) -> None:
        others = {name: text for name, text in wanted.items() if self._attribute(path, name) != text}
        if others:
            self._driver.write_attributes(path, others)


def _names(plot: Plot, group: str, channel: str) -> Iterator[str]:
    """Return names for a plot, the best first."""
    parts = (plot.name, group.rpartition("/")[2], channel.rpartition("/")[2])
    names = _counted(plot.name, valid_name("_".join(parts), plot.name))
    return (name for name in names if name != INSTRUMENT)


def _counted(name: str, longer: str) -> Iterator[str]:
    yield name
    yield longer
    yield from (f"{longer}_{number}" for number in itertools.count(1))
