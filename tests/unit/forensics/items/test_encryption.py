"""Encrypted containers: headers are certain, even noise is only suspected, compressed files are neither."""

from __future__ import annotations

import random
import zlib

import pytest

from tutela.forensics.items.encryption import encryption_sign

NOISE = random.Random(1).randbytes(512 << 10)


@pytest.mark.parametrize(
    "data",
    [
        b"LUKS\xba\xbe\0\2" + bytes(600),
        b"age-encryption.org/v1\n",
        b"\xeb\x58\x90-FVE-FS-" + bytes(600),
        b"%PDF-1.7 /Encrypt",
    ],
)
def test_a_header_is_certain(data: bytes) -> None:
    assert encryption_sign(data) == "encrypted"


def test_noise_of_whole_sectors_is_suspected() -> None:
    assert encryption_sign(NOISE) == "perhaps_encrypted"
    assert encryption_sign(NOISE[:-1]) == ""
    assert encryption_sign(NOISE[:1024]) == ""


def test_compressed_text_is_not_suspected() -> None:
    text = " ".join(str(number * number) for number in range(400_000)).encode()
    packed = zlib.compress(text)
    assert encryption_sign(packed[: len(packed) // 512 * 512]) == ""
