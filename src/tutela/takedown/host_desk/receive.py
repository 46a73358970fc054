"""Receive notices of organisations of the directory, each once, and confirm their receipt (DSA Art. 16(4)).

1. The API key and the signature say who sent the notice and for whom (`organisations.web.api_keys`).
2. The stated kind of notifier must fit the sender's entry in the directory.
3. A reference is one notice. The same notice again is answered as before; another one with its reference is refused.
4. The receipt leaves with the transaction that stores the notice.
"""

from __future__ import annotations

from datetime import timedelta

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.exchange.takedown.notice import Notice as Wire
from tutela.exchange.takedown.notice import NoticeAnswer, NotifierKind
from tutela.exchange.takedown.notice import NoticeReceived as Receipt
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import inbox
from tutela.organisations.people import directory
from tutela.organisations.vocabulary.directory_entry import DirectoryEntry
from tutela.organisations.vocabulary.roles_and_permissions import SCOPE_HOLDERS
from tutela.takedown.errors import AnotherNotice, NotANotifier, NotifierKindDiffers
from tutela.takedown.host_desk import answers, flaggers
from tutela.takedown.host_desk.notice_rows import SUBJECT, purpose
from tutela.takedown.models import IncomingNotice

PREFIX = "H"
NOTIFIERS = SCOPE_HOLDERS["notices:submit"]
# The DSA wants a timely decision without naming hours; hotlines send a reminder after 24 hours.
DECIDE_WITHIN = timedelta(hours=24)


def receive(sender: Actor, provider: DirectoryEntry, key: str, body: bytes) -> tuple[int, str]:
    """Store a notice, once. Raises `NotANotifier`, `NotifierKindDiffers`, `AnotherNotice`, or a ValidationError."""
    if not sender.verified or sender.organisation_kind not in NOTIFIERS:
        raise NotANotifier
    notice = Wire.from_bytes(body)
    kind = _kind(sender, notice)
    actor = directory.acting_for(provider, sender.reference, sender.name)

    def work() -> tuple[int, str]:
        return inbox.once(actor, sender.organisation_id, key, body, lambda: (201, _store(actor, sender, notice, kind)))

    return redrawn(work)


def _kind(sender: Actor, notice: Wire) -> NotifierKind:
    """Rule 2."""
    usual = NotifierKind.HOTLINE if sender.organisation_kind == "hotline" else NotifierKind.AUTHORITY
    stated = notice.notifier.kind if notice.notifier else usual
    if stated not in (usual, NotifierKind.TRUSTED_FLAGGER):
        raise NotifierKindDiffers(field="notifier.kind")
    return stated


def _store(actor: Actor, sender: Actor, notice: Wire, kind: NotifierKind) -> str:
    digest = notice.fingerprint()
    known = IncomingNotice.objects.filter(notifier_id=sender.organisation_id, reference=notice.reference).first()
    if known is not None:
        if known.sha256 != digest:
            raise AnotherNotice(field="reference")
        return "{}"
    now = clock.now()
    row = IncomingNotice(
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        reference=notice.reference,
        notifier_id=sender.organisation_id,
        notifier_name=sender.organisation_name[:200],
        notifier_kind=kind.value,
        trusted=flaggers.is_trusted(sender.organisation_id),
        sha256=digest,
        addresses=len(notice.locations),
        received_at=now,
        due_at=now + DECIDE_WITHIN,
    )
    row.sealed = subject_keys.seal(actor, SUBJECT, row.pk, notice.to_bytes(), purpose(row.pk))
    if not insert_ignore(row):
        # The number is taken, or a twin was faster: the next run sees which.
        raise NumberTaken
    record(actor, "hosting.received", SUBJECT, row.pk, number=row.number, addresses=row.addresses)
    receipt = Receipt(reference=row.reference, received_at=now, provider_reference=row.number)
    answers.send(actor, row, NoticeAnswer(receipt=receipt), "receipt")
    return "{}"
