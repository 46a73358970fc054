"""Send and retract reports at a CyberTipline interface, and preview what would arrive there.

1. The account in use receives the report (`accounts`). Reports to the test account have no effect.
2. The report is checked against the interface's rules before anything is stored.
3. The report is opened at once and filed after a grace period, in which it can be retracted. The single calls are in
   `upload_steps`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from tutela import clock
from tutela.casework.assignment import claim
from tutela.detection import enqueue
from tutela.detection.cybertipline import accounts
from tutela.detection.drafts import send as drafts_send
from tutela.detection.drafts.drafts import has_address, latest, text_of
from tutela.detection.errors import AlreadyTipped, CannotTip, NoEndpoint, NothingToRetract
from tutela.detection.models import Discard, Draft, Tip, TipEndpoint, TipState
from tutela.detection.settings import services
from tutela.detection.settings.queries import UNDER_WAY
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.cybertip.field_map import Carried, carried
from tutela.exchange.cybertip.from_report import CannotSubmitError, submission
from tutela.exchange.report.fields import Item
from tutela.exchange.report.report import Report
from tutela.organisations.keys import subject_keys

KIND = "report"


@dataclass(frozen=True)
class Outlook:
    """Preview of a draft at a recipient: field by field, or the reason why it cannot be sent."""

    endpoint: TipEndpoint | None
    fields: list[Carried]
    problem: str
    tips: list[Tip]
    number: str
    # Whether there is no IP address in the report: whoever sends it is warned.
    without_address: bool = False

    @property
    def under_way(self) -> Tip | None:
        return next((tip for tip in self.tips if tip.state in UNDER_WAY), None)


def outlook(actor: Actor, draft_id: UUID) -> Outlook:
    """Preview of a draft at a recipient, and everything sent of it so far. Raises `NotFound`."""
    actor.require("detection.read")
    with acting(actor):
        row = Draft.objects.filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        record(actor, "report.viewed", KIND, row.pk)
        used, tips = accounts.standing().used, list(row.tips.select_related("endpoint").order_by("-created_at"))
        revision = row.revisions.order_by("-number").first()
        if revision is None:
            return Outlook(used, [], "", tips, row.number)
        report = drafts_send.without_withdrawn(text_of(revision))
        files = items_to_pass_on(used, row, report) if used else ()
        problem = _problem(drafts_send.dated(actor, report), used, files) if used else ""
        fields = carried(report, with_files=bool(files))
        return Outlook(used, fields, problem, tips, row.number, without_address=not has_address(report))


def send(actor: Actor, draft_id: UUID) -> UUID:
    """Let a report go to the interface in use; returns the sending's id.

    Raises `NoEndpoint`, `AlreadyTipped`, `CannotTip` with the element, `RestsOnNothing`, `Unseen`, `NotFound`.
    """
    actor.require("detection.report")
    now = clock.now()
    with acting(actor):
        row = _locked(draft_id)
        used = accounts.standing().used
        if used is None or not used.base:
            raise NoEndpoint
        report = drafts_send.dated(actor, drafts_send.founded(row, text_of(latest(row))))
        files = items_to_pass_on(used, row, report)
        if problem := _problem(report, used, files):
            raise CannotTip("The interface would refuse this report: {reason}", reason=problem)
        if row.tips.filter(endpoint__production=used.production, state=TipState.FINISHED).exists() and used.production:
            raise AlreadyTipped
        tip = Tip(
            id=uuid7(),
            organisation_id=actor.organisation_id,
            draft=row,
            endpoint=used,
            sha256=report.fingerprint(),
            passes_files=bool(files),
            next_at=now,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        tip.sealed_report = subject_keys.seal(actor, KIND, row.pk, report.to_bytes(), f"tip:{tip.pk}")
        try:
            with transaction.atomic():
                tip.save()
        except IntegrityError:
            raise AlreadyTipped from None
        claim.decided(actor, "draft", row.pk)
        record(actor, "tip.begun", KIND, row.pk, tip=tip.pk, production=used.production, sha256=tip.sha256)
        _enqueue(tip)
    return tip.pk


def retract(actor: Actor, draft_id: UUID) -> None:
    """Take back what is not filed yet. Raises `NothingToRetract`: of what is filed the recipient has to be asked."""
    actor.require("detection.report")
    with acting(actor):
        row = Draft.objects.select_for_update().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        tip = row.tips.select_for_update().filter(state__in=UNDER_WAY).first()
        if tip is None:
            raise NothingToRetract
        if not tip.to_retract:
            tip.to_retract, tip.next_at = True, clock.now()
            tip.save(update_fields=["to_retract", "next_at"])
            record(actor, "tip.retracting", KIND, row.pk, tip=tip.pk)
        _enqueue(tip)


def report_of(tip: Tip) -> Report:
    """The report as it goes out. Call inside `acting(actor)`. Raises `Erased`."""
    sealed = bytes(tip.sealed_report)
    return Report.from_bytes(subject_keys.unseal(KIND, tip.draft_id, sealed, f"tip:{tip.pk}"))


def items_to_pass_on(endpoint: TipEndpoint, row: Draft, report: Report) -> tuple[Item, ...]:
    """The items whose bytes the provider's storage can give: those of a candidate. Call inside `acting(actor)`."""
    if not endpoint.with_files or row.candidate_ref is None:
        return ()
    return report.items if services.terms_of(row.service).media_link else ()


def due(actor: Actor, now: datetime) -> list[UUID]:
    """The sendings whose next step is due. For the job of every minute."""
    with acting(actor):
        rows = Tip.objects.filter(state__in=UNDER_WAY, next_at__lte=now)
        return list(rows.order_by("next_at").values_list("pk", flat=True)[:500])


def _problem(report: Report, endpoint: TipEndpoint, files: tuple[Item, ...]) -> str:
    """Why the interface would refuse this report, or nothing."""
    try:
        submission(report, endpoint.email, files, clock.now())
    except CannotSubmitError as error:
        return str(error)
    return ""


def _locked(draft_id: UUID) -> Draft:
    row = Draft.objects.select_for_update().filter(pk=draft_id).first()
    if row is None:
        raise NotFound
    if Discard.objects.filter(draft=row).exists():
        raise NotFound("This draft was discarded.")
    return row


def _enqueue(tip: Tip) -> None:
    enqueue.advance_tip(tip.organisation_id, tip.pk)
