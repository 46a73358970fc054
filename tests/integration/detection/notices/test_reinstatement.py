"""A report came back: what its user is given back, said once, taken back by a row of its own."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from tests.support.cast import Cast
from tests.support.detection_world import World, receipt
from tutela import clock
from tutela.detection.dashboard import dashboard
from tutela.detection.drafts import drafts, send
from tutela.detection.errors import AlreadyTold, Held, NotCameBack, NothingGivenBack, SaidBefore
from tutela.detection.models import Draft, Reinstatement
from tutela.detection.notices import reinstatement, reinstatement_notice, schedule
from tutela.detection.outcomes import centre_feedback, provider_figures, report_list
from tutela.detection.outcomes.provider_figures import FigureFilter
from tutela.events.errors import Forbidden, Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.exchange.report.feedback import Feedback

WAITS = "/desk/drafts/?state=to_reinstate"


@pytest.fixture
def world(cast: Cast) -> World:
    cast.pixelpost = cast.organisation("Giving back", "provider", "IE")
    world = World(cast)
    world.join()
    return world


def tell(world: World, made: UUID, kind: str, **fields: Any) -> None:
    body = {
        "feedback_id": str(uuid7()),
        "report_id": str(made),
        "kind": kind,
        "at": clock.now().isoformat(),
        "centre": "EU Centre",
        **fields,
    }
    with acting(world.lead):
        centre_feedback.receive(
            world.lead, Feedback.from_bytes(json.dumps(body).encode()), world.cast.centre.organisation_id
        )


def came_back(world: World, code: str = "adults", **changes: Any) -> UUID:
    """A report that the Centre found unfounded."""
    made = world.draft()
    if changes:
        drafts.edit(world.lead, made, 1, changes)
    send.send(world.lead, made)
    world.deliver(made, receipt(world.cast.centre))
    tell(world, made, "not_relevant", reason_code=code)
    return made


def waiting(world: World) -> int:
    with acting(world.lead):
        return reinstatement.waiting_count()


def events(world: World, made: UUID) -> list[str]:
    with acting(world.lead):
        rows = Event.objects.filter(subject_id=str(made), kind__startswith="user.reinstate").order_by("id")
        return list(rows.values_list("kind", flat=True))


def shown(world: World, made: UUID) -> reinstatement.Return:
    found = report_list.load_report(world.lead, made).came_back
    assert found
    return found


def test_what_came_back_waits_until_somebody_says_what_was_given_back(world: World) -> None:
    done = {"removal": {"removed_or_disabled": True}, "user_decision": {"decided": True, "measures": ["Suspended"]}}
    made = came_back(world, **done)
    assert waiting(world) == 1
    back = shown(world, made)
    assert (back.removed, back.measures, back.standing) == (True, ["Suspended"], None)
    assert back.telling is not None
    assert (back.telling.state, back.telling.rule) == ("due", "unfounded")
    reinstatement.say(world.lead, made, "reinstated", "Account opened at 10:00")
    back = shown(world, made)
    assert back.standing is not None
    assert (back.standing.kind, back.standing.words) == ("reinstated", "Account opened at 10:00")
    assert waiting(world) == 0


def test_it_is_said_once(world: World) -> None:
    made = came_back(world)
    for _ in range(3):
        reinstatement.say(world.lead, made, "reinstated")
    assert events(world, made) == ["user.reinstated"]
    assert len(shown(world, made).said) == 1
    with pytest.raises(SaidBefore):
        reinstatement.say(world.lead, made, "nothing")


def test_a_word_that_was_wrong_is_taken_back_by_a_row(world: World) -> None:
    made = came_back(world)
    reinstatement.say(world.lead, made, "nothing")
    for _ in range(2):
        reinstatement.take_back(world.lead, made, "The account had been closed")
    assert waiting(world) == 1
    reinstatement.say(world.lead, made, "reinstated")
    assert [(one.kind, one.label) for one in shown(world, made).said] == [
        ("nothing", "No measure had been taken against the user"),
        ("undone", "Withdrawn"),
        ("reinstated", "The user is reinstated"),
    ]
    assert events(world, made) == ["user.reinstated", "user.reinstatement_undone", "user.reinstated"]
    assert waiting(world) == 0


def test_what_the_centre_decides_anew_waits_anew(world: World) -> None:
    made = came_back(world)
    reinstatement.say(world.lead, made, "reinstated")
    tell(world, made, "relevant")
    with acting(world.lead):
        assert Draft.objects.get(pk=made).given_back == ""
    assert waiting(world) == 0, "it is relevant: nothing is to be given back"
    with pytest.raises(NotCameBack):
        reinstatement.say(world.lead, made, "nothing")
    tell(world, made, "not_relevant", reason_code="centre_error")
    assert waiting(world) == 1


def test_who_may_not_and_what_cannot_be_said(world: World) -> None:
    made, never = came_back(world), world.draft()
    for kind, words, field in (("everything", "x", "kind"), ("stays", " ", "words")):
        with pytest.raises(Invalid) as refused:
            reinstatement.say(world.lead, made, kind, words)
        assert refused.value.field == field
    with pytest.raises(Invalid):
        reinstatement.take_back(world.lead, made, "")
    with pytest.raises(NotCameBack):
        reinstatement.say(world.lead, never, "reinstated")
    with pytest.raises(Forbidden):
        reinstatement.say(world.reviewer, made, "reinstated")
    other = world.cast.actor(world.cast.other_provider, "lead")
    with pytest.raises(NotFound):
        reinstatement.say(other, made, "reinstated")
    assert waiting(world) == 1
    assert report_list.load_report(world.lead, never).came_back is None


def test_a_hold_is_shown_and_forbids_nothing(world: World) -> None:
    made = came_back(world)
    tell(world, made, "hold", until=(clock.now() + timedelta(days=5)).isoformat())
    assert shown(world, made).held is not None
    text = world.cast.client(world.provider, "lead").get(f"/desk/drafts/{made}/").content.decode()
    assert "may guess why" in text
    reinstatement.say(world.lead, made, "stays", "Another report stands")
    assert waiting(world) == 0


def test_the_database_keeps_what_was_said(world: World) -> None:
    made = came_back(world)
    reinstatement.say(world.lead, made, "reinstated", "Words in private")
    with acting(world.lead):
        row = Reinstatement.objects.get(draft=made)
        assert "private" not in row.words
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE detection_reinstatement SET kind = 'nothing'")
        given = {"organisation_id": world.provider.organisation_id, "draft": row.draft, "by": "x", "by_name": "x"}
        for wrong in ({"kind": "undone"}, {"kind": "reinstated", "undoes": row}, {"kind": "everything"}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Reinstatement.objects.create(**given, **wrong)


def test_the_pages_say_it_and_name_what_is_wrong(world: World) -> None:
    made = came_back(world, user_decision={"decided": True, "measures": ["Account suspended"]})
    lead, reviewer = (world.cast.client(world.provider, role) for role in ("lead", "reviewer"))
    address = f"/desk/drafts/{made}/"
    text = lead.get(address).content.decode()
    for word in ("The Centre found this report unfounded or erroneous.", "Account suspended", "User notice and date"):
        assert word in text
    assert reviewer.post(f"{address}reinstated/", {"kind": "reinstated"}).status_code == 404
    wrong = lead.post(f"{address}reinstated/", {"kind": "stays", "words": ""})
    assert wrong.status_code == 422
    assert "Enter the separate reason why the measure stays." in wrong.content.decode()
    assert lead.post(f"{address}reinstated/", {}).status_code == 422
    assert str(made) in lead.get(WAITS).content.decode()
    assert lead.post(f"{address}reinstated/", {"kind": "reinstated", "words": "Opened"}).status_code == 302
    assert "No report matches this filter." in lead.get(WAITS).content.decode()
    assert lead.post(f"{address}reinstated/undo/", {"words": " "}).status_code == 422
    assert lead.post(f"{address}reinstated/undo/", {"words": "Add another account"}).status_code == 302
    rows = list(csv.DictReader(io.StringIO(lead.get(f"{WAITS}&format=csv").content.decode())))
    assert [(row["report_id"], row["to_reinstate"]) for row in rows] == [(str(made), "yes")]
    assert lead.get(address).content.decode().count("Add another account") == 1


def test_the_start_page_and_the_figures_count_it(world: World) -> None:
    first, _second = came_back(world), came_back(world)

    def todo() -> tuple[Any, ...]:
        found = dashboard.overview(world.lead)
        assert found
        return next(one for one in found["todos"] if str(one[0]) == "Users to reinstate")

    assert todo()[1:] == (2, WAITS, False)
    reinstatement.say(world.lead, first, "reinstated")
    assert todo()[1:] == (1, WAITS, False)
    total = provider_figures.became(world.lead, FigureFilter()).total
    assert (total.unfounded, total.reinstated, total.to_reinstate, total.reinstated_share) == (2, 1, 1, 0.5)
    text = world.cast.client(world.provider, "lead").get("/desk/drafts/outcomes/").content.decode()
    assert "1 pending" in text


def test_the_user_is_told_once_that_they_are_reinstated(world: World) -> None:
    done = {"removal": {"removed_or_disabled": True}, "user_decision": {"decided": True, "measures": ["Suspended"]}}
    made = came_back(world, **done)
    for kind in ("", "nothing"):
        if kind:
            reinstatement.say(world.lead, made, kind)
        with pytest.raises(NothingGivenBack):
            reinstatement_notice.load_message(world.lead, made)
        with pytest.raises(NothingGivenBack):
            reinstatement_notice.tell(world.lead, made, audience="adult", language="en")
    reinstatement.take_back(world.lead, made, "It had been suspended")
    reinstatement.say(world.lead, made, "reinstated")
    found = reinstatement_notice.load_message(world.lead, made, "adult", "de")
    assert "wieder zur Verfügung" in found.text
    assert found.told is None
    assert "available to you again" in schedule.load_notice(world.lead, made, "adult", "en").text
    reinstatement_notice.tell(world.lead, made, audience="adult", language="de", way="E-mail")
    found = reinstatement_notice.load_message(world.lead, made, "adult", "de")
    assert found.told is not None
    assert found.told.sha256 == hashlib.sha256(found.text.encode()).hexdigest()
    assert (found.told.language, found.told.way) == ("de", "E-mail")
    with pytest.raises(AlreadyTold):
        reinstatement_notice.tell(world.lead, made, audience="adult", language="de")
    assert events(world, made)[-1] == "user.reinstatement_notified"
    # Said wrongly and said again: it is to be told again.
    reinstatement.take_back(world.lead, made, "Add another account")
    reinstatement.say(world.lead, made, "reinstated")
    assert reinstatement_notice.load_message(world.lead, made).told is None


def test_during_a_hold_nobody_is_told_that_they_are_reinstated(world: World) -> None:
    made = came_back(world)
    reinstatement.say(world.lead, made, "reinstated")
    tell(world, made, "hold", until=(clock.now() + timedelta(days=30)).isoformat())
    with pytest.raises(Held):
        reinstatement_notice.load_message(world.lead, made)
    with pytest.raises(Held):
        reinstatement_notice.tell(world.lead, made, audience="adult", language="en")
    lead = world.cast.client(world.provider, "lead")
    assert "reinstated/message" not in lead.get(f"/desk/drafts/{made}/").content.decode()
    assert lead.get(f"/desk/drafts/{made}/reinstated/message.txt").status_code == 302


def test_the_page_of_the_message_records_what_was_sent(cast: Cast, world: World) -> None:
    made = came_back(world)
    reinstatement.say(world.lead, made, "reinstated")
    address, lead = f"/desk/drafts/{made}/reinstated/", cast.client(world.provider, "lead")
    assert f"{address}message/" in lead.get(f"/desk/drafts/{made}/").content.decode()
    assert cast.client(cast.other_provider, "lead").get(f"{address}message/").status_code == 404
    assert cast.client(cast.other_provider, "lead").get(f"{address}message.txt").status_code == 404
    assert "grown-up" in lead.get(f"{address}message/?audience=child").content.decode()
    text = lead.get(f"{address}message.txt?audience=teenager&language=fr")
    assert (text["Content-Language"], text["Content-Type"]) == ("fr", "text/plain; charset=utf-8")
    given = {"audience": "teenager", "language": "fr", "way": "in the app"}
    assert lead.post(f"{address}notified/", given).status_code == 302
    shown_now = lead.get(f"{address}message/").content.decode()
    assert hashlib.sha256(text.content).hexdigest() in shown_now
    assert "Record that this text was sent" not in shown_now
    reviewer = cast.client(world.provider, "reviewer")
    assert reviewer.post(f"{address}notified/", given).status_code == 404
    with pytest.raises(Invalid):
        reinstatement_notice.tell(world.lead, made, audience="somebody", language="fr")
