"""What must hold of a million reports too: the order is whole, and what is kept on a row is what other rows say."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection

from tests.cast import Cast
from tests.integration.reports.world import Authority, Centre
from tests.reporting import report
from tutela import clock
from tutela.events.acting import acting
from tutela.events.ids import uuid7
from tutela.exchange.outcome import Outcome, OutcomeKind, ReleaseLevel, Returned
from tutela.organisations import directory
from tutela.reports import batches, desk, outcomes, reaching, returning, standing, triage
from tutela.reports.models import Report


def test_what_came_at_one_moment_stands_on_one_page_each(cast: Cast) -> None:
    centre, provider = Centre(cast), cast.organisation("At once", "provider", "IE")
    sender = directory.acting_for(
        directory.entry(provider.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
    )
    sent = [report() for _ in range(2 * desk.PER_PAGE + 20)]
    with clock.simulate(clock.now()):
        batches.receive(sender, centre.entry, [(n, one.to_bytes()) for n, one in enumerate(sent)])
    wanted = desk.Filter(provider=provider.organisation_name)
    for filtered in (wanted, desk.Filter(state="all", provider=provider.organisation_name)):
        pages = [desk.queue(centre.analyst, filtered, page) for page in (1, 2, 3)]
        assert [more for _rows, more in pages] == [True, True, False]
        shown = [row.report_id for rows, _more in pages for row in rows]
        assert len(set(shown)) == len(shown) == len(sent)


def test_a_provider_is_found_by_a_part_of_its_name(cast: Cast) -> None:
    centre, provider = Centre(cast), cast.organisation("Lanternfish", "provider", "IE")
    filed = centre.file(report(), provider)
    rows, _more = desk.queue(centre.analyst, desk.Filter(provider="anternFISH"))
    assert filed in [row.report_id for row in rows]
    assert not desk.queue(centre.analyst, desk.Filter(provider="nobody is called so"))[0]


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
        outcome_id=uuid7(), referral_id=referral, kind=OutcomeKind(kind), at=clock.now(), authority="Kriminalamt",
        release=ReleaseLevel(release),
    )  # fmt: skip
    outcomes.take_outcome(centre.machine, authority.machine, message)


def _bits(centre: Centre, report_id: Any) -> tuple[int, int]:
    row = centre.row(report_id)
    return row.reached, row.released


def test_how_far_a_report_came_follows_its_referrals(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "BE")
    bit = reaching.BITS
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
    triage.declare_erroneous(centre.lead, filed, "token", revoke=False)
    assert _bits(centre, filed) == (0, 0), "what was undone reached nothing"
    with acting(centre.machine):
        assert not reaching.those(Report.objects.filter(report_id=filed), "charged").exists()


def test_a_referral_that_came_back_reached_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    authority = Authority(centre, "GR")
    filed = centre.file(authority.report())
    referral = authority.referred(filed)
    message = Returned(referral_id=referral, reason="Another's", authority="Kriminalamt", at=clock.now())
    returning.take(centre.machine, authority.machine, message)
    with acting(centre.machine):
        stands = standing.referrals_that_stand(centre.row(filed)).exists()
    # Where there is a Europol it has the next copy.
    assert _bits(centre, filed) == (reaching.BITS["referred"] if stands else 0, 0)
