"""Completeness, relevance and urgency scores, each with its reasons. They never close a report.

The scores set the order of the queue.

Completeness (0-100): presence of the fields that people act on. Each missing field costs its points.

Relevance (0-100 or unknown): how likely the report concerns what it says.

- A match with an active indicator of the public register, a second hash family and a human confirmation raise the
  score.
- Earlier decisions on the same item raise or lower it. An item decided often, or reported with many accounts,
  circulates widely and is placed behind other reports of the same likelihood. An item that its provider declares to
  circulate is placed a little lower.
- Without any data the score is *unknown*, and unknown is ordered above the middle: a new provider is not a bad one.

Urgency (0-100): how much depends on hours.

- The provider's own declaration with a reason always makes a report urgent (CSAR 48(3)).
- Each danger named in the report, by code or by words of the published list (`danger_words`), new material, a child
  with known data, recency, and earlier relevant reports on the same account add points. From `URGENT_FROM` on a report
  is urgent.

The weights are data with a version (`exchange/scoring_rules.toml`) and are stored with each report, as is the known
history at that time. No weight uses language, nationality, gender, a stated age group, or a child's age except for the
youngest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tutela.exchange.report import danger_words
from tutela.exchange.report import scoring_rules as published
from tutela.exchange.report.completeness import missing_fields
from tutela.exchange.report.hints import SKEW
from tutela.exchange.report.report import Report
from tutela.exchange.report.score_reasons import READ, ScoreCode, text_of
from tutela.exchange.report.sections import Danger, HowConfirmed, MaterialKind

RULES, VERSION, URGENT_FROM = published.RULES, published.VERSION, published.URGENT_FROM


@dataclass(frozen=True)
class ScoreReason:
    """Reason for a score: points, a code (`score_reasons`), and the values of its text."""

    points: int
    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text of the code, before its values are filled in."""
        return text_of(self.code)

    def stored(self) -> list[object]:
        """Values to store in a row: points, code, values."""
        return [self.points, str(self.code), dict(self.values)]


@dataclass(frozen=True)
class Score:
    """A score with its reasons; `value` is None for unknown."""

    value: int | None
    reasons: list[ScoreReason] = field(default_factory=list)


@dataclass(frozen=True)
class History:
    """Counts of earlier reports: decisions on the item, relevant reports of the provider and of this account.

    `item_accounts`: every item of the report came with at least this many accounts (`history.arrivals`).
    """

    item_relevant: int = 0
    item_not: int = 0
    provider_relevant: int = 0
    provider_not: int = 0
    account_relevant: int = 0
    item_accounts: int = 0


NO_HISTORY = History()


@dataclass(frozen=True)
class Scores:
    """All three scores. `circulates`: material is widely known; `said`: its provider says so."""

    completeness: Score
    relevance: Score
    urgency: Score
    circulates: bool = False
    said: bool = False

    @property
    def urgent(self) -> bool:
        return (self.urgency.value or 0) >= URGENT_FROM

    @property
    def relevance_order(self) -> int:
        """Sort value among reports of the same urgency."""
        rules = RULES["relevance"]
        value: int = rules["unknown_orders_as"] if self.relevance.value is None else self.relevance.value
        behind: int = rules["circulates_behind"] if self.circulates else rules["said_behind"] if self.said else 0
        return max(0, value - behind)

    def stored(self) -> dict[str, Any]:
        """The reasons, as a row keeps them, and the version of the rules."""
        named = {"completeness": self.completeness, "relevance": self.relevance, "urgency": self.urgency}
        return {name: [reason.stored() for reason in one.reasons] for name, one in named.items()} | {"rules": VERSION}


def score(report: Report, history: History, now: datetime, active: frozenset[UUID] = frozenset()) -> Scores:
    """All three scores of a report, each with its reasons. `active`: the register's entries that carry its items."""
    scores = completeness(report), relevance(report, history, active), urgency(report, now, history)
    return Scores(*scores, circulates=circulates(history), said=said_to_circulate(report))


def circulates(history: History) -> bool:
    """Whether the item was decided so often, or came with so many accounts, that it must be widely known."""
    return decided_often(history) or history.item_accounts >= RULES["relevance"]["accounts_from"]


def decided_often(history: History) -> bool:
    """Whether so many reports of the item are decided that nobody needs to count its accounts."""
    often: int = RULES["relevance"]["circulates_from"]
    return history.item_relevant + history.item_not >= often


def said_to_circulate(report: Report) -> bool:
    """Return whether the provider declares every item to circulate; one undeclared item decides."""
    return bool(report.items) and all(item.spread for item in report.items)


def breakdown(name: str, value: int | None, reasons: list[list[Any]]) -> list[list[Any]]:
    """Stored reasons of the score `name`, with the lines that make their points add up to `value`."""
    if value is None:
        return reasons
    base = 100 if name == "completeness" else RULES[name]["base"]
    based = any(code == ScoreCode.CALM for _points, code, _values in reasons)
    lines: list[list[Any]] = [] if based else [ScoreReason(base, ScoreCode.BASE).stored()]
    lines += reasons
    total = sum(points for points, _code, _values in lines)
    if total != value:
        code = ScoreCode.RAISED if 0 <= total < value else ScoreCode.LIMIT
        lines.append(ScoreReason(value - total, code).stored())
    return lines


def completeness(report: Report) -> Score:
    """0 to 100: what Annex III asks for and the report lacks costs points, one reason a field."""
    costs: dict[str, ScoreReason] = {}
    rules = RULES["completeness"]
    for missing in missing_fields(report):
        part = missing.path.split(".")[0]
        points = rules["costs"].get(part, rules["other"]) if "." not in missing.path else rules["other"]
        costs.setdefault(missing.path, ScoreReason(-points, missing.code, {"field": missing.path}))
    reasons = list(costs.values())
    return Score(max(0, 100 + sum(r.points for r in reasons)), reasons)


def relevance(report: Report, history: History, active: frozenset[UUID] = frozenset()) -> Score:
    """Score the relevance: 0 to 100, or None if nothing is known, since unknown is not low."""
    reasons = list(_relevance_reasons(report, history, active))
    if not any(r.points for r in reasons):
        return Score(None, [*reasons, ScoreReason(0, ScoreCode.NOTHING_KNOWN)])
    return Score(max(0, min(100, RULES["relevance"]["base"] + sum(r.points for r in reasons))), reasons)


def _relevance_reasons(report: Report, history: History, active: frozenset[UUID]) -> Iterator[ScoreReason]:
    matches = [m for item in report.items for m in item.matches]
    named = [m for m in matches if m.source_kind == "register"]
    proven = [m for m in named if m.entry_id in active]
    own = [m for m in matches if m.source_kind != "register"]
    rules = RULES["relevance"]
    if proven:
        yield ScoreReason(rules["register"], ScoreCode.REGISTER)
    elif own:
        yield ScoreReason(rules["own_list"], ScoreCode.OWN_LIST)
    if len(proven) < len(named):
        yield ScoreReason(0, ScoreCode.REGISTER_UNPROVEN)
    if any(m.corroborated for m in (*proven, *own)):
        yield ScoreReason(rules["corroborated"], ScoreCode.CORROBORATED)
    if report.confirmation is not None:
        opened = report.confirmation.how is HowConfirmed.VIEWED
        points = rules["viewed" if opened else "confirmed_unopened"]
        yield ScoreReason(
            points,
            ScoreCode.VIEWED if opened else ScoreCode.CONFIRMED_UNOPENED,
        )
    yield from _history_reasons(history)
    if said_to_circulate(report):
        yield ScoreReason(0, ScoreCode.SAID_TO_CIRCULATE)


def _history_reasons(history: History) -> Iterator[ScoreReason]:
    rules = RULES["relevance"]
    if history.item_relevant:
        yield ScoreReason(rules["item_relevant"], ScoreCode.ITEM_RELEVANT, {"times": history.item_relevant})
    if history.item_not:
        yield ScoreReason(rules["item_not_relevant"], ScoreCode.ITEM_NOT_RELEVANT, {"times": history.item_not})
    if decided_often(history):
        yield ScoreReason(0, ScoreCode.DECIDED_OFTEN)
    elif circulates(history):
        yield ScoreReason(0, ScoreCode.MANY_ACCOUNTS, {"times": history.item_accounts})
    decided = history.provider_relevant + history.provider_not
    if decided >= rules["provider_from"]:
        share = history.provider_relevant / decided
        text = ScoreCode.PROVIDER_SHARE
        points = round(rules["provider_share"] * (share - 0.5))
        yield ScoreReason(points, text, {"share": round(100 * share), "decided": decided})


def urgency(report: Report, now: datetime, history: History = NO_HISTORY) -> Score:
    """10 to 100; from `URGENT_FROM` the report stands above all that are not urgent."""
    base: int = RULES["urgency"]["base"]
    reasons = [*_urgency_reasons(report, now), *_account_reasons(report, history.account_relevant)]
    if not reasons:
        return Score(base, [ScoreReason(base, ScoreCode.CALM)])
    return Score(min(100, base + sum(r.points for r in reasons)), reasons)


def _urgency_reasons(report: Report, now: datetime) -> Iterator[ScoreReason]:
    rules = RULES["urgency"]
    if report.urgency.urgent:
        yield ScoreReason(rules["provider_says_so"], ScoreCode.PROVIDER_URGENT)
    for danger in report.urgency.dangers or ():
        yield ScoreReason(rules["dangers"][danger.value], danger)
    for danger, words in danger_words.read(report).items():
        if danger not in (report.urgency.dangers or ()):
            yield ScoreReason(rules["dangers"][danger.value], READ[danger], {"words": words})
    if MaterialKind.SOLICITATION in report.kinds:
        yield ScoreReason(rules["solicitation"], ScoreCode.SOLICITATION)
    if MaterialKind.NEW in report.kinds:
        yield ScoreReason(rules["new_material"], ScoreCode.NEW_MATERIAL)
    if report.victims:
        yield ScoreReason(rules["known_child"], ScoreCode.KNOWN_CHILD)
    moments = [place.at for place in report.locations] + [s.at for item in report.items for s in item.sightings]
    # What has not come was not seen: a sender with a wrong year would stand before all others.
    if any(at <= now + SKEW and now - at <= timedelta(hours=rules["recent_hours"]) for at in moments):
        yield ScoreReason(rules["recent"], ScoreCode.RECENT)


def _account_reasons(report: Report, times: int) -> Iterator[ScoreReason]:
    """Reasons from the Centre's own earlier findings about the account, counted when the report came."""
    if not times:
        return
    rules, dangers = RULES["urgency"]["same_account"], RULES["urgency"]["dangers"]
    points = min(rules["most"], rules["first"] + rules["each_further"] * (times - 1))
    if Danger.REPEAT_UPLOADER in (report.urgency.dangers or ()):
        yield ScoreReason(
            max(0, points - dangers[Danger.REPEAT_UPLOADER.value]), ScoreCode.SAME_ACCOUNT_STATED, {"times": times}
        )
    else:
        yield ScoreReason(points, ScoreCode.SAME_ACCOUNT, {"times": times})
