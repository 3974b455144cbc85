"""What a view is, and which views can show a node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import entry_points
from typing import Any, ClassVar, Protocol, TypeAlias, runtime_checkable

from qtpy.QtWidgets import QWidget

from h5modules.backends import CARRAY, GROUP, H5Backend, H5ModulesError, Node
from h5modules.browsing._scan_view import ScanSignal, is_drawable, iter_signals_below, read_signal
from h5modules.data_saving import NewPoints

_MOST_NODES = 400
"""How many nodes below a group are looked at for something to draw."""

GROUP_NAME = "h5modules.views"
"""The entry-point group of view classes."""


Beside: TypeAlias = Callable[
    [Callable[[], Any], Callable[[Any], object], Callable[[BaseException], object]], object
]


def at_once(
    work: Callable[[], Any], done: Callable[[Any], object], failed: Callable[[BaseException], object]
) -> None:
    """Do a work here and now."""
    try:
        result = work()
    except H5ModulesError as error:
        failed(error)
    else:
        done(result)


@dataclass(frozen=True)
class Subject:
    """A node to be shown.

    Attributes
    ----------
    file
        The open file.
    path
        The path of the node.
    others
        Nodes that it is to be compared with; they have no others.
    beside
        Does a work that takes long, where it does not hold up the window, and calls the second with what it
        returned, or the third with its error; in the window both are called in its thread.
    """

    file: H5Backend
    path: str
    others: tuple[Subject, ...] = ()
    beside: Beside = at_once

    @property
    def node(self) -> Node:
        """The node."""
        return self.file.get_node(self.path)

    @cached_property
    def signals(self) -> tuple[tuple[ScanSignal, ...], ...]:
        """What can be drawn of it: signals, each with all its channels; those of an array begin with it.

        Of a group, what actuators told of themselves comes last.
        """
        node = self.node
        if isinstance(node, GROUP):
            found = _grouped(list(iter_signals_below(node, _MOST_NODES)))
            return tuple(sorted(found, key=lambda channels: _is_of_an_actuator(channels[0])))
        if not isinstance(node, CARRAY) or not is_drawable(node):
            return ()
        chosen = read_signal(node)
        group = node.parent_node
        beside = [] if group is None else list(iter_signals_below(group, _MOST_NODES))
        channels = [each for each in beside if _are_channels(chosen, each) and each.array.path != node.path]
        return ((chosen, *channels),)


class View(QWidget):  # type: ignore[misc] # Qt has no types
    """Shows nodes of a kind."""

    title: ClassVar[str]

    compares: ClassVar[bool] = False
    """Whether the others of a subject are shown too, so that what comes in their scans concerns the view."""

    @classmethod
    def priority(cls, subject: Subject) -> int | None:
        """Return how well the view shows a node, None where it cannot."""
        raise NotImplementedError

    def show_subject(self, subject: Subject) -> None:
        """Show a node."""
        raise NotImplementedError

    def clear(self) -> None:
        """Show nothing, and keep nothing."""


@runtime_checkable
class SupportsNewPoints(Protocol):
    """A view that can follow a scan."""

    def add_points(self, points: NewPoints) -> None:
        """Show what came."""


def views_for(
    subject: Subject, failed: Callable[[str, Exception], object] = lambda name, error: None
) -> list[type[View]]:
    """Return the classes of views that can show a node, best first.

    Parameters
    ----------
    subject
        The node.
    failed
        Called with the name and the error of a view that cannot be loaded, or asked: the others still can.

    Raises
    ------
    H5ModulesError
        When the node cannot be read.
    """
    found: list[tuple[int, type[View]]] = []
    for point in entry_points(group=GROUP_NAME):
        try:
            view = point.load()
            rank = view.priority(subject)
        except H5ModulesError:
            raise
        except Exception as error:  # noqa: BLE001 - views of others may raise anything, and ours shall go on
            failed(point.name, error)
            continue
        if rank is not None:
            found.append((rank, view))
    return [view for _, view in sorted(found, key=lambda pair: -pair[0])]


def _grouped(signals: list[ScanSignal]) -> tuple[tuple[ScanSignal, ...], ...]:
    groups: list[list[ScanSignal]] = []
    for signal in signals:
        if groups and _are_channels(groups[-1][0], signal):
            groups[-1].append(signal)
        else:
            groups.append([signal])
    return tuple(map(tuple, groups))


def _is_of_an_actuator(signal: ScanSignal) -> bool:
    group = signal.array.parent_node
    while group is not None and group.attrs.get("type") != "actuator":
        group = group.parent_node
    return group is not None


def _are_channels(one: ScanSignal, other: ScanSignal) -> bool:
    """Tell whether two are channels of one signal."""
    beside = one.array.path.rpartition("/")[0] == other.array.path.rpartition("/")[0]
    same = (one.title, one.units, one.array.shape) == (other.title, other.units, other.array.shape)
    return beside and same and bool(one.signal_axes or one.scan_shape)
