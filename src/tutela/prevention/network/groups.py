"""Working groups, their members, and what the network announces: calls, deliverables and events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Conflict, Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.errors import UnknownGroup
from tutela.prevention.knowledge.permissions import CURATE, GROUP, READ
from tutela.prevention.models import Delivery, GroupStep, ItemKind, NetworkItem, NetworkMember, Practice, WorkingGroup
from tutela.prevention.network import members


@dataclass(frozen=True)
class ItemInput:
    """A call, a deliverable or an event. A deliverable is due on `ends_on`, a call closes then."""

    kind: str
    title: str
    starts_on: date
    ends_on: date
    text: str = ""
    link: str = ""
    group: UUID | None = None


@dataclass(frozen=True)
class GroupShown:
    """A working group with its members of today and its items, the latest first."""

    group: WorkingGroup
    members: list[NetworkMember]
    items: list[NetworkItem]


def found(actor: Actor, title: str, mandate: str, practice: str = "") -> UUID:
    """Found a working group. Raises `Invalid` naming the field."""
    actor.require(CURATE)
    for name, value in (("title", title), ("mandate", mandate)):
        if not value.strip():
            raise Invalid("Fill in this field.", field=name)
    if practice and practice not in Practice.values:
        raise Invalid("Choose one of the list.", field="practice")
    with acting(actor):
        row = WorkingGroup(
            organisation_id=actor.organisation_id, title=title.strip(), mandate=mandate.strip(), practice=practice
        )
        row.save(force_insert=True)
        record(actor, "group.founded", GROUP, row.pk, title=row.title)
        return UUID(str(row.pk))


def step(actor: Actor, group_id: UUID, member_id: UUID, *, joined: bool) -> None:
    """Record that a member joined or left a group. Raises `Conflict` if that is so already, `Invalid`."""
    actor.require(CURATE)
    with acting(actor):
        group, member = find(group_id, lock=True), members.find(member_id)
        if (member in _members(group)) is joined:
            raise Conflict
        if joined and member.left_on is not None:
            raise Invalid("This member left the network.", field="member")
        GroupStep(
            organisation_id=actor.organisation_id,
            group=group,
            member=member,
            joined=joined,
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        if joined:
            record(actor, "group.joined", GROUP, group.pk, member=str(member.pk))
        else:
            record(actor, "group.left", GROUP, group.pk, member=str(member.pk))


def announce(actor: Actor, given: ItemInput) -> UUID:
    """Announce a call, a deliverable or an event. Raises `Invalid` naming the field, `UnknownGroup`."""
    actor.require(CURATE)
    if given.kind not in ItemKind.values:
        raise Invalid("Choose one of the list.", field="kind")
    if not given.title.strip():
        raise Invalid("Fill in this field.", field="title")
    if given.ends_on < given.starts_on:
        raise Invalid("The last day comes after the first.", field="ends_on")
    if given.kind == ItemKind.DELIVERABLE and given.group is None:
        raise Invalid("A deliverable is that of a working group.", field="group")
    _check_link(given.link, required=False)
    with acting(actor):
        facts = asdict(given) | {"group": find(given.group) if given.group else None}
        row = NetworkItem(organisation_id=actor.organisation_id, by=actor.reference, by_name=actor.name[:200], **facts)
        row.save(force_insert=True)
        record(actor, "network.announced", "network_item", row.pk, kind=row.kind, title=row.title)
        return UUID(str(row.pk))


def deliver(actor: Actor, item_id: UUID, *, link: str, present: Sequence[UUID], dissent: str = "") -> None:
    """Record a delivered output with who took part, their conflicts of interest and dissent. Raises `Invalid`.

    Whoever took part must have stated their interests: an output without them is refused.
    """
    actor.require(CURATE)
    _check_link(link, required=True)
    with acting(actor):
        row = NetworkItem.objects.filter(pk=item_id, kind=ItemKind.DELIVERABLE).first()
        if row is None:
            raise Conflict
        people = [members.find(one) for one in dict.fromkeys(present)]
        if not people:
            raise Invalid("Choose who took part.", field="present")
        stated = [(one.name, members.interests_of(one)) for one in people]
        silent = [name for name, text in stated if not text]
        if silent:
            raise Invalid("No statement of interests: {names}.", field="present", names=", ".join(silent))
        made = Delivery(
            organisation_id=actor.organisation_id,
            item=row,
            link=link.strip(),
            present=[{"name": name, "interests": text} for name, text in stated],
            dissent=dissent.strip(),
            by=actor.reference,
            by_name=actor.name[:200],
        )
        # The second of two deliveries at once is refused too.
        if not insert_ignore(made):
            raise Conflict
        record(actor, "network.delivered", "network_item", row.pk, title=row.title, present=len(people))


def list_groups(actor: Actor) -> list[GroupShown]:
    """Working groups with members and items, by title."""
    actor.require(READ)
    with acting(actor):
        return public_groups()


def public_groups() -> list[GroupShown]:
    """Working groups with members and items, by title. Call inside `acting`."""
    rows = WorkingGroup.objects.filter(ended_on=None).order_by("title", "pk")
    return [GroupShown(one, _members(one), list(_items().filter(group=one))) for one in rows]


def items(actor: Actor) -> list[NetworkItem]:
    """All calls, deliverables and events, the latest first."""
    actor.require(READ)
    with acting(actor):
        return list(_items())


def public_items() -> list[tuple[NetworkItem, bool]]:
    """Calls, deliverables and events, the latest first, each with whether it is over. Call inside `acting`."""
    today = clock.now().date()
    return [(one, one.ends_on < today) for one in _items()]


def find(group_id: UUID, *, lock: bool = False) -> WorkingGroup:
    """A working group. Raises `UnknownGroup`. Call inside `acting`."""
    rows = WorkingGroup.objects.select_for_update() if lock else WorkingGroup.objects.all()
    row = rows.filter(pk=group_id).first()
    if row is None:
        raise UnknownGroup
    return row


def _items() -> QuerySet[NetworkItem]:
    return NetworkItem.objects.select_related("group", "delivery").order_by("-ends_on", "title", "pk")


def _members(group: WorkingGroup) -> list[NetworkMember]:
    """Members of a group who left neither the group nor the network."""
    now = dict[UUID, GroupStep]()
    for one in group.steps.select_related("member"):
        now[one.member_id] = one
    inside = [one.member for one in now.values() if one.joined and one.member.left_on is None]
    return sorted(inside, key=lambda one: one.name)


def _check_link(link: str, *, required: bool) -> None:
    if (required or link.strip()) and not link.strip().startswith("https://"):
        raise Invalid("Enter an address that begins with https://.", field="link")
