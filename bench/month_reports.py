"""Reports of the simulated month, with what is true of each: relevant, urgent, certified, a repetition of another."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import month_urgency
from figures import QUICK
from tests.support.reporting import report as made

from tutela.events.identifiers import uuid7
from tutela.exchange.report.fields import Person
from tutela.exchange.report.report import Report as Wire

DUPLICATES, IRRELEVANT, URGENT = 0.60, 0.48, 0.06 if QUICK else 0.008
# One report in ten is of something seen days before.
LATE = 0.1
# Of relevant reports so many are about material that the register has: most of what circulates is known.
CERTIFIED = 0.50
# Of duplicates so many name one more moment, such as a later sign-in: they cannot be told from another event unseen.
CHANGED = 0.03
# Of first reports so many are like another but for its moment, or but for its account.
ALIKE = 0.04
PROVIDERS = 4 if QUICK else 12


@dataclass
class Truth:
    """What the generator knows of a report."""

    report: Wire
    at: datetime
    provider: int
    relevant: bool
    # How an urgent report expresses it; empty for a report that is not urgent.
    way: str = ""
    certified: bool = False
    # The report that it truly repeats.
    repeats: UUID | None = None

    @property
    def urgent(self) -> bool:
        return bool(self.way)


@dataclass(frozen=True)
class Plan:
    """What a month is made of: how many reports from when on, which entries, and how much is about them."""

    reports: int
    start: datetime
    entries: list[tuple[str, UUID]]
    certified: float = CERTIFIED
    # Entries that are listed in error: a report about one is not relevant.
    in_error: frozenset[UUID] = frozenset()


def generate(rng: random.Random, plan: Plan) -> list[Truth]:
    """Reports in the order of their coming."""
    single = round(plan.reports * (1 - DUPLICATES - ALIKE))
    viral = [rng.randbytes(32).hex() for _ in range(max(3, single // 400))]
    urgent = set(rng.sample(range(single), round(plan.reports * URGENT)))
    out = [_case(rng, number, plan, viral, urgent=number in urgent) for number in range(single)]
    calm = [one for one in out if not one.urgent]
    alike = [_alike(rng, rng.choice(calm)) for _ in range(round(plan.reports * ALIKE))]
    out += alike + [_again(rng, rng.choice([*out, *alike])) for _ in range(plan.reports - single - len(alike))]
    return sorted(out, key=lambda one: one.at)


def _case(rng: random.Random, number: int, plan: Plan, viral: list[str], *, urgent: bool) -> Truth:
    relevant = urgent or rng.random() >= IRRELEVANT
    at = plan.start + timedelta(seconds=rng.randrange(28 * 86400))
    certified = relevant and not urgent and rng.random() < plan.certified
    circulates = not relevant and rng.random() < 0.3
    digest, entry = rng.choice(plan.entries) if certified else (rng.choice(viral) if circulates else "", None)
    relevant = relevant and entry not in plan.in_error
    seen = at - timedelta(minutes=rng.randrange(5, 600), days=rng.randrange(2, 12) if rng.random() < LATE else 0)
    # A busy account is reported for several items at several moments: those are no duplicates.
    account = {"identifiers": [f"{plan.start:%j}-{rng.randrange(max(50, plan.reports // 3))}"]}
    way = month_urgency.way_of(rng) if urgent else ""
    changes = {
        "items": [_item(rng, digest or rng.randbytes(32).hex(), entry, seen)],
        "users": [account],
        "geography": [{"country": rng.choice(("DE", "FR", "PL", "IT"))}],
        "locations": [{"ip": f"198.51.100.{rng.randrange(256)}", "port": 4000 + number % 999, "at": seen.isoformat()}],
        **(month_urgency.expressed(rng, way) if urgent else month_urgency.calm(rng)),
    }
    if not relevant and not certified and rng.random() < 0.5:
        changes["confirmation"] = None
    return Truth(made(**changes), at, rng.randrange(PROVIDERS), relevant, way, certified)


def _item(rng: random.Random, digest: str, entry: UUID | None, seen: datetime) -> dict[str, object]:
    match = {
        "list_id": "eu-register",
        "list_version": 1,
        "entry_id": str(entry),
        "source_kind": "register",
        "rule": "exact-sha256",
        "corroborated": False,
    }
    return {
        "item_id": str(UUID(bytes=rng.randbytes(16), version=4)),
        "kind": "image",
        "sha256": digest,
        "sightings": [{"at": seen.isoformat(), "channel": "public"}],
        "matches": [match] if entry else [],
    }


def _alike(rng: random.Random, other: Truth) -> Truth:
    """Like another report but for its moment, or but for its account: another case, of the same item."""
    at = other.at + timedelta(seconds=rng.randrange(3600, 2 * 86400))
    changes: dict[str, object] = {"report_id": uuid7()}
    if rng.random() < 0.5:
        later = [place.model_copy(update={"at": at - timedelta(minutes=7)}) for place in other.report.locations]
        (item,) = other.report.items
        seen = tuple(one.model_copy(update={"at": at - timedelta(minutes=7)}) for one in item.sightings)
        changes |= {"locations": tuple(later), "items": (item.model_copy(update={"sightings": seen}),)}
    else:
        changes["users"] = (Person(identifiers=(f"other-{rng.randrange(10**9)}",)),)
    sent = other.report.model_copy(update=changes)
    return Truth(sent, at, other.provider, other.relevant, certified=other.certified)


def _again(rng: random.Random, first: Truth) -> Truth:
    """The same account, event and item, filed once more: other words, another moment of issuing."""
    at = first.at + timedelta(seconds=rng.randrange(60, 2 * 86400))
    issuance = first.report.issuance.model_copy(update={"issued_at": at, "signatory": f"desk {rng.randrange(9)}"})
    changes: dict[str, object] = {"report_id": uuid7(), "issuance": issuance}
    if rng.random() < 0.5:
        changes["awareness"] = first.report.awareness.model_copy(update={"details": f"list {rng.randrange(99)}"})
    sent = first.report.model_copy(update=changes)
    if rng.random() < CHANGED:
        later = first.report.locations[0].model_copy(update={"at": at})
        sent = sent.model_copy(update={"locations": (*first.report.locations, later)})
    return Truth(sent, at, first.provider, first.relevant, certified=first.certified, repeats=first.report.report_id)
