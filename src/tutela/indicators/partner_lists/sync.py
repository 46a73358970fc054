"""Sync of a partner list: a crash at any point loses nothing and stores nothing twice.

1. The next request comes from the checkpoint; the answer is fetched outside any transaction.
2. Its entries and the next checkpoint are stored in one transaction, if no other process continued from the same
   position.
3. A newer state replaces the whole entry, an older one never does; at the same second a withdrawal wins.
4. After a complete reading, entries that were not seen are withdrawn.
5. Unusable entries are counted and named; an unusable answer ends the pull with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.canonical_facts import text as canonical_text
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.feed import Batch, Client, Failed, FeedItem, Request
from tutela.exchange.feeds.http_client import Guarded, HttpAnswer
from tutela.exchange.feeds.stopncii import StopNcii
from tutela.exchange.hash_sharing.client import HashSharing
from tutela.indicators.models import Format, PartnerCheckpoint, PartnerEntry, PartnerList, PartnerPull
from tutela.indicators.partner_lists import fingerprints, releases, subscriptions
from tutela.indicators.partner_lists.faults import SourceFault, fault_of
from tutela.organisations.keys.envelope_encryption import unwrap, wrap
from tutela.organisations.vocabulary import allowed_networks

CLIENTS: dict[str, Client] = {Format.HASH_SHARING: HashSharing(), Format.STOPNCII: StopNcii()}
# A pull ends after this many pages; the next one continues.
MOST_PAGES = 2_000
MOST_NAMED = 20

type Fetch = Callable[[str, dict[str, str]], HttpAnswer]


class Overtaken(Exception):
    """Somebody else stored a page from the same place."""


def pull(actor: Actor, list_id: UUID, fetch: Fetch | None = None) -> PartnerPull:
    """Read everything new from a list's source. Errors are noted in the result. Raises `NotFound`."""
    get = fetch or Guarded(allowed_networks.networks()).get
    with acting(actor):
        row = PartnerList.objects.filter(pk=list_id, ended_at=None).first()
        if row is None:
            raise NotFound
        made = PartnerPull.objects.create(organisation_id=actor.organisation_id, list=row)
    client = CLIENTS[row.format]
    headers = client.headers(row.username, unwrap(bytes(row.wrapped_secret), f"partner:{row.pk}").decode())
    error = detail = ""
    try:
        _begin(actor, row, client)
        more = True
        while more and made.pages < MOST_PAGES:
            more = _page(actor, row, client, made, lambda path: get(row.base_url + path, headers))
        came, wrong = fingerprints.fetch(actor, row, lambda path: get(row.base_url + path, headers))
        if came:
            with acting(actor):
                releases.enqueue_release(row)
        made.reasons = _named(made.reasons, tuple(wrong))
    except Overtaken:
        error = SourceFault.OVERTAKEN.value
    except (ExchangeError, Failed) as failure:
        error, detail = fault_of(failure)
    with acting(actor):
        made.ended_at, made.error, made.detail = clock.now(), error, detail
        made.save()
        if error:
            record(actor, "partner_list.failed", "partner_list", row.pk, list=row.list_id, error=error, detail=detail)
    return made


def _begin(actor: Actor, row: PartnerList, client: Client) -> None:
    with acting(actor):
        checkpoint = PartnerCheckpoint.objects.select_for_update().get(list=row)
        checkpoint.state = client.begin(checkpoint.state)
        checkpoint.save(update_fields=["state"])


def _page(actor: Actor, row: PartnerList, client: Client, made: PartnerPull, get: Callable[[str], HttpAnswer]) -> bool:
    """Fetch and store one answer; return False if there was nothing to request."""
    with acting(actor):
        before = PartnerCheckpoint.objects.get(list=row)
    asked = client.ask(before.state, clock.now())
    if asked is None:
        return False
    answer = get(asked.path)
    batch = client.read(before.state, asked, answer.status, answer.body, clock.now())
    with acting(actor):
        store(actor, row, before.serial, asked, batch, made)
    return True


def store(actor: Actor, row: PartnerList, serial: int, asked: Request, batch: Batch, made: PartnerPull) -> None:
    """Store an answer and the place to go on from. Call inside `acting(actor)`. Raises `Overtaken`."""
    checkpoint = PartnerCheckpoint.objects.select_for_update().get(list=row)
    if checkpoint.serial != serial or not PartnerList.objects.filter(pk=row.pk, ended_at=None).exists():
        raise Overtaken
    checkpoint.reading += asked.fresh
    added, changed, withdrawn = _merge(actor, row, batch.items, checkpoint.reading)
    if batch.whole:
        unseen = PartnerEntry.objects.filter(list=row, withdrawn_at=None, reading__lt=checkpoint.reading)
        withdrawn += unseen.update(withdrawn_at=clock.now(), sealed=b"", changed_at=clock.now())
    checkpoint.serial, checkpoint.state = serial + 1, batch.state
    checkpoint.save()
    made.pages += 1
    made.added, made.changed, made.withdrawn = made.added + added, made.changed + changed, made.withdrawn + withdrawn
    made.broken += len(batch.broken)
    made.reasons = _named(made.reasons, batch.broken)
    made.unknown = _named(made.unknown, batch.unknown)
    made.save()
    if added or changed or withdrawn:
        releases.enqueue_release(row)
    record(
        actor,
        "partner_list.page",
        "partner_list",
        row.pk,
        list=row.list_id,
        page=made.pages,
        added=added,
        changed=changed,
        withdrawn=withdrawn,
        broken=len(batch.broken),
    )


def _merge(actor: Actor, row: PartnerList, items: list[FeedItem], reading: int) -> tuple[int, int, int]:
    """Store the items, and return how many were added, changed and withdrawn."""
    newest: dict[str, FeedItem] = {}
    for item in items:
        if item.key not in newest or _after(item) >= _after(newest[item.key]):
            newest[item.key] = item
    known = {one.key: one for one in PartnerEntry.objects.filter(list=row, key__in=list(newest))}
    fresh = [_entry(actor, row, item, reading) for key, item in newest.items() if key not in known]
    PartnerEntry.objects.bulk_create(fresh)
    touched = list(fresh)
    changed = withdrawn = 0
    for key, one in known.items():
        item = newest[key]
        one.reading = reading
        # What a reading of everything did not see any more may come back as it was.
        vanished = one.withdrawn_at not in (None, one.at)
        if _after(item) < (one.at, one.withdrawn_at is not None and not vanished):
            continue
        was, sealed = one.withdrawn_at is not None, _sealed(item)
        if (one.at, was) == _after(item) and (item.withdrawn or subscriptions.opened(one) == item.content):
            continue
        withdrawn += item.withdrawn and not was
        changed += not item.withdrawn
        one.media_type, one.at, one.sealed, one.changed_at = item.media_type, item.at, sealed, clock.now()
        one.withdrawn_at = item.at if item.withdrawn else None
        touched.append(one)
    fields = ["media_type", "at", "withdrawn_at", "sealed", "reading", "changed_at"]
    PartnerEntry.objects.bulk_update(known.values(), fields)
    fingerprints.want(actor, ((one, newest[one.key].content.get("elsewhere") or {}) for one in touched))
    return sum(one.withdrawn_at is None for one in fresh), changed, withdrawn


def _entry(actor: Actor, row: PartnerList, item: FeedItem, reading: int) -> PartnerEntry:
    return PartnerEntry(
        organisation_id=actor.organisation_id,
        list=row,
        key=item.key,
        media_type=item.media_type,
        at=item.at,
        withdrawn_at=item.at if item.withdrawn else None,
        sealed=_sealed(item),
        reading=reading,
    )


def _after(item: FeedItem) -> tuple[object, bool]:
    return (item.at, item.withdrawn)


def _sealed(item: FeedItem) -> bytes:
    return b"" if item.withdrawn else wrap(canonical_text(item.content).encode(), "partner-entry")


def _named(before: str, more: tuple[str, ...]) -> str:
    known = before.splitlines()
    known += [one for one in dict.fromkeys(more) if one not in known]
    return "\n".join(known[:MOST_NAMED])
