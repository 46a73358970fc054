"""Assess a case: one person's verdict, and another person's second opinion.

1. One person assesses a case once in each round. A further assessment is a second opinion, by another person.
2. The newest verdict decides what the case needs next: notice and police, a recheck, or nothing more.
3. "Unclear" whether a child is real counts as real. "Synthetic" never lowers urgency.
4. A verdict of "illegal" needs a label of what is depicted, as `scheme:value`.
5. Commercial material names its payment methods, for the financial intelligence unit.
6. Only an exact copy of an active entry of the register is assessed without viewing; its case goes on as any other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from tutela import clock
from tutela.casework.assignment import claim
from tutela.casework.exposure import openings
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.takedown.hotline_message import ActionKind
from tutela.indicators.register import search
from tutela.law import classification, clocks
from tutela.organisations.keys import subject_keys
from tutela.takedown import case_changes
from tutela.takedown import case_rows as rows
from tutela.takedown.assessment import items
from tutela.takedown.errors import AlreadyAssessed
from tutela.takedown.exposure_rule import RULE
from tutela.takedown.models import Assessment, Commerciality, Reality, Stage, TakedownCase, Verdict
from tutela.takedown.rechecks import check, schedule

# Cards, transfers and currencies by which sites are paid, as hotlines name them.
PAYMENTS = ("card", "paypal", "bank_transfer", "crypto", "sms", "other")
# Starts with the alert of an urgent case, and stops once a person has assessed it.
URGENT_CLOCK = "urgent_case"
MOST_SECONDS = 4 * 3600
SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class Judgement:
    """What a person says of an address. `viewed_seconds`: of viewing on the analyst's own machine."""

    verdict: str
    label: str = ""
    reality: str = ""
    commerciality: str = Commerciality.UNCLEAR
    payments: tuple[str, ...] = ()
    # The item's SHA-256, if nothing was viewed because it is an exact copy of a certified item.
    certified_sha256: str = ""
    viewed_seconds: int = 0
    reason: str = ""


def assess(actor: Actor, case_id: UUID, given: Judgement, *, looked_up: bool = False) -> bool:
    """Store a verdict; returns whether it is a second opinion. Raises `AlreadyAssessed`, `Invalid`, `CaseClosed`.

    Also `SearchedTooOften` for a digest, and `ItemsOpen` as long as a file of the address is not assessed. `looked_up`:
    the caller has looked the digest up (`look_up`), which counts against a limit.
    """
    actor.require("takedown.assess")
    _check(given)
    if not looked_up:
        look_up(actor, given)
    with acting(actor):
        case = rows.locked_open(case_id)
        items.require_assessed(case, given.verdict)
        second = case.assessments.filter(round=case.round).exists()
        row = _row(actor, case, given, second=second)
        subject_keys.seal_words(actor, rows.SUBJECT, case.pk, row)
        if not insert_ignore(row):
            raise AlreadyAssessed
        counted = any(one.viewed_seconds for one in items.current_items(case))
        # What the own machine showed was counted with its result.
        if row.viewed_seconds and actor.person_id is not None and not counted:
            openings.note(actor, RULE, case.pk, category=given.reality, seconds=row.viewed_seconds)
        _go_on(case, given.verdict)
        claim.decided(actor, rows.SUBJECT, case.pk)
        clocks.stop_if_running(actor, URGENT_CLOCK, rows.SUBJECT, case.pk)
        record(
            actor, "takedown.assessed", rows.SUBJECT, case.pk, verdict=given.verdict, label=given.label, second=second
        )
        if given.verdict == Verdict.LEGAL:
            case_changes.changed(actor, case.pk, ActionKind.NOT_ILLEGAL)
        elif given.verdict == Verdict.ILLEGAL and case.round > 1:
            # A partner who was told of the removal learns that somebody has seen it there again.
            case_changes.changed(actor, case.pk, ActionKind.REAPPEARED)
    return second


def look_up(actor: Actor, given: Judgement) -> None:
    """Look up the digest of a copy that nobody viewed. Raises `Invalid`, `SearchedTooOften`."""
    actor.require("takedown.assess")
    sha256 = given.certified_sha256.strip().lower()
    if sha256 and (not SHA256.fullmatch(sha256) or not search.is_active(actor, sha256)):
        raise Invalid("No active entry of the register has this SHA-256.", field="certified_sha256")


def _row(actor: Actor, case: TakedownCase, given: Judgement, *, second: bool) -> Assessment:
    return Assessment(
        organisation_id=actor.organisation_id,
        case=case,
        round=case.round,
        verdict=given.verdict,
        label=given.label,
        reality=given.reality,
        commerciality=given.commerciality,
        payments=list(given.payments),
        certified_copy=bool(given.certified_sha256),
        second_opinion=second,
        viewed_seconds=given.viewed_seconds,
        reason=given.reason.strip(),
        by=actor.reference,
        by_name=actor.name[:200],
    )


def _go_on(case: TakedownCase, verdict: str) -> None:
    """Rule 2."""
    case.verdict = verdict
    if verdict == Verdict.LEGAL:
        case.stage, case.closed_at, case.next_check_at = Stage.CLOSED, clock.now(), None
        check.no_reminders([case])
    elif (verdict == Verdict.ILLEGAL and rows.waits(case)) or (
        verdict in (Verdict.ILLEGAL, Verdict.ELSEWHERE) and rows.with_partner(case)
    ):
        case.stage = Stage.RECHECK
    elif verdict == Verdict.UNREACHABLE:
        case.stage = Stage.RECHECK
        case.next_check_at = schedule.first(clock.now())
    else:
        case.stage = Stage.ACT
    case.save(update_fields=["verdict", "stage", "closed_at", "next_check_at"])


def _check(given: Judgement) -> None:
    if given.verdict not in Verdict.values:
        raise Invalid("Choose a verdict.", field="verdict")
    if not 0 <= given.viewed_seconds <= MOST_SECONDS:
        raise Invalid("Viewing time must be between 0 and {most} seconds.", field="viewed_seconds", most=MOST_SECONDS)
    if unknown := set(given.payments) - set(PAYMENTS):
        raise Invalid("Unknown payment method: {name}", field="payments", name=min(unknown))
    if given.certified_sha256 and given.verdict not in (Verdict.ILLEGAL, Verdict.ELSEWHERE):
        raise Invalid("A copy of a certified item is illegal. View what you judge otherwise.", field="certified_sha256")
    if given.certified_sha256 and given.viewed_seconds:
        raise Invalid("Enter a digest, or the time of viewing.", field="viewed_seconds")
    if given.commerciality == Commerciality.COMMERCIAL and not given.payments:
        raise Invalid("Choose a payment method.", field="payments")
    if given.commerciality not in Commerciality.values:
        raise Invalid("Choose whether money is asked for it.", field="commerciality")
    if given.verdict in (Verdict.ILLEGAL, Verdict.ELSEWHERE):
        if not given.label:
            raise Invalid("Choose the label of the content.", field="label")
        classification.checked_code(given.label)
        if given.reality not in Reality.values:
            raise Invalid("Choose whether a real child is depicted.", field="reality")


def disagreements(actor: Actor) -> tuple[int, int]:
    """How many second opinions the actor's organisation has given, and how many differ from the first."""
    actor.require("takedown.read")
    with acting(actor):
        first = Assessment.objects.filter(case=OuterRef("case"), round=OuterRef("round"), second_opinion=False)
        seconds = Assessment.objects.filter(second_opinion=True).annotate(first=Subquery(first.values("verdict")[:1]))
        return seconds.count(), seconds.exclude(verdict=F("first")).count()
