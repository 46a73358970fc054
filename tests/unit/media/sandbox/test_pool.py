"""The pool survives what a picture can do to a worker, and a worker cannot get out."""

from __future__ import annotations

import json
import os
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.support.pictures import FORMS, animation, jpeg, oversized_png, photos, png, texture
from tutela.media import HasherPool, digest_bytes
from tutela.media.images.heif_sequences import describe_picture
from tutela.media.limits import MIB, Limits
from tutela.media.pdq import hash_pixels
from tutela.media.results import Code, Hashed, Refused
from tutela.media.sandbox import pool as sandbox_pool
from tutela.media.sandbox import spawn, uploads, wire

PICTURE = texture(5, 400, 300)
KNOWN = png(PICTURE)

needs_bubblewrap = pytest.mark.skipif(spawn.find_bubblewrap() is None, reason="bubblewrap (bwrap) is not installed")


@pytest.fixture(scope="module")
def pool() -> Iterator[HasherPool]:
    with HasherPool(workers=2) as pool:
        yield pool


@pytest.fixture
def tight() -> Iterator[HasherPool]:
    with HasherPool(workers=1, limits=Limits(seconds=1.0, memory_bytes=64 * MIB), isolation="seccomp") as pool:
        yield pool


def still_works(pool: HasherPool) -> bool:
    answer = pool.hash_bytes(KNOWN, tenant="house")
    return isinstance(answer, Hashed) and answer.frames[0].pdq == hash_pixels(PICTURE)[0]


def the_worker(pool: HasherPool) -> spawn.Worker:
    assert still_works(pool)
    (worker,) = pool._places.idle()
    return worker


@pytest.mark.parametrize("form", FORMS)
def test_every_format_hashes_inside_the_cage(pool: HasherPool, form: str) -> None:
    data = FORMS[form](PICTURE)
    answer = pool.hash_bytes(data, tenant="house")
    assert isinstance(answer, Hashed), answer
    assert answer.digests == digest_bytes(data)
    assert answer.matchable
    assert json.loads(json.dumps(answer.as_json()))["frames"][0]["pdq"] == answer.frames[0].pdq.hex()


def test_a_cage_answers_as_its_decoders_do_outside(pool: HasherPool) -> None:
    """A module that is first needed inside cannot be loaded there: the picture would pass for a damaged one."""
    files = [*(path.read_bytes() for path in photos()), *(make(PICTURE) for make in FORMS.values())]
    for data in files:
        answer, outside = pool.hash_bytes(data, tenant="house"), describe_picture(data, pool.limits)
        assert isinstance(answer, Hashed)
        assert (answer.format, answer.notes) == (outside.format, outside.notes)
        assert [one.variants for one in answer.frames] == [one.variants for one in outside.frames]


@pytest.mark.parametrize("isolation", ["seccomp", pytest.param("bubblewrap", marks=needs_bubblewrap)])
def test_a_picture_of_some_size_is_handed_over_and_a_small_one_sent(
    isolation: sandbox_pool.Isolation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ways, send = list[tuple[int, bool]](), wire.send_request

    def noted(to: Any, operation: int, data: bytes, descriptor: int | None = None) -> None:
        ways.append((len(data), descriptor is not None))
        send(to, operation, data, descriptor)

    monkeypatch.setattr(wire, "send_request", noted)
    large, small = png(texture(6, 500, 400)), png(texture(7, 80, 60))
    assert len(small) < uploads.HANDED_BYTES <= len(large)
    with HasherPool(workers=1, limits=Limits(max_bytes=1 << 20), isolation=isolation) as pool:
        found = [pool.hash_bytes(one, tenant="house") for one in (large, small)]
        assert ways == [(0, True), (len(small), False)]
        # Where the system has no such memory, the same is sent.
        monkeypatch.delattr(os, "memfd_create")
        assert [pool.hash_bytes(one, tenant="house") for one in (large, small)] == found
        assert ways[2:] == [(len(large), False), (len(small), False)]
    assert all(isinstance(one, Hashed) for one in found)


@pytest.mark.parametrize("isolation", ["seccomp", pytest.param("bubblewrap", marks=needs_bubblewrap)])
def test_a_worker_cannot_reach_anything_outside(isolation: sandbox_pool.Isolation) -> None:
    left = escapes()
    with HasherPool(workers=1, isolation=isolation) as pool:
        assert isolation in pool.isolation
        assert "seccomp" in pool.isolation
        refused = pool.probe()
        assert len(refused) == 13
        assert all(refused.values()), refused
        assert still_works(pool)
    assert left == escapes()


def escapes() -> set[Path]:
    """What attempts to write a file leave."""
    return set(Path("/tmp").glob("tutela-escape*"))


def test_attempts_outside_of_the_cage_are_told_and_leave_nothing() -> None:
    left = escapes()
    asked = "import json; from tutela.media.sandbox.cage import try_to_escape; print(json.dumps(try_to_escape()))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    refused = json.loads(done.stdout.splitlines()[-1])
    assert {"read a file", "write a file", "run a program", "start a process"} <= {
        name for name, no in refused.items() if not no
    }
    assert escapes() == left


def test_refusals_carry_digests_code_and_words(pool: HasherPool) -> None:
    answer = pool.hash_bytes(b"hello", tenant="house")
    assert answer == Refused(digest_bytes(b"hello"), Code.NOT_A_PICTURE, "not a picture")
    assert json.loads(json.dumps(answer.as_json()))["refused"] == "not_a_picture"
    assert pool.hash_bytes(b"", tenant="house") == Refused(digest_bytes(b""), Code.EMPTY, "the file is empty")


def test_a_flat_picture_is_hashed_but_not_matchable(pool: HasherPool) -> None:
    answer = pool.hash_bytes(png(np.full((100, 100, 3), 90, np.uint8)), tenant="house")
    assert isinstance(answer, Hashed)
    assert not answer.matchable
    assert answer.frames[0].quality == 0
    assert "too flat: quality 0" in answer.notes


def test_a_file_gives_the_answer_of_its_bytes(pool: HasherPool, tmp_path: Path) -> None:
    path = tmp_path / "picture.bin"
    path.write_bytes(KNOWN)
    assert pool.hash_file(path, tenant="house") == pool.hash_bytes(KNOWN, tenant="house")
    assert pool.hash_file(str(path), tenant="house") == pool.hash_bytes(KNOWN, tenant="house")


def test_a_file_that_cannot_be_read_is_refused_not_raised(pool: HasherPool, tmp_path: Path) -> None:
    for path in (tmp_path / "absent", tmp_path):
        answer = pool.hash_file(path, tenant="house")
        assert isinstance(answer, Refused)
        assert (answer.code, answer.digests) == (Code.UNREADABLE, None)


def test_a_file_beyond_the_byte_limit_still_gets_its_digests(tmp_path: Path) -> None:
    data = KNOWN + bytes(3 * MIB)
    (tmp_path / "big").write_bytes(data)
    with HasherPool(workers=1, limits=Limits(max_bytes=len(KNOWN)), isolation="seccomp") as pool:
        for answer in (pool.hash_bytes(data, tenant="house"), pool.hash_file(tmp_path / "big", tenant="house")):
            assert isinstance(answer, Refused)
            assert answer.code is Code.TOO_LARGE
            assert answer.digests == digest_bytes(data)
        assert still_works(pool)


def test_a_pixel_bomb_is_too_large(pool: HasherPool) -> None:
    for width, height in ((60000, 60000), (1, 2**31 - 1), (2**31 - 1, 2**31 - 1)):
        answer = pool.hash_bytes(oversized_png(width, height), tenant="house")
        assert isinstance(answer, Refused)
        assert answer.code in (Code.TOO_LARGE, Code.CORRUPT)
    assert still_works(pool)


def test_an_animation_without_end_is_refused(pool: HasherPool) -> None:
    gif = animation("GIF", frames=2, size=16)
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"
    endless = gif[:-1] + frame * 500_000 + b";"
    for data in (endless, animation("WEBP", frames=2001, size=8), deep_tiff(3000)):
        answer = pool.hash_bytes(data, tenant="house")
        assert isinstance(answer, Refused), answer
        assert answer.code is Code.TOO_MANY_FRAMES
    assert still_works(pool)


def deep_tiff(pages: int) -> bytes:
    page = struct.pack("<H", 1) + struct.pack("<HHII", 256, 4, 1, 1)
    size = len(page) + 4
    following = [8 + size * (k + 1) for k in range(pages - 1)] + [0]
    return b"II*\0" + struct.pack("<I", 8) + b"".join(page + struct.pack("<I", offset) for offset in following)


def test_a_picture_that_needs_too_much_memory_is_refused_alone(tight: HasherPool) -> None:
    wide = png(np.zeros((6000, 6000, 3), np.uint8))
    answer = tight.hash_bytes(wide, tenant="house")
    assert isinstance(answer, Refused)
    assert answer.code is Code.MEMORY_LIMIT
    assert answer.digests == digest_bytes(wide)
    assert still_works(tight)


def test_a_worker_that_does_not_answer_is_killed_and_replaced(tight: HasherPool) -> None:
    worker = the_worker(tight)
    os.kill(worker.process.pid, signal.SIGSTOP)
    answer = tight.hash_bytes(KNOWN, tenant="house")
    assert isinstance(answer, Refused)
    assert answer.code is Code.TIME_LIMIT
    assert worker.process.poll() == -signal.SIGKILL
    assert still_works(tight)


def test_a_worker_killed_in_the_middle_of_a_picture_costs_that_picture_alone() -> None:
    large = KNOWN + bytes(8 * MIB)  # more than the socket holds, so the stopped worker keeps the sender waiting
    with HasherPool(workers=1, isolation="seccomp") as pool, ThreadPoolExecutor(1) as threads:
        worker = the_worker(pool)
        left = worker.left
        os.kill(worker.process.pid, signal.SIGSTOP)
        answer = threads.submit(pool.hash_bytes, large, tenant="house")
        wait_until(lambda: worker.left < left)  # the pool has found it alive and handed the picture over
        os.kill(worker.process.pid, signal.SIGKILL)
        refused = answer.result(timeout=30)
        assert isinstance(refused, Refused)
        assert refused.code is Code.CRASHED
        assert refused.digests == digest_bytes(large)
        assert still_works(pool)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline, tick = time.monotonic() + 20, threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        tick.wait(0.001)


@pytest.mark.parametrize("isolation", ["seccomp", pytest.param("bubblewrap", marks=needs_bubblewrap)])
def test_a_worker_killed_while_idle_costs_no_picture(isolation: sandbox_pool.Isolation) -> None:
    with HasherPool(workers=1, isolation=isolation) as pool:
        worker = the_worker(pool)
        os.kill(worker.process.pid, signal.SIGKILL)
        worker.process.wait()
        assert still_works(pool)


def test_a_worker_is_replaced_after_its_allotted_pictures() -> None:
    with HasherPool(workers=1, limits=Limits(pictures_per_worker=3), isolation="seccomp") as pool:
        seen: set[int] = set()
        for _ in range(7):
            assert still_works(pool)
            # The one that has done its last picture may have ended already.
            seen |= {worker.process.pid for worker in pool._places.idle()}
    assert len(seen) == 3


def test_closing_leaves_no_process_and_no_descriptor_behind() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    with HasherPool(workers=2, isolation="seccomp") as pool:
        pid = the_worker(pool).process.pid
    pool.close()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    closed = pool.hash_bytes(KNOWN, tenant="house")
    assert isinstance(closed, Refused)
    assert closed.code is Code.UNAVAILABLE


def test_many_threads_share_a_pool(pool: HasherPool) -> None:
    pictures = [jpeg(texture(seed, 200, 150)) for seed in range(40)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(partial(pool.hash_bytes, tenant="house"), pictures))
    assert all(isinstance(answer, Hashed) for answer in answers)
    assert [a.digests for a in answers] == [digest_bytes(p) for p in pictures]
    assert pool.busy == 0


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_starts_its_own_workers() -> None:
    with HasherPool(workers=1, isolation="seccomp") as pool:
        ours = the_worker(pool).process.pid
        child = os.fork()
        if not child:
            try:
                ok = still_works(pool) and the_worker(pool).process.pid != ours
                pool.close()
                os._exit(0 if ok else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert the_worker(pool).process.pid == ours


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (wire.DESCRIBED, b""),
        (wire.DESCRIBED, bytes(20)),
        (wire.DESCRIBED, b"\xff" * 400),
        (wire.REFUSED, b"\xff\0\0"),
        (9, b""),
    ],
)
def test_an_answer_that_breaks_the_format_is_not_believed(kind: int, body: bytes) -> None:
    with pytest.raises(wire.BadFrame):
        sandbox_pool._unpack(kind, body)


def test_a_pool_needs_a_worker() -> None:
    with pytest.raises(ValueError, match="at least one"):
        HasherPool(workers=0)


def test_a_worker_serves_one_tenant_and_another_ones_is_replaced() -> None:
    with HasherPool(workers=1, isolation="seccomp") as pool:
        (first,) = pool._places.idle()
        assert isinstance(pool.hash_bytes(KNOWN, tenant="aoife"), Hashed)
        assert pool._places.idle() == [first]
        assert isinstance(pool.hash_bytes(KNOWN, tenant="aoife"), Hashed)
        assert pool._places.idle() == [first]
        assert isinstance(pool.hash_bytes(KNOWN, tenant="bruno"), Hashed)
        (second,) = pool._places.idle()
        assert second is not first
        assert second.tenant == "bruno"
        assert not first.alive()


def test_tenants_keep_their_workers_while_there_are_places() -> None:
    with HasherPool(workers=2, isolation="seccomp") as pool:
        for _ in range(3):
            for tenant in ("aoife", "bruno"):
                assert isinstance(pool.hash_bytes(KNOWN, tenant=tenant), Hashed)
        left = {worker.tenant: worker.left for worker in pool._places.idle()}
        assert left == {"aoife": pool.limits.pictures_per_worker - 3, "bruno": pool.limits.pictures_per_worker - 3}


def test_a_picture_of_nobody_is_refused(pool: HasherPool) -> None:
    with pytest.raises(ValueError, match="tenant"):
        pool.hash_bytes(KNOWN, tenant="")
