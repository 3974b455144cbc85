"""What a view is, and which views can show a node."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import ClassVar, Protocol, runtime_checkable

from qtpy.QtWidgets import QWidget

from h5modules.backends import H5Backend, Node
from h5modules.data_saving import NewPoints

GROUP_NAME = "h5modules.views"
"""The entry-point group of view classes."""


@dataclass(frozen=True)
class Subject:
    """A node to be shown.

    Attributes
    ----------
    file
        The open file.
    path
        The path of the node.
    """

    file: H5Backend
    path: str

    @property
    def node(self) -> Node:
        """The node."""
        return self.file.get_node(self.path)


class View(QWidget):  # type: ignore[misc] # Qt has no types
    """Shows nodes of a kind."""

    title: ClassVar[str]

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


def views_for(subject: Subject) -> list[type[View]]:
    """Return the classes of views that can show a node, best first."""
    known = [point.load() for point in entry_points(group=GROUP_NAME)]
    found = [(rank, each) for each in known if (rank := each.priority(subject)) is not None]
    return [each for _, each in sorted(found, key=lambda pair: -pair[0])]
