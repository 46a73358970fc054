"""Rate limits: an organisation that exceeds the policy's proposals per hour is held, with an alert.

A held organisation cannot propose or certify until the Centre has checked. No other organisation can activate its
proposals of that hour. A hold is a transaction of its own: the proposal beyond the limit is refused, the hold stays.

Desk proposals from a partner list or a file also count, unless the Centre has to check that run anyway.

A refusal reveals that an item is listed, judged or lawful. Refusals are therefore counted per organisation, each in a
transaction of its own, and those of files by the line. An organisation with too many is held in the same way, and gets
no further answers.

Disputes have a rate limit as well, and so have a recipient's false-positive reports over all indicators. Each statement
is recorded and shown, because no organisation is prevented from disputing. Statements beyond the limit name the hold,
and alone suspend nothing until the Centre has checked. Neither a stolen session nor two recipients together can then
empty the list in an afternoon. The Centre accepts or rejects the statements (`held_disputes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound, TutelaError
from tutela.events.rate_limits import RateLimit
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.hashes.anomalies import Odd
from tutela.indicators.hashes.anomaly_codes import AnomalyCode
from tutela.indicators.lifecycle import held_disputes, policy
from tutela.indicators.models import (
    Dispute,
    Feedback,
    FloodHold,
    FloodRelease,
    ImportBatch,
    Indicator,
    PartnerProposing,
    Quarantine,
)
from tutela.indicators.safeguards.errors import HeldForFlood, ToldTooOften
from tutela.organisations.errors import ApprovalError

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# More than a person finds wrong by looking, and few enough that the rest of a list stands when somebody notices.
DISPUTES_PER_HOUR = 50
# False positives have the same hourly limit. A recipient's API client may report all night, so the daily limit bounds
# how many indicators two recipients together suspend before the Centre is present.
FALSE_PER_HOUR, FALSE_PER_DAY = 50, 200
# A person meets a known item occasionally; an attacker who tests files meets nothing else.
TOLD_PER_HOUR = RateLimit("register.notified", HOUR, 30)
TOLD_PER_DAY = RateLimit("register.told.day", DAY, 100)
# One whole file of the desk (`desk_upload.LINES`). What is new in it becomes a proposal, and counts as one.
LINES_PER_DAY = RateLimit("register.lines_notified", DAY, 5_000)
_TOLD = (TOLD_PER_HOUR, TOLD_PER_DAY, LINES_PER_DAY)
PROPOSALS, DISPUTES, FEEDBACK = "proposals", "disputes", "feedback"


def refuse_held(actor: Actor, *others: UUID) -> None:
    """Raises `HeldForFlood` while the actor's organisation is held, or one of the others."""
    with acting(actor):
        _refuse(actor.organisation_id, *others)


def check(actor: Actor) -> None:
    """Before a proposal: raises `HeldForFlood`, and begins the hold where this one would go too far."""
    with acting(actor):
        _refuse(actor.organisation_id)
        now, most = count(actor), policy.proposals_per_hour()
        if now < most:
            return
        _hold(actor, actor.organisation_id, PROPOSALS, now, most, _odd(now, most).detail)
    raise HeldForFlood


type _Act[**P, T] = Callable[Concatenate[Actor, P], T]


def metered[**P, T](*tell: type[TutelaError]) -> Callable[[_Act[P, T]], _Act[P, T]]:
    """For an act on the register: refusals that `tell` are counted; beyond the limit `ToldTooOften` is raised instead.

    An act that is done after its key was asked for gives back what that question took.
    """

    def of(act: _Act[P, T]) -> _Act[P, T]:
        @wraps(act)
        def inner(actor: Actor, *args: P.args, **kwargs: P.kwargs) -> T:
            with metering(actor):
                try:
                    done = act(actor, *args, **kwargs)
                except tell:
                    with acting(actor):
                        taken = [one.take(str(actor.organisation_id)).allowed for one in (TOLD_PER_HOUR, TOLD_PER_DAY)]
                    if not all(taken):
                        raise ToldTooOften from None
                    raise
            if ApprovalError in tell and getattr(kwargs.get("way"), "answer", False):
                with acting(actor):
                    for limit in (TOLD_PER_HOUR, TOLD_PER_DAY):
                        limit.give_back(str(actor.organisation_id))
            return done

        return inner  # type: ignore[return-value]  # the same act, by name

    return of


@contextmanager
def metering(actor: Actor) -> Iterator[None]:
    """Where the organisation was told too often, hold it, once, in a transaction of its own. Not inside another."""
    try:
        yield
    except ToldTooOften:
        with acting(actor):
            if _held(PROPOSALS, actor.organisation_id) is None:
                hour, day, lines = (limit.limit for limit in _TOLD)
                most = f"{hour} per hour, {day} per day, {lines} lines of files per day"
                reason = f"refusals that show what is listed; the limit is {most}"
                _hold(actor, actor.organisation_id, PROPOSALS, 0, 0, reason)
        raise


def told_lines(actor: Actor, many: int) -> None:
    """Count lines of a file that were refused as known, judged or lawful. Raises `ToldTooOften`.

    Call inside `acting(actor)`, within `metering`.
    """
    if many and not LINES_PER_DAY.take(str(actor.organisation_id), many).allowed:
        raise ToldTooOften


def hold_of_dispute(actor: Actor) -> FloodHold | None:
    """Before a dispute: what holds it, where it stops nothing by itself; begins the hold if need be.

    Call inside `acting(actor)`.
    """
    mine = actor.organisation_id
    if (found := _held(DISPUTES, mine)) is not None:
        return found
    since = _since(mine, DISPUTES, HOUR)
    now, most = Dispute.objects.filter(organisation_id=mine, created_at__gt=since).count(), DISPUTES_PER_HOUR
    if now < most:
        return None
    return _hold(actor, mine, DISPUTES, now, most, f"{now} disputes within 1 hour; the limit is {most}")


def hold_of_false(centre: Actor, sender: UUID, indicator: UUID) -> FloodHold | None:
    """Before a recipient's word that an entry matched wrongly: what holds it; begins the hold if need be.

    Entries are counted, however often one is spoken of. Call inside `acting(centre)`.
    """
    if (found := _held(FEEDBACK, sender)) is not None:
        return found
    others = Feedback.objects.filter(sender_id=sender, verdict="false").exclude(indicator=indicator)
    for span, most, words in ((HOUR, FALSE_PER_HOUR, "1 hour"), (DAY, FALSE_PER_DAY, "a day")):
        said = others.filter(created_at__gt=_since(sender, FEEDBACK, span))
        if (now := said.values("indicator").distinct().count()) >= most:
            reason = f"false positives of {now} entries within {words}; the limit is {most}"
            return _hold(centre, sender, FEEDBACK, now, most, reason)
    return None


def _held(kind: str, organisation: UUID) -> FloodHold | None:
    """Return the open hold of an organisation.

    The lock excludes parallel statements of the same kind, and a release meanwhile.
    """
    lock(f"flood:{kind}:{organisation}")
    return _open().filter(held_id=organisation, kind=kind).first()


def _hold(actor: Actor, held: UUID, kind: str, now: int, most: int, reason: str) -> FloodHold:
    row = FloodHold.objects.create(
        organisation_id=actor.organisation_id, held_id=held, kind=kind, count=now, reason=reason
    )
    record(actor, "flood.held", "organisation", held, hold=row.id, of=kind, count=now, most=most)
    return row


def _since(held: UUID, kind: str, span: timedelta) -> datetime:
    """From when on is counted: so long ago, or from the last release."""
    last = FloodRelease.objects.filter(hold__held_id=held, hold__kind=kind).order_by("-created_at").first()
    begun = clock.now() - span
    return max(begun, last.created_at) if last else begun


def count(actor: Actor) -> int:
    """How much the organisation has proposed within the hour, since a release. Call inside `acting(actor)`."""
    owner = actor.organisation_id
    mine: dict[str, Any] = {"organisation_id": owner, "created_at__gt": _since(owner, PROPOSALS, HOUR)}
    ordered = PartnerProposing.objects.filter(organisation_id=actor.organisation_id).values("run_id")
    looked_at = Quarantine.objects.filter(run_id__isnull=False).values("run_id")
    # What the node's operator imports has a limit of its own (`import_quotas`).
    of_desk = Q(run_id__in=ordered) | Q(by__startswith="person:")
    runs = ImportBatch.objects.filter(of_desk, **mine).exclude(run_id__in=looked_at)
    imported = runs.aggregate(many=Sum("accepted"))["many"] or 0
    return Indicator.objects.filter(**mine, run_id=None).count() + int(imported)


def _refuse(*organisations: UUID) -> None:
    if _open().filter(held_id__in=organisations, kind=PROPOSALS).exists():
        raise HeldForFlood


def of_run(actor: Actor, more: int) -> list[Odd]:
    """What is odd about so many more proposals of a run, as they are written: they go beyond what an hour allows."""
    now, most = count(actor) + more, policy.proposals_per_hour()
    return [_odd(now, most)] if now > most else []


def _odd(now: int, most: int) -> Odd:
    return Odd(AnomalyCode.FLOOD, {"count": now, "most": most})


def release(actor: Actor, hold_id: UUID, reason: str, *, counts: bool = False) -> None:
    """Release a hold, so that the organisation continues. Raises `Invalid`, `NotFound`.

    `counts`: statements made under the hold take their normal effect, as a job; otherwise they only stay readable.
    """
    actor.require("alerts.answer")
    if not reason.strip():
        raise Invalid("Enter your findings.", field="reason")
    with acting(actor):
        row = _open().filter(pk=hold_id).first()
        if row is None:
            raise NotFound
        # The lock waits for running statements under the hold; later statements see the release.
        lock(f"flood:{row.kind}:{row.held_id}")
        made = FloodRelease(
            organisation_id=actor.organisation_id,
            hold=row,
            reason=reason.strip()[:300],
            by=actor.reference,
            counts=counts and row.kind != PROPOSALS,
        )
        if not insert_ignore(made):
            raise NotFound
        for limit in _TOLD if row.kind == PROPOSALS else ():
            limit.forget(str(row.held_id))
        record(actor, "flood.released", "organisation", row.held_id, hold=row.id, counts=made.counts)
        if made.counts:
            held_disputes.enqueue_held_disputes(row.pk)


def held(actor: Actor) -> list[FloodHold]:
    """Who is held now, the newest first."""
    with acting(actor):
        return list(_open().order_by("-created_at"))


def _open() -> QuerySet[FloodHold]:
    return FloodHold.objects.filter(release__isnull=True)
