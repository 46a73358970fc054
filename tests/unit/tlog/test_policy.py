"""Policies and proofs in one file."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.tlog.test_verify import LOG, NOW, ORIGIN, VKEY, WITNESS, entries, tiles
from tutela.tlog.policy import Policy, PolicyError
from tutela.tlog.proof import HEADER, Proof
from tutela.tlog.signing import Signer, sign
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.verify import COSIGNATURE, Checkpoint, Refused

WITNESSES = [Signer.from_seed(f"w{n}.example", COSIGNATURE, bytes([n]) * 32) for n in range(1, 6)]
TEXT = f"""# two of three child-rights witnesses, and one of two others
log {VKEY} https://centre.example/log
{chr(10).join(f"witness w{n} {one.key} https://w{n}.example" for n, one in enumerate(WITNESSES, 1))}
group rights 2 w1 w2 w3
group others any w4 w5
group both all rights others
quorum both
"""
TREE = Tree(tiles(entries(300)).__getitem__, 300)
CHECKPOINT = Checkpoint(ORIGIN, 300, TREE.root)


def signed(*numbers: int) -> bytes:
    return sign(str(CHECKPOINT), [LOG, *(WITNESSES[n - 1] for n in numbers)], NOW)


@pytest.mark.parametrize(
    ("numbers", "enough"),
    [
        ((), False),
        ((1, 2), False),
        ((4, 5), False),
        ((1, 4), False),
        ((1, 2, 4), True),
        ((2, 3, 5), True),
        ((1, 2, 3, 4, 5), True),
    ],
)
def test_a_quorum_is_counted_through_its_groups(numbers: tuple[int, ...], enough: bool) -> None:
    policy = Policy.parse(TEXT)
    checkpoint, note = policy.open(signed(*numbers), quorum=False)
    assert checkpoint == CHECKPOINT
    assert policy.cosigned(note) == [f"w{n}" for n in numbers]
    if enough:
        policy.open(signed(*numbers))
    else:
        with pytest.raises(Refused, match="quorum both"):
            policy.open(signed(*numbers))


def test_how_many_witnesses_a_quorum_has_at_least() -> None:
    assert Policy.parse(TEXT).fewest() == 3
    assert Policy.parse(TEXT.replace("quorum both", "quorum others")).fewest() == 1
    assert Policy.parse(TEXT.replace("quorum both", "quorum w1")).fewest() == 1
    assert Policy.parse(TEXT.replace("quorum both", "quorum none")).fewest() == 0


@pytest.mark.parametrize(
    ("quorum", "shared"),
    [
        ("group q 1 w1 w2\nquorum q", 0),
        ("group q 2 w1 w2 w3 w4\nquorum q", 0),
        ("group q 2 w1 w2 w3\nquorum q", 1),
        ("group q 3 w1 w2 w3 w4\nquorum q", 2),
        ("group q all w1 w2 w3 w4 w5\nquorum q", 5),
        ("quorum w1", 1),
        ("quorum none", 0),
        ("group a 2 w1 w2 w3\ngroup b any w4 w5\ngroup q all a b\nquorum q", 1),
        ("group a 2 w1 w2 w3\ngroup b all w4 w5\ngroup q any a b\nquorum q", 0),
    ],
)
def test_how_many_witnesses_two_quorums_have_in_common(quorum: str, shared: int) -> None:
    lines = "\n".join(f"witness w{number} {one.key}" for number, one in enumerate(WITNESSES, 1))
    policy = Policy.parse(f"log {VKEY}\n{lines}\n{quorum}\n")
    assert policy.shared() == shared
    # Counted out: every pair of sets that are quorums.
    names = list(policy.witnesses)
    sets = [{n for at, n in enumerate(names) if bits >> at & 1} for bits in range(1 << len(names))]
    quorums = [one for one in sets if policy.suffices(one)]
    assert shared == min(len(a & b) for a in quorums for b in quorums)


def test_a_witness_alone_is_no_log() -> None:
    with pytest.raises(Refused, match="no known log"):
        Policy.parse(TEXT).open(sign(str(CHECKPOINT), [WITNESSES[0]], NOW), quorum=False)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "quorum"),
        (f"log {VKEY}\n", "quorum"),
        ("log x\nquorum none", "line 1"),
        ("nonsense", "line 1"),
        ("quorum nobody", "line 1"),
        ("quorum none\nquorum none", "line 2"),
        (f"witness a {WITNESS}\nwitness a {WITNESSES[0].key}", "line 2"),
        (f"witness a {WITNESS}\nwitness b {WITNESS}", "line 2"),
        (f"witness none {WITNESS}", "line 1"),
        (f"witness a {WITNESS}\ngroup g 2 a", "line 2"),
        (f"witness a {WITNESS}\ngroup g 0 a", "line 2"),
        (f"witness a {WITNESS}\ngroup g any b", "line 2"),
        (f"witness a {WITNESS}\ngroup g any a\ngroup h any a", "line 3"),
        (f"witness a {WITNESS}\ngroup g any", "line 2"),
    ],
)
def test_what_is_no_policy_is_said_with_its_line(text: str, line: str) -> None:
    with pytest.raises(PolicyError, match=line):
        Policy.parse(text)


@given(st.text(alphabet=st.sampled_from("log witnesgroupqum +\n#0129aA=/"), max_size=200))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    with contextlib.suppress(PolicyError):
        Policy.parse(text)


def test_a_proof_goes_through_its_file_and_holds_for_its_entry_alone() -> None:
    policy, leaves = Policy.parse(TEXT), entries(300)
    proof = Proof(123, tuple(TREE.inclusion(123)), signed(1, 2, 4), b"about it")
    data = bytes(proof)
    assert data.startswith(HEADER.encode())
    assert Proof.parse(data) == proof
    assert proof.check(leaves[123], policy) == CHECKPOINT
    with pytest.raises(Refused):
        proof.check(leaves[124], policy)
    with pytest.raises(Refused):
        Proof(123, proof.hashes, signed(1)).check(leaves[123], policy)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x\n\n",
        f"{HEADER}\n\n".encode(),
        f"{HEADER}\nindex 01\n\n".encode(),
        b"\n\n",
        f"{HEADER}\nindex 1\nAAAA\n\n".encode(),
        f"{HEADER}\nindex \u0661\n\n".encode(),
        f"{HEADER}\nextra !\nindex 1\n\n".encode(),
        b"\xff\n\n",
    ],
)
def test_what_is_no_proof_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        Proof.parse(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_proof_or_refused(data: bytes) -> None:
    for one in (data, HEADER.encode() + b"\nindex 7\n" + data, HEADER.encode() + b"\n" + data + b"\n\n"):
        with contextlib.suppress(Refused):
            assert bytes(Proof.parse(one)) == one


def test_a_single_late_cosignature_does_not_make_a_checkpoint_look_fresh() -> None:
    policy, text = Policy.parse(TEXT), str(CHECKPOINT)
    times = {1: 100, 2: 300, 4: 200, 3: 500}
    lines = [WITNESSES[n - 1].line(text, datetime.fromtimestamp(at, UTC)) for n, at in times.items()]
    own = sign(text, [LOG], NOW)
    _, note = policy.open(own + "".join(lines).encode())
    assert policy.cosigned_at(note) == 200
    _, alone = policy.open(own, quorum=False)
    assert policy.cosigned_at(alone) is None
