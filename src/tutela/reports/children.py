"""How many children were safeguarded: each counted once, however many reports led to it.

- A child is an authority's pseudonym. Two authorities that safeguard the same child count it twice, and that is said.
- Only referrals that stand count, as in the funnel, whose chosen reports these are.
- An outcome that names no child is shown beside: nobody knows how many it is about, and nothing is added for it.
- A child is told to everybody only where an outcome that names it was released for statistics.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.organisations import directory
from tutela.reports import funnel
from tutela.reports.funnel import Wanted, among
from tutela.reports.models import SafeguardedChild
from tutela.reports.reaching import STATISTICS
from tutela.reports.standing import standing_referrals

STEP = "victim_identified"


@dataclass(frozen=True)
class Children:
    """Children counted once, how many of them may be told to everybody, and reports that name none."""

    children: int
    released: int
    reports: int
    reports_without: int


def count(actor: Actor, wanted: Wanted) -> Children:
    """The figures of the wanted reports."""
    actor.require("reports.read")
    with acting(actor):
        rows = list(
            _named(wanted).values_list("authority_id", "pseudonym", "outcome__release", "outcome__referral__report")
        )
        reports = funnel.count(STEP, wanted)
    children = {row[:2] for row in rows}
    released = {row[:2] for row in rows if row[2] == STATISTICS}
    # An outcome that names a child is one of the step, so that these are some of the reports.
    return Children(len(children), len(released), reports, reports - len({row[3] for row in rows}))


def lines(actor: Actor, wanted: Wanted) -> list[list[Any]]:
    """Every child with the reports that led to it, as lines of a table with its head; no pseudonym is in it."""
    actor.require("reports.read")
    with acting(actor):
        columns = ("authority_id", "pseudonym", "outcome__referral__report__report_id", "outcome__release")
        rows = list(_named(wanted).order_by(*columns).values_list(*columns))
        names = directory.names(row[0] for row in rows)
    found: dict[tuple[Any, str], tuple[set[str], set[str]]] = {}
    for authority, pseudonym, report, release in rows:
        ids, releases = found.setdefault((authority, pseudonym), (set(), set()))
        ids.add(str(report))
        releases.add(release)
    head = ["child", "authority", "released_for_statistics", "reports", "report_ids"]
    return [head] + [
        [number, names.get(key[0], "?"), "yes" if STATISTICS in releases else "no", len(ids), " ".join(sorted(ids))]
        for number, (key, (ids, releases)) in enumerate(sorted(found.items(), key=lambda one: str(one[0])), 1)
    ]


def _named(wanted: Wanted) -> Any:
    """Children of outcomes of standing referrals of the wanted reports.

    They are few, and everything else is many: all begins with them, whatever the database thinks.
    """
    rows = SafeguardedChild.objects.filter(outcome__kind=STEP)
    about = list(rows.values_list("outcome__referral", flat=True).distinct())
    wanted_ones = standing_referrals().filter(pk__in=about).filter(among(wanted, "report__"))
    return rows.filter(outcome__referral__in=list(wanted_ones.values_list("pk", flat=True)))
