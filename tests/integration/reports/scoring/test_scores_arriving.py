"""What arrives again and again, before anybody has decided: it stands behind, and no flood puts another's behind."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.reporting import account, item, report
from tests.support.reports_world import Centre
from tutela.events.actor import Actor
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.exchange.report.report import Report as Wire
from tutela.exchange.report.score_reasons import ScoreCode
from tutela.reports.bundles import join
from tutela.reports.intake import batches
from tutela.reports.models import Item, Sighting
from tutela.reports.scoring import history, scores
from tutela.reports.scoring.history import arrivals
from tutela.reports.triage import rescore

BEHIND = scores.RULES["relevance"]["circulates_behind"]


@pytest.fixture
def centre(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Centre:
    """Four accounts make a wide circulation, two of each other sender count, of the newest ten reports."""
    few = {"accounts_from": 4, "accounts_a_sender": 2, "newest_reports": 10}
    monkeypatch.setitem(scores.RULES, "relevance", {**scores.RULES["relevance"], **few})  # type: ignore[arg-type]
    return Centre(cast)


def behind(centre: Centre, report_id: UUID) -> int:
    row = centre.row(report_id)
    value = scores.RULES["relevance"]["unknown_orders_as"] if row.relevance is None else row.relevance
    said = any(
        code in (ScoreCode.MANY_ACCOUNTS, ScoreCode.DECIDED_OFTEN)
        for _points, code, _values in row.reasons["relevance"]
    )
    assert said is (row.relevance_order < value), "what stands behind says why"
    return int(value - row.relevance_order)


def arrive(centre: Centre, shared: dict[str, Any], *names: str, sender: Actor | None = None) -> list[UUID]:
    return [centre.file(report(items=[shared], users=[account(name)] if name else []), sender) for name in names]


def test_what_arrives_often_stands_behind_before_anybody_has_decided(cast: Cast, centre: Centre) -> None:
    made = arrive(centre, item(), *"abcdef")
    assert [behind(centre, one) for one in made] == [0, 0, 0, 0, BEHIND, BEHIND]
    assert {centre.row(one).urgency for one in made} == {centre.row(made[0]).urgency}
    assert {centre.row(one).state for one in made} == {"open"}, "nothing is closed by it"


def test_what_comes_together_counts_for_what_comes_behind_it(cast: Cast, centre: Centre) -> None:
    shared = item()

    def together_filed(*names: str) -> list[UUID]:
        sent = [report(items=[shared], users=[account(name)]) for name in names]
        lines = [(number, one.to_bytes()) for number, one in enumerate(sent, 1)]
        sender = replace(cast.pixelpost, permissions=frozenset({"reports.submit"}))
        assert all(one.received for one in batches.receive(sender, centre.entry, lines))
        return [one.report_id for one in sent]

    assert [behind(centre, one) for one in together_filed(*"aabcdef")] == [0, 0, 0, 0, 0, BEHIND, BEHIND]
    assert [behind(centre, one) for one in together_filed("a", "g")] == [BEHIND, BEHIND], "and for what comes later"


def test_one_account_however_often_it_is_reported_is_no_circulation(cast: Cast, centre: Centre) -> None:
    shared = item()
    assert not any(behind(centre, one) for one in arrive(centre, shared, *"aaaaaaaa"))
    assert not any(behind(centre, one) for one in arrive(centre, shared, *[""] * 8)), "nor what names nobody"


def test_a_flood_of_one_sender_puts_nobody_else_behind(cast: Cast, centre: Centre) -> None:
    shared, other, third = item(), *(cast.organisation(name, "provider", "IE") for name in ("Other", "Third"))
    assert behind(centre, arrive(centre, shared, *"abcdefgh")[-1]) == BEHIND
    assert [behind(centre, one) for one in arrive(centre, shared, "x", "y", sender=other)] == [0, 0]
    # Two senders, and one's own: many who have nothing to do with each other.
    assert behind(centre, arrive(centre, shared, "z", sender=third)[0]) == BEHIND


def test_a_report_with_something_that_is_new_stands_where_it_stood(cast: Cast, centre: Centre) -> None:
    shared = item()
    arrive(centre, shared, *"abcde")
    assert behind(centre, centre.file(report(items=[shared, item()]))) == 0
    assert behind(centre, centre.file(report(items=[shared]))) == BEHIND


def test_whoever_scores_anew_counts_the_others(cast: Cast, centre: Centre) -> None:
    shared = item()
    first, *others = arrive(centre, shared, *"abcd")

    def known(one: UUID) -> int:
        with acting(centre.machine):
            row = centre.row(one)
            return history.history_of(row, list(Item.objects.filter(sightings__report=row))).item_accounts

    assert [known(one) for one in (first, *others)] == [3] * 4, "a report does not count for itself"
    arrive(centre, shared, "e")
    with acting(centre.machine):
        assert rescore._rescore(centre.machine, centre.row(first))
    assert behind(centre, first) == BEHIND


def test_it_is_said_before_it_is_sent_as_it_would_stand(cast: Cast, centre: Centre) -> None:
    shared, other = item(), cast.organisation("Other", "provider", "IE")
    arrive(centre, shared, *"abcd")
    sent: Wire = report(items=[shared])
    key = join.key_of(sent, sent.items[0])
    with acting(centre.machine):
        assert history.circulating(cast.pixelpost.organisation_id, [key, b"none"]) == {key}
        assert not history.circulating(other.organisation_id, [key])


READ = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'reports_sighting'"


def test_the_count_reads_the_newest_alone_however_many_there_are(cast: Cast, centre: Centre) -> None:
    made = arrive(centre, item(), "a", "b")
    with contextlib.suppress(InterruptedError), acting(centre.machine):
        found = Item.objects.get(sightings__report__report_id=made[0])
        same = {"organisation_id": found.organisation_id, "item": found, "report": centre.row(made[1])}
        Sighting.objects.bulk_create(Sighting(**same) for _ in range(10_000))
        [[(before,)]] = run_statements([(READ, [])])
        [[(_item, accounts)]] = run_statements([arrivals(cast.pixelpost.organisation_id, [found])])
        [[(after,)]] = run_statements([(READ, [])])
        raise InterruptedError  # nobody else sees them
    assert (accounts, after - before) == (1, 10)
