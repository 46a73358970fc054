"""What must hold of a million reports too: the order is whole, and what is kept on a row is what other rows say."""

from __future__ import annotations

import random
from itertools import product
from typing import Any

import pytest
from django.db import DatabaseError, connection

from tests.support.cast import Cast
from tests.support.reporting import item, report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Outcome, OutcomeKind, ReleaseLevel, Returned
from tutela.organisations.people import directory
from tutela.reports.intake import batches
from tutela.reports.models import Report
from tutela.reports.referrals import outcomes, returned
from tutela.reports.state import progress, status
from tutela.reports.triage import assess, work_queue


def test_what_came_at_one_moment_stands_on_one_page_each(cast: Cast) -> None:
    centre, provider = Centre(cast), cast.organisation("At once", "provider", "IE")
    sender = directory.acting_for(
        directory.entry(provider.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
    )
    sent = [report() for _ in range(2 * work_queue.PER_PAGE + 20)]
    with clock.simulate(clock.now()):
        batches.receive(sender, centre.entry, [(n, one.to_bytes()) for n, one in enumerate(sent)])
    wanted = work_queue.ReportFilter(provider=provider.organisation_name)
    for filtered in (wanted, work_queue.ReportFilter(state="all", provider=provider.organisation_name)):
        pages = [work_queue.lines(centre.analyst, filtered, page) for page in (1, 2, 3)]
        assert [more for _rows, more in pages] == [True, True, False]
        shown = [row.report_id for rows, _more in pages for row in rows]
        assert len(set(shown)) == len(shown) == len(sent)


KINDS = (["known"], ["new"], ["known", "new"], ["solicitation"])


def _crowd(centre: Centre, providers: list[Any], chance: random.Random) -> None:
    """Open reports of few items: urgent or not, of each kind, so that those that stand for a bundle are few."""
    shared = [item() for _ in range(8)]
    for provider in providers:
        sent = []
        for _ in range(60):
            urgency = {"urgent": True, "reason": "token"} if chance.random() < 0.2 else {"urgent": False}
            found = [chance.choice(shared) if chance.random() < 0.5 else item()]
            sent.append(report(urgency=urgency, kinds=chance.choice(KINDS), items=found))
        sender = directory.acting_for(
            directory.entry(provider.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
        )
        answers = batches.receive(sender, centre.entry, [(n, one.to_bytes()) for n, one in enumerate(sent)])
        assert all(one.received for one in answers)


def _lines(wanted: work_queue.ReportFilter, providers: set[Any]) -> list[Any]:
    """The lines of the queue as its rule says: of each bundle the first open report, if it is wanted, in the order."""
    rows = list(work_queue.open_reports())
    rows.sort(key=lambda r: (not r.urgent, r.lane, -r.urgency, -r.relevance_order, r.created_at, r.pk))
    first: dict[Any, Report] = {}
    for row in rows:
        first.setdefault(row.bundle_id, row)
    found = [row for row in first.values() if not wanted.kind or wanted.kind in row.kinds]
    found = [row for row in found if not wanted.provider or row.provider_id in providers]
    if field := wanted.sort.removeprefix("-"):
        name = {"received": "created_at"}.get(field, field)
        found.sort(key=lambda r: (getattr(r, name), r.pk), reverse=wanted.sort.startswith("-"))
        found.sort(key=lambda r: not r.urgent)  # first in every order
    return [row.pk for row in found]


def test_every_filter_and_order_shows_the_lines_that_its_rule_says(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_queue, "PER_PAGE", 7)
    centre = Centre(cast)
    providers = [cast.organisation(f"Crowded {name}", "provider", "IE") for name in ("one", "two")]
    _crowd(centre, providers, random.Random(7))
    ids = {one.organisation_id for one in providers}
    for kind, named, sort in product(("", "known", "new", "solicitation"), ("", "Crowded"), ("", *work_queue.SORTS)):
        wanted = work_queue.ReportFilter(kind=kind, provider=named, sort=sort)
        with acting(centre.machine):
            due = _lines(wanted, ids)
        last = -(-len(due) // work_queue.PER_PAGE)
        for page in {1, 2, 3, 5, max(last, 1), last + 1}:
            rows, more = work_queue.lines(centre.analyst, wanted, page)
            assert [row.pk for row in rows] == due[(page - 1) * work_queue.PER_PAGE : page * work_queue.PER_PAGE], (
                wanted,
                page,
            )
            assert more == (page < last), (wanted, page)


def test_a_provider_is_found_by_a_part_of_its_name(cast: Cast) -> None:
    centre, provider = Centre(cast), cast.organisation("Lanternfish", "provider", "IE")
    filed = centre.file(report(), provider)
    rows, _more = work_queue.lines(centre.analyst, work_queue.ReportFilter(provider="anternFISH"))
    assert filed in [row.report_id for row in rows]
    assert not work_queue.lines(centre.analyst, work_queue.ReportFilter(provider="nobody is called so"))[0]


def test_likeness_is_told_to_nobody_who_acts_for_another(cast: Cast) -> None:
    centre = Centre(cast)
    filed = centre.row(centre.file(report()))
    asked = ("SELECT reports_alike(%s, %s::bytea[], %s, 200)", [centre.machine.organisation_id, filed.traits, uuid7()])
    with acting(centre.machine), connection.cursor() as cursor:
        cursor.execute(*asked)
        assert filed.pk in [pk for (pk,) in cursor.fetchall()]
    stranger = cast.pixelpost
    with pytest.raises(DatabaseError, match="another organisation"), acting(stranger), connection.cursor() as cursor:
        cursor.execute(*asked)


def _said(centre: Centre, authority: Authority, referral: Any, kind: str, release: str) -> None:
    message = Outcome(
        outcome_id=uuid7(),
        referral_id=referral,
        kind=OutcomeKind(kind),
        at=clock.now(),
        authority="Kriminalamt",
        release=ReleaseLevel(release),
    )
    outcomes.take_outcome(centre.machine, authority.machine, message)


def _bits(centre: Centre, report_id: Any) -> tuple[int, int]:
    row = centre.row(report_id)
    return row.reached, row.released


def test_how_far_a_report_came_follows_its_referrals(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "BE")
    bit = progress.BITS
    sent = authority.report()
    filed = centre.file(sent)
    assert _bits(centre, filed) == (0, 0)
    referral = authority.referred(filed)
    assert _bits(centre, filed) == (bit["referred"], 0)
    _said(centre, authority, referral, "charged", "centre_only")
    through = bit["referred"] | bit["taken_up"] | bit["person_identified"] | bit["charged"]
    assert _bits(centre, filed) == (through, 0)
    _said(centre, authority, referral, "person_identified", "statistics")
    assert _bits(centre, filed) == (through, bit["taken_up"] | bit["person_identified"])
    assess.declare_erroneous(centre.lead, filed, "token", revoke=False)
    assert _bits(centre, filed) == (0, 0), "what was undone reached nothing"
    with acting(centre.machine):
        assert not progress.those(Report.objects.filter(report_id=filed), "charged").exists()


def test_a_referral_that_came_back_reached_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "GR")
    filed = centre.file(authority.report())
    referral = authority.referred(filed)
    message = Returned(referral_id=referral, reason="Another's", authority="Kriminalamt", at=clock.now())
    returned.take(centre.machine, authority.machine, message)
    with acting(centre.machine):
        stands = status.referrals_that_stand(centre.row(filed)).exists()
    # Where there is a Europol it has the next copy.
    assert _bits(centre, filed) == (progress.BITS["referred"] if stands else 0, 0)
