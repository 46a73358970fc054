"""What agrees by a part alone is marked by what the match says of itself, and a person opens it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.integration.detection.review.test_register_feedback import _scheme, desk, provider, words
from tests.integration.indicators.register.test_register import _active
from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, World, body
from tests.support.post import deliver
from tests.support.reporting import item, report
from tests.support.reports_world import Centre
from tutela.detection.errors import MustBeOpened
from tutela.detection.outcomes import report_list
from tutela.detection.review import review
from tutela.reports.triage import known_material

__all__ = ["_scheme"]

MARK = "only a part matches"


def parts(rule: str = "near-video", by_window: bool | None = True, **fields: Any) -> dict[str, Any]:
    """A candidate by one match that says that it is one by a part, that it is not, or nothing."""
    made = body(rule, **fields)
    if by_window is not None:
        made["matches"][0]["by_window"] = by_window
    return made


@pytest.mark.parametrize(
    ("message", "marked"),
    [
        (parts("near-video"), True),
        (parts("near-segment"), True),
        (parts("near-window", None), True),
        (parts("near-video", False), False),
        (parts("near-video", None), False),
    ],
    ids=["video", "segment", "older sender", "whole video", "older sender's video"],
)
def test_the_desk_marks_what_agrees_by_a_part_alone(cast: Cast, message: dict[str, Any], marked: bool) -> None:
    world = World(cast)
    made = world.candidate(message)
    browser = cast.client(cast.pixelpost, "reviewer")
    for page in (f"/desk/candidates/{made}/", "/desk/candidates/"):
        assert (MARK in browser.get(page).content.decode()) == marked
    head, line = browser.get("/desk/candidates/", {"format": "csv"}).content.decode().splitlines()[:2]
    column = head.split(",").index("part")
    assert line.split(",")[column] == ("yes" if marked else "no")


@pytest.mark.parametrize("said", [True, False, None])
def test_the_desk_says_of_a_stretched_picture_why_a_person_must_look(cast: Cast, said: bool | None) -> None:
    world = World(cast)
    made = world.candidate(parts("near-stretched", said))
    browser = cast.client(cast.pixelpost, "reviewer")
    for page in (f"/desk/candidates/{made}/", "/desk/candidates/"):
        text = browser.get(page).content.decode()
        assert "matches once its contrast is stretched" in text
        assert MARK not in text
    with pytest.raises(MustBeOpened):
        review.decide(world.reviewer, made, CONFIRM)


@pytest.mark.parametrize("rule", ["near-video", "near-window", "exact-sha256"])
def test_nothing_is_decided_by_a_part_unopened(cast: Cast, rule: str) -> None:
    world = World(cast, review_rule="two_unless_exact")
    made = world.candidate(parts(rule))
    with pytest.raises(MustBeOpened):
        review.decide(world.reviewer, made, CONFIRM)
    assert world.opened(world.reviewer, made).state == "waiting", "two people look"


def test_an_exact_copy_says_nothing_unseen_of_what_a_part_agrees_with(cast: Cast) -> None:
    whole, part, world = _active(cast), _active(cast), desk(cast, provider(cast))

    def both() -> dict[str, Any]:
        made = body(entry=whole)
        return made | {"matches": [*made["matches"], *parts(entry=part)["matches"]]}

    review.decide(world.reviewer, world.candidate(both()), CONFIRM)
    deliver(world.provider)
    assert (len(words(cast, whole)), len(words(cast, part))) == (1, 0)
    world.opened(world.reviewer, world.candidate(both()))
    deliver(world.provider)
    assert len(words(cast, part)) == 1, "somebody saw it"


@pytest.mark.parametrize("by_window", [True, False])
def test_a_report_says_it_where_it_is_so(cast: Cast, by_window: bool) -> None:
    world = World(cast)
    made = world.opened(world.reviewer, world.candidate(parts("near-video", by_window)))
    assert made.report_id
    filed = report_list.load_report(world.lead, made.report_id).report
    assert filed
    (match,) = filed.items[0].matches
    assert match.by_window is (True if by_window else None), "an older Centre reads what says nothing new"
    assert (MARK in (filed.awareness.details or "")) == by_window


def test_the_centre_marks_it_and_somebody_looks(cast: Cast) -> None:
    centre, entry = Centre(cast), _active(cast)
    said = item(None, entry)
    said["matches"][0] |= {"rule": "near-video", "corroborated": False, "by_window": True, "entry_id": str(entry)}
    whole = item(None, uuid4())
    whole["matches"][0] |= {"rule": "near-video", "corroborated": False}
    made, other = centre.file(report(items=[said])), centre.file(report(items=[whole]))
    known_material.forward(centre.analyst)
    assert (centre.row(made).certified, centre.row(made).state) == (False, "open")
    browser = cast.client(cast.centre, "analyst")
    assert MARK in browser.get(f"/desk/reports/{made}/").content.decode()
    assert MARK not in browser.get(f"/desk/reports/{other}/").content.decode()
