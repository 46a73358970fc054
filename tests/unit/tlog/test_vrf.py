"""Values against the specification's vector, and against every forgery at hand."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutela.tlog import vrf
from tutela.tlog.verify import Refused

# c2sp.org/vrf-r255, test vector.
SCALAR = bytes.fromhex("3431c2b03533e280b23232e280b34e2c3132c2b03238e280b23131e280b34500")
PUBLIC = bytes.fromhex("54136cd90d99fbd1d4e855d9556efea87ba0337f2a6ce22028d0f5726fcb854e")
ALPHA = bytes.fromhex("633273702e6f72672f7672662d72323535")
PROOF = bytes.fromhex(
    "0a97d961262fb549b4175c5117860f42ae44a123f93c476c439eddd1c0cff926"
    "5c805525233e2284dbed45e593b8eea31d5ca9734d72bcbba9738d5237f955f3b2422351149d1312503b6441a47c940c"
)
BETA = bytes.fromhex("dd653f0879b48c3ef69e13551239bec4cbcc1c18fe8894de2e9e1c790e182736")


def test_the_vector_of_the_specification() -> None:
    secret = vrf.Secret.from_scalar(SCALAR)
    assert secret.public == PUBLIC
    assert secret.prove(ALPHA) == PROOF
    assert secret.value(ALPHA) == vrf.check(PUBLIC, ALPHA, PROOF) == BETA


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_a_value_belongs_to_one_item_and_one_key(item: bytes, other: bytes) -> None:
    secret, stranger = vrf.Secret.generate(), vrf.Secret.generate()
    proof = secret.prove(item)
    assert vrf.check(secret.public, item, proof) == secret.value(item)
    with pytest.raises(Refused):
        vrf.check(stranger.public, item, proof)
    if other != item:
        assert secret.value(other) != secret.value(item)
        with pytest.raises(Refused):
            vrf.check(secret.public, other, proof)


def test_no_flipped_bit_holds() -> None:
    rng = random.Random(3)
    for _ in range(1000):
        at = rng.randrange(len(PROOF) * 8)
        bad = PROOF[: at // 8] + bytes([PROOF[at // 8] ^ 1 << at % 8]) + PROOF[at // 8 + 1 :]
        with pytest.raises(Refused):
            vrf.check(PUBLIC, ALPHA, bad)


@pytest.mark.parametrize(
    ("public", "proof"),
    [
        (PUBLIC, b""),
        (PUBLIC, PROOF + b"x"),
        (b"", PROOF),
        (bytes(32), PROOF),
        (b"\xff" * 32, PROOF),
        (PUBLIC, b"\xff" * 80),
        (PUBLIC, bytes(80)),
        (bytes(32), bytes(80)),
        (PUBLIC, PROOF[:48] + b"\xff" * 32),
    ],
)
def test_what_is_not_of_the_group_is_refused(public: bytes, proof: bytes) -> None:
    with pytest.raises(Refused):
        vrf.check(public, ALPHA, proof)


@pytest.mark.parametrize("scalar", [b"", bytes(32), b"\xff" * 32, bytes(31)])
def test_what_is_no_secret_is_refused(scalar: bytes) -> None:
    with pytest.raises(ValueError, match="secret"):
        vrf.Secret.from_scalar(scalar)


def test_a_process_leaves_nothing_in_the_folder_for_temporary_files(tmp_path: Path) -> None:
    code = "from tutela.tlog.vrf import Secret; print(len(Secret.generate().public))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "32\n"
    assert list(tmp_path.iterdir()) == []
