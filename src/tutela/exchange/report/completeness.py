"""Missing fields that would make a report more useful: advice for drafting, never a refusal. And placeholders.

A placeholder that is filed reads like testimony, such as that a person viewed the item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from tutela.exchange.message.translatable_text import TextCode
from tutela.exchange.message.translatable_text import marked as _
from tutela.exchange.report.fields import themselves
from tutela.exchange.report.report import Report
from tutela.exchange.report.sections import MaterialKind

# What can be missing, counted without the numbers of items and accounts.
QUESTIONS = 13
# Texts of skeletons and of the documentation, which stand where somebody must still say something.
PLACEHOLDERS = frozenset(
    ("the person who viewed it", "the person who signs", "your organisation", "desk@example.org", "todo", "tbd", "xxx")
)


class MissingCode(TextCode):
    """Purpose of a missing field."""

    LOCATIONS = "missing.locations", _("without an IP address and a time, no Member State can be found")
    PORT = "missing.port", _("many subscribers share an IP address; the port tells them apart")
    USERS = "missing.users", _("without an account, nobody can be identified")
    CONTACT = (
        "missing.contact",
        _("an e-mail address, phone number or account number can be resolved; a name often cannot"),
    )
    VICTIMS = "missing.victims", _("information about a child comes first in finding and protecting the child")
    ITEMS = "missing.items", _("a report of material must name at least one item")
    DIGEST = "missing.digest", _("a digest shows at once that an item is known to investigators")
    SIGHTINGS = "missing.sightings", _("the time and place of a sighting decide jurisdiction")
    ATTACHMENTS = "missing.attachments", _("states where the preserved content can be requested")
    GEOGRAPHY = (
        "missing.geography",
        _("a country, a postal code or coordinates direct a report if its IP address does not"),
    )
    SERVICE = "missing.service", _("part of the service, so that the content can be found again")
    AWARENESS = "missing.awareness", _("order, notice or list that led to the report")
    CONFIRMATION = "missing.confirmation", _("a report that a person confirmed is acted on sooner")
    CHILD_IF_URGENT = (
        "missing.child_if_urgent",
        _("urgent report without information about the child: state what is known"),
    )


@dataclass(frozen=True, slots=True)
class Missing:
    """Empty field, and the purpose it would serve."""

    path: str
    code: MissingCode


def missing_fields(report: Report) -> list[Missing]:
    """Everything that is missing, the most useful first."""
    return [*_who(report), *_what(report), *_about(report)]


def lacking(report: Report) -> list[str]:
    """The fields that are missing anywhere in a report, each once and without a number, in order."""
    return sorted({re.sub(r"\.\d+", "", one.path) for one in missing_fields(report)})


def _who(report: Report) -> Iterator[Missing]:
    if not report.locations and not any(s.network for item in report.items for s in item.sightings):
        yield Missing("locations", MissingCode.LOCATIONS)
    for i, place in enumerate(report.locations):
        if place.port is None:
            yield Missing(f"locations.{i}.port", MissingCode.PORT)
    if not themselves(report.users):
        yield Missing("users", MissingCode.USERS)
    for i, user in enumerate(report.users):
        if user.relation is None and not (user.emails or user.phones or user.identifiers):
            yield Missing(
                f"users.{i}",
                MissingCode.CONTACT,
            )
    if not themselves(report.victims):
        yield Missing("victims", MissingCode.VICTIMS)


def _what(report: Report) -> Iterator[Missing]:
    if not report.items and MaterialKind.SOLICITATION not in report.kinds:
        yield Missing("items", MissingCode.ITEMS)
    for i, item in enumerate(report.items):
        if item.sha256 is None and item.md5 is None:
            yield Missing(f"items.{i}.sha256", MissingCode.DIGEST)
        if not item.sightings:
            yield Missing(f"items.{i}.sightings", MissingCode.SIGHTINGS)
        if not item.attachments:
            yield Missing(f"items.{i}.attachments", MissingCode.ATTACHMENTS)


def _about(report: Report) -> Iterator[Missing]:
    if not report.geography:
        yield Missing("geography", MissingCode.GEOGRAPHY)
    if not report.service.urls and report.service.details is None:
        yield Missing("service.details", MissingCode.SERVICE)
    if report.awareness.details is None:
        yield Missing("awareness.details", MissingCode.AWARENESS)
    if report.confirmation is None:
        yield Missing("confirmation", MissingCode.CONFIRMATION)
    if report.urgency.urgent and not report.victims:
        yield Missing("urgency", MissingCode.CHILD_IF_URGENT)


def placeholders(report: Report) -> list[str]:
    """The paths of the fields that have a placeholder, in the order of the report."""
    return list(_below(report, ""))


def _below(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _below(getattr(value, name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _below(one, f"{path}.{number}")
    elif isinstance(value, str) and value.strip().strip("<>[]").casefold() in PLACEHOLDERS:
        yield path
