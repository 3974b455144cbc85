"""A picture of a scan: a map, a mean spectrum, a frame."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from h5modules.backends import BackendMissingError, Where
from h5modules.saving import H5SaverLowLevel

from ._errors import NothingToShowError
from ._scan_view import ScanSignal, iter_signals, last_scan

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from pymodaq_data.data import Axis

_STYLE = {
    "font.size": 10,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.dpi": 110,
    "savefig.dpi": 110,
}
_COLOUR = "#3b528b"


def plot_scan(path: Path | str, scan: Where | None = None, picture: Path | str | None = None) -> Path:
    """Draw a scan and save the picture.

    A signal of one value a point becomes a map (or a curve), a spectrum its mean with the range of most points, an
    image the frame at the brightest point of the map.

    Parameters
    ----------
    path
        The file.
    scan
        The scan in it; the last one when None.
    picture
        Where to save it; the file's path with ``.png`` when None.

    Returns
    -------
    Where it was saved.

    Raises
    ------
    NothingToShowError
        When the file has no such scan, or the scan no data.
    BackendMissingError
        When matplotlib is not installed.
    """
    target = Path(path).with_suffix(".png") if picture is None else Path(picture)
    with H5SaverLowLevel.from_file(path, mode="r") as saver:
        group = last_scan(saver) if scan is None else saver.get_node(scan)
        figure = draw_scan(
            list(iter_signals(saver, group)), f"{Path(path).name}  {group.path}  {group.title}"
        )
    figure.savefig(target)
    return target


def draw_scan(signals: Sequence[ScanSignal], title: str = "") -> Figure:
    """Return a figure with a panel for each signal that can be drawn.

    Raises
    ------
    NothingToShowError
        When none can.
    BackendMissingError
        When matplotlib is not installed.
    """
    shown = [signal for signal in signals if _can_draw(signal)]
    if not shown:
        raise NothingToShowError("the scan holds no data that can be drawn.")
    matplotlib, figure_class = _matplotlib()
    with matplotlib.rc_context(_STYLE):
        figure: Figure = figure_class(figsize=(4.6 * len(shown), 4.2), layout="constrained")
        brightest = _brightest(shown)
        for axes, signal in zip(np.atleast_1d(figure.subplots(1, len(shown))), shown, strict=True):
            _draw(axes, signal, brightest)
        figure.suptitle(title, fontsize=9, color="0.4", x=0.01, ha="left")
    return figure


def _matplotlib() -> tuple[Any, Any]:
    try:
        import matplotlib
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BackendMissingError(
            'pictures need matplotlib. Try: pip install "h5modules-browsing[plot]"'
        ) from error
    return matplotlib, Figure


def _can_draw(signal: ScanSignal) -> bool:
    return len(signal.nav_axes) in (1, 2) and signal.signal_dimensions <= 2 and bool(signal.acquired.any())


def _brightest(signals: Sequence[ScanSignal]) -> tuple[int, ...]:
    """Return the index of the point to show a frame of: where the first map is brightest, else the middle."""
    for signal in signals:
        if signal.signal_dimensions == 0:
            values = signal.map()
            return tuple(int(number) for number in np.unravel_index(np.nanargmax(values), values.shape))
    acquired = np.argwhere(signals[0].acquired)
    return tuple(int(number) for number in acquired[len(acquired) // 2])


def _draw(axes: Axes, signal: ScanSignal, brightest: tuple[int, ...]) -> None:
    axes.set_title(
        f"{signal.title}" if signal.label in ("", signal.title) else f"{signal.title}: {signal.label}"
    )
    if signal.signal_dimensions == 1:
        _draw_mean(axes, signal)
    elif signal.signal_dimensions == 2:
        place = ", ".join(
            _coordinate(axis, number) for axis, number in zip(signal.nav_axes, brightest, strict=True)
        )
        _draw_image(axes, signal.frame(brightest), signal.signal_axes, signal.units, "gray")
        axes.set_title(f"{signal.title} at {place}")
    elif len(signal.nav_axes) == 2:
        # The first scan axis is drawn across: x is what a scan's first actuator usually is.
        _draw_image(axes, signal.map().T, signal.nav_axes[::-1], signal.units, "viridis")
    else:
        axes.plot(_values(signal.nav_axes[0], signal.array.shape[0]), signal.map(), color=_COLOUR)
        axes.set_xlabel(_label(signal.nav_axes[0]))
        axes.set_ylabel(signal.units)


def _draw_mean(axes: Axes, signal: ScanSignal) -> None:
    mean = signal.mean()
    low, high = signal.percentiles(10, 90)
    x = _values(signal.signal_axes[0], len(mean))
    axes.fill_between(x, low, high, color=_COLOUR, alpha=0.25, linewidth=0, label="10 to 90 % of the points")
    axes.plot(x, mean, color=_COLOUR, linewidth=1.2, label="mean of the scan")
    axes.set_xlim(x[0], x[-1])
    axes.set_xlabel(_label(signal.signal_axes[0]))
    axes.set_ylabel(signal.units)
    axes.legend(frameon=False, fontsize=8)


def _draw_image(axes: Axes, values: Any, image_axes: Sequence[Axis | None], units: str, colours: str) -> None:
    rows, columns = (_values(axis, length) for axis, length in zip(image_axes, values.shape, strict=True))
    mesh = axes.pcolormesh(columns, rows, values, shading="nearest", cmap=colours, rasterized=True)
    axes.set_xlabel(_label(image_axes[1]))
    axes.set_ylabel(_label(image_axes[0]))
    if image_axes[0] is not None and image_axes[1] is not None and image_axes[0].units == image_axes[1].units:
        axes.set_aspect("equal")
    axes.figure.colorbar(mesh, ax=axes, label=units, shrink=0.85)


def _values(axis: Axis | None, length: int) -> Any:
    return np.arange(length) if axis is None else axis.get_data()


def _label(axis: Axis | None) -> str:
    if axis is None:
        return ""
    return f"{axis.label} ({axis.units})" if axis.units else axis.label


def _coordinate(axis: Axis | None, number: int) -> str:
    return str(number) if axis is None else f"{axis.get_data()[number]:g} {axis.units}".strip()
