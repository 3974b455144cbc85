"""What a device can be used as: moved, or read."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Role:
    """What a device is used as.

    Attributes
    ----------
    name
        Its name.
    option
        The option of the command line that says so.
    method
        What a device needs for it, besides a title.
    """

    name: str
    option: str
    method: str

    @property
    def indefinite(self) -> str:
        """The name with its article."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.name}"

    def lacks(self, device: object) -> list[str]:
        """Return the names of what a device lacks for it."""
        return [name for name in ("title", self.method) if not hasattr(device, name)]


ACTUATOR = Role("actuator", "-a", "move_to")
DETECTOR = Role("detector", "-d", "read")


def roles_made_by(factory: object) -> tuple[str, ...]:
    """Return what a device can be used as that a factory makes, as far as is known without a call of it.

    Parameters
    ----------
    factory
        A class, or a function that says what it returns; a union has the roles of all of its members.

    Examples
    --------
    >>> class Diode:
    ...     def read(self): ...
    >>> def make_diode() -> Diode: ...
    >>> roles_made_by(Diode), roles_made_by(make_diode), roles_made_by(lambda: Diode())
    (('detector',), ('detector',), ())
    """
    kinds = list(_kinds(_made_by(factory)))
    return tuple(
        role.name
        for role in (ACTUATOR, DETECTOR)
        if kinds and all(hasattr(kind, role.method) for kind in kinds)
    )


def _made_by(factory: object) -> object:
    if isinstance(factory, type):
        return factory
    try:
        return typing.get_type_hints(factory).get("return")
    except Exception:  # noqa: BLE001 - whatever keeps a hint from being read, it only tells nothing then
        return None


def _kinds(made: Any) -> Iterable[type]:
    if isinstance(made, types.UnionType) or typing.get_origin(made) is typing.Union:
        for member in typing.get_args(made):
            yield from _kinds(member)
    elif isinstance(made, type):
        yield made
