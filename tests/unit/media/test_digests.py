"""Exact digests, whole and in pieces."""

from __future__ import annotations

import hashlib
import io
import json

import pytest

from tutela.media.digests import PARALLEL_BYTES, Digester, digest_bytes, digest_stream


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, PARALLEL_BYTES - 1, PARALLEL_BYTES, 3 * (1 << 20) + 7])
def test_digests_are_those_of_hashlib(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    expected = tuple(hashlib.new(name, data).hexdigest() for name in ("md5", "sha1", "sha256"))
    for digests in (digest_bytes(data), digest_stream(io.BytesIO(data))):
        assert (digests.md5, digests.sha1, digests.sha256) == expected
        assert digests.size == size


def test_pieces_of_any_size_give_the_digests_of_the_whole() -> None:
    data = bytes(range(251)) * 5000
    digester, at = Digester(), 0
    for size in (1, 0, 4096, PARALLEL_BYTES, 17, len(data)):
        digester.update(data[at : at + size])
        at += size
    assert digester.digests() == digest_bytes(data)


def test_digests_can_be_written_as_json() -> None:
    assert json.loads(json.dumps(digest_bytes(b"abc").as_json()))["size"] == 3
