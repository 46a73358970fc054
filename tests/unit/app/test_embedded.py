"""How much memory the embedded database takes: by the machine, or by the container that it runs in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tutela.app import embedded

GIB = 1 << 30


@pytest.mark.parametrize(
    ("machine", "container", "megabytes"),
    [(24, "max", 1024), (24, str(4 * GIB), 512), (2, "max", 256), (0.5, "max", 128), (24, str(GIB // 4), 128),
     (4, None, 512), (4, "", 512), (4, str(64 * GIB), 512)],
)  # fmt: skip
def test_it_takes_an_eighth_within_bounds(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, machine: float, container: str | None, megabytes: int
) -> None:
    pages = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": int(machine * GIB) // 4096}
    monkeypatch.setattr(os, "sysconf", pages.__getitem__)
    said = tmp_path / "memory.max"
    if container is not None:
        said.write_text(f"{container}\n")
    monkeypatch.setattr(embedded, "CONTAINER", said)
    assert embedded._buffers() == megabytes
