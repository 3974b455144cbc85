"""`ExporterFactory`: the formats there are, those of other packages included."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import ClassVar, TypeVar

from ._errors import ExporterWarning, FormatUnknownError
from ._exporter import H5Exporter
from ._peers import peer_exporters

GROUP_NAME = "h5modules.exporters"
"""The entry-point group of formats: a name, and a class derived from `H5Exporter`."""

_Exporter = TypeVar("_Exporter", bound=type[H5Exporter])


class ExporterFactory:
    """Finds formats: those of this package, of the entry points, of PyMoDAQ's plugins, and of your script."""

    _registered: ClassVar[dict[str, type[H5Exporter]]] = {}

    @classmethod
    def register_exporter(cls) -> Callable[[_Exporter], _Exporter]:
        """Return a decorator that adds a format for this session.

        Raises
        ------
        FormatUnknownError
            By the decorator, when extension or description are missing.
        """

        def register(exporter: _Exporter) -> _Exporter:
            for name in ("FORMAT_EXTENSION", "FORMAT_DESCRIPTION"):
                if not isinstance(getattr(exporter, name, None), str):
                    raise FormatUnknownError(f"{exporter.__name__} does not say its {name}.")
            cls._registered[exporter.format_name()] = exporter
            return exporter

        return register

    @classmethod
    def formats(cls) -> dict[str, type[H5Exporter]]:
        """Return all formats by name; one that cannot be loaded is left out, with a warning."""
        found = {name: _load(point) for name, point in _points().items()}
        ours = {name: exporter for name, exporter in found.items() if exporter is not None}
        return {**peer_exporters(), **ours, **cls._registered}

    @classmethod
    def named(cls, name: str) -> H5Exporter:
        """Return an exporter by the name of its format.

        Raises
        ------
        FormatUnknownError
            When there is none of that name.
        """
        if name not in cls._registered and name in _points():
            loaded = _load(_points()[name])  # its module alone
            if loaded is not None:
                return loaded()
        known = cls.formats()
        if name not in known:
            raise FormatUnknownError(_unknown(name, sorted(known)))
        return known[name]()

    @classmethod
    def for_file(cls, target: Path | str) -> H5Exporter:
        """Return the exporter for the ending of a file's name; the first one where several have it.

        Raises
        ------
        FormatUnknownError
            When no format has that ending.
        """
        ending = Path(target).suffix.removeprefix(".").lower()
        known = cls.formats()
        if ending in known:
            return known[ending]()
        for exporter in known.values():
            if ending == exporter.FORMAT_EXTENSION:
                return exporter()
        raise FormatUnknownError(_unknown(ending, sorted(known)))

    @classmethod
    def create_exporter(cls, extension: str, filter: str) -> H5Exporter:  # noqa: A002 - PyMoDAQ's name
        """Return an exporter by extension and description, as a dialog gives them.

        Raises
        ------
        FormatUnknownError
            When there is none.
        """
        known = cls.formats()
        for exporter in known.values():
            if (extension, filter) == (exporter.FORMAT_EXTENSION, exporter.FORMAT_DESCRIPTION):
                return exporter()
        raise FormatUnknownError(_unknown(f"{filter} (*.{extension})", sorted(known)))

    @classmethod
    def get_file_filters(cls) -> str:
        """Return all formats as a file dialog of Qt takes them."""
        return ";;".join(
            f"{each.FORMAT_DESCRIPTION} (*.{each.FORMAT_EXTENSION})" for each in cls.formats().values()
        )

    @staticmethod
    def get_format_from_filter(filter: str) -> str:  # noqa: A002 - PyMoDAQ's name
        """Return the description in an entry of `get_file_filters`.

        Examples
        --------
        >>> ExporterFactory.get_format_from_filter('Text files (*.txt)')
        'Text files'
        """
        return filter.split(" (*", maxsplit=1)[0]


def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP_NAME)}


def _load(point: EntryPoint) -> type[H5Exporter] | None:
    try:
        loaded = point.load()
    except (ImportError, AttributeError) as error:
        warnings.warn(
            f"the format {point.name!r} ({point.value}) does not load: {error}", ExporterWarning, stacklevel=3
        )
        return None
    if isinstance(loaded, type) and issubclass(loaded, H5Exporter):
        return loaded
    warnings.warn(
        f"{point.value}, of the format {point.name!r}, is no H5Exporter.", ExporterWarning, stacklevel=3
    )
    return None


def _unknown(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"there is no format {name!r}.{hint} There are: {', '.join(known)}."
