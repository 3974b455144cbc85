"""HDF5's mode of one writer and many readers (SWMR): nothing is written in it; callers that ask are told."""

from __future__ import annotations

from ._errors import UnsupportedError


class WithoutSwmr:
    """What PyMoDAQ's callers ask of a file about SWMR, for files that do without.

    A point that was saved is with the operating system, and any program can read the file meanwhile: there is
    nothing that SWMR would add.
    """

    _swmr_mode = False
    """PyMoDAQ's own savers read it by this name."""

    @property
    def swmr_mode(self) -> bool:
        """Whether the file is prepared for SWMR: never."""
        return False

    @property
    def is_swmr_active(self) -> bool:
        """Whether the file is written in SWMR mode: never."""
        return False

    @property
    def is_swmr_capable(self) -> bool:
        """Whether the file could be written in SWMR mode: never."""
        return False

    @property
    def is_swmr_compatible(self) -> bool:
        """Whether the file was made for SWMR: never."""
        return False

    def enable_swmr(self) -> None:
        """Refuse to write in SWMR mode.

        Raises
        ------
        UnsupportedError
            Always: ask `is_swmr_capable` first.
        """
        raise UnsupportedError(
            "nothing is written in SWMR mode: saved points can be read by other programs without it."
        )

    def set_swmr_flush_interval(self, interval: int) -> None:
        """Take how often a file in SWMR mode is flushed, without effect."""

    def tick_flush(self) -> None:
        """Take notice of a point that was saved, without effect: it is with the operating system already."""
