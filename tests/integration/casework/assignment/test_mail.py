"""E-mails about notifications: a link and a number, when the person wants them, to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.mail import EmailMessage

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.casework import jobs
from tutela.casework.assignment import mail as notification_mail
from tutela.casework.assignment import notes, notifications
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.organisations.models import Person, PersonStatus
from tutela.organisations.people import directory


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EmailMessage]]:
    found: list[EmailMessage] = []
    with patch.object(EmailMessage, "send", lambda self: found.append(self)):
        yield found


def _organisation(centre: Centre) -> Actor:
    return directory.acting_for(centre.entry, "system:casework", "Casework", jobs.READS)


def _mentioned(centre: Centre, to: Actor, name: str) -> None:
    Person.objects.filter(pk=to.person_id).update(name=name)
    notes.add(centre.analyst, "report", centre.file(report()), "fact", f"@{name} secret words")


def test_the_mail_is_a_link_and_no_case(cast: Cast, sent: list[EmailMessage]) -> None:
    centre = Centre(cast)
    notifications.choose_mail(centre.lead, "at_once")
    _mentioned(centre, centre.lead, f"Lea {centre.lead.reference[-6:]}")
    notification_mail.send_due(_organisation(centre))
    mine = [one for one in sent if one.to == [Person.objects.get(pk=centre.lead.person_id).email]]
    (only,) = mine
    assert only.body == "You have 1 new notification in Tutela.\n\nhttp://127.0.0.1:8000/desk/notifications/"
    sent.clear()
    notification_mail.send_due(_organisation(centre))
    assert not [one for one in sent if one.to == only.to]


def test_nobody_gets_mail_who_did_not_choose_it_or_has_read_or_left(cast: Cast, sent: list[EmailMessage]) -> None:
    centre = Centre(cast)
    silent, reader, gone = (cast.actor(cast.centre, "analyst") for _ in range(3))
    for actor in (reader, gone):
        notifications.choose_mail(actor, "at_once")
    for actor in (silent, reader, gone):
        _mentioned(centre, actor, f"N {actor.reference[-12:]}")
    notifications.mark_read(reader)
    PersonStatus.objects.create(person_id=gone.person_id, status="deactivated", reason="left", by="test")
    notification_mail.send_due(_organisation(centre))
    people = Person.objects.filter(pk__in=[one.person_id for one in (silent, reader, gone)])
    addresses = set(people.values_list("email", flat=True))
    assert not [one for one in sent if set(one.to) & addresses]


def test_one_mail_a_day_where_a_person_wants_one(cast: Cast, sent: list[EmailMessage]) -> None:
    centre = Centre(cast)
    notifications.choose_mail(centre.lead, "daily")
    address = Person.objects.get(pk=centre.lead.person_id).email
    name = f"Day {centre.lead.reference[-12:]}"
    for hours, count in ((0, 1), (2, 1), (25, 2)):
        with clock.simulate(clock.now() + timedelta(hours=hours)):
            _mentioned(centre, centre.lead, name)
            notification_mail.send_due(_organisation(centre))
        assert len([one for one in sent if one.to == [address]]) == count


def test_a_failed_mail_is_sent_by_the_next_run(cast: Cast, sent: list[EmailMessage]) -> None:
    centre = Centre(cast)
    notifications.choose_mail(centre.lead, "at_once")
    _mentioned(centre, centre.lead, f"Fail {centre.lead.reference[-12:]}")
    with patch.object(EmailMessage, "send", side_effect=OSError("no route")):
        assert notification_mail.send_due(_organisation(centre)) == 0
    assert notification_mail.send_due(_organisation(centre)) >= 1


def test_only_a_known_choice_is_kept(cast: Cast) -> None:
    centre = Centre(cast)
    with pytest.raises(Invalid):
        notifications.choose_mail(centre.lead, "hourly")
    assert notifications.mail_choice(centre.lead) == "none"
