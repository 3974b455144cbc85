"""How it is told that a scan or a log was stopped by an error."""

from __future__ import annotations

from collections.abc import Callable

from h5modules.backends import H5ModulesError


def note_stop(error: BaseException, saved: str, where: str, log: Callable[[str], object]) -> None:
    """Tell on an error what is saved, and in the file's log what stopped it.

    Parameters
    ----------
    error
        What stopped it; Ctrl-C too.
    saved
        What is saved: ``3 of 5 points``.
    where
        The file and the group; empty where there is no group yet.
    log
        Adds a line to the file's log.
    """
    reason = "the user" if isinstance(error, KeyboardInterrupt) else f"{type(error).__name__}: {error}"
    error.add_note(f"{saved} are saved in {where}".rstrip() if where else f"{saved} are saved.")
    try:
        log(f"stopped after {saved} by {reason}")
    except H5ModulesError as unlogged:  # a full disk, say: what stopped it matters more
        error.add_note(f"The log of the file does not tell: {unlogged}")
