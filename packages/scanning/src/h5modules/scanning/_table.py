"""TOML: read with all that is wrong told by its key, and written."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._errors import PlanError
from ._problems import Problems, suggestion

Reader = Callable[[str, Any], Any]
"""Takes a value and the key it stands at, and returns what it means, or raises `PlanError`."""


class Table:
    """One table of a TOML document; what is wrong in it, and in the tables within it, is gathered.

    Parameters
    ----------
    values
        The table.
    key
        Where it stands in the document: ``axes[1]``; empty for the document itself.
    problems
        Where to gather what is wrong.

    Examples
    --------
    >>> table = Table({'points': 'many', 'stat': 1}, 'axes[0]')
    >>> table.fill(dict, {'points': as_whole, 'start': (as_number, 0.0)})
    >>> table.problems.raise_any()
    Traceback (most recent call last):
        ...
    h5modules.scanning._errors.PlanError: 2 things are wrong:
      - axes[0].points is 'many'; give a whole number.
      - axes[0].stat is unknown; did you mean 'start'? There are 'points', 'start'.
    """

    def __init__(self, values: Mapping[str, Any], key: str = "", problems: Problems | None = None) -> None:
        self._values = values
        self._key = key
        self._known: list[str] = []
        self.problems = Problems() if problems is None else problems

    def key_of(self, name: str) -> str:
        """Return where a key of the table stands in the document."""
        return f"{self._key}.{name}" if self._key else name

    @property
    def key(self) -> str:
        """Where it stands in the document."""
        return self._key

    def get(self, name: str, read: Reader, *default: Any) -> Any:
        """Return what a key means, its default when it is not there; None when something is wrong."""
        self._known.append(name)
        meant = None
        with self.problems.gathering():
            if name in self._values:
                meant = read(self.key_of(name), self._values[name])
            elif default:
                meant = default[0]
            else:
                raise PlanError(f"{self.key_of(name)} is missing.")
        return meant

    def tables(self, name: str) -> list[Table] | None:
        """Return the tables of a list; None when it is missing or not all are tables."""
        items = self.get(name, as_list(as_table))
        if items is None:
            return None
        return [
            Table(item, f"{self.key_of(name)}[{number}]", self.problems) for number, item in enumerate(items)
        ]

    def children(self, name: str) -> dict[str, Table]:
        """Return the tables that a table holds by name; none when it is not there."""
        children = {}
        for child, values in (self.get(name, as_table, {}) or {}).items():
            key = f"{self.key_of(name)}.{child}"
            with self.problems.gathering():
                children[child] = Table(as_table(key, values), key, self.problems)
        return children

    def fill(self, make: Callable[..., Any], keys: Mapping[str, Reader | tuple[Reader, Any]]) -> Any:
        """Read all keys of the table, and return what `make` makes of them; None when something is wrong.

        Parameters
        ----------
        make
            Takes the keys by name.
        keys
            How each is read, with a default if it may be missing.
        """
        made = self.make(make, keys)
        self.refuse_others()
        return made

    def make(self, make: Callable[..., Any], keys: Mapping[str, Reader | tuple[Reader, Any]]) -> Any:
        """Read some keys of the table, and return what `make` makes of them: as `fill`."""
        values = {
            name: self.get(name, *read) if isinstance(read, tuple) else self.get(name, read)
            for name, read in keys.items()
        }
        made = None
        with self.problems.gathering():
            if None not in values.values():
                made = make(**values)
        return made

    def refuse_others(self) -> None:
        """Tell keys that were not read."""
        for name in self._values:
            if name not in self._known:
                with self.problems.gathering():
                    raise PlanError(f"{self.key_of(name)} is unknown; {suggestion(name, self._known)}")


def parse(text: str) -> dict[str, Any]:
    """Return the document that TOML spells.

    Raises
    ------
    PlanError
        When it is not TOML; the line is told.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError(f"the plan is not TOML: {error}.") from error


def as_text(key: str, value: Any) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise PlanError(f"{key} is {value!r}; give a text.")
    return value


def as_number(key: str, value: Any) -> float:
    """Read a number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise PlanError(f"{key} is {value!r}; give a number.")
    return float(value)


def as_whole(key: str, value: Any) -> int:
    """Read a whole number."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise PlanError(f"{key} is {value!r}; give a whole number.")
    return value


def as_switch(key: str, value: Any) -> bool:
    """Read a yes or no."""
    if not isinstance(value, bool):
        raise PlanError(f"{key} is {value!r}; give true or false.")
    return value


def as_table(key: str, value: Any) -> dict[str, Any]:
    """Read a table."""
    if not isinstance(value, dict):
        raise PlanError(f"{key} is {value!r}; give a table.")
    return value


def as_choice(choices: Iterable[str]) -> Reader:
    """Return a reader of one of several texts."""
    known = list(choices)

    def read(key: str, value: Any) -> str:
        if value not in known:
            raise PlanError(f"{key} is {value!r}; {suggestion(str(value), known)}")
        return str(value)

    return read


def as_list(read: Reader) -> Reader:
    """Return a reader of a list, each of whose items is read by `read`; all that is wrong is told."""

    def read_all(key: str, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise PlanError(f"{key} is {value!r}; give a list.")
        problems, items = Problems(), []
        for number, item in enumerate(value):
            with problems.gathering():
                items.append(read(f"{key}[{number}]", item))
        problems.raise_any()
        return tuple(items)

    return read_all


def to_toml(document: Mapping[str, Any], key: str = "") -> str:
    """Return a document as TOML: numbers, texts, booleans, lists, tables and lists of tables.

    Examples
    --------
    >>> print(to_toml({'title': 'Map', 'axes': [{'points': 3}], 'devices': {'stage x': {'timeout': 1.0}}}))
    title = "Map"
    <BLANKLINE>
    [[axes]]
    points = 3
    <BLANKLINE>
    [devices."stage x"]
    timeout = 1.0
    <BLANKLINE>
    """
    lines = [f"{_key(name)} = {_inline(value)}\n" for name, value in document.items() if _is_plain(value)]
    for name, value in document.items():
        path = f"{key}.{_key(name)}" if key else _key(name)
        if isinstance(value, Mapping):
            has_own = not value or any(map(_is_plain, value.values()))
            lines.append((f"\n[{path}]\n" if has_own else "") + to_toml(value, path))
        elif not _is_plain(value):
            lines += [f"\n[[{path}]]\n{to_toml(item, path)}" for item in value]
    text = "".join(lines)
    return text if key else text.lstrip("\n")


def _is_plain(value: Any) -> bool:
    is_tables = isinstance(value, list | tuple) and bool(value) and isinstance(value[0], Mapping)
    return not isinstance(value, Mapping) and not is_tables


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # A JSON text is a TOML text, but for the one control character that JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_inline, value))}]"
    return repr(value)


def _key(name: str) -> str:
    is_bare = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if is_bare else _inline(name)
