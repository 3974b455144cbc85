"""The files that lie beside an HDF5 file while it is written."""

from __future__ import annotations

from pathlib import Path


def claim_path(path: Path) -> Path:
    """Return where the writer of a file says who it is; it is there as long as the file is open for writing.

    Examples
    --------
    >>> claim_path(Path('scan.h5')).name
    '.scan.h5.writer'
    """
    return _beside(path, "writer")


def journal_path(path: Path) -> Path:
    """Return where the journal of a structure change is, while it is being applied."""
    return _beside(path, "journal")


def part_path(journal: Path) -> Path:
    """Return where a journal is as long as it is not stored to its end."""
    return journal.with_name(f"{journal.name}.part")


def _beside(path: Path, kind: str) -> Path:
    # Beside the file itself, whatever link leads to it.
    real = path.resolve()
    return real.with_name(f".{real.name}.{kind}")
