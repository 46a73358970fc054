"""Addressees of a report: one authority per addressed country, and the countries without a copy yet."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from django.db.models import QuerySet

from tutela.organisations.people import directory
from tutela.reports.errors import NoRecipient, NotRelevantYet
from tutela.reports.models import Jurisdiction, Report
from tutela.reports.state import status


@dataclass(frozen=True)
class Addressee:
    """An authority, and the country for which it gets its copy: "" for Europol's own copy."""

    entry: directory.DirectoryEntry
    country: str


def newest(row: Report) -> Jurisdiction:
    """The jurisdiction that counts. Raises `NotRelevantYet`. Call inside `acting(actor)`, as for the others."""
    found = row.jurisdictions.order_by("-created_at", "-id").first()
    if found is None:
        raise NotRelevantYet
    return found


def all_of(found: Jurisdiction) -> list[Addressee]:
    """The authorities of the countries addressed, each once; the first leads. Raises `NoRecipient`."""
    made: dict[object, Addressee] = {}
    for country in found.addressed or [""]:
        if (entry := directory.competent_for(country)) is not None:
            made.setdefault(entry.id, Addressee(entry, country))
    if not made:
        raise NoRecipient
    return [*made.values()]


def without(row: Report, found: Jurisdiction) -> list[Addressee]:
    """Addressees without a valid referral. Raises `NoRecipient`."""
    have = set(status.referrals_that_stand(row).values_list("authority_id", flat=True))
    return [one for one in all_of(found) if one.entry.id not in have]


def still_without(row: Report) -> list[directory.DirectoryEntry]:
    """Authorities a referral would go to now; empty if nothing is decided or no authority can receive it."""
    try:
        return [one.entry for one in without(row, newest(row))]
    except (NotRelevantYet, NoRecipient):
        return []


def unserved(row: Report, found: Jurisdiction) -> list[str]:
    """Countries addressed without a valid referral, "" for Europol, even if no authority could receive one."""
    have = set(status.referrals_that_stand(row).values_list("authority_id", flat=True))
    return _lacking(found, have, directory.competent_for)


def unserved_of(rows: QuerySet[Report]) -> list[UUID]:
    """Return the keys of reports with an `unserved` addressed country, in two queries."""
    own = rows.values("pk")
    decided = Jurisdiction.objects.filter(report__in=own).order_by("report_id", "-created_at", "-id")
    newest = decided.distinct("report_id")
    have: dict[UUID, set[UUID]] = {}
    for report, authority in status.standing_referrals().filter(report__in=own).values_list("report", "authority_id"):
        have.setdefault(report, set()).add(authority)
    competent = cache(directory.competent_for)
    each = newest.only("report", "country", "countries")
    return [one.report_id for one in each if _lacking(one, have.get(one.report_id, set()), competent)]


def _lacking(
    found: Jurisdiction, have: Collection[UUID], competent: Callable[[str], directory.DirectoryEntry | None]
) -> list[str]:
    entries = {country: competent(country) for country in found.addressed or [""]}
    return [country for country, entry in entries.items() if entry is None or entry.id not in have]


def stored(countries: Sequence[str]) -> dict[str, object]:
    """The columns of a jurisdiction that addresses these, each once; Europol alone is no country."""
    each = list(dict.fromkeys(countries))
    return {"country": each[0] if each else "", "countries": [] if each == [""] else each}
