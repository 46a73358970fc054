"""Drafts: a report from its confirmation until it is sent.

Every change is a new revision of the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from tutela.casework.assignment import claim
from tutela.casework.search import keys as search_keys
from tutela.casework.search import report_values
from tutela.detection.candidates import intake, withdrawn_indicators
from tutela.detection.drafts import compose, timeline
from tutela.detection.errors import AlreadySent, DraftChanged, NotAPerson, NotConfirmed, UnderWay, WithoutAddress
from tutela.detection.models import Candidate, Discard, Draft, Review, Revision, UrgentMark
from tutela.detection.models.candidates import Reason
from tutela.detection.settings import services
from tutela.detection.settings.queries import drafts, refresh, under_way
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import case_number, uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.problem import FieldError, from_validation
from tutela.exchange.message.text_cleanup import typed, typed_all
from tutela.exchange.report.fields import Attachment, Item
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Awareness, Danger, MannerOfAwareness, MaterialKind
from tutela.law import detection_gate
from tutela.organisations.keys import subject_keys
from tutela.organisations.keys.envelope_encryption import unwrap, wrap

PURPOSE = "detection-draft"
# A form sets these fields for all items at once.
OF_ITEMS = ("spread", "series")
OPEN_STATES = ("drafted", "refused", "unproven")
FIXED = frozenset(
    {"schema_version", "report_id", "provider", "items", "confirmation", "steps", "issuance", "service_name"}
)


class Unusable(Invalid):
    """Some fields of the report are invalid. Correct them."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(field=errors[0].field if errors else None)
        self.errors = errors


@dataclass(frozen=True)
class ByHand:
    """A report that somebody opens without a candidate. `confirmed`: they have seen it themselves."""

    service_id: UUID
    kind: str
    confirmed: bool
    awareness: str
    awareness_details: str = ""
    reference: str = ""
    sha256: str = ""
    media_type: str = ""
    size: int = 0
    account: str = ""
    urgency: str = ""
    dangers: Sequence[str] = ()


def from_candidate(actor: Actor, candidate: Candidate, review: Review) -> UUID:
    """Draft the report of a candidate that was just confirmed. Call inside `acting(actor)`."""
    message, terms = intake.opened(candidate), services.terms_of(candidate.service)
    carrying = {m.entry_id for m in withdrawn_indicators.standing(candidate)}
    urgent = UrgentMark.objects.filter(candidate=candidate).order_by("created_at").first()
    activity, day = services.activity(terms, message.channel), candidate.created_at.date()
    decision = detection_gate.decide(activity, day, actor.organisation_id)
    known = review.reason_code == Reason.KNOWN_ITEM
    parts = compose.Parts(
        report_id=uuid7(),
        service_name=candidate.service.name,
        terms=terms,
        basis=compose.basis_of(decision),
        kind=MaterialKind.KNOWN if known else MaterialKind.NEW,
        how=review.how,
        awareness=compose.awareness_of(message),
        users=compose.account(message.account),
        items=(compose.item_of(actor, candidate.pk, message, carrying),),
        urgency=urgent.reason if urgent else "",
        steps=timeline.of_candidate(candidate, message),
    )
    return _create(actor, parts, candidate.service_id, origin="candidate", candidate_ref=candidate.pk)


def by_hand(actor: Actor, given: ByHand) -> UUID:
    """Open a report without a candidate. Raises `NotConfirmed`, `NotAPerson`, `Invalid` naming the field."""
    actor.require("detection.review")
    if actor.person_id is None:
        raise NotAPerson
    if not given.confirmed:
        raise NotConfirmed
    if given.kind not in list(MaterialKind) or given.awareness not in list(Awareness):
        raise Invalid("Choose one of the options in the template.", field="kind")
    if not set(given.dangers) <= set(Danger):
        raise Invalid("Choose only from the options offered.", field="dangers")
    listed, _history = services.load_service(actor, given.service_id)
    details = typed(given.awareness_details) or None
    with acting(actor):
        report_id = uuid7()
        parts = compose.Parts(
            report_id=report_id,
            service_name=listed.name,
            terms=listed.terms,
            basis=compose.WITHOUT_DETECTION,
            kind=MaterialKind(given.kind),
            how="viewed",
            items=_item(actor, given),
            awareness=MannerOfAwareness(manners=(Awareness(given.awareness),), details=details),
            users=compose.account(typed(given.account)),
            urgency=typed(given.urgency),
            dangers=tuple(map(Danger, given.dangers)),
            steps=timeline.by_hand(actor),
        )
        return _create(actor, parts, given.service_id, origin="manual", candidate_ref=None)


def edit(actor: Actor, draft_id: UUID, revision: int, changes: Mapping[str, Any]) -> None:
    """Replace sections of the report; `changes` holds them as JSON, None removes one. `OF_ITEMS` go to every item.

    Raises `DraftChanged` where `revision` is not the newest, `AlreadySent`, `Unusable` naming every field.
    """
    actor.require("detection.report")
    with acting(actor):
        row = locked(draft_id)
        newest = latest(row)
        if newest.number != revision:
            raise DraftChanged
        old = text_of(newest).model_dump(mode="json", exclude_none=True)
        kept = {name: typed_all(value) for name, value in changes.items() if name not in FIXED}
        said = {name: kept[name] for name in OF_ITEMS if name in kept}
        merged = {name: value for name, value in {**old, **kept}.items() if value is not None and name not in said}
        if said:
            merged["items"] = [_saying(one, said) for one in old.get("items", ())]
        report = parsed(merged)
        _revise(actor, row, report, revision + 1)
        record(actor, "report.edited", "report", row.pk, revision=revision + 1, sections=sorted(kept))


def _saying(item: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Apply the changed fields to an item; an empty value removes the field."""
    kept = {name: value for name, value in item.items() if name not in said}
    return kept | {name: value for name, value in said.items() if value}


def discard(actor: Actor, draft_id: UUID, reason: str) -> None:
    """Say that a draft will not be sent, and why."""
    actor.require("detection.report")
    reason = typed(reason)
    if not reason:
        raise Invalid("Enter why the report is not sent.", field="reason")
    with acting(actor):
        row = locked(draft_id)
        if under_way(row):
            raise UnderWay
        made = Discard(organisation_id=actor.organisation_id, draft=row, reason=reason[:300], by=actor.reference)
        subject_keys.seal_words(actor, "report", row.pk, made)
        made.save()
        refresh(row)
        claim.decided(actor, "draft", row.pk)
        record(actor, "report.discarded", "report", row.pk)


def parsed(data: Mapping[str, Any]) -> Report:
    """A report from JSON data. Raises `Unusable`."""
    try:
        return Report.from_bytes(canonical(dict(data)))
    except ValidationError as error:
        raise Unusable(from_validation(error).errors) from None
    except ExchangeError as error:
        raise Unusable((FieldError(field="", reason=str(error)[:500]),)) from None


def locked(draft_id: UUID) -> Any:
    """A draft that may still be changed, locked until the transaction ends. Raises `NotFound`, `AlreadySent`."""
    if not Draft.objects.select_for_update().filter(pk=draft_id).exists():
        raise NotFound
    row = drafts().get(pk=draft_id)
    if row.state not in OPEN_STATES:
        raise AlreadySent
    return row


def latest(row: Draft) -> Revision:
    """The newest revision. Raises `NotFound` where retention has erased it."""
    revision = row.revisions.order_by("-number").first()
    if revision is None:
        raise NotFound("The contents of this report were deleted at the end of their retention period.")
    return revision


def text_of(revision: Revision) -> Report:
    """Return the text of a revision. Raises `CannotUnwrap`."""
    return Report.from_bytes(unwrap(bytes(revision.wrapped), PURPOSE))


def has_address(report: Report) -> bool:
    """Whether a report has an IP address: of a location, of a sighting, or among the identifiers of an account."""
    sightings = (sighting for item in report.items for sighting in item.sightings)
    identifiers = (one for person in report.users for one in person.identifiers)
    return bool(report.locations) or any(one.network for one in sightings) or any(map(_is_ip, identifiers))


def check_address(actor: Actor, draft_id: UUID) -> None:
    """Raise `WithoutAddress` if a draft has no IP address. For a person; an automatic sending does not ask."""
    with acting(actor):
        row = drafts().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        if not has_address(text_of(latest(row))):
            raise WithoutAddress


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _create(actor: Actor, parts: compose.Parts, service_id: UUID, *, origin: str, candidate_ref: UUID | None) -> UUID:
    try:
        report = compose.compose(actor, parts)
    except ValidationError as error:
        raise Unusable(from_validation(error).errors) from None
    row = Draft.objects.create(
        id=parts.report_id,
        organisation_id=actor.organisation_id,
        number=case_number("P"),
        service_id=service_id,
        origin=origin,
        candidate_ref=candidate_ref,
        how=parts.how,
        by=actor.reference,
    )
    _revise(actor, row, report, 1)
    record(actor, "report.drafted", "report", row.pk, number=row.number, origin=origin, candidate=candidate_ref)
    return row.pk


def _revise(actor: Actor, row: Draft, report: Report, number: int) -> None:
    Revision.objects.create(
        organisation_id=actor.organisation_id,
        draft=row,
        number=number,
        wrapped=wrap(report.to_bytes(), PURPOSE),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    keys = search_keys.keys_of(actor.organisation_id, report_values.values_of(report))
    Draft.objects.filter(pk=row.pk).update(found_by=keys)


def _item(actor: Actor, given: ByHand) -> tuple[Item, ...]:
    if given.kind == MaterialKind.SOLICITATION:
        return ()
    if not re.fullmatch("[0-9a-f]{64}", given.sha256.lower()):
        raise Invalid(
            "Enter the SHA-256 of the item: 64 hexadecimal digits. Compute it with: tutela hash FILE", field="sha256"
        )
    attachments: tuple[Attachment, ...] = ()
    media_type = typed(given.media_type) or "application/octet-stream"
    try:
        if given.reference.strip():
            attachments = (
                Attachment(
                    reference=typed(given.reference),
                    sha256=given.sha256.lower(),
                    size=given.size,
                    media_type=media_type,
                    held_by=actor.organisation_name,
                ),
            )
        kind = compose.content_kind(media_type)
        return (
            Item(
                item_id=uuid7(), kind=kind, sha256=given.sha256.lower(), media_type=media_type, attachments=attachments
            ),
        )
    except ValidationError as error:
        raise Unusable(from_validation(error).errors) from None
