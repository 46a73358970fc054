"""Teams of an authority (national, regional, local) and the assignment of referrals.

A team belongs to a team of a higher level or to none. An ended team gets no new referrals, and keeps its own until
somebody reassigns them. Every assignment is a row with its author; the newest row applies.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q, QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.investigations.models import Assignment, Level, Referral, Team
from tutela.investigations.referral_work.answers import locked_referral

# One form assigns at most so many.
MOST_TEAMS = 200
ORDER = {Level.NATIONAL: 0, Level.REGIONAL: 1, Level.LOCAL: 2}


@dataclass(frozen=True)
class Load:
    """A team's work, or (none) what nobody has: open, urgent among it, not acknowledged, and since when the oldest."""

    team: Team | None
    depth: int
    open: int
    urgent: int
    new: int
    oldest: datetime | None


def make(actor: Actor, *, name: str, level: str, parent: UUID | None = None) -> Team:
    """Make a team. Raises `Invalid` naming the field."""
    actor.require("investigations.answer")
    name = typed(name)
    if not 1 <= len(name) <= 120:
        raise Invalid("The name must have 1 to {most} characters.", field="name", most=120)
    if level not in Level.values:
        raise Invalid("Choose national, regional or local.", field="level")
    with acting(actor):
        above = Team.objects.filter(pk=parent, ended_at=None).first() if parent else None
        if parent and above is None:
            raise Invalid("The parent team does not exist or has ended. Choose another.", field="parent")
        if above is not None and ORDER[Level(above.level)] >= ORDER[Level(level)]:
            raise Invalid("The parent team must have a higher level.", field="parent")
        if Team.objects.filter(name=name, ended_at=None).exists():
            raise Invalid("A team with this name already exists. Choose another name.", field="name")
        row = Team.objects.create(
            organisation_id=actor.organisation_id, name=name, level=level, parent=above, by=actor.reference
        )
        record(actor, "team.made", "team", row.pk, level=level)
    return row


def end(actor: Actor, team: UUID) -> None:
    """End a team that has none below it; ending twice changes nothing. Raises `NotFound`, `Invalid`."""
    actor.require("investigations.answer")
    with acting(actor):
        row = Team.objects.select_for_update().filter(pk=team).first()
        if row is None:
            raise NotFound
        if row.ended_at is not None:
            return
        if row.below.filter(ended_at=None).exists():
            raise Invalid("End the teams below this team first.")
        row.ended_at, row.ended_by = clock.now(), actor.reference
        row.save(update_fields=["ended_at", "ended_by"])
        record(actor, "team.ended", "team", row.pk)


def assign(actor: Actor, referrals: Iterable[UUID], team: UUID | None) -> int:
    """Give referrals to a team, or to none, all or nothing; returns how many changed hands.

    Raises `NotFound`, `Invalid`.
    """
    actor.require("investigations.answer")
    wanted = sorted(set(referrals))
    if len(wanted) > MOST_TEAMS:
        raise Invalid("Assign at most {most} referrals at once.", field="referral", most=MOST_TEAMS)
    with acting(actor):
        row = Team.objects.filter(pk=team, ended_at=None).first() if team else None
        if team and row is None:
            raise Invalid("This team does not exist or has ended.", field="team")
        return sum(_assign(actor, locked_referral(one), row) for one in wanted)


def _assign(actor: Actor, referral: Referral, team: Team | None) -> bool:
    if referral.team_id == (team.pk if team else None):
        return False
    Assignment.objects.create(
        organisation_id=actor.organisation_id,
        referral=referral,
        team=team,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    referral.team = team
    referral.save(update_fields=["team"])
    record(actor, "referral.assigned", "referral", referral.referral_id, team=team.pk if team else None)
    return True


def chosen(actor: Actor) -> list[Team]:
    """The teams that get something, each below the one above it."""
    actor.require("investigations.read")
    with acting(actor):
        return [team for team, _depth in _tree(list(Team.objects.filter(ended_at=None).order_by("name")))]


def loads(actor: Actor) -> list[Load]:
    """Open referrals of each team, and last the unassigned ones."""
    actor.require("investigations.read")
    with acting(actor):
        counted = {row["team"]: row for row in _counted()}
        teams = _tree(list(Team.objects.order_by("name")))
        found = [_load(team, depth, counted.get(team.pk)) for team, depth in teams]
    shown = [one for one in found if one.team is None or one.team.ended_at is None or one.open]
    return [*shown, _load(None, 0, counted.get(None))]


def _counted() -> QuerySet[Any, Any]:
    rows = Referral.objects.filter(closed=False, given_back=False)
    return (
        rows.order_by()
        .values("team")
        .annotate(
            open=Count("*"),
            urgent_ones=Count("created_at", filter=Q(urgent=True)),
            new=Count("created_at", filter=Q(acknowledged=False)),
            oldest=Min("created_at"),
        )
    )


def _load(team: Team | None, depth: int, row: dict[str, Any] | None) -> Load:
    if row is None:
        return Load(team, depth, 0, 0, 0, None)
    return Load(team, depth, row["open"], row["urgent_ones"], row["new"], row["oldest"])


def _tree(teams: list[Team]) -> list[tuple[Team, int]]:
    """The teams as a tree: each with its depth, below its parent. Children of an ended team come at the top."""
    known = {team.pk for team in teams}

    def under(parent: UUID | None, depth: int) -> list[tuple[Team, int]]:
        here = [t for t in teams if (t.parent_id if t.parent_id in known else None) == parent]
        return [pair for team in here for pair in ((team, depth), *under(team.pk, depth + 1))]

    return under(None, 0)
