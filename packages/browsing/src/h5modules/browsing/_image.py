"""An image with its axes and its colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._labels import axis_label, plain
from ._scan_view import Array, ScanAxis, begins_at_top

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_PIXELS = 1500
"""How many rows or columns of unequal size are drawn at most."""

_SHARE_CLIPPED = 0.1
"""The percentage of pixels at either end that the greys of a frame leave out: hot ones and dead ones."""


def draw_image(
    axes: Axes,
    values: Array,
    image_axes: Sequence[ScanAxis | None],
    names: tuple[str, str],
    label: str,
    colours: str = "viridis",
) -> None:
    """Draw an image; what is not finite is hatched.

    Parameters
    ----------
    axes
        Where to draw.
    values
        The image: columns across; rows upwards, or downwards where they have no axis.
    image_axes
        The axes of rows and columns; None where there is none.
    names
        What to write where there is no axis.
    label
        What to write at the colour bar.
    colours
        The name of a colour map; of grey images, the darkest and the brightest pixels are clipped.
    """
    rows, columns = (rising(axis, length) for axis, length in zip(image_axes, values.shape, strict=True))
    image = np.ma.masked_invalid(values[rows[1]][:, columns[1]])
    axes.patch.set(facecolor="0.94", hatch="////", edgecolor="0.82")
    low, high = _limits(image, 100 - _SHARE_CLIPPED if colours == "gray" else 100)
    mesh = _draw_pixels(axes, image, rows[0], columns[0], {"cmap": colours, "vmin": low, "vmax": high})
    placed = [axis if axis is not None and _has_places(axis) else None for axis in image_axes]
    axes.set_xlabel(plain(axis_label(placed[1], names[1])))
    axes.set_ylabel(plain(axis_label(placed[0], names[0])))
    axes.locator_params(axis="y", integer=placed[0] is None)
    axes.locator_params(axis="x", integer=placed[1] is None)
    if begins_at_top(image_axes[0]):
        axes.invert_yaxis()
    _set_aspect(axes, placed, values.shape)
    if not image.count():
        mark_empty(axes)
    bar = axes.figure.colorbar(
        mesh, cax=axes.inset_axes((1.03, 0, 0.045, 1)), extend=_extend(image, low, high)
    )
    bar.set_label(plain(label))


def _draw_pixels(axes: Axes, image: Any, rows: Array, columns: Array, options: dict[str, Any]) -> Any:
    if _is_even(rows) and _is_even(columns):
        extent = (*_edges(columns), *_edges(rows))
        return axes.imshow(
            image, origin="lower", aspect="auto", interpolation="nearest", extent=extent, **options
        )
    up, across = (-(-length // _MOST_PIXELS) for length in image.shape)
    return axes.pcolormesh(columns[::across], rows[::up], image[::up, ::across], shading="nearest", **options)


def mark_place(axes: Axes, coordinates: Sequence[str]) -> None:
    """Write into a corner of an image where in the scan it lies; nothing when there is nothing to tell."""
    if coordinates:
        box: dict[str, Any] = {
            "facecolor": "black",
            "alpha": 0.55,
            "linewidth": 0,
            "boxstyle": "round,pad=0.3",
        }
        text = plain("\n".join(coordinates))
        axes.text(
            0.02,
            0.98,
            text,
            fontsize=8,
            color="white",
            bbox=box,
            transform=axes.transAxes,
            ha="left",
            va="top",
        )


def mark_empty(axes: Axes) -> None:
    """Write that there is nothing to draw."""
    axes.text(0.5, 0.5, "no finite values", color="0.35", transform=axes.transAxes, ha="center", va="center")


def rising(axis: ScanAxis | None, length: int) -> tuple[Array, Array]:
    """Return rising coordinates, and the order of the values that belongs to them.

    Where there is no axis, or not a place on it for each value, both count from 0.

    Examples
    --------
    >>> [each.tolist() for each in rising(ScanAxis('Stage', 'um', np.array([2.0, 1.5, 1.0])), 3)]
    [[1.0, 1.5, 2.0], [2, 1, 0]]
    """
    if axis is None or not _has_places(axis):
        return np.arange(length), np.arange(length)
    order = np.argsort(axis.values, kind="stable")
    return axis.values[order], order


def _has_places(axis: ScanAxis) -> bool:
    """Tell whether an axis has a place on a line for each value: none is missing, and none comes twice."""
    coordinates = np.sort(axis.values)
    return bool(np.isfinite(coordinates).all() and np.all(np.diff(coordinates) > 0))


def _is_even(coordinates: Array) -> bool:
    steps = np.diff(coordinates)
    return len(steps) == 0 or bool(np.allclose(steps, steps.mean(), rtol=1e-3, atol=0))


def _edges(coordinates: Array) -> tuple[float, float]:
    first, last = float(coordinates[0]), float(coordinates[-1])
    half = (last - first) / (len(coordinates) - 1) / 2 if len(coordinates) > 1 else 0.5
    return first - half, last + half


def _limits(image: Any, percent: float) -> tuple[float, float]:
    values = image.compressed()
    if not values.size:
        return 0.0, 1.0
    low, high = (float(value) for value in np.percentile(values, (100 - percent, percent)))
    return (low, high) if low < high else (float(values.min()), float(values.max()))


def _extend(image: Any, low: float, high: float) -> str:
    values = image.compressed()
    below, above = bool((values < low).any()), bool((values > high).any())
    return {(False, False): "neither", (True, False): "min", (False, True): "max"}.get((below, above), "both")


def _set_aspect(axes: Axes, image_axes: Sequence[ScanAxis | None], shape: tuple[int, ...]) -> None:
    """Draw pixels, and lengths of one unit, at equal scales, unless that would make a stripe."""
    up, across = image_axes
    if up is None and across is None:
        spans = [float(length) for length in shape]
    elif up is not None and across is not None and up.units and up.units == across.units:
        spans = [float(np.ptp(axis.values)) for axis in (up, across)]
    else:
        return
    if min(spans) > 0 and max(spans) < 5 * min(spans):
        axes.set_aspect("equal")
