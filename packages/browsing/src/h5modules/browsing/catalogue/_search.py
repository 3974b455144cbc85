"""A query, as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from h5modules.backends import FileState
from h5modules.browsing._states import INCOMPLETE

from ._query import Condition, Query

Clause = tuple[str, list[Any]]

_FACT = (
    "EXISTS (SELECT 1 FROM facts WHERE facts.file = files.id "
    "AND (facts.scan = '' OR facts.scan = scans.path) AND {})"
)


def clauses(query: Query) -> Iterator[Clause]:
    """Yield what must hold of a file and a scan, as SQL with its values."""
    if query.title:
        yield "(files.title LIKE ? ESCAPE '\\' OR scans.title LIKE ? ESCAPE '\\')", [_within(query.title)] * 2
    for moment, sign in ((query.since, ">="), (query.until, "<=")):
        if moment is not None:
            yield f"coalesce(scans.date, files.date) {sign} ?", [moment.timestamp()]
    if query.shape is not None:
        yield "scans.shape LIKE ?", [shape_text(query.shape)]
        yield "scans.dimensions = ?", [len(query.shape)]
    if query.state:
        yield _state(query.state)
    for kind in ("actuator", "detector", "log", "comment"):
        if text := getattr(query, kind):
            yield (
                _FACT.format("facts.kind = ? AND facts.value LIKE ? ESCAPE '\\'"),
                [kind, _within(text)],
            )
    if query.text:
        found = _FACT.format("(facts.name LIKE ? ESCAPE '\\' OR facts.value LIKE ? ESCAPE '\\')")
        yield (
            f"(files.title LIKE ? ESCAPE '\\' OR scans.title LIKE ? ESCAPE '\\' OR {found})",
            [_within(query.text)] * 4,
        )
    for condition in query.conditions:
        yield _condition(condition)


def _state(word: str) -> Clause:
    """Return what must hold of a scan of that state, as `CatalogueEntry.state_of` has it."""
    finished = FileState.FINISHED.value
    is_short = "files.state = ? AND coalesce(scans.acquired < scans.total, 0) = ?"
    if word in (finished, INCOMPLETE):
        return is_short, [finished, word == INCOMPLETE]
    return "files.state = ?", [word]


def shape_text(shape: tuple[int | None, ...]) -> str:
    """Return a shape as it is kept, ``%`` for any length: an ``x`` stands around each."""
    return "x".join(["", *("%" if length is None else str(length) for length in shape), ""])


def _condition(condition: Condition) -> Clause:
    module, _, name = condition.name.rpartition("/")
    told, values = "facts.kind IN ('attribute', 'setting') AND facts.name = ?", [name]
    if module:
        told, values = f"{told} AND facts.module LIKE ? ESCAPE '\\'", [*values, _pattern(module)]
    if condition.sign in ("=", "!="):
        alike = "(facts.value LIKE ? ESCAPE '\\' OR coalesce(facts.number = ?, 0))"
        told += f" AND {'NOT ' if condition.sign == '!=' else ''}{alike}"
        return _FACT.format(told), [*values, _pattern(condition.value), _number(condition)]
    if condition.sign:
        return _FACT.format(f"{told} AND facts.number {condition.sign} ?"), [*values, condition.number]
    return _FACT.format(told), values


def _number(condition: Condition) -> float | str:
    return "" if condition.number is None else condition.number


def _within(text: str) -> str:
    return f"%{_pattern(text)}%"


def _pattern(text: str) -> str:
    for letter in ("\\", "%", "_"):
        text = text.replace(letter, f"\\{letter}")
    return text.replace("*", "%").replace("?", "_")
