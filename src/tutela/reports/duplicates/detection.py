"""Duplicate detection: a report is a duplicate only of a report with the same identity.

The identity is a keyed hash of the provider, the service, the accounts by all identifiers, the times, and the items by
SHA-256 or SHA-1. A report without accounts, times or items, or with an item that has neither digest, is never a
duplicate: its identity is its own ID. Perceptual hashes and MD5 make no duplicate, because both can be alike by chance
or on purpose.

`intake.store` compares the identities of new reports with stored ones, and a unique index decides races.
`followups.duplicate_effects` does what follows.
"""

from __future__ import annotations

from uuid import UUID

from tutela.exchange.report.fields import Item, named, themselves
from tutela.exchange.report.report import Report
from tutela.reports.report_encryption import blind


def digest_of(item: Item) -> str | None:
    """Return the digest that identifies copies of an item, or None."""
    for kind in ("sha256", "sha1"):
        if value := getattr(item, kind):
            return f"{kind}:{value}"
    return None


def identity_of(provider_id: UUID, report: Report) -> bytes:
    """Return the identity of a report: two reports are duplicates if it is equal."""
    accounts = [named(user) for user in themselves(report.users)]
    related = sorted(f"{one.relation}={named(one)}" for one in report.users if one.relation)
    moments = sorted(moments_of(report))
    items = [digest_of(item) for item in report.items]
    if not accounts or not all(accounts) or not moments or not items or None in items:
        return blind("unique", str(report.report_id))
    known = sorted(item for item in items if item)
    return blind(
        "identity", str(provider_id), report.service.name, *sorted(accounts), *related, "|", *moments, "|", *known
    )


def moments_of(report: Report) -> set[str]:
    """Return the times of every address and every sighting, as text."""
    seen = {s.at for item in report.items for s in item.sightings}
    return {at.isoformat() for at in {place.at for place in report.locations} | seen}
