"""Receive referrals and withdrawals from the Centre."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from tutela import clock
from tutela.casework.search import keys as search_keys
from tutela.casework.search import report_values
from tutela.casework.search.values import Value, ValueKind, value
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.exchange.referral.referral import Referral as Wire
from tutela.exchange.referral.withdrawal import Withdrawal
from tutela.investigations.errors import ForAnother, NotACentre
from tutela.investigations.inbox import expiring_evidence, retention_periods, withdrawals
from tutela.investigations.inbox.addressee import same_name
from tutela.investigations.models import Referral, ReportIndex
from tutela.law import clocks
from tutela.law.clock_kinds import URGENT
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory


def receive(sender: Actor, authority: directory.DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store a referral, once. Raises `NotACentre`, `ForAnother`, or the ValidationError that names every bad field.

    Keys say who sent the message and for whom; the package must name the same authority, in any spelling.
    """
    _from_centre(sender)
    package = Wire.from_bytes(body)
    if not same_name(package.authority, authority.name):
        raise ForAnother(authority=package.authority)
    actor = directory.acting_for(authority, sender.reference, sender.name)
    return inbox.once(actor, sender.organisation_id, key, body, lambda: (201, _store(actor, sender, package)))


def withdraw(sender: Actor, authority: directory.DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Note that something no longer holds on every referral it concerns."""
    _from_centre(sender)
    message = Withdrawal.from_bytes(body)
    actor = directory.acting_for(authority, sender.reference, sender.name)

    def work() -> tuple[int, str]:
        withdrawals.note(actor, message)
        return 201, "{}"

    return inbox.once(actor, sender.organisation_id, key, body, work)


def _from_centre(sender: Actor) -> None:
    if not sender.verified or sender.organisation_kind != "centre":
        raise NotACentre


def _store(actor: Actor, sender: Actor, package: Wire) -> str:
    rules = retention_periods.current()
    gone = expiring_evidence.next_of(package, clock.now(), rules)
    row, new = Referral.objects.get_or_create(
        organisation_id=actor.organisation_id,
        referral_id=package.referral_id,
        defaults={
            "number": package.case_number,
            "centre_id": sender.organisation_id,
            "centre_name": sender.organisation_name,
            "sealed_body": subject_keys.seal(
                actor, "referral", package.referral_id, package.to_bytes(), f"referral:{package.referral_id}"
            ),
            "sha256": package.fingerprint(),
            "found_by": search_keys.keys_of(actor.organisation_id, _found_by(package)),
            "expires_at": gone.until if gone else None,
            "expires_by": rules.edition,
            "urgent": package.assessment.urgent,
            "urgency_codes": [one.model_dump() for one in package.assessment.urgency_said],
            "kinds": ", ".join(sorted({k.value for r in package.reports for k in r.kinds})),
            "reports": len(package.reports),
            "supplement_to": package.supplement_to,
            # The outcome of a supplement is reported on the referral to which the supplement belongs.
            "closed": package.supplement_to is not None,
        },
    )
    if new:
        ReportIndex.objects.bulk_create(
            ReportIndex(organisation_id=actor.organisation_id, report_id=one, referral=row)
            for one in withdrawals.reports_of(package)
        )
        kind = URGENT["acknowledgement"] if row.urgent else "acknowledgement"
        clocks.start(actor, kind, "referral", row.referral_id)
        withdrawals.apply_early(actor, row, package)
        record(actor, "referral.received", "referral", row.referral_id, number=row.number, urgent=row.urgent)
    return "{}"


def _found_by(package: Wire) -> Iterator[Value]:
    """The values by which people search for a package: its own digest, its sealed files, and what its reports name."""
    yield value(ValueKind.DIGEST, package.fingerprint())
    yield from (value(ValueKind.DIGEST, one.clear_sha256) for one in package.evidence)
    # In turns, so that a long report leaves the others findable.
    turns = zip_longest(*map(report_values.values_of, package.reports))
    yield from (one for turn in turns for one in turn if one is not None)
