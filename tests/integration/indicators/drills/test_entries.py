"""A test entry is in the list of Edges and in nothing else: no match, report, draft, alert, opinion, file or figure."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from pydantic import ValidationError

from tests.support.cast import Cast
from tests.support.detection_world import body
from tests.support.drill_world import DrillWorld, policy_of_drills
from tests.support.reporting import item
from tests.support.reporting import report as make_report
from tutela import clock
from tutela.casework.alerts import escalation
from tutela.detection.models import Candidate, Match
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.indicators.access import grants, quotas
from tutela.indicators.audits import sample_selection
from tutela.indicators.dashboard import dashboard
from tutela.indicators.drills import entries, members
from tutela.indicators.hashes import encryption
from tutela.indicators.hosted_matching import match, private_lookup_set
from tutela.indicators.integrity import active_entries
from tutela.indicators.models import AuditDraw, Feedback, FeedWaiting, IndicatorHash, LookupWaiting, StateTally, Vote
from tutela.indicators.partner_lists import export
from tutela.indicators.register import certify, search
from tutela.indicators.release_files import version_files
from tutela.matching.files import drill_entries
from tutela.matching.files.drill_entries import CATEGORY
from tutela.redress import alerts
from tutela.redress.ledger import entries as errors
from tutela.redress.models import ErrorEntry, Reversal
from tutela.redress.reversals import work_queue


@pytest.fixture
def world(cast: Cast) -> Iterator[DrillWorld]:
    with policy_of_drills():
        yield DrillWorld(cast)


def certified(world: DrillWorld) -> UUID:
    """An active test entry."""
    entry = drill_entries.drawn()
    first, second = members.certifiers()
    entries.propose(first, entry)
    entries.propose(first, entry)
    entries.certify_proposed(second, entry)
    entries.certify_proposed(second, entry)
    return entry


def digest_of(world: DrillWorld, entry: UUID) -> str:
    with acting(world.machine):
        return encryption.plain(IndicatorHash.objects.get(indicator=entry))[1]


def test_no_message_names_one(world: DrillWorld) -> None:
    entry = certified(world)
    with pytest.raises(ValidationError, match="must not be a test entry"):
        world.redress.desk.candidate(body(entry=entry))
    with pytest.raises(ValidationError, match="must not be a test entry"):
        make_report(items=[item(entry=entry)])


def test_no_candidate_rests_on_one(world: DrillWorld) -> None:
    entry, provider = certified(world), world.redress.provider
    candidate = world.redress.desk.candidate(body())
    with acting(provider):
        row = Match.objects.filter(candidate=candidate).first()
        assert row
        row.pk, row.entry_id = uuid7(), entry
        with pytest.raises(DatabaseError, match="matches nothing"):
            row.save(force_insert=True)
    with acting(provider), pytest.raises(DatabaseError, match="matches nothing"):
        Match.objects.filter(candidate=candidate).update(entry_id=entry)
    with acting(provider):
        assert not Candidate.objects.filter(matches__entry_id=entry).exists()


def test_no_other_reader_of_the_register_is_answered_with_one(world: DrillWorld, cast: Cast) -> None:
    entry = certified(world)
    digest, provider = digest_of(world, entry), world.redress.provider
    world.redress.grant(provider)
    with acting(world.machine):
        assert not FeedWaiting.objects.filter(indicator_id=entry).exists()
        assert not LookupWaiting.objects.filter(indicator_id=entry).exists()
    assert not search.is_active(world.lead, digest)
    assert search.active_among(world.lead, [digest]) == set()
    asker = cast.organisation("Forum", "provider", "IE")
    valid: dict[str, Any] = {"purpose": "reporting", "legal_basis": "DSA", "valid_to": clock.now() + timedelta(days=9)}
    grants.give(cast.centre, asker.organisation_id, list_id=quotas.MATCH_ID, **valid)
    real = secrets.token_hex(32)
    world.redress.flagged(referred=False, digest=real)
    found = match.match(world.machine, asker, [("sha256", digest), ("sha256", real)])
    assert [one == match.NO_INDICATOR for one in found] == [True, False]
    out = io.StringIO()
    export.export(cast.centre, version_files.LIST_ID, out, export.sink("jsonl", "Centre"), "jsonl")
    assert real in out.getvalue()
    assert digest not in out.getvalue()


def test_the_private_look_up_leaves_it_out_and_the_list_has_it(world: DrillWorld) -> None:
    entry = certified(world)
    parts = [one for part in private_lookup_set._active(world.machine) for one in part]
    assert entry not in parts
    with acting(world.machine):
        assert entry in active_entries.active_ids()


def test_it_is_in_no_figure_of_the_register(world: DrillWorld) -> None:
    hotlines = [world.cast.actor(one, "analyst") for one in world.redress.hotlines]

    def counted() -> list[object]:
        return [search.counts(world.lead), *map(dashboard.overview, (world.lead, *hotlines))]

    before = counted()
    entry = certified(world)
    assert counted() == before
    with acting(world.machine):
        entries.end(replace(world.machine, permissions=world.machine.permissions | {"indicators.revoke"}), entry)
    assert counted() == before
    with acting(world.machine):
        assert not StateTally.objects.filter(organisation_id=world.machine.organisation_id, n__lt=0).exists()


def test_nobody_says_anything_of_one(world: DrillWorld) -> None:
    entry, hotline = certified(world), world.redress.hotlines[0]
    vote: dict[str, Any] = {"organisation_id": hotline.organisation_id, "country": "IE", "by": "x"}
    with acting(hotline), pytest.raises(DatabaseError, match="of a test entry"):
        Vote.objects.create(kind="confirm", indicator_id=entry, **vote)
    real = _real(world)
    with acting(hotline), pytest.raises(DatabaseError, match="of a test entry"):
        Vote.objects.create(kind="reclassify", classification=CATEGORY, indicator_id=real, **vote)
    with acting(world.machine), pytest.raises(DatabaseError, match="of a test entry"):
        Feedback.objects.create(
            organisation_id=world.machine.organisation_id,
            indicator_id=entry,
            sender_id=world.redress.provider.organisation_id,
            verdict="false",
        )


def _real(world: DrillWorld) -> UUID:
    _report, entry = world.redress.flagged(referred=False)
    return entry


def test_namespace_and_category_belong_together(world: DrillWorld) -> None:
    hotline = world.redress.hotlines[0]
    for entry, category in ((uuid7(), CATEGORY), (drill_entries.drawn(), "eu-2011-93:known-material")):
        with acting(hotline), connection.cursor() as cursor, pytest.raises(DatabaseError, match="namespace"):
            cursor.execute(
                "INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification,"
                " series, reason, proposed_by, source) VALUES (%s, %s, now(), %s, 'image', %s, '', 'x', 'attack', '')",
                [entry, hotline.organisation_id, secrets.token_hex(8), category],
            )


def test_a_drill_certifies_test_entries_alone_and_members_alone_certify_them(world: DrillWorld, cast: Cast) -> None:
    first, second = members.certifiers()
    _report, real = world.redress.flagged(referred=False)
    third = cast.organisation("Hotline France", "hotline", "FR")
    with pytest.raises(DatabaseError, match="certifies test entries alone"):
        certify.certify(members.acting_in_drill(third.organisation_id), real)
    entry = drill_entries.drawn()
    entries.propose(first, entry)
    with pytest.raises(DatabaseError, match="take part in drills"):
        certify.certify(third, entry)
    entries.certify_proposed(second, entry)


def test_no_sample_contains_one(world: DrillWorld, cast: Cast) -> None:
    entry = certified(world)
    _real(world)
    auditor = cast.actor(cast.auditor, "auditor")
    asked = AuditDraw(moment=clock.now() + timedelta(minutes=1), seed="s", size=10_000)
    found = [one for part in sample_selection._active_at(auditor, asked) for one in part]
    assert entry not in found
    assert found


def test_a_reversal_of_a_drill_is_in_no_figure_and_raises_no_alert(world: DrillWorld) -> None:
    drill = world.finished()
    for who in (world.machine, *world.redress.hotlines):
        with acting(who):
            row = Reversal.objects.get(root_id=drill, organisation_id=who.organisation_id)
            with pytest.raises(DatabaseError, match="no figure"):
                errors.enter(who, row, errors.ErrorFacts())
        with acting(who), pytest.raises(DatabaseError, match="no alert"):
            escalation.raise_first(who, "reversal", row.pk)
        with acting(who):
            assert not ErrorEntry.objects.filter(reversal=row).exists()
            assert row not in alerts.overdue()
    rows, _more = work_queue.list_reversals(world.lead, work_queue.ALL)
    assert drill not in {one.root_id for one in rows}
