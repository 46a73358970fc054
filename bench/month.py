"""A month at the Centre's desk, simulated: reports whose truth is known, the real intake and queue, real decisions.

The generator knows of each report whether it is relevant, whether it repeats another (the same account, event and item)
and whether a child may be in danger now. Half of what arrives is irrelevant, most of it is a repetition, some items
circulate widely among accounts that have nothing else in common, and some reports are like another but for one thing:
the same account and item at another moment, or another account with the same item at the same moment. Every six hours
what came is taken in; alerts are answered; what is about certified items alone is forwarded by one decision; then the
analysts work the queue from its top for as long as a shift has. They decide what the truth says: the desk is measured
here, not they.

Whether a child may be in danger now is the generator's knowledge and follows no rule of the Centre. Urgent reports
express it as reports do (`month_urgency.py`): the provider's word, a named danger, free words in five languages,
types of material, an age, a journey, or nothing at all. Of other reports two in five have words that sound alike. One
in ten reports comes days late. `month_urgent_recall` is the share of urgent reports that express it in any way and are
recognised, `month_urgent_recall_all` the share of all of them, and `month_urgent_precision` the share of reports
recognised as urgent that are. The order of the queue and the answers to alerts are judged for recognised reports alone.

The price of forwarding without a look depends on how much is certified. Four smaller months of the same kind have 10,
30, 50 and 70 % of relevant reports about certified items, some of which are listed in error; the figures say how many
times fewer minutes the desk needs, and how many reports it forwarded that are not relevant.

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

from month_reports import ALIKE, PROVIDERS, Plan, Truth, generate  # noqa: E402
from tests.support.cast import Cast  # noqa: E402
from tests.support.reports_world import entry_of  # noqa: E402

from tutela import clock  # noqa: E402
from tutela.events.transaction import acting  # noqa: E402
from tutela.organisations.people import directory  # noqa: E402
from tutela.reports.alerts import duty_screen  # noqa: E402
from tutela.reports.intake import batches  # noqa: E402
from tutela.reports.models import Report  # noqa: E402
from tutela.reports.triage import assess, known_material, work_queue  # noqa: E402

REPORTS = 200 if QUICK else 50_000
ENTRIES = 20 if QUICK else 200
# The smaller months: reports of each, shares of certified items, and entries that are listed in error.
SMALL, SHARES = (50, (0.30,)) if QUICK else (5_000, (0.10, 0.30, 0.50, 0.70))
IN_ERROR = max(1, ENTRIES // 100)
SHIFTS = 30 * 4
MINUTES = {True: 3, False: 1}
# Analysts have this much time more than the work needs, so that nothing waits for ever.
SPARE = 1.1
START = datetime(2026, 3, 1, tzinfo=UTC)


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


class Desk:
    """The Centre with one analyst who has the time of all of them."""

    def __init__(self, cast: Cast, plan: Plan, truths: list[Truth]) -> None:
        self.plan = plan
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
            for place, row in enumerate(rows):
                if minutes <= 0:
                    return
                # A decision may bring up another urgent report of its bundle. Pages read the queue anew after each
                # decision; here that is done when it makes a difference.
                if place and not row.urgent and self._urgent_open():
                    break
                minutes -= self._decide(row)

    def _urgent_open(self) -> int:
        with acting(self.machine):
            return Report.objects.filter(urgent=True, state="open", duplicate_of=None).count()

    def _decide(self, row: Report) -> int:
        truth = self.truth[row.report_id]
        if not row.urgent:
            self.month.overtaken += self._urgent_open()
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
        now = place.plan.start + timedelta(hours=6 * (shift + 1))
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


def rows_of(place: Desk) -> dict[UUID, Report]:
    """The Centre's rows of a month's reports."""
    wanted = Report.objects.select_related("duplicate_of")
    fields = ("report_id", "duplicate_of__report_id", "state", "urgent")
    with acting(place.machine):
        rows = wanted.filter(report_id__in=list(place.truth)).only(*fields)
        return {row.report_id: row for row in rows}


def judge_recognition(place: Desk, rows: dict[UUID, Report]) -> None:
    """Which urgent reports were recognised, by how they express it, and how many others were taken for urgent."""
    first = {pk: one for pk, one in place.truth.items() if one.repeats is None}
    found: Counter[str] = Counter(one.way for pk, one in first.items() if one.urgent and rows[pk].urgent)
    every: Counter[str] = Counter(one.way for one in first.values() if one.urgent)
    for way, count in sorted(every.items()):
        note(f"urgent by {way}: {found[way]} of {count} recognised")
    wrong = sum(rows[pk].urgent and not one.urgent for pk, one in first.items())
    said = every.total() - every["nothing"]
    figure("month_urgent_recall", (found.total() - found["nothing"]) / said, "share", ">=0.95")
    figure("month_urgent_recall_all", found.total() / every.total(), "share", "none")
    figure("month_urgent_precision", found.total() / max(1, found.total() + wrong), "share", "none")


def judge_order(place: Desk, rows: dict[UUID, Report]) -> None:
    """Whether recognised urgent reports were answered, and before everything else."""
    waits = place.month.waits
    note(f"an alert waited at most {max(waits.values()):.1f} h for the next shift")
    recognised = [pk for pk, one in place.truth.items() if one.urgent and not one.repeats and rows[pk].urgent]
    figure("month_urgent_unanswered", sum(pk not in waits for pk in recognised), "alerts", "<=0")
    figure("month_urgent_overtaken", place.month.overtaken, "reports", "<=0")


def judge_duplicates(place: Desk, rows: dict[UUID, Report]) -> None:
    """Duplicates that were merged, reports that were merged wrongly, and reports closed without a look."""
    truths = list(place.truth.values())
    true = [one for one in truths if one.repeats is not None]
    merged = sum(rows[one.report.report_id].duplicate_of_id is not None for one in true)
    first_of = {one.report.report_id: one.repeats or one.report.report_id for one in truths}
    wrong = sum(
        row.duplicate_of is not None and first_of[pk] != first_of[row.duplicate_of.report_id]
        for pk, row in rows.items()
    )
    unfounded = sum(row.state == "unfounded" and row.duplicate_of_id is None for row in rows.values())
    figure("month_duplicates_merged", 100 * merged / len(true), "%", ">=95")
    figure("month_merged_wrongly", wrong, "reports", "<=0")
    figure("month_closed_unseen", unfounded - place.month.looked[False], "reports", "<=0")


def judge_minutes(place: Desk) -> float:
    """How many times fewer minutes the desk needed than one that takes reports in the order of their coming."""
    truths, month = list(place.truth.values()), place.month
    fifo = sum(MINUTES[one.relevant] for one in truths)
    relevant = sum(one.relevant for one in truths)
    note(
        f"{len(truths)} reports of {PROVIDERS} providers, {relevant} relevant,"
        f" {sum(one.repeats is not None for one in truths)} duplicates, {sum(one.urgent for one in truths)} urgent"
    )
    note(
        f"looked at {month.looked.total()}, forwarded unseen {month.forwarded_unseen}; {month.minutes} minutes, {fifo}"
        " in the order of coming"
    )
    note(f"minutes a relevant report: {month.minutes / relevant:.2f}; in the order of coming {fifo / relevant:.2f}")
    return fifo / month.minutes


def price(cast: Cast, rng: random.Random, entries: list[tuple[str, UUID]]) -> None:
    """Smaller months with other shares of certified items: what forwarding unseen saves, and what it costs."""
    in_error = frozenset(entry for _digest, entry in entries[:IN_ERROR])
    for number, share in enumerate(SHARES):
        plan = Plan(SMALL, START + timedelta(days=60 * (number + 1)), entries, share, in_error)
        note(f"{100 * share:.0f} % certified, {IN_ERROR} of {len(entries)} entries listed in error")
        truths = generate(rng, plan)
        place = Desk(cast, plan, truths)
        play(place, truths)
        rows = rows_of(place)
        sent = [
            one
            for pk, one in place.truth.items()
            if one.certified
            and one.repeats is None
            and rows[pk].duplicate_of_id is None
            and rows[pk].state != "unfounded"
        ]
        name = f"{100 * share:.0f}_certified"
        figure(f"month_minutes_ratio_{name}", judge_minutes(place), "×", "none")
        figure(f"month_unseen_share_{name}", 100 * place.month.forwarded_unseen / len(truths), "%", "none")
        wrong = sum(not one.relevant for one in sent)
        figure(f"month_forwarded_wrongly_{name}", 100 * wrong / max(1, len(sent)), "%", "none")


def main() -> None:
    machine()
    rng, cast = random.Random(20260301), Cast()
    cast.centre  # noqa: B018 - founded first
    digests = [rng.randbytes(32).hex() for _ in range(ENTRIES)]
    entries = [(digest, entry_of(cast, digest)) for digest in digests]
    plan = Plan(REPORTS, START, entries)
    truths = generate(rng, plan)
    place = Desk(cast, plan, truths)
    play(place, truths)
    rows = rows_of(place)
    judge_recognition(place, rows)
    judge_order(place, rows)
    judge_duplicates(place, rows)
    figure("month_minutes_ratio", judge_minutes(place), "×", ">=3.5")
    note(f"{round(REPORTS * ALIKE)} reports are like another but for one thing")
    price(cast, rng, entries)
    report()


if __name__ == "__main__":
    main()
