"""Rows that somebody wrote by SQL, as the runtime role: they say nothing in the public log, and stop nobody."""

from __future__ import annotations

import json
import os
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client

from tests.integration.indicators.register.test_register import _active, _scheme
from tests.support.cast import Cast
from tests.support.register import log
from tests.support.register import release as publish
from tutela import clock
from tutela.accountability.chain import sequencer
from tutela.accountability.models import Entry
from tutela.accountability.public_log import log as public_log_log
from tutela.edge.active_lists.log_follower import LogBook
from tutela.events.actor import Actor
from tutela.events.canonical_facts import commitment
from tutela.events.identifiers import uuid7
from tutela.events.record import erase_facts
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.register.release import ReleaseHead, ReleaseManifest
from tutela.indicators.integrity import edge_alerts
from tutela.indicators.models import Release
from tutela.indicators.register import revoke
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import head as releases_head
from tutela.indicators.releases import history
from tutela.tlog.policy import Policy
from tutela.tlog.policy_check import said

__all__ = ["_scheme"]
LIST = version_files.LIST_ID
HIGHEST = 2**53 - 1


def _written(actor: Actor, kind: str, facts: str, at: str = "now") -> UUID:
    """An event with these facts, whatever they are."""
    event, salt = uuid7(), os.urandom(32)
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_event (id, at, kind, actor, actor_name, organisation_id, purpose, subject_kind,"
            " subject_id, legal_basis, commitment) VALUES (%s, %s, %s, 'x', 'x', %s, 'x', 'x', 'x', '', %s)",
            [event, at, kind, actor.organisation_id, commitment(salt, facts)],
        )
        cursor.execute(
            "INSERT INTO events_eventfacts (event_id, organisation_id, salt, facts) VALUES (%s, %s, %s, %s)",
            [event, actor.organisation_id, salt, facts],
        )
    return event


def _logged(event: UUID) -> dict[str, object]:
    """What the log has of an event."""
    found = public_log_log.entry_of(event)
    assert found is not None
    entry: dict[str, object] = json.loads(found.data)
    assert entry["commitment"] == bytes(Entry.objects.get(event_id=event).leaf).hex(), "the record is held to it"
    return entry


def _alerted(cast: Cast, event: UUID) -> bool:
    rows, _more = edge_alerts.list_edge_alerts(cast.centre, code="unbacked")
    return event in {row.alert.alert_id for row in rows}


@pytest.fixture
def book(cast: Cast, tmp_path: Path) -> LogBook:
    """An Edge that follows the log from now on."""
    _active(cast)
    publish(cast.centre)
    made = LogBook(Policy.parse(public_log_log.policy_text()), public_log_log.open_log().fetch, tmp_path)  # type: ignore[union-attr]
    made.follow(made.newest())
    return made


def test_a_head_that_nobody_signed_locks_no_edge_out(cast: Cast, book: LogBook, client: Client) -> None:
    forged = [
        _written(cast.centre, "release.head", json.dumps({"list": LIST, "sequence": sequence, **rest}))
        for sequence in (HIGHEST, _head_now(cast)[0])
        for rest in ({"head": "00" * 32}, {"head": "00" * 32, "version": 1, "removed": 0})
    ]
    made = _active(cast)
    log()
    for event in forged:
        assert set(_logged(event)) == {"event", "commitment", "hour"}
        assert _logged(event)["event"] == "log.unbacked"
        assert _alerted(cast, event)
    revoke.revoke(cast.centre, made, "Erroneous")
    head = releases_head.refresh_head(cast.centre)
    log()
    assert head is not None
    book.follow(book.newest())
    signed = ReleaseHead.from_bytes(Envelope.from_bytes(bytes(head.envelope)).payload)
    assert book.head(LIST) == (signed.sequence, signed.fingerprint())
    page = client.get("/log/").content.decode()
    assert "log entry with unsigned content" in page
    desk = cast.client(cast.centre, "lead").get("/desk/indicators/alerts/").content.decode()
    assert str(forged[0]) in desk


def _head_now(cast: Cast) -> tuple[int, str]:
    """Number and digest of the newest head."""
    with acting(cast.centre):
        row = releases_head.newest_head()
    assert row is not None
    return row.sequence, ReleaseHead.from_bytes(Envelope.from_bytes(bytes(row.envelope)).payload).fingerprint()


def test_a_release_is_told_by_its_own_event_and_as_it_was_signed(cast: Cast, book: LogBook) -> None:
    with acting(cast.centre):
        newest = history.history(1)[0]
        row = Release.objects.get(pk=newest.pk)
    manifest = ReleaseManifest.from_bytes(Envelope.from_bytes(bytes(row.manifest)).payload)
    assert row.event_id is not None
    true = _logged(row.event_id)
    assert (true["event"], true["manifest"]) == ("release.published", manifest.fingerprint())
    facts = {name: value for name, value in true.items() if name not in ("event", "commitment", "hour")}
    forged = [
        _written(cast.centre, "release.published", json.dumps({**facts, **change}))
        for change in ({"version": row.version + 1}, {"manifest": "ab" * 32}, {"values": "ab" * 32}, {})
    ]
    log()
    assert {_logged(event)["event"] for event in forged} == {"log.unbacked"}
    book.follow(book.newest())
    assert book.release(LIST, row.version) in (None, manifest.fingerprint())
    assert book.release(LIST, row.version + 1) is None
    _active(cast)
    made = publish(cast.centre)
    assert made is not None
    log()
    book.follow(book.newest())
    manifest = ReleaseManifest.from_bytes(Envelope.from_bytes(bytes(made.manifest)).payload)
    assert book.release(LIST, made.version) == manifest.fingerprint()
    assert book.head(LIST) == _head_now(cast)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        ("policy.announced", "{}"),
        ("policy.announced", '{"version": 1, "policy": "x", "binds_from": "2020"}'),
        ("policy.announced", "[1]"),
        ("policy.announced", "no JSON"),
        ("release.head", '"\\u0000"'),
        ("release.head", '{"list": ["x"], "sequence": [1], "head": {}}'),
        ("release.head", "[" * 5000),
        ("reference.loaded", '{"event": "release.head", "list": "eu-register", "sequence": 9, "head": "00"}'),
        ("reference.loaded", '{"commitment": "x", "hour": "9999-01-01T00Z", "set": "x"}'),
        ("reference.loaded", '{"source": "%s"}' % ("x" * 70_000)),
        ("reference.ended", '{"removed": 1e9000}'),
        ("reference.ended", '{"removed": 1e100000}'),
        ("reference.ended", '{"removed": 3, "entries": 3, "set": "ab"}'),
    ],
)
def test_what_cannot_be_read_or_was_never_kept_is_a_bare_commitment(
    cast: Cast, book: LogBook, kind: str, facts: str
) -> None:
    owner = cast.hotline_ie
    event = _written(owner, kind, facts)
    try:
        log()
        entry = _logged(event)
        assert (entry["event"], set(entry)) == ("log.unbacked", {"event", "commitment", "hour"})
        assert _alerted(cast, event)
        book.follow(book.newest())
        assert said(0, json.dumps(entry).encode()) is None, "whoever checks policies passes it over"
    finally:
        with acting(owner):
            erase_facts(owner, event, "It was never said")


def test_no_entry_is_of_an_hour_to_come_and_no_event_of_no_date(cast: Cast) -> None:
    for at in ("infinity", "-infinity", "200000-01-01", "1900-01-01"):
        with pytest.raises(IntegrityError, match="event_of_a_date"):
            _written(cast.hotline_ie, "indicator.revoked", "{}", at)
    later = clock.now() + timedelta(hours=5)
    event = _written(cast.hotline_ie, "indicator.revoked", "{}", later.isoformat())
    log()
    entry = _logged(event)
    assert entry["event"] == "indicator.revoked"
    assert str(entry["hour"]) < f"{later:%Y-%m-%dT%HZ}"
    log()


def test_a_checkpoint_that_is_not_the_chains_is_not_in_the_log_and_keeps_none_out(cast: Cast) -> None:
    sequencer.sequence_all()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accountability_checkpoint (position, head, at, key_id, signature)"
            " VALUES (%s, %s, now(), 'x', %s)",
            [2**62, bytes(32), bytes(64)],
        )
        cursor.execute("SELECT accountability_log_checkpoint()")
        cursor.execute("SELECT max(checkpoint) FROM accountability_publicleaf")
        ((newest,),) = cursor.fetchall()
        transaction.set_rollback(True)
    assert newest == Entry.objects.order_by("-position").values_list("position", flat=True).first()


def test_an_old_database_that_the_log_outgrew_knows_its_bare_commitments_again(cast: Cast, book: LogBook) -> None:
    event = _written(cast.centre, "release.head", json.dumps({"list": LIST, "sequence": HIGHEST, "head": "00" * 32}))
    log()
    assert event in public_log_log.numbers_of([event])
    gaps = len(public_log_log.lost())
    _active(cast)
    log()
    assert len(public_log_log.lost()) == gaps, "the last entry is the row's, although it says less"
