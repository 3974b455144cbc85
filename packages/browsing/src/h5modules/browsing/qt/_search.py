"""Finding nodes by what people type: names, and words for type, label, units and attributes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from h5modules.backends import H5Backend, Node, NodeError, UndecodableError

from ._rows import NodeRow, read_row

MOST = 2_000
"""How many nodes are found at most."""

_PATIENCE = 0.15
"""Seconds of searching before what was found is told."""

_WORDS = ("name", "type", "title", "label", "units", "attr")


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for; a node has to fit all of it.

    Attributes
    ----------
    words
        Each the name of what to look at (``name``, ``type``, ``title``, ``units``, ``attr``; empty is name or
        title), and what has to be in it, in small letters.
    """

    words: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> Query:
        """Return what a text asks for: words, each perhaps with ``name:``, ``type:``, ... before it.

        Examples
        --------
        >>> Query.parse('type:scan Power').words
        (('type', 'scan'), ('', 'power'))
        """
        words = []
        for word in text.lower().split():
            before, colon, after = word.partition(":")
            known = before if colon and before in _WORDS else ""
            told = after if known else word
            if told:
                words.append(("title" if known == "label" else known, told))
        return cls(tuple(words))

    def fits(self, row: NodeRow, node: Node) -> bool:
        """Tell whether a node is looked for; attributes are read only where they are asked for."""
        told = {"name": row.name, "type": row.kind, "title": row.title, "units": row.units}
        told[""] = f"{row.name}\n{row.title}"
        return all(
            _has_attribute(node, wanted) if what == "attr" else wanted in told[what].lower()
            for what, wanted in self.words
        )


def _has_attribute(node: Node, wanted: str) -> bool:
    """Tell whether a node has an attribute of that name, or, after ``=``, of that value."""
    name, has_value, value = wanted.partition("=")
    try:
        for each in node.attrs:
            if name in each.lower() and (not has_value or value in str(node.attrs[each]).lower()):
                return True
    except (NodeError, UndecodableError):
        return False
    return False


def search(file: H5Backend, query: Query) -> Iterator[NodeRow | None]:
    """Yield the rows of nodes that are looked for, and None for each that is not."""
    nodes = file.walk_nodes()
    next(nodes)  # the root
    for node in nodes:
        row = read_row(node)
        yield row if query.fits(row, node) else None


def search_for_a_while(looks: Iterator[NodeRow | None]) -> tuple[list[NodeRow], bool]:
    """Go on with a search for a moment; return what was found, and whether that was the end."""
    until = time.monotonic() + _PATIENCE
    found: list[NodeRow] = []
    while time.monotonic() < until:
        some = list(islice(looks, 50))
        found += [row for row in some if row is not None]
        if not some:
            return found, True
    return found, False
