"""The sample on the stage: cells with four dyes on a faintly glowing background."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ._painting import ORIGIN, SIZE, SPACING, paint_maps
from ._settings import check_seed
from ._spectra import KINDS, emission

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sample:
    """A stained cell culture, the same for the same seed.

    Nuclei, actin fibres, mitochondria and vesicles carry a dye each, with an emission spectrum of its own,
    on a smooth background: the spectrum depends on the place. Rates are photons per second collected from
    one spot of the size of the optical resolution; the blur of the optics is in them.

    Places are in um, x along the columns and y along the rows of an image. The field reaches beyond +-62 um;
    outside of it the values at its edge go on. Queries interpolate linearly between points 0.125 um apart.

    Parameters
    ----------
    seed
        Which culture; from 0 to 2**63 - 1.

    Examples
    --------
    >>> sample = Sample(seed=0)
    >>> sample.kinds
    ('nucleus', 'fibre', 'mitochondrion', 'vesicle', 'background')
    >>> sample.image([0.0, 0.5, 1.0], [0.0, 2.0]).shape
    (2, 3)
    >>> sample == Sample(seed=0)
    True
    """

    seed: int = 0
    _maps: npt.NDArray[np.float32] = field(init=False, repr=False, compare=False)
    _total: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", check_seed(self.seed))
        object.__setattr__(self, "_maps", paint_maps(self.seed))
        # The sum is made of the stored single-precision maps: spectra then add up to intensities exactly.
        object.__setattr__(self, "_total", self._maps.sum(axis=0, dtype=np.float64))

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the kinds of emitters."""
        return tuple(kind.name for kind in KINDS)

    def rates_at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """Return the photon rate of each kind of emitter at places.

        Parameters
        ----------
        x, y
            Places in um; they broadcast against each other to a shape S.

        Returns
        -------
        numpy.ndarray
            Photons/s, shape S + (number of kinds,), float64.
        """
        (i, v), (j, u) = _cells_of(y), _cells_of(x)
        maps = self._maps
        upper = maps[:, i, j] * (1 - u) + maps[:, i, j + 1] * u
        lower = maps[:, i + 1, j] * (1 - u) + maps[:, i + 1, j + 1] * u
        return np.moveaxis(upper * (1 - v) + lower * v, 0, -1)

    def intensity_at(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """Return the total photon rate at places.

        Parameters
        ----------
        x, y
            Places in um; they broadcast against each other to a shape S.

        Returns
        -------
        numpy.ndarray
            Photons/s, shape S, float64.
        """
        (i, v), (j, u) = _cells_of(y), _cells_of(x)
        upper = self._total[i, j] * (1 - u) + self._total[i, j + 1] * u
        lower = self._total[i + 1, j] * (1 - u) + self._total[i + 1, j + 1] * u
        return np.asarray(upper * (1 - v) + lower * v, dtype=np.float64)

    def spectrum_at(self, x: npt.ArrayLike, y: npt.ArrayLike, wavelengths: npt.ArrayLike) -> FloatArray:
        """Return the spectrum at places: the mixture of the dyes found there.

        Parameters
        ----------
        x, y
            Places in um; they broadcast against each other to a shape S.
        wavelengths
            Wavelengths in nm, of shape (n,).

        Returns
        -------
        numpy.ndarray
            Photons/s per nm, shape S + (n,), float64; its integral over all wavelengths is the intensity.
        """
        return self.rates_at(x, y) @ emission(wavelengths)

    def image(self, x_axis: npt.ArrayLike, y_axis: npt.ArrayLike) -> FloatArray:
        """Return the intensity on a grid, as `intensity_at` gives it, but faster.

        Parameters
        ----------
        x_axis, y_axis
            Places of the columns and of the rows in um, of shapes (columns,) and (rows,).

        Returns
        -------
        numpy.ndarray
            Photons/s, shape (rows, columns), float64.
        """
        (i, v), (j, u) = _cells_of(y_axis), _cells_of(x_axis)
        if i.size == 0 or j.size == 0:
            return np.zeros((i.size, j.size))
        first = int(j.min())
        part = self._total[:, first : int(j.max()) + 2]
        rows = part[i] * (1 - v)[:, None] + part[i + 1] * v[:, None]
        j = j - first
        return np.asarray(rows[:, j] * (1 - u) + rows[:, j + 1] * u, dtype=np.float64)


def _cells_of(places: npt.ArrayLike) -> tuple[npt.NDArray[np.intp], FloatArray]:
    """Return the map index below each place, and how far (0..1) the place lies from it to the next."""
    position = np.clip((np.asarray(places, dtype=np.float64) - ORIGIN) / SPACING, 0.0, SIZE - 1.0)
    index = np.minimum(position.astype(np.intp), SIZE - 2)
    return index, np.asarray(position - index, dtype=np.float64)
