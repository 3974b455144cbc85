"""What the catalogue knows of files; each function runs in a process that may be ended while it reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from h5modules.browsing._opening import open_to_read
from h5modules.browsing.catalogue import (
    Catalogue,
    CataloguedScan,
    CatalogueEntry,
    CatalogueError,
    Condition,
    Query,
)

from ._errors import UNREADABLE, OutsideError
from ._inside import require_own_nodes


@dataclass(frozen=True, slots=True)
class Entry:
    """What the list tells of a file.

    Attributes
    ----------
    contents
        What is in it; None where nothing is told of it.
    is_unreadable
        Whether that is because it cannot be read.
    """

    contents: dict[str, Any] | None = None
    is_unreadable: bool = False

    @property
    def is_incomplete(self) -> bool:
        """Whether points of its last scan are missing."""
        told = self.contents or {}
        acquired, total = told.get("acquired"), told.get("total")
        return acquired is not None and total is not None and acquired < total


def read_entries(index: Path | None, paths: Sequence[Path]) -> dict[Path, Entry]:
    """Read files into the catalogue, and tell what is in each.

    A file with links to other files is not read: what is there is not to be found with it.
    """
    with Catalogue(index) as catalogue:
        return {path: _read_entry(catalogue, path) for path in paths}


def find_paths(index: Path | None, tops: Sequence[Path], word: str) -> set[Path]:
    """Return the files at or below some places that hold a word, or meet a condition such as ``gain>=3``.

    Raises
    ------
    QueryError
        When the condition is not understood.
    """
    if any(sign in word for sign in "<>="):
        query = Query(conditions=(Condition.parse(word),))
    else:
        query = Query(text=word)
    with Catalogue(index) as catalogue:
        return {entry.path for top in tops for entry in catalogue.search(query, top)}


def _read_entry(catalogue: Catalogue, path: Path) -> Entry:
    try:
        with open_to_read(path) as file:
            require_own_nodes(file)
        catalogue.update(path)
        (entry,) = catalogue.search(folder=path)
    except CatalogueError:
        raise
    except OutsideError:
        return Entry()
    except UNREADABLE:
        return Entry(is_unreadable=True)
    return Entry(_told(entry))


def _told(entry: CatalogueEntry) -> dict[str, Any]:
    last = entry.scans[-1] if entry.scans else None
    return {
        "title": (last.title if last is not None else "") or entry.title,
        "comment": entry.comment,
        "scans": len(entry.scans),
        **({} if last is None else _told_scan(last)),
    }


def _told_scan(scan: CataloguedScan) -> dict[str, Any]:
    return {
        "shape": list(scan.shape) if scan.total is not None else None,
        "acquired": scan.acquired,
        "total": scan.total,
        "actuators": list(scan.actuators),
        "detectors": list(scan.detectors),
    }
