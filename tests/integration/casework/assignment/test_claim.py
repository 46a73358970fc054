"""Claims: one person at a time, ended by a decision, a release or time; assigned; passed without a reason."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.casework.assignment import claim, follow, next_case, notifications
from tutela.casework.assignment.errors import ClaimedByColleague, NotClaimed, UnknownColleague
from tutela.casework.models import Cause
from tutela.events.errors import Forbidden, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.reports.triage import assess

KIND = "report"


def test_a_case_has_one_claim_until_it_is_released(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    claim.claim(centre.analyst, KIND, made)
    claim.claim(centre.analyst, KIND, made)  # a double click
    with pytest.raises(ClaimedByColleague) as refused:
        claim.claim(centre.lead, KIND, made)
    assert centre.analyst.name in str(refused.value)
    with pytest.raises(NotClaimed):
        claim.release(centre.lead, KIND, made)
    claim.release(centre.analyst, KIND, made)
    claim.claim(centre.lead, KIND, made)
    with acting(centre.lead):
        said = [one.kind for one in timeline("report", made)]
        assert claim.claimed(KIND, by=centre.lead.reference).count(made) == 1
    assert said.count("case.claimed") == 3
    assert "case.released" in said


def test_a_claim_ends_after_a_set_time(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    claim.claim(centre.analyst, KIND, made)
    assert claim.of_colleague(centre.lead, KIND, made) is not None
    with clock.simulate(clock.now() + claim.CLAIM_TIME):
        assert claim.of_colleague(centre.lead, KIND, made) is None
        claim.claim(centre.lead, KIND, made)


def test_a_decision_ends_the_claim_of_anybody(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    claim.claim(centre.analyst, KIND, made)
    assess.assess(centre.lead, made, "forward", "", seen=0)
    with acting(centre.lead):
        assert claim.current(KIND, made) is None


def test_the_former_holder_is_told_once_of_a_colleagues_decision(cast: Cast) -> None:
    centre = Centre(cast)
    made, own = centre.file(report()), centre.file(report())
    claim.claim(centre.analyst, KIND, made)
    claim.claim(centre.lead, KIND, own)
    follow.follow(centre.analyst, KIND, made)  # a follower who holds the claim is one person
    assess.assess(centre.lead, made, "ask", "When?", seen=0)
    assess.assess(centre.lead, own, "ask", "When?", seen=0)
    told = notifications.own(centre.analyst)
    assert [(one.cause, one.by_name) for one in told] == [(Cause.DECIDED, centre.lead.name)]
    assert notifications.own(centre.lead) == [], "nobody is told of an own decision"
    follow.unfollow(centre.analyst, KIND, made)
    assess.assess(centre.lead, made, "forward", "", seen=1)
    assert len(notifications.own(centre.analyst)) == 1, "the claim ended with the first decision"


def test_a_claim_that_is_over_tells_nobody(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    claim.claim(centre.analyst, KIND, made)
    with clock.simulate(clock.now() + claim.CLAIM_TIME):
        assess.assess(centre.lead, made, "forward", "", seen=0)
        assert notifications.own(centre.analyst) == []


def test_an_assignment_goes_to_who_may_decide_and_tells_both(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    reader = cast.actor(cast.centre, "administrator")
    stranger = cast.actor(cast.pixelpost, "lead")
    claim.claim(centre.analyst, KIND, made)
    for nobody in (reader.reference, stranger.reference, "", "person:x", f"person:{uuid4()}"):
        with pytest.raises(UnknownColleague):
            claim.assign(centre.analyst, KIND, made, nobody)
    third = cast.actor(cast.centre, "analyst")
    claim.assign(third, KIND, made, centre.lead.reference)
    assert [(one.cause, one.unread) for one in notifications.own(centre.lead)] == [(Cause.ASSIGNED, True)]
    assert [one.cause for one in notifications.own(centre.analyst)] == [Cause.TAKEN]
    assert notifications.own(third) == []


def test_nobody_else_claims_a_case(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    for stranger in (cast.actor(cast.pixelpost, "lead"), cast.actor(cast.authority, "investigator")):
        with pytest.raises(NotFound):
            claim.claim(stranger, KIND, made)
    with pytest.raises(NotFound):
        claim.claim(centre.analyst, KIND, uuid4())
    with pytest.raises(NotFound):
        claim.claim(centre.analyst, "no-kind", made)
    # An auditor reads the register and changes nothing.
    auditor = cast.actor(cast.auditor, "auditor")
    with pytest.raises((Forbidden, NotFound)):
        claim.claim(auditor, "indicator", made)


def test_a_passed_case_is_not_offered_again_for_a_day(cast: Cast) -> None:
    centre = Centre(cast)
    claim.claim(centre.analyst, KIND, made := centre.file(report()))
    claim.pass_on(centre.analyst, KIND, made)
    claim.pass_on(centre.analyst, KIND, made)
    with acting(centre.analyst):
        assert claim.current(KIND, made) is None
        assert made in claim.not_offered(centre.analyst, KIND)
        assert made not in claim.not_offered(centre.lead, KIND)
    with clock.simulate(clock.now() + timedelta(days=1, minutes=1)), acting(centre.analyst):
        assert made not in claim.not_offered(centre.analyst, KIND)


def test_a_case_that_a_colleague_claimed_is_not_offered(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report(urgency={"urgent": True, "reason": "A child is in danger now."}))
    offered = next_case.offer(centre.lead, KIND).case
    assert offered is not None
    claim.claim(centre.analyst, KIND, made)
    with acting(centre.lead):
        assert made in claim.not_offered(centre.lead, KIND)
        assert made not in claim.not_offered(centre.analyst, KIND)
    again = next_case.offer(centre.lead, KIND).case
    assert again is None or again.subject_id != made
