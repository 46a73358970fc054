"""Feedback to a list's source about matches with its entries, if the list's owner has agreed.

1. A decision at the desk of the list's owner stores one feedback per verdict on an entry (`note`).
2. A job sends pending feedback through the one guarded outgoing connection: a yes, or a no with a reason that the owner
   chose from the source's list. The feedback names the entry and the fingerprint, never the item or the account.
3. Feedback that the source refuses is shown on the list's page with the reason; it is tried `TRIES` times.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Conflict, Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.feed import Client, EntryFeedback, Failed, Sending
from tutela.exchange.feeds.http_client import Guarded, HttpAnswer
from tutela.exchange.feeds.stopncii import submission
from tutela.exchange.hash_sharing.entries import SharedReason
from tutela.exchange.hash_sharing.parser import read_reasons
from tutela.indicators import enqueue
from tutela.indicators.models import Format, PartnerEntry, PartnerList, PartnerWord
from tutela.indicators.partner_lists import subscriptions, sync
from tutela.indicators.partner_lists.faults import fault_of
from tutela.organisations.keys.envelope_encryption import unwrap
from tutela.organisations.vocabulary import allowed_networks

TRIES, AT_ONCE, SHOWN = 8, 200, 20
MOST_SUBMITTED = 1000


class Send(Protocol):
    """The way out: `Guarded.send`, or a twin of it."""

    def __call__(self, method: str, url: str, headers: Mapping[str, str], *, content: bytes) -> HttpAnswer: ...


def agree(actor: Actor, list_id: UUID, *, tells: bool, reason_guid: str = "") -> None:
    """Set whether feedback goes to the source, and the reason given for a rejection. Raises `NotFound`, `Invalid`."""
    actor.require("sources.manage")
    if len(reason_guid) > 80 or not all(c.isalnum() or c == "-" for c in reason_guid):
        raise Invalid("Choose one of the reasons that the source offers.", field="reason_guid")
    with acting(actor):
        row = subscriptions.served(list_id)
        row.tells, row.reason_guid = tells, reason_guid
        row.save(update_fields=["tells", "reason_guid"])
        record(actor, "partner_list.agreed", "partner_list", row.pk, list=row.list_id, tells=tells, reason=reason_guid)
        if tells:
            _defer(row)


def note(actor: Actor, slug: str, entry_id: UUID, *, right: bool) -> bool:
    """Record a verdict on an entry of the actor's own list, for its source.

    Returns False for another's list, without feedback, or for a duplicate. Call inside `acting(actor)`.
    """
    row = PartnerList.objects.filter(list_id=slug, ended_at=None, tells=True).exclude(format=Format.FILE).first()
    entry = PartnerEntry.objects.filter(pk=entry_id, list=row, withdrawn_at=None).first() if row else None
    if row is None or entry is None:
        return False
    made = PartnerWord(
        organisation_id=actor.organisation_id,
        list=row,
        entry_id=entry.pk,
        key=entry.key,
        right=right,
        by=actor.reference,
    )
    if not insert_ignore(made):
        return False
    record(actor, "partner_list.feedback", "partner_list", row.pk, list=row.list_id, entry=entry.pk, right=right)
    _defer(row)
    return True


def say(actor: Actor, list_id: UUID, entries: Sequence[UUID], *, right: bool) -> int:
    """Record a verdict on chosen entries by hand, as `note`; returns how many were new.

    Raises `NotFound`, `Conflict`.
    """
    actor.require("sources.manage")
    with acting(actor):
        row = subscriptions.served(list_id)
        if not row.tells:
            raise Conflict("Feedback to this list's source is switched off. Switch it on first.")
        return sum(note(actor, row.list_id, one, right=right) for one in entries)


def reasons(actor: Actor, list_id: UUID, get: sync.Fetch | None = None) -> list[SharedReason]:
    """Return the reasons that the source offers for a rejection. Raises `NotFound`, `Conflict`."""
    actor.require("sources.manage")
    with acting(actor):
        row = subscriptions.served(list_id)
    client, headers = _client(row, sending=False)
    path = client.reasons("pdq")
    if not path:
        return []
    try:
        answer = (get or Guarded(allowed_networks.networks()).get)(row.base_url + path, headers)
        if answer.status != 200:
            raise Failed(f"HTTP {answer.status}")
        return read_reasons(answer.body)
    except (ExchangeError, ValueError) as error:
        raise Conflict("The source returned no reasons: {error}", error=str(error)[:200]) from None


def submit(actor: Actor, list_id: UUID, values: Sequence[tuple[str, str]], send: Send | None = None) -> int:
    """Give a StopNCII service hashes, (image or video, value). Raises `Invalid`, `NotFound`, `Conflict`."""
    actor.require("sources.manage")
    if not 1 <= len(values) <= MOST_SUBMITTED:
        raise Invalid("Submit 1 to {most} hashes at once.", field="hashes", most=MOST_SUBMITTED)
    with acting(actor):
        row = subscriptions.served(list_id)
    if row.format != Format.STOPNCII:
        raise Conflict("This list's format has no public way to submit hashes.")
    try:
        wanted = submission(values, clock.now())
        _sent(row, wanted, send or Guarded(allowed_networks.networks()).send)
    except Failed as error:
        raise Invalid("{reason}", field="hashes", reason=error) from None
    except ExchangeError as error:
        raise Conflict("The source did not accept the hashes: {error}", error=str(error)[:200]) from None
    with acting(actor):
        record(actor, "partner_list.submitted", "partner_list", row.pk, list=row.list_id, hashes=len(values))
    return len(values)


def tell(owner: Actor, list_id: UUID, send: Send | None = None) -> int:
    """Send what waits; returns how many words arrived. For the job."""
    with acting(owner):
        row = PartnerList.objects.filter(pk=list_id, ended_at=None, tells=True).first()
        if row is None:
            return 0
        waiting = list(row.words.filter(sent_at=None, tries__lt=TRIES).order_by("created_at")[:AT_ONCE])
    way, arrived = send or Guarded(allowed_networks.networks()).send, 0
    for word in waiting:
        error = detail = ""
        try:
            _sent(row, _sending(owner, row, word), way)
        except (ExchangeError, Failed) as failure:
            error, detail = fault_of(failure)
        with acting(owner):
            word.tries += 1
            word.error, word.detail, word.sent_at = error, detail, None if error else clock.now()
            word.save(update_fields=["tries", "error", "detail", "sent_at"])
            if not error:
                record(
                    owner, "partner_list.feedback_sent", "partner_list", row.pk, list=row.list_id, entry=word.entry_id
                )
        arrived += not error
    return arrived


def words(actor: Actor, list_id: UUID) -> list[PartnerWord]:
    """Return the verdicts sent to the source or pending, newest first."""
    actor.require("sources.read")
    with acting(actor):
        return list(PartnerWord.objects.filter(list_id=list_id).order_by("-created_at")[:SHOWN])


def due() -> list[PartnerList]:
    """Lists with words that wait. Call inside `acting(owner)`."""
    waiting = PartnerWord.objects.filter(sent_at=None, tries__lt=TRIES).values("list")
    return list(PartnerList.objects.filter(pk__in=waiting, tells=True, ended_at=None))


def _sending(owner: Actor, row: PartnerList, word: PartnerWord) -> Sending:
    with acting(owner):
        entry = PartnerEntry.objects.filter(pk=word.entry_id, withdrawn_at=None).first()
    if entry is None:
        raise Failed("the source has withdrawn the entry")
    client, known = sync.CLIENTS[row.format], subscriptions.opened(entry).get("hashes", {})
    kind = next((one for one in client.kinds(entry.media_type) if one in known), "")
    if not kind:
        raise Failed("the entry has no fingerprint that accepts feedback")
    return client.sending(EntryFeedback(entry.key, kind, known[kind], word.right, row.reason_guid))


def _sent(row: PartnerList, wanted: Sending, send: Send) -> None:
    _reader, headers = _client(row, sending=True)
    headers["Content-Type"] = wanted.content_type
    answer = send(wanted.method, row.base_url + wanted.path, headers, content=wanted.body)
    if not 200 <= answer.status < 300:
        raise Failed(f"HTTP {answer.status}")


def _client(row: PartnerList, *, sending: bool) -> tuple[Client, dict[str, str]]:
    client = sync.CLIENTS[row.format]
    secret = unwrap(bytes(row.wrapped_secret), f"partner:{row.pk}").decode()
    return client, client.headers(row.username, secret, sending=sending)


def _defer(row: PartnerList) -> None:
    enqueue.tell_source(row.organisation_id, row.pk)
