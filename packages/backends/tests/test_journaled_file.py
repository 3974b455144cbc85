"""Files whose structure changes as a whole: byte ranges, journals, the file object, without HDF5."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from h5modules.backends._journal import Journal, finish_journal, read_journal, write_journal
from h5modules.backends._journaled_file import JournaledFile
from h5modules.backends._ranges import ByteRanges


def test_ranges_are_what_was_put_last() -> None:
    draw = random.Random(1)
    for _ in range(200):
        ranges, model = ByteRanges(), [None] * 60
        for _ in range(12):
            start, stop = sorted(draw.sample(range(61), 2))
            if draw.random() < 0.25:
                ranges.discard(start, stop)
                model[start:stop] = [None] * (stop - start)
            else:
                values = draw.randbytes(stop - start)
                ranges.put(start, values)
                model[start:stop] = list(values)
        target = bytearray(b"\xff" * 40)
        ranges.overlay(10, memoryview(target))
        assert list(target) == [0xFF if value is None else value for value in model[10:50]]
        kept = {start + place: value for start, part in ranges for place, value in enumerate(part)}
        assert kept == {place: value for place, value in enumerate(model) if value is not None}


@pytest.mark.parametrize("cut", range(0, 100, 7))
def test_a_journal_that_is_not_whole_is_none(cut: int) -> None:
    stored = Journal(500, ((7, 3),), ((8, b"abc"),), ((8, b"def"),)).encode()
    assert Journal.decode(stored) is not None
    for damaged in (stored[:cut], stored + b"x", stored[:cut] + b"\xee" + stored[cut + 1 :]):
        if damaged != stored:
            assert Journal.decode(damaged) is None


def test_a_journal_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    first = Journal(10, (), ((0, b"a"),))
    write_journal(path, first, synced=True)
    assert Journal.decode(path.read_bytes()) == first
    (tmp_path / "journal.part").mkdir()
    with pytest.raises(OSError, match=r"journal\.part"):
        write_journal(path, Journal(20))
    assert Journal.decode(path.read_bytes()) == first


@pytest.mark.parametrize(
    ("content", "is_its_own"),
    [
        (b"0123456789", True),
        (b"01ab456xyz", True),
        (b"01a3456x89", True),
        (b"01a3456?89", False),
        (b"", False),
    ],
)
def test_a_journal_of_another_file_is_none(path: Path, content: bytes, is_its_own: bool) -> None:
    journal = Journal(10, (), ((2, b"ab"), (7, b"xyz")), ((2, b"23"), (7, b"789")))
    write_journal(path.with_name("journal"), journal)
    path.write_bytes(content)
    with path.open("rb") as file:
        found = read_journal(path.with_name("journal"), file.fileno())
    assert found == (journal if is_its_own else None)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere the system keeps names by itself")
def test_a_finished_journal_stays_away_when_power_is_lost(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = path.with_name("journal")
    write_journal(journal, Journal(10, (), ((2, b"ab"),), ((2, bytes([2, 3])),)))
    synced: list[tuple[bool, bool]] = []

    def note_sync(descriptor: int) -> None:
        synced.append((os.path.samestat(os.fstat(descriptor), path.parent.stat()), journal.exists()))

    monkeypatch.setattr(os, "fsync", note_sync)
    with path.open("r+b") as file:
        assert finish_journal(journal, file.fileno())
        is_folder, is_there = True, True
        assert synced == [(not is_folder, is_there), (is_folder, not is_there)]
        assert not finish_journal(journal, file.fileno())
    assert len(synced) == 2
    assert path.read_bytes() == b"\x00\x01ab" + bytes(range(4, 10))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(100)))
    return path


@pytest.fixture
def file(path: Path) -> Iterator[JournaledFile]:
    with JournaledFile(os.open(path, os.O_RDWR), path.with_name("journal")) as opened:
        yield opened


def read(file: JournaledFile, start: int, length: int) -> bytes:
    file.seek(start)
    found = file.read(length)
    assert found is not None
    return found


def test_what_is_committed_stays_until_the_next_commit(file: JournaledFile, path: Path) -> None:
    file.seek(95)
    file.write(b"0123456789")
    assert path.read_bytes() == bytes(range(100)) + b"56789"
    assert read(file, 90, 20) == bytes(range(90, 95)) + b"0123456789" + bytes(5)
    file.truncate(98)
    file.flush()
    assert path.read_bytes() == bytes(range(95)) + b"012"
    assert [each.name for each in path.parent.iterdir()] == ["file"]
    file.seek(97)
    file.write(b"xy")
    assert path.read_bytes() == bytes(range(95)) + b"012y"


def test_what_was_not_committed_is_dropped(file: JournaledFile, path: Path) -> None:
    file.seek(10)
    file.write(b"changed")
    file.truncate(50)
    file.close()
    file.close()
    assert path.read_bytes() == bytes(range(100))


def test_cleared_bytes_are_zero_from_the_commit_on(file: JournaledFile, path: Path) -> None:
    file.seek(95)
    file.write(b"0123456789")
    file.clear(90, 12)
    file.seek(91)
    file.write(b"new")
    assert read(file, 89, 16) == bytes([89, 0]) + b"new" + bytes(8) + b"789"
    assert path.read_bytes()[:100] == bytes(range(100))
    file.flush()
    assert path.read_bytes() == bytes(range(90)) + b"\0new" + bytes(8) + b"789"


def test_a_commit_that_fails_can_be_tried_again(file: JournaledFile, path: Path) -> None:
    file.seek(0)
    file.write(b"changed")
    path.with_name("journal.part").mkdir()
    file.flush()
    with pytest.raises(OSError, match="journal"):
        file.raise_failure()
    assert path.read_bytes() == bytes(range(100))
    assert read(file, 0, 7) == b"changed"
    path.with_name("journal.part").rmdir()
    file.flush()
    assert path.read_bytes()[:7] == b"changed"


def test_a_journal_is_read_along(path: Path) -> None:
    with JournaledFile(os.open(path, os.O_RDONLY)) as reader:
        reader.show(Journal(110, ((0, 5),), ((3, b"abc"),)))
        assert reader.seek(0, os.SEEK_END) == 110
        assert read(reader, 0, 8) == b"\0\0\0abc\x06\x07"
        assert read(reader, 98, 12) == bytes([98, 99]) + bytes(10)
        assert not reader.writable()
        reader.flush()
    assert path.read_bytes() == bytes(range(100))


def test_places_beyond_four_gib(tmp_path: Path) -> None:
    path, far = tmp_path / "large", 5 * 2**30
    path.touch()
    with JournaledFile(os.open(path, os.O_RDWR), tmp_path / "journal") as file:
        file.seek(far)
        file.write(b"beyond")
        file.flush()
        file.seek(far)
        file.write(b"BE")
        assert read(file, far, 6) == b"BEyond"
        file.flush()
        assert path.stat().st_size == far + 6
        assert read(file, far, 6) == b"BEyond"
