"""An image with its axes and its colour bar."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._labels import axis_label
from ._scan_view import Array, ScanAxis

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
        The image: rows upwards, columns across.
    image_axes
        The axes of rows and columns; None where there is none.
    names
        What to write where there is no axis.
    label
        What to write at the colour bar.
    colours
        The name of a colour map; of grey images, the darkest and the brightest pixels are clipped.
    """
    rows, columns = (_sorted(axis, length) for axis, length in zip(image_axes, values.shape, strict=True))
    image = np.ma.masked_invalid(values[rows[1]][:, columns[1]])
    axes.patch.set(facecolor="0.94", hatch="////", edgecolor="0.82")
    low, high = _limits(image, 100 - _SHARE_CLIPPED if colours == "gray" else 100)
    options: dict[str, Any] = {"cmap": colours, "vmin": low, "vmax": high}
    mesh: Any
    if _is_even(rows[0]) and _is_even(columns[0]):
        extent = (*_edges(columns[0]), *_edges(rows[0]))
        options.update(origin="lower", aspect="auto", interpolation="nearest", extent=extent)
        mesh = axes.imshow(image, **options)
    else:
        up, across = (-(-length // _MOST_PIXELS) for length in image.shape)
        mesh = axes.pcolormesh(
            columns[0][::across], rows[0][::up], image[::up, ::across], shading="nearest", **options
        )
    axes.set_xlabel(axis_label(image_axes[1], names[1]))
    axes.set_ylabel(axis_label(image_axes[0], names[0]))
    axes.locator_params(axis="y", integer=image_axes[0] is None)
    axes.locator_params(axis="x", integer=image_axes[1] is None)
    _set_aspect(axes, image_axes, values.shape)
    if not image.count():
        mark_empty(axes)
    bar = axes.figure.colorbar(
        mesh, cax=axes.inset_axes((1.03, 0, 0.045, 1)), extend=_extend(image, low, high)
    )
    bar.set_label(label)


def mark_place(axes: Axes, coordinates: Sequence[str]) -> None:
    """Write into a corner of an image where in the scan it lies; nothing when there is nothing to tell."""
    if coordinates:
        box: dict[str, Any] = {
            "facecolor": "black",
            "alpha": 0.55,
            "linewidth": 0,
            "boxstyle": "round,pad=0.3",
        }
        text = "\n".join(coordinates)
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


def _sorted(axis: ScanAxis | None, length: int) -> tuple[Array, Array]:
    """Return rising coordinates, and the order of the values that belongs to them."""
    places = np.arange(length)
    if axis is None:
        return places, places
    order = np.argsort(axis.values, kind="stable")
    rising = axis.values[order]
    if not np.isfinite(rising).all() or np.any(np.diff(rising) <= 0):  # no place on a line for each
        return places, places
    return rising, order


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
        axes.invert_yaxis()  # the first row of an image is its top
    elif up is not None and across is not None and up.units and up.units == across.units:
        spans = [float(np.ptp(axis.values)) for axis in (up, across)]
    else:
        return
    if min(spans) > 0 and max(spans) < 5 * min(spans):
        axes.set_aspect("equal")
