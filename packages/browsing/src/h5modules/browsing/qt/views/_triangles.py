"""Values between listed places: triangles of neighbours, filled in evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from h5modules.browsing._scan_view import Array

_MOST_PIXELS = 400
"""How many pixels there are along each side."""


@dataclass(frozen=True, slots=True)
class Filled:
    """An image between places.

    Attributes
    ----------
    values
        What is there, of shape ``(rows, columns)``; NaN outside of all triangles.
    left, bottom, width, height
        Where it lies.
    """

    values: Array
    left: float
    bottom: float
    width: float
    height: float


def fill_between(x: Array, y: Array, values: Array) -> Filled | None:
    """Return values between places, linear in each triangle of neighbours.

    Both axes count alike, whatever their units: who is whose neighbour is told where they have the same
    length.

    Returns
    -------
    None where the places span no triangle: there are less than three, or they lie on a line.

    Examples
    --------
    >>> corners = np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.0, 0.0, 2.0, 2.0])
    >>> filled = fill_between(*corners, np.array([0.0, 1.0, 0.0, 1.0]))
    >>> float(filled.values.mean().round(6)), filled.width, filled.height
    (0.5, 1.0, 2.0)
    >>> fill_between(np.arange(3.0), np.arange(3.0), np.ones(3)) is None
    True
    """
    from scipy.interpolate import LinearNDInterpolator
    from scipy.spatial import Delaunay, QhullError

    places = np.column_stack((x, y))
    spans = np.ptp(places, axis=0) if len(places) else np.zeros(2)
    if len(places) < 3 or not (spans > 0).all():
        return None
    scaled = (places - places.min(axis=0)) / spans
    try:
        triangles = Delaunay(scaled)
    except QhullError:  # they lie on a line
        return None
    middles = (np.arange(_MOST_PIXELS) + 0.5) / _MOST_PIXELS
    found = LinearNDInterpolator(triangles, values)(*np.meshgrid(middles, middles))
    left, bottom = map(float, places.min(axis=0))
    return Filled(found, left, bottom, *map(float, spans))
