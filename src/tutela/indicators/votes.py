"""What members and recipients say of an indicator: confirmations, other classes, and how matches with it turned out.

A confirmation changes no state. A class counts once two organisations in two countries name the same one. False
positives of two providers suspend the indicator (`life`, rule 3).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import Invalid, NotFound
from tutela.events.locking import lock
from tutela.events.recording import record
from tutela.indicators import ending, life, policy, standing
from tutela.indicators.errors import NoGrant, OutsidePolicy
from tutela.indicators.grants import current_grant, ever_granted
from tutela.indicators.models import Cause, Feedback, Indicator, Vote
from tutela.indicators.queries import with_state
from tutela.law.classification import checked_code
from tutela.organisations import directory

NEEDED = 2


@dataclass(frozen=True)
class Recipient:
    """What one recipient said of matches, and when last."""

    name: str
    right: int
    wrong: int
    last: datetime


@dataclass(frozen=True)
class Tally:
    """Confirmations, the class that counts, and recipients by their newest word on matches."""

    confirmed: int
    classification: str
    right: int
    wrong: int
    recipients: tuple[Recipient, ...] = ()


def confirm(actor: Actor, indicator_id: UUID, note: str = "") -> None:
    """Say that one's own assessment agrees. Raises `NotFound`."""
    _vote(actor, indicator_id, "confirm", "", note)


def reclassify(actor: Actor, indicator_id: UUID, classification: str, reason: str) -> None:
    """Say that it belongs in another class, with a reason. Raises `Invalid`, `OutsidePolicy`, `NotFound`."""
    if not reason.strip():
        raise Invalid("Say why; the reason is part of the record.", field="reason")
    checked_code(classification)
    if not policy.rules().permits(classification):
        raise OutsidePolicy
    _vote(actor, indicator_id, "reclassify", classification, reason)


def feedback(centre: Actor, sender: Actor, list_id: str, indicator_id: UUID, verdict: str, note: str = "") -> bool:
    """A recipient of the list says how a match turned out. Returns whether the indicator was suspended by that.

    Raises `NoGrant`, `NotFound`, `Invalid`.
    """
    with acting(centre):
        if not sender.verified or current_grant(list_id, sender.organisation_id) is None:
            raise NoGrant
        return _feedback(centre, sender, indicator_id, verdict, note)


def of_desk(centre: Actor, sender: Actor, list_id: str, indicator_id: UUID, verdict: str, note: str = "") -> bool:
    """As `feedback`, from the desk of a provider that decides later than it matched: its grant may have ended since.

    Raises `NotFound` where it never had one.
    """
    with acting(centre):
        if not sender.verified or not ever_granted(list_id, sender.organisation_id):
            raise NotFound
        return _feedback(centre, sender, indicator_id, verdict, note)


def _feedback(centre: Actor, sender: Actor, indicator_id: UUID, verdict: str, note: str) -> bool:
    if verdict not in ("confirmed", "false"):
        raise Invalid("Say confirmed or false.", field="verdict")
    with acting(centre):
        lock(f"indicator:{indicator_id}")
        before = standing.of(indicator_id)
        if before.state is life.State.PROPOSED:
            raise NotFound
        row = Indicator.objects.get(pk=indicator_id)
        Feedback.objects.create(
            organisation_id=centre.organisation_id, indicator_id=row.pk, sender_id=sender.organisation_id,
            verdict=verdict, note=note.strip()[:300],
        )  # fmt: skip
        record(centre, "indicator.feedback", "indicator", row.pk, sender=sender.organisation_id, verdict=verdict)
        if verdict == "confirmed" or before.state is not life.State.ACTIVE:
            return False
        now = life.after(before, life.ReportFalse(str(sender.organisation_id)), policy.rules())
        reason = "Two providers or more report false positives"
        return ending.stop(centre, row, before, now, Cause.FEEDBACK, reason)


def tally(row: Any) -> Tally:
    """How an indicator was voted on. Call inside `acting(actor)`."""
    votes = Vote.objects.filter(indicator=row.pk).order_by("created_at")
    confirmed = {one.organisation_id for one in votes if one.kind == "confirm"}
    classes: dict[UUID, tuple[str, str]] = {
        one.organisation_id: (one.classification, one.country) for one in votes if one.kind == "reclassify"
    }
    countries: dict[str, set[str]] = defaultdict(set)
    for code, country in classes.values():
        countries[code].add(country)
    agreed = [code for code, where in countries.items() if len(where) >= NEEDED]
    said = list(Feedback.objects.filter(indicator=row.pk).order_by("created_at"))
    words = list({one.sender_id: one.verdict for one in said}.values())
    return Tally(
        len(confirmed), agreed[-1] if agreed else row.classification, words.count("confirmed"), words.count("false"),
        _recipients(said),
    )  # fmt: skip


def _recipients(said: list[Feedback]) -> tuple[Recipient, ...]:
    by_sender: dict[UUID, list[Feedback]] = defaultdict(list)
    for one in said:
        by_sender[one.sender_id].append(one)
    names = directory.names(by_sender)
    found = []
    for sender, rows in by_sender.items():
        verdicts = [one.verdict for one in rows]
        found.append(
            Recipient(names[sender], verdicts.count("confirmed"), verdicts.count("false"), rows[-1].created_at)
        )
    return tuple(sorted(found, key=lambda one: one.name))


def _vote(actor: Actor, indicator_id: UUID, kind: str, classification: str, reason: str) -> None:
    actor.require("indicators.certify")
    actor.require_verified()
    with acting(actor):
        row = with_state().filter(pk=indicator_id).exclude(state=life.State.REVOKED.value).first()
        if row is None:
            raise NotFound
        Vote.objects.create(
            organisation_id=actor.organisation_id, indicator_id=row.pk, kind=kind, classification=classification,
            country=actor.country, reason=reason.strip()[:300], by=actor.reference,
        )  # fmt: skip
        record(actor, "indicator.voted", "indicator", row.pk, number=row.number, vote=kind)
