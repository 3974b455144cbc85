"""The rows that the tree has made so far; nothing here is of Qt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ._browsed_file import BrowsedFile
from ._rows import NodeRow

CHUNK = 500
"""How many rows are read at once; a group of more is read as it is scrolled."""


@dataclass(slots=True, eq=False, repr=False)
class TreeItem:
    """A row of the tree, with those below it that were made.

    Attributes
    ----------
    key
        A number that no other row of the tree ever has.
    source
        The file.
    row
        What is shown.
    parent
        The row it lies in; None for a file.
    is_note
        Whether it is no node but a note: that something is being read, or how many more there are.
    names
        The names of all that the group holds; None before they were read.
    children
        The rows below that were made: of the first of the names, and perhaps a note behind them.
    is_reading
        Whether rows below are being read just now.
    """

    key: int
    source: BrowsedFile
    row: NodeRow
    parent: TreeItem | None = None
    is_note: bool = False
    names: list[str] | None = None
    children: list[TreeItem] = field(default_factory=list)
    is_reading: bool = False

    @property
    def place(self) -> int:
        """Its number in the group; the model knows that of a file."""
        return 0 if self.parent is None else self.parent.children.index(self)

    @property
    def nodes(self) -> list[TreeItem]:
        """The rows below, without notes."""
        return self.children[:-1] if self.has_note else self.children

    @property
    def has_note(self) -> bool:
        """Whether the last row below is a note."""
        return bool(self.children) and self.children[-1].is_note

    @property
    def is_whole(self) -> bool:
        """Whether there is a row for every node below."""
        return self.names is not None and len(self.nodes) >= len(self.names)

    def next_names(self, count: int = CHUNK) -> list[str]:
        """Return the names that have no row yet, the next of them."""
        made = len(self.nodes)
        return (self.names or [])[made : made + count]

    def below(self) -> Iterator[TreeItem]:
        """Yield every row below."""
        for child in self.children:
            yield child
            yield from child.below()
