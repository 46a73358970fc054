"""Lists of others that are passed on: with a grant of their own, their source kept, never the register's."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event as Signal
from threading import Thread
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.db.models import Max, Sum
from django.test import Client

from tests.integration.indicators.register.test_register import CLASS, _scheme
from tests.support import holds
from tests.support.cast import Cast
from tutela import clock
from tutela.edge.active_lists.lists_in_use import LiveLists
from tutela.edge.active_lists.redistributed import ListAddress, PassedSync
from tutela.edge.active_lists.state_store import ListStore
from tutela.edge.errors import ReleaseError
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import Listed
from tutela.exchange.message.signed_envelope import trusted_keys
from tutela.exchange.register.release import SourceKind
from tutela.indicators.access import grants
from tutela.indicators.errors import NoGrant, NoSuchRelease
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.batches import Made
from tutela.indicators.imports.writer import Writing
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import ImportBatch, Indicator, PartnerEntry, PartnerProposing
from tutela.indicators.partner_lists import file_import, proposals, releases, subscriptions
from tutela.indicators.partner_lists import grants as partner_lists_grants
from tutela.indicators.partner_lists.file_import import NamedList
from tutela.indicators.register import certify, detail, propose
from tutela.indicators.release_files import partner_snapshots, version_files
from tutela.indicators.safeguards import hold_release, rate_limits
from tutela.indicators.safeguards.errors import HeldAsOutlier, HeldForFlood
from tutela.media.digests import Digests

__all__ = ["_scheme"]


class Owned:
    """A list from files, its owner, and what stands in it."""

    def __init__(self, cast: Cast, *, about: str = "csam") -> None:
        self.owner = cast.actor(cast.hotline_ie, "analyst")
        self.slug = f"list-{secrets.token_hex(5)}"
        self.values = {f"k{number}": secrets.token_hex(32) for number in range(3)}
        self.about = about
        self.load()

    def load(self, *, without: str = "") -> None:
        found = [Listed(key, {"sha256": (value,)}) for key, value in self.values.items() if key != without]
        file_import.load(
            self.owner, NamedList(self.slug, "Police abroad", self.about, "Agreement"), lambda: found, allow_shrink=True
        )

    @property
    def id(self) -> UUID:
        return next(one.row.pk for one in subscriptions.list_subscriptions(self.owner) if one.row.list_id == self.slug)

    def grant(self, grantee: Actor, days: int = 30) -> UUID:
        until = clock.now() + timedelta(days=days)
        return partner_lists_grants.give(
            self.owner, self.id, grantee.organisation_id, legal_basis="Agreement, clause 4", valid_to=until
        )

    def publish(self) -> Any:
        return releases.publish(self.owner, self.id)

    def entry(self, key: str) -> UUID:
        with acting(self.owner):
            return UUID(str(PartnerEntry.objects.get(list__list_id=self.slug, key=key).pk))


@pytest.fixture
def owned(cast: Cast) -> Owned:
    return Owned(cast)


@pytest.fixture
def served(cast: Cast) -> Iterator[httpx.Client]:
    headers = cast.key(cast.pixelpost, "releases:read")
    transport = httpx.WSGITransport(app=get_wsgi_application())
    with httpx.Client(transport=transport, base_url="http://testserver", headers=headers) as client:
        yield client


class Edge:
    """An Edge's part in it."""

    def __init__(self, folder: Path, owned: Owned, client: httpx.Client, keys: tuple[str, ...]) -> None:
        self.lists, self.refused = LiveLists(), list[str]()
        place = ListAddress(owned.owner.organisation_id, owned.slug)
        store = ListStore(folder / owned.slug, bytes(32))

        def alert(_list: str, error: ReleaseError) -> None:
            self.refused.append(error.code)

        self.sync = PassedSync(place, client, trusted_keys(keys), store, self.lists, alert)

    def knows(self, value: str) -> list[str]:
        answers, _asked = self.lists.match_all([(Digests("", "", value, 0), ())])
        return [match.source for match in answers[0]]


def _keys(cast: Cast, owned: Owned) -> tuple[str, ...]:
    lead = cast.actor(cast.pixelpost, "lead")
    return next(one.keys for one in partner_lists_grants.received(lead) if one.grant.slug == owned.slug)


def _head(client: httpx.Client, owned: Owned) -> httpx.Response:
    return client.get(f"/api/v1/redistributed/{owned.owner.organisation_id}/{owned.slug}/head")


def test_a_list_reaches_the_edge_of_whom_it_was_granted_to_with_its_source(
    cast: Cast, owned: Owned, served: httpx.Client, tmp_path: Path
) -> None:
    owned.grant(cast.pixelpost)
    owned.publish()
    edge = Edge(tmp_path, owned, served, _keys(cast, owned))
    assert edge.sync.poll(), edge.refused
    live = edge.lists.get(owned.slug)
    assert live is not None
    said = live.describe(clock.now())
    assert (said["in_public_register"], said["source"], said["entries"]) == (False, "provider_source", 3)
    assert "Police abroad" in said["name"]
    assert edge.knows(owned.values["k1"]) == ["provider_source"]
    again = Edge(tmp_path, owned, served, _keys(cast, owned))
    assert again.sync.resume(), "a restart asks nobody"
    assert again.knows(owned.values["k1"])


def test_what_the_source_withdraws_stops_matching_with_the_next_head(
    cast: Cast, owned: Owned, served: httpx.Client, tmp_path: Path
) -> None:
    owned.grant(cast.pixelpost)
    owned.publish()
    edge = Edge(tmp_path, owned, served, _keys(cast, owned))
    edge.sync.poll()
    owned.load(without="k1")
    assert edge.sync.poll()
    assert not edge.knows(owned.values["k1"]), "before any new version is built"
    assert edge.knows(owned.values["k2"])
    owned.publish()
    assert edge.sync.poll()
    assert edge.sync._state.active == 2
    assert not edge.knows(owned.values["k1"])
    assert edge.knows(owned.values["k2"])


def test_without_a_grant_a_list_is_not_told_from_none(cast: Cast, owned: Owned, served: httpx.Client) -> None:
    owned.grant(cast.other_provider)
    owned.publish()
    refused = _head(served, owned)
    unknown = served.get(f"/api/v1/redistributed/{owned.owner.organisation_id}/no-such-list/head")
    nobody = served.get(f"/api/v1/redistributed/{uuid4()}/{owned.slug}/head")
    assert refused.status_code == unknown.status_code == nobody.status_code == 403
    assert refused.json()["title"] == unknown.json()["title"] == nobody.json()["title"]
    base = f"/api/v1/redistributed/{owned.owner.organisation_id}/{owned.slug}/1"
    assert [served.get(f"{base}/{part}").status_code for part in ("manifest", "snapshot")] == [403, 403]
    with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application()), base_url="http://testserver") as none:
        assert _head(none, owned).status_code == 401


def test_a_grant_ends_at_once_by_itself_and_with_its_list(cast: Cast, owned: Owned, served: httpx.Client) -> None:
    owned.grant(cast.pixelpost)
    owned.publish()
    assert _head(served, owned).status_code == 200
    partner_lists_grants.end(owned.owner, owned.id, cast.pixelpost.organisation_id)
    assert _head(served, owned).status_code == 403
    owned.grant(cast.pixelpost, days=3)
    assert _head(served, owned).status_code == 200
    with _later(4):
        assert _head(served, owned).status_code == 403
    subscriptions.end(owned.owner, owned.id, "Agreement ended")
    assert _head(served, owned).status_code == 403
    assert not partner_snapshots.there(owned.slug, 1), "what was read of it is erased, its snapshots too"


def test_a_list_that_ends_while_a_version_is_built_leaves_no_snapshot(
    cast: Cast, owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned.grant(cast.pixelpost)
    building, go, keep = Signal(), Signal(), partner_snapshots.keep

    def slow(*given: Any) -> None:
        building.set()
        assert go.wait(20)
        keep(*given)

    monkeypatch.setattr(partner_snapshots, "keep", slow)

    def end() -> None:
        subscriptions.end(owned.owner, owned_id, "Agreement ended")
        connections.close_all()

    def publish() -> None:
        releases.publish(owned.owner, owned_id)
        connections.close_all()

    owned_id = owned.id
    publishing, ending = Thread(target=publish), Thread(target=end)
    publishing.start()
    assert building.wait(20)
    ending.start()
    ending.join(1)
    go.set()
    publishing.join()
    ending.join()
    assert not partner_snapshots.there(owned.slug, 1)


def _later(days: int) -> Any:
    now = clock.now()
    return clock.simulate(lambda: now + timedelta(days=days))


def test_a_registers_grant_opens_no_list_of_another_and_the_other_way_round(
    cast: Cast, owned: Owned, served: httpx.Client
) -> None:
    grants.give(
        cast.actor(cast.centre, "lead"),
        cast.pixelpost.organisation_id,
        list_id=owned.slug,
        purpose="reporting",
        legal_basis="x",
        valid_to=clock.now() + timedelta(days=1),
    )
    owned.publish()
    assert _head(served, owned).status_code == 403
    owned.grant(cast.pixelpost)
    assert served.get(f"/api/v1/releases/{version_files.LIST_ID}/head").status_code == 403


def test_each_fetch_is_on_the_owners_record(cast: Cast, owned: Owned, served: httpx.Client, tmp_path: Path) -> None:
    owned.grant(cast.pixelpost)
    owned.publish()
    edge = Edge(tmp_path, owned, served, _keys(cast, owned))
    assert edge.sync.poll()
    assert edge.sync.poll(), "and says which version it uses since"
    with acting(owned.owner):
        kinds = set(Event.objects.filter(subject_id=str(owned.id)).values_list("kind", flat=True))
    assert {
        "partner_list.granted",
        "partner_list.released",
        "partner_list.manifest_fetched",
        "partner_list.snapshot_fetched",
    } <= kinds
    (given,) = partner_lists_grants.given(owned.owner, owned.id)
    assert (given.grant.fetched_version, given.open) == (1, True)


def test_an_edge_takes_no_register_no_other_key_and_nothing_older(
    cast: Cast, owned: Owned, served: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owned.grant(cast.pixelpost)
    owned.publish()
    stranger = Edge(tmp_path / "a", owned, served, ("11" * 32,))
    assert not stranger.sync.poll()
    assert stranger.refused == ["untrusted"]
    keys = _keys(cast, owned)
    edge = Edge(tmp_path / "b", owned, served, keys)
    assert edge.sync.poll()
    old = _head(served, owned).content
    owned.load(without="k1")
    owned.publish()
    assert edge.sync.poll()
    document = edge.sync._document
    monkeypatch.setattr(edge.sync, "_document", lambda path: old if path.endswith("head") else document(path))
    assert not edge.sync.poll()
    assert edge.refused == ["rolled_back"]
    monkeypatch.setattr(releases, "SourceKind", SimpleNamespace(PROVIDER_SOURCE=SourceKind.REGISTER))
    owned.load()
    owned.publish()
    monkeypatch.undo()
    passing_off = Edge(tmp_path / "c", owned, served, keys)
    assert not passing_off.sync.poll()
    assert passing_off.refused == ["untrusted"]


def test_only_its_owner_passes_a_list_on_and_only_to_the_verified(cast: Cast, owned: Owned) -> None:
    until = clock.now() + timedelta(days=1)
    stranger = cast.actor(cast.hotline_de, "analyst")
    with pytest.raises(NotFound):
        partner_lists_grants.give(stranger, owned.id, cast.pixelpost.organisation_id, legal_basis="x", valid_to=until)
    reviewer = cast.actor(cast.pixelpost, "reviewer")
    with pytest.raises(Forbidden):
        partner_lists_grants.give(reviewer, owned.id, cast.pixelpost.organisation_id, legal_basis="x", valid_to=until)
    for field, given in (
        ("legal_basis", {"legal_basis": " ", "valid_to": until}),
        ("valid_to", {"legal_basis": "x", "valid_to": clock.now()}),
    ):
        with pytest.raises(Invalid) as refused:
            partner_lists_grants.give(owned.owner, owned.id, cast.pixelpost.organisation_id, **given)  # type: ignore[arg-type]
        assert refused.value.field == field
    with pytest.raises(NotFound):
        partner_lists_grants.end(stranger, owned.id, cast.pixelpost.organisation_id)
    other = Owned(cast, about="other")
    with pytest.raises(Invalid, match="cannot be redistributed"):
        other.grant(cast.pixelpost)


def test_a_grant_is_seen_by_both_and_by_nobody_else(cast: Cast, owned: Owned) -> None:
    owned.grant(cast.pixelpost)
    (mine,) = partner_lists_grants.received(cast.actor(cast.pixelpost, "reviewer"))
    assert (mine.grant.source, mine.owner.id) == ("Police abroad", owned.owner.organisation_id)
    assert mine.place == f"{owned.owner.organisation_id}/{owned.slug}"
    assert not partner_lists_grants.received(cast.actor(cast.other_provider, "lead"))
    assert not partner_lists_grants.received(cast.actor(cast.hotline_de, "analyst"))
    assert not partner_lists_grants.given(cast.actor(cast.pixelpost, "lead"), owned.id)


def test_a_version_is_made_once_and_the_head_is_signed_when_it_is_asked_for(cast: Cast, owned: Owned) -> None:
    edge = cast.pixelpost
    owned.grant(edge)
    with pytest.raises(NoSuchRelease):
        releases.head_for(owned.owner.organisation_id, edge, owned.slug, None)
    assert owned.publish().version == 1
    assert owned.publish() is None, "nothing changed"
    ask = lambda: releases.head_for(owned.owner.organisation_id, edge, owned.slug, None)[0]  # noqa: E731
    first = ask()
    assert ask() == first
    with _later(1):
        assert ask() != first, "a day later it would have expired"
    with pytest.raises(NoGrant):
        releases.head_for(owned.owner.organisation_id, cast.other_provider, owned.slug, None)


def _work(owned: Owned, run: UUID) -> PartnerProposing:
    with acting(owned.owner):
        row = PartnerProposing.objects.get(run_id=run)
    proposals.run_proposals(owned.owner.organisation_id, row.pk)
    with acting(owned.owner):
        return PartnerProposing.objects.get(run_id=run)


def test_entries_become_proposals_under_their_sources_name_and_never_active(cast: Cast, owned: Owned) -> None:
    run = proposals.propose(
        owned.owner, owned.id, [owned.entry("k1")], classification=CLASS, reason="Assessed again here"
    )
    done = _work(owned, run)
    assert (done.accepted, done.refused, done.reasons) == (1, 0, [])
    with acting(owned.owner):
        (made,) = Indicator.objects.filter(run_id=run)
    assert (made.source, made.classification) == ("Police abroad", CLASS)
    assert detail.load_detail(owned.owner, made.pk).line.state == "proposed"
    rest = _work(owned, proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed"))
    assert (rest.accepted, rest.refused) == (2, 1)
    assert [one["code"] for one in rest.reasons] == ["line.known_digest"]
    proposals.run_proposals(owned.owner.organisation_id, rest.pk)
    with acting(owned.owner):
        assert Indicator.objects.filter(run_id=rest.run_id).count() == 2, "a job that comes twice does nothing"


def test_weak_digests_and_hashes_of_unknown_quality_are_told_apart(cast: Cast) -> None:
    owned = Owned(cast)
    look = secrets.token_hex(32)
    found = [Listed("weak", {"md5": (secrets.token_hex(16),)}), Listed("look", {"pdq": (look,)})]
    file_import.load(owned.owner, NamedList(owned.slug), lambda: found, allow_shrink=True)
    none = _work(owned, proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed"))
    assert (none.accepted, none.refused) == (0, 2)
    assert none.unmapped == "pdq without a quality (1)"
    said = _work(
        owned,
        proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed", quality=60),
    )
    assert (said.accepted, said.refused) == (1, 1)
    for wrong in ({"reason": " "}, {"quality": 49}, {"classification": "no:such"}):
        with pytest.raises(Invalid):
            proposals.propose(
                owned.owner,
                owned.id,
                [],
                **{"classification": CLASS, "reason": "x", **wrong},  # type: ignore[arg-type]
            )
    with pytest.raises(Forbidden):
        proposals.propose(cast.actor(cast.pixelpost, "lead"), owned.id, [], classification=CLASS, reason="Not a member")


class Killed(BaseException):
    """What a kill is to the code that it ends."""


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two entries."""
    monkeypatch.setattr(runner, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(proposals, "LINES_AT_ONCE", 2)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("batches", range(5))
def test_a_run_that_was_killed_goes_on_behind_its_last_batch(
    cast: Cast, owned: Owned, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    owned.values, looks = {f"k{number}": secrets.token_hex(32) for number in range(7)}, secrets.token_hex(32)
    file_import.load(
        owned.owner,
        NamedList(owned.slug),
        lambda: [
            *(Listed(key, {"sha256": (value,)}) for key, value in owned.values.items()),
            Listed("zz", {"pdq": (looks,)}),
        ],
        allow_shrink=True,
    )
    with acting(owned.owner):
        live = PartnerEntry.objects.filter(list__list_id=owned.slug, withdrawn_at=None).count()
    run = proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed")
    with acting(owned.owner):
        row = PartnerProposing.objects.get(run_id=run)
    kept, batch = list[int](), Writing.batch

    def killed(self: Writing, made: Made) -> Made:
        if len(kept) == batches:
            raise Killed
        kept.append(made.last)
        return batch(self, made)

    monkeypatch.setattr(Writing, "batch", killed)
    if batches < 4:
        with pytest.raises(Killed):
            proposals.run_proposals(owned.owner.organisation_id, row.pk)
        with acting(owned.owner):
            row.refresh_from_db()
            assert (row.ended_at, row.lines) == (None, 2 * batches)
    else:
        # All is written, and the end is not.
        monkeypatch.setattr(proposals, "_ended", lambda *_: (_ for _ in ()).throw(Killed()))
        with pytest.raises(Killed):
            proposals.run_proposals(owned.owner.organisation_id, row.pk)
    monkeypatch.undo()
    monkeypatch.setattr(runner, "LINES_AT_ONCE", 2)
    monkeypatch.setattr(proposals, "LINES_AT_ONCE", 2)
    # Meanwhile the source withdraws one that was read: what is counted by places would leave one out.
    if batches:
        with acting(owned.owner):
            first = PartnerEntry.objects.filter(list__list_id=owned.slug, withdrawn_at=None).order_by("pk").first()
            assert first is not None
            first.withdrawn_at, first.sealed = clock.now(), b""
            first.save()
    done = _work(owned, run)
    assert done.ended_at is not None
    assert (done.accepted, done.refused, done.lines, done.error) == (live - 1, 1, live, "")
    assert done.unmapped == "pdq without a quality (1)"
    assert len(done.reasons) == 1
    with acting(owned.owner):
        assert Indicator.objects.filter(run_id=run).count() == live - 1
        sums = ImportBatch.objects.filter(run_id=run).aggregate(lines=Max("lines"), accepted=Sum("accepted"))
    assert sums == {"lines": live, "accepted": live - 1}


@pytest.mark.usefixtures("small")
def test_two_workers_on_one_run_double_nothing(owned: Owned, monkeypatch: pytest.MonkeyPatch) -> None:
    run = proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed")
    with acting(owned.owner):
        row = PartnerProposing.objects.get(run_id=run)
    batch, once = Writing.batch, list[bool]()

    def beside(self: Writing, made: Made) -> Made:
        if not once:
            once.append(True)
            proposals.run_proposals(owned.owner.organisation_id, row.pk)
        return batch(self, made)

    monkeypatch.setattr(Writing, "batch", beside)
    done = _work(owned, run)
    assert (done.accepted, done.refused, done.error, done.ended_at is None) == (3, 0, "", False)


def test_a_run_of_who_is_held_for_a_flood_waits_until_it_is_let_go(
    cast: Cast, owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed")
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: 0)
    with pytest.raises(HeldForFlood):
        rate_limits.check(owned.owner)
    monkeypatch.undo()
    row = _work(owned, run)
    assert (row.accepted, row.ended_at, row.error) == (0, None, "")
    # One that begins just before the hold writes nothing more, either.
    refuse, asked = rate_limits.refuse_held, list[Actor]()

    def late(actor: Actor, *others: UUID) -> None:
        asked.append(actor)
        if len(asked) > 1:
            refuse(actor, *others)

    with monkeypatch.context() as changed:
        changed.setattr(rate_limits, "refuse_held", late)
        row = _work(owned, run)
    assert (len(asked), row.accepted, row.ended_at) == (2, 0, None)
    now = clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=6)), acting(owned.owner):
        assert run in [one.run_id for one in proposals.due()]
    lead = cast.actor(cast.centre, "lead")
    (hold,) = holds.open_of(lead, owned.owner.organisation_id)
    hold_release.release(lead, hold.pk, accepted=True, reason="Asked them")
    row = _work(owned, run)
    assert row.accepted == 3
    assert row.ended_at is not None


def test_a_run_that_cannot_be_done_ends_with_its_error(owned: Owned, monkeypatch: pytest.MonkeyPatch) -> None:
    run = proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed")
    monkeypatch.setattr(policy, "certifiers", lambda: frozenset({"authority"}))
    done = _work(owned, run)
    assert done.error == "error.KindOutsidePolicy"
    assert done.ended_at is not None


def test_a_run_that_waits_too_long_is_ordered_again(owned: Owned) -> None:
    run = proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="Assessed")
    with acting(owned.owner):
        assert run not in [one.run_id for one in proposals.due()]
    now = clock.now()
    with clock.simulate(lambda: now + timedelta(minutes=6)), acting(owned.owner):
        assert run in [one.run_id for one in proposals.due()]
    _work(owned, run)
    with clock.simulate(lambda: now + timedelta(minutes=6)), acting(owned.owner):
        assert run not in [one.run_id for one in proposals.due()]


@pytest.mark.usefixtures("small")
def test_a_list_is_no_way_around_the_limit_of_an_hour(
    cast: Cast, owned: Owned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: 3)
    small = proposals.propose(owned.owner, owned.id, [owned.entry("k1")], classification=CLASS, reason="x")
    assert _work(owned, small).accepted == 1
    lead = cast.actor(cast.centre, "lead")
    other = Owned(cast)
    large = proposals.propose(other.owner, other.id, [], classification=CLASS, reason="x")
    assert _work(other, large).accepted == 3
    (held,) = holds.open_of(lead, small, large)
    assert (held.run_id, held.codes, holds.text(held)) == (
        large,
        "proposals_per_hour",
        "4 proposals within 1 hour; the policy allows 3",
    )
    with acting(lead):
        proposed = Indicator.objects.filter(run_id=large).first()
    assert proposed is not None
    with pytest.raises(HeldAsOutlier):
        certify.certify(cast.hotline_de, proposed.pk)
    # One person may use half of the limit, here one proposal.
    for one in (owned.owner, other.owner):
        given = [HashValue("sha256", secrets.token_hex(32))]
        propose.propose(one, given=given, media_type="image", classification=CLASS, reason="x")
    with pytest.raises(HeldForFlood):
        propose.propose(
            cast.actor(cast.hotline_ie, "analyst"), given=given, media_type="image", classification=CLASS, reason="x"
        )
    with pytest.raises(HeldForFlood):
        proposals.propose(owned.owner, owned.id, [], classification=CLASS, reason="x")


def _browser(cast: Cast, owned: Owned) -> Client:
    return cast.client(cast.hotline_ie, "analyst")


def test_the_pages_show_whom_it_went_to_and_take_proposals(cast: Cast, owned: Owned) -> None:
    browser = _browser(cast, owned)
    form = {"grantee": str(cast.pixelpost.organisation_id), "legal_basis": "Clause 4", "days": "30"}
    assert browser.post(f"/desk/partner-lists/{owned.id}/grants/new/", form).status_code == 302
    shown = browser.get(f"/desk/partner-lists/{owned.id}/").content.decode()
    assert cast.pixelpost.organisation_name in shown
    assert "Clause 4" in shown
    received = cast.client(cast.pixelpost, "lead").get("/desk/partner-lists/").content.decode()
    assert owned.slug in received
    assert "Police abroad" in received
    page = browser.get(f"/desk/partner-lists/{owned.id}/entries/").content.decode()
    assert "k1" in page
    assert not any(value in page for value in owned.values.values())
    chosen = {"which": "chosen", "entry": [str(owned.entry("k1"))], "classification": CLASS, "reason": "Assessed"}
    assert browser.post(f"/desk/partner-lists/{owned.id}/entries/", chosen).status_code == 302
    nothing = browser.post(f"/desk/partner-lists/{owned.id}/entries/", {**chosen, "entry": []})
    assert "Choose entries" in nothing.content.decode()
    strange = cast.client(cast.hotline_de, "analyst")
    for address in ("entries/", "grants/new/"):
        assert strange.get(f"/desk/partner-lists/{owned.id}/{address}").status_code == 404
    ended = browser.post(f"/desk/partner-lists/{owned.id}/grants/{cast.pixelpost.organisation_id}/end/")
    assert ended.status_code == 302
