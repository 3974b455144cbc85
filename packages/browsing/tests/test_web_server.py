"""Files over HTTP: what is told of them, and what is not to be had."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from fastapi.testclient import TestClient

from h5modules.browsing.web import ServedFiles, create_app
from h5modules.browsing.web._guard import Guard

HOSTS = frozenset({"localhost"})


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    outside = tmp_path / "secret.h5"
    with h5py.File(outside, "w") as file:
        file["values"] = np.arange(3.0)
    (tmp_path / "served").mkdir()
    with h5py.File(tmp_path / "served" / "a.h5", "w") as file:
        file["values"] = np.arange(4.0)
        file["soft"] = h5py.SoftLink("/out/values")
        file["out"] = h5py.ExternalLink(str(outside), "/")
        file.create_dataset("raw", (8,), "u1", external=[(str(outside), 0, 8)])
    (tmp_path / "served" / "broken.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    if os.name != "nt":
        (tmp_path / "served" / "link.h5").symlink_to(outside)
    app = create_app(ServedFiles([tmp_path / "served"]))
    with TestClient(Guard(app, HOSTS), base_url="http://localhost") as client:
        yield client


def test_serves_what_is_inside_and_nothing_else(client: TestClient, tmp_path: Path) -> None:
    assert {each["name"] for each in client.get("/api/files").json()["files"]} == {"a.h5", "broken.h5"}
    asked = {"file": "a.h5", "path": "/values"}
    assert client.get("/api/h5grove/data", params=asked).json() == [0.0, 1.0, 2.0, 3.0]
    for path in ("/out", "/out/values", "/soft", "/raw"):
        assert client.get("/api/h5grove/data", params={"file": "a.h5", "path": path}).status_code == 403
    for name in (
        "../secret.h5",
        "link.h5",
        str(tmp_path / "secret.h5"),
        "..\\secret.h5",
        "a.h5/../../secret.h5",
    ):
        assert client.get("/api/h5grove/meta", params={"file": name}).status_code == 404
    broken = client.get("/api/h5grove/meta", params={"file": "broken.h5"})
    assert broken.status_code == 422
    meta = client.get("/api/h5grove/meta", params={"file": "a.h5"})
    assert str(tmp_path) not in broken.text + meta.text
    assert client.get("/api/files", headers={"host": "evil.example"}).status_code == 421
    assert client.post("/api/files").status_code == 405


def test_asks_for_a_token(tmp_path: Path) -> None:
    with TestClient(
        Guard(create_app(ServedFiles([tmp_path])), HOSTS, "abc"), base_url="http://localhost"
    ) as client:
        assert client.get("/api/files").status_code == 401
        assert client.get("/?token=abd").status_code == 401
        client.get("/?token=abc")
        assert client.get("/api/files").json()["files"] == []


def test_a_scan_that_was_stopped_is_listed_as_incomplete(make_scan: Any, tmp_path: Path) -> None:
    for name, points in (("stopped", 2), ("whole", 3)):
        path = tmp_path / "served" / f"{name}.h5"
        path.parent.mkdir(exist_ok=True)
        make_scan((3,), {"Diode": lambda index: 1.0}, points=points, path=path)
    app = create_app(ServedFiles([tmp_path / "served"]), index=tmp_path / "index.db")
    with TestClient(Guard(app, HOSTS), base_url="http://localhost") as client:
        deadline = time.monotonic() + 60
        while (told := client.get("/api/files").json())["unread"]:
            assert time.monotonic() < deadline, "files are read"
            time.sleep(0.1)
        states = {each["name"]: each["state"] for each in told["files"]}
        assert states == {"stopped.h5": "incomplete", "whole.h5": "finished"}
        assert client.get("/api/progress", params={"file": "stopped.h5"}).json()["state"] == "incomplete"
