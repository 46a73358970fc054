"""Members of the network by practice and programme, from any country, with their conflicts of interest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tutela import clock
from tutela.casework.public_languages.names import MEMBERS
from tutela.events.actor import Actor
from tutela.events.errors import Conflict, Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.errors import UnknownMember
from tutela.prevention.knowledge import programmes
from tutela.prevention.knowledge.permissions import CURATE, MEMBER, READ
from tutela.prevention.models import InterestStatement, NetworkMember, Practice


@dataclass(frozen=True)
class MemberInput:
    """A member as a curator enters one."""

    name: str
    employer: str
    country: str
    practices: Sequence[str]
    joined_on: date
    programmes: Sequence[UUID] = ()


@dataclass(frozen=True)
class MemberShown:
    """A member with the newest statement of interests, empty before any. `third`: from outside of the Union."""

    member: NetworkMember
    interests: str
    programmes: tuple[str, ...]
    third: bool


def enter(actor: Actor, given: MemberInput) -> UUID:
    """Enter a member. Raises `Invalid` naming the field."""
    actor.require(CURATE)
    for name in ("name", "employer"):
        if not getattr(given, name).strip():
            raise Invalid("Fill in this field.", field=name)
    if len(given.country) != 2 or not given.country.isascii() or not given.country.isupper():
        raise Invalid("Enter the country's code of two letters, such as “SE”.", field="country")
    if not given.practices or set(given.practices) - set(Practice.values):
        raise Invalid("Choose at least one practice.", field="practices")
    if given.joined_on > clock.now().date():
        raise Invalid("Enter a day that is not in the future.", field="joined_on")
    with acting(actor):
        row = NetworkMember(
            organisation_id=actor.organisation_id,
            name=given.name.strip(),
            employer=given.employer.strip(),
            country=given.country,
            practices=sorted(set(given.practices)),
            programmes=[UUID(str(programmes.find(one).pk)) for one in dict.fromkeys(given.programmes)],
            joined_on=given.joined_on,
        )
        row.save(force_insert=True)
        record(actor, "member.entered", MEMBER, row.pk, country=row.country, practices=row.practices)
        return UUID(str(row.pk))


def leave(actor: Actor, member_id: UUID, reason: str) -> None:
    """Record that a member left today, and why. Raises `UnknownMember`, `Conflict`, `Invalid`."""
    actor.require(CURATE)
    if not reason.strip():
        raise Invalid("Enter the reason.", field="reason")
    with acting(actor):
        row = find(member_id, lock=True)
        if row.left_on is not None:
            raise Conflict
        row.left_on, row.left_reason = clock.now().date(), reason.strip()
        row.save(update_fields=["left_on", "left_reason"])
        record(actor, "member.left", MEMBER, row.pk)


def state_interests(actor: Actor, member_id: UUID, text: str) -> None:
    """Record a member's conflicts of interest, "none" included. Raises `UnknownMember`, `Invalid`."""
    actor.require(CURATE)
    if not text.strip():
        raise Invalid("Enter the conflicts of interest, or “none”.", field="text")
    with acting(actor):
        InterestStatement(
            organisation_id=actor.organisation_id,
            member=find(member_id),
            text=text.strip(),
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        record(actor, "member.interests", MEMBER, member_id)


def list_members(actor: Actor, *, practice: str = "", country: str = "", third: bool = False) -> list[MemberShown]:
    """Members who have not left, by name: of a practice, of a country, or from outside of the Union."""
    actor.require(READ)
    with acting(actor):
        rows = NetworkMember.objects.filter(left_on=None).order_by("name", "pk")
        rows = rows.filter(practices__contains=[practice]) if practice else rows
        rows = rows.filter(country=country) if country else rows
        rows = rows.exclude(country__in=MEMBERS) if third else rows
        names = {one.programme_id: one.name for one in programmes.newest_editions()}
        return [_shown(one, names) for one in rows.prefetch_related("statements")]


def interests_of(row: NetworkMember) -> str:
    """A member's newest statement of interests; empty before any. Call inside `acting`."""
    statements = list(row.statements.all())
    return statements[-1].text if statements else ""


def by_practice_and_country() -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """How many members each practice and each country has. For the public, without names. Call inside `acting`."""
    rows = list(NetworkMember.objects.filter(left_on=None))
    practices = Counter(one for row in rows for one in row.practices)
    labels = dict(Practice.choices)
    named = [(str(labels[one]), count) for one, count in practices.most_common()]
    return named, sorted(Counter(row.country for row in rows).items())


def find(member_id: UUID, *, lock: bool = False) -> NetworkMember:
    """A member. Raises `UnknownMember`. Call inside `acting`."""
    rows = NetworkMember.objects.select_for_update() if lock else NetworkMember.objects.all()
    row = rows.filter(pk=member_id).first()
    if row is None:
        raise UnknownMember
    return row


def _shown(row: NetworkMember, names: dict[UUID, str]) -> MemberShown:
    known = tuple(names[one] for one in row.programmes if one in names)
    return MemberShown(row, interests_of(row), known, row.country not in MEMBERS)
