"""Fingerprints referenced by an address: requested by an entry, fetched after a pull, sealed.

Only addresses below the list's own base are requested (`exchange.hash_sharing.parser`), through the guarded outgoing
connection. A failed fetch is tried again with the next pulls, `TRIES` times. A fetched fingerprint is part of the entry
wherever the entry is read (`entries`): when redistributed, exported, matched and proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.db.models import Q

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.feeds.http_client import HttpAnswer
from tutela.indicators.models import PartnerEntry, PartnerList, PartnerPrint
from tutela.organisations.keys.envelope_encryption import unwrap, wrap

TRIES, AT_ONCE = 5, 500
# A TMK+PDQF fingerprint has 263,344 bytes.
MOST_BYTES = 1_000_000
PURPOSE = "foreign-print"


def want(actor: Actor, found: Iterable[tuple[PartnerEntry, dict[str, str]]]) -> None:
    """Note what entries name, kind by kind with its address. Call inside `acting(actor)`."""
    rows = [
        PartnerPrint(organisation_id=actor.organisation_id, entry=entry, kind=kind, path=path, of=entry.at, sealed=b"")
        for entry, elsewhere in found
        for kind, path in elsewhere.items()
        if path
    ]
    PartnerPrint.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["entry", "kind"], update_fields=["path", "of"]
    )
    # A newer state of the entry may mean another fingerprint behind the same address.
    stale = Q()
    for one in rows:
        stale |= Q(entry=one.entry, kind=one.kind, fetched_at__lt=one.entry.changed_at)
    if rows:
        PartnerPrint.objects.filter(stale).update(fetched_at=None, tries=0)


def fetch(actor: Actor, row: PartnerList, get: Callable[[str], HttpAnswer]) -> tuple[int, list[str]]:
    """Fetch what is wanted; how many came, and why others did not. The same address is asked once."""
    with acting(actor):
        wanted = PartnerPrint.objects.filter(entry__list=row, entry__withdrawn_at=None, fetched_at=None)
        rows = list(wanted.filter(tries__lt=TRIES).order_by("tries", "pk")[:AT_ONCE])
    answers, came, wrong = dict[str, bytes | str](), 0, list[str]()
    for one in rows:
        if one.path not in answers:
            answers[one.path] = _answer(one.path, get)
        found = answers[one.path]
        with acting(actor):
            one.tries += 1
            if isinstance(found, bytes):
                one.sealed, one.fetched_at = wrap(found, PURPOSE), clock.now()
                came += 1
            else:
                wrong.append(f"{one.kind} at an address: {found}")
            one.save(update_fields=["tries", "sealed", "fetched_at"])
    if rows:
        with acting(actor):
            record(
                actor,
                "partner_list.fingerprints",
                "partner_list",
                row.pk,
                list=row.list_id,
                fetched=came,
                wanted=len(rows),
            )
    return came, wrong


def fetched(entries: Sequence[PartnerEntry]) -> set[UUID]:
    """Return those of these entries that have a fetched fingerprint. Call inside `acting(actor)`."""
    rows = PartnerPrint.objects.filter(entry__in=[one.pk for one in entries], fetched_at__isnull=False)
    return set(rows.values_list("entry_id", flat=True))


def fingerprints_of(entries: Sequence[PartnerEntry]) -> dict[UUID, dict[str, bytes]]:
    """Return the fetched fingerprints by entry and kind. Call inside `acting(actor)`. Raises `CannotUnwrap`."""
    found: dict[UUID, dict[str, bytes]] = {}
    for row in PartnerPrint.objects.filter(entry__in=[one.pk for one in entries], fetched_at__isnull=False):
        found.setdefault(row.entry_id, {})[row.kind] = unwrap(bytes(row.sealed), PURPOSE)
    return found


def _answer(path: str, get: Callable[[str], HttpAnswer]) -> bytes | str:
    try:
        answer = get(path)
    except ExchangeError as error:
        return str(error)
    if answer.status != 200:
        return f"HTTP {answer.status}"
    if not 0 < len(answer.body) <= MOST_BYTES:
        return f"the file has {len(answer.body)} bytes"
    return answer.body
