"""Storage of sealed evidence: kept for one authority, never opened here, deleted on arrival.

1. `plan` fixes the recipient of a file before its first byte. A plan needs an authority, its current key, and a
   recorded legal basis. Without one of them the file is hashed and not stored, and the report keeps the provider's own
   reference.
2. `keep` writes the row once the ciphertext is on the disk, in the transaction that records the file.
3. `drop` records the deletion with the reason; the file is deleted when that is committed. Reasons:
   - the addressee acknowledged the referral;
   - the provider retracted the report or never finished it;
   - the report was unfounded, an error or erased;
   - the file arrived for such a report while a hold forbade to say so;
   - another ciphertext replaced it;
   - its maximum storage time is over.
4. Files and rows left inconsistent by a crash are cleaned up.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Min, Model, Q, QuerySet, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all
from tutela.events.record import record, rows_of
from tutela.events.transaction import acting
from tutela.exchange.referral.referral import SealedFile
from tutela.organisations.errors import Erased
from tutela.organisations.keys import sealed_files
from tutela.organisations.people import directory, encryption_recipients
from tutela.organisations.people.encryption_recipients import Recipient
from tutela.reports.evidence import legal_basis, quota
from tutela.reports.models import Evidence, Report
from tutela.reports.report_encryption import ReportBox, box_for, unseal, unseal_all

# The provider keeps the original for longer, on a node of ours for twelve months (`law.retention`); what nobody fetched
# in this time is asked for there.
LONGEST_STORAGE = timedelta(days=90)
# Its addressee has it.
ARRIVED = "arrived"
REASONS = ("no_authority", "no_key", "no_basis", "too_much", "too_large", "revoked")


@dataclass(frozen=True)
class StoragePlan:
    """Recipient to whom a file will be sealed; or none, and why (a code of `REASONS`)."""

    recipient: Recipient | None
    why_not: str = ""


@dataclass(frozen=True)
class Inside:
    """Statements about the sealed file."""

    name: str
    size: int
    sha256: str
    sha1: str = ""
    md5: str = ""
    media_type: str = ""


@dataclass(frozen=True)
class Origin:
    """Origin of a file: its report and provider, its source, and its name there."""

    report_id: UUID
    provider_id: UUID
    source: str
    file_id: str


@dataclass(frozen=True)
class Sealed:
    """A written ciphertext, to whom it is sealed, and what is inside."""

    part: sealed_files.SealedFileWriter
    to: Recipient
    inside: Inside


@dataclass(frozen=True)
class OfAddressee:
    """Summary of the files stored for one addressee."""

    name: str
    has_key: bool
    files: int
    size: int
    oldest: datetime | None


def plan(provider_id: UUID, addressee_id: UUID | None) -> StoragePlan:
    """Choose the recipient to whom the next file of this provider is sealed (1). Call inside `acting(centre)`."""
    if addressee_id is None or not directory.entry(addressee_id).verified:
        return StoragePlan(None, "no_authority")
    found = encryption_recipients.current(addressee_id)
    if found is None:
        return StoragePlan(None, "no_key")
    if legal_basis.standing() is None:
        return StoragePlan(None, "no_basis")
    return StoragePlan(found) if quota.has_room(provider_id) else StoragePlan(None, "too_much")


def keep(actor: Actor, origin: Origin, sealed: Sealed, resealed_from: Evidence | None = None) -> Evidence | None:
    """Store a written file (2). None, with nothing stored, if its key was revoked meanwhile. Inside `acting(actor)`."""
    made = kept(actor, origin, sealed, box_for(actor, origin.report_id), resealed_from)
    if made and insert_all(made):
        raise RuntimeError(
            "A file of this addressee was stored in the meantime; only the holder of the report's lock can store one."
        )
    return made[0] if made and isinstance(made[0], Evidence) else None


def kept(
    actor: Actor, origin: Origin, sealed: Sealed, box: ReportBox, resealed_from: Evidence | None = None
) -> list[Model]:
    """Prepare the rows of `keep`, with the event's, for the caller to insert; empty if nothing is stored."""
    part, to, report_id = sealed.part, sealed.to, origin.report_id
    if encryption_recipients.revoked(to.text):
        part.discard()
        return []
    part.finish()
    row = Evidence(
        organisation_id=actor.organisation_id,
        report_id=report_id,
        provider_id=origin.provider_id,
        source=origin.source,
        file_id=origin.file_id,
        addressee_id=to.organisation_id,
        key_id=to.key_id,
        name=part.name,
        size=part.size,
        sha256=part.sha256,
        resealed_from=resealed_from,
    )
    facts = json.dumps(sealed.inside.__dict__, ensure_ascii=False).encode()
    row.sealed_facts = box.seal("evidence", row.pk, facts)
    quota.count(row.provider_id, row.size)
    events = rows_of(
        actor,
        "evidence.kept",
        "report",
        report_id,
        evidence=row.pk,
        addressee=to.organisation_id,
        key=to.key_id,
        size=part.size,
        sha256=part.sha256,
    )
    return [row, *events]


def not_kept(actor: Actor, report_id: UUID, file_id: str, why: str) -> list[Model]:
    """The event's rows that a file was hashed alone, and why."""
    return [*rows_of(actor, "evidence.not_kept", "report", report_id, file=file_id, reason=why)]


def drop(actor: Actor, rows: Iterable[Evidence], how: str) -> int:
    """Delete ciphertext (3) that is still there; returns how many. Call inside `acting(actor)`."""
    count = 0
    for row in Evidence.objects.select_for_update().filter(pk__in=[one.pk for one in rows], gone_at=None):
        row.gone_at, row.gone_as = clock.now(), how
        row.save(update_fields=["gone_at", "gone_as"])
        record(actor, "evidence.deleted", "report", row.report_id, evidence=row.pk, reason=how)
        transaction.on_commit(lambda name=row.name: sealed_files.remove(name))  # type: ignore[misc]
        count += 1
    return count


def of_reports(report_ids: Iterable[UUID]) -> QuerySet[Evidence]:
    """Stored files of some reports. Call inside `acting(actor)`."""
    return Evidence.objects.filter(report_id__in=list(report_ids), gone_at=None)


def of_all(row: Report) -> QuerySet[Evidence]:
    """Stored files of a report and of all its duplicates. Call inside `acting(actor)`."""
    repeats = row.duplicates.values("report_id")
    return Evidence.objects.filter(Q(report_id=row.report_id) | Q(report_id__in=repeats), gone_at=None)


def drop_of(actor: Actor, report_ids: Iterable[UUID], how: str) -> int:
    """Delete everything that is kept of some reports. Call inside `acting(actor)`."""
    return drop(actor, of_reports(report_ids), how)


def by_addressee(actor: Actor) -> list[OfAddressee]:
    """Amount of stored evidence for each addressee, and since when."""
    actor.require("reports.read")
    with acting(actor):
        kept = Evidence.objects.filter(gone_at=None).order_by().values("addressee_id")
        rows = {row["addressee_id"]: row for row in kept.annotate(n=Count("pk"), sum=Sum("size"), at=Min("created_at"))}
        sealed_to = encryption_recipients.holders(rows)
    names = directory.names(rows)
    found = [OfAddressee(names[one], one in sealed_to, row["n"], row["sum"], row["at"]) for one, row in rows.items()]
    return sorted(found, key=lambda one: one.name)


def inside_of(row: Evidence) -> Inside | None:
    """Return the statements about a file; None once the report is erased.

    Call inside `acting(actor)`.
    """
    try:
        return Inside(**json.loads(unseal(row.report_id, "evidence", row.pk, bytes(row.sealed_facts))))
    except Erased:
        return None


def with_inside(rows: Iterable[Evidence]) -> list[tuple[Evidence, Inside]]:
    """Return files with their statements, except files of erased reports.

    Call inside `acting(actor)`.
    """
    kept = list(rows)
    bodies = unseal_all("evidence", ((row.report_id, row.pk, bytes(row.sealed_facts)) for row in kept))
    return [(row, Inside(**json.loads(body))) for row, body in zip(kept, bodies, strict=True) if body is not None]


def as_message(row: Evidence, inside: Inside) -> SealedFile:
    """A file as packages and lists name it."""
    return SealedFile(
        evidence_id=row.pk,
        report_id=row.report_id,
        file_id=row.file_id,
        sha256=row.sha256,
        size=row.size,
        key_id=row.key_id,
        clear_sha256=inside.sha256,
        clear_size=inside.size,
        name=inside.name or None,
        media_type=inside.media_type or None,
    )


def expire(actor: Actor) -> int:
    """Delete what nobody fetched in the longest time, and what a crash left; returns how many. For a job."""
    with acting(actor):
        count = drop(
            actor, Evidence.objects.filter(gone_at=None, created_at__lte=clock.now() - LONGEST_STORAGE), "time"
        )
    return count + sealed_files.sweep(lambda names: _with_row(actor, names))


def _with_row(actor: Actor, names: list[str]) -> set[str]:
    with acting(actor):
        return set(Evidence.objects.filter(name__in=names, gone_at=None).values_list("name", flat=True))
