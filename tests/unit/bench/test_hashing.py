"""What the hashing bench compares: nothing that the peer reads is left out without a word."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "bench"))

import hash_distances
import hashing

from tests.support.pictures import jpeg, png, texture
from tutela.media.results import Code, Refusal


def written(folder: Path) -> list[Path]:
    picture = texture(1, 96, 96)
    paths = [folder / "a.jpg", folder / "b.png", folder / "c.jpg"]
    for path, data in zip(paths, (jpeg(picture), png(picture), b"no picture"), strict=True):
        path.write_bytes(data)
    return paths


def test_distances_are_kept_by_format_and_what_nobody_reads_is_counted(tmp_path: Path) -> None:
    found = hash_distances.compared(written(tmp_path))
    assert (len(found.jpeg), found.others, found.refused, found.unread) == (1, [0], Counter(), 1)


def test_picture_that_ours_alone_refuses_is_counted_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(data: bytes) -> bytes:
        raise Refusal(Code.CORRUPT if data.startswith(b"\xff\xd8") else Code.TOO_LARGE, "no")

    monkeypatch.setattr(hash_distances, "ours", refuse)
    found = hash_distances.compared(written(tmp_path))
    assert found.refused == {Code.CORRUPT: 1, Code.TOO_LARGE: 1}
    assert Code.TOO_LARGE in hash_distances.LIMITED
    assert Code.CORRUPT not in hash_distances.LIMITED


def test_distribution_has_a_step_for_two_bits_and_one_for_more_than_ten() -> None:
    told = hash_distances.shares([0, 0, 1, 2, 10, 11, 40, 256])
    assert (
        told == "0 bits 0.2500, 2 bits 0.2500, 4 bits 0.0000, 6 bits 0.0000, 8 bits 0.0000, 10 bits 0.1250, more 0.3750"
    )


def test_processor_time_of_other_processes_below_counts() -> None:
    import subprocess

    def work() -> None:
        subprocess.run([sys.executable, "-c", "sum(range(12_000_000))"], check=True)

    # By ticks of ten milliseconds, and nothing of it is this process's own.
    assert hashing.used_by(work) > 0.02
