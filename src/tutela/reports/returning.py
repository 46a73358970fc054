"""A referral that comes back: "not ours", with a reason and perhaps a country. Where that is plain it goes on.

- A returned referral stands no longer, and its recipient's clock ends; the way so far stays on the report's page.
- The country that the authority names is the new jurisdiction, otherwise Europol's.
- It goes on by itself to whoever is competent there, unless that one has returned it before: then an analyst decides.
- Files that were sealed to the first addressee stay until it has sealed them anew for the next one (`evidence_out`).
"""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.recording import record
from tutela.exchange.outcome import Returned
from tutela.exchange.referral import JurisdictionGround
from tutela.law import clocks
from tutela.organisations import directory, erasable
from tutela.reports import evidence, referral, standing
from tutela.reports.errors import NotRelevantYet, ReferralAnswered, ReferralUndone
from tutela.reports.models import Acknowledgement, Jurisdiction, Referral, ReferralReturn, Report, State
from tutela.reports.outcomes import referral_of
from tutela.reports.sealing import SUBJECT
from tutela.reports.triage import locked


def take(centre: Actor, sender: Actor, message: Returned) -> None:
    """Note the return and send the report on. The same return twice is one.

    Raises `UnknownReferral`, `ReferralUndone` for one that stands no longer, `ReferralAnswered` for one acknowledged.
    """
    with acting(centre):
        row = referral_of(sender, message.referral_id)
        report = locked(row.report.report_id)
        if ReferralReturn.objects.filter(referral=row).exists():
            return
        if not standing.referrals_that_stand(report).filter(pk=row.pk).exists():
            raise ReferralUndone
        if Acknowledgement.objects.filter(referral=row).exists() or row.outcomes.exists():
            raise ReferralAnswered
        made = ReferralReturn(
            organisation_id=centre.organisation_id, referral=row, reason=message.reason, country=message.country or ""
        )
        erasable.seal_words(centre, SUBJECT, report.report_id, made)
        made.save()
        clocks.stop_if_running(centre, "acknowledgement", "referral", row.referral_id)
        record(
            centre, "referral.returned", "report", report.report_id, referral=row.number,
            country=message.country or "", authority=row.authority_id,
        )  # fmt: skip
        _resolve_anew(centre, row, report, message)
        standing.refresh(report)
        if report.state == State.FORWARD and (to := _next(report)) is not None:
            referral.send(centre, report, to)


def _resolve_anew(centre: Actor, row: Referral, report: Report, message: Returned) -> None:
    ground = JurisdictionGround.PLACE_OF_OFFENCE if message.country else JurisdictionGround.EUROPOL_FALLBACK
    values = {"name": row.authority_name}
    Jurisdiction.objects.create(
        organisation_id=centre.organisation_id, report=report, country=message.country or "", ground=ground.value,
        rule=_("Returned by {name}."), rule_values=values, evidence=[], by=centre.reference[:80],
    )  # fmt: skip
    record(centre, "report.jurisdiction", "report", report.report_id, country=message.country or "Europol")


def _next(report: Report) -> directory.Entry | None:
    """Who gets it now; None where that one has returned it, or there is nobody."""
    found = report.jurisdictions.order_by("-created_at", "-id").first()
    if found is None:
        raise NotRelevantYet
    tried = set(report.referrals.exclude(returned=None).values_list("authority_id", flat=True))
    for entry in (evidence.addressee(found.country), directory.europol()):
        if entry is not None and entry.id not in tried:
            return entry
    return None
