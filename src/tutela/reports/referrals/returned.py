"""Process a returned referral ("not ours") and forward it automatically where possible.

A return has a reason and may name a country.

- A returned referral is no longer valid, and its recipient's deadline ends. Its earlier path stays on the report's
  page.
- The country that the authority names is addressed in place of its own, otherwise Europol. An authority with another
  copy keeps it.
- The referral goes automatically to the authority competent there, with or without other valid copies. If that
  authority returned it before, it goes to Europol. If Europol returned it too, or there is no recipient, an analyst
  decides.
- Files that were sealed to the first addressee stay until that addressee has resealed them for the next one
  (`handover`).
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Returned
from tutela.exchange.referral.reason_codes import RuleCode
from tutela.exchange.referral.referral import JurisdictionGround
from tutela.law import clocks
from tutela.organisations.keys import subject_keys
from tutela.organisations.people import directory
from tutela.reports.errors import ReferralAnswered, ReferralUndone
from tutela.reports.models import Acknowledgement, Jurisdiction, Referral, ReferralReturn, Report
from tutela.reports.referrals import addressees, refer
from tutela.reports.referrals.addressees import Addressee
from tutela.reports.referrals.outcomes import referral_of, tell_closed
from tutela.reports.report_encryption import SUBJECT
from tutela.reports.state import jurisdiction_basis, status
from tutela.reports.state.report_rows import locked


def take(centre: Actor, sender: Actor, message: Returned) -> None:
    """Note the return and send the report on. The same return twice is one.

    Raises `UnknownReferral`, `ReferralUndone` for one that stands no longer, `ReferralAnswered` for one acknowledged.
    """
    with acting(centre):
        row = referral_of(sender, message.referral_id)
        report = locked(row.report.report_id)
        if ReferralReturn.objects.filter(referral=row).exists():
            return
        if not status.referrals_that_stand(report).filter(pk=row.pk).exists():
            raise ReferralUndone
        # A supplement goes where its referral goes.
        taken = Acknowledgement.objects.filter(referral=row).exists() or row.outcomes.exists()
        if taken or row.supplement_to_id is not None:
            raise ReferralAnswered
        made = ReferralReturn(
            organisation_id=centre.organisation_id, referral=row, reason=message.reason, country=message.country or ""
        )
        subject_keys.seal_words(centre, SUBJECT, report.report_id, made)
        made.save()
        clocks.stop_if_running(centre, "acknowledgement", "referral", row.referral_id)
        record(
            centre,
            "referral.returned",
            "report",
            report.report_id,
            referral=row.number,
            country=message.country or "",
            authority=row.authority_id,
        )
        country = _goes_on_to(report, message.country or "")
        _resolve_again(centre, row, report, country)
        status.refresh(report)
        if (to := _next(report, country)) is not None:
            refer.send(centre, report, [to])
        # Where the others have closed theirs, nothing is open any longer.
        tell_closed(centre, report)


def _resolve_again(centre: Actor, row: Referral, report: Report, country: str) -> None:
    """Remove the authority of this copy from the addressees and add the new country; all others stay."""
    found = addressees.newest(report)
    competent = {one: directory.competent_for(one) for one in found.addressed}
    others = [one for one, entry in competent.items() if entry is None or entry.id != row.authority_id]
    ground = JurisdictionGround.PLACE_OF_OFFENCE if country else JurisdictionGround.EUROPOL_FALLBACK
    made = Jurisdiction(
        **addressees.stored([*others, country]),
        ground=ground.value,
        rule=RuleCode.RETURNED,
        basis=jurisdiction_basis.text({"name": row.authority_name}),
        by=centre.reference[:80],
    )
    jurisdiction_basis.keep(centre, report, made)
    record(centre, "report.jurisdiction", "report", report.report_id, country=country or "Europol")


def _goes_on_to(report: Report, country: str) -> str:
    """The country that is named, or Europol's where that one's authority has returned the report before."""
    tried, named, europol = _tried(report), directory.competent_for(country), directory.europol()
    given_up = named is not None and named.id in tried
    return "" if given_up and europol is not None and europol.id not in tried else country


def _next(report: Report, country: str) -> Addressee | None:
    """The next addressee of this copy. None if it has a copy or has returned it, or if there is none."""
    entry = directory.competent_for(country)
    has_it = set(status.referrals_that_stand(report).values_list("authority_id", flat=True))
    return Addressee(entry, country) if entry and entry.id not in has_it | _tried(report) else None


def _tried(report: Report) -> set[UUID]:
    """Authorities that have returned this report."""
    return set(report.referrals.exclude(returned=None).values_list("authority_id", flat=True))
