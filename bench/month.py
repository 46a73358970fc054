"""A month at the Centre's desk, simulated: reports whose truth is known, the real intake and queue, real decisions.

The generator knows of each report whether it is relevant, whether it repeats another (the same account, event and item)
and whether a child may be in danger now. Half of what arrives is irrelevant, most of it is a repetition, some items
circulate widely among accounts that have nothing else in common, and some reports are like another but for one thing:
the same account and item at another moment, or another account with the same item at the same moment. Of urgent reports
half say so, and half only name a danger; they are repeated as others are. Every six hours what came is taken in; alerts
are answered; what is about certified items alone is forwarded by one decision; then the analysts work the queue from
its top for as long as a shift has. They decide what the truth says: the desk is measured here, not they.
Three duplicates in a hundred are altered so that they repeat nothing: of true ones no more than 97 % can be found.

A minute is an analyst's for an irrelevant report, three for any other that is looked at. A desk that takes reports in
the order of their coming looks at each.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

from figures import QUICK, figure, machine, note, report
from tests.support import database

database.django()

from tests.support.cast import Cast  # noqa: E402
from tests.support.reporting import report as made  # noqa: E402
from tests.support.reports_world import entry_of  # noqa: E402

from tutela import clock  # noqa: E402
from tutela.events.identifiers import uuid7  # noqa: E402
from tutela.events.transaction import acting  # noqa: E402
from tutela.exchange.report.fields import Person  # noqa: E402
from tutela.exchange.report.report import Report as Wire  # noqa: E402
from tutela.exchange.report.sections import Urgency  # noqa: E402
from tutela.organisations.people import directory  # noqa: E402
from tutela.reports.alerts import duty_screen  # noqa: E402
from tutela.reports.intake import batches  # noqa: E402
from tutela.reports.models import Report  # noqa: E402
from tutela.reports.triage import assess, known_material, work_queue  # noqa: E402

REPORTS = 2_000 if QUICK else 50_000
DUPLICATES, IRRELEVANT, URGENT = 0.60, 0.48, REPORTS * 200 // 50_000
# Of relevant reports so many are about material that the register has: most of what circulates is known.
CERTIFIED = 0.50
# Of duplicates so many name one more moment, such as a later sign-in: they cannot be told from another event unseen.
CHANGED = 0.03
# Of first reports so many are like another but for its moment, or but for its account.
ALIKE = 0.04
ENTRIES, PROVIDERS = (20, 4) if QUICK else (200, 12)
SHIFTS = 30 * 4
MINUTES = {True: 3, False: 1}
# Analysts have this much time more than the work needs, so that nothing waits for ever.
SPARE = 1.1
START = datetime(2026, 3, 1, tzinfo=UTC)


@dataclass
class Truth:
    """What the generator knows of a report."""

    report: Wire
    at: datetime
    provider: int
    relevant: bool
    urgent: bool = False
    certified: bool = False
    # The report that it truly repeats.
    repeats: UUID | None = None


@dataclass
class Month:
    """What the desk did."""

    minutes: int = 0
    looked: Counter[bool] = field(default_factory=Counter)
    forwarded_unseen: int = 0
    # Urgent reports that waited while something else was decided.
    overtaken: int = 0
    # Hours until the first answer, by report.
    waits: dict[UUID, float] = field(default_factory=dict)


def generate(rng: random.Random, entries: list[tuple[str, UUID]]) -> list[Truth]:
    """Reports in the order of their coming."""
    single = round(REPORTS * (1 - DUPLICATES - ALIKE))
    viral = [rng.randbytes(32).hex() for _ in range(max(3, single // 400))]
    urgent = set(rng.sample(range(single), URGENT))
    out: list[Truth] = []
    for number in range(single):
        relevant = number in urgent or rng.random() >= IRRELEVANT
        out.append(_case(rng, number, relevant, number in urgent, entries, viral))
    alike = [_alike(rng, rng.choice(out)) for _ in range(round(REPORTS * ALIKE))]
    out += alike + [_again(rng, rng.choice([*out, *alike])) for _ in range(REPORTS - single - len(alike))]
    return sorted(out, key=lambda one: one.at)


def _case(
    rng: random.Random, number: int, relevant: bool, urgent: bool, entries: list[tuple[str, UUID]], viral: list[str]
) -> Truth:
    at = START + timedelta(seconds=rng.randrange(28 * 86400))
    certified = relevant and not urgent and rng.random() < CERTIFIED
    circulates = not relevant and rng.random() < 0.3
    digest, entry = rng.choice(entries) if certified else (rng.choice(viral) if circulates else "", None)
    digest = digest or rng.randbytes(32).hex()
    match = {
        "list_id": "eu-register",
        "list_version": 1,
        "entry_id": str(entry),
        "source_kind": "register",
        "rule": "exact-sha256",
        "corroborated": False,
    }
    seen = at - timedelta(minutes=rng.randrange(5, 600))
    item = {
        "item_id": str(UUID(bytes=rng.randbytes(16), version=4)),
        "kind": "image",
        "sha256": digest,
        "sightings": [{"at": seen.isoformat(), "channel": "public"}],
        "matches": [match] if entry else [],
    }
    # A busy account is reported for several items at several moments: those are no duplicates.
    account = {"identifiers": [f"account-{rng.randrange(max(50, REPORTS // 3))}"]}
    changes = {
        "items": [item],
        "users": [account],
        "geography": [{"country": rng.choice(("DE", "FR", "PL", "IT"))}],
        "locations": [{"ip": f"198.51.100.{rng.randrange(256)}", "port": 4000 + number % 999, "at": seen.isoformat()}],
        "urgency": _urgency(rng) if urgent else {"urgent": False},
    }
    if not relevant and rng.random() < 0.5:
        changes["confirmation"] = None
    return Truth(made(**changes), at, rng.randrange(PROVIDERS), relevant, urgent, certified)


def _urgency(rng: random.Random) -> dict[str, object]:
    if rng.random() < 0.5:
        return {"urgent": True, "reason": "token"}
    return {"urgent": False, "dangers": [rng.choice(("imminent", "self_harm", "live"))]}


def _alike(rng: random.Random, other: Truth) -> Truth:
    """Like another report but for its moment, or but for its account: another case, of the same item."""
    at = other.at + timedelta(seconds=rng.randrange(3600, 2 * 86400))
    changes: dict[str, object] = {"report_id": uuid7(), "urgency": Urgency(urgent=False)}
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


class Desk:
    """The Centre with one analyst who has the time of all of them."""

    def __init__(self, cast: Cast, truths: list[Truth]) -> None:
        self.cast, self.centre = cast, directory.entry(cast.centre.organisation_id)
        self.machine = cast.centre
        self.analyst = cast.actor(cast.centre, "analyst")
        self.senders = [self._sender(cast, n) for n in range(PROVIDERS)]
        self.truth = {one.report.report_id: one for one in truths}
        self.month = Month()

    @staticmethod
    def _sender(cast: Cast, number: int) -> object:
        made_for = cast.organisation(f"Provider {number}", "provider", "IE")
        entry = directory.entry(made_for.organisation_id)
        return directory.acting_for(entry, "key:bench", "Edge", frozenset({"reports.submit"}))

    def take_in(self, came: list[Truth]) -> None:
        for number, sender in enumerate(self.senders):
            lines = [(n, one.report.to_bytes()) for n, one in enumerate(came) if one.provider == number]
            answers = batches.receive(sender, self.centre, lines)  # type: ignore[arg-type]
            assert all(one.received for one in answers)

    def shift(self, minutes: float) -> None:
        """Answer what calls, forward what is known, then work from the top of the queue while there is time."""
        for one in duty_screen.screen(self.analyst, duty_screen.AlertFilter(file=True)).rows:
            if one.unanswered:
                duty_screen.answer(self.analyst, one.row.report_id)
                hours = (clock.now() - one.since).total_seconds() / 3600
                self.month.waits.setdefault(one.row.report_id, hours)
        while done := known_material.forward(self.analyst):
            self.month.forwarded_unseen += done
        while minutes > 0:
            rows, _more = work_queue.lines(self.analyst, work_queue.ReportFilter())
            if not rows:
                return
            for row in rows:
                if minutes <= 0:
                    return
                minutes -= self._decide(row)

    def _decide(self, row: Report) -> int:
        truth = self.truth[row.report_id]
        if not row.urgent:
            with acting(self.machine):
                self.month.overtaken += Report.objects.filter(urgent=True, state="open", duplicate_of=None).count()
        decision, reason = ("forward", "") if truth.relevant else ("unfounded", "token")
        assess.assess(
            self.analyst, row.report_id, decision, reason, seen=0, code="" if truth.relevant else "not_sexual"
        )
        cost = MINUTES[truth.relevant]
        self.month.minutes += cost
        self.month.looked[truth.relevant] += 1
        return cost


def play(place: Desk, truths: list[Truth]) -> None:
    """Shift after shift, until the month is over and the queue is empty."""
    needed = sum(MINUTES[one.relevant] for one in truths if one.repeats is None and not one.certified)
    a_shift, at, begun = needed * SPARE / SHIFTS, 0, time.monotonic()
    for shift in range(SHIFTS + 40):
        now = START + timedelta(hours=6 * (shift + 1))
        came = [one for one in truths[at:] if one.at <= now]
        with clock.simulate(now):
            place.take_in(came)
            place.shift(a_shift)
        at += len(came)
        if shift % 20 == 0:
            note(f"shift {shift}: {at} reports in, {place.month.minutes} minutes, {time.monotonic() - begun:.0f} s")
        if at == len(truths) and not work_queue.lines(place.analyst, work_queue.ReportFilter())[0]:
            return
    sys.exit("the desk never caught up")


def main() -> None:
    machine()
    rng, cast = random.Random(20260301), Cast()
    cast.centre  # noqa: B018 - founded first
    entries = []
    for _ in range(ENTRIES):
        digest = rng.randbytes(32).hex()
        entries.append((digest, entry_of(cast, digest)))
    truths = generate(rng, entries)
    place = Desk(cast, truths)
    play(place, truths)
    with acting(place.machine):
        rows = {
            row.report_id: row
            for row in Report.objects.select_related("duplicate_of").only(
                "report_id", "duplicate_of__report_id", "state", "urgent"
            )
            if row.report_id in place.truth
        }
    true = [one for one in truths if one.repeats is not None]
    merged = sum(rows[one.report.report_id].duplicate_of_id is not None for one in true)
    first_of = {one.report.report_id: one.repeats or one.report.report_id for one in truths}
    wrong = sum(
        row.duplicate_of is not None and first_of[pk] != first_of[row.duplicate_of.report_id]
        for pk, row in rows.items()
    )
    closed_unseen = (
        sum(row.state == "unfounded" and row.duplicate_of_id is None for row in rows.values())
        - place.month.looked[False]
    )
    fifo = sum(MINUTES[one.relevant] for one in truths)
    relevant = sum(one.relevant for one in truths)
    month = place.month
    note(
        f"{len(truths)} reports of {PROVIDERS} providers, {relevant} relevant, {len(true)} duplicates, {URGENT} urgent"
    )
    note(
        f"looked at {month.looked.total()}, forwarded unseen {month.forwarded_unseen}; {month.minutes} minutes, {fifo}"
        " in the order of coming"
    )
    note(f"minutes a relevant report: {month.minutes / relevant:.2f}; in the order of coming {fifo / relevant:.2f}")
    urgent_rows = sum(rows[pk].urgent for pk, one in place.truth.items() if one.urgent)
    note(f"an alert waited at most {max(month.waits.values()):.1f} h for the next shift")
    note(f"{round(REPORTS * ALIKE)} reports are like another but for one thing")
    figure("month_urgent_not_first", URGENT - urgent_rows, "reports", "<=0")
    unanswered = sum(one.urgent and not one.repeats and one.report.report_id not in month.waits for one in truths)
    figure("month_urgent_unanswered", unanswered, "alerts", "<=0")
    figure("month_urgent_overtaken", month.overtaken, "reports", "<=0")
    figure("month_duplicates_merged", 100 * merged / len(true), "%", ">=95")
    figure("month_merged_wrongly", wrong, "reports", "<=0")
    figure("month_closed_unseen", closed_unseen, "reports", "<=0")
    figure("month_minutes_ratio", fifo / month.minutes, "×", ">=3.5")
    report()


if __name__ == "__main__":
    main()
