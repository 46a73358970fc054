"""An Edge believes only what is in the public log, under its witnesses; what is removed waits for nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.edge_centre import ALONE, LIST, LOG_KEY, NOW, ORIGIN, WITNESSES, Centre, Edge, PublicLog
from tests.support.matching_lists import entry_id
from tests.unit.edge.active_lists.test_release_sync import HEAD, MANIFEST_2, SNAPSHOT_2, found
from tutela import clock
from tutela.edge.errors import StateDamagedError
from tutela.exchange.register.release import LoggedHead, LoggedRelease, logged
from tutela.tlog.signing import Signer, sign
from tutela.tlog.verify import COSIGNATURE, ED25519, Checkpoint

PROOF_2 = f"/api/v1/releases/{LIST}/2/proof"

pytestmark = pytest.mark.usefixtures("at_now")


def refused(edge: Edge, code: str) -> None:
    """The poll fails with this alert, and the list in use stays what it was."""
    before = (edge.version, found(edge, 0))
    assert not edge.sync.poll()
    assert edge.alerts[-1] == code
    assert (edge.version, found(edge, 0)) == before


def hidden(edge: Edge) -> frozenset[UUID]:
    live = edge.lists.get(LIST)
    assert live is not None
    return live.matches.removed


def test_a_release_that_one_recipient_alone_was_given_is_refused(edge: Edge, centre: Centre) -> None:
    other = Centre()
    other.publish(4, 2)
    for path in (MANIFEST_2, SNAPSHOT_2):
        centre.answers[path] = other.answers[path]
    centre.manifest = other.manifest
    centre.head()
    refused(edge, "not_logged")
    centre.answers[PROOF_2] = centre.public.proof(centre.logged[1])
    refused(edge, "not_logged")
    centre.answers[PROOF_2] = other.public.proof(other.logged[2])
    refused(edge, "log_rolled_back")
    centre.answers[PROOF_2] = b"no proof"
    refused(edge, "not_logged")
    good = centre.public.proof(centre.logged[1])
    centre.answers[PROOF_2] = good.replace(b"index 0", b"index 1")
    refused(edge, "not_logged")


def test_two_releases_of_one_version_are_refused_although_both_are_logged(edge: Edge, centre: Centre) -> None:
    centre.log_release(2, "ab" * 32)
    centre.publish(4, 2)
    refused(edge, "equivocation")
    centre.publish(4, 3)
    assert edge.sync.poll()
    assert edge.version == 3


def test_a_fork_of_the_log_is_refused_and_proven(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    honest = centre.public
    forked = PublicLog()
    forked.enter({"event": "something else"})
    for number in range(4):
        forked.enter({"event": "grown", "number": number})
    centre.public = forked
    refused(edge, "forked_log")
    ours, theirs = edge.evidence
    assert ours == honest.log.fetch("checkpoint").decode()
    assert theirs == forked.log.fetch("checkpoint").decode()
    # Neither a restart nor a new head helps; the same tree size with another root is a fork too.
    again = Edge(centre, tmp_path / "state")
    assert again.sync.resume()
    refused(again, "forked_log")
    same = PublicLog()
    for number in range(honest.log.published().size):
        same.enter({"event": "of the same length", "number": number})
    centre.public = same
    refused(again, "forked_log")
    centre.public = honest
    assert again.sync.poll()


def test_a_log_that_became_shorter_is_refused(edge: Edge, centre: Centre) -> None:
    early = centre.public.log.fetch("checkpoint")
    centre.remove(entry_id(1))
    assert edge.sync.poll()
    centre.answers["/log/checkpoint"] = early
    refused(edge, "log_rolled_back")


def test_entries_that_are_not_those_of_the_tree_are_damage_and_no_fork(edge: Edge, centre: Centre) -> None:
    centre.remove(entry_id(1))
    size = centre.public.log.published().size
    path = f"/log/tile/entries/000.p/{size}"
    good = centre.get(path)
    assert good is not None
    for bad in (good[:-1] + b"?", good[:-1], good + b"\0"):
        centre.answers[path] = bad
        assert not edge.sync.poll()
        assert edge.alerts[-1] == "log_damaged"
    del centre.answers[path]
    assert edge.sync.poll()


@pytest.mark.parametrize(
    ("signers", "code"),
    [
        ([Signer.from_seed(ORIGIN, ED25519, bytes([9]) * 32), *WITNESSES], "log_untrusted"),
        ([Signer.from_seed("other.example/log", ED25519, bytes([7]) * 32), *WITNESSES], "log_untrusted"),
        ([LOG_KEY], "no_quorum"),
        ([LOG_KEY, WITNESSES[0]], "no_quorum"),
        ([LOG_KEY, WITNESSES[0], Signer.from_seed(WITNESSES[1].name, COSIGNATURE, bytes([9]) * 32)], "no_quorum"),
    ],
)
def test_a_checkpoint_of_other_keys_adds_nothing(edge: Edge, centre: Centre, signers: list[Signer], code: str) -> None:
    centre.publish(4, 2)
    published = centre.public.log.published()
    note = sign(str(Checkpoint(ORIGIN, published.size, published.root)), signers, NOW)
    centre.answers["/log/checkpoint"] = note
    proof = centre.public.proof(centre.logged[2])
    centre.answers[PROOF_2] = proof[: proof.index(b"\n\n") + 2] + note
    refused(edge, code)
    assert edge.version == 1


def test_without_witnesses_removals_are_in_force_at_once_and_additions_wait(edge: Edge, centre: Centre) -> None:
    centre.public.away = True
    centre.remove(entry_id(1))
    assert edge.sync.poll(), "the old checkpoint still holds"
    assert hidden(edge) == {entry_id(1)}
    # A head that gives the entry back is an addition: it waits for the log.
    centre.head()
    assert edge.sync.poll()
    assert hidden(edge) == {entry_id(1)}
    centre.publish(5, 2)
    refused(edge, "not_logged")
    centre.public.away = False
    centre.public.publish()
    assert edge.sync.poll(), edge.alerts
    assert edge.version == 2
    assert edge.sync.poll()
    assert hidden(edge) == frozenset()


def test_a_removal_is_in_force_although_the_log_does_not_answer(edge: Edge, centre: Centre) -> None:
    centre.remove(entry_id(1))
    centre.answers["/log/checkpoint"] = b"x"
    assert not edge.sync.poll()
    assert edge.alerts == ["log_untrusted"]
    assert hidden(edge) == {entry_id(1)}


def test_a_head_that_never_reaches_the_log_is_an_alert_a_minute_after_the_witnesses_are_back(
    edge: Edge, centre: Centre, tmp_path: Path
) -> None:
    centre.public.away = True
    centre.head(removed=(entry_id(1),), log=False)
    assert edge.sync.poll()
    with clock.simulate(NOW + timedelta(minutes=30)):
        assert edge.sync.poll(), "nobody can log it while the witnesses are away"
        centre.public.away = False
        centre.public.enter({"event": "something else"})
    with clock.simulate(NOW + timedelta(minutes=30, seconds=50)):
        assert edge.sync.poll()
    again = Edge(centre, tmp_path / "state")
    with clock.simulate(NOW + timedelta(minutes=31, seconds=5)):
        assert again.sync.resume()
        assert not again.sync.poll()
        assert again.alerts == ["unlogged_head"]
        assert hidden(again) == {entry_id(1)}
        centre.remove(entry_id(1))
        assert again.sync.poll()


def test_whoever_joins_finds_the_head_that_was_logged_before_and_complains_of_nothing(
    centre: Centre, tmp_path: Path
) -> None:
    for _ in range(300):
        centre.public.waiting.append(b'{"event": "before"}')
    centre.head()
    joining = Edge(centre, tmp_path / "joining")
    assert joining.sync.poll()
    for minutes in range(1, 6):
        with clock.simulate(NOW + timedelta(minutes=minutes)):
            centre.public.enter({"event": "something else"})
            assert joining.sync.poll(), joining.alerts
    assert joining.alerts == []


def test_a_head_among_what_was_logged_before_is_proven_to_be_in_the_log(centre: Centre, tmp_path: Path) -> None:
    path = f"/log/tile/entries/000.p/{centre.public.log.published().size}"
    bundle = centre.public.log.fetch(path.removeprefix("/log/"))
    assert b'"sequence": 1' in bundle
    centre.answers[path] = bundle.replace(b'"sequence": 1', b'"sequence": 7')
    joining = Edge(centre, tmp_path / "joining")
    assert not joining.sync.poll()
    assert joining.alerts == ["log_damaged"]


def test_a_withheld_removal_is_found_in_the_log(edge: Edge, centre: Centre) -> None:
    old = centre.answers[HEAD]
    centre.remove(entry_id(1))
    centre.answers[HEAD] = old
    live = edge.lists.get(LIST)
    with clock.simulate(NOW + timedelta(hours=1)):
        refused(edge, "withheld")
    after = edge.lists.get(LIST)
    assert live is not None
    assert after is not None
    assert after.trusted_until == live.trusted_until, "nothing that is withheld renews trust"


def test_a_head_of_the_same_number_that_the_log_does_not_name_is_refused(edge: Edge, centre: Centre) -> None:
    centre.remove(entry_id(1))
    served = centre.answers[HEAD]
    centre.sequence -= 1
    centre.head(removed=(entry_id(2),), log=False)
    refused(edge, "equivocation")
    assert hidden(edge) == {entry_id(2)}, "its signature holds, so what it removes is removed"
    centre.answers[HEAD] = served
    assert not edge.sync.poll()


def test_a_frozen_log_is_an_alert_and_ends_trust_after_a_week(edge: Edge, centre: Centre) -> None:
    for hours, fine in ((1, True), (3, False), (24 * 6, False)):
        now = NOW + timedelta(hours=hours)
        with clock.simulate(now):
            centre.head(at=now, expires=now + timedelta(hours=24), log=False)
            assert edge.sync.poll() is fine
            assert found(edge, 0)
    assert "log_stale" in edge.alerts
    with clock.simulate(NOW + timedelta(days=7)):
        live = edge.lists.get(LIST)
        assert live is not None
        assert not live.describe(clock.now())["trusted"]


def test_a_log_without_witnesses_is_a_declared_state(centre: Centre, tmp_path: Path) -> None:
    alone = Edge(centre, tmp_path / "alone", ALONE)
    assert alone.sync.poll()
    live = alone.lists.get(LIST)
    assert live is not None
    said = live.describe(NOW)["log"]
    assert (said["quorum"], said["cosigned"]) == ("none", None)
    centre.remove(entry_id(1))
    assert alone.sync.poll()
    assert hidden(alone) == {entry_id(1)}
    with_witnesses = Edge(centre, tmp_path / "both")
    assert with_witnesses.sync.poll()
    other = with_witnesses.lists.get(LIST)
    assert other is not None
    assert other.describe(NOW)["log"]["quorum"] == "both"


def test_what_is_remembered_of_the_log_is_not_replaced_when_it_is_damaged(
    edge: Edge, centre: Centre, tmp_path: Path
) -> None:
    (path,) = (tmp_path / "state" / "log").iterdir()
    good = path.read_text()
    changes: list[Callable[[dict[str, object]], object]] = [
        lambda v: v.pop("edge"),
        lambda v: v.update(edge=[]),
        lambda v: v.update(note="?"),
        lambda v: v.update(at="?"),
        lambda v: v.update(heads=[]),
        lambda v: v.update(releases={"a": 1}),
    ]
    for change in changes:
        value = json.loads(good)
        change(value)
        path.write_text(json.dumps(value))
        with pytest.raises(StateDamagedError):
            Edge(centre, tmp_path / "state")
    path.write_text("{")
    with pytest.raises(StateDamagedError):
        Edge(centre, tmp_path / "state")


def test_a_release_without_its_proof_on_disk_is_fetched_anew(edge: Edge, centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "state" / "1.proof").unlink()
    again = Edge(centre, tmp_path / "state")
    assert not again.sync.resume()
    assert again.sync.poll()
    assert again.version == 1


@given(st.binary(max_size=300) | st.builds(lambda t: b'{"event": "release.head", %s}' % t, st.binary(max_size=60)))
def test_an_entry_is_read_or_says_nothing(entry: bytes) -> None:
    assert logged(entry) is None or isinstance(logged(entry), LoggedHead | LoggedRelease)


class Scene:
    """A Centre that may do anything, the log that everybody else sees, and an Edge. Each act ends with a poll."""

    def __init__(self, folder: Path) -> None:
        self.centre, self.folder, self.version = Centre(), folder, 1
        self.must_be_hidden = set[UUID]()
        self.centre.publish(4, 1)
        self.honest, self.edge = self.centre.public, Edge(self.centre, folder)

    def publish(self) -> None:
        self.version += 1
        self.centre.publish(4, self.version)
        self.edge.sync.poll()
        self.must_be_hidden = set()

    def remove(self) -> None:
        self.centre.remove(entry_id(1))
        self.edge.sync.poll()
        if self.edge.lists.get(LIST) is not None:
            self.must_be_hidden = {entry_id(1)}

    def give_back(self) -> None:
        self.centre.head()
        self.edge.sync.poll()
        if not self.honest.away:
            self.must_be_hidden = set()

    def witnesses_leave(self) -> None:
        self.honest.away = True
        self.edge.sync.poll()

    def witnesses_return(self) -> None:
        self.honest.away = False
        self.honest.publish()
        self.edge.sync.poll()
        self.must_be_hidden = set()

    def fork(self) -> None:
        self.centre.public = PublicLog()
        for number in range(self.honest.log.published().size + 2):
            self.centre.public.enter({"event": "forked", "number": number})
        self.edge.sync.poll()
        self.centre.public = self.honest

    def serve_one_recipient(self) -> None:
        before, other = dict(self.centre.answers), Centre()
        other.publish(4, self.version + 1)
        self.centre.answers |= {path: body for path, body in other.answers.items() if path != HEAD}
        self.centre.answers[HEAD] = self._head_for(other)
        self.edge.sync.poll()
        self.centre.answers = before
        self.centre.head()
        # The head that everybody gets removes nothing: once the log names it, what was removed is given back.
        if not self.honest.away:
            self.must_be_hidden = set()

    def _head_for(self, other: Centre) -> bytes:
        mine, self.centre.manifest = self.centre.manifest, other.manifest
        data = self.centre.head(log=False)
        self.centre.manifest = mine
        return data

    def withhold(self) -> None:
        before = self.centre.answers[HEAD]
        served = self.centre.remove(entry_id(1))
        self.centre.answers[HEAD] = before
        self.edge.sync.poll()
        self.centre.answers[HEAD] = served

    def restart(self) -> None:
        self.edge = Edge(self.centre, self.folder)
        self.edge.sync.resume()

    def check(self) -> None:
        live, size = self.edge.lists.get(LIST), self.honest.log.published().size
        if live is None:
            return
        said = [logged(self.honest.log.entry(number, size)) for number in range(size)]
        assert LoggedRelease(LIST, live.manifest.version, live.manifest.fingerprint()) in said
        if live.manifest.version == self.version:
            assert self.must_be_hidden <= live.matches.removed


acts = st.lists(st.sampled_from([name for name in vars(Scene) if name[0] != "_" and name != "check"]), max_size=14)


@given(acts)
@example(["remove", "serve_one_recipient", "witnesses_leave"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_centre_does_nothing_unlogged_is_ever_in_use(
    tmp_path_factory: pytest.TempPathFactory, acts: list[str]
) -> None:
    """In use is only what the log of everybody names; what a head removed stays so until that log says otherwise."""
    with clock.simulate(NOW):
        scene = Scene(tmp_path_factory.mktemp("edge"))
        for act in acts:
            getattr(scene, act)()
            scene.check()


def test_a_forged_head_of_the_highest_number_locks_nobody_out(edge: Edge, centre: Centre) -> None:
    """Whoever stole a release key may hide entries, with an alert, until it is sure that the log never names it."""
    centre.remove(entry_id(1))
    assert edge.sync.poll()
    honest = centre.sequence
    centre.sequence = 2**53 - 2
    centre.head(removed=(entry_id(2),), log=False)
    assert edge.sync.poll()
    assert hidden(edge) == {entry_id(1), entry_id(2)}
    centre.sequence = honest
    centre.remove(entry_id(1))
    refused(edge, "rolled_back")
    assert hidden(edge) == {entry_id(1), entry_id(2)}, "it may still come into the log"
    with clock.simulate(NOW + timedelta(seconds=30)):
        centre.public.enter({"event": "grant.given"})
        refused(edge, "rolled_back")
    with clock.simulate(NOW + timedelta(seconds=120)):
        refused(edge, "unlogged_head")
        assert edge.sync.poll(), "it is given up, and the honest head counts"
        assert hidden(edge) == {entry_id(1)}


def test_more_than_a_head_can_carry_is_removed_by_a_file(edge: Edge, centre: Centre) -> None:
    ids = [entry_id(1).bytes, entry_id(2).bytes]
    data = b"".join(sorted(ids))
    file = {"sha256": hashlib.sha256(data).hexdigest(), "count": 2}
    centre.head(removed_file=file)
    refused(edge, "unreachable")
    assert hidden(edge) == set()
    centre.answers[f"/api/v1/releases/{LIST}/removed/{file['sha256']}"] = data[:-1] + b"x"
    refused(edge, "snapshot_mismatch")
    centre.answers[f"/api/v1/releases/{LIST}/removed/{file['sha256']}"] = data
    assert edge.sync.poll()
    assert hidden(edge) == {entry_id(1), entry_id(2)}
