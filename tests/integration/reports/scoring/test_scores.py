"""Scores: every danger counts and has its word, the order is as it must be, and what must not count does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.reporting import account, item, report
from tutela.app.website.labels import CODES
from tutela.exchange.report import scoring_rules as published
from tutela.exchange.report.age_and_gender import AgeGroup, Gender
from tutela.exchange.report.completeness import missing_fields
from tutela.exchange.report.dangers import WORDS
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Danger
from tutela.reports.jurisdiction.rule import resolve
from tutela.reports.scoring import lanes
from tutela.reports.scoring.scores import RULES, URGENT_FROM, VERSION, History, Scores, breakdown, score

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
AGO = datetime(2026, 11, 1, tzinfo=UTC)
NOTHING = History()
WIDE = History(item_relevant=900)


def scored(one: Report, history: History = NOTHING) -> Scores:
    return score(one, history, NOW)


def bare(**urgency: Any) -> Report:
    """Complete, not urgent, long ago."""
    given: dict[str, Any] = {"urgent": False, **urgency}
    places = [{"ip": "192.0.2.7", "port": 4711, "at": AGO.isoformat()}]
    return report(urgency=given, items=[item(at=AGO)], locations=places)


def order(one: Scores) -> tuple[bool, int, int]:
    """As the queue has it."""
    return one.urgent, one.urgency.value or 0, one.relevance_order


def test_each_danger_has_points_a_word_and_a_code() -> None:
    assert set(RULES["urgency"]["dangers"]) == {one.value for one in Danger}
    assert set(WORDS) == set(Danger)
    assert all(str(CODES[one.value]) for one in Danger)
    assert all(points > 0 for points in RULES["urgency"]["dangers"].values())


@pytest.mark.parametrize("danger", list(Danger))
def test_a_danger_adds_what_the_rules_say_and_says_so(danger: Danger) -> None:
    found = scored(bare(dangers=[danger]))
    points = RULES["urgency"]["dangers"][danger.value]
    assert found.urgency.value == min(100, RULES["urgency"]["base"] + points)
    assert (points, WORDS[danger]) in [(one.points, one.text) for one in found.urgency.reasons]


@pytest.mark.parametrize("danger", [Danger.IMMINENT, Danger.SELF_HARM, Danger.LIVE])
def test_what_cannot_wait_is_urgent_by_itself(danger: Danger) -> None:
    assert scored(bare(dangers=[danger])).urgent


@given(st.sets(st.sampled_from(Danger), min_size=1))
def test_a_sender_reads_of_the_dangers_what_the_centre_does(some: set[Danger]) -> None:
    one = bare(dangers=sorted(some))
    assert published.urgent(one.urgency) is scored(one).urgent


@given(st.sets(st.sampled_from(Danger)), st.sampled_from(Danger))
def test_a_danger_more_never_lowers_the_urgency(some: set[Danger], more: Danger) -> None:
    few = scored(bare(dangers=sorted(some)) if some else bare())
    many = scored(bare(dangers=sorted({*some, more})))
    assert (many.urgency.value or 0) >= (few.urgency.value or 0)


def test_an_incomplete_report_of_a_child_in_danger_stands_before_a_complete_one_of_what_circulates() -> None:
    empty = {"items": [], "locations": [], "users": [], "geography": [], "confirmation": None}
    danger = scored(report(**empty, kinds=["known"], urgency={"urgent": False, "dangers": ["imminent"]}))
    wide = scored(bare(), WIDE)
    assert (danger.completeness.value or 0) < 50 < (wide.completeness.value or 0)
    assert order(danger) > order(wide)


def test_what_circulates_stands_behind_what_is_as_likely_and_says_so() -> None:
    few, wide = scored(bare(), History(item_relevant=1)), scored(bare(), WIDE)
    assert wide.relevance.value == few.relevance.value, "it is as likely a crime"
    assert order(wide) < order(few)
    assert any("widely circulated" in one.text for one in wide.relevance.reasons)
    # Also behind what nobody knows anything of.
    assert order(wide) < order(scored(report(confirmation=None, items=[item(at=AGO)], locations=[])))


def test_what_came_with_many_accounts_stands_behind_before_anybody_has_decided() -> None:
    few, wide = (scored(bare(), History(item_accounts=n)) for n in (19, 20))
    assert wide.relevance.value == few.relevance.value == scored(bare()).relevance.value, "it is as likely a crime"
    assert few.relevance_order - wide.relevance_order == RULES["relevance"]["circulates_behind"]
    (said,) = [one for one in wide.relevance.reasons if "widely circulated" in one.text]
    assert (said.points, said.values) == (0, {"times": 20})
    assert wide.urgency == few.urgency
    decided = [one for one in scored(bare(), WIDE).relevance.reasons if "widely circulated" in one.text]
    assert [one.values for one in decided] == [{}], "said once"


@pytest.mark.parametrize("word", ["circulates", "meme"])
def test_what_its_provider_says_to_circulate_stands_a_little_behind_and_says_so(word: str) -> None:
    said = [{**item(at=AGO), "spread": [word]}]

    def with_items(items: list[Any], history: History = NOTHING, **urgency: Any) -> Scores:
        return scored(bare(**urgency).model_copy(update={"items": report(items=items).items}), history)

    plain, spread = with_items([item(at=AGO)]), with_items(said)
    assert (plain.relevance.value, plain.urgency) == (spread.relevance.value, spread.urgency)
    assert plain.relevance_order - spread.relevance_order == RULES["relevance"]["said_behind"] < 10
    assert any("the provider states that the item circulates" in one.text for one in spread.relevance.reasons)
    assert order(with_items(said, dangers=["contact"])) > order(plain), "it orders what is as urgent"
    assert with_items([*said, item(at=AGO)]).relevance_order == plain.relevance_order, "one of which it does not say so"
    assert with_items(said, WIDE).relevance_order == with_items([item(at=AGO)], WIDE).relevance_order, "counts once"


def test_no_circulation_outweighs_urgency() -> None:
    assert order(scored(bare(dangers=["live"]), WIDE)) > order(scored(bare()))
    assert order(scored(bare(urgent=True, reason="r"), WIDE)) > order(scored(bare(dangers=["access"])))


PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        "residence": st.sampled_from(["DE", "RO", "MA", "PH"]),
        "account_country": st.sampled_from(["DE", "RO", "MA", "PH"]),
        "language": st.sampled_from(["de", "ro", "ar", "tl"]),
        "age_group": st.sampled_from(sorted(AgeGroup)),
        "gender": st.sampled_from(sorted(Gender)),
        "other": st.sampled_from(["female", "male", "aged 15", "aged 17", "a teenager", "aged 9"]),
    },
)


@given(PEOPLE, PEOPLE, st.sampled_from(["de", "ro", "ar", "tl"]), st.sampled_from(sorted(Danger)))
def test_language_nationality_gender_and_age_change_no_score(
    user: dict[str, Any], child: dict[str, Any], language: str, danger: Danger
) -> None:
    urgency = {"urgent": False, "dangers": [danger]}
    plain: dict[str, Any] = {**account("a"), "residence": "FR", "account_country": "FR", "language": "fr", "other": "x"}
    same = {"items": [item("0" * 64, at=AGO)], "locations": [], "urgency": urgency}
    one = scored(report(users=[plain], victims=[plain], language="fr", **same))
    # What is said less of somebody costs completeness; what is said otherwise costs nothing.
    other = scored(report(users=[{**plain, **user}], victims=[{**plain, **child}], language=language, **same))
    assert order(one) == order(other)
    assert one.completeness.value == other.completeness.value


@given(st.sampled_from(sorted(AgeGroup)), st.sampled_from(sorted(Gender)), st.sampled_from(["users", "victims"]))
def test_to_state_an_age_group_or_a_gender_changes_nothing(age: AgeGroup, gender: Gender, whose: str) -> None:
    plain = {**account("a"), "other": "x"}
    same = {"items": [item("0" * 64, at=AGO)], "locations": [], "users": [plain], "victims": [plain]}
    before = report(**same)
    after = report(**{**same, whose: [{**plain, "age_group": age, "gender": gender}]})
    assert scored(before) == scored(after), "with every reason"
    assert missing_fields(before) == missing_fields(after)
    assert lanes.empty(before) == lanes.empty(after)
    assert resolve(before) == resolve(after)


@pytest.mark.parametrize(
    ("hours", "recent"), [(-25, False), (-23, True), (0, True), (0.9, True), (1.1, False), (24 * 365, False)]
)
def test_what_has_not_come_was_not_seen_lately(hours: float, recent: bool) -> None:
    at = NOW + timedelta(hours=hours)
    found = scored(report(items=[item(at=at)], locations=[{"ip": "192.0.2.7", "at": at.isoformat()}]))
    assert any("24 hours" in one.text for one in found.urgency.reasons) is recent
    # A wrong moment beside a right one hides nothing.
    both = scored(report(items=[item(at=at)], locations=[{"ip": "192.0.2.7", "at": NOW.isoformat()}]))
    assert any("24 hours" in one.text for one in both.urgency.reasons)


def test_a_row_keeps_the_version_of_the_rules() -> None:
    assert scored(bare()).stored()["rules"] == VERSION
    assert RULES["urgency"]["urgent_from"] == URGENT_FROM


@pytest.mark.parametrize(("times", "points"), [(0, 0), (1, 15), (2, 20), (4, 30), (900, 30)])
def test_the_same_account_in_earlier_relevant_reports_adds_up_to_a_bound_and_says_so(times: int, points: int) -> None:
    found = scored(bare(), History(account_relevant=times))
    said = [one for one in found.urgency.reasons if "the same account" in one.text]
    assert (found.urgency.value or 0) == RULES["urgency"]["base"] + points
    assert [(one.points, one.values) for one in said] == ([(points, {"times": times})] if times else [])
    assert not found.urgent, "by itself it is no hurry"


def test_what_provider_and_centre_both_know_of_an_account_counts_once() -> None:
    theirs, ours = bare(dangers=["repeat_uploader"]), History(account_relevant=1)
    assert scored(theirs, ours).urgency.value == scored(theirs).urgency.value
    many = History(account_relevant=4)
    assert scored(theirs, many).urgency.value == scored(bare(), many).urgency.value
    assert any("in addition to the provider's statement" in one.text for one in scored(theirs, many).urgency.reasons)


def test_an_account_changes_neither_relevance_nor_completeness() -> None:
    before, after = scored(bare()), scored(bare(), History(account_relevant=9))
    assert before.relevance == after.relevance
    assert before.completeness == after.completeness


@given(
    dangers=st.sets(st.sampled_from(list(Danger))),
    urgent=st.booleans(),
    history=st.builds(
        History,
        item_relevant=st.integers(0, 30),
        item_not=st.integers(0, 30),
        provider_relevant=st.integers(0, 30),
        account_relevant=st.integers(0, 9),
    ),
    raised=st.integers(0, 100),
)
def test_points_that_are_shown_add_up_to_the_score(
    dangers: set[Danger], urgent: bool, history: History, raised: int
) -> None:
    found = scored(bare(dangers=sorted(dangers) or None, urgent=urgent, reason="token" if urgent else None), history)
    stored = found.stored()
    for name in ("urgency", "relevance", "completeness"):
        value = getattr(found, name).value
        if value is not None:
            assert sum(line[0] for line in breakdown(name, value, stored[name])) == value
            later = max(value, raised)
            assert sum(line[0] for line in breakdown(name, later, [*stored[name], [0, "score.words", {}]])) == later


def test_danger_in_words_has_the_points_of_the_danger_and_shows_its_words() -> None:
    by_code, by_words = bare(dangers=["self_harm"]), bare(reason="The pupil threatens suicide")
    said = next(one for one in scored(by_words).urgency.reasons if "suicide" in str(one.values))
    assert said.points == RULES["urgency"]["dangers"]["self_harm"]
    assert (said.code, said.values) == ("score.read_self_harm", {"words": "suicide"})
    assert scored(by_words).urgency.value == scored(by_code).urgency.value
    both = scored(bare(dangers=["self_harm"], reason="The pupil threatens suicide"))
    assert both.urgency == scored(by_code).urgency, "a danger counts once"
