"""The XARF document of a notice, for hosts whose abuse desk reads reports by machine."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.xarf.document import XarfInvalidError
from tutela.exchange.takedown.xarf.from_notice import Assessed, Party, from_notice
from tutela.takedown.hosts import host_trace
from tutela.takedown.models import Notice, Verdict

FILE_NAME = "xarf.json"


def document(row: Notice, wire: Wire) -> bytes | None:
    """The document, None where XARF has no word for the case's label. Call inside `acting(actor)`."""
    illegal = row.case.assessments.filter(verdict=Verdict.ILLEGAL).order_by("-created_at").first()
    if illegal is None or wire.notifier is None:
        return None
    email = wire.notifier.email
    sender = Party(wire.notifier.name, email, email.rpartition("@")[2])
    trace, found = next(iter(host_trace.traces_of(row.case_id)), (None, None))
    assessed = Assessed(
        illegal.label,
        illegal.created_at,
        source_ip=found.addresses[0].address if found is not None and found.addresses else "",
        hosting_provider=row.provider,
        asn=trace.asn if trace is not None else None,
        country_code=trace.location_country if trace is not None else "",
        detection_method="hash_match" if illegal.certified_copy else "manual_review",
    )
    try:
        return from_notice(wire, wire.locations[0], assessed, sender, report_id=_report_id(row))
    except XarfInvalidError:
        return None


def _report_id(row: Notice) -> UUID:
    """The same for a notice and its reminders. XARF wants version 4, and IDs of rows have another."""
    return UUID(bytes=sha256(row.pk.bytes).digest()[:16], version=4)
