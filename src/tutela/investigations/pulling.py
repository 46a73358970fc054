"""Fetching referrals from a Centre that cannot reach this node: what waits is taken in as ever."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import NotFound, TutelaError
from tutela.exchange.errors import ExchangeError
from tutela.investigations import inbox
from tutela.organisations import directory, peers
from tutela.organisations.peers import PeerSilent

MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Pulled:
    """How many packages came, and what could not be taken: number and reason."""

    taken: int
    refused: tuple[tuple[str, str], ...]


def pull(actor: Actor, centre: directory.Entry) -> Pulled:
    """Take every referral that waits; one that is here already changes nothing. Raises `PeerSilent`."""
    sender = directory.acting_for(centre, "system:pull", centre.name)
    here = directory.entry(actor.organisation_id)
    taken, refused = 0, list[tuple[str, str]]()
    for row in _listed(actor, centre):
        number = str(row.get("number", ""))[:40]
        try:
            referral_id = UUID(str(row["referral_id"]))
            body = _get(actor, centre, f"/api/v1/referrals/{referral_id}")
            # By the same door as what the Centre sends, under a key of its own.
            inbox.receive(sender, here, f"pull:{referral_id}", body)
            taken += 1
        except (TutelaError, ExchangeError, ValueError, KeyError) as error:
            refused.append((number, str(error)[:300]))
    return Pulled(taken, tuple(refused))


def _listed(actor: Actor, centre: directory.Entry) -> list[dict[str, object]]:
    try:
        found = json.loads(_get(actor, centre, "/api/v1/referrals"))["referrals"]
        return [row for row in found if isinstance(row, dict)]
    except (NotFound, ValueError, KeyError, TypeError):
        raise PeerSilent from None


def _get(actor: Actor, centre: directory.Entry, path: str) -> bytes:
    body = bytearray()
    with peers.asked(actor, centre, "GET", path) as answer:
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise PeerSilent
    return bytes(body)
