"""Organisations that take part in drills.

1. A person of a member of the register says that it takes part, and may end that at any time.
2. From then on a drill certifies test entries in its name, with its key. The database refuses every other entry.
3. An organisation that asks for a security key or for two people is left out: no person is there during a drill.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import DrillMember, DrillMemberEnd
from tutela.indicators.register.preconditions import require_member
from tutela.organisations.approvals import approve
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry

REFERENCE, NAME = "system:drill", "Drill"
MAY = frozenset({"indicators.propose", "indicators.certify"})
JOIN = "indicators.certify"


@dataclass(frozen=True)
class Participation:
    """That the actor's organisation takes part: since when, and who said so."""

    since: datetime
    by_name: str


def participation(actor: Actor) -> Participation | None:
    """Whether the actor's organisation takes part; None if it does not."""
    with acting(actor):
        row = DrillMember.objects.filter(organisation_id=actor.organisation_id, end=None).first()
        return Participation(row.created_at, row.by_name) if row is not None else None


def join(actor: Actor) -> None:
    """Take part from now on. Twice changes nothing. Raises `OutsidePolicy`."""
    require_member(actor, JOIN)
    with acting(actor):
        lock(f"drill-member:{actor.organisation_id}")
        if DrillMember.objects.filter(organisation_id=actor.organisation_id, end=None).exists():
            return
        made = DrillMember.objects.create(
            organisation_id=actor.organisation_id, by=actor.reference, by_name=actor.name[:200]
        )
        record(actor, "drill_member.joined", "drill_member", made.pk)


def leave(actor: Actor) -> None:
    """No longer take part. Twice changes nothing."""
    actor.require(JOIN)
    with acting(actor):
        lock(f"drill-member:{actor.organisation_id}")
        row = DrillMember.objects.filter(organisation_id=actor.organisation_id, end=None).first()
        if row is None:
            return
        DrillMemberEnd.objects.create(
            organisation_id=actor.organisation_id, member=row, by=actor.reference, by_name=actor.name[:200]
        )
        record(actor, "drill_member.left", "drill_member", row.pk)


def certifiers() -> list[Actor]:
    """Two organisations of two countries that take part, acting by machine; fewer if there are not so many."""
    found: list[Actor] = []
    for kind in sorted(policy.certifiers()):
        for entry in directory.list_organisations(kind=kind):
            if entry.verified and all(one.country != entry.country for one in found) and _takes_part(entry):
                found.append(directory.acting_for(entry, REFERENCE, NAME, MAY))
    return found[:2]


def acting_in_drill(organisation_id: UUID) -> Actor:
    """The machine of a drill, acting for an organisation that takes part."""
    return directory.acting_for(directory.entry(organisation_id), REFERENCE, NAME, MAY)


def _takes_part(entry: DirectoryEntry) -> bool:
    """Rules 1 and 3."""
    actor = directory.acting_for(entry, REFERENCE, NAME, MAY)
    with acting(actor):
        joined = DrillMember.objects.filter(organisation_id=entry.id, end=None).exists()
        return joined and not any(approve.guards(actor, one) for one in ("propose", "certify"))
