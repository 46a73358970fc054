"""Trees, notes and checkpoints against the worked example, and against a tree written from the definition."""

from __future__ import annotations

import ast
import hashlib
import random
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutela.tlog import verify
from tutela.tlog.signing import Signer, sign
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.tiles import Tiles, tile_path
from tutela.tlog.verify import COSIGNATURE, ED25519, ML_DSA_44, TILE, Checkpoint, Key, Refused

ORIGIN = "centre.example/register"
LOG = Signer.from_seed(ORIGIN, ED25519, bytes([7]) * 32)
VKEY = "centre.example/register+a2269d48+AepKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs"
WITNESS = "witness.example/ngo2+05a5cc34+BLiT+3auZRw0ICLeBuneSFnruncJ71ZzEkYE41ckA4nq"
# Reproducible values of tlog 0.x implementations for entries `entry 0` … `entry 69999`.
ROOTS = {
    1: "dziFphNIniTOLPdhmdakI/BC5LvxLX7s7pEu8nbGVwE=",
    2: "WkdmL9ijF9lgSaP59HxV3GfKZgUbqjaD27GbL+CaB7A=",
    255: "z2Z5PmMp3/JC6zzuCm82rT46GW3MVzoex3XhAr6GPxw=",
    256: "2mWW2VNp9f7zIquOTg2jsLUCNqqcijsdJG90Ecni4y4=",
    257: "XB/f6DU1gCLyOS3keNvgU/wTDP4dOggoeakM9r8Uv34=",
}
SIGNED = (
    b"centre.example/register\n70000\no5IPun8jmgcam9EHIfE0Gt3vuu3ttBx+JEN6nRa98Ao=\n\n"
    b"\xe2\x80\x94 centre.example/register oiadSCrGg+Hv/RkTgPTbymQIswdvULVyS4SeBEZLw7O0ctldtef1iJWZDmO0/4oVuVx"
    b"+0ugB1r5J9wsMDNm7FJnuZwU=\n"
    b"\xe2\x80\x94 witness.example/ngo2 BaXMNAAAAABrBhDOonjFEju5VLJQ5vWpDHLAx/YuG9hCZCAAERP0TylM/qXBj9NIVCVApViOZSf"
    b"VPJX3SIEJPhL+3flNUSl9gRcwAg==\n"
)
NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def entries(count: int) -> list[bytes]:
    return [b"entry %d" % number for number in range(count)]


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return verify.leaf_hash(leaves[0])
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return verify.node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


def tiles(leaves: list[bytes]) -> dict[str, bytes]:
    """Every tile and bundle of a log, from its entries."""
    made, hashes = dict[str, bytes](), [verify.leaf_hash(one) for one in leaves]
    for at in range(0, len(leaves), TILE):
        some = leaves[at : at + TILE]
        body = b"".join(len(one).to_bytes(2) + one for one in some)
        made[tile_path("entries", at // TILE, len(some))] = body
    level = 0
    while hashes:
        for at in range(0, len(hashes), TILE):
            some = hashes[at : at + TILE]
            made[tile_path(level, at // TILE, len(some))] = b"".join(some)
        hashes = [verify.root_of(hashes[at : at + TILE]) for at in range(0, len(hashes) // TILE * TILE, TILE)]
        level += 1
    return made


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_of_the_worked_example(size: int) -> None:
    assert str(Checkpoint(ORIGIN, size, by_definition(entries(size)))) == f"{ORIGIN}\n{size}\n{ROOTS[size]}\n"
    assert verify.root_of([verify.leaf_hash(one) for one in entries(size)]) == by_definition(entries(size))


def test_the_key_and_the_checkpoint_of_the_worked_example() -> None:
    assert str(LOG.key) == VKEY
    log, witness = Key.parse(VKEY), Key.parse(WITNESS)
    note = verify.open_note(SIGNED, [log, witness])
    assert note.signers == {log: 0, witness: 1795559630}
    hashes = tiles(entries(70_000))
    assert Checkpoint.parse(note.text) == Checkpoint(ORIGIN, 70_000, Tree(hashes.__getitem__, 70_000).root)
    assert SIGNED.startswith(sign(note.text, [LOG], NOW))
    assert len(Tree(hashes.__getitem__, 70_000).inclusion(12_345)) == 17
    assert len(Tree(hashes.__getitem__, 70_000).consistency(65_536)) == 1
    verify.audit(Tiles(hashes.__getitem__), Checkpoint.parse(note.text))


def test_what_auditors_read_is_one_short_file_that_needs_nothing_of_ours() -> None:
    text = Path(verify.__file__).read_text()
    assert len(text.splitlines()) <= 300
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names])
    }
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


def test_tile_paths() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(2, 0, 1) == "tile/2/000.p/1"
    assert tile_path("entries", 273, 112) == "tile/entries/273.p/112"


@given(st.integers(1, 1200), st.data())
def test_every_proof_holds_and_no_other(size: int, data: st.DataObject) -> None:
    leaves = entries(size)
    tree, root = Tree(tiles(leaves).__getitem__, size), by_definition(leaves)
    assert tree.root == root
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    leaf, proof = verify.leaf_hash(leaves[index]), tree.inclusion(index)
    verify.check_inclusion(index, size, leaf, proof, root)
    before, chain = by_definition(leaves[:old]), tree.consistency(old)
    verify.check_consistency(old, before, size, root, chain)
    other = data.draw(st.integers(0, size).filter(lambda n: n != index))
    for bad in (proof[:-1], [*proof, bytes(32)]):
        if bad != proof:
            with pytest.raises(Refused):
                verify.check_inclusion(index, size, leaf, bad, root)
    with pytest.raises(Refused):
        verify.check_inclusion(other, size, leaf, proof, root)
    with pytest.raises(Refused):
        verify.check_inclusion(index, size, verify.leaf_hash(b"another"), proof, root)
    with pytest.raises(Refused):
        verify.check_consistency(old, before, size, root, [*chain, bytes(32)])
    if old:  # every log continues the empty one
        with pytest.raises(Refused):
            verify.check_consistency(old, before, size, hashlib.sha256(root).digest(), chain)
        with pytest.raises(Refused):
            verify.check_consistency(old, hashlib.sha256(before).digest(), size, root, chain)


@pytest.mark.parametrize("type_", [ED25519, COSIGNATURE, ML_DSA_44])
def test_what_a_key_signs_it_verifies_and_nothing_else(type_: int) -> None:
    signer = Signer.from_seed("log.example/x", type_, bytes(range(32)))
    assert Key.parse(str(signer.key)) == signer.key
    text = str(Checkpoint("log.example/x", 5, bytes(32)))
    data = sign(text, [signer], NOW)
    note = verify.open_note(data, [signer.key])
    assert note.text == text
    assert note.signers[signer.key] == (0 if type_ == ED25519 else int(NOW.timestamp()))
    with pytest.raises(Refused, match="wrong"):
        verify.open_note(data.replace(b"\n5\n", b"\n6\n"), [signer.key])
    with pytest.raises(Refused, match="no known key"):
        verify.open_note(data, [LOG.key])
    namesake = Signer.from_seed("log.example/x", type_, bytes(32))
    with pytest.raises(Refused, match="no known key"):
        verify.open_note(data, [namesake.key])


def test_a_known_key_with_a_wrong_signature_refuses_the_note_whoever_else_signed() -> None:
    other = Signer.from_seed("witness.example/a", COSIGNATURE, bytes([9]) * 32)
    text = str(Checkpoint(ORIGIN, 5, bytes(32)))
    good, bad = sign(text, [LOG, other], NOW), sign(text.replace("5", "6"), [other], NOW)
    broken = sign(text, [LOG], NOW) + bad.split(b"\n\n")[1]
    verify.open_note(good, [LOG.key, other.key])
    verify.open_note(broken, [LOG.key])
    with pytest.raises(Refused):
        verify.open_note(broken, [LOG.key, other.key])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash\n",
        b"a\tb\n\n\xe2\x80\x94 x AAAAAAA=\n",
        b"\xff\n\n",
        b"text\n\n\xe2\x80\x94 x AAAA\n",
        b"text\n\n\xe2\x80\x94 x !!!!!!!!\n",
        b"text\n\n\xe2\x80\x94 x AAAAAAA=",
        b"text\n\n\xe2\x80\x94  AAAAAAA=\n",
        b"text\n\n" + b"\xe2\x80\x94 x AAAAAAA=\n" * 101,
        b"t\n" * 600_000,
    ],
)
def test_what_is_no_note_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        verify.open_note(data, [LOG.key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a\n1\n",
        "a\n01\n" + ROOTS[1] + "\n",
        "a\n-1\n" + ROOTS[1] + "\n",
        "a\n1\nAAAA\n",
        "a\n1\n" + ROOTS[1],
        "a\n1\n" + ROOTS[1] + "\n\nx\n",
        "a\n\u0661\n" + ROOTS[1] + "\n",
        "a\n1\n" + ROOTS[1].replace("=", "") + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        Checkpoint.parse(text)


@pytest.mark.parametrize("vkey", ["", "a", "a+b+c", VKEY[:-4], VKEY.replace("a2", "a3"), VKEY.replace("+Ae", "+Be")])
def test_what_is_no_key_is_refused(vkey: str) -> None:
    with pytest.raises(Refused):
        Key.parse(vkey)


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_are_a_note_or_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        verify.open_note(data, [LOG.key])


def test_ten_thousand_flipped_bits_are_all_found() -> None:
    rng = random.Random(5)
    leaves = entries(700)
    made = tiles(leaves)
    tree = Tree(made.__getitem__, 700)
    checkpoint = Checkpoint(ORIGIN, 700, tree.root)
    data = sign(str(checkpoint), [LOG], NOW)
    proof, chain = tree.inclusion(333), tree.consistency(421)
    before, paths = by_definition(leaves[:421]), sorted(made)
    for round_ in range(10_000):
        what = round_ % 10
        if what == 0:  # a tile or a bundle; a whole audit each
            path = rng.choice(paths)
            with pytest.raises(Refused):
                verify.audit(Tiles({**made, path: _flipped(made[path], rng)}.__getitem__), checkpoint)
        elif what < 6:
            with pytest.raises(Refused):
                verify.open_note(_flipped(data, rng), [LOG.key])
        elif what < 8:
            at = rng.randrange(len(chain))
            bad = [*chain[:at], _flipped(chain[at], rng), *chain[at + 1 :]]
            with pytest.raises(Refused):
                verify.check_consistency(421, before, 700, tree.root, bad)
        else:
            at = rng.randrange(len(proof))
            bad = [*proof[:at], _flipped(proof[at], rng), *proof[at + 1 :]]
            with pytest.raises(Refused):
                verify.check_inclusion(333, 700, verify.leaf_hash(leaves[333]), bad, tree.root)


def _flipped(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) * 8)
    return data[: at // 8] + bytes([data[at // 8] ^ 1 << at % 8]) + data[at // 8 + 1 :]
