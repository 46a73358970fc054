"""Overview for the authority's start page, as plain values that the app package renders."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.daily_counts import median_hours, per_day
from tutela.events.transaction import acting
from tutela.investigations.deconfliction import page_data
from tutela.investigations.models import Acknowledgement, Outcome, Referral, Team
from tutela.investigations.referral_work.work_queue import FILTERS, SOON
from tutela.law import clocks
from tutela.law.clock_kinds import KINDS

# Far enough back for work that takes weeks.
DAYS_COUNTED = 90
MOST_ROWS_COUNTED = 1000
STEPS = {
    "taken_up": _("Taken up"),
    "person_identified": _("Person identified"),
    "victim_identified": _("Victim identified"),
    "closed": _("Closed"),
}

PENDING_PAGE = "/desk/deconfliction/requests/?state=waiting"


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business at this desk."""
    if not actor.can("investigations.read"):
        return None
    with acting(actor):
        return {"todos": [*_todos(), *_blind(actor)], "dues": list(_dues()), "charts": list(_charts())}


def _todos() -> Iterable[tuple[Any, ...]]:
    rows = Referral.objects.all()
    soon = Q(expires_at__gt=clock.now(), expires_at__lte=clock.now() + SOON)
    asked = {
        "new": Q(**FILTERS["new"]),
        "urgent": Q(**FILTERS["new"], urgent=True),
        "soon": Q(**FILTERS["unfinished"]) & soon,
        "open": Q(**FILTERS["open"]),
        "nobodys": Q(**FILTERS["unfinished"], team=None),
        "withdrawn": Q(**FILTERS["withdrawn"]),
    }
    counted = rows.aggregate(**{name: Count("created_at", filter=which) for name, which in asked.items()})
    yield _("Urgent referrals to acknowledge"), counted["urgent"], "/desk/inbox/?urgent=1", True
    yield _("Referrals to acknowledge"), counted["new"], "/desk/inbox/", False
    yield _("Open referrals"), counted["open"], "/desk/inbox/?state=open", False
    if Team.objects.filter(ended_at=None).exists():
        yield _("Unassigned referrals"), counted["nobodys"], "/desk/inbox/?state=unfinished&team=none", False
    yield _("Evidence expiring within 14 days"), counted["soon"], "/desk/inbox/?state=unfinished&expiring=1", True
    yield _("Withdrawn by the Centre"), counted["withdrawn"], "/desk/inbox/?state=withdrawn", True


def _blind(actor: Actor) -> Iterable[tuple[Any, ...]]:
    yield _("Contact requests from other authorities"), page_data.open_requests(actor), PENDING_PAGE, False
    yield (
        _("Identifiers that another authority also has"),
        page_data.new_hits(actor),
        "/desk/deconfliction/?state=new",
        False,
    )


def _dues() -> Iterable[tuple[Any, ...]]:
    for row in clocks.due(clock.now() + timedelta(days=2)):
        if row.subject_kind == "referral" and row.deadline:
            yield KINDS[row.kind].label, row.deadline, f"/desk/inbox/{row.subject_id}/"


def _charts() -> Iterable[tuple[Any, ...]]:
    yield _("Referrals per day"), _("referrals"), *per_day(Referral.objects.all()), "bars"
    referrals = Referral.objects.filter(created_at__gte=clock.now() - timedelta(days=DAYS_COUNTED))
    told = Outcome.objects.filter(referral__in=referrals, kind__in=STEPS).order_by()
    reached = dict(told.values_list("kind").annotate(Count("referral", distinct=True)))
    steps = {
        _("Received"): referrals.count(),
        _("Acknowledged"): referrals.filter(acknowledged=True).count(),
        **{label: reached.get(kind, 0) for kind, label in STEPS.items()},
    }
    yield (
        _("From referral to outcome, 90 days"),
        _("referrals"),
        [str(label) for label in steps],
        [float(n) for n in steps.values()],
        "funnel",
    )
    yield _("Median times of the newest 1,000"), _("hours"), *_medians(), "bars"
    kinds = dict(Outcome.objects.values_list("kind").annotate(Count("pk")).order_by("kind"))
    yield _("Outcomes of referrals"), _("outcomes"), list(kinds), [float(n) for n in kinds.values()], "funnel"


def _medians() -> tuple[list[str], list[float]]:
    """Median hours from receipt to acknowledgement, and from there to the first outcome and to the end."""
    came = Referral.objects.filter(pk=OuterRef("referral")).values("created_at")
    acknowledged = Acknowledgement.objects.filter(referral=OuterRef("referral")).values("created_at")
    spans: list[tuple[Any, str, Any]] = [
        (Acknowledgement.objects.all(), "created_at", came),
        (Outcome.objects.exclude(kind="closed"), "created_at", acknowledged),
        (Outcome.objects.filter(kind="closed"), "created_at", acknowledged),
    ]
    labels = [str(_("acknowledged")), str(_("outcome")), str(_("closed"))]
    return labels, [median_hours(rows, later, earlier, newest=MOST_ROWS_COUNTED) for rows, later, earlier in spans]
