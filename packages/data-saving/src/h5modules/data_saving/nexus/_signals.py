"""What is to be plotted of a signal: as a file tells it, or as it was just made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from h5modules.data_saving._acquired import TIMESTAMPS
from h5modules.data_saving._assembly import Assembly
from h5modules.data_saving._description import SPREAD, SignalDescription

from ._axes import SavedAxis, axes_on, saved_axes
from ._plot import PlotChannel, PlotSignal


@dataclass(frozen=True, slots=True)
class MadeSignal:
    """A signal whose arrays were just made: the file need not be asked for what was written a moment ago.

    Attributes
    ----------
    group
        The path of its group.
    description
        What was written, navigation dimensions counted.
    channels, errors
        The paths of its arrays.
    axes
        Its own axes.
    shape
        The shape of an array.
    grows
        Whether the arrays grow with the rows of a log.
    """

    group: str
    description: SignalDescription
    channels: tuple[str, ...]
    errors: tuple[str, ...]
    axes: tuple[SavedAxis, ...]
    shape: tuple[int, ...]
    grows: bool

    def to_plot(self, measurement: str, nav_axes: Sequence[SavedAxis]) -> PlotSignal:
        """Return what is to be plotted of it: see `read_signal`."""
        told, errors = self.description, self.errors or (None,) * len(self.channels)
        return PlotSignal(
            name=told.name or self.channels[0].rpartition("/")[2],
            origin=told.origin,
            measurement=measurement,
            dimensions=len(self.shape),
            nav_indexes=told.nav_indexes,
            is_spread=told.distribution == SPREAD,
            channels=tuple(map(PlotChannel, self.channels, errors, told.labels)),
            axes=axes_on(self.axes, self.shape, grows=self.grows)
            + axes_on(nav_axes, self.shape, grows=self.grows),
            grows=self.grows,
        )


def is_shown(path: str) -> bool:
    """Tell whether the signal in a group gets a plot: the times of a scan's points do not."""
    return TIMESTAMPS[0] not in path.split("/")


def read_signal(assembly: Assembly, measurement: str, nav_axes: Sequence[SavedAxis]) -> PlotSignal:
    """Return what is to be plotted of a signal, as its file tells it.

    Parameters
    ----------
    assembly
        The signal.
    measurement
        What it was measured in.
    nav_axes
        The axes of the scan or the log that it belongs to, see `saved_nav_axes`; they may be those of other
        signals too.
    """
    first, navigation = assembly.channels[0], assembly.nav_indexes
    attrs, info = first.attrs, first.info
    errors: list[str | None] = [node.path for node in assembly.error_nodes()]
    errors = errors or [None] * len(assembly.channels)
    shape, grows = info.shape, info.enlargeable
    return PlotSignal(
        name=first.title or first.name,
        origin=str(attrs.get("origin", "")),
        measurement=measurement,
        dimensions=len(shape),
        nav_indexes=navigation,
        is_spread=attrs.get("distribution") == SPREAD,
        channels=tuple(
            PlotChannel(node.path, error, str(node.attrs.get("label", "")))
            for node, error in zip(assembly.channels, errors, strict=True)
        ),
        axes=axes_on(saved_axes(assembly.group), shape, grows=grows)
        + axes_on(nav_axes if navigation else (), shape, grows=grows),
        grows=grows,
    )
