"""Alerts are about any kind of subject: a desk registers it, and has the schedule, the bell and those on call."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core import mail

from tests.support.alerts_world import Heard, quiet_centre, urgent
from tests.support.cast import Cast
from tests.support.reports_world import Centre
from tutela import clock
from tutela.casework.alerts import answers, bell, escalation, messages, on_call, subjects
from tutela.casework.alerts.schedule import AlertHistory, AlertState, histories
from tutela.casework.alerts.subjects import AlertTexts, SubjectKind
from tutela.casework.models import Alert, AlertDelivery, Channel
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS
from tutela.reports.alerts.subject_kinds import KINDS as OF_REPORTS

NOTICE = "test_notice"
TEXTS = AlertTexts("Notices that call: %(count)s", "%(number)s: to be answered by %(due)s (%(why)s)")


class Notices:
    """A desk's notices that call, each until it is gone."""

    def __init__(self, centre: Centre) -> None:
        self.centre = centre
        self.open: dict[UUID, Any] = {}

    @property
    def lead(self) -> Actor:
        return self.centre.lead

    def add(self) -> UUID:
        made = uuid4()
        self.open[made] = clock.now()
        with acting(self.lead):
            escalation.raise_first(self.lead, NOTICE, made)
        return made

    def pending(self) -> list[AlertState]:
        found = histories(NOTICE, self.open)
        return [self._state(one, found.get(one, AlertHistory())) for one in self.open]

    def _state(self, one: UUID, history: AlertHistory) -> AlertState:
        due = KINDS["urgent_referral"].length.after(history.first or clock.now())
        return AlertState(NOTICE, one, history, due, self.open[one], number=f"N-{str(one)[:8]}")

    def kind(self) -> SubjectKind:
        return SubjectKind(
            name=NOTICE,
            event_subject="notice",
            read="reports.read",
            answer="reports.handling",
            clock="urgent_referral",
            desk="centre",
            page="/desk/notices/",
            texts=TEXTS,
            pending=self.pending,
            lock=self.open.__contains__,
        )


@pytest.fixture
def notices(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Notices:
    monkeypatch.setattr(subjects, "_KINDS", dict(subjects._KINDS))
    made = Notices(quiet_centre(cast))
    subjects.register(made.kind())
    return made


def reasons(notices: Notices, one: UUID) -> list[str]:
    with acting(notices.lead):
        return [str((event.facts or {}).get("reason") or event.kind) for event in timeline("notice", one)]


def test_another_kind_of_subject_calls_is_answered_and_calls_again_when_its_time_is_over(notices: Notices) -> None:
    now, lead = clock.now(), notices.lead
    made, other = notices.add(), uuid4()
    with acting(lead):
        assert [one.state for _spec, one in clocks.of_subject("notice", made)] == ["running"]
        assert bell.of_subjects(NOTICE, [made, other]).unanswered == 1
    with pytest.raises(Forbidden):
        answers.answer(notices.centre.analyst, NOTICE, made)
    with pytest.raises(NotFound):
        answers.answer(lead, NOTICE, other)
    with clock.simulate(now + timedelta(minutes=16)):
        assert escalation.raise_again(lead, [NOTICE]) == 1
        answers.answer(lead, NOTICE, made)
        with acting(lead):
            assert [one.taken_by for one in notices.pending()] == [lead.name]
        assert escalation.raise_again(lead, [NOTICE]) == 0
    with clock.simulate(now + timedelta(hours=2, minutes=5)):
        assert escalation.raise_again(lead, [NOTICE]) == 1
    assert sorted(reasons(notices, made)) == sorted(["clock.start", "new", "unanswered", "alert.answered", "late"])
    del notices.open[made]
    with pytest.raises(NotFound):
        answers.answer(lead, NOTICE, made)


def test_each_desk_tells_who_is_on_call_of_its_own_subjects(notices: Notices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALERT_WEBHOOK", "https://pager.example/")
    made, report = notices.add(), urgent(notices.centre)
    mine, others = Heard(), Heard()
    assert on_call.tell(notices.lead, [NOTICE], {Channel.WEBHOOK: mine}) == 1
    assert mine.numbers == [[f"N-{str(made)[:8]}"]]
    assert [one.waiting for one in on_call.states(notices.lead, [NOTICE])] == [0]
    with acting(notices.lead):
        assert not AlertDelivery.objects.filter(alert__subject_id=report).exists(), "another desk's is left to it"
    assert on_call.tell(notices.centre.machine, OF_REPORTS, {Channel.WEBHOOK: others}) == 1
    assert others.numbers == [[notices.centre.row(report).number]]
    body = messages.webhook_body(mine.calls[0])
    assert body["alerts"][0][NOTICE] == f"N-{str(made)[:8]}"
    assert body["page"].endswith("/desk/notices/")


def test_a_message_has_the_words_of_its_subjects(notices: Notices, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALERT_EMAILS", ("duty@centre.example",))
    monkeypatch.setattr(settings, "MAILERS", {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}})
    monkeypatch.setattr(mail, "outbox", [], raising=False)
    made = notices.add()
    assert on_call.tell(notices.lead, [NOTICE]) == 1
    (sent,) = mail.outbox
    assert sent.subject == "Notices that call: 1"
    assert sent.body.startswith(f"N-{str(made)[:8]}: to be answered by ")
    assert "(new urgent report)" in sent.body


def test_what_is_muted_is_told_by_another_and_still_calls_on_the_page(
    notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "ALERT_WEBHOOK", "https://pager.example/")
    made, heard = notices.add(), Heard()
    quiet = replace(notices.kind(), muted=lambda: Alert.objects.filter(subject_id=made).values("subject_id"))
    monkeypatch.setitem(subjects._KINDS, NOTICE, quiet)
    assert on_call.tell(notices.lead, [NOTICE], {Channel.WEBHOOK: heard}) == 0
    with acting(notices.lead):
        assert bell.of_subjects(NOTICE, [made]).unanswered == 1


def test_a_kind_is_registered_once_and_names_a_clock_of_the_law(notices: Notices) -> None:
    with pytest.raises(ValueError, match="registered twice"):
        subjects.register(replace(notices.kind(), page="/elsewhere/"))
    with pytest.raises(ValueError, match="unknown deadline kind"):
        subjects.register(replace(notices.kind(), name="test_other", clock="lunch"))
    with pytest.raises(KeyError):
        subjects.subject_kind("test_other")
