"""What is in one file, for the catalogue: read once, no values but the records of points done."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from h5modules.backends import CARRAY, GROUP, H5Backend, H5ModulesError, Node, StringARRAY
from h5modules.browsing._lines import lines_of
from h5modules.browsing._opening import open_to_read
from h5modules.browsing._scan_view import LOGS, TIMES, is_log
from h5modules.browsing._settings import flat_settings
from h5modules.saving import NAV_AXES, RECORD_NAME, DataType, count_points, is_second_name, number_of

from ._entries import CataloguedScan

_MOST_NODES = 20_000
"""How many nodes of a file are looked at: files of other programs may have millions."""

_MOST_LETTERS = 500
"""How much of a value is kept."""

_PASSED_BY = (NAV_AXES, RECORD_NAME, TIMES.partition("/")[0])
"""Nodes of a scan that say nothing more of it."""

_COMPANIONS = ("Axis", "PointAxis", "Bkg", "ErrorBar")
"""How names of arrays begin that only go with others: nobody looks for them."""

_LAYOUT = frozenset(
    "CLASS VERSION EXTDIM FLAVOR PYTABLES_FORMAT_VERSION shape dtype subdtype backend data_dimension "
    "distribution source size index offset scaling spread_order file pixmap2D".split()
)
"""Attributes that tell how a file is laid out: nobody looks for them, so they are not read."""

_TOLD = frozenset("TITLE type data_type nav_indexes timestamp date time".split())
"""Attributes that are told in another way."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a file can be found by.

    Attributes
    ----------
    kind
        ``attribute``, ``setting``, ``actuator``, ``detector``, ``comment`` or ``log``.
    scan
        The scan it belongs to, by its path; empty for what belongs to the file.
    module
        The title of the module it belongs to; empty where there is none.
    name, value
        What it is.
    """

    kind: str
    scan: str
    module: str
    name: str
    value: str


@dataclass(slots=True)
class FileContents:
    """All that the catalogue keeps of a file."""

    title: str = ""
    date: datetime | None = None
    scans: list[CataloguedScan] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    remark: str = ""


def read_contents(path: Path) -> FileContents:
    """Return what is in a file; it is opened for reading, and no writer is held up.

    Raises
    ------
    FileError
        When it cannot be read.
    """
    with open_to_read(path) as file:
        return _Reading(file).contents


@dataclass(slots=True)
class _Scan:
    """A scan while its nodes are read."""

    path: str = ""
    title: str = ""
    shape: tuple[int, ...] = ()
    acquired: int | None = None
    total: int | None = None
    begun: float = math.inf
    modules: dict[str, list[str]] = field(default_factory=lambda: {"actuator": [], "detector": []})
    is_log: bool = False

    def count(self, group: GROUP, record: Node | None) -> None:
        """Take shape and number of points from the record in a group; of a log, from the longest record."""
        if isinstance(record, CARRAY) and (info := record.info).dtype.kind == "u":
            count = count_points(group, record)
            self.acquired, self.total = max(self.acquired or 0, count.acquired), count.total
            self.shape = info.shape if count.total is not None else (self.acquired,)

    def finished(self) -> CataloguedScan:
        date = datetime.fromtimestamp(self.begun).astimezone() if math.isfinite(self.begun) else None
        actuators, detectors = (tuple(self.modules[kind]) for kind in ("actuator", "detector"))
        counts = (self.acquired, self.total)
        return CataloguedScan(self.path, self.title, self.shape, *counts, date, actuators, detectors)


class _Reading:
    """One walk through a file."""

    def __init__(self, file: H5Backend) -> None:
        self.contents = FileContents()
        self._count = 0
        self._seen: set[Any] = set()
        root = file.root()
        values, _ = root.attrs.read(_LAYOUT)
        self.contents.title = str(values.get("TITLE", ""))
        self.contents.date = _date(values)
        self._visit(root, values, _Scan(), "")

    def _visit(self, group: GROUP, values: dict[str, Any], scan: _Scan, module: str) -> None:
        """Read a group whose attributes are known, and what it holds; each group once."""
        identity = group.driver.identity(group.path)
        if identity in self._seen:  # hard links may lead in circles
            return
        self._seen.add(identity)
        names = group.children_name()
        scan, is_new = self._scan_of(group, values, names, scan)
        kind, title = values.get("type"), str(values.get("TITLE", ""))
        if kind in scan.modules:
            module = title or group.name
            scan.modules[kind].append(module)
            self._add(kind, scan, module, "title", module)
        self._describe(values, scan, module)
        for name in names:
            if self._count >= _MOST_NODES:
                self.contents.remark = f"only the first {_MOST_NODES} nodes were read"
                break
            child = None if name in _PASSED_BY else group.find(name)
            if child is not None and not is_second_name(child):
                self._count += 1
                self._child(child, scan, module)
        if is_new:
            self.contents.scans.append(scan.finished())

    def _child(self, node: Node, scan: _Scan, module: str) -> None:
        if isinstance(node, GROUP):
            self._visit(node, node.attrs.read(_LAYOUT)[0], scan, module)
        elif isinstance(node, StringARRAY):
            self._read_log(node, scan)
        elif isinstance(node, CARRAY) and not any(
            number_of(node.name, name) is not None for name in _COMPANIONS
        ):
            self._array(node, scan, module)

    def _array(self, array: CARRAY, scan: _Scan, module: str) -> None:
        values, _ = array.attrs.read(_LAYOUT)
        self._describe(values, scan, module)
        begun = values.get("timestamp")
        if isinstance(begun, float) and begun > 0:
            scan.begun = min(scan.begun, begun)
        indexes = values.get("nav_indexes")
        if not scan.shape and values.get("data_type") == DataType.data.name and isinstance(indexes, tuple):
            scan.shape = array.shape[: len(indexes)]
            scan.total = math.prod(scan.shape)

    def _scan_of(
        self, group: GROUP, values: dict[str, Any], names: list[str], around: _Scan
    ) -> tuple[_Scan, bool]:
        """Return the scan that a group belongs to, and whether it begins here."""
        has_record = RECORD_NAME in names
        is_rows = not around.path and values.get("type") in LOGS and is_log(group)
        is_new = is_rows or (not around.path and (has_record or _is_scan(group, values)))
        scan = _Scan(group.path, str(values.get("TITLE", "")), is_log=is_rows) if is_new else around
        if is_rows:  # each of its modules has a record of its own; one without rows has none
            scan.acquired, scan.shape = 0, (0,)
        if has_record and (scan.acquired is None or scan.is_log):
            scan.count(group, group.find(RECORD_NAME))
        elif is_new and _PASSED_BY[-1] in names:
            scan.acquired = _count_times(group)
        return scan, is_new

    def _read_log(self, log: StringARRAY, scan: _Scan) -> None:
        try:
            text = "\n".join(lines_of(log))
        except H5ModulesError as error:
            self.contents.remark = str(error)
            return
        if text:
            self._add("log", scan, "", log.name, text)

    def _describe(self, values: dict[str, Any], scan: _Scan, module: str) -> None:
        for name, value in values.items():
            if name in _TOLD or value is None:
                continue
            if name.endswith("settings") and isinstance(value, str):
                for setting, told in _settings(value):
                    self._add("setting", scan, module, setting, told[:_MOST_LETTERS])
            elif name == "comments":
                self._add("comment", scan, module, name, _text(value))
            elif not isinstance(value, np.ndarray) or value.size <= 16:
                self._add("attribute", scan, module, name, _text(value)[:_MOST_LETTERS])

    def _add(self, kind: str, scan: _Scan, module: str, name: str, value: str) -> None:
        self.contents.facts.append(Fact(kind, scan.path, module, name, value))


def _is_scan(group: GROUP, values: dict[str, Any]) -> bool:
    return values.get("type") == "scan" and number_of(group.name, "Scan") is not None


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _settings(text: str) -> Iterator[tuple[str, str]]:
    try:
        found = flat_settings(text)
    except ElementTree.ParseError:
        return
    for setting in found:
        if setting.kind != "group":
            yield setting.path.rpartition("/")[2], setting.value


def _count_times(scan: GROUP) -> int | None:
    """Return how many points have a time, in a scan of PyMoDAQ."""
    times = scan.find(TIMES)
    return int(np.isfinite(times.read()).sum()) if isinstance(times, CARRAY) else None


def _date(values: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(f"{values['date']}T{values['time']}").astimezone()
    except (KeyError, ValueError):
        return None
