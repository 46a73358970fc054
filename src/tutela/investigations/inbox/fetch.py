"""Fetch referrals and then withdrawals from a Centre that cannot reach this node.

Both are processed in the same way as delivered messages.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_message import HEADER
from tutela.exchange.referral.withdrawal import Withdrawals
from tutela.investigations.inbox import fetched_withdrawals, receive
from tutela.investigations.models import Referral
from tutela.organisations.errors import MessageRefused
from tutela.organisations.messages import message_signing, peer_client
from tutela.organisations.messages.peer_client import PeerSilent
from tutela.organisations.people import directory

MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Pulled:
    """Number of new packages, the refused packages (number and reason), and the number of withdrawals."""

    taken: int
    refused: tuple[tuple[str, str], ...]
    withdrawn: int = 0


def pull(actor: Actor, centre: directory.DirectoryEntry) -> Pulled:
    """Take every referral that waits and is not here, and what was withdrawn. Raises `PeerSilent`."""
    sender = directory.acting_for(centre, "system:pull", centre.name)
    here = directory.entry(actor.organisation_id)
    taken, refused = 0, list[tuple[str, str]]()
    for page in _pages(actor, centre):
        known = _known(actor, page)
        for row in page:
            if known.get(str(row.get("referral_id"))) == row.get("sha256"):
                continue
            number = str(row.get("number", ""))[:40]
            try:
                referral_id = UUID(str(row["referral_id"]))
                body = _signed(actor, centre, f"/api/v1/referrals/{referral_id}")
                # By the same door as what the Centre sends, under a key of its own.
                receive.receive(sender, here, f"pull:{referral_id}", body)
                taken += 1
            except (TutelaError, ExchangeError, ValueError, KeyError) as error:
                refused.append((number, str(error)[:300]))
    return Pulled(taken, tuple(refused), _withdrawals(actor, centre))


def _withdrawals(actor: Actor, centre: directory.DirectoryEntry) -> int:
    """Take what no longer holds; a Centre of before there was such a list has none. Raises `PeerSilent`."""
    try:
        found = Withdrawals.from_bytes(_signed(actor, centre, "/api/v1/referral-withdrawals"))
    except NotFound:
        return 0
    except (ExchangeError, MessageRefused, ValueError):
        raise PeerSilent from None
    if found.authority_id != actor.organisation_id:
        raise PeerSilent
    return fetched_withdrawals.take(actor, centre, found, "system:pull")


def _pages(actor: Actor, centre: directory.DirectoryEntry) -> Iterator[list[dict[str, object]]]:
    """Pending referrals, page by page; a Centre that repeats itself is not asked again. Raises `PeerSilent`."""
    seen, after = set[str](), ""
    while True:
        page, more = _listed(actor, centre, f"?after={after}" if after else "")
        new = [row for row in page if str(row.get("referral_id")) not in seen]
        if new:
            yield new
        if not new or not more:
            return
        seen.update(str(row.get("referral_id")) for row in new)
        after = quote(str(new[-1].get("referral_id")), safe="")


def _listed(actor: Actor, centre: directory.DirectoryEntry, query: str) -> tuple[list[dict[str, object]], bool]:
    try:
        said = json.loads(_get(actor, centre, f"/api/v1/referrals{query}"))
        return [row for row in said["referrals"] if isinstance(row, dict)], said.get("more") is True
    except (NotFound, ValueError, KeyError, TypeError, AttributeError):
        raise PeerSilent from None


def _known(actor: Actor, page: list[dict[str, object]]) -> dict[str, str]:
    """The digests of those that are here."""
    ids = []
    for row in page:
        with suppress(ValueError):
            ids.append(UUID(str(row.get("referral_id"))))
    with acting(actor):
        here = Referral.objects.filter(referral_id__in=ids).values_list("referral_id", "sha256")
        return {str(referral_id): sha256 for referral_id, sha256 in here}


def _signed(actor: Actor, centre: directory.DirectoryEntry, path: str) -> bytes:
    """Message that the Centre signed for this authority. Raises `MessageRefused`, `PeerSilent`."""
    with peer_client.asked(actor, centre, "GET", path) as answer:
        body, said = peer_client.body(answer, MOST_BYTES), answer.headers.get(HEADER, "")
    sender = directory.acting_for(centre, "system:pull", centre.name)
    message_signing.verify(sender, actor.organisation_id, path, "", body, said)
    return body


def _get(actor: Actor, centre: directory.DirectoryEntry, path: str) -> bytes:
    with peer_client.asked(actor, centre, "GET", path) as answer:
        return peer_client.body(answer, MOST_BYTES)
