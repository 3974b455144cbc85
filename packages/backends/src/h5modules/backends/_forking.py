"""What a forked process does with what it inherited: it lets go of files that its parent writes."""

from __future__ import annotations

import os
from typing import Protocol
from weakref import WeakSet


class Holder(Protocol):
    """What holds a file for the process that made it."""

    def let_go(self) -> None:
        """Leave it to the parent; called once, in a process that was forked."""


def let_go_when_forked(holder: Holder) -> None:
    """Have `holder` let go in every process that this one forks, as long as it lives."""
    _holders.add(holder)


_holders: WeakSet[Holder] = WeakSet()


def _let_go_all() -> None:
    for holder in list(_holders):
        holder.let_go()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_let_go_all)
