"""Referral: build the package for the competent authority and send it.

A package carries the report and every duplicate with new information, as far as there is room. Later information goes
the same way as a supplement (`supplements`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tutela import clock
from tutela.casework.assignment import claim
from tutela.events.actor import Actor
from tutela.events.identifiers import case_number, uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.handling_codes import Handling
from tutela.exchange.referral.referral import Assessment as WireAssessment
from tutela.exchange.referral.referral import Jurisdiction as WireJurisdiction
from tutela.exchange.referral.referral import JurisdictionGround
from tutela.exchange.referral.referral import Referral as Wire
from tutela.law import clocks
from tutela.law.clock_kinds import URGENT
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.reports.errors import AlreadyReferred, NotRelevantYet
from tutela.reports.evidence import handover
from tutela.reports.models import Assessment, Decision, Jurisdiction, Referral, Report
from tutela.reports.referrals import addressees, coded_reasons, handling_codes, handling_override
from tutela.reports.referrals.addressees import Addressee
from tutela.reports.referrals.handling_override import Chosen
from tutela.reports.report_encryption import SUBJECT, seal
from tutela.reports.state import jurisdiction_basis, new_information, status
from tutela.reports.state.new_information import Gathered
from tutela.reports.state.report_rows import locked


@dataclass(frozen=True)
class Copies:
    """Data shared by all copies of one referral. `names`: everybody who has a copy or gets one now."""

    said: Gathered
    jurisdiction: Jurisdiction
    names: list[str]
    open_list: bool
    handling: Handling


def refer(actor: Actor, report_id: UUID, *, open_list: bool = False, chosen: Chosen | None = None) -> str:
    """Send the package to every authority addressed that has none yet; returns the first referral's number.

    `open_list` lets the addressees see each other; otherwise nobody learns of a copy (handling code H3). `chosen`:
    handling codes that differ from those in force. Raises `Invalid` naming the field, `OnlyALead`, `NotRelevantYet`,
    `NoRecipient`, and `AlreadyReferred` while each of them has a valid referral.
    """
    actor.require("reports.refer")
    with acting(actor):
        row = locked(report_id)
        newest = row.assessments.order_by("-created_at", "-id").first()
        if newest is None or newest.decision != Decision.FORWARD:
            raise NotRelevantYet
        wanted = addressees.without(row, addressees.newest(row))
        if not wanted:
            raise AlreadyReferred
        if chosen is not None:
            handling_override.choose(actor, row, chosen)
        claim.decided(actor, SUBJECT, report_id)
        return send(actor, row, wanted, open_list=open_list)


def send(actor: Actor, row: Report, wanted: Sequence[Addressee], *, open_list: bool = False) -> str:
    """Make the packages of a report and send them; returns the first number.

    Call inside `acting(actor)`, the report locked. Raises `NotRelevantYet`.
    """
    newest = row.assessments.order_by("-created_at", "-id").first()
    if newest is None:
        raise NotRelevantYet
    subject_keys.open_words(SUBJECT, row.report_id, [newest])
    had = dict(status.referrals_that_stand(row).values_list("authority_id", "authority_name"))
    names = {**had, **{one.entry.id: one.entry.name for one in wanted}}
    [found] = jurisdiction_basis.opened(row, [addressees.newest(row)])
    copies = Copies(
        new_information.merged_content(row), found, [*names.values()], open_list, handling_override.standing(row)
    )
    numbers = [post(actor, row, one.entry, _package(actor, row, one, newest, copies)) for one in wanted]
    # Not with each copy: the first would delete what is sealed to the second.
    handover.readdress(actor, row)
    if not had:
        # Others that have the report still wait for what these packages carry.
        new_information.waits_no_longer(row, (one.pk for one, _body in copies.said.carried))
    status.refresh(row)
    clocks.stop_if_running(actor, "urgent_referral", "report", row.report_id)
    return numbers[0]


def post(
    actor: Actor, row: Report, authority: directory.DirectoryEntry, package: Wire, supplement_to: Referral | None = None
) -> str:
    """Store a package and send it; returns its number. Call inside `acting(actor)`, the report locked."""
    codes = [one.value for one in package.handling.codes] if package.handling else []
    sent = Referral.objects.create(
        organisation_id=actor.organisation_id,
        referral_id=package.referral_id,
        number=package.case_number,
        report=row,
        authority_id=authority.id,
        authority_name=authority.name,
        sha256=package.fingerprint(),
        sealed_body=seal(actor, row.report_id, "referral", package.referral_id, package.to_bytes()),
        by=actor.reference,
        codes=codes,
        supplement_to=supplement_to,
    )
    outbox.send(
        actor,
        authority.id,
        "referral",
        f"/api/v1/organisations/{authority.id}/referrals",
        package.to_bytes().decode(),
        key=f"referral:{package.referral_id}",
        subject_id=row.report_id,
        urgent=row.urgent,
    )
    kind = URGENT["acknowledgement"] if package.assessment.urgent else "acknowledgement"
    clocks.start(actor, kind, "referral", package.referral_id)
    record(actor, "report.referred", "report", row.report_id, referral=sent.number, authority=authority.id, codes=codes)
    return package.case_number


def _package(actor: Actor, row: Report, to: Addressee, newest: Assessment, copies: Copies) -> Wire:
    found, said = copies.jurisdiction, copies.said
    policy, carried = handling_codes.standing(), said.carried
    codes, named = handling_codes.of_copies(copies.handling, copies.names, open_list=copies.open_list)
    others = row.duplicates.exclude(pk__in=[one.pk for one, _body in carried]).order_by("created_at", "id")
    return Wire(
        referral_id=uuid7(),
        case_number=case_number("F"),
        centre=actor.organisation_name,
        authority=to.entry.name,
        created_at=clock.now(),
        reports=tuple(body for _one, body in carried),
        assessment=WireAssessment(
            relevant=True,
            **coded_reasons.relevance(newest),
            urgent=row.urgent,
            **coded_reasons.urgency(row, carried[1:]),
            completeness=row.completeness,
            **coded_reasons.missing([one for one, _body in carried]),
            assessed_by=newest.by_name,
            assessed_at=newest.created_at,
        ),
        jurisdiction=WireJurisdiction(
            country=to.country or None,
            ground=JurisdictionGround(found.ground),
            **coded_reasons.jurisdiction(found.rule, found.rule_values, found.evidence),
        ),
        more_reports=said.beyond or None,
        duplicates_of=tuple(others.values_list("report_id", flat=True)[:1000]),
        handling=codes,
        addressees=named,
        evaluation=handling_codes.evaluation_of(policy, row, said.report),
        evidence=handover.for_package(row, to.entry.id)[:500],
    )
