"""A release's manifest and the log's entry of it: they belong together, or are refused with the reason."""

from __future__ import annotations

import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tutela.exchange.message.signed_envelope import sign
from tutela.exchange.register.release import MANIFEST_CONTEXT
from tutela.exchange.register.release_check import Released, check
from tutela.tlog.verify import Refused

PAYLOAD = b'{"list_id":"eu-register"}'
MANIFEST = sign(PAYLOAD, MANIFEST_CONTEXT, Ed25519PrivateKey.generate()).to_bytes()
SAID = {
    "event": "release.published",
    "list": "eu-register",
    "version": 7,
    "entries": 3,
    "manifest": hashlib.sha256(PAYLOAD).hexdigest(),
}


def test_the_entry_of_this_manifest_is_read() -> None:
    assert check(MANIFEST, json.dumps(SAID).encode()) == Released("eu-register", 7, 3)


@pytest.mark.parametrize(
    ("manifest", "entry", "why"),
    [
        (MANIFEST, {**SAID, "manifest": "0" * 64}, "another manifest"),
        (MANIFEST, {**SAID, "event": "release.head"}, "another manifest"),
        (MANIFEST, {"event": "release.published"}, "cannot be read"),
        (MANIFEST, {**SAID, "version": "seven"}, "cannot be read"),
        (MANIFEST, [SAID], "cannot be read"),
        (MANIFEST[:-9], SAID, "cannot be read"),
        (b"", SAID, "cannot be read"),
    ],
)
def test_another_or_a_broken_one_is_refused(manifest: bytes, entry: object, why: str) -> None:
    with pytest.raises(Refused, match=why):
        check(manifest, json.dumps(entry).encode())


def test_bytes_that_are_no_json_are_refused() -> None:
    for entry in (b"", b"\xff", b"[" * 100_000):
        with pytest.raises(Refused, match="cannot be read"):
            check(MANIFEST, entry)
