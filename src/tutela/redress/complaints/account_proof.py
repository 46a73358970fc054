"""Proof that the account is the complainant's, before a measure is named.

Without it, somebody could complain in another person's name and learn whether there was a measure.

1. A person of the provider names the account and makes a code. The provider sends the code to the registered address,
   or shows it in the account, by its own means. The desk shows it once; a slow hash is stored.
2. The complainant types the code on the page of the conversation. A code that came by letter is typed at the desk.
3. The number of the statement of reasons is proof too: its addressee has it. A number that Tutela does not know counts
   when a person has compared it.
4. A code has five tries and expires after 14 days. A wrong code, a code of another complaint, an expired one and no
   code at all have one answer, after the same work.
5. Without proof no measure is recorded and nothing is decided. A complaint without proof can be closed with a text that
   neither confirms nor denies a measure.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.casework.anonymous import conversations, inbox, passphrase, ticket
from tutela.casework.anonymous.errors import FormExpired
from tutela.casework.anonymous.kinds import ConversationKind, anonymous_actor
from tutela.casework.assignment import claim
from tutela.casework.search.keys import key_of
from tutela.casework.search.values import ValueKind, value
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.identifiers import uuid7, uuid7_of_hour
from tutela.events.transaction import acting
from tutela.law import clocks
from tutela.organisations.keys import subject_keys
from tutela.redress.complaints import person_texts, rows
from tutela.redress.errors import NoProof, ProvedBefore, WrongCode
from tutela.redress.models import AccountCode, AccountProof, Complaint, ComplaintStage, ComplaintStepKind, ProofKind
from tutela.takedown.host_desk import measure_facts as notice_facts

NOTE = _("Nobody has proved yet that the account is theirs. Tell the person nothing that confirms or denies a measure.")
CODES = (ProofKind.SENT, ProofKind.SHOWN)
FORM = "complaint.code"
VALID_FOR = timedelta(days=14)
MOST_WRONG = 5
MOST_NUMBER = 80
# 12 letters of 24 have 55 bits. Letters that look like a digit are left out.
LETTERS, GROUPS, GROUP = "abcdefghijkmnpqrstuvwxyz", 3, 4


def make_code(actor: Actor, complaint_id: UUID, kind: str, account: str) -> str:
    """Make a code for an account; the only time that it is readable. An earlier code is no longer valid.

    Raises `Invalid`, `ComplaintDecided`, `ProvedBefore`.
    """
    actor.require(rows.DECIDE)
    if actor.organisation_kind != "provider":
        raise Invalid("Only a provider has accounts. Compare a number instead.", field="kind")
    if kind not in CODES:
        raise Invalid("Choose how the code reaches the account.", field="kind")
    named = account.strip()
    if not named or len(named) > 300:
        raise Invalid("Enter the account, at most {most} characters.", field="account", most=300)
    code = "-".join("".join(secrets.choice(LETTERS) for _letter in range(GROUP)) for _group in range(GROUPS))
    stored = passphrase.verifier(_letters(code))
    with acting(actor):
        row = _to_prove(complaint_id)
        AccountCode.objects.create(
            organisation_id=actor.organisation_id,
            complaint=row,
            kind=kind,
            verifier=stored,
            expires_at=clock.now() + VALID_FOR,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        row.claimed_key = key_of(actor.organisation_id, value(ValueKind.ACCOUNT, named))
        row.wrong_codes = 0
        row.save(update_fields=["claimed_key", "wrong_codes"])
        rows.step(actor, row, ComplaintStepKind.CODE_MADE)
    return code


def enter_code(actor: Actor, complaint_id: UUID, text: str) -> None:
    """Enter a code that came by letter or telephone. Raises `WrongCode`, `ComplaintDecided`, `ProvedBefore`."""
    actor.require(rows.DECIDE)
    with acting(actor):
        fits = _try(actor, _to_prove(complaint_id), text, hourly=False)
    if not fits:
        raise WrongCode


def enter_code_as_person(kind: ConversationKind, given: ticket.Ticket, proof: str, reader: str, text: str) -> None:
    """Enter a code or number on the page of an open conversation. Raises `WrongCode`, or as `conversations`."""
    conversation, actor = conversations.admitted(kind, given, proof, reader), anonymous_actor(kind)
    with acting(actor):
        if not ticket.spend(given):
            raise FormExpired
        row = Complaint.objects.select_for_update().filter(conversation_id=conversation).first()
        if row is not None and find(row) is not None:
            return
        fits = row is not None and _try(actor, row, text, hourly=True)
    if not fits:
        raise WrongCode


def compare_number(actor: Actor, complaint_id: UUID, number: str, *, compared: bool = False) -> None:
    """Accept the number of a statement of reasons that the person named; `compared`: with a copy outside Tutela.

    Raises `Invalid`, `ComplaintDecided`, `ProvedBefore`.
    """
    actor.require(rows.DECIDE)
    named = number.strip()
    if not named or len(named) > MOST_NUMBER:
        raise Invalid("Enter the number, at most {most} characters.", field="number", most=MOST_NUMBER)
    with acting(actor):
        row = _to_prove(complaint_id)
        notice = notice_facts.by_statement(named)
        if not notice and not compared:
            raise Invalid("Tutela does not know this number. Compare it with your copy first.", field="compared")
        _prove(actor, row, AccountProof(kind=ProofKind.NUMBER, number=named, notice_number=notice))


def close_unproved(actor: Actor, complaint_id: UUID) -> None:
    """Close a complaint without proof, with the neutral text. Raises `ComplaintDecided`, `ProvedBefore`."""
    actor.require(rows.DECIDE)
    with acting(actor):
        row = _to_prove(complaint_id)
        rows.step(actor, row, ComplaintStepKind.UNPROVED)
        clocks.stop_if_running(actor, rows.CLOCK, rows.SUBJECT, row.pk)
        claim.decided(actor, rows.SUBJECT, row.pk)
        text = person_texts.unproved_text(row.language, row.number)
        told = row.conversation_id is not None and inbox.tell(actor, row.conversation_id, text)
        if told:
            rows.step(actor, row, ComplaintStepKind.TOLD_UNPROVED)
        row.stage = ComplaintStage.CLOSED if told else ComplaintStage.TELL
        row.closed_at = clock.now() if told else None
        row.save(update_fields=["stage", "closed_at"])


def find(row: Complaint) -> AccountProof | None:
    """The proof of a complaint, if there is one. Call inside `acting(actor)`."""
    return AccountProof.objects.filter(complaint=row).first()


def required(row: Complaint) -> AccountProof:
    """The proof of a complaint. Raises `NoProof`. Call inside `acting(actor)`."""
    found = find(row)
    if found is None:
        raise NoProof
    return found


def progress(conversation_id: UUID, issuer: ticket.Issuer) -> Mapping[str, object]:
    """Values for the page of the conversation: the same whether a code was made or not. Call inside `acting`."""
    row = Complaint.objects.filter(conversation_id=conversation_id).first()
    if row is None:
        return {}
    proved = find(row) is not None
    asks = not proved and row.stage == ComplaintStage.OPEN
    return {"account_proved": proved, "code_ticket": issuer.issue(FORM) if asks else None}


def answer_note(conversation_id: UUID) -> object:
    """What staff must know before they answer a complaint by hand; empty after the proof. Call inside `acting`."""
    row = Complaint.objects.filter(conversation_id=conversation_id).first()
    return "" if row is None or find(row) is not None else NOTE


def _to_prove(complaint_id: UUID) -> Complaint:
    row = rows.locked(complaint_id)
    rows.require_open(row)
    if find(row) is not None:
        raise ProvedBefore
    return row


def _try(actor: Actor, row: Complaint, text: str, *, hourly: bool) -> bool:
    """Rule 4. The slow hash and both questions are made whatever is known."""
    code, notice = row.codes.last(), notice_facts.by_statement(text)
    open_ = row.stage == ComplaintStage.OPEN and row.wrong_codes < MOST_WRONG
    valid = code if open_ and code is not None and code.expires_at > clock.now() else None
    if passphrase.fits(_letters(text), valid.verifier if valid else None) and valid is not None:
        row.account_key = row.claimed_key
        row.save(update_fields=["account_key"])
        _prove(actor, row, AccountProof(kind=valid.kind), hourly=hourly)
        return True
    if open_ and notice:
        _prove(actor, row, AccountProof(kind=ProofKind.NUMBER, notice_number=notice), hourly=hourly)
        return True
    row.wrong_codes = min(row.wrong_codes + 1, MOST_WRONG)
    row.save(update_fields=["wrong_codes"])
    rows.step(actor, row, ComplaintStepKind.CODE_WRONG, hourly=hourly)
    return False


def _prove(actor: Actor, row: Complaint, made: AccountProof, *, hourly: bool = False) -> None:
    made.id = uuid7_of_hour() if hourly else uuid7()
    made.created_at = clock.this_hour() if hourly else clock.now()
    made.organisation_id, made.complaint = actor.organisation_id, row
    made.by, made.by_name = actor.reference, actor.name[:200]
    subject_keys.seal_words(actor, rows.SUBJECT, row.pk, made, "number")
    made.save(force_insert=True)
    rows.step(actor, row, ComplaintStepKind.PROVED, hourly=hourly)


def _letters(text: str) -> str:
    """A code as it is hashed: small letters without signs between them."""
    return "".join(one for one in text[:200].casefold() if one in LETTERS)
