"""However a version came about, it has what is active: the bytes of a snapshot of all rows, and their values."""

from __future__ import annotations

import random
import secrets
import shutil
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme
from tests.support.cast import Cast
from tests.support.register import release as publish
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.register.release import ReleaseHead, ReleaseManifest, removed_ids
from tutela.indicators.access import grants
from tutela.indicators.errors import NoGrant, NoSuchRelease
from tutela.indicators.hashes.validation import HashValue as Given
from tutela.indicators.models import HashValue, Release, ReleaseWaiting
from tutela.indicators.register import certify, dispute, propose, revoke
from tutela.indicators.release_files import certified_set_files, removals, version_files
from tutela.indicators.releases import builder, certified_set, downloads, history
from tutela.indicators.releases import head as releases_head
from tutela.indicators.releases import publish as releases_publish
from tutela.matching import Snapshot, folded
from tutela.organisations.keys import signing

__all__ = ["_scheme"]


@pytest.fixture(autouse=True)
def _own_files() -> Iterator[None]:
    """No test goes on with the files of another."""
    shutil.rmtree(version_files.folder(), ignore_errors=True)
    yield
    shutil.rmtree(version_files.folder(), ignore_errors=True)


def manifest(row: Release) -> ReleaseManifest:
    return ReleaseManifest.from_bytes(Envelope.from_bytes(bytes(row.manifest)).payload)


def newest(cast: Cast) -> Release:
    """That of the round before, where what came is gone again."""
    with acting(cast.centre):
        return history.history(1)[0]


def whole(cast: Cast) -> bytes:
    """The snapshot of all rows, as if there had been no version before."""
    with acting(cast.centre):
        built = builder.whole(cast.centre, 1_000_000)
        assert built.places.root == certified_set.values(cast.centre)[0].root
    return version_files.read(1_000_000)


def holds(cast: Cast, row: Release | None) -> ReleaseManifest:
    """A version is what all rows say, in its bytes and in its certified set."""
    assert row is not None
    said, expected = manifest(row), whole(cast)
    data = version_files.read(said.base)
    if said.changes is not None:
        data = folded(Snapshot(data), Snapshot(version_files.read(said.version, changes=True)))
    assert data == expected
    assert said.entries == row.entries == len(Snapshot(data))
    with acting(cast.centre):
        made, secret = certified_set.values(cast.centre)
        key = signing.key_id_of(secret.public)
    assert bytes(row.values_root or b"") == made.root
    assert said.hashes == len(made)
    assert certified_set_files.ValueSet.of(said.base, said.version, key).set().root == made.root
    return said


def test_versions_of_changes_are_the_versions_of_all_rows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "FEW_CHANGES", 9)
    dice = random.Random(7)
    active = [_active(cast) for _ in range(3)]
    # Several share each, and none so many that they look made up.
    shared = [Given("pdq", secrets.token_hex(32), 90, covers=0.7) for _ in range(4)]
    kinds = {"first": holds(cast, publish(cast.centre)).changes is None}
    for _ in range(9):
        for _ in range(dice.randint(1, 3)):
            one = propose.propose(
                cast.hotline_ie,
                given=[Given("sha256", secrets.token_hex(32)), dice.choice(shared)],
                media_type="image",
                classification=CLASS,
                reason="Assessed",
            )
            certify.certify(cast.hotline_de, one)
            active.append(one)
        _propose(cast.hotline_ie, secrets.token_hex(32))
        dice.shuffle(active)
        gone = active.pop()
        if dice.random() < 0.5:
            revoke.revoke(cast.centre, gone, "Erroneous")
        else:
            revoke.suspend(cast.centre, gone, "Doubtful")
        said = holds(cast, publish(cast.centre) or newest(cast))
        kinds |= {"changed": kinds.get("changed") or said.changes is not None}
        kinds |= {"folded": kinds.get("folded") or said.folded is not None}
    assert kinds == {"first": True, "changed": True, "folded": True}
    assert releases_publish.publish(cast.centre) is None, "nothing changed"
    releases_publish.tidy(cast.centre)
    revoke.revoke(cast.centre, active.pop(), "Erroneous")
    holds(cast, publish(cast.centre))


def test_what_comes_back_after_a_suspension_is_in_the_list_again(cast: Cast) -> None:
    _active(cast)
    holds(cast, publish(cast.centre))
    made = _active(cast)
    holds(cast, publish(cast.centre))
    revoke.suspend(cast.centre, made, "Doubtful")
    gone = holds(cast, publish(cast.centre))
    dispute.decide(cast.centre, made, upheld=False, reason="It is what it says")
    certify.certify(cast.hotline_ie, made)
    certify.certify(cast.hotline_de, made)
    assert holds(cast, publish(cast.centre)).entries == gone.entries + 1


@pytest.mark.parametrize("what", ["*", "*.ids", "*.values", "*.moved", "*.sealed", "*.hasher", "*.shared"])
def test_lost_files_are_made_anew(cast: Cast, what: str) -> None:
    _active(cast)
    publish(cast.centre)
    made = _active(cast)
    publish(cast.centre)
    for path in version_files.folder().glob(what):
        path.unlink()
    revoke.revoke(cast.centre, made, "Erroneous")
    head = releases_head.refresh_head(cast.centre)
    assert head is not None
    assert made in removed(head.envelope), "a removal waits for no file"
    _active(cast)
    holds(cast, publish(cast.centre))


def removed(envelope: bytes) -> tuple[UUID, ...]:
    return ReleaseHead.from_bytes(Envelope.from_bytes(bytes(envelope)).payload).removed


def test_damaged_values_are_made_anew(cast: Cast) -> None:
    _active(cast)
    publish(cast.centre)
    _active(cast)
    publish(cast.centre)
    for path in version_files.folder().glob("*.moved"):
        path.write_bytes(path.read_bytes()[:36])
    # As a process that began since.
    certified_set_files._newest.clear()
    _active(cast)
    assert holds(cast, publish(cast.centre)).changes is None


def test_a_new_key_of_values_makes_a_snapshot_and_all_values_anew(cast: Cast) -> None:
    _active(cast)
    before = publish(cast.centre)
    assert before is not None
    signing.create_key(cast.centre, "values")
    _active(cast)
    after = publish(cast.centre)
    assert holds(cast, after).changes is None
    with acting(cast.centre):
        assert HashValue.objects.values("key_id").distinct().count() >= 2


def test_an_old_snapshot_is_made_of_all_rows_again(cast: Cast) -> None:
    _active(cast)
    publish(cast.centre)
    _active(cast)
    assert holds(cast, publish(cast.centre)).changes is not None
    with clock.simulate(clock.now() + releases_publish.MANIFEST_RENEWED):
        assert holds(cast, releases_publish.publish(cast.centre)).changes is None


def test_the_same_list_under_a_new_version_has_the_same_parts(cast: Cast) -> None:
    _active(cast)
    publish(cast.centre)
    said = holds(cast, releases_publish.republish(cast.centre))
    again = holds(cast, releases_publish.republish(cast.centre))
    assert (said.base, said.entries) == (again.base, again.entries)
    assert again.version == said.version + 1


def test_many_changes_at_once_are_read_from_all_rows(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _active(cast)
    publish(cast.centre)
    monkeypatch.setattr(builder, "MANY", 2)
    for _ in range(4):
        _active(cast)
    assert holds(cast, publish(cast.centre)).changes is None
    with acting(cast.centre):
        assert not ReleaseWaiting.objects.filter(version=None).exists()
    monkeypatch.setattr(builder, "MANY", 50_000)
    made = _active(cast)
    assert holds(cast, publish(cast.centre)).changes is not None
    revoke.revoke(cast.centre, made, "Erroneous")
    holds(cast, publish(cast.centre))


def test_no_number_of_removals_stops_a_head_or_a_version(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removals, "MAX_REMOVED", 1)
    active = sorted(_active(cast) for _ in range(3))
    holds(cast, publish(cast.centre))
    for one in active:
        revoke.suspend(cast.centre, one, "Doubtful")
    row = releases_head.refresh_head(cast.centre)
    assert row is not None
    said = ReleaseHead.from_bytes(Envelope.from_bytes(bytes(row.envelope)).payload)
    assert said.removed == ()
    assert said.removed_file is not None
    assert row.removed == said.removes >= len(active)
    provider = cast.pixelpost
    grants.give(
        cast.centre,
        provider.organisation_id,
        list_id=version_files.LIST_ID,
        purpose="reporting",
        legal_basis="DSA",
        valid_to=clock.now() + timedelta(days=1),
    )
    data = downloads.removed_for(cast.centre, provider, version_files.LIST_ID, said.removed_file.sha256)
    assert len(data) == said.removed_file.size
    assert set(active) <= removed_ids(data)
    with pytest.raises(NoGrant):
        downloads.removed_for(cast.centre, cast.other_provider, version_files.LIST_ID, said.removed_file.sha256)
    for wrong in ("0" * 64, "../" * 20 + "abcd", "x" * 64):
        with pytest.raises(NoSuchRelease):
            downloads.removed_for(cast.centre, provider, version_files.LIST_ID, wrong)
    assert releases_head.refresh_head(cast.centre) == row, "it says nothing new"
    holds(cast, publish(cast.centre))
