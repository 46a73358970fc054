"""Complaints without an account: hourly traces, one answer for all, and whose page they are on."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.support.anonymous import Visitor
from tests.support.cast import Cast
from tutela.casework.models import Conversation
from tutela.events.errors import Invalid
from tutela.events.models import Event
from tutela.events.transaction import acting
from tutela.redress.complaints import intake, work_queue
from tutela.redress.models import Complaint, ComplaintStep


def test_the_page_names_receivers_and_asks_about_danger_first(cast: Cast, client: Client) -> None:
    provider, authority = cast.pixelpost, cast.organisation("Regulator", "coordinating_authority", "IE")
    page = client.get("/en/complaint/").content.decode()
    assert page.index("112") < page.index(provider.organisation_name)
    assert f"/en/{intake.code_of(authority.organisation_id)}/" in page
    for other in (cast.centre, cast.authority):
        assert intake.resolve(intake.code_of(other.organisation_id)) is None
    assert client.get("/xx/complaint/").status_code == 404
    assert client.get("/en/complaint-aaaaaaaa/").status_code == 404


def test_a_public_complaint_leaves_no_time_but_the_hour(cast: Cast) -> None:
    provider = cast.pixelpost
    visitor = Visitor(kind=intake.code_of(provider.organisation_id))
    page = visitor.post("", visitor.form(visitor.get(), text="Please look again.")).content.decode()
    number = re.search(r"M-\w{4}-\w{4}-\w", page)
    assert number
    with acting(provider):
        conversation = Conversation.objects.get(number=number[0])
        row = Complaint.objects.get(conversation_id=conversation.pk)
        step = ComplaintStep.objects.get(complaint=row)
        events = list(Event.objects.filter(subject_id=str(row.pk)))
    for moment in (row.created_at, row.received_at, step.created_at, *(one.at for one in events)):
        assert (moment.minute, moment.second, moment.microsecond) == (0, 0, 0)
    for one in (row.pk, step.pk, *(each.pk for each in events)):
        assert (one.int >> 80) % 3_600_000 == 0
    assert b"Please" not in bytes(row.sealed)


@pytest.mark.parametrize("text", ["", "   ", "x" * 10_001])
def test_an_empty_or_long_complaint_is_asked_for_again_and_stores_nothing(cast: Cast, text: str) -> None:
    visitor = Visitor(kind=intake.code_of(cast.pixelpost.organisation_id))
    assert visitor.post("", visitor.form(visitor.get(), text=text)).status_code == 422
    with acting(cast.pixelpost):
        assert not Complaint.objects.exists()


def test_the_same_form_twice_is_one_complaint(cast: Cast) -> None:
    visitor = Visitor(kind=intake.code_of(cast.pixelpost.organisation_id))
    form = visitor.form(visitor.get(), text="Please look again.")
    for _ in range(2):
        assert visitor.post("", form).status_code == 200
    with acting(cast.pixelpost):
        assert Complaint.objects.count() == 1


def test_a_complaint_by_letter_is_entered(cast: Cast) -> None:
    lead = cast.actor(cast.pixelpost, "lead")
    for text in ("", "x" * 4001):
        with pytest.raises(Invalid):
            intake.enter(lead, text, "en")
    made = intake.enter(lead, "Please look again.", "de")
    rows, more = work_queue.list_complaints(lead, work_queue.ComplaintFilter())
    assert ([one.pk for one in rows], more) == ([made], False)
