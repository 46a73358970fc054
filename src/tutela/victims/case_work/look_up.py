"""Look up whether the register has a file, only to choose the fastest way of removal.

1. Staff of victim support ask the Centre's match service with the digests of the file; perceptual hashes are not asked.
2. The Centre stores no digest, and counts the question. Its answer is seen by staff alone: it changes no page, message
   or time of the person, and nothing that hosts get.
3. A known file is matched already by every provider with the register's list. Hosts without it come first then.
"""

from __future__ import annotations

import json
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.messages import outbox
from tutela.organisations.people import directory
from tutela.victims.errors import NoMatchService, NothingToSend
from tutela.victims.models import Fingerprint, LookUp, StepKind
from tutela.victims.removal import fingerprints, rows

KIND, PATH = "removal-look-up", "/api/v1/match"
DIGESTS = ("sha256", "md5")


def look_up(actor: Actor, request_id: UUID) -> int:
    """Ask about every file that was not looked up yet; returns how many.

    Raises `RequestEnded`, `NoMatchService`, `NothingToSend`.
    """
    actor.require(rows.WORK)
    centre = directory.the_centre()
    with acting(actor):
        request = rows.locked_open(request_id)
        if centre is None or not outbox.has_credential(actor, centre.id):
            raise NoMatchService
        asked = 0
        for one in request.fingerprints.exclude(look_up__in=(LookUp.KNOWN, LookUp.UNKNOWN)):
            digests = [
                {"kind": kind, "value": digits}
                for kind, digits in fingerprints.hashes_of(one, request)
                if kind in DIGESTS
            ]
            if not digests:
                continue
            body, key = json.dumps({"digests": digests[:100]}), f"removal-look-up:{one.pk}:{len(digests)}"
            outbox.send(actor, centre.id, KIND, PATH, body, key=key, subject_id=one.pk, urgent=True)
            Fingerprint.objects.filter(pk=one.pk).update(look_up=LookUp.ASKED)
            asked += 1
        if not asked:
            raise NothingToSend
        rows.step(actor, request, StepKind.LOOKED_UP)
        record(actor, "removal.looked_up", rows.SUBJECT, request.pk, files=asked)
    return asked


def take_answer(actor: Actor, answer: outbox.MessageAnswer) -> None:
    """Store the Centre's answer. Subscribed to the outbox; in the answer's transaction."""
    found = Fingerprint.objects.select_for_update().filter(pk=UUID(answer.subject_id)).first()
    if found is None or found.look_up != LookUp.ASKED:
        return
    if not answer.accepted:
        found.look_up = LookUp.NOT_ASKED
    else:
        known = any(one.get("match") == 1 for one in answer.body.get("results", []))
        found.look_up = LookUp.KNOWN if known else LookUp.UNKNOWN
    found.save(update_fields=["look_up"])
