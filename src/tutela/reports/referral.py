"""Referral: the package for the competent authority, and its way there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_noop as _

from tutela import clock
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.ids import case_number, uuid7
from tutela.events.recording import record
from tutela.exchange.referral import Assessment as WireAssessment
from tutela.exchange.referral import Jurisdiction as WireJurisdiction
from tutela.exchange.referral import JurisdictionGround
from tutela.exchange.referral import Referral as Wire
from tutela.exchange.texts import filled
from tutela.exchange.writing import typed
from tutela.law import clocks
from tutela.organisations import directory, outbox
from tutela.reports import evidence, evidence_out, handling, standing
from tutela.reports.errors import AlreadyReferred, NoRecipient, NotRelevantYet
from tutela.reports.models import Assessment, Decision, Jurisdiction, Referral, Report
from tutela.reports.sealing import seal
from tutela.reports.triage import body_of, locked


def recipient_for(row: Report) -> tuple[directory.Entry, Jurisdiction]:
    """The authority of the resolved country, or Europol. Raises `NotRelevantYet` or `NoRecipient`."""
    found = row.jurisdictions.order_by("-created_at").first()
    if found is None:
        raise NotRelevantYet
    entry = evidence.addressee(found.country)
    if entry is None:
        raise NoRecipient
    return entry, found


def choose_country(actor: Actor, report_id: UUID, country: str, reason: str) -> None:
    """An analyst overrides the resolved country, with a reason; "" means Europol."""
    actor.require("reports.refer")
    reason = typed(reason)
    if not reason:
        raise Invalid("Say on which evidence.", field="reason")
    with acting(actor):
        row = locked(report_id)
        ground = JurisdictionGround.PLACE_OF_OFFENCE if country else JurisdictionGround.EUROPOL_FALLBACK
        Jurisdiction.objects.create(
            organisation_id=actor.organisation_id, report=row, country=country, ground=ground.value,
            rule=_("Chosen by {name}: {reason}"), rule_values={"name": actor.name, "reason": reason[:600]},
            evidence=[], by=actor.reference,
        )  # fmt: skip
        record(actor, "report.jurisdiction", "report", report_id, country=country or "Europol")


def refer(actor: Actor, report_id: UUID) -> str:
    """Send the package to the authority; returns the referral's number.

    Raises `NotRelevantYet`, `NoRecipient`, and `AlreadyReferred` while a referral to that authority stands.
    """
    actor.require("reports.refer")
    with acting(actor):
        row = locked(report_id)
        newest = row.assessments.order_by("-created_at", "-id").first()
        if newest is None or newest.decision != Decision.FORWARD:
            raise NotRelevantYet
        authority, _found = recipient_for(row)
        if standing.referrals_that_stand(row).filter(authority_id=authority.id).exists():
            raise AlreadyReferred
        return send(actor, row, authority)


def send(actor: Actor, row: Report, authority: directory.Entry) -> str:
    """Make the package of a report and send it; returns its number. Call inside `acting(actor)`, the report locked."""
    newest = row.assessments.order_by("-created_at", "-id").first()
    found = row.jurisdictions.order_by("-created_at", "-id").first()
    if newest is None or found is None:
        raise NotRelevantYet
    package = _package(actor, row, authority, found, newest)
    report_id = row.report_id
    sent = Referral.objects.create(
        organisation_id=actor.organisation_id, referral_id=package.referral_id, number=package.case_number,
        report=row, authority_id=authority.id, authority_name=authority.name, sha256=package.fingerprint(),
        sealed_body=seal(actor, report_id, "referral", package.referral_id, package.to_bytes()), by=actor.reference,
    )  # fmt: skip
    outbox.send(
        actor, authority.id, "referral", f"/api/v1/organisations/{authority.id}/referrals",
        package.to_bytes().decode(), key=f"referral:{package.referral_id}", subject_id=report_id,
    )  # fmt: skip
    evidence_out.readdress(actor, row, authority)
    standing.refresh(row)
    clocks.stop_if_running(actor, "urgent_referral", "report", report_id)
    clocks.start(actor, "acknowledgement", "referral", package.referral_id)
    record(actor, "report.referred", "report", report_id, referral=sent.number, authority=authority.id)
    return package.case_number


def _package(actor: Actor, row: Report, authority: directory.Entry, found: Jurisdiction, newest: Assessment) -> Wire:
    reasons = row.reasons
    facts = [*_facts(found)] or [filled(found.rule, found.rule_values)]
    policy, body = handling.standing(), body_of(row)
    duplicates = row.duplicates.values_list("report_id", flat=True)[:1000]
    return Wire(
        referral_id=uuid7(), case_number=case_number("F"), centre=actor.organisation_name, authority=authority.name,
        created_at=clock.now(), reports=(body,),
        assessment=WireAssessment(
            relevant=True, relevance_reason=typed(newest.reason) or "Assessed as relevant", urgent=row.urgent,
            urgency_reason="; ".join(_english(r) for r in reasons["urgency"]) or None, completeness=row.completeness,
            missing=tuple(_english(r)[:300] for r in reasons["completeness"])[:50],
            assessed_by=newest.by_name, assessed_at=newest.created_at,
        ),
        jurisdiction=WireJurisdiction(
            country=found.country or None, ground=JurisdictionGround(found.ground),
            facts=tuple(f[:300] for f in facts[:50]),
        ),
        duplicates_of=tuple(duplicates), handling=policy.handling, evaluation=handling.of(policy, row, body),
        evidence=evidence_out.for_package(row, authority.id)[:500],
    )  # fmt: skip


def _facts(found: Jurisdiction) -> Iterator[str]:
    """Each fact in English: a package has one language whoever opens it."""
    for ground, country, source, _at, *values in found.evidence:
        yield f"{ground.replace('_', ' ')}: {country} ({filled(source, values[0] if values else {})})"


def _english(reason: Sequence[Any]) -> str:
    """A stored reason (points, text, values; older rows have no values) as an English sentence."""
    values = reason[2] if len(reason) > 2 else {}
    field = f"{values['field']}: " if "field" in values else ""
    return field + filled(reason[1], values)
