"""Return of a quarter: counts by category and by each other code, with small counts withheld.

1. A count below `LEAST` is withheld; so are the next larger ones of its group until two are, and together at least
   `LEAST`, because the total would tell them (as in decision 53).
2. A quarter in which the set of categories changed has one return for each set. Two sets are never added up.
3. Platforms are counted of the contacts that name one, and the return says of how many: their basis is another.
4. A correction is another return. The earlier one stays. Fewer than `LEAST` further contacts make none, because the
   difference of the two would tell them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.canonical_json import canonical
from tutela.victims.errors import UnknownReturn
from tutela.victims.helpline.categories import LABELS
from tutela.victims.helpline.contacts import LOG, READ
from tutela.victims.models import (
    ContactAge,
    ContactChannel,
    ContactGender,
    ContactPlatform,
    HelplineContact,
    QuarterlyReturn,
)

SUBJECT = "quarterly_return"
LEAST = 10
GROUPS = {
    "category": _("category"),
    "age": _("who called"),
    "gender": _("gender"),
    "channel": _("channel"),
    "platform": _("platform"),
}
WORDS: dict[str, dict[str, Any]] = {
    "category": dict(LABELS),
    "age": dict(ContactAge.choices),
    "gender": dict(ContactGender.choices),
    "channel": dict(ContactChannel.choices),
    "platform": dict(ContactPlatform.choices),
}
_QUARTER = re.compile(r"(20\d\d)-Q([1-4])")


@dataclass(frozen=True)
class Quarter:
    """A quarter of a year by its first day and the first day after it."""

    name: str
    first: date
    after: date


def quarter(name: str) -> Quarter:
    """The quarter of a name such as `2026-Q3`. Raises `Invalid`."""
    found = _QUARTER.fullmatch(name)
    if found is None:
        raise Invalid("Write a quarter as 2026-Q3.", field="quarter")
    year, number = int(found[1]), int(found[2])
    first = date(year, 3 * number - 2, 1)
    after = date(year + number // 4, 3 * number % 12 + 1, 1)
    return Quarter(name, first, after)


def quarter_of(day: date) -> str:
    """The name of the quarter of a day."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def previous(day: date) -> str:
    """The name of the quarter before that of a day."""
    return quarter_of(quarter(quarter_of(day)).first - timedelta(days=1))


def make(actor: Actor, name: str) -> list[UUID]:
    """Make the return of a quarter that is over, one for each set that changed; their IDs. Raises `Invalid`."""
    actor.require(LOG)
    wanted = quarter(name)
    if wanted.after > clock.now().date():
        raise Invalid("This quarter is not over yet.", field="quarter")
    with acting(actor):
        rows = list(HelplineContact.objects.filter(day__gte=wanted.first, day__lt=wanted.after))
        if not rows:
            raise Invalid("No contact of this quarter is logged.", field="quarter")
        counts = Counter(one.category_set for one in rows)
        changed = [version for version in sorted(counts) if _changed(name, version, counts[version])]
        if not changed:
            raise Invalid("Fewer than {least} contacts differ from the return that was made.", least=LEAST)
        return [_stored(actor, name, version, rows) for version in changed]


def list_returns(actor: Actor) -> list[QuarterlyReturn]:
    """Every return, the newest first."""
    actor.require(READ)
    with acting(actor):
        return list(QuarterlyReturn.objects.all())


def load(actor: Actor, return_id: UUID) -> tuple[QuarterlyReturn, dict[str, Any]]:
    """A return with its content. Raises `UnknownReturn`."""
    actor.require(READ)
    with acting(actor):
        row = QuarterlyReturn.objects.filter(pk=return_id).first()
        if row is None:
            raise UnknownReturn
        record(actor, "quarterly_return.viewed", SUBJECT, row.pk)
        return row, json.loads(row.content)


def as_csv(content: dict[str, Any]) -> str:
    """A return as CSV: quarter, set, group, value, count; a withheld count is `withheld`."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(["quarter", "category_set", "group", "value", "count"])
    for group in GROUPS:
        for value, count in content["groups"][group].items():
            writer.writerow([content["quarter"], content["category_set"], group, value, _shown(count)])
    writer.writerow([content["quarter"], content["category_set"], "total", "", _shown(content["total"])])
    return made.getvalue()


def labelled(content: dict[str, Any]) -> list[tuple[str, list[tuple[str, int | None]]]]:
    """The groups of a return for a page: name of the group, and its values in words with their counts."""
    return [
        (str(GROUPS[group]), [(str(WORDS[group].get(value, value)), count) for value, count in values.items()])
        for group, values in content["groups"].items()
    ]


def withheld(counts: Counter[str]) -> dict[str, int | None]:
    """Rule 1: the counts, None where one is withheld."""
    hidden = {value for value, count in counts.items() if 0 < count < LEAST}
    rest = sorted((count, value) for value, count in counts.items() if value not in hidden)
    while hidden and rest and (len(hidden) < 2 or sum(counts[one] for one in hidden) < LEAST):
        hidden.add(rest.pop(0)[1])
    return {value: None if value in hidden else count for value, count in sorted(counts.items())}


def _changed(name: str, version: str, contacts: int) -> bool:
    """Whether a set has no return of this quarter yet, or one that differs by enough. Rule 4."""
    made = QuarterlyReturn.objects.filter(quarter=name, category_set=version)
    return all(abs(contacts - one) >= LEAST for one in made.values_list("contacts", flat=True))


def _stored(actor: Actor, name: str, version: str, rows: list[HelplineContact]) -> UUID:
    of_set = [one for one in rows if one.category_set == version]
    named = [one for one in of_set if one.platform != ContactPlatform.NOT_RECORDED]
    groups = {
        group: withheld(Counter(getattr(one, group) for one in of_set)) for group in GROUPS if group != "platform"
    }
    groups["platform"] = withheld(Counter(one.platform for one in named))
    content = {
        "schema_version": "1",
        "quarter": name,
        "category_set": version,
        "total": len(of_set) if len(of_set) >= LEAST else None,
        "platform_of": len(named) if len(named) >= LEAST else None,
        "least": LEAST,
        "groups": groups,
    }
    body = canonical(content)
    row = QuarterlyReturn.objects.create(
        organisation_id=actor.organisation_id,
        quarter=name,
        category_set=version,
        content=body.decode(),
        sha256=hashlib.sha256(body).hexdigest(),
        contacts=len(of_set),
        by=actor.reference,
        by_name=actor.name[:200],
    )
    record(actor, "quarterly_return.made", SUBJECT, row.pk, quarter=name, category_set=version)
    return row.pk


def _shown(count: int | None) -> str:
    return "withheld" if count is None else str(count)
