"""Rate limits: an organisation that exceeds the policy's proposals per hour is held, with an alert.

A held organisation cannot propose or certify until the Centre has checked. No other organisation can activate its
proposals of that hour. A hold is a transaction of its own: the proposal beyond the limit is refused, the hold stays.

One person may use half of what the organisation may. Beyond it that person alone is held in the same way, and the
colleagues go on with the rest. Keys and jobs count for the organisation alone.

Desk proposals from a partner list or a file also count, unless the Centre has to check that run anyway.

A refusal reveals that an item is listed, judged or lawful. Refusals are therefore counted per organisation and person,
each in a transaction of its own, and those of files by the line. Who has too many is held, and gets no further answers.

Disputes have a rate limit as well, and so have a recipient's false-positive reports over all indicators. Each statement
is recorded and shown, because no organisation is prevented from disputing. Statements beyond the limit name the hold,
and alone suspend nothing until the Centre has checked. Neither a stolen session nor two recipients together can then
empty the list in an afternoon. The Centre accepts or rejects the statements (`hold_release`, `hold_effects`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db.models import Q, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.rate_limits import RateLimit
from tutela.events.transaction import acting
from tutela.exchange.register.reason_codes import HoldReason
from tutela.indicators.hashes.anomalies import Odd
from tutela.indicators.lifecycle import policy
from tutela.indicators.models import (
    OF_PROPOSERS,
    Dispute,
    Feedback,
    Hold,
    HoldDecision,
    HoldKind,
    ImportBatch,
    Indicator,
    PartnerProposing,
)
from tutela.indicators.safeguards import holds
from tutela.indicators.safeguards.errors import HeldForFlood, TooManyRefusals

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# More than a person finds wrong by looking, and few enough that the rest of a list stands when somebody notices.
DISPUTES_PER_HOUR = 50
# False positives have the same hourly limit. A recipient's API client may report all night, so the daily limit bounds
# how many indicators two recipients together suspend before the Centre is present.
FALSE_PER_HOUR, FALSE_PER_DAY = 50, 200
# A person meets a known item occasionally; an attacker who tests files meets nothing else.
REFUSALS_PER_HOUR = RateLimit("register.refused.hour", HOUR, 30)
REFUSALS_PER_DAY = RateLimit("register.refused.day", DAY, 100)
# One whole file of the desk (`desk_upload.LINES`). What is new in it becomes a proposal, and counts as one.
REFUSED_LINES_PER_DAY = RateLimit("register.refused.lines", DAY, 5_000)


def person(organisation: UUID, reference: str) -> UUID:
    """What a hold names for a person of an organisation: the same each time, and an ID of nothing else."""
    return uuid5(organisation, reference)


def refuse_held(actor: Actor, *others: UUID) -> None:
    """Raises `HeldForFlood` while the actor is held, the organisation, or one of the others (`person`)."""
    with acting(actor):
        _refuse(actor, *others)


def check(actor: Actor) -> None:
    """Before a proposal: raises `HeldForFlood`, and begins the hold where this one would go too far."""
    with acting(actor):
        _refuse(actor)
        if odd := of_run(actor, 1):
            _hold(actor, HoldKind.PROPOSALS, actor.organisation_id, odd[0])
        elif odd := _of_person(actor):
            _hold(actor, HoldKind.PERSON, person(actor.organisation_id, actor.reference), odd[0])
        else:
            return
    raise HeldForFlood


@contextmanager
def metered(actor: Actor, *reveal: type[TutelaError], answered: bool = False) -> Iterator[None]:
    """Count an act's refusals that `reveal` what is listed; beyond the limit, `TooManyRefusals` is raised instead.

    With `answered`, an act that is done gives back what asking for its security key took. Not inside a transaction.
    """
    limits = [*_refusals(actor), *_own_refusals(actor)]
    with metering(actor):
        try:
            yield
        except reveal:
            with acting(actor):
                taken = [limit.take(subject).allowed for limit, subject in limits]
            if not all(taken):
                raise TooManyRefusals from None
            raise
    if answered:
        with acting(actor):
            for limit, subject in limits:
                limit.give_back(subject)


@contextmanager
def metering(actor: Actor) -> Iterator[None]:
    """Hold who was refused too often, once. Uses a transaction of its own; not inside another."""
    try:
        yield
    except TooManyRefusals:
        limits = {"hour": REFUSALS_PER_HOUR, "day": REFUSALS_PER_DAY, "lines": REFUSED_LINES_PER_DAY}
        odd = Odd(HoldReason.REFUSALS, {name: limit.limit for name, limit in limits.items()})
        with acting(actor):
            if _beyond(_own_refusals(actor)) and not _beyond(_refusals(actor)):
                _hold(actor, HoldKind.PERSON, person(actor.organisation_id, actor.reference), _own_odd())
            else:
                _hold(actor, HoldKind.PROPOSALS, actor.organisation_id, odd)
        raise


def refused_lines(actor: Actor, many: int) -> None:
    """Count lines of a file that were refused as known, judged or lawful. Raises `TooManyRefusals`.

    Call inside `acting(actor)`, within `metering`.
    """
    if many and not REFUSED_LINES_PER_DAY.take(str(actor.organisation_id), many).allowed:
        raise TooManyRefusals


def forget_refusals(subject: UUID) -> None:
    """Reset the counts of refusals of an organisation or a person, when the Centre releases the hold."""
    for limit in (REFUSALS_PER_HOUR, REFUSALS_PER_DAY, REFUSED_LINES_PER_DAY, *_halves()):
        limit.forget(str(subject))


def hold_of_dispute(actor: Actor) -> Hold | None:
    """Return the hold under which a new dispute suspends nothing by itself; None if there is none. Begins the hold if
    necessary.

    Call inside `acting(actor)`.
    """
    mine, kind = actor.organisation_id, HoldKind.DISPUTES
    if (found := holds.open_on(kind, mine)) is not None:
        return found
    now = Dispute.objects.filter(organisation_id=mine, created_at__gt=_since(mine, kind, HOUR)).count()
    if now < DISPUTES_PER_HOUR:
        return None
    return _hold(actor, kind, mine, Odd(HoldReason.DISPUTES, {"count": now, "most": DISPUTES_PER_HOUR}))


def hold_of_false(centre: Actor, sender: UUID, indicator: UUID) -> Hold | None:
    """Before a recipient's word that an entry matched wrongly: what holds it; begins the hold if need be.

    Entries are counted, however often one is spoken of. Call inside `acting(centre)`.
    """
    kind = HoldKind.FEEDBACK
    if (found := holds.open_on(kind, sender)) is not None:
        return found
    others = Feedback.objects.filter(sender_id=sender, verdict="false").exclude(indicator=indicator)
    spans = ((HOUR, FALSE_PER_HOUR, HoldReason.FALSE_PER_HOUR), (DAY, FALSE_PER_DAY, HoldReason.FALSE_PER_DAY))
    for span, most, code in spans:
        said = others.filter(created_at__gt=_since(sender, kind, span))
        if (now := said.values("indicator").distinct().count()) >= most:
            return _hold(centre, kind, sender, Odd(code, {"count": now, "most": most}))
    return None


def count(actor: Actor) -> int:
    """The number of proposals of the organisation within the hour, since a release. Call inside `acting(actor)`."""
    owner = actor.organisation_id
    mine: dict[str, Any] = {"organisation_id": owner, "created_at__gt": _since(owner, HoldKind.PROPOSALS, HOUR)}
    ordered = PartnerProposing.objects.filter(organisation_id=actor.organisation_id).values("run_id")
    looked_at = Hold.objects.filter(kind=HoldKind.IMPORT).values("subject_id")
    # What the node's operator imports has a limit of its own (`import_quotas`).
    of_desk = Q(run_id__in=ordered) | Q(by__startswith="person:")
    runs = ImportBatch.objects.filter(of_desk, **mine).exclude(run_id__in=looked_at)
    imported = runs.aggregate(many=Sum("accepted"))["many"] or 0
    return Indicator.objects.filter(**mine, run_id=None).count() + int(imported)


def of_run(actor: Actor, more: int) -> list[Odd]:
    """Return the anomaly of a run if this many more proposals exceed the hourly limit, as they are written."""
    now, most = count(actor) + more, policy.proposals_per_hour()
    return [Odd(HoldReason.PROPOSALS, {"count": now, "most": most})] if now > most else []


def _of_person(actor: Actor) -> list[Odd]:
    """The anomaly of one more proposal, if it exceeds what one person may make. Call inside `acting(actor)`."""
    if actor.person_id is None:
        return []
    owner, most = actor.organisation_id, max(1, policy.proposals_per_hour() // 2)
    since = _since(person(owner, actor.reference), HoldKind.PERSON, HOUR)
    mine = Indicator.objects.filter(organisation_id=owner, proposed_by=actor.reference, run_id=None)
    now = mine.filter(created_at__gt=since).count() + 1
    return [Odd(HoldReason.PROPOSALS_OF_ONE, {"count": now, "most": most})] if now > most else []


def _refuse(actor: Actor, *others: UUID) -> None:
    subjects = (actor.organisation_id, person(actor.organisation_id, actor.reference), *others)
    if holds.open_holds().filter(subject_id__in=subjects, kind__in=OF_PROPOSERS).exists():
        raise HeldForFlood


def _refusals(actor: Actor) -> list[tuple[RateLimit, str]]:
    return [(limit, str(actor.organisation_id)) for limit in (REFUSALS_PER_HOUR, REFUSALS_PER_DAY)]


def _own_refusals(actor: Actor) -> list[tuple[RateLimit, str]]:
    """What one person may use of the organisation's refusals; nothing for a key or a job."""
    if actor.person_id is None:
        return []
    return [(limit, str(person(actor.organisation_id, actor.reference))) for limit in _halves()]


def _beyond(limits: list[tuple[RateLimit, str]]) -> bool:
    return any(limit.count(subject) > limit.limit for limit, subject in limits)


def _halves() -> list[RateLimit]:
    limits = (REFUSALS_PER_HOUR, REFUSALS_PER_DAY)
    return [replace(one, kind=f"{one.kind}.person", limit=one.limit // 2) for one in limits]


def _own_odd() -> Odd:
    hour, day = (limit.limit for limit in _halves())
    return Odd(HoldReason.REFUSALS_OF_ONE, {"hour": hour, "day": day})


def _hold(actor: Actor, kind: HoldKind, subject: UUID, odd: Odd) -> Hold:
    """Hold a person or an organisation, unless another statement has just done so."""
    return holds.open_on(kind, subject) or holds.place(actor, kind, subject, [odd])


def _since(organisation: UUID, kind: HoldKind, span: timedelta) -> datetime:
    """From when on is counted: so long ago, or from the last release."""
    releases = HoldDecision.objects.filter(hold__subject_id=organisation, hold__kind=kind)
    last, begun = releases.order_by("-created_at").first(), clock.now() - span
    return max(begun, last.created_at) if last else begun
