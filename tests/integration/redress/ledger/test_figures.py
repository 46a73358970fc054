"""The ledger of a simulated year says what really happened, with exact intervals; and three errors open a review."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.cast import Cast
from tests.support.redress_world import Redress, recorded
from tests.support.redress_year import EXACT, NEAR, Year
from tutela import clock
from tutela.casework.disclosure.rules import LEAST_PERSONS
from tutela.events.errors import Forbidden, Invalid
from tutela.events.transaction import acting
from tutela.redress.complaints import decide, intake
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.errors import ReviewClosed
from tutela.redress.ledger import figures, publication, reviews
from tutela.redress.ledger.figures import Rate
from tutela.redress.models import ErrorEntry, SourceReview
from tutela.redress.reversals import accept


def test_the_ledger_equals_the_truth_of_a_year(cast: Cast) -> None:
    year = Year(Redress(cast))
    end = year.play()
    truth, world = year.truth, year.world
    with clock.simulate(end):
        found = figures.ledger(world.judge, year.start, end)
        centre = figures.ledger(world.centre.lead, year.start, end)
        lines = publication.lines()
    assert truth.errors.total() == 6
    rates = {(one.name, one.stage): one for one in found.rates if one.group == "technology"}
    for rule in (EXACT, NEAR):
        before, after = rates[rule, "before"], rates[rule, "after"]
        assert (before.errors, before.of) == (truth.rejected[rule], truth.matched[rule])
        assert (after.errors, after.of) == (truth.errors[rule], truth.confirmed[rule])
        for one in (before, after):
            low, high = one.interval
            assert one.share is not None
            assert low <= one.share <= high
    (register,) = [one for one in found.rates if (one.group, one.stage) == ("list", "after")]
    assert (register.errors, register.of) == (truth.errors.total(), truth.confirmed.total())
    assert (found.reversal_rate.errors, found.reversal_rate.of) == (truth.reversed, truth.decided)
    assert (found.late, found.costs.accounts_closed) == (truth.late, truth.accounts)
    assert found.costs.hours_down == pytest.approx(truth.hours)
    mine = {one.name: one for one in centre.rates}[world.provider.organisation_name]
    assert (mine.errors, mine.of) == (truth.errors.total(), truth.reports)
    costs = {kind: count for kind, count in centre.costs.consequences.items() if count}
    assert {one: costs.get(one, 0) for one in truth.consequences} == dict(truth.consequences)
    # A provider never learns what an error cost at an authority.
    assert not found.costs.consequences
    _public(world, [one for one in lines if one.name == world.provider.organisation_name])
    _review(world, truth.reviews)


def _public(world: Redress, lines: list[publication.PublicLine]) -> None:
    """The year is that of a small provider: everybody learns that there were complaints, and no small number."""
    assert lines
    assert len({one.quarter for one in lines}) == len(lines)
    for one in lines:
        parts = (one.rate.errors, one.rate.of - one.rate.errors) if one.rate else ()
        known = [*parts, *(count for count in (one.decided, one.late) if count is not None)]
        assert not [count for count in known if 0 < count < LEAST_PERSONS], one


@pytest.mark.parametrize(
    ("errors", "of", "late", "shown"),
    [
        (0, 0, 0, (0, 0, 0)),
        (6, 13, 0, (13, 6, 0)),
        (6, 13, 7, (13, 6, 7)),
        (1, 40, 0, (40, None, 0)),
        (38, 40, 0, (40, None, 0)),
        (10, 20, 18, (20, 10, None)),
        (2, 4, 0, (None, None, None)),
    ],
)
def test_a_small_part_of_the_decisions_is_not_published(
    errors: int, of: int, late: int, shown: tuple[int | None, ...]
) -> None:
    quarter = publication.ComplaintQuarter(2026, 2)
    line = publication.protected("One", "provider", quarter, Rate("", "complaints", "decided", errors, of), late)
    assert (line.decided, line.rate.errors if line.rate else None, line.late) == shown


def test_only_quarters_that_are_over_are_published() -> None:
    found = publication.quarters(datetime(2026, 1, 1, tzinfo=UTC))
    assert [str(one) for one in found] == ["2025-Q4", "2025-Q3", "2025-Q2", "2025-Q1"]
    assert found[0].after.begin == datetime(2026, 1, 1, tzinfo=UTC)


def _review(world: Redress, count: int) -> None:
    lead, source = world.centre.lead, world.hotlines[0].organisation_id
    with acting(lead):
        rows = list(SourceReview.objects.filter(source_id=source).order_by("turn"))
    assert [(one.turn, one.reversals) for one in rows] == [(turn + 1, 3) for turn in range(count)]
    with pytest.raises(Invalid):
        reviews.close(lead, rows[0].pk, "later", "x")
    with pytest.raises(Invalid):
        reviews.close(lead, rows[0].pk, "advice", " ")
    with pytest.raises(Forbidden):
        reviews.close(world.centre.analyst, rows[0].pk, "advice", "x")
    reviews.close(lead, rows[0].pk, "sampled", "Fifty entries were sampled.")
    with pytest.raises(ReviewClosed):
        reviews.close(lead, rows[0].pk, "advice", "x")


def test_without_a_decision_a_rate_has_no_share(cast: Cast) -> None:
    lead, now = cast.actor(cast.pixelpost, "lead"), clock.now()
    found = figures.ledger(lead, now - timedelta(days=30), now)
    assert found.reversal_rate.share is None
    assert (found.reversal_rate.percent, found.reversal_rate.percent_interval) == ("—", "—")
    with pytest.raises(Forbidden):
        figures.ledger(cast.actor(cast.pixelpost, "reviewer"), now - timedelta(days=30), now)


def test_several_complaints_about_one_measure_are_one_error(cast: Cast) -> None:
    """Two people complain of one report; each complaint is decided, and everybody corrects twice."""
    world = Redress(cast)
    begun = clock.now()
    report, _entry = world.flagged()
    for hours, kind in ((5, "removal"), (9, "account")):
        with clock.simulate(begun + timedelta(hours=hours)):
            # Who decided one complaint about a report decides no other.
            world.judge = cast.actor(world.provider, "lead")
            complaint = intake.enter(world.judge, f"Please look again at my {kind}.", "en")
            world.measured(complaint, report, measure=kind, measure_at=begun)
            root = world.reversed(complaint).root_id
            world.post()
            accept.accept(world.centre.lead, world.at(world.centre.machine, root).pk)
            world.post()
            world.answered(world.authority.investigator, root, "erased", consequences=("search",))
            for hotline in world.hotlines[: 2 if hours == 5 else 0]:
                world.answered(world.cast.actor(hotline, "analyst"), root)
            world.answered(world.judge, root)
            world.post()
    with clock.simulate(begun + timedelta(hours=10)):
        until = clock.now()
        found = figures.ledger(world.judge, begun, until)
        centre = figures.ledger(world.centre.lead, begun, until)
    (after,) = [one for one in found.rates if (one.group, one.stage) == ("technology", "after")]
    assert (after.errors, after.of) == (1, 1)
    assert (found.reversal_rate.errors, found.reversal_rate.of) == (2, 2)
    # The longest of the two, and the account that only the second complaint names.
    assert found.costs.hours_down == pytest.approx(9, abs=0.1)
    assert found.costs.accounts_closed == 1
    assert [one.errors for one in centre.rates if one.name == world.provider.organisation_name] == [1]
    assert centre.costs.consequences["search"] == 1
    with acting(world.judge):
        first, second = ErrorEntry.objects.order_by("created_at")
        assert (first.repeats, second.repeats) == (None, first)


def test_three_complaints_about_one_measure_open_no_review(cast: Cast) -> None:
    world = Redress(cast)
    report, _entry = world.flagged(referred=False)
    for _ in range(3):
        world.judge = cast.actor(world.provider, "lead")
        complaint = intake.enter(world.judge, "Please look again.", "en")
        world.measured(complaint, report)
        root = world.reversed(complaint).root_id
        world.post()
        accept.accept(world.centre.lead, world.at(world.centre.machine, root).pk)
    with acting(world.centre.lead):
        assert ErrorEntry.objects.filter(provider_id=world.provider.organisation_id, repeats=None).count() == 1
        assert not SourceReview.objects.filter(source_id=world.hotlines[0].organisation_id).exists()


def test_an_account_and_the_time_of_a_measure_name_it_without_a_report(cast: Cast) -> None:
    world = Redress(cast)
    at, later = clock.now() - timedelta(days=2), clock.now() - timedelta(days=1)
    deciders = (world.desk.reviewer.person_id,)
    for account, moment in (("acc-1", at), ("ACC-1 ", at), ("acc-1", later), ("acc-2", at)):
        made = intake.enter(world.judge, "Please look again.", "en")
        given = MeasureInput("user", "account", measure_at=moment, account=account, deciders=deciders)  # type: ignore[arg-type]
        recorded(world.judge, made, given)
        decide.decide(world.judge, made, Judgement("reverse", "wrong_account", "It was another account."))
    with acting(world.judge):
        assert ErrorEntry.objects.filter(repeats=None).count() == 3
        assert ErrorEntry.objects.exclude(repeats=None).count() == 1
