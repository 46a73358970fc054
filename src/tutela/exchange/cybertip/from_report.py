"""Convert a canonical report to a submission in the CyberTipline format: the inverse of `to_report`.

1. A field that has an element goes there. Any other field is written as text in the last element, and nothing is lost:
   `fields` states where each field went.
2. Nothing is invented. Of several users one is the person reported, and the others are accounts named in the same
   report. An account of a person is associated with that person, with its relation.
3. A value that is too long for its element is cut there and is complete in the text.
4. The result fits the schema and the rules (`parser.read_tip` reads it), or is refused with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from tutela.exchange.cybertip.accounts import account, capture
from tutela.exchange.cybertip.elements import types
from tutela.exchange.cybertip.parser import BrokenElement, read_details, read_tip
from tutela.exchange.cybertip.text_lengths import Notes, fit, perceptual, put, put_url, web_address
from tutela.exchange.cybertip.to_report import SPREAD
from tutela.exchange.cybertip.unmapped import of_item, rest
from tutela.exchange.report.fields import Item, Person, themselves
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import Danger, HowConfirmed, MaterialKind, ServiceKind

# The format's own words for what happened, which are not ours.
_TYPES = types()["incidentType"].words
MATERIAL, SOLICITATION = _TYPES[0], next(one for one in _TYPES if one.startswith("Online Enticement"))


class CannotSubmitError(ValueError):
    """The format cannot carry this report; the text names the element and the reason."""


def submission(report: Report, email: str, files: Iterable[Item], now: datetime) -> bytes:
    """The `<report>`. `email` is where the provider is asked back, `files` the items that are uploaded after it.

    Raises `CannotSubmitError`.
    """
    uploaded, notes = {item.item_id for item in files}, Notes()
    root = etree.Element("report")
    _incident(root, report, now, notes)
    _places(root, report, notes)
    _police(root, report, notes)
    _reporter(root, report, email)
    _people(root, report, now, notes)
    for child, others in _with_related(report.victims):
        victim = etree.SubElement(root, "victim")
        account(victim, child, "victimPerson", report, now, others)
    for line in rest(report, uploaded):
        notes.add(*line)
    notes.into(root)
    return _checked(root, now)


def details(item: Item, report: Report, number: int, file: str, now: datetime) -> bytes:
    """The `<fileDetails>` of an uploaded item. Raises `CannotSubmitError`."""
    notes, root = Notes(), etree.Element("fileDetails")
    seen = item.sightings[0] if item.sightings else None
    put(root, "reportId", str(number))
    put(root, "fileId", file)
    fit(root, "originalFileName", item.original_name, 2056, notes)
    if seen and seen.at <= now:
        put(root, "uploadedToEspTimestamp", seen.at.isoformat())
    if seen and seen.url and not put_url(root, "locationOfFile", seen.url):
        notes.add("Where it was seen", seen.url)
    if report.confirmation is not None:
        put(root, "fileViewedByEsp", "true" if report.confirmation.how is HowConfirmed.VIEWED else "false")
    put(root, "fileRelevance", "Reported")
    _annotations(root, item)
    for kind, value in (("MD5", item.md5), ("SHA1", item.sha1), ("SHA256", item.sha256)):
        if value:
            put(root, "originalFileHash", value).set("hashType", kind)
    if seen and seen.network:
        capture(root, seen.network, now, "Upload" if (seen.action or "").lower().startswith("upload") else "Unknown")
    if item.pdq:
        hashes = etree.SubElement(root, "details", type="HASH")
        for one in item.pdq:
            pair = etree.SubElement(hashes, "nameValuePair")
            put(pair, "name", "PDQ")
            put(pair, "value", perceptual(one))
    notes.add("Item", item.item_id)
    for name, text in of_item(item):
        notes.add(name, text)
    notes.into(root)
    try:
        text = _bytes(root)
        read_details(text, now, sending=True)
    except BrokenElement as error:
        raise CannotSubmitError(str(error)) from None
    return text


def _annotations(root: etree._Element, item: Item) -> None:
    if item.spread:
        marks = etree.SubElement(root, "fileAnnotations")
        for said, name in SPREAD.items():
            if said in item.spread:
                etree.SubElement(marks, name)


def _checked(root: etree._Element, now: datetime) -> bytes:
    text = _bytes(root)
    try:
        read_tip(text, now, sending=True)
    except BrokenElement as error:
        raise CannotSubmitError(str(error)) from None
    return text


def _incident(root: etree._Element, report: Report, now: datetime, notes: Notes) -> None:
    summary = etree.SubElement(root, "incidentSummary")
    approached = set(report.kinds) == {MaterialKind.SOLICITATION}
    put(summary, "incidentType", SOLICITATION if approached else MATERIAL)
    fit(summary, "platform", report.service.name, 256, notes)
    if report.urgency.urgent:
        fit(summary, "escalateToHighPriority", report.urgency.reason, 3000, notes)
    if Danger.EXTORTION in (report.urgency.dangers or ()):
        etree.SubElement(etree.SubElement(summary, "reportAnnotations"), "sextortion")
    notes.add("Danger to a child", ", ".join(report.urgency.dangers or ()) or None)
    at, said = _moment(report, now)
    put(summary, "incidentDateTime", at.isoformat())
    put(summary, "incidentDateTimeDescription", said)
    notes.add("Kinds of material", ", ".join(report.kinds))


def _moment(report: Report, now: datetime) -> tuple[datetime, str]:
    """Time of the event, as far as it is known, and the meaning of that time."""
    seen = [s.at for item in report.items for s in item.sightings if s.at <= now]
    if seen:
        return max(seen), "The newest moment at which an item was seen."
    connected = [place.at for place in report.locations if place.at <= now]
    if connected:
        return max(connected), "The newest moment of a connection."
    return min(report.issuance.issued_at, now), "The moment of this report; no other is known."


def _places(root: etree._Element, report: Report, notes: Notes) -> None:
    service = report.service
    urls = [url for url in service.urls if web_address(url)]
    if urls:
        page = etree.SubElement(etree.SubElement(root, "internetDetails"), "webPageIncident")
        for url in urls:
            put(page, "url", url)
    if ServiceKind.INTERPERSONAL_COMMUNICATION in service.kinds:
        chat = etree.SubElement(etree.SubElement(root, "internetDetails"), "chatImIncident")
        fit(chat, "chatClient", service.name, 255, notes)
    notes.add("Kinds of service", ", ".join(service.kinds))
    notes.add("Service", service.details)
    for url in service.urls:
        if url not in urls:
            notes.add("Address", url)


def _police(root: etree._Element, report: Report, notes: Notes) -> None:
    told = report.third_country
    if told.reported:
        agency = etree.SubElement(root, "lawEnforcement")
        fit(agency, "agencyName", told.authority, 255, notes)
        fit(agency, "caseNumber", told.reference, 100, notes)
        put(agency, "reportedToLe", "true")


def _reporter(root: etree._Element, report: Report, email: str) -> None:
    own = report.provider
    reporter = etree.SubElement(root, "reporter")
    put(etree.SubElement(reporter, "reportingPerson"), "email", email)
    known = [("Provider", own.name), ("Contact point", own.contact_point), ("Contact", own.contact)]
    if own.legal_representative:
        behalf = own.legal_representative
        known += [("Legal representative", behalf.name), ("Its contact", behalf.contact)]
    known.append(("Signed by", report.issuance.signatory))
    put(reporter, "companyTemplate", "\n".join(f"{name}: {text}" for name, text in known))


def _people(root: etree._Element, report: Report, now: datetime, notes: Notes) -> None:
    if not report.users and not report.locations and not report.geography and not report.user_decision.measures:
        return
    first = next(iter(themselves(report.users)), None)
    reported = etree.SubElement(root, "personOrUserReported")
    others = [one for one in report.users if one is not first]
    account(reported, first, "personOrUserReportedPerson", report, now, others)


def _with_related(people: Iterable[Person]) -> list[tuple[Person | None, list[Person]]]:
    """Group related accounts by person; accounts before the first person belong to None."""
    found = list[tuple[Person | None, list[Person]]]()
    for one in people:
        if one.relation is None:
            found.append((one, []))
        else:
            if not found:
                found.append((None, []))
            found[-1][1].append(one)
    return found


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
