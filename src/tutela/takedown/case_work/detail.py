"""One case with everything about it; the view is recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.look import Conditions
from tutela.exchange.takedown.web_address import WebAddress
from tutela.exchange.takedown.xarf.from_notice import CLASSIFICATIONS
from tutela.law import holds
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.case_work import found_items
from tutela.takedown.case_work.found_items import ExaminationView
from tutela.takedown.hosts import host_trace
from tutela.takedown.hosts.host_trace import Trace
from tutela.takedown.intake.open_case import address_of
from tutela.takedown.models import (
    WAITING,
    Assessment,
    CaseReport,
    HostTrace,
    Notice,
    PoliceStep,
    PoliceStepKind,
    Recheck,
    Stage,
    TakedownCase,
    Verdict,
)
from tutela.takedown.orders import order_requests
from tutela.takedown.orders.order_requests import RequestView
from tutela.takedown.partners import case_view
from tutela.takedown.partners.case_view import PartnerView
from tutela.takedown.police import notice_waits
from tutela.takedown.rechecks import access_conditions

MOST_RECHECKS, MOST_REPORTS, MOST_COUNTED = 50, 100, 1000


@dataclass(frozen=True)
class CaseView:
    """A case as its page shows it. `address` is None once the contents are erased."""

    row: TakedownCase
    address: WebAddress | None
    conditions: Conditions
    reports: list[CaseReport]
    assessments: list[Assessment]
    traces: list[tuple[HostTrace, Trace]]
    notices: list[Notice]
    rechecks: list[Recheck]
    police: list[PoliceStep]
    partners: PartnerView
    hold: object
    # When a notice may leave, if it waits by a national procedure.
    notice_from: datetime | None
    same_host: int
    order_requests: list[RequestView]
    may_ask: bool
    examination: ExaminationView

    @property
    def assessed_by(self) -> set[str]:
        """References of those who assessed it in this round."""
        return {one.by for one in self.assessments if one.round == self.row.round}

    @property
    def police_told(self) -> bool:
        """Whether the police have the report."""
        return any(one.kind == PoliceStepKind.REPORTED for one in self.police)

    @property
    def police_done(self) -> bool:
        """Whether a notice may leave as far as the police are concerned."""
        done = {one.kind for one in self.police}
        return PoliceStepKind.REPORTED in done and bool(done & {PoliceStepKind.SEALED, PoliceStepKind.NO_EVIDENCE})

    @property
    def label_in_xarf(self) -> bool:
        """Whether XARF has a word for the newest label."""
        labels = [one.label for one in self.assessments if one.verdict == Verdict.ILLEGAL]
        return bool(labels) and labels[-1].lower() in CLASSIFICATIONS

    @property
    def waiting(self) -> Notice | None:
        """The notice that waits for an answer."""
        since = self.row.reopened_at
        fresh = (one for one in self.notices if since is None or one.created_at >= since)
        return next((one for one in fresh if one.state in WAITING), None)

    @property
    def may_notify(self) -> bool:
        """Whether a notice can be queued: illegal here, to notify, and neither a host nor a partner is at work."""
        ready = self.row.stage == Stage.ACT and self.row.verdict == Verdict.ILLEGAL and self.address is not None
        return ready and self.waiting is None and self.partners.active is None


def load_case(actor: Actor, case_id: UUID) -> CaseView:
    """A case with everything about it. Raises `NotFound`."""
    actor.require("takedown.read")
    with acting(actor):
        row = TakedownCase.objects.filter(pk=case_id).first()
        if row is None:
            raise NotFound
        record(actor, "takedown.viewed", SUBJECT, row.pk)
        try:
            address, conditions = address_of(row), access_conditions.conditions_of(row)
        except Erased:
            address, conditions = None, Conditions()
        assessments, police = (
            list(row.assessments.order_by("created_at")),
            list(row.police_steps.order_by("created_at")),
        )
        notices = list(row.notices.order_by("-created_at").prefetch_related("steps"))
        steps = [step for one in notices for step in one.steps.all()]
        subject_keys.open_words(SUBJECT, row.pk, (*assessments, *police, *steps))
        same = TakedownCase.objects.filter(host_key=bytes(row.host_key)).exclude(pk=row.pk)[:MOST_COUNTED]
        return CaseView(
            row=row,
            address=address,
            conditions=conditions,
            reports=list(row.sources.order_by("created_at")[:MOST_REPORTS]),
            assessments=assessments,
            traces=host_trace.traces_of(row.pk),
            notices=notices,
            rechecks=list(row.rechecks.order_by("-created_at")[:MOST_RECHECKS]),
            police=police,
            partners=case_view.load(actor, row),
            hold=holds.held(SUBJECT, row.pk),
            notice_from=notice_waits.notice_from(row, clock.now()),
            same_host=same.count() if address and address.host else 0,
            order_requests=order_requests.of_case(row),
            may_ask=order_requests.may_ask(row) and row.stage != Stage.CLOSED,
            examination=found_items.load(actor, row),
        )
