"""Feedback on a decision to the register: one message per matched entry, sent by the outbox.

A message names the entry and the result of the match, never the item or the account. Matches with a provider list
concern only its source. A reportable item that is not the listed one says nothing about the entry.
"""

from __future__ import annotations

import json
import re

from tutela.detection.candidates import withdrawn_indicators
from tutela.detection.models import Candidate, Review
from tutela.detection.models.candidates import How, Reason
from tutela.detection.settings import identity
from tutela.events.actor import Actor
from tutela.indicators.partner_lists import source_feedback
from tutela.organisations.messages import outbox

KIND, PATH = "match", "/api/v1/matches/{list_id}/{entry_id}"
VERDICTS = {
    Reason.KNOWN_ITEM: "confirmed",
    Reason.OTHER_PICTURE: "false",
    Reason.CHANCE: "false",
    Reason.LISTED_IN_ERROR: "false",
}

# What an Edge names is its own text; only what can be a list's id becomes a part of an address.
_LIST = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")


def tell(actor: Actor, candidate: Candidate, row: Review) -> int:
    """Send feedback on every matched entry of the public register; returns how many.

    Call inside `acting(actor)`. Nothing is sent if the provider has joined no Centre, or if the reason says nothing
    about the entry. Feedback on entries of a partner list that the provider reads goes to that list's source, if the
    source agreed. An unopened candidate gives no feedback on an entry that matched only in part: the exact copy of
    another entry made the opening unnecessary.
    """
    verdict, link = VERDICTS.get(Reason(row.reason_code)), identity.connection(actor)
    if verdict is None:
        return 0
    standing = [m for m in withdrawn_indicators.standing(candidate) if row.how == How.VIEWED or not m.by_window]
    for match in standing:
        if not match.in_public_register:
            source_feedback.note(actor, match.list_id, match.entry_id, right=verdict == "confirmed")
    if link.centre is None or not link.joined:
        return 0
    body = json.dumps({"verdict": verdict, "note": row.reason_code})
    told = {(m.list_id, m.entry_id) for m in standing if m.in_public_register}
    for list_id, entry_id in sorted(one for one in told if _LIST.fullmatch(one[0])):
        path = PATH.format(list_id=list_id, entry_id=entry_id)
        key = f"match:{candidate.pk.hex}:{entry_id.hex[-12:]}"
        outbox.send(actor, link.centre.id, KIND, path, body, key=key, subject_id=entry_id)
    return len(told)
