"""The index: what is known of files, in one SQLite file."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ._contents import FileContents
from ._entries import CataloguedScan, CatalogueEntry, UnreadFile
from ._errors import CatalogueError
from ._query import Query, as_number
from ._reading import DEADLY
from ._search import clauses, shape_text

_VERSION = 3
"""Of the tables below, and of what is kept in them: an index of another version is made anew."""

_TABLES = """
CREATE TABLE files (
    id INTEGER PRIMARY KEY, path BLOB UNIQUE NOT NULL, stamp TEXT, nbytes INTEGER, state TEXT,
    title TEXT, date REAL, remark TEXT, problem TEXT
);
CREATE TABLE scans (
    file INTEGER REFERENCES files ON DELETE CASCADE, path TEXT, title TEXT, shape TEXT, dimensions INTEGER,
    acquired INTEGER, total INTEGER, date REAL, actuators TEXT, detectors TEXT
);
CREATE TABLE facts (
    file INTEGER REFERENCES files ON DELETE CASCADE, kind TEXT, scan TEXT, module TEXT,
    name TEXT COLLATE NOCASE, value TEXT, number REAL
);
CREATE TABLE thumbnails (file INTEGER REFERENCES files ON DELETE CASCADE, scan TEXT, png BLOB);
CREATE INDEX scans_of_file ON scans (file);
CREATE INDEX facts_of_file ON facts (file, name);
CREATE INDEX thumbnails_of_file ON thumbnails (file, scan);
"""

_WAIT = 60.0
"""Seconds to wait for another process that writes into the index."""


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells whether a file changed, and what else is known without opening it."""

    text: str
    nbytes: int
    state: str
    changed: float


class Index:
    """The index of one user; another process may use it at the same time.

    Parameters
    ----------
    path
        The SQLite file; it is made when it is not there, and made anew when it is no index of this version.

    Raises
    ------
    CatalogueError
        When it can be neither read nor made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._explained():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = _opened(path)

    def close(self) -> None:
        """Close the index."""
        self._connection.close()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CatalogueError(
                f"the index {str(self._path)!r} cannot be used: {error}. Name another place for it, or "
                "delete it: it is made anew."
            ) from error

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep what is done in the block whole, or not at all."""
        with self._explained(), self._connection:
            yield

    def stamps(self, folder: Path) -> dict[Path, str]:
        """Return the files at or below a folder that are known, and their stamps.

        What could not be read has none: it may have been locked, or its library missing.
        """
        stamp = "CASE WHEN coalesce(problem, ?) = ? THEN stamp ELSE '' END"
        rows = self._rows(f"SELECT path, {stamp} FROM files WHERE {_BELOW}", [DEADLY] * 2 + _below(folder))
        return {_path(path): stamp for path, stamp in rows}

    def forget(self, path: Path) -> None:
        """Take a file out of the index."""
        self._connection.execute("DELETE FROM files WHERE path = ?", [os.fsencode(path)])

    def keep_problem(self, path: Path, stamp: FileStamp, problem: str) -> None:
        """Note that a file could not be read."""
        self.forget(path)
        columns = "(path, stamp, nbytes, state, problem)"
        row = [os.fsencode(path), stamp.text, stamp.nbytes, stamp.state, _storable(problem)]
        self._connection.execute(f"INSERT INTO files {columns} VALUES (?, ?, ?, ?, ?)", row)

    def keep(self, path: Path, stamp: FileStamp, contents: FileContents) -> None:
        """Put what was read of a file into the index, in the place of what is there."""
        self.forget(path)
        date = stamp.changed if contents.date is None else contents.date.timestamp()
        told = [_storable(contents.title), date, _storable(contents.remark)]
        row = [os.fsencode(path), stamp.text, stamp.nbytes, stamp.state, *told]
        columns = "(path, stamp, nbytes, state, title, date, remark)"
        cursor = self._connection.execute(f"INSERT INTO files {columns} VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        number = cursor.lastrowid
        self._connection.executemany(
            "INSERT INTO scans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(number, *_scan_row(scan)) for scan in contents.scans],
        )
        self._connection.executemany(
            "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (number, fact.kind, *map(_storable, (fact.scan, fact.module, fact.name, fact.value)),
                 as_number(fact.value))
                for fact in contents.facts
            ],
        )  # fmt: skip

    def search(self, query: Query, folder: Path | None) -> list[CatalogueEntry]:
        """Return the files below a folder, or all, that match, the newest first, with the scans that do."""
        found = [(_BELOW, _below(folder)), ("files.problem IS NULL", []), *clauses(query)]
        where = " AND ".join(clause for clause, _ in found)
        rows = self._rows(
            "SELECT files.id, files.path, files.title, files.date, nbytes, state, remark, scans.path, "
            "scans.title, scans.shape, acquired, total, scans.date, actuators, detectors FROM files "
            f"LEFT JOIN scans ON scans.file = files.id WHERE {where} "
            "ORDER BY files.path, scans.rowid",
            [value for _, values in found for value in values],
        )
        comments = self._comments(folder)
        entries: dict[int, CatalogueEntry] = {}
        for number, path, title, date, nbytes, state, remark, *scan in rows:
            scans = entries[number].scans if number in entries else ()
            scans = scans if scan[0] is None else (*scans, _scan(scan))
            comment = comments.get(number, "")
            entries[number] = CatalogueEntry(
                _path(path), title, _moment(date), nbytes, state, comment, scans, remark
            )
        return sorted(entries.values(), key=_newest, reverse=True)

    def problems(self, folder: Path) -> tuple[UnreadFile, ...]:
        """Return the files at or below a folder that could not be read."""
        rows = self._rows(
            f"SELECT path, problem FROM files WHERE {_BELOW} AND problem IS NOT NULL ORDER BY path",
            _below(folder),
        )
        return tuple(UnreadFile(_path(path), problem) for path, problem in rows)

    def thumbnail(self, path: Path, scan: str) -> bytes | None:
        """Return a thumbnail that was kept."""
        rows = self._rows(
            "SELECT png FROM thumbnails JOIN files ON file = files.id WHERE files.path = ? AND scan = ?",
            [os.fsencode(path), scan],
        )
        return rows[0][0] if rows else None

    def keep_thumbnail(self, path: Path, scan: str, png: bytes) -> None:
        """Keep a thumbnail until its file changes."""
        with self.changing():
            self._connection.execute(
                "INSERT INTO thumbnails SELECT id, ?, ? FROM files WHERE path = ?",
                [scan, png, os.fsencode(path)],
            )

    def _comments(self, folder: Path | None) -> dict[int, str]:
        rows = self._rows(
            "SELECT files.id, group_concat(value, char(10)) FROM facts JOIN files ON facts.file = files.id "
            f"WHERE {_BELOW} AND facts.name = 'comments' AND kind = 'comment' GROUP BY files.id",
            _below(folder),
        )
        return dict(rows)

    def _rows(self, statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
        with self._explained():
            return self._connection.execute(statement, values).fetchall()


_BELOW = "(files.path = ? OR (files.path >= ? AND files.path < ?))"


def _below(folder: Path | None) -> list[Any]:
    """Return the values of `_BELOW`: the path itself, and the range of all that begin with it."""
    if folder is None:
        return [b"", b"", b"\xff"]
    path, parting = os.fsencode(folder), os.fsencode(os.sep)
    prefix = path if path.endswith(parting) else path + parting
    return [path, prefix, prefix[:-1] + bytes([prefix[-1] + 1])]


def _opened(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=_WAIT)
        if _is_ours(connection):
            return connection
        connection.close()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # it is in use, or cannot be opened
            raise
    path.unlink()
    connection = sqlite3.connect(path, timeout=_WAIT)
    _is_ours(connection)
    return connection


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Tell whether it is an index of this version; an empty file becomes one."""
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN IMMEDIATE")  # of two processes that find it empty, one makes it
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0 and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        for statement in _TABLES.split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        version = _VERSION
    connection.commit()
    return bool(version == _VERSION)


def _path(stored: bytes) -> Path:
    return Path(os.fsdecode(stored))


def _storable(text: str) -> str:
    """Return text without the halves of letters that stand for bytes which are not UTF-8."""
    return text.encode("utf-8", "replace").decode()


def _moment(seconds: float | None) -> Any:
    return None if seconds is None else datetime.fromtimestamp(seconds).astimezone()


def _scan_row(scan: CataloguedScan) -> tuple[Any, ...]:
    return (
        _storable(scan.path),
        _storable(scan.title),
        shape_text(scan.shape),
        len(scan.shape),
        scan.acquired,
        scan.total,
        None if scan.date is None else scan.date.timestamp(),
        json.dumps(scan.actuators),
        json.dumps(scan.detectors),
    )


def _scan(row: list[Any]) -> CataloguedScan:
    path, title, shape, acquired, total, date, actuators, detectors = row
    lengths = tuple(int(length) for length in shape.split("x") if length)
    modules = (tuple(json.loads(each)) for each in (actuators, detectors))
    return CataloguedScan(path, title, lengths, acquired, total, _moment(date), *modules)


def _newest(entry: CatalogueEntry) -> datetime:
    """Return when the newest of its scans was begun: files are in the order of the dates that are shown."""
    return max((scan.date or entry.date for scan in entry.scans), default=entry.date)
