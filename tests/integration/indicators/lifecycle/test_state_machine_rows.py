"""The life of an indicator through the database: votes, doubts, feedback, floods, and what direct SQL cannot do."""

from __future__ import annotations

import html
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client

from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme, _state
from tests.support import holds
from tests.support.cast import Cast
from tests.support.database import superuser
from tests.support.register import release as publish
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.register.release import ReleaseManifest
from tutela.indicators.access import grants
from tutela.indicators.errors import NoGrant
from tutela.indicators.hashes import encryption
from tutela.indicators.integrity import invalidation
from tutela.indicators.integrity import signing as integrity_signing
from tutela.indicators.lifecycle import policy, state, state_machine
from tutela.indicators.models import Feedback, Indicator, IndicatorHash, Release, Vote
from tutela.indicators.partner_lists import export
from tutela.indicators.register import bulk_actions, certify, detail, dispute, match_feedback, revoke, search, votes
from tutela.indicators.register.errors import AlreadyDisputed, NotInDoubt, UnderDispute
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import version_contents
from tutela.indicators.safeguards import opinion_limits, rate_limits
from tutela.indicators.safeguards.errors import HeldForFlood, SaidTooOften
from tutela.law import classification
from tutela.organisations.keys import signing
from tutela.organisations.people import directory

__all__ = ["_scheme"]


def _recipient(cast: Cast, name: str) -> Actor:
    made = cast.organisation(name, "provider", "IE")
    grants.give(
        cast.centre,
        made.organisation_id,
        list_id=version_files.LIST_ID,
        purpose="reporting",
        legal_basis="DSA",
        valid_to=clock.now() + timedelta(days=1),
    )
    return made


def test_a_single_strangers_dispute_is_recorded_and_stops_nothing(cast: Cast) -> None:
    made = _active(cast)
    assert not dispute.dispute(cast.authority, made, "It looks lawful", "not_csam")
    assert _state(cast, made) == "active"
    with pytest.raises(AlreadyDisputed):
        dispute.dispute(cast.authority, made, "again")
    other = cast.organisation("Police", "authority", "FR")
    assert dispute.dispute(other, made, "It looks lawful to us too")
    assert _state(cast, made) == "suspended"
    (stopped,) = detail.load_detail(cast.centre, made).suspensions
    assert stopped.cause == "doubts"
    with pytest.raises(UnderDispute):
        certify.certify(cast.organisation("Third", "hotline", "PL"), made)


def test_a_certifiers_dispute_stops_it_everywhere(cast: Cast) -> None:
    made = _active(cast)
    assert dispute.dispute(cast.hotline_de, made, "We erred")
    (stopped,) = detail.load_detail(cast.centre, made).suspensions
    assert stopped.cause == "certifier"
    with pytest.raises(Invalid):
        dispute.dispute(cast.hotline_ie, made, "x", "nonsense")


def test_who_certifies_what_is_active_already_cannot_stop_it_alone(cast: Cast) -> None:
    made, late = _active(cast), cast.organisation("Late", "hotline", "PL")
    assert not certify.certify(late, made), "it was active"
    assert not dispute.dispute(late, made, "We erred")
    assert _state(cast, made) == "active"
    assert dispute.dispute(cast.authority, made, "It looks lawful")
    (stopped,) = detail.load_detail(cast.centre, made).suspensions
    assert stopped.cause == "doubts"
    dispute.decide(cast.centre, made, upheld=False, reason="Assessed again")
    certify.certify(late, made)
    certify.certify(cast.hotline_de, made)
    assert dispute.dispute(late, made, "We erred again"), "it rests on them in this round"


def test_there_is_nothing_to_decide_where_nobody_doubts(cast: Cast) -> None:
    with pytest.raises(NotInDoubt):
        dispute.decide(cast.centre, _active(cast), upheld=True, reason="x")


def test_a_second_round_begins_from_nothing_and_counts_alone(cast: Cast) -> None:
    made = _active(cast)
    for number in (2, 3):
        dispute.dispute(cast.hotline_de, made, "Again in doubt")
        dispute.decide(cast.centre, made, upheld=False, reason="Assessed again")
        seen = detail.load_detail(cast.hotline_de, made)
        assert (seen.line.state, seen.round, seen.line.mine) == ("proposed", number, False)
        waiting = search.list_indicators(cast.hotline_de, search.RegisterFilter(state="mine_to_certify"))[0]
        assert made in {line.id for line in waiting}
        assert not certify.certify(cast.hotline_ie, made)
        assert certify.certify(cast.hotline_de, made)
    assert _state(cast, made) == "active"


def test_false_positives_of_two_providers_quarantine_an_entry_by_themselves(cast: Cast, client: Client) -> None:
    made, first, second = _active(cast), _recipient(cast, "One"), _recipient(cast, "Two")
    path = f"/api/v1/releases/{version_files.LIST_ID}/entries/{made}/feedback"

    def say(actor: Actor, verdict: str) -> tuple[int, object]:
        headers = cast.key(actor, "releases:read")
        answer = client.post(path, {"verdict": verdict}, "application/json", headers=headers)
        return answer.status_code, answer.json()

    assert client.post(path, {"verdict": "false"}, "application/json").status_code == 401
    assert say(cast.organisation("Stranger", "provider", "IE"), "false")[0] == 403
    assert say(first, "maybe")[0] == 422
    assert say(first, "false") == (200, {"suspended": False})
    assert say(first, "false") == (200, {"suspended": False})
    assert say(second, "confirmed") == (200, {"suspended": False})
    assert say(second, "false") == (200, {"suspended": True})
    seen = detail.load_detail(cast.centre, made)
    assert (seen.line.state, seen.suspensions[0].cause) == ("suspended", "feedback")
    assert (seen.tally.right, seen.tally.wrong) == (0, 2)
    dispute.decide(cast.centre, made, upheld=False, reason="The providers erred")
    certify.certify(cast.hotline_ie, made)
    certify.certify(cast.hotline_de, made)
    assert say(first, "false") == (200, {"suspended": False}), "what was decided is not counted again"


def test_a_word_that_is_said_again_is_counted_and_not_kept_and_changes_are_few(cast: Cast) -> None:
    made, provider = _active(cast), _recipient(cast, "One")

    def say(verdict: str, times: int) -> None:
        for _ in range(times):
            match_feedback.feedback(cast.centre, provider, version_files.LIST_ID, made, verdict)

    say("confirmed", 5)
    say("false", 2)
    with acting(cast.centre):
        assert Feedback.objects.filter(indicator=made).count() == 2
        assert Event.objects.filter(kind="indicator.feedback", subject_id=str(made)).count() == 2
        assert state.state_of(made).reports == frozenset(), "it found more right"
    (said,) = detail.load_detail(cast.centre, made).tally.recipients
    assert (said.right, said.wrong) == (5, 2)
    say("false", 3)
    with acting(cast.centre):
        assert state.state_of(made).reports == {str(provider.organisation_id)}
    for number in range(opinion_limits.PER_DAY - 2):
        say(("confirmed", "false")[number % 2], 1)
    with pytest.raises(SaidTooOften, match="20 times today"):
        say("confirmed", 1)
    say("false", 1)
    with clock.simulate((clock.now() + timedelta(days=1)).replace(hour=0, minute=0, second=0)):
        say("confirmed", 1)
    assert detail.load_detail(cast.centre, made).tally.right == 1


def test_the_same_vote_is_kept_once_and_votes_are_few(cast: Cast) -> None:
    made = _active(cast)
    for _ in range(3):
        votes.confirm(cast.authority, made)
    with acting(cast.authority):
        assert Vote.objects.filter(indicator=made).count() == 1
        assert Event.objects.filter(kind="indicator.voted", subject_id=str(made)).count() == 1
    for number in range(opinion_limits.PER_DAY - 1):
        votes.confirm(cast.authority, made, f"Looked again {number}")
    with pytest.raises(SaidTooOften):
        votes.confirm(cast.authority, made, "And again")
    assert detail.load_detail(cast.centre, made).tally.confirmed == 1


def test_feedback_needs_a_grant_and_an_entry(cast: Cast) -> None:
    made = _active(cast)
    with pytest.raises(NoGrant):
        match_feedback.feedback(cast.centre, cast.pixelpost, version_files.LIST_ID, made, "false")
    with pytest.raises(NotFound):
        match_feedback.feedback(cast.centre, _recipient(cast, "One"), version_files.LIST_ID, uuid7(), "false")


def test_another_class_counts_once_two_countries_name_it(cast: Cast) -> None:
    values = [{"value": "b", "label": "B"}]
    scheme = {"code": "eu-2011-93-b", "title": "T", "version": "1", "source": "D", "values": values}
    classification.import_scheme(cast.centre, scheme)
    made = _active(cast)
    votes.confirm(cast.authority, made)
    votes.reclassify(cast.hotline_ie, made, "eu-2011-93-b:b", "It belongs there")
    assert detail.load_detail(cast.centre, made).tally.classification == CLASS
    votes.reclassify(cast.hotline_de, made, "eu-2011-93-b:b", "Indeed")
    tally = detail.load_detail(cast.centre, made).tally
    assert (tally.confirmed, tally.classification) == (1, "eu-2011-93-b:b")
    with pytest.raises(Invalid):
        votes.reclassify(cast.hotline_de, made, "eu-2011-93-b:b", " ")


def test_the_class_that_counts_is_the_one_of_exports_and_of_the_policy(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = [{"value": "b", "label": "B"}]
    scheme = {"code": "eu-2011-93-b", "title": "T", "version": "1", "source": "D", "values": values}
    classification.import_scheme(cast.centre, scheme)
    made, waits = _active(cast), _propose(cast.hotline_ie)
    for one in (made, waits):
        votes.reclassify(cast.hotline_ie, one, "eu-2011-93-b:b", "It belongs there")
        votes.reclassify(cast.hotline_de, one, "eu-2011-93-b:b", "Indeed")
    out, number = io.StringIO(), detail.load_detail(cast.centre, made).line.number
    export.export(cast.centre, version_files.LIST_ID, out, export.sink("jsonl", "Centre"), "jsonl")
    (row,) = [one for line in out.getvalue().splitlines() if (one := json.loads(line))["key"] == number]
    assert row["classification"] == "eu-2011-93-b:b"
    monkeypatch.setattr(policy, "rules", lambda _now=None: state_machine.Rules(categories=frozenset({CLASS})))
    assert not certify.certify(cast.hotline_de, waits), "two stand behind it, in a class that is not permitted"
    assert _state(cast, waits) == "proposed"
    with psycopg.connect(superuser()) as owner:
        owner.execute("SET LOCAL session_replication_role = replica")
        owner.execute(
            "INSERT INTO indicators_policyversion (version, document, sha256, categories, organisations, jurisdictions,"
            ' binds_from, made_at) VALUES (2000000000, \'{"policy": {"certifiers": ["hotline"]}}\', \'x\', %s, 2, 2,'
            " now() - interval '1 day', now())",
            [[CLASS]],
        )
        owner.execute("SET LOCAL session_replication_role = origin")
        with pytest.raises(psycopg.errors.CheckViolation, match="does not permit"):
            owner.execute(
                "INSERT INTO indicators_activation (id, organisation_id, created_at, indicator_id, round, by)"
                " VALUES (gen_random_uuid(), %s, now(), %s, 1, 'x')",
                [cast.hotline_de.organisation_id, waits],
            )
        owner.rollback()


def test_a_flood_is_held_with_an_alert_until_the_centre_has_looked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy, "proposals_per_hour", lambda: 3)
    flooder = cast.organisation("Flooder", "hotline", "IT")
    made = [_propose(flooder) for _ in range(3)]
    for _ in range(2):
        with pytest.raises(HeldForFlood):
            _propose(flooder)
    with pytest.raises(HeldForFlood):
        certify.certify(cast.hotline_de, made[0])
    assert _state(cast, made[0]) == "proposed"
    (hold,) = holds.open_of(cast.centre, flooder.organisation_id)
    lead = cast.client(cast.centre, "lead")
    assert "the policy allows 3" in lead.get("/desk/indicators/alerts/").content.decode()
    assert (
        lead.post(
            f"/desk/indicators/alerts/holds/{hold.id}/", {"reason": "A yearly transfer", "decision": "accept"}
        ).status_code
        == 302
    )
    assert not holds.open_of(cast.centre, flooder.organisation_id)
    assert certify.certify(cast.hotline_de, made[0])
    _propose(flooder)


def test_a_flood_of_disputes_waits_for_the_centre_with_an_alert(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "DISPUTES_PER_HOUR", 2)
    doubter, other = cast.organisation("Doubter", "hotline", "IT"), cast.organisation("Other", "hotline", "PL")
    made = [_propose(cast.hotline_ie) for _ in range(6)]
    assert all(certify.certify(doubter, one) for one in made)
    done = bulk_actions.do(doubter, "dispute", made[:4], "We erred")
    assert [one.done for one in done] == [True] * 4, "each is recorded"
    made[:4] = [one.id for one in done]
    assert [_state(cast, one) for one in made[:4]] == ["suspended", "suspended", "active", "active"]
    assert len(detail.load_detail(cast.centre, made[3]).disputes) == 1
    (hold,) = holds.open_of(cast.centre, doubter.organisation_id)
    assert (hold.kind, hold.reasons[0]["values"]["count"]) == ("disputes", 2)
    lead = cast.client(cast.centre, "lead")
    page = lead.get("/desk/indicators/alerts/").content.decode()
    assert "2 disputes within 1 hour" in page
    assert "suspend nothing by themselves" in page
    assert dispute.dispute(other, made[2], "We doubt it too"), "two that are independent"
    _propose(doubter)
    assert not dispute.dispute(doubter, made[4], "We erred")
    assert lead.post(f"/desk/indicators/alerts/holds/{hold.id}/", {"reason": "They looked again"}).status_code == 302
    assert dispute.dispute(doubter, made[5], "We erred")
    assert _state(cast, made[4]) == "active", "the Centre decides what waited"


def versions_within(release: Release, asked: set[UUID]) -> set[UUID]:
    """Which of these a release has."""
    manifest = ReleaseManifest.from_bytes(Envelope.from_bytes(bytes(release.manifest)).payload)
    return version_contents.contained(manifest, asked)


@contextmanager
def _as(actor: Actor) -> Iterator[Callable[[str, list[object]], None]]:
    """Direct SQL as the runtime role, in the name of an organisation."""
    with acting(actor), connection.cursor() as cursor:
        yield lambda sql, given: cursor.execute(sql, given)


def _insert(actor: Actor, table: str, **values: object) -> None:
    names = {"id": uuid7(), "organisation_id": actor.organisation_id, "created_at": clock.now(), **values}
    columns = ", ".join(f'"{name}"' for name in names)
    with _as(actor) as run:
        run(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(names))})", list(names.values()))


def _activate(actor: Actor, indicator: UUID, number: int) -> None:
    _insert(actor, "indicators_activation", indicator_id=indicator, round=number, by="attack")


def test_direct_sql_activates_nothing_that_two_countries_do_not_stand_behind(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    for number in (1, 2):
        with pytest.raises(IntegrityError):
            _activate(cast.hotline_ie, made, number)


def _certify_by_sql(actor: Actor, indicator: UUID, country: str, envelope: bytes | None) -> None:
    _insert(
        actor,
        "indicators_certification",
        indicator_id=indicator,
        country=country,
        by="attack",
        by_name="A",
        round=1,
        envelope=envelope,
    )


def _seen(cast: Cast, indicator: UUID) -> tuple[Indicator, list[tuple[str, str]]]:
    """An indicator and its hashes, as a member sees them."""
    with acting(cast.hotline_ie):
        rows = IndicatorHash.objects.filter(indicator=indicator)
        return Indicator.objects.get(pk=indicator), [(one.kind, encryption.opened(one)) for one in rows]


def _envelope(cast: Cast, actor: Actor, indicator: UUID) -> bytes:
    """What an organisation signs, made with its key."""
    row, given = _seen(cast, indicator)
    with acting(actor):
        return integrity_signing.RegisterSigner(actor).sign(
            row, 1, given, row.created_at, indicator, integrity_signing.salts([indicator])[indicator]
        )


def test_direct_sql_activates_nothing_that_somebody_did_not_sign(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    for envelope in (None, b"", b"{}", b'"key_id":"' + b"0" * 64 + b'"', _envelope(cast, cast.hotline_ie, made)):
        forged = cast.organisation("Forged", "hotline", "DE")
        _certify_by_sql(forged, made, "DE", envelope)
        with pytest.raises(IntegrityError, match="two jurisdictions"):
            _activate(forged, made, 1)
    assert _state(cast, made) == "proposed"


def test_direct_sql_activates_nothing_by_who_may_not_certify_is_not_verified_or_is_elsewhere(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    suspended = cast.organisation("Suspended", "hotline", "DE")
    signed = _envelope(cast, suspended, made)
    directory.set_status(cast.actor(cast.centre, "administrator"), suspended.organisation_id, "suspended", "x")
    neighbour = cast.organisation("Neighbour", "hotline", "IE")
    for actor, country, envelope in (
        (cast.pixelpost, "IE", _envelope(cast, cast.pixelpost, made)),
        (cast.other_provider, "NL", _envelope(cast, cast.other_provider, made)),
        (suspended, "DE", signed),
        (neighbour, "DE", _envelope(cast, neighbour, made)),
    ):
        _certify_by_sql(actor, made, country, envelope)
        with pytest.raises(IntegrityError, match="two jurisdictions"):
            _activate(actor, made, 1)


def test_direct_sql_moves_no_organisation_and_takes_no_key(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    _envelope(cast, cast.hotline_de, made)
    (key,) = signing.public_keys(cast.hotline_de.organisation_id, integrity_signing.KEY_USE)
    for sql in (
        "UPDATE organisations_organisation SET country = 'FR' WHERE id = %s",
        "UPDATE organisations_organisation SET kind = 'authority' WHERE id = %s",
        "UPDATE organisations_signingkey SET public = '\\x00' WHERE organisation_id = %s",
        "UPDATE organisations_signingkey SET use = 'receipt' WHERE organisation_id = %s AND use = 'certification'",
    ):
        with pytest.raises(IntegrityError, match=r"never change|stays whose"), _as(cast.pixelpost) as run:
            run(sql, [cast.hotline_de.organisation_id])
    signing.revoke_key(cast.hotline_de, key.key_id)
    with pytest.raises(IntegrityError, match="stays whose"), _as(cast.pixelpost) as run:
        run("UPDATE organisations_signingkey SET ended_as = 'retired' WHERE key_id = %s", [key.key_id])


def test_what_direct_sql_forges_whole_is_in_no_release_and_raises_an_alert_that_names_it(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    _envelope(cast, cast.hotline_de, made)
    (key,) = signing.public_keys(cast.hotline_de.organisation_id, integrity_signing.KEY_USE)
    _certify_by_sql(cast.hotline_de, made, "DE", b'{"key_id":"' + key.key_id.encode() + b'"}')
    _activate(cast.hotline_de, made, 1)
    good = _active(cast)
    release = publish(cast.centre)
    assert release is not None
    with acting(cast.centre):
        assert versions_within(release, {made, good}) == {good}
    assert _state(cast, made) == "suspended"
    found = {one.id: str(one.faults) for one in invalidation.list_suspended(cast.actor(cast.centre, "lead"))[0]}
    assert "certification.broken" in found[made]
    number = detail.load_detail(cast.centre, made).line.number
    page = cast.client(cast.centre, "lead").get("/desk/indicators/alerts/").content.decode()
    assert number in page
    assert "has an invalid signature" in html.unescape(page)


def test_a_key_that_somebody_writes_by_sql_signs_nothing_that_counts(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, own = _propose(cast.hotline_ie), Ed25519PrivateKey.generate()
    (row, given), holder = _seen(cast, made), cast.hotline_de.organisation_id
    public = own.public_key().public_bytes_raw()
    with _as(cast.pixelpost) as run:
        run(
            "INSERT INTO organisations_signingkey (id, organisation_id, use, key_id, public, wrapped_private, by, at,"
            " ended_by, ended_as) VALUES (%s, %s, 'certification', %s, %s, '', 'attack', now(), '', '')",
            [uuid7(), holder, signing.key_id_of(public), public],
        )
    with acting(cast.hotline_de):
        monkeypatch.setattr(signing, "current_private", lambda *_: own)
        signer = integrity_signing.RegisterSigner(cast.hotline_de)
        envelope = signer.sign(row, 1, given, row.created_at, made, integrity_signing.salts([made])[made])
    monkeypatch.undo()
    _certify_by_sql(cast.hotline_de, made, "DE", envelope)
    _activate(cast.hotline_de, made, 1)
    publish(cast.centre)
    assert _state(cast, made) == "suspended"


def test_direct_sql_activates_nothing_that_is_suspended_or_ended_or_of_another_round(cast: Cast) -> None:
    made = _active(cast)
    dispute.dispute(cast.hotline_de, made, "In doubt")
    for number in (1, 2):
        with pytest.raises(IntegrityError):
            _activate(cast.hotline_ie, made, number)
    dispute.decide(cast.centre, made, upheld=False, reason="Dismissed")
    for number in (1, 2, 3):
        with pytest.raises(IntegrityError):
            _activate(cast.hotline_ie, made, number)
    revoke.revoke(cast.centre, made, "Ended")
    with pytest.raises(IntegrityError, match="never activated"):
        _activate(cast.hotline_ie, made, 2)
    assert _state(cast, made) == "revoked"


def test_direct_sql_ends_no_suspension_and_lets_no_flood_go_on_but_as_the_centre(cast: Cast) -> None:
    made = _active(cast)
    dispute.dispute(cast.hotline_de, made, "In doubt")
    (stopped,) = detail.load_detail(cast.centre, made).suspensions
    end = {"suspension_id": stopped.id, "upheld": False, "reason": "x", "by": "attack"}
    with pytest.raises(IntegrityError, match="Centre alone"):
        _insert(cast.hotline_de, "indicators_suspensionend", **end)
    suspension = {"indicator_id": made, "round": 7, "cause": "doubts", "reason": "x", "by": "attack"}
    with pytest.raises(IntegrityError, match="present round"):
        _insert(cast.hotline_de, "indicators_suspension", **suspension)


@pytest.mark.parametrize("verb", ["UPDATE", "DELETE"])
def test_direct_sql_rewrites_no_row_of_a_life(cast: Cast, verb: str) -> None:
    made = _active(cast)
    tables = ("certification", "activation", "suspension", "suspensionend", "revocation", "dispute", "vote", "feedback")
    dispute.dispute(cast.hotline_de, made, "In doubt")
    for table in tables:
        name = f"indicators_{table}"
        sql = f"DELETE FROM {name}" if verb == "DELETE" else f"UPDATE {name} SET organisation_id = organisation_id"
        with pytest.raises(Exception, match="permission denied"), _as(cast.hotline_de) as run:
            run(sql, [])


def test_direct_sql_adds_no_policy(cast: Cast) -> None:
    with pytest.raises(Exception, match="permission denied"), _as(cast.centre) as run:
        run("INSERT INTO indicators_policyversion VALUES (1, '', '', '{}', 1, 1, now(), now())", [])
