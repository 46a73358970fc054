"""A log's operator signs two trees, with some of its witnesses in league; or somebody has stolen the Centre's keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.edge_centre import NOW, Centre, Edge
from tutela import clock
from tutela.app.cli import app
from tutela.tlog.absence_proof import Absence
from tutela.tlog.certified_set import TreePlace
from tutela.tlog.log_folder import Log
from tutela.tlog.policy import Policy
from tutela.tlog.proof import Proof
from tutela.tlog.signing import Signer
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.verify import COSIGNATURE, ED25519, Checkpoint
from tutela.tlog.witness import OtherTree, Witness, WitnessError, cosign

ORIGIN = "centre.example/log"
KEY = Signer.from_seed(ORIGIN, ED25519, bytes([7]) * 32)
WITNESSES = [Signer.from_seed(f"w{n}.example", COSIGNATURE, bytes([n]) * 32) for n in (1, 2, 3, 4)]
# Keys of nobody under the names of witnesses.
FORGED = [Signer.from_seed(one.name, COSIGNATURE, bytes([90 + n]) * 32) for n, one in enumerate(WITNESSES)]
LINES = "\n".join(f"witness {one.name} {one.key}" for one in WITNESSES)
QUORUM = 3
POLICY = f"log {KEY.key}\n{LINES}\ngroup most {QUORUM} {' '.join(one.name for one in WITNESSES)}\nquorum most\n"
FIRST = [b'{"event":"release.published","list":"l","version":1}', b'{"event":"x"}', b'{"event":"y"}']
SECOND = [b'{"event":"release.published","list":"l","version":1,"manifest":"other"}', *FIRST[1:]]


@pytest.fixture(autouse=True)
def at_now() -> Iterator[None]:
    with clock.simulate(NOW):
        yield


def view(folder: Path, entries: Sequence[bytes], signers: Sequence[Signer]) -> Log:
    """A tree that the log's key signed, under the names of these witnesses, whatever they have seen before."""
    folder.mkdir(parents=True)
    log = Log(folder, ORIGIN, [KEY])
    checkpoint = log.sign(list(entries), NOW)
    log.add_signatures([one.line(str(checkpoint), NOW) for one in signers])
    log.publish()
    return log


def verify(folder: Path, *arguments: object, policy: str = POLICY) -> tuple[int, str]:
    """Exit code and words of `tutela verify`."""
    file = folder / "policy.txt"
    file.write_text(policy)
    done = CliRunner().invoke(app, ["verify", *map(str, arguments), "--policy", str(file)])
    return done.exit_code, done.output


def proof_of(log: Log, number: int) -> bytes:
    size = log.published().size
    return bytes(Proof(number, tuple(log.tree(size).inclusion(number)), log.fetch("checkpoint")))


TOO_FEW = [
    pytest.param([*some, *forged], id=f"{len(some)} in league, {len(forged)} forged names")
    for count in range(QUORUM)
    for some in [WITNESSES[:count]]
    for forged in ([], FORGED[count:])
]


@pytest.mark.parametrize("signers", TOO_FEW)
def test_a_view_under_too_few_witnesses_is_accepted_by_no_verifier(tmp_path: Path, signers: list[Signer]) -> None:
    second = view(tmp_path / "second", SECOND, signers)
    entry, proof, absent = tmp_path / "entry", tmp_path / "proof", tmp_path / "absent"
    entry.write_bytes(SECOND[0])
    proof.write_bytes(proof_of(second, 0))
    one = Absence("sha256", "ab" * 32, bytes(32), b"x", TreePlace((), None), "l", 1, SECOND[0], proof.read_bytes())
    absent.write_text(json.dumps(one.to_json()))
    tried = [
        verify(tmp_path, "log", tmp_path / "second"),
        verify(tmp_path, "log", tmp_path / "second", "--heads-only"),
        verify(tmp_path, "proof", entry, proof),
        verify(tmp_path, "absence", absent),
        verify(tmp_path, "release", entry, entry, proof),
    ]
    assert [code for code, _ in tried] == [4] * len(tried)
    assert all("quorum" in said for _, said in tried)


def test_the_same_view_under_a_quorum_holds(tmp_path: Path) -> None:
    view(tmp_path / "first", FIRST, WITNESSES[:QUORUM])
    code, said = verify(tmp_path, "log", tmp_path / "first")
    assert (code, "warning: two quorums" in said) == (0, False), said


def test_two_trees_of_one_size_are_named_an_equivocation_and_both_are_kept(tmp_path: Path) -> None:
    view(tmp_path / "first", FIRST, WITNESSES)
    kept = tmp_path / "checkpoint"
    assert verify(tmp_path, "log", tmp_path / "first", "--keep", kept)[0] == 0
    honest = kept.read_bytes()
    # Every one of the witnesses is in league.
    second = view(tmp_path / "second", SECOND, WITNESSES)
    for more in ((), ("--heads-only",)):
        code, said = verify(tmp_path, "log", tmp_path / "second", "--keep", kept, *more)
        assert code == 4
        assert "equivocation" in said
        assert "two trees of 3 entries" in " ".join(said.split())
    assert kept.read_bytes() == honest, "what was seen first stays"
    assert kept.with_name("checkpoint.other").read_bytes() == second.fetch("checkpoint")
    assert verify(tmp_path, "log", tmp_path / "first", "--keep", kept)[0] == 0


def test_a_longer_second_view_is_refused_by_whoever_kept_the_first(tmp_path: Path) -> None:
    view(tmp_path / "first", FIRST, WITNESSES)
    kept = tmp_path / "checkpoint"
    assert verify(tmp_path, "log", tmp_path / "first", "--keep", kept)[0] == 0
    view(tmp_path / "second", [*SECOND, b"{}"], WITNESSES)
    code, said = verify(tmp_path, "log", tmp_path / "second", "--keep", kept)
    assert (code, "consistency" in said) == (4, True)


def test_as_many_in_league_as_two_quorums_share_make_two_views_and_fewer_do_not(tmp_path: Path) -> None:
    """Honest witnesses sign one view each. This is what the threat model says; `tutela verify` and doctor warn at 0."""
    policy = Policy.parse(POLICY)
    assert policy.shared() == 2 * QUORUM - len(WITNESSES) == 2
    for count in (1, 2):
        league, honest = WITNESSES[:count], WITNESSES[count:]
        split = [
            [*league, *shown]
            for size in range(len(honest) + 1)
            for shown in combinations(honest, size)
            if all(
                policy.suffices({one.name for one in [*league, *part]}) for part in (shown, set(honest) - set(shown))
            )
        ]
        assert bool(split) is (count >= policy.shared())
    halves = POLICY.replace(f"most {QUORUM}", "most 2")
    view(tmp_path / "a", FIRST, WITNESSES[:2])
    view(tmp_path / "b", SECOND, WITNESSES[2:])
    for one in ("a", "b"):
        code, said = verify(tmp_path, "log", tmp_path / one, policy=halves)
        assert (code, "no witness in common" in " ".join(said.split())) == (0, True)


def test_an_honest_witness_signs_one_of_two_trees(tmp_path: Path) -> None:
    witness, last = Witness(WITNESSES[0], {ORIGIN: [KEY.key]}), list[Checkpoint]()

    def post(body: bytes) -> object:
        answer, kept = witness.answer(body, last[-1] if last else None, NOW)
        last.extend([kept] if kept else [])
        return answer

    for number, entries in enumerate((FIRST, SECOND, [*SECOND, b"{}"])):
        log = view(tmp_path / str(number), entries, [])
        tree = Tree(log.fetch, log.published().size)
        if entries is FIRST:
            assert cosign(post, WITNESSES[0].key, tree, log.fetch("checkpoint"))  # type: ignore[arg-type]
            continue
        with pytest.raises((WitnessError, OtherTree)):
            cosign(post, WITNESSES[0].key, tree, log.fetch("checkpoint"), 3)  # type: ignore[arg-type]
    assert len(last) == 1


class Thief(Centre):
    """Has the Centre's release key and the log's, and some of two witnesses, of whom both are asked."""

    def __init__(self, league: Sequence[Signer]) -> None:
        super().__init__()
        self.league = league

    def take_over(self) -> None:
        """Grow the log without its quorum."""
        public = self.public

        def publish() -> None:
            checkpoint = public.log.sign(public.waiting, clock.now())
            public.log.add_signatures([one.line(str(checkpoint), clock.now()) for one in self.league])
            public.log.publish()
            public.waiting = []

        public.publish = publish  # type: ignore[method-assign]


@pytest.mark.parametrize("league", [[], WITNESSES[:1], [WITNESSES[0], FORGED[1]]])
def test_stolen_keys_without_a_quorum_bring_nothing_new_into_a_list(tmp_path: Path, league: list[Signer]) -> None:
    thief = Thief(league)
    thief.publish(3, 1)
    edge = Edge(thief, tmp_path / "state")
    assert edge.sync.poll(), edge.alerts
    thief.take_over()
    thief.publish(5, 2)
    for one in (edge, Edge(thief, tmp_path / "state")):
        one.sync.resume()
        assert not one.sync.poll()
        assert one.alerts[-1] == "no_quorum"
        assert one.version == 1
    joining = Edge(thief, tmp_path / "joining")
    assert not joining.sync.poll()
    assert (joining.version, joining.alerts[-1]) == (0, "no_quorum")


def test_two_trees_of_one_size_are_a_fork_to_an_edge_whoever_signed_them(tmp_path: Path) -> None:
    centre = Centre()
    centre.publish(3, 1)
    edge = Edge(centre, tmp_path / "state")
    assert edge.sync.poll(), edge.alerts
    other = Centre()
    other.publish(4, 1)
    assert other.public.log.published().size == centre.public.log.published().size
    ours = centre.public.log.fetch("checkpoint").decode()
    centre.public = other.public
    assert not edge.sync.poll()
    assert edge.alerts[-1] == "forked_log"
    assert edge.evidence == (ours, other.public.log.fetch("checkpoint").decode())
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume()
    assert not again.sync.poll(), "a restart forgets nothing"
    assert again.alerts == ["forked_log"]
