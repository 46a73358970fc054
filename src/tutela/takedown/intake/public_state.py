"""State of a public report, for whoever comes back with its case number and passphrase.

One state is about the whole report. It must not help an offender who reports an own address:

1. Nothing shows whether an address was known before: only what was done after the report changes its state.
2. No address has a state of its own, and no state has a time.
3. An ending other than a removal is shown from 30 days after the report on, whenever and however the case ended. So no
   ending shows when the police, a partner or a host was told, or whether one was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.anonymous.ticket import Issuer
from tutela.takedown.models import Availability, CaseReport, Stage

HIDDEN_FOR = timedelta(days=30)
# Times of public reports are cut to the hour: what was done within it may have come before.
HOUR = timedelta(hours=1)


class PublicState(models.TextChoices):
    """State as the person reads it."""

    RECEIVED = "received", _("received")
    LOOKING = "looking", _("being looked at")
    REMOVED = "removed", _("closed: removed")
    PARTLY = "partly", _("closed: removed in part")
    ENDED = "ended", _("closed: we can do nothing more")


def context(conversation_id: UUID, _issuer: Issuer) -> Mapping[str, object]:
    """Values for the page of the conversation. Called inside `acting`."""
    return {"state": state_of(conversation_id)}


def state_of(conversation_id: UUID) -> PublicState:
    """The state of a public report. Call inside `acting(actor)`."""
    reports = CaseReport.objects.filter(conversation_id=conversation_id).select_related("case")
    states = {_state(one) for one in reports}
    if not states or states & {PublicState.RECEIVED, PublicState.LOOKING}:
        looked = bool(states - {PublicState.RECEIVED}) or inbox.answered(conversation_id)
        return PublicState.LOOKING if looked else PublicState.RECEIVED
    return states.pop() if len(states) == 1 else PublicState.PARTLY


def _state(report: CaseReport) -> PublicState:
    case = report.case
    if case.stage == Stage.CLOSED and case.availability == Availability.ABSENT:
        return PublicState.REMOVED
    if case.stage == Stage.CLOSED and clock.now() >= report.at + HIDDEN_FOR:
        return PublicState.ENDED
    # Another report of the same hour may have come before.
    others = case.sources.exclude(pk=report.pk).filter(created_at__lt=report.at + HOUR)
    since = report.at + HOUR if others.exists() else report.at
    assessed = case.assessments.filter(created_at__gte=since).exists()
    return PublicState.LOOKING if assessed else PublicState.RECEIVED
