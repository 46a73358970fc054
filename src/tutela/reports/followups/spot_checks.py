"""Spot checks: two in a hundred of the lowest-ranked tenth are selected and examined by a person.

1. Each day is drawn from once, an hour after its end. The tenth is rounded up: a Centre with few reports a day draws
   from more than a tenth, and never from less.
2. A keyed hash of the report's id decides, so that nobody chooses. A holder of the key can draw again from the same day
   with the same result.

A low rank never closes a report; the rates show how often it hid an urgent one.

Rates are given by data that a report carries: its kind, country and language, the language of the account and the
residence of its holder. Where the sender states them, rates are also given by age group and gender of the holder and of
the child. Nobody guesses these data. Published rates name no small group, neither directly nor as the difference
between the whole and the other groups.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, sqrt
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.list_access import listed
from tutela.events.record import record, rows_of
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.fields import Person, themselves
from tutela.organisations.errors import Erased
from tutela.organisations.keys import subject_keys
from tutela.reports.followups import spot_check_effects
from tutela.reports.models import ORDER, Draw, DrawnDay, Examination, Report
from tutela.reports.report_encryption import SUBJECT, blind
from tutela.reports.state.report_rows import body_of

TENTH, ONE_IN = 10, 50
# A day is drawn from this long after its end, because a report of its last moments may still be in a transaction.
DRAW_DELAY = timedelta(hours=1)
# A node that stood still for some days draws from them too.
LOOK_BACK = 7
# Smaller groups are not published, because a group of three would identify somebody.
FEWEST = 10
GROUPS = {
    "kind": "draw__report__kinds__0",
    "country": "draw__report__country",
    "report_language": "draw__language",
    "account_language": "draw__account_language",
    "account_residence": "draw__residence",
    **{f"{who}_{what}": f"draw__{who}_{what}" for who in ("account", "child") for what in ("age", "gender")},
}


@dataclass(frozen=True)
class Rate:
    """Rate at which spot checks found something urgent, in a group, with a 95 % interval (Wilson)."""

    group: str
    value: str
    examined: int
    missed: int

    @property
    def enough(self) -> bool:
        return self.examined >= FEWEST

    @property
    def rate(self) -> float:
        return self.missed / max(self.examined, 1)

    @property
    def interval(self) -> tuple[float, float]:
        n, p, z = max(self.examined, 1), self.rate, 1.96
        middle, width = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
        return max(0.0, (middle - width) / (1 + z * z / n)), min(1.0, (middle + width) / (1 + z * z / n))


def drawn(report_id: object) -> bool:
    """Whether a report of the lowest tenth is among the two in a hundred."""
    return int.from_bytes(blind("draw", str(report_id))[:8]) % ONE_IN == 0


def draw(actor: Actor) -> int:
    """Draw from each of the last days' reports, once; returns how many. For the job of every hour."""
    today = (clock.now() - DRAW_DELAY).date()
    return sum(_draw(actor, today - timedelta(days=ago)) for ago in range(LOOK_BACK, 0, -1))


def _draw(actor: Actor, day: date) -> int:
    with acting(actor):
        came = _came(day)
        of = came.count()
        if not of or DrawnDay.objects.filter(day=day).exists():
            return 0
        chosen = [pk for pk, report_id in _last(came, ceil(of / TENTH)) if drawn(report_id)]
        if not insert_ignore(DrawnDay(organisation_id=actor.organisation_id, day=day, of=of, drawn=len(chosen))):
            return 0
        rows: list[Any] = []
        for row in Report.objects.filter(pk__in=chosen):
            rows.append(Draw(organisation_id=actor.organisation_id, report=row, day=day, of=of, **_said(row)))
            rows += rows_of(actor, "report.selected", "report", row.report_id, of=of)
        insert_all(rows)
    return len(chosen)


def _came(day: date) -> QuerySet[Report]:
    """The reports of this day that repeat nothing."""
    begin = datetime.combine(day, time(), UTC)
    return Report.objects.filter(duplicate_of=None, created_at__gte=begin, created_at__lt=begin + timedelta(days=1))


def _last(came: QuerySet[Report], count: int) -> QuerySet[Report, Any]:
    """Key and id of so many that stand last, none of them urgent."""
    order = [name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in ORDER]
    return came.filter(urgent=False).order_by(*order, "-report_id").values_list("pk", "report_id")[:count]


def _said(row: Report) -> dict[str, str]:
    """The groups that a report names; nothing of one whose time is over."""
    try:
        report = body_of(row)
    except Erased:
        return {}
    accounts = next((one.language for one in report.users if one.language), "")
    lives = next((where for one in report.users if (where := one.residence or one.account_country)), "")
    said = {"language": _plain(report.language), "account_language": _plain(accounts), "residence": lives}
    return {**said, **_stated("account", report.users), **_stated("child", report.victims)}


def _stated(who: str, people: Iterable[Person]) -> dict[str, str]:
    """Return age group and gender of the first person with them, ignoring mere relations."""
    named = themselves(people)
    age = next((one.age_group.value for one in named if one.age_group), "")
    return {f"{who}_age": age, f"{who}_gender": next((one.gender.value for one in named if one.gender), "")}


def _plain(language: str) -> str:
    """A language without its script and country."""
    return language.partition("-")[0]


def pending_spot_checks(actor: Actor, most: int = 200) -> list[Draw]:
    """List selected reports that nobody has examined, oldest first; records a view of each."""
    actor.require("reports.read")
    with acting(actor):
        rows = Draw.objects.select_related("report").filter(examination=None, report__erased_at=None)
        found = list(rows.order_by("day", "id")[:most])
        listed(actor, "report", (one.report.report_id for one in found), page=1, state="drawn")
        return found


def examine(actor: Actor, report_id: UUID, reason: str, *, urgent: bool) -> None:
    """Record the result of a spot check and act at once on an urgent one (`spot_check_effects`).

    Raises `Invalid`, `NotFound` for a report that was not drawn, or has been examined, and `Undone` where a lead
    declared it an error and the actor is none.
    """
    actor.require("reports.assess")
    reason = typed(reason)
    if urgent and not reason:
        raise Invalid("Enter what is urgent.", field="reason")
    with acting(actor):
        row = Report.objects.select_for_update().filter(report_id=report_id).first()
        found = Draw.objects.filter(report=row, examination=None).first() if row else None
        if row is None or found is None:
            raise NotFound
        made = Examination(
            organisation_id=actor.organisation_id,
            draw=found,
            urgent=urgent,
            reason=reason[:600],
            by=actor.reference,
            by_name=actor.name[:200],
        )
        subject_keys.seal_words(actor, SUBJECT, report_id, made)
        made.save()
        record(actor, "report.examined", "report", report_id, urgent=urgent)
        if urgent:
            spot_check_effects.act(actor, row, reason)


def rates(actor: Actor) -> list[Rate]:
    """Rates at which something urgent was missed, over all and by group, the groups by name."""
    with acting(actor):
        counted = {"examined": Count("pk"), "missed": Count("pk", filter=Q(urgent=True))}
        whole = Examination.objects.aggregate(**counted)
        found = [Rate("all", "", whole["examined"], whole["missed"])]
        for group, path in GROUPS.items():
            rows = Examination.objects.values_list(path).annotate(**counted).order_by(path)
            found += [Rate(group, value or "", examined, missed) for value, examined, missed in rows]
    return found


def as_csv(rows: Iterable[Rate]) -> list[list[object]]:
    """The rates for everybody as lines of a table, with its head; of what is withheld only that it is."""
    rows = list(rows)
    hidden = _withheld(rows)
    out: list[list[object]] = [["group", "value", "examined", "missed", "rate", "from", "to"]]
    for one in rows:
        low, high = one.interval
        known = [one.examined, one.missed, f"{one.rate:.4f}", f"{low:.4f}", f"{high:.4f}"]
        out.append([one.group, one.value, *(["withheld", "", "", "", ""] if one in hidden else known)])
    return out


def _withheld(rows: Iterable[Rate]) -> set[Rate]:
    """Rates to withhold: small groups, and the next larger ones of a grouping while those withheld are few or small.

    Each grouping adds up to the whole, so a single group, or few reports together, could be computed from the rest.
    """
    groupings: dict[str, list[Rate]] = {}
    for one in rows:
        groupings.setdefault(one.group, []).append(one)
    hidden: set[Rate] = set()
    for ones in groupings.values():
        ones.sort(key=lambda one: (one.examined, one.value))
        small = [one for one in ones if not one.enough]
        for one in ones[len(small) :]:
            if not small or (len(small) > 1 and sum(each.examined for each in small) >= FEWEST):
                break
            small.append(one)
        hidden.update(small)
    return hidden
