"""Approve guarded actions, which require a security key, a second person, or both.

1. The action is described exactly (`exchange.register.approval.Act`), from the database state immediately before the
   action.
2. If the rule requires two people, the action must equal the one that somebody requested and the actor now approves.
   Neither their accounts, nor the required roles, nor the key may have been added while the rule was on and less than 3
   days ago.
3. If the rule requires a key, a challenge over a statement of the action was issued to this person at most 5 minutes
   ago. A current key of this person answers it, at our address, touched, with a counter that increased.
4. The challenge is deleted, and the statement is stored with the answer (`Approval`), in the transaction of the action.

The caller performs the action in the same transaction, and refers to the approval.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Forbidden
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.register import approval
from tutela.exchange.register.approval import Act, KeyAnswer, Statement
from tutela.organisations.approvals import rules as approvals_rules
from tutela.organisations.approvals import security_keys
from tutela.organisations.approvals.approval_files import statement_of
from tutela.organisations.approvals.rules import Rules
from tutela.organisations.errors import (
    ApprovalError,
    ChallengeOver,
    ChangedMeanwhile,
    CounterWentBack,
    KeyRefused,
    KeyTooNew,
    MachineHasNoKey,
    NeedsKey,
    NeedsSecond,
    OtherAct,
    PersonTooNew,
)
from tutela.organisations.models import ActChallenge, ApprovalRequest, Organisation, Person
from tutela.organisations.models import Approval as Approval
from tutela.organisations.people import password_links, roles
from tutela.organisations.vocabulary.guarded_acts import KINDS

# Time to read what is asked and to find the key; a page that is left open is worth nothing.
CHALLENGE_LIFETIME = timedelta(minutes=5)
# An approval of several entries is used by each of them in a transaction of its own, at once.
PARTS_LAST = timedelta(minutes=10)


@dataclass(frozen=True)
class ApprovalInput:
    """Approval for an act: a key's answer (the browser's JSON) to a challenge; the request that the actor agrees to.

    `rules` are the organisation's requirements when the act was `begun`.
    """

    challenge: bytes = b""
    answer: str = ""
    agreed: ApprovalRequest | None = None
    rules: Rules | None = None


NO_INPUT = ApprovalInput()
type Way = ApprovalInput | Approval


def ask(actor: Actor, act: Act) -> ActChallenge:
    """Ask a person's security key about an act (`security_keys.question`). Raises `MachineHasNoKey`."""
    person, statement = _person(actor), _stated(actor, act)
    asked = approval.challenge(statement)
    with acting(actor):
        ActChallenge.objects.filter(person_id=person, created_at__lte=clock.now() - CHALLENGE_LIFETIME).delete()
        return ActChallenge.objects.create(
            organisation_id=actor.organisation_id, person_id=person, challenge=asked, statement=statement
        )


def asked(actor: Actor, name: str, given: Way) -> Act | None:
    """Return the act that this person's key was asked about, by the returned challenge; None if it is another act.

    This proves nothing: `approve` does. Call inside `acting(actor)`.
    """
    if isinstance(given, Approval) or not given.challenge or actor.person_id is None:
        return None
    row = ActChallenge.objects.filter(challenge=given.challenge, person_id=actor.person_id).first()
    act = Statement.from_bytes(bytes(row.statement)).act if row else None
    return act if act is not None and act.name == name and act.subjects else None


def begun(actor: Actor, given: Way = NO_INPUT) -> Way:
    """Return the input with the organisation's rules, read once per act, however many entries it has.

    Call inside `acting(actor)`.
    """
    return given if isinstance(given, Approval) else replace(given, rules=_rules(actor, given))


def guards(actor: Actor, name: str, given: Way = NO_INPUT) -> bool:
    """Whether an act has to be described: its organisation guards it, or it comes with what somebody agreed to."""
    if isinstance(given, Approval) or given.agreed is not None:
        return True
    rules = _rules(actor, given)
    return "key" in rules or ("two" in rules and (KINDS[name].two or KINDS[name].certifies))


def of_each(given: Way) -> Way:
    """Return the input for each entry of an unguarded act on several: the organisation's rules alone."""
    return given if isinstance(given, Approval) else ApprovalInput(rules=given.rules)


def approve(actor: Actor, act: Act, given: Way = NO_INPUT, *, key: bool = False) -> Approval | None:
    """Return the approval of a guarded action; None if no rule guards it.

    Call inside `acting(actor)`. An existing approval must cover several indicators, including this one. With `key` a
    security key is required regardless of the rule. Raises `ApprovalError`, `ChangedMeanwhile`, `Forbidden`.
    """
    if isinstance(given, Approval):
        return _of_several(actor, act, given)
    rules = _rules(actor, given)
    by_key, by_two = key or "key" in rules or _has_key(actor, act), "two" in rules and KINDS[act.name].two
    if KINDS[act.name].always or by_key or by_two or ("two" in rules and KINDS[act.name].certifies):
        _person(actor, by_key=by_key)
        require_settled(actor, act, rules)
    if given.agreed is not None and given.agreed.stated != act:
        raise ChangedMeanwhile
    if by_two and given.agreed is None:
        raise NeedsSecond().about(act)
    if not (by_key or by_two):
        return None
    try:
        statement, proven = _proven(actor, act, given, rules) if by_key else (_stated(actor, act), None)
    except ApprovalError as error:
        raise error.about(act) from None
    row = Approval(subjects=[one.id for one in act.subjects], statement=statement)
    return _kept(actor, act, row, given.agreed, proven)


def _has_key(actor: Actor, act: Act) -> bool:
    """Whether an act that always takes two people is approved by somebody who has a key."""
    return KINDS[act.name].always and actor.person_id is not None and bool(security_keys.keys_of(actor.person_id))


def require_settled(actor: Actor, act: Act, rules: Rules | None = None) -> None:
    """Raises `PersonTooNew` for who joined, or got the role that the act takes, while a rule was on, too lately.

    For an act that always takes two people a rule is on from the organisation's first days on.
    """
    rules = approvals_rules.standing(actor.organisation_id) if rules is None else rules
    since = approvals_rules.since(rules)
    if KINDS[act.name].always:
        founded = Organisation.objects.values_list("created_at", flat=True).get(pk=actor.organisation_id)
        since = min(since or founded + approvals_rules.SETTLES, founded + approvals_rules.SETTLES)
    if actor.person_id is None or since is None:
        return
    joined = Person.objects.values_list("created_at", flat=True).get(pk=actor.person_id)
    able = roles.able_since(actor, KINDS[act.name].permission) or joined
    # With a link that an administrator made, that administrator could be in this account.
    reset = password_links.last_issued(actor, actor.person_id) or joined
    if approvals_rules.too_new(max(joined, able, reset), since):
        raise PersonTooNew().about(act)


def refused(actor: Actor, act: Act, error: ApprovalError) -> None:
    """Note that an act was refused, and why; nothing else is left of it."""
    with acting(actor):
        record(actor, "action.refused", "act", act.fingerprint(), act=act.name, why=type(error).__name__)


def _rules(actor: Actor, given: ApprovalInput) -> Rules:
    return approvals_rules.standing(actor.organisation_id) if given.rules is None else given.rules


def _person(actor: Actor, *, by_key: bool = True) -> UUID:
    if actor.person_id is not None:
        return actor.person_id
    if by_key:
        raise MachineHasNoKey
    raise Forbidden("Your organisation requires two people. An API client cannot be one of them.")


def _proven(actor: Actor, act: Act, given: ApprovalInput, rules: Rules) -> tuple[bytes, tuple[KeyAnswer, int]]:
    """Step 3, and the challenge goes."""
    if not given.answer:
        raise NeedsKey
    person, now = _person(actor), clock.now()
    row = ActChallenge.objects.select_for_update().filter(challenge=given.challenge, person_id=person).first()
    if row is None or row.created_at <= now - CHALLENGE_LIFETIME:
        raise ChallengeOver
    statement = bytes(row.statement)
    if Statement.from_bytes(statement).act != act:
        raise OtherAct
    known, answer = security_keys.answered(person, given.answer)
    if approvals_rules.too_new(known.added, approvals_rules.since(rules, "key")):
        raise KeyTooNew
    try:
        counter = approval.verify(statement, answer, site=security_keys.site(), origin=security_keys.origin())
    except approval.ApprovalError as error:
        raise KeyRefused("The security key's answer is invalid: {why}", why=gettext(error.detail)) from None
    if not security_keys.accepted(known, given.answer, bytes(row.challenge)):
        raise KeyRefused
    _went_on(answer.credential, known.counter, counter)
    row.delete()
    security_keys.used(known)
    return statement, (answer, counter)


def _went_on(credential: bytes, first: int, counter: int) -> None:
    """Check that the key's counter increased. A key without a counter always reports 0."""
    lock(f"security-key:{credential.hex()}")
    last = Approval.objects.filter(credential=credential).aggregate(last=Max("counter"))["last"] or 0
    before = max(first, last)
    if (counter or before) and counter <= before:
        raise CounterWentBack


def _stated(actor: Actor, act: Act) -> bytes:
    return Statement(
        act=act,
        organisation=actor.organisation_id,
        organisation_name=actor.organisation_name,
        person=_person(actor),
        nonce=secrets.token_hex(32),
        at=clock.now(),
    ).to_bytes()


def _kept(
    actor: Actor, act: Act, row: Approval, agreed: ApprovalRequest | None, proven: tuple[KeyAnswer, int] | None
) -> Approval:
    row.organisation_id, row.act = actor.organisation_id, act.name
    row.by, row.by_name = actor.reference, actor.name[:200]
    if agreed is not None:
        row.asked_by, row.asked_by_name = agreed.by, agreed.by_name
    if proven is not None:
        answer, row.counter = proven
        row.site, row.origin = security_keys.site(), security_keys.origin()
        for name, part in vars(answer).items():
            setattr(row, name, part)
    row.save(force_insert=True)
    record(
        actor,
        "action.approved",
        "act",
        act.fingerprint(),
        act=act.name,
        approval=row.pk,
        key=proven is not None,
        asked_by=row.asked_by,
    )
    return row


def _of_several(actor: Actor, act: Act, row: Approval) -> Approval:
    whole = statement_of(bytes(row.statement)).act
    mine = (row.organisation_id, row.by) == (actor.organisation_id, actor.reference)
    if not mine or row.created_at <= clock.now() - PARTS_LAST:
        raise ChallengeOver().about(act)
    if (whole.name, whole.reason) != (f"{act.name}_many", act.reason) or not set(act.subjects) <= set(whole.subjects):
        raise OtherAct().about(act)
    return row
