"""What the sample is made of: kinds of emitters, and the light that each of them gives."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Band:
    """One Gaussian band of an emission spectrum."""

    center: float
    """Wavelength of its top, in nm."""
    width: float
    """Standard deviation, in nm."""
    share: float
    """Part of the photons of the emitter that fall into this band; the shares of a kind sum to 1."""


@dataclass(frozen=True)
class EmitterKind:
    """A kind of emitter: its name, the light it gives, and how bright it is in the sample."""

    name: str
    bands: tuple[Band, ...]
    rate: float
    """Photon rate of a bright place of this kind, in photons/s."""


# A main band, its vibronic shoulder on the red side, and a long tail: the shape of most dyes.
KINDS: tuple[EmitterKind, ...] = (
    EmitterKind("nucleus", (Band(458, 13, 0.58), Band(482, 17, 0.34), Band(515, 30, 0.08)), 2.8e6),
    EmitterKind("fibre", (Band(523, 9, 0.56), Band(545, 13, 0.34), Band(575, 24, 0.10)), 2.2e6),
    EmitterKind("mitochondrion", (Band(603, 10, 0.60), Band(628, 14, 0.30), Band(655, 22, 0.10)), 3.0e6),
    EmitterKind("vesicle", (Band(684, 9, 0.70), Band(708, 14, 0.30)), 2.2e6),
    EmitterKind("background", (Band(560, 70, 1.0),), 1.6e5),
)


def emission(wavelengths: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the emission spectrum of each kind, in 1/nm, with an integral of 1.

    Parameters
    ----------
    wavelengths
        Wavelengths in nm, of shape (n,).

    Returns
    -------
    numpy.ndarray
        Shape (number of kinds, n), float64, in the order of `KINDS`.

    Examples
    --------
    >>> import numpy as np
    >>> spectra = emission(np.arange(300.0, 1000.0))
    >>> spectra.shape
    (5, 700)
    >>> bool(np.allclose(spectra.sum(axis=1), 1.0, atol=1e-3))
    True
    """
    nm = np.asarray(wavelengths, dtype=np.float64)
    return np.stack([sum((_band(band, nm) for band in kind.bands), np.zeros_like(nm)) for kind in KINDS])


def _band(band: Band, nm: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    height = band.share / (band.width * math.sqrt(2 * math.pi))
    return np.asarray(height * np.exp(-0.5 * ((nm - band.center) / band.width) ** 2), dtype=np.float64)
