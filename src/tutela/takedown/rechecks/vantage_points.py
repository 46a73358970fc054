"""Vantage points in other countries: a signed task list out, a signed status in (`tutela vantage`).

1. A vantage point is registered with its own public key. It gets addresses and access conditions, and no credentials.
2. A list has the cases whose recheck is due next, and is valid for `VALID`.
3. The answers to a list are rows of rechecks, each with the vantage point and its country. Together with the newest
   looks of all other vantage points they are judged as one recheck (`check.store_all`).
4. An answer is taken once. What was seen before `check.FRESH`, or before the case was closed, reopened or answered by
   its host, says nothing any more.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid, NotFound
from tutela.events.identifiers import uuid7
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.signed_envelope import Envelope, trusted_keys
from tutela.exchange.takedown.look import Conditions
from tutela.exchange.takedown.vantage import (
    MOST_TASKS,
    AccessConditions,
    Asked,
    VantageTask,
    VantageTasks,
    answer_of,
    open_results,
    sign_tasks,
)
from tutela.exchange.takedown.web_address import AddressInvalidError, AddressKind, for_notice, normalise
from tutela.organisations.errors import NoSigningKey
from tutela.organisations.keys import signing
from tutela.organisations.vocabulary.countries import COUNTRIES
from tutela.takedown.errors import SameVantagePoint
from tutela.takedown.models import TakedownCase, VantageList, VantagePoint
from tutela.takedown.rechecks import access_conditions, check

READ, CHANGE = "takedown.read", "takedown.notify"
SUBJECT = "vantage_point"
VALID = timedelta(days=2)
MOST_BYTES = 2 << 20
HOSTLESS = (AddressKind.ONION, AddressKind.DECENTRALISED)


@dataclass(frozen=True)
class Taken:
    """What an answer brought: rechecked cases, and results that were not taken (not checked, too old, case gone)."""

    rechecked: int
    left_out: int


def add(actor: Actor, name: str, country: str, public_key: str) -> UUID:
    """Register a vantage point; returns its ID. Raises `Invalid` naming the field, and `SameVantagePoint`."""
    actor.require(CHANGE)
    if not name.strip():
        raise Invalid("Enter a name.", field="name")
    if country not in COUNTRIES:
        raise Invalid("Choose a country of the list.", field="country")
    key = public_key.strip().lower()
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
    except ValueError:
        raise Invalid("Enter the key that tutela vantage init printed: 64 hex digits.", field="public_key") from None
    with acting(actor):
        row = VantagePoint(
            organisation_id=actor.organisation_id,
            name=name.strip()[:80],
            country=country,
            public_key=key,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        if not insert_ignore(row):
            raise SameVantagePoint
        record(actor, "vantage_point.added", SUBJECT, row.pk, country=country)
    return row.pk


def remove(actor: Actor, point_id: UUID) -> None:
    """Take no further answers of a vantage point. Raises `NotFound`."""
    actor.require(CHANGE)
    with acting(actor):
        row = _locked(point_id)
        row.removed_at = clock.now()
        row.save(update_fields=["removed_at"])
        record(actor, "vantage_point.removed", SUBJECT, row.pk)


def exists(actor: Actor, point_id: UUID) -> bool:
    """Whether the actor's organisation has this vantage point."""
    with acting(actor):
        return VantagePoint.objects.filter(pk=point_id, removed_at=None).exists()


def list_points(actor: Actor) -> list[VantagePoint]:
    """The vantage points of the actor's organisation, by name."""
    actor.require(READ)
    with acting(actor):
        return list(VantagePoint.objects.filter(removed_at=None).order_by("name", "pk"))


def node_key(actor: Actor) -> str:
    """The public key with which lists are signed, as 64 hex digits; empty as long as there is none."""
    try:
        return signing.current_private(actor.organisation_id, "message").public_key().public_bytes_raw().hex()
    except NoSigningKey:
        return ""


def make_list(actor: Actor, point_id: UUID) -> bytes:
    """A signed task list of the cases whose recheck is due next. Raises `NotFound`, `NoSigningKey`."""
    actor.require(CHANGE)
    now = clock.now()
    with acting(actor):
        point = _locked(point_id)
        due = TakedownCase.objects.exclude(next_check_at=None).filter(erased_at=None).exclude(kind__in=HOSTLESS)
        cases = access_conditions.readable(list(due.order_by("next_check_at", "pk")[:MOST_TASKS]))
        point.tasks_sequence += 1
        tasks = VantageTasks(
            list_id=uuid7(),
            sender=actor.organisation_id,
            vantage=point.pk,
            sequence=point.tasks_sequence,
            nonce=secrets.token_hex(16),
            issued_at=now,
            expires_at=now + VALID,
            tasks=tuple(
                VantageTask(
                    task_id=case,
                    address=address.normal,
                    conditions=_conditions(asked),
                    not_before=now,
                    not_after=now + VALID,
                )
                for case, address, asked in cases
            ),
        )
        VantageList.objects.create(
            pk=tasks.list_id,
            organisation_id=actor.organisation_id,
            point=point,
            nonce=tasks.nonce,
            issued_at=now,
            cases=[str(one.task_id) for one in tasks.tasks],
        )
        point.save(update_fields=["tasks_sequence"])
        record(actor, "vantage_point.asked", SUBJECT, point.pk, addresses=len(tasks.tasks))
        return sign_tasks(tasks, signing.current_private(actor.organisation_id, "message"))


def take_results(actor: Actor, point_id: UUID, data: bytes) -> Taken:
    """Take the signed answers to the newest lists. Raises `NotFound`, and `Invalid` with the reason."""
    actor.require(CHANGE)
    if len(data) > MOST_BYTES:
        raise Invalid("An answer has at most {most} bytes.", field="file", most=MOST_BYTES)
    now = clock.now()
    with acting(actor):
        point = _locked(point_id)
        keys = trusted_keys([point.public_key])
        try:
            results = open_results(data, keys, _asked(point, data), point.results_sequence, now)
        except ExchangeError as error:
            raise Invalid("The answer is not valid: {reason}", field="file", reason=str(error)) from None
        point.results_sequence, point.answered_at = results.sequence, now
        point.save(update_fields=["results_sequence", "answered_at"])
        seen = {one.task_id: (one.checked_at, answer_of(one)) for one in results.results}
        words = check.last_words(seen)
        fresh = {
            case: [replace(said, vantage=point.name, country=point.country, at=min(at, now))]
            for case, (at, said) in seen.items()
            if said is not None and at >= now - check.FRESH and at > words.get(case, at - check.FRESH)
        }
        found = check.store_all(actor, fresh)
        record(actor, "vantage_point.answered", SUBJECT, point.pk, addresses=len(found))
    return Taken(len(found), len(results.results) - len(found))


def _asked(point: VantagePoint, data: bytes) -> Asked:
    """The list that an answer says it is to. Its signature is checked afterwards. Raises as reading it does."""
    said = Envelope.from_bytes(data).payload
    row = next((one for one in point.lists.order_by("-issued_at")[:20] if str(one.pk).encode() in said), None)
    if row is None:
        raise Invalid("The answer is to a list that this node does not know.", field="file")
    return Asked(row.pk, point.pk, row.nonce, row.issued_at, frozenset(map(UUID, row.cases)))


def _conditions(given: Conditions) -> AccessConditions:
    """What may be told to a vantage point: no cookie and no password."""
    return AccessConditions(
        referrer=_referrer(given.referrer),
        mobile="mobile" in given.device.lower(),
        network_country=given.country or None,
    )


def _referrer(text: str) -> str | None:
    """The page from which the address opens, if it is an address."""
    try:
        return for_notice(normalise(text)) if text else None
    except AddressInvalidError:
        return None


def _locked(point_id: UUID) -> VantagePoint:
    row = VantagePoint.objects.select_for_update().filter(pk=point_id, removed_at=None).first()
    if row is None:
        raise NotFound
    return row
