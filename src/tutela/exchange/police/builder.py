"""Build the message from a referral: each named thing becomes one entity with its relations.

Means of communication keep port, time and zone, because carrier-grade address translation needs both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tutela.exchange.police.message import Attached, Entity, Hashes, Party, PoliceMessage, Preservation
from tutela.exchange.referral.handling_codes import Evaluation, Handling
from tutela.exchange.referral.referral import Referral
from tutela.exchange.report.fields import Item, Person
from tutela.exchange.report.report import Report

# Default without an evaluation by the Centre: a single provider's report, whose reliability cannot be assessed.
UNKNOWN = Evaluation.of("X4")
PERSON_FIELDS = (
    ("usernames", "account"),
    ("identifiers", "account"),
    ("emails", "email"),
    ("other_emails", "email"),
    ("phones", "phone"),
    ("other_phones", "phone"),
    ("profile_urls", "url"),
)


class _Entities:
    """Entities in the order in which they are first named; the same one once."""

    def __init__(self) -> None:
        self.rows: list[Entity] = []
        self.relations: list[tuple[str, str, str]] = []
        self._known: dict[str, str] = {}

    def add(self, **fields: Any) -> str:
        key = repr(sorted((name, repr(value)) for name, value in fields.items()))
        if key not in self._known:
            self._known[key] = f"e{len(self.rows) + 1}"
            self.rows.append(Entity(id=self._known[key], **fields))
        return self._known[key]

    def relate(self, one: str, how: str, other: str) -> None:
        if (one, how, other) not in self.relations:
            self.relations.append((one, how, other))


def message(referral: Referral, attachments: Iterable[Attached] = ()) -> PoliceMessage:
    """The message of a referral."""
    made, assessed = _Entities(), referral.assessment
    for report in referral.reports:
        _report(made, report)
    first = referral.reports[0]
    kinds = ", ".join(sorted({kind.value for report in referral.reports for kind in report.kinds}))
    return PoliceMessage(
        reference=referral.case_number,
        related=tuple(f"report:{one.report_id}" for one in referral.reports)
        + tuple(f"duplicate:{one}" for one in referral.duplicates_of),
        created=referral.created_at,
        urgency="urgent" if assessed.urgent else "normal",
        urgency_reason=assessed.urgency_reason,
        subject=f"Referral {referral.case_number}: {kinds}"[:300],
        originator=Party(name=referral.centre),
        addressees=(Party(name=referral.authority, country=referral.jurisdiction.country),),
        handling=referral.handling or Handling(),
        evaluation=referral.evaluation or UNKNOWN,
        legal_basis=" ".join(filter(None, (first.legal_basis.act, first.legal_basis.article)))[:300],
        jurisdiction=(referral.jurisdiction.ground.replace("_", " "), *referral.jurisdiction.facts),
        entities=tuple(made.rows),
        relations=tuple(made.relations),
        preservation=tuple(_preserved(referral)),
        attachments=tuple(attachments),
    )


def _report(made: _Entities, report: Report) -> None:
    provider = made.add(type="organisation", role="provider", name=report.provider.name)
    files = [_file(made, item, report) for item in report.items]
    for role, people in (("suspect", report.users), ("victim", report.victims)):
        of = ""
        for number, one in enumerate(people, 1):
            if one.relation is not None:
                _related(made, one, f"account {number} with the {role}s of report {report.report_id}", of)
                continue
            of = person = made.add(type="person", role=role, name=f"{role} {number} of report {report.report_id}")
            made.relate(provider, "reports", person)
            for means in _means(made, one, report.service.name):
                made.relate(person, "uses", means)
            if role == "suspect":
                for file in files:
                    made.relate(person, "connected with", file)
    for place in report.locations:
        address = made.add(type="communication", kind="ip", value=str(place.ip), port=place.port, time=place.at)
        made.relate(provider, "recorded", address)
    for area in report.geography:
        where = ", ".join(filter(None, (area.postal_code, area.place))) or None
        derived = area.derived_from or "an unnamed source"
        spot = made.add(type="location", country=area.country, name=where, text=f"derived from: {derived}")
        made.relate(provider, "names", spot)


def _related(made: _Entities, one: Person, name: str, of: str) -> None:
    """An account that belongs to a person, perhaps at another service: neither a suspect nor a child."""
    person = made.add(type="person", role="related", kind=one.relation, name=name)
    if of:
        made.relate(person, "related to", of)
    for means in _means(made, one, None):
        made.relate(person, "uses", means)


def _means(made: _Entities, person: Person, service: str | None) -> Iterator[str]:
    for field, kind in PERSON_FIELDS:
        for value in getattr(person, field):
            yield made.add(type="communication", kind=kind, value=value, service=service if kind == "account" else None)


def _file(made: _Entities, item: Item, report: Report) -> str:
    hashes = Hashes(md5=item.md5, sha1=item.sha1, sha256=item.sha256, pdq=tuple(one.hash for one in item.pdq))
    kinds = "report:" + ",".join(sorted(kind.value for kind in report.kinds))
    file = made.add(type="file", kind=item.kind.value, hashes=hashes, size=item.size, classification=kinds[:300])
    for seen in item.sightings:
        if seen.url:
            made.relate(file, "seen at", made.add(type="communication", kind="url", value=seen.url, time=seen.at))
        if seen.network:
            address = made.add(
                type="communication",
                kind="ip",
                value=str(seen.network.ip),
                port=seen.network.port,
                time=seen.network.at,
                event=seen.action,
            )
            made.relate(file, "sent from", address)
    return file


def _preserved(referral: Referral) -> Iterator[Preservation]:
    for report in referral.reports:
        stated = report.preservation.until if report.preservation else None
        yield Preservation(until=stated, contact=f"{report.provider.name}, {report.provider.contact_point}"[:300])
