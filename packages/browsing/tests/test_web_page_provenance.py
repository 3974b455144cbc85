"""The built page that lies in the repository is the one of the sources beside it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from h5modules.browsing.web._application import PAGE

SOURCES = Path(__file__).resolve().parents[1] / "web-page"
TOLD = json.loads((PAGE / "provenance.json").read_text("utf-8"))
REMEDY = "build it: python run.py page"


def hashes(folder: Path, names: list[str]) -> dict[str, str]:
    """Return the hash of each file, with the same ends of lines everywhere."""
    texts = {name: (folder / name).read_bytes().replace(b"\r\n", b"\n") for name in names}
    return {name: hashlib.sha256(text).hexdigest() for name, text in texts.items()}


@pytest.mark.skipif(not SOURCES.exists(), reason="the sources of the page are in the repository only")
def test_the_page_is_built_from_these_sources() -> None:
    names = sorted(f"src/{path.name}" for path in (SOURCES / "src").iterdir())
    assert names == sorted(name for name in TOLD["sources"] if name.startswith("src/")), REMEDY
    assert hashes(SOURCES, list(TOLD["sources"])) == TOLD["sources"], REMEDY


def test_the_page_is_as_it_was_built() -> None:
    names = {path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*") if path.is_file()}
    assert names - {"provenance.json"} == set(TOLD["built"]), REMEDY
    assert hashes(PAGE, list(TOLD["built"])) == TOLD["built"], REMEDY


def test_the_lock_names_no_host() -> None:
    if SOURCES.exists():
        assert "resolved" not in (SOURCES / "package-lock.json").read_text("utf-8")
