"""Paint the maps of a sample: how much light each kind of emitter gives at each place."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from ._cells import (
    Cell,
    FloatArray,
    Points,
    draw_cortex,
    draw_fibres,
    draw_mitochondria,
    draw_vesicles,
    grow_cells,
)
from ._noise import keyed_generator
from ._spectra import KINDS

SPACING = 0.125
"""Distance of the points of a map, in um."""
SIZE = 1000
"""Points along each side of a map: it reaches from -62.4 to 62.4 um."""
ORIGIN = -0.5 * (SIZE - 1) * SPACING
"""Coordinate of the first point of a map, in um."""

_FOCUS, _HALO, _HALO_SHARE = 0.17, 2.6, 0.22
"""Point spread: a sharp Gaussian and a wide one for light out of focus (um, um, share of the light)."""


@lru_cache(maxsize=4)
def paint_maps(seed: int) -> npt.NDArray[np.float32]:
    """Paint one map for each kind of emitter, in photons/s.

    Parameters
    ----------
    seed
        Equal seeds give equal maps.

    Returns
    -------
    numpy.ndarray
        Shape (kinds, SIZE, SIZE) in the order (kind, y, x), float32, read-only; the optics are in it. The
        last maps are kept, as painting takes up to a second.
    """
    rng = keyed_generator(seed, "Sample")
    cells = grow_cells(rng, -ORIGIN)
    body = _paint_bodies(cells)
    painted = {
        "nucleus": _paint_nuclei(rng, cells),
        "fibre": _paint_fibres(rng, cells) + 0.42 * body,
        "mitochondrion": _paint_mitochondria(rng, cells) + 0.13 * body,
        "vesicle": _paint_vesicles(rng, cells) + 0.02 * body,
        "background": 1.0 + 0.25 * _cloud(rng, 14.0) + 0.6 * body,
    }
    maps = np.stack([_develop(painted[kind.name], kind.rate) for kind in KINDS])
    maps.setflags(write=False)
    return maps


def _develop(raw: FloatArray, rate: float) -> npt.NDArray[np.float32]:
    """Blur with the point spread of the optics, and scale so that bright places give `rate`."""
    spread = (1 - _HALO_SHARE) * _transfer(_FOCUS) + _HALO_SHARE * _transfer(_HALO)
    level = np.clip(_filter(raw, spread), 0.0, None).astype(np.float32)
    level /= np.percentile(level[::4, ::4], 99.7)
    # Above the level of bright places dyes bleach and quench: a soft shoulder keeps single spots from ruling.
    return np.asarray(rate * level / np.sqrt(1.0 + 0.5 * level**2), dtype=np.float32)


def _filter(raw: FloatArray, transfer: FloatArray) -> FloatArray:
    return np.asarray(np.fft.irfft2(np.fft.rfft2(raw) * transfer, s=raw.shape), dtype=np.float64)


def _transfer(sigma: float) -> FloatArray:
    """Return what a Gaussian blur of `sigma` um leaves of each spatial frequency of a map."""
    rows, columns = (
        np.exp(-2.0 * (np.pi * sigma * frequency) ** 2)
        for frequency in (np.fft.fftfreq(SIZE, SPACING), np.fft.rfftfreq(SIZE, SPACING))
    )
    return np.outer(rows, columns)


def _cloud(rng: np.random.Generator, scale: float) -> FloatArray:
    """Return smooth random structure of a size of `scale` um, with a mean of 0 and a deviation of 1."""
    smooth = _filter(rng.standard_normal((SIZE, SIZE)), _transfer(scale))
    return np.asarray((smooth - smooth.mean()) / smooth.std(), dtype=np.float64)


def _brighter(points: Points, factor: float) -> Points:
    return Points(points.x, points.y, factor * points.weight)


def _deposit(parts: list[Points]) -> FloatArray:
    """Put points on the map, each shared by the four map points around it; points outside are left out."""
    column = (np.concatenate([p.x for p in parts]) - ORIGIN) / SPACING
    row = (np.concatenate([p.y for p in parts]) - ORIGIN) / SPACING
    weight = np.concatenate([p.weight for p in parts])
    kept = (column >= 0) & (column < SIZE - 1) & (row >= 0) & (row < SIZE - 1) & (weight > 0)
    column, row, weight = column[kept], row[kept], weight[kept]
    j, i = column.astype(np.intp), row.astype(np.intp)
    u, v = column - j, row - i
    flat = np.zeros(SIZE * SIZE)
    for di, dj, share in ((0, 0, (1 - v) * (1 - u)), (0, 1, (1 - v) * u), (1, 0, v * (1 - u)), (1, 1, v * u)):
        flat += np.bincount((i + di) * SIZE + j + dj, weight * share, minlength=flat.size)
    return flat.reshape(SIZE, SIZE)


def _paint_fibres(rng: np.random.Generator, cells: tuple[Cell, ...]) -> FloatArray:
    drawn = ((cell, draw(rng, cell)) for cell in cells for draw in (draw_fibres, draw_cortex))
    return _deposit([_brighter(points, cell.expression.fibres) for cell, points in drawn])


def _paint_mitochondria(rng: np.random.Generator, cells: tuple[Cell, ...]) -> FloatArray:
    return _deposit([_brighter(draw_mitochondria(rng, cell), cell.expression.mitochondria) for cell in cells])


def _paint_vesicles(rng: np.random.Generator, cells: tuple[Cell, ...]) -> FloatArray:
    return _deposit([_brighter(draw_vesicles(rng, cell), cell.expression.vesicles) for cell in cells])


def _window(cell: Cell, reach: float) -> tuple[slice, slice, FloatArray, FloatArray]:
    """Return the rows and columns of the map within `reach` um of a cell, and their places in the cell."""
    lows = [max(0, int((center - reach - ORIGIN) / SPACING)) for center in (cell.y, cell.x)]
    highs = [min(SIZE, int((center + reach - ORIGIN) / SPACING) + 1) for center in (cell.y, cell.x)]
    y, x = (
        ORIGIN + SPACING * np.arange(low, high, dtype=np.float64)
        for low, high in zip(lows, highs, strict=True)
    )
    along, across = cell.to_local(x[None, :], y[:, None])
    return slice(lows[0], highs[0]), slice(lows[1], highs[1]), along, across


def _paint_bodies(cells: tuple[Cell, ...]) -> FloatArray:
    """Paint the thickness of the cells: a dome over the nucleus, thin towards the outline."""
    bodies = np.zeros((SIZE, SIZE))
    for cell in cells:
        rows, columns, along, across = _window(cell, cell.reach)
        depth = cell.depth(along, across)
        edge = np.clip((1.0 - depth) / 0.06, 0.0, 1.0)
        thickness = edge * (0.35 + 0.65 * np.exp(-2.2 * depth**2)) * cell.expression.fibres
        # Cells of a culture touch but do not lie upon each other.
        np.maximum(bodies[rows, columns], thickness, out=bodies[rows, columns])
    return bodies


def _paint_nuclei(rng: np.random.Generator, cells: tuple[Cell, ...]) -> FloatArray:
    """Paint nuclei: mottled by their chromatin, with a rim and a few dark nucleoli."""
    nuclei = np.zeros((SIZE, SIZE))
    mottle = 1.0 + 0.24 * _cloud(rng, 0.20) + 0.12 * _cloud(rng, 0.7)
    for cell in cells:
        rows, columns, along, across = _window(cell, 1.1 * cell.nucleus[0])
        depth = np.hypot(along / cell.nucleus[0], across / cell.nucleus[1])
        inside = np.clip((1.0 - depth) / 0.10, 0.0, 1.0) * (0.75 + 0.35 * depth**4)
        for turn, out, size in rng.uniform((0.0, 0.1, 0.4), (6.3, 0.6, 0.8), (3, 3)):
            a, b = cell.nucleus[0] * out * np.cos(turn), cell.nucleus[1] * out * np.sin(turn)
            nearness = ((along - a) ** 2 + (across - b) ** 2) / size**2
            inside *= 1.0 - 0.7 * np.exp(-(nearness**2))
        nuclei[rows, columns] += inside * cell.expression.nucleus
    return nuclei * np.clip(mottle, 0.2, None)
