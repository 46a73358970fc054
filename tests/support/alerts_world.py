"""A Centre where nothing calls, and somebody outside who is told of what does."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela.casework.alerts import on_call
from tutela.casework.alerts.messages import DueAlert
from tutela.casework.models import Channel
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import NoAnswerError
from tutela.reports.alerts.pending_reports import PENDING_STATES
from tutela.reports.alerts.subject_kinds import KINDS
from tutela.reports.models import Report, State

BELL = "/desk/alerts/bell/"
URGENT = {"urgency": {"urgent": True, "reason": "A child's name stands here"}}


def quiet_centre(cast: Cast) -> Centre:
    """A Centre where nothing calls: what other tests left behind is answered."""
    made = Centre(cast)
    with acting(made.machine):
        Report.objects.filter(urgent=True, state__in=PENDING_STATES).update(state=State.REFERRED)
        Report.objects.filter(undelivered__gt=0).update(undelivered=0)
    return made


def urgent(centre: Centre) -> UUID:
    return centre.file(report(**URGENT))


class Heard:
    """What somebody outside was told, by one channel, which may fail."""

    def __init__(self) -> None:
        self.calls: list[list[DueAlert]] = []
        self.fails = False

    def __call__(self, calls: Sequence[DueAlert]) -> None:
        if self.fails:
            raise NoAnswerError("ConnectError.")
        self.calls.append(list(calls))

    @property
    def numbers(self) -> list[list[str]]:
        return [[one.state.number for one in calls] for calls in self.calls]


def tell(centre: Centre, heard: Heard) -> int:
    return on_call.tell(centre.machine, KINDS, {Channel.WEBHOOK: heard})
