"""Compose the first text of a report from a confirmed candidate or from manual input."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tutela import clock
from tutela.detection.models.settings import Terms
from tutela.detection.settings import identity
from tutela.events.actor import Actor
from tutela.exchange.report.candidate import Candidate as Message
from tutela.exchange.report.candidate import CandidateMatch
from tutela.exchange.report.fields import Attachment, ContentKind, IndicatorMatch, Item, Person, Sighting
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import (
    Awareness,
    Danger,
    HowConfirmed,
    HumanConfirmation,
    Issuance,
    LegalBasis,
    MannerOfAwareness,
    MaterialKind,
    Regime,
    Removal,
    Service,
    Step,
    ThirdCountryReport,
    Urgency,
    UserDecision,
)
from tutela.exchange.report.sections import ServiceKind as WireServiceKind
from tutela.law.detection_gate import GateDecision, ServiceKind

MOST_MATCHES = 100
# Which regime a report of a basis is made under; a basis that a node added itself is national law until told otherwise.
REGIMES = {
    "own-initiative-hosting": (Regime.VOLUNTARY, "Regulation (EU) 2022/2065"),
    "interim-2021": (Regime.INTERIM_REGULATION, "Regulation (EU) 2021/1232"),
    "interim-2026": (Regime.INTERIM_REGULATION, "Regulation (EU) 2026/1881"),
}
INTERIM = {"2021/1232": Regime.INTERIM_REGULATION, "2026/1881": Regime.INTERIM_REGULATION}
# A provider that learns of an offence otherwise than by detecting needs no basis for detection to report it.
WITHOUT_DETECTION = LegalBasis(regime=Regime.VOLUNTARY, act="Regulation (EU) 2022/2065", article="Art. 16 and 18")
KINDS = {
    ServiceKind.HOSTING: WireServiceKind.HOSTING,
    ServiceKind.INTERPERSONAL: WireServiceKind.INTERPERSONAL_COMMUNICATION,
}
VIDEO = ("video", "mp4", "webm", "matroska", "quicktime", "mov", "avi", "mpeg")


@dataclass(frozen=True)
class Parts:
    """Content of a report, however it was confirmed."""

    report_id: UUID
    service_name: str
    terms: Terms
    basis: LegalBasis
    kind: MaterialKind
    how: str
    awareness: MannerOfAwareness
    items: tuple[Item, ...] = ()
    users: tuple[Person, ...] = ()
    urgency: str = ""
    dangers: tuple[Danger, ...] = ()
    steps: tuple[Step, ...] = ()


def compose(actor: Actor, parts: Parts) -> Report:
    """Compose a valid report that states only known facts; people complete it."""
    named, now = identity.current(actor), clock.now()
    material = parts.kind in (MaterialKind.KNOWN, MaterialKind.NEW)
    return Report(
        report_id=parts.report_id,
        legal_basis=parts.basis,
        language=actor.language,
        provider=identity.for_report(actor, named),
        urgency=Urgency(urgent=bool(parts.urgency), reason=parts.urgency or None, dangers=parts.dangers or None),
        kinds=(parts.kind,),
        items=parts.items,
        users=parts.users,
        service=Service(kinds=(KINDS[ServiceKind(parts.terms.kind)],), name=parts.service_name),
        awareness=parts.awareness,
        third_country=ThirdCountryReport(reported=False),
        removal=Removal(removed_or_disabled=False) if material else None,
        user_decision=UserDecision(decided=False),
        confirmation=HumanConfirmation(confirmed_by=role_of(actor.reference), at=now, how=HowConfirmed(parts.how)),
        steps=parts.steps,
        issuance=Issuance(issued_at=now, time_zone=named.time_zone, signatory=named.signatory),
    )


def basis_of(decision: GateDecision) -> LegalBasis:
    """The gate's decision as a report names it."""
    if decision.rests_on is not None:  # recorded by the operator
        regime = INTERIM.get(decision.rests_on, Regime.NATIONAL_LAW if decision.rests_on else Regime.VOLUNTARY)
        return LegalBasis(regime=regime, act=decision.rests_on or decision.basis, article=decision.article)
    regime, act = REGIMES.get(decision.basis, (Regime.NATIONAL_LAW, decision.basis or decision.article))
    return LegalBasis(regime=regime, act=act, article=decision.article)


def role_of(reference: str) -> str:
    """A reviewer's number, not a name: the report leaves the organisation."""
    kind, _, value = reference.partition(":")
    return f"reviewer-{value[-8:]}" if kind == "person" else "reviewer"


def item_of(actor: Actor, item_id: UUID, message: Message, carrying: set[UUID]) -> Item:
    """The item by its digests. `carrying`: entries that were not withdrawn."""
    matches = [m for m in message.matches if m.entry_id in carrying]
    return Item(
        item_id=item_id,
        kind=content_kind(message.media_type),
        md5=message.md5,
        sha1=message.sha1,
        sha256=message.sha256,
        pdq=message.pdq,
        size=message.size,
        media_type=message.media_type,
        sightings=(Sighting(at=message.at, channel=message.channel, account=message.account),),
        matches=tuple(_match(m) for m in matches[:MOST_MATCHES]),
        attachments=(
            Attachment(
                reference=message.item,
                sha256=message.sha256,
                size=message.size,
                media_type=message.media_type or "application/octet-stream",
                held_by=actor.organisation_name,
            ),
        ),
    )


def awareness_of(message: Message) -> MannerOfAwareness:
    """Manner of the provider's awareness: the first match, as text."""
    best = message.matches[0]
    doubt = f", {best.doubt}" if best.doubt else ""
    details = f"Match with list {best.list_id}, version {best.list_version}, rule {best.rule}{doubt}"
    return MannerOfAwareness(manners=(Awareness.OWN_MOTION,), details=details)


def account(token: str | None) -> tuple[Person, ...]:
    """The account as a report names it: by the provider's own token alone."""
    return (Person(identifiers=(token,)),) if token else ()


def content_kind(media_type: str | None) -> ContentKind:
    """Video and text by their media type; everything else is reported as an image."""
    text = (media_type or "").lower()
    if any(word in text for word in VIDEO):
        return ContentKind.VIDEO
    return ContentKind.TEXT if text.startswith("text") else ContentKind.IMAGE


def _match(match: CandidateMatch) -> IndicatorMatch:
    told = {name: getattr(match, name) for name in IndicatorMatch.model_fields}
    return IndicatorMatch(**told | {"by_window": match.only_part or None})
