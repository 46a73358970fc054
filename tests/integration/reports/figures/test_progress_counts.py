"""What is kept of how far reports came is what a plain count of the reports says, whatever is done to them."""

from __future__ import annotations

import contextlib
import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import F, Sum

from tests.support import database
from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre
from tutela import clock
from tutela.events.errors import TutelaError
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Outcome, OutcomeKind, ReleaseLevel, Returned
from tutela.law import retention
from tutela.organisations.people import directory
from tutela.reports.figures import funnel, funnel_by_week, progress_counts, safeguarded_children
from tutela.reports.intake import batches
from tutela.reports.models import Report, Tally
from tutela.reports.referrals import outcomes, returned
from tutela.reports.triage import assess

COLUMNS = ("provider_id", "country", "kind", "reached", "released")


def kept(centre: Centre) -> dict[Any, int]:
    """What the kept rows say, added up."""
    found: Counter[Any] = Counter()
    with acting(centre.machine):
        for span, begin, *place, reports in Tally.objects.values_list("span", "begin", *COLUMNS, "reports"):
            found[span, begin, *place] += reports
    return {key: n for key, n in found.items() if n}


def plain(centre: Centre) -> dict[Any, int]:
    """What the reports themselves say."""
    with acting(centre.machine):
        rows = Report.objects.filter(duplicate_of=None).annotate(kind=F("kinds__0"))
        counted = [(at.astimezone(UTC).date(), *place) for at, *place in rows.values_list("created_at", *COLUMNS)]
    months = Counter(("month", day.replace(day=1), *place) for day, *place in counted)
    return dict(months + Counter(("week", day - timedelta(days=day.weekday()), *place) for day, *place in counted))


class Acts:
    """Everything that happens to reports, in any order; what is refused changes nothing."""

    def __init__(self, cast: Cast, chance: random.Random) -> None:
        self.chance, self.centre = chance, Centre(cast)
        self.authorities = [Authority(self.centre, country) for country in ("RO", "CH")]
        self.providers = [cast.organisation("Tallied", "provider", "IE") for _ in range(2)]
        self.sent: list[Any] = []
        self.referrals: list[tuple[Authority, UUID]] = []
        self.start = clock.now() - timedelta(days=80)

    def every(self) -> list[Callable[[], object]]:
        return [
            self.file,
            self.file,
            self.file,
            self.batch,
            self.repeat,
            self.forward,
            self.refer,
            self.refer,
            self.outcome,
            self.outcome,
            self.give_back,
            self.unfound,
            self.undo,
            self.erase,
            self.gather,
            self.roll_back,
        ]

    def one(self, turn: int) -> None:
        with clock.simulate(self.start + timedelta(days=turn)), contextlib.suppress(TutelaError):
            self.chance.choice(self.every())()

    def some(self) -> UUID:
        if not self.sent:
            self.file()
        found: UUID = self.chance.choice(self.sent).report_id
        return found

    def new(self) -> Any:
        kinds = self.chance.choice((["known"], ["new"], ["known", "solicitation"]))
        return self.chance.choice(self.authorities).report(kinds=kinds)

    def file(self) -> None:
        self.sent.append(self.new())
        self.centre.file(self.sent[-1], self.chance.choice(self.providers))

    def batch(self) -> None:
        provider = self.chance.choice(self.providers)
        sender = directory.acting_for(
            directory.entry(provider.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
        )
        some = [self.new() for _ in range(5)]
        self.sent += some
        lines = [one.to_bytes() for one in (*some, some[0].model_copy(update={"report_id": uuid7()}))]
        batches.receive(sender, self.centre.entry, list(enumerate(lines)))

    def repeat(self) -> None:
        if self.sent:
            again = self.chance.choice(self.sent).model_copy(update={"report_id": uuid7()})
            self.centre.file(again, self.chance.choice(self.providers))

    def decide(self, decision: str) -> None:
        report_id = self.some()
        with acting(self.centre.machine):
            seen = self.centre.row(report_id).assessments.count()
        assess.assess(self.centre.analyst, report_id, decision, "token", seen=seen, code="not_sexual")

    def forward(self) -> None:
        self.decide("forward")

    def unfound(self) -> None:
        self.decide("unfounded")

    def refer(self) -> None:
        for authority in self.authorities:
            report_id = self.some()
            if self.centre.row(report_id).country == authority.country:
                self.referrals.append((authority, authority.referred(report_id)))

    def outcome(self) -> None:
        if self.referrals:
            authority, referral = self.chance.choice(self.referrals)
            message = Outcome(
                outcome_id=uuid7(),
                referral_id=referral,
                kind=self.chance.choice([*OutcomeKind]),
                at=clock.now(),
                authority="Kriminalamt",
                release=self.chance.choice([*ReleaseLevel]),
                reason="token",
            )
            outcomes.take_outcome(self.centre.machine, authority.machine, message)

    def give_back(self) -> None:
        if self.referrals:
            authority, referral = self.chance.choice(self.referrals)
            message = Returned(referral_id=referral, reason="token", authority="Kriminalamt", at=clock.now())
            returned.take(self.centre.machine, authority.machine, message)

    def undo(self) -> None:
        assess.declare_erroneous(self.centre.lead, self.some(), "token", revoke=False)

    def erase(self) -> None:
        with clock.simulate(clock.now() + timedelta(days=4000)):
            retention.run(self.centre.machine)

    def gather(self) -> None:
        progress_counts.gather(self.centre.machine)

    def roll_back(self) -> None:
        """A report that came and did not."""
        with acting(self.centre.machine):
            Report.objects.filter(report_id=self.some()).update(reached=1, country="XX")
            transaction.set_rollback(True)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_what_a_plain_count_says(cast: Cast, seed: int) -> None:
    acts = Acts(cast, random.Random(seed))
    for turn in range(60):
        acts.one(turn)
        if turn % 12 == 11:
            assert kept(acts.centre) == plain(acts.centre), (seed, turn)
    assert acts.referrals, "something came far"
    for day in (1, 15, 28, 40, 61):
        _compare(acts, (acts.start + timedelta(days=day)).date(), acts.chance)


def _compare(acts: Acts, day: date, chance: random.Random) -> None:
    """The funnel of some days, a provider, a country and a kind says what the reports do that it counts; so does each
    of its weeks.
    """
    kind = chance.choice(("", "known", "new", "solicitation"))
    provider, country = chance.choice(acts.providers).organisation_name, chance.choice(("", "RO", "Europol"))
    spans = [(day, None), (None, day), (day, day + timedelta(days=chance.randrange(60))), (day, day), (None, None)]
    for since, until in spans:
        wanted = funnel.FunnelFilter(since, until, provider, country, kind)
        steps = {one.name: one.reports for one in funnel.funnel(acts.centre.analyst, wanted).steps}
        with acting(acts.centre.machine):
            assert steps == {name: funnel._reached(name, wanted).count() for name in funnel.STEPS}, wanted
        assert safeguarded_children.count(acts.centre.analyst, wanted).reports == steps["victim_identified"]
        _compare_weeks(acts, wanted)


def _compare_weeks(acts: Acts, wanted: funnel.FunnelFilter) -> None:
    """Each week says what the reports do that came in it, and in the wanted days."""
    for week in funnel_by_week.weekly(acts.centre.analyst, wanted).weeks:
        said = {one.name: one.reports for one in week.steps}
        of_week = funnel_by_week.of_week(wanted, week.monday)
        with acting(acts.centre.machine):
            assert said == {name: funnel._reached(name, of_week).count() for name in funnel.STEPS}, of_week


def test_a_report_that_moves_is_counted_where_it_went(cast: Cast) -> None:
    """What no act of today does: the place of a report changes, it repeats another, or it goes."""
    centre = Centre(cast)
    filed = centre.row(centre.file(report()))
    long_ago = clock.now() - timedelta(days=70)
    changes: list[dict[str, Any]] = [
        {"country": "FR"},
        {"created_at": long_ago},
        {"provider_id": uuid7()},
        {"duplicate_of": filed.pk},
        {"reached": 1, "country": "IT"},
        {"duplicate_of": None},
        {"kinds": ["new", "known"]},
    ]
    with acting(centre.machine):
        rows = Report.objects.filter(pk=filed.pk)
        for change in changes:
            rows.update(**change)
            assert kept(centre) == plain(centre), change
        rows._raw_delete(rows.db)
        assert kept(centre) == plain(centre)
        transaction.set_rollback(True)
    assert kept(centre) == plain(centre)


def test_whoever_reports_waits_for_nobody_and_no_report_is_lost(cast: Cast) -> None:
    """Gathered while another transaction has added what nobody sees yet: it is there once that one ends."""
    centre = Centre(cast)
    centre.file(report())
    before = _sum(centre)
    with psycopg.connect(database.superuser()) as other:
        one_more(other, centre, 1)
        done = threading.Thread(target=_gather, args=(centre,))
        done.start()
        done.join(20)
        assert not done.is_alive(), "it waits for nobody"
        assert kept(centre) == plain(centre)
    assert _sum(centre) == before + 1, "what came meanwhile is there"
    progress_counts.gather(centre.machine)
    assert _sum(centre) == before + 1
    with psycopg.connect(database.superuser()) as other:
        one_more(other, centre, -1)
    assert kept(centre) == plain(centre)


def one_more(other: psycopg.Connection[Any], centre: Centre, reports: int) -> None:
    """A row of the kind that a report of this month writes, in a transaction of somebody else."""
    other.execute(
        f"INSERT INTO reports_tally (id, organisation_id, created_at, {progress_counts.OF}, reports)"
        f" SELECT gen_random_uuid(), organisation_id, now(), {progress_counts.OF}, %s FROM reports_tally"
        f" WHERE organisation_id = %s ORDER BY {progress_counts.OF} LIMIT 1",
        [reports, centre.machine.organisation_id],
    )


def _sum(centre: Centre) -> int:
    with acting(centre.machine):
        return int(Tally.objects.aggregate(n=Sum("reports"))["n"] or 0)


def _gather(centre: Centre) -> None:
    progress_counts.gather(centre.machine)
    connection.close()


def test_gathered_there_is_one_row_of_a_place(cast: Cast) -> None:
    centre = Centre(cast)
    for _ in range(3):
        centre.file(report())
    progress_counts.gather(centre.machine)
    with acting(centre.machine):
        places = list(Tally.objects.values_list("span", "begin", *COLUMNS))
    assert len(places) == len(set(places))
    assert kept(centre) == plain(centre)


def test_a_stranger_sees_no_tally(cast: Cast) -> None:
    centre = Centre(cast)
    centre.file(report())
    with acting(cast.pixelpost):
        assert not Tally.objects.exists()
