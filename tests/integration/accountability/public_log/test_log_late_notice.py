"""A change of the policy binds after thirty days in the public log; under one witness nothing is added."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.test import Client

from tests.integration.accountability.public_log.test_log import (
    Answering,
    _activated,
    _outside,
    _published,
    _scheme,
    witnesses,
)
from tests.support.cast import Cast
from tests.support.database import superuser
from tests.unit.exchange.register.test_policy import policy as a_policy
from tests.unit.exchange.register.test_policy import signed
from tutela import clock
from tutela.accountability.chain import sequencer
from tutela.accountability.dashboard import dashboard
from tutela.accountability.public_log import log, publish, signed_evidence
from tutela.accountability.public_log.signed_evidence import EvidenceState
from tutela.app.runtime import doctor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.register.release import ReleaseHead
from tutela.indicators.lifecycle import policy
from tutela.indicators.register import revoke
from tutela.indicators.releases import head as releases_head
from tutela.tlog import policy_check

__all__ = ["_scheme", "witnesses"]


def _announced(cast: Cast, binds: datetime, monkeypatch: pytest.MonkeyPatch) -> UUID:
    """The event that announces a change, as one that was signed."""
    facts = {"version": 2, "policy": "ab" * 32, "binds_from": binds.isoformat(), "categories": ["a:b"], "signed": 3}
    with acting(cast.centre):
        event = record(cast.centre, "policy.announced", "policy", "2", **facts)
    sequencer.sequence_all()

    def check(one: UUID, _: object) -> EvidenceState:
        return EvidenceState.SIGNED if one == event else EvidenceState.NOTHING

    monkeypatch.setitem(signed_evidence._checks, "policy.announced", check)
    return event


@pytest.mark.parametrize("before", [False, True])
def test_an_announcement_that_waits_for_witnesses_counts_from_its_publication(
    cast: Cast, witnesses: list[Answering], monkeypatch: pytest.MonkeyPatch, before: bool
) -> None:
    _activated(cast)
    _published(witnesses)
    now = clock.now()
    if before:
        _activated(cast)  # it stands before the announcement, is signed, and waits
    event = _announced(cast, now + timedelta(days=31), monkeypatch)
    witnesses[1].away = True
    done = publish.publish()
    assert done is not None
    assert done.lacking == "both"
    assert (log.open_log().pending() is None) is not before  # type: ignore[union-attr]
    assert not log.holds(event)
    witnesses[1].away = False
    with clock.simulate(later := now + timedelta(days=6)):
        _published(witnesses)
        entry = log.entry_of(event)
        assert entry is not None
    told = policy_check.said(entry.index, entry.data)
    assert told is not None
    assert told.since == later.replace(minute=0, second=0, microsecond=0), "the hour in which it became public"
    assert told.binds is not None
    assert told.binds >= told.since + policy_check.NOTICE
    assert json.loads(entry.data)["binds_from"] == (now + timedelta(days=31)).isoformat(), "what was signed stays"


def test_an_announcement_in_time_says_nothing_of_another_day(
    cast: Cast, witnesses: list[Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    event = _announced(cast, clock.now() + timedelta(days=30, minutes=1), monkeypatch)
    _published(witnesses)
    entry = log.entry_of(event)
    assert entry is not None
    assert "binds" not in json.loads(entry.data)


_FIRST = a_policy(categories=["a:*"], binds_from=clock.now() - timedelta(days=90))
_SECOND = a_policy(2, _FIRST.fingerprint(), categories=["b:*"], binds_from=clock.now() - timedelta(days=1))


@pytest.mark.parametrize(
    ("day", "public", "binding"),
    [(-1, None, 1), (-1, -24, 1), (-1, -29, 1), (-1, -31, 2), (-10, -30.01, 2), (1, -60, 1), (0.1, -31, 1)],
)
def test_code_and_database_count_thirty_days_from_when_the_log_holds_it(
    day: float, public: float | None, binding: int
) -> None:
    now = clock.now()
    documents = [
        (signed(_FIRST, 0, 1, 2, 3), now - timedelta(days=90), None),
        (signed(_SECOND, 0, 1, 2), now + timedelta(days=day), public),
    ]
    with psycopg.connect(superuser()) as owner:
        owner.execute("SET LOCAL session_replication_role = replica")
        for number, (one, binds, since) in enumerate(documents, 1):
            said = one.policy
            owner.execute(
                "INSERT INTO indicators_policyversion (version, document, sha256, categories, organisations,"
                " jurisdictions, binds_from, made_at) VALUES (%s, %s, %s, %s, 2, 2, %s, now() - interval '90 days')",
                [number, one.to_bytes().decode(), said.fingerprint(), list(said.categories), binds],
            )
            if since is not None:
                owner.execute(
                    "INSERT INTO indicators_policynotice VALUES (%s, now() + %s * interval '1 day')", [number, since]
                )
        rows = tuple(owner.execute(policy._ALL).fetchall())  # type: ignore[arg-type]
        found, broken = policy._read(rows)
        assert not broken
        in_force = next(one.policy.version for one in found if one.binds and one.binds <= clock.now())
        asked = owner.execute(
            "SELECT indicators_policy_in_force(), indicators_permitted('a:x'), indicators_permitted('b:x')"
        ).fetchone()
        owner.rollback()
    assert (in_force, asked) == (binding, (binding, binding == 1, binding == 2))


def _said(head: object) -> ReleaseHead:
    return ReleaseHead.from_bytes(Envelope.from_bytes(bytes(head.envelope)).payload)  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_scheme")
def test_with_one_witness_nothing_is_added_what_ends_is_removed_and_everybody_is_told(
    cast: Cast, witnesses: list[Answering], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = _activated(cast)
    _published(witnesses)
    before = releases_head.refresh_head(cast.centre)
    assert before is not None
    _outside(witnesses)  # the quorum is one of the two
    monkeypatch.setattr(settings, "LOG_TRIAL", False)
    _activated(cast)
    done = _published(witnesses)
    assert not done.lacking, "the log goes on"
    revoke.revoke(cast.centre, kept, "An error")  # type: ignore[arg-type]
    after = releases_head.refresh_head(cast.centre)
    assert after is not None
    assert after.version == before.version, "nothing is added"
    assert _said(after).removes > _said(before).removes, "and what ended is removed at once"
    assert releases_head.announced(cast.centre), "no job runs in vain"
    assert "nothing is added to lists" in client.get("/log/").content.decode()
    page = cast.client(cast.centre, "lead").get("/desk/indicators/releases/").content.decode()
    assert "No head names a new version" in page
    (finding,) = [one for one in doctor.examine() if one.name == "Public log"]
    assert (finding.fine, "TUTELA_LOG_TRIAL" in finding.fix) == (False, True)
    told = dashboard.overview(cast.actor(cast.auditor, "auditor"))
    assert told is not None
    assert "fewer than two witnesses" in str(told["todos"])
    monkeypatch.setattr(settings, "LOG_TRIAL", True)
    assert "declared a trial" in client.get("/log/").content.decode()
    grown = releases_head.refresh_head(cast.centre)
    assert grown is not None
    assert grown.version > before.version


def test_two_keys_vouch_and_one_none_or_a_broken_file_do_not(
    witnesses: list[Answering], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "LOG_TRIAL", False)
    assert log.witnessed()
    path = Path(settings.LOG_POLICY)
    whole = path.read_bytes()
    for text in (whole.replace(b"both all", b"both any"), b"quorum none\n", b"nonsense", b"\xff\xfe"):
        path.write_bytes(text)
        assert not log.witnessed()
    path.unlink()
    assert not log.witnessed()
    monkeypatch.setattr(settings, "LOG_POLICY", "")
    assert not log.witnessed()
