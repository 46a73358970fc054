"""Rules that hold fingerprints back until a person decides. Call inside `acting(actor)`, the request locked.

- More than `USUAL_FILES` files in one request.
- Several requests name the same file: at least `SAME_FILE` within `WITHIN`. A campaign against a picture looks so; so
  does a picture that several people in it want removed.
- A host's reviewer opened the picture and found it lawful, such as a picture of the news. It is taken back from every
  other host at once (`hosts.answers`), and later requests that name it are held back too.

A rule applies in a job after the message was stored. The person's pages and answers are the same with and without it.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.record import record, record_of_hour
from tutela.victims.errors import NoFlag
from tutela.victims.models import (
    ENDED,
    Fingerprint,
    FlagKind,
    RemovalRequest,
    RequestFlag,
    RequestStage,
    StepKind,
)
from tutela.victims.removal import rows

# Public services name no usual number; people who use them speak of a few files.
USUAL_FILES = 20
# Three people who want the same picture removed within a month are rare; a campaign has more.
SAME_FILE = 3
WITHIN = timedelta(days=30)


def apply(actor: Actor, request: RemovalRequest) -> None:
    """Apply the rules to everything that a request has now."""
    prints = list(request.fingerprints.all())
    if len(prints) > USUAL_FILES:
        raise_flag(actor, request, FlagKind.MANY_FILES, hourly=True)
    for one in prints:
        if one.found_by and _requests_with(one) >= SAME_FILE:
            raise_flag(actor, request, FlagKind.MANY_REQUESTS, one.place, hourly=True)
        if one.found_by and _found_lawful(one):
            raise_flag(actor, request, FlagKind.LAWFUL, one.place, hourly=True)


def raise_flag(actor: Actor, request: RemovalRequest, kind: FlagKind, place: int = 0, *, hourly: bool = False) -> bool:
    """Hold a fingerprint back, or all with the place 0; returns whether that is new."""
    row = RequestFlag(organisation_id=actor.organisation_id, request=request, kind=kind, place=place)
    if not insert_ignore(row):
        return False
    rows.step(actor, request, StepKind.FLAGGED, hourly=hourly)
    note = record_of_hour if hourly else record
    note(actor, "removal.flagged", rows.SUBJECT, request.pk, rule=str(kind))
    _derive(request)
    return True


def release(actor: Actor, request: RemovalRequest, kind: str, place: int, reason: str, *, allowed: bool) -> None:
    """Decide about a flag: the fingerprint may go to hosts, or stays back. Raises `NoFlag`, `Invalid`."""
    said = rows.checked(reason, "reason")
    row = RequestFlag.objects.select_for_update().filter(request=request, kind=kind, place=place).first()
    if row is None or row.released_at is not None:
        raise NoFlag
    row.released_at, row.allowed = clock.now(), allowed
    row.released_by, row.released_by_name = actor.reference, actor.name[:200]
    row.save()
    rows.step(actor, request, StepKind.RELEASED, said)
    record(actor, "removal.released", rows.SUBJECT, request.pk, rule=kind, allowed=allowed)
    _derive(request)


def held_places(request: RemovalRequest) -> set[int]:
    """Places of fingerprints that may not go to hosts; with 0 none may."""
    return set(request.flags.filter(allowed=False).values_list("place", flat=True))


def _requests_with(one: Fingerprint) -> int:
    """How many requests of the last month name the same file."""
    since = clock.now() - WITHIN
    same = Fingerprint.objects.filter(found_by__overlap=list(one.found_by), request__received_at__gte=since)
    open_ones = ~Q(request__stage=RequestStage.WITHDRAWN)
    return same.filter(open_ones).values("request").distinct().count()


def _found_lawful(one: Fingerprint) -> bool:
    """Whether a host found the same file lawful, in any request, and nobody allowed it afterwards."""
    same = Fingerprint.objects.filter(found_by__overlap=list(one.found_by)).exclude(pk=one.pk)
    known = RequestFlag.objects.filter(kind=FlagKind.LAWFUL, allowed=False, request__in=same.values("request"))
    return any((one.request_id, one.place) in set(same.values_list("request", "place")) for one in known)


def _derive(request: RemovalRequest) -> None:
    request.flagged = request.stage not in ENDED and request.flags.filter(released_at=None).exists()
    request.save(update_fields=["flagged"])
