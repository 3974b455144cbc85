"""Where libraries differ: what each can do, as a value that its driver declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ._compression import HDF5PLUGIN_FILTERS, Compression

if TYPE_CHECKING:
    from ._array_spec import ArraySpec

ALL_COMPRESSIONS = frozenset({"gzip", *HDF5PLUGIN_FILTERS})
"""The names of every `Compression`."""

EXTENDED_FLOATS = frozenset(np.dtype(kind) for kind in (np.longdouble, np.clongdouble)) - frozenset(
    np.dtype(kind) for kind in (np.float64, np.complex128)
)
"""The floats of this machine that are wider than 64 bits; none where the compiler knows none."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a library can do, as far as libraries differ; everything, unless said otherwise.

    What a library cannot do is refused with `UnsupportedError` before anything is written.

    Examples
    --------
    >>> from h5modules.backends import ArraySpec
    >>> Abilities(checksum=False).refusal(ArraySpec((3,), np.dtype(float), checksum=True))
    'it writes no checksums (fletcher32)'
    """

    compressions: frozenset[str] = ALL_COMPRESSIONS
    """The compressions that it writes."""
    compressed_rows: bool = True
    """Whether a ragged array can be compressed."""
    checksum: bool = True
    """Whether chunks can carry a checksum (fletcher32)."""
    placed: bool = True
    """Whether an array can be given its place in the file at once."""
    hard_links: bool = True
    """Whether a node can have several names."""
    extended_floats: bool = True
    """Whether floats of more than 64 bits (`numpy.longdouble`) can be kept."""
    fill_kinds: str = "biufcS"
    """The kinds of dtype for which a fill value other than zero can be given."""
    raw_bytes: bool = True
    """Whether an attribute can be bytes that are not UTF-8 text."""
    largest_text: int | None = None
    """How many bytes the text of one attribute may take; None is without limit."""
    stored_sizes: bool = True
    """Whether it is told at once what packed values take; elsewhere it may be what they unpack to."""
    local: bool = True
    """Whether a file is a file of this machine, which every other HDF5 program can open."""
    served: bool = False
    """Whether a server keeps it: opening takes ``endpoint``, ``username``, ``password``, ``make_folders``."""

    def refusal(self, spec: ArraySpec) -> str:
        """Return why an array like `spec` cannot be made, empty when it can."""
        if reason := self._refusal_of(spec.compression):
            return reason
        if spec.checksum and not self.checksum:
            return "it writes no checksums (fletcher32)"
        if spec.placed and not self.placed:
            return "it cannot place an array in the file at once"
        if spec.dtype in EXTENDED_FLOATS and not self.extended_floats:
            return f"it has no floats of more than 64 bits ({spec.dtype})"
        if spec.fill_value is not None and spec.dtype.kind not in self.fill_kinds:
            return f"it takes no fill value for {spec.dtype}"
        return ""

    def refusal_of_rows(self, compression: Compression | None) -> str:
        """Return why a ragged array packed like this cannot be made, empty when it can."""
        if compression is not None and compression.level and not self.compressed_rows:
            return "it does not compress rows of differing length"
        return self._refusal_of(compression)

    def _refusal_of(self, compression: Compression | None) -> str:
        if compression is None or compression.level == 0 or compression.name in self.compressions:
            return ""
        known = ", ".join(sorted(self.compressions)) or "none"
        return f"it does not write the compression {compression.name!r}; choose one of: {known}"
