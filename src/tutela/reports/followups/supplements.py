"""Supplements: new information in a duplicate follows the referral to every authority that has it.

1. A duplicate is checked on arrival for information that nobody reported before (`new_information`).
2. Each authority with a valid referral gets a separate package that names the referral. The package contains the new
   information, the facts that point to a country, and the files that were sealed to the authority. Handling codes stay
   as they were.
3. A supplement goes the ways of every referral: delivered, fetched or carried, with its own deadline, until it is
   acknowledged.
4. For one report `AT_ONCE` supplements are sent at once within a day. Further ones are collected unopened and follow in
   one supplement per `EVERY`, the urgent first. Supplements that do not fit wait for the next one, and the start page
   says so.

A report that is not referred yet needs no supplement: it is weighed again, and its package contains everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db.models import Count, Min

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import case_number, uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.referral.reason_codes import RelevanceCode
from tutela.exchange.referral.referral import Referral as Wire
from tutela.exchange.report.report import Report as Body
from tutela.organisations.errors import Erased
from tutela.organisations.people import directory
from tutela.reports.evidence import handover
from tutela.reports.jurisdiction import rule
from tutela.reports.models import UNSHOWN, Referral, Report, State
from tutela.reports.referrals import coded_reasons, refer
from tutela.reports.report_encryption import unseal
from tutela.reports.state import new_information, status
from tutela.reports.triage import assess

# People file fewer than this by hand about one thing in a day; a sender that adds a line each time sends thousands.
AT_ONCE, DAY = 10, timedelta(days=1)
EVERY = timedelta(hours=1)
FOLLOWED = frozenset({State.REFERRED, State.ANSWERED})
log = structlog.get_logger("tutela.reports")


@dataclass(frozen=True)
class WaitingSupplement:
    """A report with duplicates waiting to be sent: how many, and since when the first waits."""

    report_id: UUID
    number: str
    provider_name: str
    duplicates: int
    since: datetime


def follow(actor: Actor, original: Report, row: Report) -> int:
    """Send a duplicate's new information to the holders of the report; return how many packages.

    A forwarded report that is not referred yet is weighed again. Call inside `acting(actor)`, the original locked.
    """
    if original.state != State.FORWARD and (original.state not in FOLLOWED or _waits(actor, original, row)):
        return 0
    try:
        body = new_information.new_information(original, row)
    except Erased:
        return 0  # with its contents went what the new ones could be compared with, and the key of its packages
    if body is None:
        return 0
    if original.state == State.FORWARD:
        assess.resolve(actor, original)
        return 0
    return _send(actor, original, [(row, body)])


def gather(actor: Actor) -> int:
    """Send what has waited long enough, of each report in one supplement; returns of how many reports. For the job of
    every minute.
    """
    with acting(actor):
        waiting = [one["duplicate_of"] for one in _waiting()]
    return sum(_gathered(actor, pk) for pk in waiting)


def pending_supplements(actor: Actor) -> list[WaitingSupplement]:
    """List reports with duplicates waiting to be sent, the highest number first."""
    actor.require("reports.read")
    with acting(actor):
        found = {one["duplicate_of"]: one for one in _waiting()}
        rows = Report.objects.defer(*UNSHOWN).in_bulk(found)
        made = [
            WaitingSupplement(rows[pk].report_id, rows[pk].number, rows[pk].provider_name, one["n"], one["since"])
            for pk, one in found.items()
        ]
    return sorted(made, key=lambda one: (-one.duplicates, one.since))


def reports_that_wait() -> int:
    """Count reports with duplicates waiting to be sent. Call inside `acting(actor)`."""
    return len(_waiting())


def _waiting() -> list[dict[str, Any]]:
    rows = Report.objects.filter(to_send__isnull=False).order_by().values("duplicate_of")
    return [{**one} for one in rows.annotate(n=Count("pk"), since=Min("to_send"))]


def _waits(actor: Actor, original: Report, row: Report) -> bool:
    """Step 4: whether it waits to be gathered. So many left at once, or others wait before it."""
    if not original.duplicates.filter(to_send__isnull=False).exists():
        main = status.primary_referrals(original).first()
        if main is None or main.supplements.filter(created_at__gt=clock.now() - DAY).count() < AT_ONCE:
            return False
        record(actor, "report.gathering", "report", original.report_id, by=row.report_id, referral=main.number)
    row.to_send = clock.now()
    row.save(update_fields=["to_send"])
    return True


def _gathered(actor: Actor, pk: UUID) -> bool:
    """One report. What goes wrong with it keeps no other waiting; the next run tries again."""
    try:
        with acting(actor):
            original = Report.objects.select_for_update().get(pk=pk)
            return _send_gathered(actor, original)
    except Exception:
        log.exception("a report in a pending supplement is not sent", report=str(pk))
        return False


def _send_gathered(actor: Actor, original: Report) -> bool:
    rows = original.duplicates.filter(to_send__isnull=False)
    rows.exclude(erased_at=None).update(to_send=None)
    newest = original.referrals.exclude(supplement_to=None).order_by("-created_at").first()
    early = newest is not None and newest.created_at > clock.now() - EVERY
    if early or original.state not in FOLLOWED:
        if original.state in status.FINAL.values():
            rows.update(to_send=None)
        return False  # what was given back goes with the next referral
    try:
        parts, done = new_information.unsent(original)
    except Erased:
        rows.update(to_send=None)
        return False
    if parts:
        _send(actor, original, parts, rows.count() - len(done))
    new_information.waits_no_longer(original, done)
    return bool(parts)


def _send(actor: Actor, original: Report, parts: Sequence[tuple[Report, Body]], left: int = 0) -> int:
    """Do steps 2 and 3 for one or more duplicates; return the number of packages.

    `left` more are waiting for the next supplement.
    """
    mains = list(status.primary_referrals(original))
    for main in mains:
        package = _package(original, parts, main, left)
        number = refer.post(actor, original, directory.entry(main.authority_id), package, main)
        record(
            actor,
            "report.supplemented",
            "report",
            original.report_id,
            by=parts[0][0].report_id,
            reports=len(parts),
            referral=main.number,
            supplement=number,
        )
    return len(mains)


def _package(original: Report, parts: Sequence[tuple[Report, Body]], main: Referral, left: int) -> Wire:
    """The package of the referral, with the new information instead of what it carried."""
    before = package_of(original, main)
    rows, (first, *others) = [row for row, _body in parts], [body for _row, body in parts]
    found, came = rule.resolve(first, duplicates=others), {row.report_id for row in rows}
    where = coded_reasons.jurisdiction(found.rule, found.values, (one.stored() for one in found.evidence))
    judged = before.assessment.model_copy(
        update={
            "urgent": original.urgent,
            **coded_reasons.urgency(original, parts),
            **_why(original, rows, main, before),
            "completeness": max(row.completeness for row in rows),
            **coded_reasons.missing(rows),
        }
    )
    files = handover.for_package(original, main.authority_id)
    return derive(
        before,
        reports=(first, *others),
        assessment=judged,
        more_reports=left or None,
        jurisdiction=before.jurisdiction.model_copy(update=where),
        duplicates_of=(original.report_id,),
        evidence=tuple(one for one in files if one.report_id in came)[:500],
    )


def package_of(original: Report, main: Referral) -> Wire:
    """The package that a referral of a report carried."""
    return Wire.from_bytes(unseal(original.report_id, "referral", main.referral_id, bytes(main.sealed_body)))


def derive(before: Wire, **changes: object) -> Wire:
    """Build a supplement: the package with replaced fields, without other files or duplicates."""
    made = before.model_copy(
        update={
            "referral_id": uuid7(),
            "case_number": case_number("F"),
            "created_at": clock.now(),
            "supplement_to": before.referral_id,
            "more_reports": None,
            "duplicates_of": (),
            "evidence": (),
            **changes,
        }
    )
    # A copy is not checked; what is read is.
    return Wire.from_bytes(made.to_bytes())


def _why(original: Report, rows: Sequence[Report], main: Referral, before: Wire) -> dict[str, Any]:
    values = {"referral": main.number, "original": original.number, "number": rows[0].number, "count": len(rows)}
    code = RelevanceCode.SUPPLEMENT_OF_ONE if len(rows) == 1 else RelevanceCode.SUPPLEMENT_OF_SEVERAL
    return coded_reasons.supplement(code, values, before.assessment.relevance_codes)
