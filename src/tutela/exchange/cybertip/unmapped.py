"""List the content of a written document that no element can hold, line by line."""

from __future__ import annotations

from collections.abc import Container, Iterator

from tutela.exchange.cybertip.accounts import MEASURES
from tutela.exchange.cybertip.text_lengths import connection, held, perceptual
from tutela.exchange.report.fields import Item
from tutela.exchange.report.report import Report


def rest(report: Report, uploaded: Container[object]) -> Iterator[tuple[str, object]]:
    """Contents for which the format has no element."""
    basis = report.legal_basis
    yield "Report", report.report_id
    yield "Language", report.language
    yield "Legal basis", f"{basis.act}{f', {basis.article}' if basis.article else ''} ({basis.regime})"
    yield "How the provider became aware", ", ".join(report.awareness.manners)
    yield "More on that", report.awareness.details
    if report.removal:
        removed = "removed or disabled" if report.removal.removed_or_disabled else "not removed"
        at = report.removal.at
        yield "Removal", f"{removed}{f', {at.isoformat()}' if at else ''}"
        yield "More on that", report.removal.details
    for measure in report.user_decision.measures:
        if not measure.startswith(tuple(MEASURES)):
            yield "Measures against the user", measure
    yield "Measures against the user", report.user_decision.details
    if report.confirmation:
        how = report.confirmation
        yield "Confirmed", f"{how.confirmed_by}, {how.at.isoformat()}, {how.how}"
    for item in report.items:
        if item.item_id not in uploaded:
            yield from _by_digests(item)
    for part in (report.other_data, report.other):
        if part:
            yield "Other", part.text
            for attached in part.attachments:
                yield "Held elsewhere", held(attached)
    if report.preservation:
        yield "Preserved until", report.preservation.until.isoformat()
        yield "Preserved under", report.preservation.reference
    for step in report.steps:
        yield "Step", f"{step.kind}, {step.at.isoformat()}, {step.by}"
    yield "Issued", f"{report.issuance.issued_at.isoformat()} ({report.issuance.time_zone})"
    yield "Time stamp", report.issuance.time_stamp


def _by_digests(item: Item) -> Iterator[tuple[str, object]]:
    yield f"Item {item.item_id}", "by its digests alone"
    for kind in ("md5", "sha1", "sha256"):
        yield kind.upper(), getattr(item, kind)
    for one in item.pdq:
        yield "PDQ", perceptual(one)
    yield "File name", item.original_name
    yield "Circulates", ", ".join(item.spread or ()) or None
    yield from of_item(item)


def of_item(item: Item) -> Iterator[tuple[str, object]]:
    yield "Kind", f"{item.kind}{f', {item.media_type}' if item.media_type else ''}"
    yield "Size", item.size
    yield "Created", item.created.isoformat() if item.created else None
    yield "Metadata", item.metadata
    yield "Series", item.series
    for seen in item.sightings:
        words = (seen.at.isoformat(), seen.url, seen.channel, seen.account, seen.action)
        yield "Sighting", ", ".join(filter(None, (*words, connection(seen.network) if seen.network else None)))
    for match in item.matches:
        entry = f"{match.list_id} version {match.list_version}, entry {match.entry_id}"
        how = f"{', corroborated' if match.corroborated else ''}{f', {match.doubt}' if match.doubt else ''}"
        yield "Match", f"{entry}, {match.source_kind}, {match.rule}{how}"
    for attached in item.attachments:
        yield "Held", held(attached)
