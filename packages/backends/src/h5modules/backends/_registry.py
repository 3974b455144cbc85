"""Which backends there are, found by name at first use.

Importing this module imports no HDF5 library. A backend is registered by the entry-point group
``h5modules.backends``; its name is the name of the library it needs, so that whether it can work is told
without importing it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from ._driver import Driver
from ._errors import BackendMissingError, BackendUnknownError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP_NAME = "h5modules.backends"

_EXTRAS = {"tables": "tables", "h5pyd": "h5pyd"}
"""Backends that come with this package, whose library comes with an extra of the same name."""

_loaded: dict[str, type[Driver]] = {}


def get_driver(name: str) -> type[Driver]:
    """Return the driver class registered under `name`, importing its library if that is the first use.

    Raises
    ------
    BackendUnknownError
        When no backend of that name is registered.
    BackendMissingError
        When its library is not installed, or fails to import.

    Examples
    --------
    >>> get_driver('h5py').library
    'h5py'
    """
    if name not in _loaded:
        _loaded[name] = _load(name)
    return _loaded[name]


def _load(name: str) -> type[Driver]:
    found = _entry_points()
    if name not in found:
        raise BackendUnknownError(f"{name!r} is not a backend; choose one of {', '.join(sorted(found))}.")
    try:
        driver = found[name].load()
    except ImportError as error:
        remedy = (
            f'pip install "h5modules-backends[{_EXTRAS[name]}]"' if name in _EXTRAS else f"pip install {name}"
        )
        raise BackendMissingError(
            f"backend {name!r} needs a library that does not import ({error}). Try: {remedy}"
        ) from error
    except AttributeError as error:
        raise _not_a_driver(found[name]) from error
    if not (isinstance(driver, type) and issubclass(driver, Driver)):
        raise _not_a_driver(found[name])
    return driver


def _not_a_driver(point: EntryPoint) -> BackendUnknownError:
    return BackendUnknownError(
        f"the entry point {point.value!r} of backend {point.name!r} is not a Driver class."
    )


def _entry_points() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # here: it takes a fifth of what all of this package takes

    return {point.name: point for point in entry_points(group=GROUP_NAME)}


def _is_available(point: EntryPoint) -> bool:
    module = point.name if point.name in {"h5py", *_EXTRAS} else point.module.partition(".")[0]
    return importlib.util.find_spec(module) is not None


class AvailableBackends(Sequence[str]):
    """The names of the backends whose library is installed, h5py first; looked up when asked, not at import.

    Examples
    --------
    >>> 'h5py' in backends_available
    True
    >>> backends_available[0]
    'h5py'
    """

    def _names(self) -> list[str]:
        names = sorted(name for name, point in _entry_points().items() if _is_available(point))
        return sorted(names, key=lambda name: name != "h5py")

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: Any) -> Any:
        return self._names()[index]

    def __len__(self) -> int:
        return len(self._names())

    def __repr__(self) -> str:
        return repr(self._names())


backends_available = AvailableBackends()
"""The names of the backends that can be used here."""
