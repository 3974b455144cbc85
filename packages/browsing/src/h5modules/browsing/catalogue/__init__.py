"""Find files by what they hold: an index over folders, kept in the user's cache.

`Catalogue` reads each file once, and again when it changes; a `Query` finds it by date, title, scan shape,
actuator, detector, attribute or setting, text of its log, or comment.
"""

from __future__ import annotations

from ._catalogue import SUFFIXES, Catalogue, default_index
from ._entries import CataloguedScan, CatalogueEntry, CatalogueUpdate, UnreadFile
from ._errors import CatalogueError, QueryError
from ._query import Condition, Query, parse_shape

__all__ = [
    "Catalogue",
    "Query",
    "Condition",
    "CatalogueEntry",
    "CataloguedScan",
    "CatalogueUpdate",
    "UnreadFile",
    "CatalogueError",
    "QueryError",
    "parse_shape",
    "default_index",
    "SUFFIXES",
]
