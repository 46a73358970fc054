"""What stands behind an entry: keys and organisations that count no longer stop it, and hashes are those certified."""

from __future__ import annotations

import secrets
from datetime import timedelta
from io import StringIO
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.db.utils import DatabaseError, IntegrityError

from tests.integration.indicators.lifecycle.test_state_machine_rows import _as, _insert, versions_within
from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme, _state
from tests.support.cast import Cast
from tests.support.database import superuser
from tests.support.register import release as publish
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.indicators import jobs
from tutela.indicators.access import grants, quotas
from tutela.indicators.feed import change_feed
from tutela.indicators.hashes import blind_index, encryption
from tutela.indicators.hosted_matching import match, private_lookup_set
from tutela.indicators.integrity import invalidation
from tutela.indicators.integrity import signing as integrity_signing
from tutela.indicators.models import ActivationWaiting, Certification, FeedEntry, Indicator, IndicatorNow, Release
from tutela.indicators.partner_lists import export
from tutela.indicators.register import certify, detail, dispute
from tutela.indicators.register.errors import CountsNoLonger
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import builder
from tutela.organisations.keys import signing
from tutela.organisations.people import directory
from tutela.tlog import voprf
from tutela.tlog.absence_proof import item_bytes
from tutela.tlog.private_lookup import ValueSet

__all__ = ["_scheme"]


def _set(cast: Cast, organisation: Actor, status: str) -> None:
    directory.set_status(cast.actor(cast.centre, "administrator"), organisation.organisation_id, status, "A test")


def _hash(actor: Actor, indicator: UUID, value: str) -> None:
    _insert(
        actor,
        "indicators_indicatorhash",
        indicator_id=indicator,
        kind="sha256",
        wrapped=encryption.sealed(value),
        blind=blind_index.blind("sha256", value),
        hasher="",
    )


def test_a_suspended_proposer_and_one_other_make_nothing_active(cast: Cast) -> None:
    proposer = cast.organisation("Proposer", "hotline", "FR")
    made = _propose(proposer)
    _set(cast, proposer, "suspended")
    assert not certify.certify(cast.hotline_de, made)
    assert _state(cast, made) == "proposed"
    assert certify.certify(cast.hotline_ie, made), "two others are enough"


def test_a_suspended_organisation_stops_what_then_lacks_two_and_nothing_else(cast: Cast) -> None:
    certifier = cast.organisation("Certifier", "hotline", "FR")
    made, kept, other = _propose(cast.hotline_ie), _active(cast), _propose(cast.hotline_ie)
    assert certify.certify(certifier, made)
    certify.certify(certifier, kept)
    certify.certify(certifier, other)
    _set(cast, certifier, "suspended")
    assert certifier.organisation_id in _ordered()
    jobs.work_lapsed(str(certifier.organisation_id))
    assert [_state(cast, one) for one in (made, kept, other)] == ["suspended", "active", "suspended"]
    (stopped,) = detail.load_detail(cast.centre, made).suspensions
    assert (stopped.cause, stopped.reason) == ("behind", "reason.too_few")
    assert {"code": "certification.signed", "values": {"name": certifier.organisation_name}} in stopped.faults
    lead = cast.actor(cast.centre, "lead")
    assert {made, other} <= {one.id for one in invalidation.list_suspended(lead)[0]}
    assert invalidation.suspend_for_organisation(cast.centre, certifier.organisation_id) == 0, "once is enough"
    dispute.decide(cast.centre, made, upheld=False, reason="Assessed again")
    assert made not in {one.id for one in invalidation.list_suspended(lead)[0]}
    certify.certify(cast.hotline_ie, made)
    assert certify.certify(cast.hotline_de, made)


def test_a_revoked_key_stops_what_it_signed_and_a_retired_one_does_not(cast: Cast) -> None:
    certifier = cast.organisation("Certifier", "hotline", "FR")
    first, second = _propose(cast.hotline_ie), _propose(cast.hotline_ie)
    certify.certify(certifier, first)
    (old,) = signing.public_keys(certifier.organisation_id, integrity_signing.KEY_USE)
    signing.create_key(certifier, integrity_signing.KEY_USE)
    certify.certify(certifier, second)
    assert invalidation.suspend_for_organisation(cast.centre, certifier.organisation_id) == 0
    signing.revoke_key(certifier, old.key_id)
    assert certifier.organisation_id in _ordered()
    assert invalidation.suspend_for_organisation(cast.centre, certifier.organisation_id) == 1
    assert [_state(cast, one) for one in (first, second)] == ["suspended", "active"]
    (stopped,) = detail.load_detail(cast.centre, first).suspensions
    assert "certification.revoked" in {one["code"] for one in stopped.faults}
    with acting(cast.centre):
        assert "indicator.suspended" in {one.kind for one in timeline("indicator", first)}


def test_who_signed_by_a_key_that_was_revoked_waits_for_a_new_round(cast: Cast) -> None:
    proposer = cast.organisation("Proposer", "hotline", "FR")
    made = _propose(proposer)
    (key,) = signing.public_keys(proposer.organisation_id, integrity_signing.KEY_USE)
    signing.revoke_key(proposer, key.key_id)
    assert not certify.certify(cast.hotline_de, made)
    with pytest.raises(CountsNoLonger):
        certify.certify(proposer, made)


def test_many_entries_are_stopped_part_by_part(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invalidation, "ENTRIES_AT_ONCE", 2)
    certifier = cast.organisation("Certifier", "hotline", "FR")
    made = [_propose(cast.hotline_ie) for _ in range(11)]
    for one in made:
        assert certify.certify(certifier, one)
    _set(cast, certifier, "unverified")
    assert invalidation.suspend_for_organisation(cast.centre, certifier.organisation_id) == len(made)
    assert {_state(cast, one) for one in made} == {"suspended"}


def test_the_centre_begins_new_rounds_for_all_of_them_but_what_somebody_doubts(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invalidation, "ENTRIES_AT_ONCE", 2)
    certifier = cast.organisation("Certifier", "hotline", "FR")
    made = [_propose(cast.hotline_ie) for _ in range(5)]
    for one in made:
        assert certify.certify(certifier, one)
    _set(cast, certifier, "suspended")
    invalidation.suspend_for_organisation(cast.centre, certifier.organisation_id)
    dispute.dispute(cast.authority, made[0], "And it looks lawful")
    path = "/desk/indicators/alerts/unverified/"
    assert cast.client(cast.hotline_ie, "analyst").post(path, {"reason": "x"}).status_code == 404
    lead, until = cast.client(cast.centre, "lead"), clock.now()
    lead.post(path, {"reason": " "})
    assert [_state(cast, one) for one in made] == ["suspended"] * 5
    lead.post(path, {"reason": "Suspended by mistake"})
    jobs.dismiss_lapsed("person:x", until.isoformat(), "Suspended by mistake")
    assert [_state(cast, one) for one in made] == ["suspended", *["proposed"] * 4]
    assert detail.load_detail(cast.centre, made[1]).suspensions[0].end.reason == "Suspended by mistake"
    assert not certify.certify(cast.hotline_ie, made[1])
    assert certify.certify(cast.hotline_de, made[1])


def _ordered() -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'organisation_id' FROM procrastinate_jobs WHERE task_name = %s", ["indicators.work_lapsed"]
        )
        return {UUID(one) for (one,) in cursor.fetchall()}


def test_direct_sql_adds_no_hash_to_what_somebody_certified_and_none_to_anothers(cast: Cast) -> None:
    made = _active(cast)
    for actor in (cast.hotline_ie, cast.hotline_de, cast.pixelpost):
        with pytest.raises(IntegrityError, match="before anybody certifies"):
            _hash(actor, made, secrets.token_hex(32))


def _hash_beside_a_table_of_its_own(actor: Actor, invented: UUID) -> None:
    """With a temporary table of the session's own, which PostgreSQL would find before ours."""
    owner = actor.organisation_id
    with _as(actor) as run:
        run("CREATE TEMPORARY TABLE indicators_indicator (id uuid, organisation_id uuid) ON COMMIT DROP", [])
        run("GRANT SELECT ON pg_temp.indicators_indicator TO PUBLIC", [])
        run("INSERT INTO pg_temp.indicators_indicator VALUES (%s, %s)", [invented, owner])
        run(
            "INSERT INTO public.indicators_indicatorhash (id, organisation_id, created_at, indicator_id, kind, wrapped,"
            " blind, hasher) VALUES (%s, %s, now(), %s, 'sha256', '\\x00', '\\x00', '')",
            [uuid7(), owner, invented],
        )


def test_direct_sql_adds_no_hash_to_what_is_not_there(cast: Cast) -> None:
    """A trigger asks for the indicator once a statement, in place of a reference that asks for every row."""
    made = _propose(cast.hotline_ie)
    with pytest.raises(IntegrityError, match="comes from the proposer"):
        _hash(cast.hotline_ie, uuid7(), secrets.token_hex(32))
    with pytest.raises(IntegrityError, match="comes from the proposer"):
        _hash_beside_a_table_of_its_own(cast.hotline_ie, uuid7())
    with pytest.raises(IntegrityError, match="stays as it was proposed"), _as(cast.hotline_ie) as run:
        run("UPDATE indicators_indicatorhash SET indicator_id = %s WHERE indicator_id = %s", [uuid7(), made])
    with pytest.raises(DatabaseError, match="indicators_indicator"), _as(cast.hotline_ie) as run:
        run("DELETE FROM indicators_indicator WHERE id = %s", [made])


def _activate_by_a_policy_of_its_own(actor: Actor, made: UUID) -> None:
    """Under which nobody need stand behind an entry."""
    with _as(actor) as run:
        run(
            "CREATE TEMPORARY TABLE indicators_policyversion ON COMMIT DROP AS SELECT 1::bigint AS version,"
            " 0 AS organisations, 0 AS jurisdictions, now() - interval '1 day' AS binds_from,"
            " ARRAY[%s]::text[] AS categories, '{}'::text AS document",
            [CLASS],
        )
        run("GRANT SELECT ON pg_temp.indicators_policyversion TO PUBLIC", [])
        run(
            "INSERT INTO public.indicators_activation (id, organisation_id, created_at, indicator_id, round, by)"
            " VALUES (%s, %s, now(), %s, 1, 'attack')",
            [uuid7(), actor.organisation_id, made],
        )


def test_direct_sql_activates_nothing_by_a_policy_of_its_own(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    with pytest.raises(IntegrityError, match="two organisations"):
        _activate_by_a_policy_of_its_own(cast.hotline_ie, made)
    assert _state(cast, made) == "proposed"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE indicators_indicatorhash SET wrapped = '\\x00' WHERE indicator_id = %s",
        "UPDATE indicators_indicatorhash SET blind = '\\x00' WHERE indicator_id = %s",
        "UPDATE indicators_indicatorhash SET quality = 100 WHERE indicator_id = %s",
        "UPDATE indicators_indicatorhash SET sketch = 1 WHERE indicator_id = %s",
        "DELETE FROM indicators_indicatorhash WHERE indicator_id = %s",
    ],
)
def test_direct_sql_changes_no_hash(cast: Cast, sql: str) -> None:
    made = _propose(cast.hotline_ie)
    with pytest.raises(IntegrityError, match="hash of an indicator"), _as(cast.hotline_ie) as run:
        run(sql, [made])


def _owner(sql: str, *values: object) -> None:
    """As the role that owns the tables, whom no trigger holds up: a restored database, or a hand at its files."""
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute("ALTER TABLE indicators_indicatorhash DISABLE TRIGGER USER")
        owner.execute(sql, list(values))
        owner.execute("ALTER TABLE indicators_indicatorhash ENABLE TRIGGER USER")


def test_hashes_that_are_not_those_that_were_signed_are_in_no_release(cast: Cast) -> None:
    first, second, good = _active(cast), _active(cast), _active(cast)
    value = secrets.token_hex(32)
    _owner(
        "UPDATE indicators_indicatorhash SET wrapped = %s WHERE indicator_id = %s AND kind = 'sha256'",
        encryption.sealed(value),
        first,
    )
    _owner("DELETE FROM indicators_indicatorhash WHERE indicator_id = %s AND kind = 'pdq'", second)
    release = publish(cast.centre)
    assert release is not None
    with acting(cast.centre):
        assert versions_within(release, {first, second, good}) == {good}
    assert [_state(cast, one) for one in (first, second, good)] == ["suspended", "suspended", "active"]
    (stopped,) = detail.load_detail(cast.centre, first).suspensions
    assert [one["code"] for one in stopped.faults] == ["certification.others"]


def _forged(cast: Cast, digest: str = "") -> UUID:
    """Active by rows that somebody wrote as the node's own role, in the name of another and with its key's name."""
    made = _propose(cast.hotline_ie, digest or None)
    certify.certify(cast.hotline_de, _propose(cast.hotline_ie))  # it has a key
    (key,) = signing.public_keys(cast.hotline_de.organisation_id, integrity_signing.KEY_USE)
    envelope = b'{"key_id":"' + key.key_id.encode() + b'"}'
    _insert(
        cast.hotline_de,
        "indicators_certification",
        indicator_id=made,
        country="DE",
        by="attack",
        by_name="A",
        round=1,
        envelope=envelope,
    )
    _insert(cast.hotline_de, "indicators_activation", indicator_id=made, round=1, by="attack")
    with acting(cast.centre):
        assert IndicatorNow.objects.get(indicator=made).state == "active"
    return made


def test_a_check_that_somebody_writes_by_sql_is_none(cast: Cast) -> None:
    made = _forged(cast)
    with acting(cast.centre):
        rows = {row.organisation_id: row for row in Certification.objects.filter(indicator=made)}
    for organisation, row in rows.items():
        own = signing.public_keys(organisation, integrity_signing.KEY_USE)[0].key_id
        _insert(
            cast.hotline_de,
            "indicators_checkedcertification",
            certification_id=row.pk,
            indicator_id=made,
            round=1,
            certifier_id=organisation,
            country=row.country,
            key_id=own,
            seal=secrets.token_bytes(32),
        )
    release = publish(cast.centre)
    assert release is None or made not in _within(cast, release, made)
    assert _state(cast, made) == "suspended"


def test_the_match_service_answers_with_no_forged_entry_and_stops_it(cast: Cast) -> None:
    forged, good = secrets.token_hex(32), secrets.token_hex(32)
    made, kept = _forged(cast, forged), _active(cast, good)
    asker = _asker(cast)
    assert match.match(cast.centre, asker, [("sha256", forged), ("sha256", good)]) == [match.NO_INDICATOR, kept]
    assert [_state(cast, one) for one in (made, kept)] == ["suspended", "active"]
    assert made in {one.id for one in invalidation.list_suspended(cast.actor(cast.centre, "lead"))[0]}, (
        "an alert that names it"
    )


def test_a_forged_twin_hides_no_entry_from_the_match_service(cast: Cast) -> None:
    digest = secrets.token_hex(32)
    kept, made = _active(cast, digest), _forged(cast)
    _owner(
        "UPDATE indicators_indicatorhash SET wrapped = %s, blind = %s WHERE indicator_id = %s AND kind = 'sha256'",
        encryption.sealed(digest),
        blind_index.blind("sha256", digest),
        made,
    )
    assert match.match(cast.centre, _asker(cast), [("sha256", digest)]) == [kept]


@pytest.mark.parametrize("anew", [True, False], ids=["of all rows", "of what changed"])
def test_the_set_of_the_private_look_up_has_no_forged_entry(cast: Cast, anew: bool) -> None:
    asker, forged, good = _asker(cast), secrets.token_hex(32), secrets.token_hex(32)
    match.values(cast.centre, asker)
    made = _forged(cast, forged)
    _active(cast, good)
    if anew:
        private_lookup_set.forget(cast.centre)
    file, _tag = match.values(cast.centre, asker)
    assert file is not None
    found = ValueSet.parse(file.read_bytes())
    with acting(cast.centre):
        secret = match._secret(cast.centre)
    values = [voprf.value(secret, item_bytes("sha256", one)) for one in (forged, good)]
    assert [found.holds(one) for one in values] == [False, True]
    assert _state(cast, made) == "suspended"


def test_feed_and_export_have_no_forged_entry(cast: Cast) -> None:
    made, kept = _forged(cast), _active(cast)
    reader = _asker(cast, version_files.LIST_ID)
    with acting(cast.centre):
        change_feed.stamp_waiting(cast.centre)
        # Time never runs back in the feed: other tests may have been here at a later one.
        last = FeedEntry.objects.latest("stamp").stamp
    with clock.simulate(max(clock.now(), last) + timedelta(minutes=1)):
        page = change_feed.page(
            cast.centre, reader, version_files.LIST_ID, change_feed.Window(last - timedelta(hours=1), clock.now())
        )
    gone = {one.id: one.deleted for one in page.entries}
    while page.following:  # a page may end between the two
        page = change_feed.page(cast.centre, reader, version_files.LIST_ID, page.following)
        gone |= {one.id: one.deleted for one in page.entries}
    assert (gone[str(made)], gone[str(kept)]) == (True, False)
    assert _state(cast, made) == "suspended"
    again, writer, file = _forged(cast), export.sink("jsonl", "Test"), StringIO()
    export.export(cast.centre, version_files.LIST_ID, file, writer, "jsonl")
    assert _number(cast, again) not in file.getvalue()
    assert _number(cast, kept) in file.getvalue()
    assert writer.left.names[export.UNSOUND] >= 1
    assert _state(cast, again) == "suspended"


def test_the_dossier_says_that_a_forged_entry_does_not_hold(cast: Cast) -> None:
    made, kept = _forged(cast), _active(cast)
    assert detail.load_detail(cast.hotline_de, kept).holds
    page = cast.client(cast.hotline_ie, "analyst").get(f"/desk/indicators/{made}/").content.decode()
    assert "do not have valid signatures from enough eligible organisations" in page
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args ->> 'indicator_id' FROM procrastinate_jobs WHERE task_name = %s", ["indicators.stop_unsound"]
        )
        assert str(made) in {one for (one,) in cursor.fetchall()}
    jobs.stop_unsound(str(made))
    assert _state(cast, made) == "suspended"
    assert detail.load_detail(cast.hotline_de, made).holds, "it is active no longer"


def test_what_became_active_is_looked_at_before_anybody_meets_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    invalidation.scan_new(cast.centre)
    made, kept, second = _forged(cast), _active(cast), _forged(cast)
    monkeypatch.setattr(invalidation, "LOOKED", 1)
    monkeypatch.setattr(invalidation, "PARTS", 2)
    jobs.look_at_new(0)
    assert [_state(cast, one) for one in (made, kept, second)] == ["suspended", "active", "active"], "a part at a time"
    monkeypatch.undo()
    jobs.look_at_new(0)
    assert [_state(cast, one) for one in (made, kept, second)] == ["suspended", "active", "suspended"]
    with acting(cast.centre):
        assert not ActivationWaiting.objects.exists()


def _asker(cast: Cast, list_id: str = quotas.MATCH_ID) -> Actor:
    made = cast.organisation("Forum", "provider", "IE")
    grants.give(
        cast.centre,
        made.organisation_id,
        list_id=list_id,
        purpose="reporting",
        legal_basis="DSA Art. 16",
        valid_to=clock.now() + timedelta(days=9),
    )
    return made


def _number(cast: Cast, indicator: UUID) -> str:
    with acting(cast.centre):
        return Indicator.objects.get(pk=indicator).number


def _within(cast: Cast, release: Release, *asked: UUID) -> set[UUID]:
    with acting(cast.centre):
        return versions_within(release, set(asked))


def test_the_policy_in_force_says_who_may_certify_in_the_database_too() -> None:
    document = '{"policy": {"certifiers": ["hotline", "europol"]}, "signatures": []}'
    ask = "SELECT indicators_may_certify('hotline'), indicators_may_certify('authority')"
    with psycopg.connect(superuser()) as owner:
        assert owner.execute("SELECT indicators_may_certify('provider')").fetchone() == (False,)
        owner.execute("SET LOCAL session_replication_role = replica")  # nobody signed this one
        owner.execute(
            "INSERT INTO indicators_policyversion (version, document, sha256, categories, organisations, jurisdictions,"
            " binds_from, made_at) VALUES (1000, %s, '', '{a}', 2, 2, now(), now())",
            [document],
        )
        assert owner.execute(ask).fetchone() == (True, False)
        owner.rollback()


def test_entries_from_before_signatures_are_stopped_at_the_first_snapshot(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    certify.certify(cast.hotline_de, made)
    with psycopg.connect(superuser(), autocommit=True) as owner:
        for table in ("certification", "checkedcertification"):
            owner.execute(f"ALTER TABLE indicators_{table} DISABLE TRIGGER USER")
        owner.execute("DELETE FROM indicators_checkedcertification WHERE indicator_id = %s", [made])
        owner.execute("UPDATE indicators_certification SET envelope = NULL WHERE indicator_id = %s", [made])
        for table in ("certification", "checkedcertification"):
            owner.execute(f"ALTER TABLE indicators_{table} ENABLE TRIGGER USER")
    builder.fill(cast.centre)
    assert _state(cast, made) == "suspended"
    (stopped,) = detail.load_detail(cast.centre, made).suspensions
    assert "certification.unsigned" in {one["code"] for one in stopped.faults}


def test_what_was_signed_and_not_checked_yet_is_checked_before_a_snapshot_and_stays(cast: Cast) -> None:
    made = _active(cast)
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute("ALTER TABLE indicators_checkedcertification DISABLE TRIGGER USER")
        owner.execute("DELETE FROM indicators_checkedcertification WHERE indicator_id = %s", [made])
        owner.execute("ALTER TABLE indicators_checkedcertification ENABLE TRIGGER USER")
    builder.fill(cast.centre)
    release = publish(cast.centre)
    assert release is not None
    assert _within(cast, release, made) == {made}
    assert _state(cast, made) == "active"
