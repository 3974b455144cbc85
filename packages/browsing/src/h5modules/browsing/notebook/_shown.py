"""What a notebook shows of each kind of object."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from functools import singledispatch
from itertools import islice
from pathlib import Path

from pymodaq_data.data import Axis, DataToExport, DataWithAxes

from h5modules.backends import CARRAY, GROUP, H5Backend, H5ModulesError, Node
from h5modules.browsing._errors import LibraryMissingError, NothingToShowError
from h5modules.browsing._picture import draw_scan, drawing_style
from h5modules.browsing._scan_choice import find_scan
from h5modules.browsing._scan_view import ScanSignal, iter_signals_below
from h5modules.browsing._states import state_word
from h5modules.browsing._tree import Branches, TreeEntry, describe_node, iter_tree, size_text
from h5modules.data_saving import DataLoader, DataToExportSaver, LazyData, NewPoints
from h5modules.saving import H5SaverLowLevel

from ._html import framed, listing, note, picture, table

_MOST_LINES = 24
"""How many lines of a tree are shown."""

_MOST_PANELS = 3

_MOST_NODES = 400
"""How many nodes are looked at to find something to plot."""

_MOST_BYTES = 64 * 2**20
"""How large an array is plotted without being asked: a plot of more takes longer than somebody waits."""


def as_html(shown: object) -> str:
    """Return an object as a short piece of HTML, with a small plot: what a notebook shows of it.

    Parameters
    ----------
    shown
        A node, a file, a loader, what it gives without reading it (`LazyData`), what `follow` yields, or
        PyMoDAQ's `DataWithAxes` and `DataToExport`. Of anything else, its ``repr`` is shown.

    Examples
    --------
    >>> from h5modules.saving import H5SaverLowLevel
    >>> with H5SaverLowLevel.from_file(tmp_path / 'scan.h5') as saver:
    ...     group = saver.add_scan_group(title='<Power>')
    ...     '&lt;Power&gt;' in as_html(group)
    True
    """
    try:
        return _html(shown)
    except H5ModulesError as error:  # a file that was closed, or broken: a notebook goes on
        return framed(type(shown).__name__, "cannot be shown", note(str(error)))


@singledispatch
def _html(shown: object) -> str:
    return framed(type(shown).__name__, "", note(repr(shown)))


@_html.register
def _(shown: H5Backend) -> str:
    if not shown.isopen():
        return framed(type(shown).__name__, "no file is open")
    parts = [_tree(shown, "/", depth=2)]
    try:
        signals = list(iter_signals_below(find_scan(_as_saver(shown)), _MOST_NODES))
    except NothingToShowError:
        signals = list(iter_signals_below(shown.root(), _MOST_NODES))
    return framed(Path(str(shown.filename)).name, shown.backend, *parts, plot(signals))


def _as_saver(file: H5Backend) -> H5SaverLowLevel:
    """Return a file as one with PyMoDAQ's groups; one that is none has no scan to be found."""
    if isinstance(file, H5SaverLowLevel):
        return file
    raise NothingToShowError("it is no file of PyMoDAQ's layout.")


@_html.register
def _(shown: Node) -> str:
    told = describe_node(shown)
    return framed(shown.path, told.kind, table({"title": told.title, "": told.remark}))


@_html.register
def _(shown: GROUP) -> str:
    told = describe_node(shown)
    facts = {"title": told.title, "type": shown.attrs.get("type", ""), "acquired": told.state}
    signals = list(iter_signals_below(shown, _MOST_NODES))
    return framed(
        shown.path, _place(shown), table(facts), _tree(shown.to_h5_backend(), shown.path), plot(signals)
    )


@_html.register
def _(shown: CARRAY) -> str:
    told = describe_node(shown)
    facts = {
        "title": told.title,
        "shape": _shape(told.shape),
        "type": told.dtype,
        "unit": told.units,
        "size": size_text(told.nbytes),
    }
    signals = [each for each in iter_signals_below(shown) if each.is_more_than_a_value]
    return framed(shown.path, _place(shown), table(facts), plot(signals))


@_html.register
def _(shown: DataLoader) -> str:
    return _html(shown.h5saver)


@_html.register
def _(shown: NewPoints) -> str:
    total = "" if shown.total is None else f" of {shown.total}"
    state = state_word(shown.state, shown.acquired, shown.total)
    facts = {"points": f"{shown.acquired}{total}", "new": len(shown.indexes), "state": state}
    file = shown.loader.h5saver  # it is open as long as the scan is followed
    picture = plot_of_group(file, shown.where) if file.isopen() else ""
    return framed(shown.where, "followed", table(facts), picture)


@_html.register
def _(shown: LazyData) -> str:
    described = shown.description
    size = math.prod(shown.shape) * sum(dtype.itemsize for dtype in shown.dtypes)
    facts = _facts(described.origin, shown.labels, shown.units, shown.shape, shown.axes)
    facts["size"] = f"{size_text(size)}, not read yet"
    drawn = _plot_of_data([shown.load()]) if size <= _MOST_BYTES else note("Too large to be plotted unasked.")
    return framed(shown.name, shown.path, table(facts), drawn)


@_html.register
def _(shown: DataWithAxes) -> str:
    facts = _facts(shown.origin, shown.labels, shown.units, shown.shape, shown.axes)
    size = sum(values.nbytes for values in shown.data)
    drawn = _plot_of_data([shown]) if size <= _MOST_BYTES else note("Too large to be plotted unasked.")
    return framed(shown.name, type(shown).__name__, table(facts), drawn)


@_html.register
def _(shown: DataToExport) -> str:
    lines = [(data.name, _told(data)) for data in islice(shown.data, _MOST_LINES)]
    left = len(shown.data) - len(lines)
    small = [data for data in shown.data if sum(values.nbytes for values in data.data) <= _MOST_BYTES]
    more = note(f"and {left} more") if left else ""
    return framed(shown.name, type(shown).__name__, listing(lines), more, _plot_of_data(small[:_MOST_PANELS]))


def _told(data: DataWithAxes) -> str:
    return "  ".join(part for part in (data.origin, _shape(data.shape), data.units) if part)


def _facts(
    origin: str, labels: Sequence[str], units: str, shape: tuple[int, ...], axes: Iterable[Axis]
) -> dict[str, object]:
    told = [f"{axis.label or 'axis'} ({axis.units or 1}): {axis.size}" for axis in axes]
    return {
        "from": origin,
        "channels": ", ".join(labels),
        "unit": units,
        "shape": _shape(shape),
        "axes": ", ".join(told),
    }


def _shape(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "one value"


def _place(node: Node) -> str:
    file = node.to_h5_backend()
    return f"in {Path(str(file.filename)).name}"


def _tree(file: H5Backend, where: str, depth: int = 1) -> str:
    branches = Branches()
    found = iter_tree(file, where, depth)
    entries = list(islice(found, 1, _MOST_LINES + 2))
    lines = [(branches.before(entry) + entry.name, _rest(entry)) for entry in entries[:_MOST_LINES]]
    return listing(lines) + (note("and more") if len(entries) > _MOST_LINES else "")


def _rest(entry: TreeEntry) -> str:
    shape = _shape(entry.shape) if entry.dtype else ""
    parts = (entry.title, shape, entry.dtype, entry.units, entry.state, entry.remark)
    return "  ".join(part for part in parts if part)


def plot_of_group(file: H5Backend, where: str) -> str:
    """Return a plot of what lies in a group as HTML, or why there is none."""
    return plot(list(iter_signals_below(file.get_node(where), _MOST_NODES)))


def plot(signals: Sequence[ScanSignal]) -> str:
    """Return a plot of the first signals that can be drawn as HTML; empty where there is nothing to draw.

    Where matplotlib is not installed, or an array is too large, it says so.
    """
    drawn = [signal for signal in _worth_it(signals) if _size(signal) <= _MOST_BYTES][:_MOST_PANELS]
    if not drawn:
        return note("Too large to be plotted unasked.") if list(_worth_it(signals)) else ""
    try:
        with drawing_style():
            return picture(draw_scan(drawn), f"plot of {drawn[0].title}")
    except NothingToShowError:
        return ""
    except LibraryMissingError as error:
        return note(str(error))


def _worth_it(signals: Iterable[ScanSignal]) -> Iterator[ScanSignal]:
    """Yield what is to be plotted: detectors, or, where there are none, positions."""
    kept = [signal for signal in signals if signal.is_more_than_a_value]
    detectors = [
        signal for signal in kept if not any(_is_side(part) for part in signal.array.path.split("/"))
    ]
    yield from detectors or kept


def _is_side(part: str) -> bool:
    return part == "Timestamps" or part.startswith("Actuator")


def _size(signal: ScanSignal) -> int:
    return math.prod(signal.array.shape) * signal.array.dtype.itemsize


def _plot_of_data(signals: Sequence[DataWithAxes]) -> str:
    """Return a plot of PyMoDAQ's data: as of a file, which is in memory."""
    with H5SaverLowLevel.from_file("shown.h5", backend="memory", new_file=True, nexus=False) as saver:
        DataToExportSaver(saver).add_data("/RawData", DataToExport("shown", data=list(signals)))
        return plot(list(iter_signals_below(saver.raw_group)))
