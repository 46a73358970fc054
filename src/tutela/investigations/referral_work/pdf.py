"""A referral as a printable document: everything in the package, in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.contrib.staticfiles import finders
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos

from tutela.exchange.message.translatable_text import visible
from tutela.exchange.police.message import PoliceMessage
from tutela.exchange.referral.referral import Referral
from tutela.exchange.report.dangers import WORDS
from tutela.exchange.report.fields import Person
from tutela.exchange.report.report import Report

type Row = tuple[str, str]
MARGIN = 18


class Document(FPDF):
    """A4, DejaVu Sans (it has the letters of every language of the Union), page numbers and a case number."""

    def __init__(self, title: str, number: str) -> None:
        super().__init__(format="A4")
        self._number = number
        for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold")):
            self.add_font("DejaVu", style, Path(str(finders.find(f"fonts/{name}.ttf"))))
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, MARGIN)
        self.set_title(title)
        self.set_creator("Tutela")
        self.add_page()
        self.set_font("DejaVu", "B", 15)
        self.multi_cell(0, 8, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def normalize_text(self, text: str) -> str:
        return str(super().normalize_text(visible(text)))

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("DejaVu", "", 7)
        self.cell(0, 5, f"{self._number} · {self.page_no()}/{{nb}}", align="C")

    def section(self, title: str, rows: Iterator[Row]) -> None:
        """A heading with labelled lines; empty values are left out."""
        self.ln(3)
        self.set_font("DejaVu", "B", 11)
        self.multi_cell(0, 6, title, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        for label, value in rows:
            if value:
                self.set_font("DejaVu", "B", 8)
                self.multi_cell(0, 4.5, label, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
                self.set_font("DejaVu", "", 9)
                self.multi_cell(0, 4.8, value, new_x=XPos.LMARGIN, new_y=YPos.NEXT, wrapmode=WrapMode.CHAR)


def render(referral: Referral) -> bytes:
    """The PDF's bytes."""
    document = Document(f"Referral {referral.case_number}", referral.case_number)
    document.section("Referral", _head(referral))
    document.section("Assessment by the Centre", _assessment(referral))
    document.section("Jurisdiction", _jurisdiction(referral))
    for report in referral.reports:
        document.section(f"Report {report.report_id}", _report(report))
        document.section("Items", _items(report))
        document.section("Accounts and places", _people(report))
    return bytes(document.output())


def cover(message: PoliceMessage) -> bytes:
    """The cover of an archive, for people."""
    document = Document(message.subject, message.reference)
    document.section("Cover", cover_rows(message))
    document.section("Attachments", _attachments(message))
    return bytes(document.output())


def cover_rows(message: PoliceMessage) -> Iterator[Row]:
    """Rows of the cover, in order."""
    yield "Handling", " ".join([*message.handling.codes, message.handling.text or ""]).strip()
    yield "Evaluation", message.evaluation.code
    yield "Crime area", message.crime_area
    yield "Reference", message.reference
    yield "Urgency", " ".join(filter(None, (message.urgency, message.urgency_reason)))
    for label, party in (("Originator", message.originator), ("Recipient", message.addressees[0])):
        yield label, ", ".join(filter(None, (party.name, party.country, party.contact)))
    yield "Reply to", message.originator.contact or message.originator.name
    yield "Created", _time(message.created)
    yield "Legal basis", message.legal_basis
    yield "Jurisdiction", "\n".join(message.jurisdiction)
    yield "Related", "\n".join(message.related)


def _attachments(message: PoliceMessage) -> Iterator[Row]:
    for one in message.attachments:
        yield one.name, f"{one.media_type}, {one.size} bytes\nSHA-256 {one.sha256}"


def _head(referral: Referral) -> Iterator[Row]:
    yield "From", referral.centre
    yield "To", referral.authority
    yield "Created", _time(referral.created_at)
    yield "Identifier", str(referral.referral_id)
    yield "Supplement to the referral", str(referral.supplement_to or "")
    yield "Further reports with new information that did not fit", str(referral.more_reports or "")
    if referral.handling:
        yield "Handling", " ".join([*referral.handling.codes, referral.handling.text or ""])
    if referral.evaluation:
        yield "Evaluation", referral.evaluation.code
    yield "SHA-256 of the package", referral.fingerprint()
    for one in referral.evidence:
        yield f"Sealed file {one.evidence_id}", f"{one.name or ''} {one.clear_size} bytes\nSHA-256 {one.clear_sha256}"


def _assessment(referral: Referral) -> Iterator[Row]:
    assessment = referral.assessment
    yield "Urgent", f"yes: {assessment.urgency_reason}" if assessment.urgent else "no"
    yield "Reason for relevance", assessment.relevance_reason
    yield "Completeness", f"{assessment.completeness} of 100"
    yield "Missing", "; ".join(assessment.missing)
    yield "Assessed", f"{assessment.assessed_by}, {_time(assessment.assessed_at)}"


def _jurisdiction(referral: Referral) -> Iterator[Row]:
    yield "Country", referral.jurisdiction.country or "not certain: Europol"
    yield "Ground", referral.jurisdiction.ground.replace("_", " ")
    if referral.handling is not None:
        yield "Handling", " ".join([*referral.handling.codes, referral.handling.text or ""]).strip()
    yield "Recipients", "; ".join(referral.addressees)
    yield "Facts", "\n".join(referral.jurisdiction.facts)
    yield "Duplicates", ", ".join(str(d) for d in referral.duplicates_of)


def _report(report: Report) -> Iterator[Row]:
    yield "Provider", f"{report.provider.name}, {report.provider.contact_point}\n{report.provider.contact}"
    yield "Legal basis", f"{report.legal_basis.act} {report.legal_basis.article or ''}"
    yield "Kinds", ", ".join(report.kinds)
    yield "Reason for urgency", report.urgency.reason or ""
    yield "Danger to a child", "\n".join(WORDS[one] for one in report.urgency.dangers or ())
    yield "Service", f"{report.service.name}: {', '.join(report.service.kinds)} {report.service.details or ''}"
    yield "Addresses of the service", "\n".join(report.service.urls)
    yield "Became aware through", f"{', '.join(report.awareness.manners)} {report.awareness.details or ''}"
    if report.confirmation:
        yield (
            "Confirmed",
            f"{report.confirmation.confirmed_by}, {report.confirmation.how}, {_time(report.confirmation.at)}",
        )
    yield (
        "Removed or disabled",
        "" if report.removal is None else ("yes" if report.removal.removed_or_disabled else "no"),
    )
    yield (
        "Measures against the user",
        ", ".join(report.user_decision.measures) or ("yes" if report.user_decision.decided else "no"),
    )
    yield (
        "Also reported in a third country",
        report.third_country.authority or ("yes" if report.third_country.reported else "no"),
    )
    if report.preservation is not None:
        kept = report.preservation
        yield "Preserved by the provider until", f"{_time(kept.until)} {kept.reference or ''}"
    for title, more in (("Other data", report.other_data), ("Other information", report.other)):
        if more is not None:
            held = [f"held by {one.held_by}: {one.reference}" for one in more.attachments]
            yield title, "\n".join([more.text or "", *held])
    yield "Steps", "\n".join(f"{_time(s.at)}: {s.kind.replace('_', ' ')} ({s.by})" for s in report.steps)
    yield "Issued", f"{_time(report.issuance.issued_at)}, {report.issuance.signatory}"


def _items(report: Report) -> Iterator[Row]:
    for number, item in enumerate(report.items, 1):
        digests = [f"{k.upper()} {v}" for k in ("sha256", "sha1", "md5") if (v := getattr(item, k))]
        seen = [f"seen {_time(s.at)} {s.channel or ''} {s.url or ''}" for s in item.sightings]
        held = [f"held by {a.held_by}: {a.reference}" for a in item.attachments]
        yield f"Item {number} ({item.kind})", "\n".join([*digests, *seen, *held])


def _people(report: Report) -> Iterator[Row]:
    for number, user in enumerate(report.users, 1):
        yield f"Account {number}{_relation(user)}", _person(user)
    for place in report.locations:
        yield "Address", f"{place.ip}{f' port {place.port}' if place.port else ''}, {_time(place.at)}"
    for area in report.geography:
        parts = (area.country, area.postal_code, area.place, area.derived_from)
        yield "Place", ", ".join(p for p in parts if p)
    for number, victim in enumerate(report.victims, 1):
        title = f"Child {number}" if victim.relation is None else f"Account {number} with a child"
        yield f"{title}{_relation(victim)}", _person(victim)


def _person(one: Person) -> str:
    """Everything that the report states about a person: names first, then the other fields."""
    rest = {
        "other e-mail": one.other_emails,
        "other telephone": one.other_phones,
        "profile": one.profile_urls,
        "profile says": one.profile,
        "post": one.mailing_address,
        "countries of post": one.postal_countries,
        "billing": one.billing,
        "last login": _time(one.last_login) if one.last_login else None,
        "stated country of residence": one.residence,
        "country of the account": one.account_country,
        "language": one.language,
        "age": one.age_group,
        "gender": one.gender,
    }
    labelled = (
        f"{label}: {value if isinstance(value, str) else ', '.join(value)}" for label, value in rest.items() if value
    )
    names = (*one.usernames, *one.emails, *one.phones, *one.identifiers)
    return "; ".join([*([", ".join(names)] if names else ()), *labelled, *([one.other] if one.other else ())])


def _relation(one: Person) -> str:
    """Relation of an account to the previous one, which is reported or a child's."""
    return f" ({one.relation.value}, of the one before)" if one.relation else ""


def _time(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %Z")
