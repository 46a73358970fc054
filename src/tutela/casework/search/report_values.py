"""Values by which a canonical report is found: people, addresses, digests, numbers and references in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest

from tutela.casework.search.values import Value, ValueKind, personal, value
from tutela.exchange.report.fields import NAMES, Attachment, Item
from tutela.exchange.report.report import Report


def values_of(report: Report) -> Iterator[Value]:
    """Every value of a report by which it is found; the kinds take turns, so that none crowds out another."""
    for turn in zip_longest(_references(report), _people(report), _addresses(report), _digests(report)):
        yield from (one for one in turn if one is not None)


def _people(report: Report) -> Iterator[Value]:
    for one in (*report.users, *report.victims):
        for name in NAMES:
            yield from map(personal, getattr(one, name))
    for item in report.items:
        yield from (personal(seen.account) for seen in item.sightings if seen.account)


def _addresses(report: Report) -> Iterator[Value]:
    seen = (one.network for item in report.items for one in item.sightings if one.network)
    yield from (value(ValueKind.IP, str(place.ip)) for place in chain(report.locations, seen))


def _digests(report: Report) -> Iterator[Value]:
    for item in report.items:
        yield from (value(ValueKind.DIGEST, one) for one in digests_of(item))
    yield from (value(ValueKind.DIGEST, one.sha256) for one in _attachments(report))


def digests_of(item: Item) -> Iterable[str]:
    """Every digest and PDQ hash of an item."""
    return [one for one in (item.sha256, item.sha1, item.md5, *(look.hash for look in item.pdq)) if one]


def _references(report: Report) -> Iterator[Value]:
    """The provider's own numbers and references, and the number of a report to a third country."""
    kept = report.preservation.reference if report.preservation else None
    for text in (report.third_country.reference, kept):
        if text:
            yield from (value(ValueKind.NUMBER, text), value(ValueKind.FILE_REFERENCE, text))
    yield from (value(ValueKind.FILE_REFERENCE, one.reference) for one in _attachments(report))


def _attachments(report: Report) -> Iterator[Attachment]:
    yield from chain.from_iterable(item.attachments for item in report.items)
    yield from chain.from_iterable(part.attachments for part in (report.other_data, report.other) if part)
