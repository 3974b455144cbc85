"""Noise that depends on where and what is read, never on what was read before."""

from __future__ import annotations

import hashlib
import struct
from typing import Protocol

import numpy as np


class HasPlace(Protocol):
    """What the noise must know of a stage."""

    @property
    def place(self) -> tuple[int, int]:
        """Where the stage stands, in encoder steps (x, y)."""

    @property
    def arrivals(self) -> int:
        """How many moves have ended."""


def keyed_generator(
    seed: int, title: str, place: tuple[int, int] = (0, 0), count: int = 0, point: int = 0
) -> np.random.Generator:
    """Make the random generator that belongs to one read of one device at one place.

    The values are packed into bytes, hashed (blake2b, the same on every machine and for every Python)
    and used as the key of a Philox generator. Equal values give equal draws; any change gives independent
    ones.

    Parameters
    ----------
    seed
        Seed of the microscope, from 0 to 2**63 - 1.
    title
        Title of the device.
    place
        Place of the stage in encoder steps (x, y).
    count
        Number of reads made before at this place.
    point
        Number of the point of a scan; 0 outside of one.

    Examples
    --------
    >>> a = keyed_generator(0, "Camera", (10, -20)).random()
    >>> b = keyed_generator(0, "Camera", (10, -20)).random()
    >>> c = keyed_generator(0, "Camera", (10, -20), count=1).random()
    >>> a == b, a == c
    (True, False)
    """
    # Fixed widths at both ends, the text between them: no two different keys pack to the same bytes.
    packed = struct.pack("<qqqq", seed, *place, count) + title.encode()
    if point:
        packed += struct.pack("<cq", b"\0", point)
    digest = hashlib.blake2b(packed, digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


class NoiseSource:
    """Hands a detector the generator of its next read.

    Reads are counted from the last arrival of the stage: two reads at one place differ, and who comes back to
    a place, or starts elsewhere, finds the values that were there the first time. In a scan that tells its
    points, they are counted from the point's beginning, and two points at one place differ: a scan that is
    gone on with finds what it would have found without a break.

    Parameters
    ----------
    seed
        Seed of the microscope.
    title
        Title of the detector.
    stage
        The stage below the sample.
    """

    def __init__(self, seed: int, title: str, stage: HasPlace) -> None:
        self._seed = seed
        self._title = title
        self._stage = stage
        self._visit: tuple[int, tuple[int, int]] | None = None
        self._count = 0
        self.point = 0

    def prepare(self, point: int) -> None:
        """Take note that the point of that number is measured next; 0 is none of a scan."""
        self.point = point
        self._visit = None

    def next_generator(self) -> np.random.Generator:
        """Return a fresh generator, and count this read."""
        visit = (self._stage.arrivals, self._stage.place)
        if visit != self._visit:
            self._visit = visit
            self._count = 0
        generator = keyed_generator(self._seed, self._title, visit[1], self._count, self.point)
        self._count += 1
        return generator
