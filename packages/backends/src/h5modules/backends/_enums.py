"""The fixed vocabularies that PyMoDAQ's users know."""

from __future__ import annotations

from enum import Enum
from typing import Any, Self

from ._errors import H5ModulesError


class UnknownNameError(H5ModulesError, ValueError):
    """A name is not one of those that an enumeration offers."""


class NamedEnum(Enum):
    """An enumeration whose members are chosen by name, whatever the case of the letters.

    A member equals its name, as PyMoDAQ's do, so that ``attrs['type'] == GroupType.scan`` holds for a stored
    text.

    Examples
    --------
    >>> SaveType.parse('SCAN')
    <SaveType.scan: 0>
    >>> SaveType.scan == 'scan'
    True
    """

    @classmethod
    def names(cls) -> list[str]:
        """Return the names of the members, in order."""
        return list(cls.__members__)

    @classmethod
    def parse(cls, item: Any) -> Self:
        """Return the member that `item` is or names.

        Raises
        ------
        UnknownNameError
            When `item` is neither a member nor the name of one.
        """
        # By name and not by class: PyMoDAQ has enumerations of the same names, and its users pass those too.
        name = item.name if isinstance(item, Enum) else item
        if isinstance(name, str):
            for member in cls:
                if member.name.lower() == name.lower():
                    return member
        raise UnknownNameError(f"{item!r} is not a {cls.__name__}; choose one of {', '.join(cls.names())}.")

    def __eq__(self, other: object) -> bool:
        if isinstance(other, str):
            return self.name == other
        return self is other

    def __hash__(self) -> int:
        return hash(self.name)


class SaveType(NamedEnum):
    """What a file was made for."""

    scan = 0
    detector = 1
    logger = 2
    custom = 3
    actuator = 4
    optimizer = 5


class GroupType(NamedEnum):
    """What a group holds."""

    detector = 0
    actuator = 1
    data = 2
    ch = 3
    scan = 4
    external_h5 = 5
    data_dim = 6
    data_logger = 7
