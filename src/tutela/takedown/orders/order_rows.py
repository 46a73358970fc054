"""Fields of an order in words, in the order of its format: for pages and for the document."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tutela.exchange.message.base import Wire

LABELS = {
    "reference": gettext_lazy("Number"),
    "authority": gettext_lazy("Authority"),
    "issuing_authority": gettext_lazy("Issuing authority"),
    "requesting_authority": gettext_lazy("Requesting authority"),
    "effect_to": gettext_lazy("Effect to be reported to"),
    "provider": gettext_lazy("Provider"),
    "service": gettext_lazy("Service"),
    "contact_point": gettext_lazy("Contact point of the provider"),
    "measure": gettext_lazy("Measure"),
    "act": gettext_lazy("Legal basis"),
    "provisions": gettext_lazy("Provisions that are infringed"),
    "grounds": gettext_lazy("Grounds"),
    "reasons": gettext_lazy("Statement of reasons"),
    "territorial_scope": gettext_lazy("Territorial scope"),
    "scope_reason": gettext_lazy("Why this scope is necessary"),
    "recipients": gettext_lazy("Recipients of the service"),
    "information": gettext_lazy("Information"),
    "purpose": gettext_lazy("Purpose of the information"),
    "inform_recipient_from": gettext_lazy("Inform the recipient of the service not before"),
    "detects": gettext_lazy("Detection of"),
    "begins": gettext_lazy("First day (UTC)"),
    "ends": gettext_lazy("Last day"),
    "safeguards": gettext_lazy("Limits and safeguards"),
    "follow_up_contact": gettext_lazy("Contact for questions"),
    "court": gettext_lazy("Court or body of redress"),
    "time_limit": gettext_lazy("Time limit of redress"),
    "redress_time_limits": gettext_lazy("Time limit of redress"),
    "redress_provisions": gettext_lazy("Provisions about redress"),
    "for_provider": gettext_lazy("Redress of the provider"),
    "for_recipient": gettext_lazy("Redress of the recipient of the service"),
    "language": gettext_lazy("Language"),
    "translated_to": gettext_lazy("Translated to"),
    "issued_at": gettext_lazy("Issued"),
    "signatory": gettext_lazy("Signatory"),
}
GROUNDS = {
    "annex_iv_3_1": gettext_lazy("Annex IV, section 3, box 1"),
    "annex_iv_3_2": gettext_lazy("Annex IV, section 3, box 2"),
    "annex_iv_3_3": gettext_lazy("Annex IV, section 3, box 3"),
    "annex_iv_3_4": gettext_lazy("Annex IV, section 3, box 4"),
    "annex_iv_3_5": gettext_lazy("Annex IV, section 3, box 5"),
    "annex_iv_3_6": gettext_lazy("Annex IV, section 3, box 6"),
}
DETECTED = {
    "known": gettext_lazy("known material"),
    "new": gettext_lazy("new material"),
    "solicitation": gettext_lazy("solicitation of children"),
}
MEASURES = {
    "blocking": gettext_lazy("blocking"),
    "delisting": gettext_lazy("delisting"),
    "detection": gettext_lazy("detection"),
}
# Codes of a field in words.
WORDS: dict[str, dict[str, Any]] = {"grounds": GROUNDS, "detects": DETECTED, "measure": MEASURES}
TIMES = ("issued_at", "inform_recipient_from")
AUTHORITIES = ("authority", "issuing_authority", "requesting_authority", "effect_to")
# Parts whose fields are rows of their own.
PARTS = ("legal_basis", "redress")


def rows(wire: Wire, *without: str) -> Iterator[tuple[str, str]]:
    """Every field with its text; `without` those that are shown elsewhere."""
    data = wire.model_dump(mode="json", exclude_none=True, exclude={"schema_version", "simulation", *without})
    if data.get("effect_to") == data.get("authority"):
        data.pop("effect_to", None)
    if data.get("requesting_authority") == data.get("issuing_authority"):
        data.pop("requesting_authority", None)
    for name, value in data.items():
        if name in PARTS:
            yield from ((_label(inner), _text(inner, said)) for inner, said in value.items())
        elif name == "locations":
            yield from _addresses(value)
        elif value != []:
            yield _label(name), _text(name, value)


def _label(name: str) -> str:
    return str(LABELS.get(name, name.replace("_", " ").capitalize()))


def _text(name: str, value: Any) -> str:
    if name in AUTHORITIES:
        return f"{value['name']} ({value['country']}), {value['contact']}"
    if name in TIMES:
        return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M} UTC"
    known = WORDS.get(name, {})
    if isinstance(value, list):
        return ", ".join(str(known.get(one, one)) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{inner.replace('_', ' ')}: {said}" for inner, said in value.items())
    return str(known.get(value, value))


def _addresses(found: list[dict[str, str]]) -> Iterator[tuple[str, str]]:
    for place, one in enumerate(found, 1):
        said = one.get("additional_information", "")
        yield _("Address %(number)s") % {"number": place}, f"{one['url']} ({said})" if said else one["url"]
