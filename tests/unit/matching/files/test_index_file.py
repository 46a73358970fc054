"""Index files: what is written is read, and nothing else is."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.matching_hashes import near_and_far, random_hashes
from tutela.matching import (
    HammingIndex,
    IndexFileDamagedError,
    IndexFileError,
    IndexFileForeignError,
    IndexFileKeyError,
    IndexFileTruncatedError,
    SharedIndex,
    map_index,
    write_index,
)
from tutela.matching.files import container, payload

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
LIST = b"list-a 7"


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several chunks also for a small list."""
    monkeypatch.setattr(container, "CHUNK_BYTES", 4096)


def index_of(size: int, *, ids: bool = False) -> HammingIndex:
    hashes = random_hashes(np.random.default_rng(size), size)
    return HammingIndex(hashes, np.arange(size, dtype=np.uint32) * 3 if ids else None)


def sealed(folder: Path, size: int = 300, binding: bytes = LIST) -> Path:
    path = folder / f"index-{size}"
    write_index(path, index_of(size), key=KEY, binding=binding)
    return path


def refused(path: Path, data: bytes, kind: type[IndexFileError], match: str | None = None) -> None:
    path.write_bytes(data)
    with pytest.raises(kind, match=match):
        SharedIndex.open(path, key=KEY, binding=LIST)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 300, 3000])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_what_is_written_is_read(size: int, threads: int, tmp_path: Path) -> None:
    index = index_of(size, ids=size == 300)
    queries = near_and_far(np.random.default_rng(1), index.view().layers[0].hashes, 40)
    write_index(tmp_path / "sealed", index, key=KEY, binding=LIST)
    write_index(tmp_path / "plain", index.view(), key=None, binding=LIST)
    assert (tmp_path / "sealed").stat().st_mode & 0o077 == 0
    with SharedIndex.open(tmp_path / "sealed", key=KEY, binding=LIST, threads=threads) as shared:
        plain = map_index(tmp_path / "plain", binding=LIST, threads=threads)
        worker = SharedIndex.attach(shared.fd)
        for other in (shared.index, plain, worker.index):
            found, wanted = other.query(queries, 31), index.query(queries, 31)
            assert [found.of(i) for i in range(40)] == [wanted.of(i) for i in range(40)]
            assert len(other) == size
    assert worker.index.query(queries, 31).ids.tolist() == wanted.ids.tolist(), "a worker outlives the holder"
    worker.close()
    worker.close()


def test_a_changed_index_is_written_as_it_is_now(tmp_path: Path) -> None:
    index = index_of(3000, ids=True)
    index.remove([0, 3, 6])
    index.add(random_hashes(np.random.default_rng(4), 2), [7, 8])
    write_index(tmp_path / "index", index, key=KEY, binding=LIST)
    with SharedIndex.open(tmp_path / "index", key=KEY, binding=LIST) as shared:
        assert len(shared.index) == 2999
        assert set(shared.index.query(np.zeros((1, 32), np.uint8), 256).ids.tolist()) == {*range(9, 9000, 3), 7, 8}
        shared.index.remove([7])
        shared.index.compact()
        assert len(shared.index) == 2998, "memory that cannot change is a base like any other"


def test_no_hash_stands_in_a_sealed_file(tmp_path: Path) -> None:
    data = sealed(tmp_path).read_bytes()
    hashes = index_of(300).view().layers[0].hashes
    assert not any(bytes(value)[:6] in data for value in hashes)
    assert sealed(tmp_path).read_bytes() != data, "no two files share a key"


def test_a_torn_file_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    path = sealed(tmp_path, 40)
    data = path.read_bytes()
    for end in [*range(140), *range(140, len(data), 97), len(data) - 16, len(data) - 1]:
        refused(path, data[:end], IndexFileTruncatedError)
    refused(path, data + b"\0", IndexFileTruncatedError, f"has {len(data) + 1} bytes")


def test_chunks_that_were_moved_doubled_cut_or_swapped_are_refused(tmp_path: Path) -> None:
    path = sealed(tmp_path)
    data, step = path.read_bytes(), 4096 + 16
    head, one, two, rest = data[:128], data[128 : 128 + step], data[128 + step : 128 + 2 * step], data[128 + 2 * step :]
    assert len(rest) > step
    write_index(path, index_of(300), key=KEY, binding=LIST)
    twin = path.read_bytes()
    refused(path, head + two + one + rest, IndexFileDamagedError, "Chunk 0|Chunk 1")
    refused(path, head + one + one + rest, IndexFileDamagedError, "Chunk 1")
    refused(path, data[:128] + twin[128:], IndexFileDamagedError, "Chunk")
    refused(path, twin[:128] + one + twin[128 + step :], IndexFileDamagedError, "Chunk 0")
    # Cut at a chunk's end, with a header that agrees.
    content = 4096 * 2
    shorter = container.Header(container.SEALED, 4096, 2, content, data[32:64], data[64:96], data[96:128])
    refused(path, shorter.pack() + one + two, IndexFileKeyError)


@pytest.mark.parametrize("at", [0, 7, 8, 12, 16, 20, 24, 31, 32, 63, 64, 95, 96, 127, 128, 4000, -1, -16, -17])
def test_an_edited_byte_is_refused_wherever_it_is(at: int, tmp_path: Path) -> None:
    path = sealed(tmp_path)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    refused(path, bytes(data), IndexFileError)
    write_index(path, index_of(300), key=None, binding=LIST)
    data = bytearray(path.read_bytes())
    at += 4096 if at >= 128 else 0
    data[at] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(IndexFileError):
        map_index(path, binding=LIST)


def test_another_key_or_list_or_kind_is_told_from_damage(tmp_path: Path) -> None:
    path = sealed(tmp_path)
    for key, binding, reason in ((OTHER, LIST, "another key"), (KEY, b"list-a 6", "another list or version")):
        with pytest.raises(IndexFileKeyError, match=reason):
            SharedIndex.open(path, key=key, binding=binding)
    with pytest.raises(IndexFileKeyError, match="32 bytes"):
        SharedIndex.open(path, key=b"short", binding=LIST)
    with pytest.raises(IndexFileKeyError, match="is sealed"):
        map_index(path, binding=LIST)
    write_index(path, index_of(3), key=None, binding=LIST)
    with pytest.raises(IndexFileKeyError, match="is plain"):
        SharedIndex.open(path, key=KEY, binding=LIST)


def test_foreign_and_missing_files_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "x", b"PK\3\4" + bytes(200), IndexFileForeignError, "first bytes")
    data = bytearray(sealed(tmp_path).read_bytes())
    data[8] = 2
    refused(tmp_path / "x", bytes(data), IndexFileForeignError, "version 2")
    with pytest.raises(IndexFileError, match="No such file"):
        SharedIndex.open(tmp_path / "nothing", key=KEY, binding=LIST)


def test_shared_memory_can_no_longer_be_changed(tmp_path: Path) -> None:
    with SharedIndex.open(sealed(tmp_path), key=KEY, binding=LIST) as shared:
        with pytest.raises(OSError, match="not permitted"):
            os.pwrite(shared.fd, b"\xff" * 64, 4096)
        for size in (0, 1 << 24):
            with pytest.raises(OSError, match="not permitted"):
                os.ftruncate(shared.fd, size)
        with pytest.raises(OSError, match="not permitted"):
            mmap.mmap(shared.fd, 4096)
        assert not os.get_inheritable(shared.fd)


def test_memory_that_could_change_is_not_attached(tmp_path: Path) -> None:
    memory = os.memfd_create("loose", os.MFD_ALLOW_SEALING)
    os.write(memory, bytes(8192))
    with pytest.raises(IndexFileError, match="not sealed"):
        SharedIndex.attach(memory)
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW)
    with pytest.raises(IndexFileError, match="not sealed"):
        SharedIndex.attach(memory)
    os.close(memory)
    with sealed(tmp_path).open("rb") as file, pytest.raises(IndexFileError, match="memory cannot be sealed"):
        SharedIndex.attach(file.fileno())


WORKER = """
import sys
import numpy as np
from tutela.matching import SharedIndex
with SharedIndex.attach(int(sys.argv[1])) as shared:
    print(shared.index.query(np.frombuffer(bytes.fromhex(sys.argv[2]), np.uint8).reshape(1, 32), 31).of(0))
"""


def test_another_process_reads_the_same_pages(tmp_path: Path) -> None:
    hashes = index_of(3000).view().layers[0].hashes
    with SharedIndex.open(sealed(tmp_path, 3000), key=KEY, binding=LIST) as shared:
        command = [sys.executable, "-c", WORKER, str(shared.fd), bytes(hashes[2]).hex()]
        ran = subprocess.run(command, pass_fds=[shared.fd], capture_output=True, text=True, check=True)
        assert ran.stdout.strip() == str(shared.index.query(hashes[2:3], 31).of(0))


@pytest.mark.parametrize(
    ("at", "value", "reason"),
    [
        (0, 1, "version 1"),
        (4, 17, "impossible"),
        (8, 4000, "the first page states"),
        (16, 3001, "impossible"),
        (24, 2, "impossible"),
        (24, 0, "the first page states"),
        (4, 7, "the first page states"),
    ],
)
def test_content_with_other_numbers_is_refused(at: int, value: int, reason: str) -> None:
    content = bytearray(b"".join(payload.parts(index_of(3000).view().layers[0])))
    content[at : at + 4] = value.to_bytes(4, "little")
    with pytest.raises(IndexFileError, match=reason):
        payload.layer_of(memoryview(bytes(content)))


def test_content_with_a_broken_directory_is_refused() -> None:
    layer = index_of(3000).view().layers[0]
    content = bytearray(b"".join(payload.parts(layer)))
    places = {name: at for name, _, _, at in payload.Layout(layer.postings.bits, 3000, 3000, True).sections()}
    content[places["starts"] + 5] ^= 255
    with pytest.raises(IndexFileDamagedError, match="directory"):
        payload.layer_of(memoryview(bytes(content)))
    with pytest.raises(IndexFileDamagedError, match="first page"):
        payload.layer_of(memoryview(b"short"))


@given(noise=st.binary(max_size=300), at=st.integers(0, 1 << 16), xor=st.integers(1, 255))
def test_no_bytes_crash_the_reader(noise: bytes, at: int, xor: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("noise") / "x"
    whole = bytearray(sealed(path.parent, 3).read_bytes())
    whole[at % len(whole)] ^= xor
    for data in (noise, b"TUTELAIX" + noise, bytes(whole)):
        refused(path, data, IndexFileError)


def test_the_root_of_a_plain_file_is_the_one_documented(tmp_path: Path) -> None:
    """An independent reading of `docs/index-format.md`."""
    write_index(tmp_path / "plain", index_of(300), key=None, binding=LIST)
    data = (tmp_path / "plain").read_bytes()
    size = int.from_bytes(data[24:32], "little")
    content, digests = data[4096 : 4096 + size], data[4096 + size :]
    made = b"".join(hashlib.sha256(content[i : i + 4096]).digest() for i in range(0, size, 4096))
    assert made == digests
    assert data[96:128] == hashlib.sha256(data[:96] + digests).digest()
    assert data[32:64] == hashlib.sha256(LIST).digest()
    assert data[128:4096] == bytes(4096 - 128)
