"""Three scores, each with its reasons. They order the queue; they never close anything.

Completeness (0-100): what of the fields that people act on is there. Each missing field costs what it is worth.
Relevance (0-100 or unknown): how likely the report concerns what it says.
- agreement with an entry of the public register that counts, a second hash family, a human confirmation speak for it;
- earlier decisions on the same item speak for or against it;
- with nothing known it is *unknown*, and unknown orders above the middle: a new provider is not a bad one.
Urgency (0-100): how much depends on hours.
- the provider's own word with a reason always makes a report urgent (CSAR 48(3));
- live, new material, a child that can be identified, and recency add to it; from `URGENT_FROM` on it is urgent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_noop as _

from tutela.exchange.completeness import missing_fields
from tutela.exchange.report import Report
from tutela.exchange.report_sections import HowConfirmed, MaterialKind

URGENT_FROM = 60
UNKNOWN_RELEVANCE_ORDERS_AS = 70
RECENT = timedelta(hours=24)
# What a missing field costs, by the first part of its path; everything else costs 3.
COSTS = {"locations": 25, "users": 25, "items": 15, "victims": 5, "geography": 8, "confirmation": 8, "service": 4}


@dataclass(frozen=True)
class Reason:
    """Why a score is what it is: points, a text of the catalogue, and the values that stand in it."""

    points: int
    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def stored(self) -> list[object]:
        """As a row keeps it: points, text, values."""
        return [self.points, self.text, dict(self.values)]


@dataclass(frozen=True)
class Score:
    """A score with its reasons; `value` is None for unknown."""

    value: int | None
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class History:
    """What earlier decisions say: on the same item, and how many of the provider's were relevant."""

    item_relevant: int = 0
    item_not: int = 0
    provider_relevant: int = 0
    provider_not: int = 0


@dataclass(frozen=True)
class Scores:
    completeness: Score
    relevance: Score
    urgency: Score

    @property
    def urgent(self) -> bool:
        return (self.urgency.value or 0) >= URGENT_FROM

    @property
    def relevance_order(self) -> int:
        return UNKNOWN_RELEVANCE_ORDERS_AS if self.relevance.value is None else self.relevance.value

    def stored(self) -> dict[str, list[list[object]]]:
        """The reasons, as a row keeps them."""
        named = {"completeness": self.completeness, "relevance": self.relevance, "urgency": self.urgency}
        return {name: [reason.stored() for reason in one.reasons] for name, one in named.items()}


def score(report: Report, history: History, now: datetime, active: frozenset[UUID] = frozenset()) -> Scores:
    """All three scores of a report, each with its reasons. `active`: the register's entries that carry its items."""
    return Scores(completeness(report), relevance(report, history, active), urgency(report, now))


def completeness(report: Report) -> Score:
    """0 to 100: what Annex III asks for and the report lacks costs points, one reason a field."""
    costs: dict[str, Reason] = {}
    for missing in missing_fields(report):
        part = missing.path.split(".")[0]
        points = COSTS.get(part, 3) if "." not in missing.path else 3
        costs.setdefault(missing.path, Reason(-points, missing.why, {"field": missing.path}))
    reasons = list(costs.values())
    return Score(max(0, 100 + sum(r.points for r in reasons)), reasons)


def relevance(report: Report, history: History, active: frozenset[UUID] = frozenset()) -> Score:
    """0 to 100, or None where nothing is known: unknown is not low."""
    reasons = list(_relevance_reasons(report, history, active))
    if not any(r.points for r in reasons):
        return Score(None, [*reasons, Reason(0, _("nothing is known for or against it"))])
    return Score(max(0, min(100, 50 + sum(r.points for r in reasons))), reasons)


def _relevance_reasons(report: Report, history: History, active: frozenset[UUID]) -> Iterator[Reason]:
    matches = [m for item in report.items for m in item.matches]
    named = [m for m in matches if m.source_kind == "register"]
    proven = [m for m in named if m.entry_id in active]
    own = [m for m in matches if m.source_kind != "register"]
    if proven:
        yield Reason(30, _("an item agrees with the public register"))
    elif own:
        yield Reason(10, _("an item agrees with a list of the provider's own"))
    if len(proven) < len(named):
        yield Reason(0, _("it names an entry of the register that does not count or is about another item"))
    if any(m.corroborated for m in (*proven, *own)):
        yield Reason(10, _("a second, unrelated hash agrees"))
    if report.confirmation is not None:
        opened = report.confirmation.how is HowConfirmed.VIEWED
        yield Reason(15 if opened else 8, _("a person confirmed it") if opened else _("a person confirmed it unopened"))
    if history.item_relevant:
        yield Reason(20, _("the same item was relevant {times} times"), {"times": history.item_relevant})
    if history.item_not:
        yield Reason(-40, _("the same item was not relevant {times} times"), {"times": history.item_not})
    decided = history.provider_relevant + history.provider_not
    if decided >= 10:
        share = history.provider_relevant / decided
        text = _("{share} % of the provider's {decided} decided reports were relevant")
        yield Reason(round(20 * (share - 0.5)), text, {"share": round(100 * share), "decided": decided})


def urgency(report: Report, now: datetime) -> Score:
    """10 to 100; from `URGENT_FROM` the report stands above all that are not urgent."""
    reasons = list(_urgency_reasons(report, now))
    if not reasons:
        return Score(10, [Reason(10, _("nothing points to hours mattering"))])
    return Score(min(100, 10 + sum(r.points for r in reasons)), reasons)


def _urgency_reasons(report: Report, now: datetime) -> Iterator[Reason]:
    if report.urgency.urgent:
        yield Reason(URGENT_FROM, _("the provider says so, with a reason"))
    if MaterialKind.SOLICITATION in report.kinds:
        yield Reason(25, _("contact with a child may be going on"))
    if MaterialKind.NEW in report.kinds:
        yield Reason(20, _("material that was not known before"))
    if report.victims:
        yield Reason(15, _("something is known about a child"))
    moments = [place.at for place in report.locations] + [s.at for item in report.items for s in item.sightings]
    if moments and now - max(moments) <= RECENT:
        yield Reason(10, _("seen within the last 24 hours"))
