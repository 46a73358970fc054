"""How long indicators are kept, what is erased of them, and what a legal hold of the Centre stops."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from django.db import connection
from django.db.utils import IntegrityError, ProgrammingError
from psycopg.errors import CheckViolation

from tests.integration.indicators.lifecycle.test_state_machine_rows import _as, _insert
from tests.integration.indicators.register.test_register import CLASS, _active, _propose, _scheme, _state
from tests.support.cast import AUDITOR, Cast
from tests.support.database import superuser
from tests.support.register import log
from tests.support.register import release as publish
from tutela import clock
from tutela.accountability.chain import verifier
from tutela.accountability.models import PublicLeaf
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.models import Event, EventFacts
from tutela.events.transaction import acting
from tutela.exchange.register.certification import check
from tutela.indicators.feed import change_feed, hash_sharing_entries
from tutela.indicators.hashes import rejected_items
from tutela.indicators.hashes.validation import HashValue as Given
from tutela.indicators.integrity import signing
from tutela.indicators.lifecycle.queries import with_state
from tutela.indicators.models import Certification, FactsToErase, FeedEntry, HashValue, IndicatorHash, LegalHold
from tutela.indicators.register import certify, detail, dispute, propose, revoke
from tutela.indicators.register import retention as register_retention
from tutela.law import retention
from tutela.law.models import Tombstone

__all__ = ["_scheme"]
_now = clock.now


def _later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setattr(clock, "now", lambda: _now() + timedelta(days=days))


def _retention(actor: Actor) -> None:
    """The rules of indicators alone: the database is other tests' too."""
    for code, eraser in retention._erasers.items():
        if code.startswith("indicator."):
            retention._run(actor, code, eraser)


def _hashes(cast: Cast, indicator: UUID) -> int:
    with acting(cast.centre):
        return IndicatorHash.objects.filter(indicator=indicator).count()


def _facts(actor: Actor, indicator: UUID) -> set[str]:
    """Kinds of an organisation's events about an indicator whose facts are kept."""
    with acting(actor):
        rows = EventFacts.objects.filter(
            event__subject_kind="indicator", event__subject_id=str(indicator), organisation_id=actor.organisation_id
        )
        return set(rows.values_list("event__kind", flat=True))


def _hold(cast: Cast, indicator: UUID, days: int = 800) -> UUID:
    return register_retention.hold(
        cast.actor(cast.centre, "lead"), indicator, until=clock.now() + timedelta(days=days), reason="A trial"
    )


def test_what_was_revoked_goes_when_its_time_is_over_and_not_a_day_before(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, kept = _active(cast), _active(cast)
    publish(cast.centre)
    with acting(cast.centre):
        assert HashValue.objects.filter(hash__indicator=made).exists()
    revoke.revoke(cast.centre, made, "Erroneous")
    publish(cast.centre)
    _later(monkeypatch, 364)
    _retention(cast.centre)
    assert _hashes(cast, made) == 2
    _later(monkeypatch, 366)
    _retention(cast.centre)
    assert (_hashes(cast, made), _hashes(cast, kept)) == (0, 2)
    with acting(cast.centre):
        assert Tombstone.objects.filter(rule="indicator.revoked", subject_id=str(made)).exists()
    monkeypatch.undo()
    seen = detail.load_detail(cast.hotline_ie, made)
    assert (seen.line.state, seen.erased is not None) == ("revoked", True)
    page = cast.client(cast.hotline_ie, "analyst").get(f"/desk/indicators/{made}/").content.decode()
    assert "commitments that nobody can open" in page
    assert publish(cast.centre) is None, "nothing changed"


def test_what_is_erased_stays_a_tombstone_for_each_entry_that_it_was_in_the_feed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = [Given("pdq", secrets.token_hex(32), 90, "tutela-pdq/1") for _ in range(3)]
    given = [Given("sha256", secrets.token_hex(32)), Given("md5", secrets.token_hex(16)), *looks]
    made = propose.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed")
    assert certify.certify(cast.hotline_de, made)

    def sent(good: set[UUID]) -> list[tuple[str, bool]]:
        with acting(cast.centre):
            change_feed.stamp_waiting(cast.centre)
            at = FeedEntry.objects.get(indicator=made).stamp
            return [(one.id, one.deleted) for one in hash_sharing_entries.entries_of(with_state(), [(at, made)], good)]

    names = [str(made), f"{made}-2", f"{made}-3"]
    assert sent({made}) == [(name, False) for name in names]
    revoke.revoke(cast.centre, made, "Erroneous")
    assert sent(set()) == [(name, True) for name in names]
    _later(monkeypatch, 366)
    _retention(cast.centre)
    monkeypatch.undo()
    assert _hashes(cast, made) == 0
    assert sent(set()) == [(name, True) for name in names]


def test_the_salt_of_every_organisations_events_goes_and_the_leaves_stay_and_verify(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = _active(cast)
    revoke.revoke(cast.centre, made, "Erroneous")
    log()
    before = detail.load_detail(cast.hotline_ie, made).provenance
    assert "indicator.proposed" in _facts(cast.hotline_ie, made)
    _later(monkeypatch, 366)
    for actor in (cast.centre, cast.hotline_ie, cast.hotline_de):
        _retention(actor)
        _retention(actor)
    for actor in (cast.centre, cast.hotline_ie, cast.hotline_de):
        own = {"indicator.erased"} if actor is cast.centre else set()
        assert _facts(actor, made) == {"retention.erased", *own}
    with acting(cast.centre):
        assert not FactsToErase.objects.exists()
    monkeypatch.undo()
    log()
    after = detail.load_detail(cast.hotline_ie, made).provenance
    assert before is not None
    assert after is not None
    *stay, erasure = after.leaves
    assert [(one.kind, one.number) for one in stay] == [(one.kind, one.number) for one in before.leaves]
    assert erasure.kind == "indicator.erased"
    assert erasure.number is not None, "that it was erased is public too"
    assert verifier.verify(AUDITOR).sound


def test_what_nobody_certified_is_revoked_and_goes_unless_something_happened_to_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    lonely, young, active = _propose(cast.hotline_ie), _propose(cast.hotline_ie), _active(cast)
    neighbour = cast.organisation("Garda", "authority", "IE")
    _later(monkeypatch, 300)
    certify.certify(neighbour, young)
    _later(monkeypatch, 366)
    _retention(cast.hotline_ie)
    assert _hashes(cast, lonely) == 2, "the Centre erases"
    _retention(cast.centre)
    assert [_hashes(cast, one) for one in (lonely, young, active)] == [0, 2, 2]
    assert [_state(cast, one) for one in (lonely, young, active)] == ["revoked", "proposed", "active"]
    assert detail.load_detail(cast.centre, lonely).revoked_reason == "reason.not_certified"


def test_what_was_judged_not_to_be_csam_is_kept_longer_so_that_the_like_stays_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = secrets.token_hex(32)
    made = _active(cast, sha256)
    dispute.dispute(cast.hotline_de, made, "Lawful", "not_csam")
    dispute.decide(cast.centre, made, upheld=True, reason="Indeed")
    _later(monkeypatch, 400)
    _retention(cast.centre)
    assert _hashes(cast, made) == 2
    _later(monkeypatch, 1827)
    _retention(cast.centre)
    assert _hashes(cast, made) == 0
    monkeypatch.undo()
    with acting(cast.hotline_ie):
        assert not rejected_items.stands(made)
        rejected_items.refuse([Given("sha256", sha256)])


def test_a_legal_hold_keeps_it_until_its_day_or_its_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made, other = _active(cast), _propose(cast.hotline_ie)
    revoke.revoke(cast.centre, made, "Erroneous")
    first, second = _hold(cast, made), _hold(cast, other, 1000)
    _later(monkeypatch, 500)
    _retention(cast.centre)
    assert (_hashes(cast, made), _hashes(cast, other)) == (2, 2)
    assert _state(cast, other) == "proposed"
    lead = cast.actor(cast.centre, "lead")
    with pytest.raises(Invalid):
        register_retention.end_hold(lead, first, " ")
    register_retention.end_hold(lead, first, "The trial is over")
    with pytest.raises(NotFound):
        register_retention.end_hold(lead, first, "again")
    _retention(cast.centre)
    assert (_hashes(cast, made), _hashes(cast, other)) == (0, 2)
    with psycopg.connect(superuser(), autocommit=True) as owner:  # its day has come
        owner.execute("ALTER TABLE indicators_legalhold DISABLE TRIGGER USER")
        owner.execute("UPDATE indicators_legalhold SET until = now() WHERE id = %s", [second])
        owner.execute("ALTER TABLE indicators_legalhold ENABLE TRIGGER USER")
    _retention(cast.centre)
    assert _hashes(cast, other) == 0
    with pytest.raises(NotFound):
        _hold(cast, made)


def test_the_page_places_and_ends_a_hold_and_a_hotline_cannot(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    lead, hotline = cast.client(cast.centre, "lead"), cast.client(cast.hotline_ie, "analyst")
    path = f"/desk/indicators/{made}/hold/"
    day = f"{clock.now() + timedelta(days=90):%Y-%m-%d}"
    assert hotline.post(path, {"until": day, "reason": "x"}).status_code == 404
    for until in ("", "tomorrow", "2020-01-01", "2099-01-01", "2027-02-31"):
        lead.post(path, {"until": until, "reason": "A trial"})
        assert "within the next five years" in lead.get(f"/desk/indicators/{made}/").content.decode()
    lead.post(path, {"until": day, "reason": "Trial 7 in Dublin"})
    assert "Trial 7 in Dublin" in hotline.get(f"/desk/indicators/{made}/").content.decode()
    with acting(cast.centre):
        row = LegalHold.objects.get(indicator=made)
    end = f"/desk/indicators/holds/{row.pk}/end/"
    assert hotline.post(end, {"reason": "x"}).status_code == 404
    lead.post(end, {"reason": "It is over"})
    assert "It is over" in hotline.get(f"/desk/indicators/{made}/").content.decode()


@pytest.mark.parametrize("table", ["legalhold", "erasure"])
def test_direct_sql_holds_and_erases_nothing_but_as_the_centre(cast: Cast, table: str) -> None:
    made = _propose(cast.hotline_ie)
    revoke.revoke(cast.centre, made, "Erroneous")
    more = (
        {"reason": "x", "until": clock.now() + timedelta(days=1), "by_name": "A"}
        if table == "legalhold"
        else {"rule": "x"}
    )
    with pytest.raises(IntegrityError, match="Centre alone"):
        _insert(cast.hotline_ie, f"indicators_{table}", indicator_id=made, by="attack", **more)


def test_direct_sql_erases_nothing_that_stands_or_is_held(cast: Cast) -> None:
    made, held = _active(cast), _active(cast)
    with pytest.raises(IntegrityError, match="not revoked"):
        _insert(cast.centre, "indicators_erasure", indicator_id=made, rule="x", by="attack")
    revoke.revoke(cast.centre, held, "Erroneous")
    _hold(cast, held)
    with pytest.raises(IntegrityError, match="legal hold"):
        _insert(cast.centre, "indicators_erasure", indicator_id=held, rule="x", by="attack")
    with acting(cast.centre), connection.cursor() as cursor:
        cursor.execute("SELECT indicators_erase(%s)", [[made, held]])
    assert (_hashes(cast, made), _hashes(cast, held)) == (2, 2)
    publish(cast.centre)
    mine = "hash_id IN (SELECT id FROM indicators_indicatorhash WHERE indicator_id = %s)"
    for verb in ("DELETE FROM indicators_hashvalue", "UPDATE indicators_hashvalue SET key_id = 'x'"):
        with pytest.raises(ProgrammingError, match="permission denied"), _as(cast.centre) as run:
            run(f"{verb} WHERE {mine}", [made])
        with pytest.raises(CheckViolation, match="until it is erased"), psycopg.connect(superuser()) as owner:
            owner.execute(f"{verb} WHERE {mine}", [made])


def test_a_rule_says_its_days_and_its_norm() -> None:
    for code in ("uncertified", "revoked", "refuted", "events"):
        assert "CSAR" in retention.RULES[f"indicator.{code}"].source


def test_after_an_erasure_no_digest_can_be_tested_against_what_was_signed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = secrets.token_hex(32)
    made = _active(cast, sha256)
    file = signing.file_of(cast.hotline_ie, made)
    salt = bytes.fromhex(file["salt"])
    with acting(cast.hotline_ie):
        assert signing.salts([made])[made] == salt
    assert salt != signing.derived(made), "drawn, so that it can go"
    assert check(json.dumps(file).encode(), covers=("sha256", sha256))[0].signed
    with pytest.raises(IntegrityError, match="stays as it was proposed"), _as(cast.hotline_ie) as run:
        run("UPDATE indicators_indicatorhash SET salt = NULL WHERE indicator_id = %s", [made])
    revoke.revoke(cast.centre, made, "Erroneous")
    _later(monkeypatch, 366)
    _retention(cast.centre)
    monkeypatch.undo()
    with pytest.raises(NotFound):
        signing.file_of(cast.hotline_ie, made)
    browser = cast.client(cast.hotline_ie, "analyst")
    assert browser.get(f"/desk/indicators/{made}/certifications.json").status_code == 404
    assert "Download signatures" not in browser.get(f"/desk/indicators/{made}/").content.decode()
    with acting(cast.hotline_ie):
        signed = [bytes(one.envelope or b"").decode() for one in Certification.objects.filter(indicator=made)]
        assert signing.salts([made])[made] != salt
    (mine,) = signing.commitments(signing.derived(made), [("sha256", sha256)])
    assert len(signed) == 2
    assert not any(mine in base64.urlsafe_b64decode(json.loads(one)["payload"] + "==").decode() for one in signed)


def test_an_erasure_is_an_entry_of_the_public_log(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = _active(cast)
    revoke.revoke(cast.centre, made, "Erroneous")
    _later(monkeypatch, 366)
    _retention(cast.centre)
    monkeypatch.undo()
    log()
    with acting(cast.centre):
        (event,) = Event.objects.filter(kind="indicator.erased", subject_id=str(made))
        assert PublicLeaf.objects.filter(event_id=event.pk).exists()
