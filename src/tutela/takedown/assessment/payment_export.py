"""Commercial material and how is paid for it, for the financial intelligence unit of the hotline's country.

One line for each case whose newest assessment says "illegal" and "commercial". The view is recorded: it has addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef

from tutela.events.actor import Actor
from tutela.events.list_access import every
from tutela.events.transaction import acting
from tutela.organisations.keys import subject_keys
from tutela.takedown.case_rows import SUBJECT
from tutela.takedown.intake.open_case import address_in, address_purpose
from tutela.takedown.models import Assessment, Commerciality, PoliceStep, PoliceStepKind, Verdict

READ = "takedown.notify"
# A file for another authority is read by people.
MOST = 2000


@dataclass(frozen=True)
class PaymentLine:
    """One case. `address` is empty once the contents are erased; `police`: reference of the report to the police."""

    case_id: UUID
    number: str
    address: str
    payments: tuple[str, ...]
    country: str
    provider: str
    assessed_at: datetime
    police: str


def payment_lines(actor: Actor, since: date, until: date) -> tuple[list[PaymentLine], bool]:
    """The cases assessed on some days, both included, newest first; and whether there are more than `MOST`."""
    actor.require(READ)
    begin, end = datetime.combine(since, time(), UTC), datetime.combine(until, time(), UTC) + timedelta(days=1)
    with acting(actor):
        rows = Assessment.objects.filter(verdict=Verdict.ILLEGAL, commerciality=Commerciality.COMMERCIAL)
        rows = rows.filter(created_at__gte=begin, created_at__lt=end).select_related("case")
        # A later opinion about the case counts instead.
        later = Assessment.objects.filter(case=OuterRef("case"), created_at__gt=OuterRef("created_at"))
        rows = rows.exclude(Exists(later))
        found = list(rows.order_by("-created_at", "-pk")[: MOST + 1])
        shown = found[:MOST]
        every(actor, SUBJECT, (one.case_id for one in shown), list="payments")
        bodies = [(one.case_id, bytes(one.case.sealed_address), address_purpose(one.case_id)) for one in shown]
        opened = subject_keys.unseal_all(SUBJECT, bodies)
        told = PoliceStep.objects.filter(case__in=[one.case_id for one in shown], kind=PoliceStepKind.REPORTED)
        references = dict(told.order_by("created_at").values_list("case_id", "reference"))
        lines = [
            PaymentLine(
                one.case_id,
                one.case.number,
                address_in(body).normal if body else "",
                tuple(one.payments),
                one.case.hosting_country,
                one.case.provider,
                one.created_at,
                references.get(one.case_id, ""),
            )
            for one, body in zip(shown, opened, strict=True)
        ]
    return lines, len(found) > MOST
