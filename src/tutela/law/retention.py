"""Retention rules as data, and the single place that proves deletion.

A domain registers an eraser for a rule. The retention job asks the eraser for due subjects, and each erased subject
leaves a tombstone and an event. No other code deletes casework.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.law.models import Tombstone


@dataclass(frozen=True)
class Rule:
    """Retention rule: days from the start until erasure, and the norm that requires it."""

    code: str
    days: int
    source: str


RULES = {
    rule.code: rule
    for rule in (
        Rule("candidate.rejected", 0, "Reg (EU) 2021/1232 Art. 3(1)(i): at once where not confirmed"),
        Rule("candidate.expired", 30, "Storage limitation, GDPR Art. 5(1)(e)"),
        Rule("report.unfounded", 280, "Three months to inform the user, six to complain: CSAR 12(2), DSA 20(1)"),
        Rule("report.closed", 365, "Storage limitation, GDPR Art. 5(1)(e): twelve months after it was closed"),
        Rule("report.kept", 1096, "Need for storage reviewed after three years, as in Reg (EU) 2016/794 Art. 31(1)"),
        Rule("referral.closed", 365, "Time limits for erasure, LED Art. 5: twelve months after it was closed"),
        Rule("referral.kept", 1826, "Time limits for erasure, LED Art. 5: five years, unless national law says less"),
        Rule("deconfliction.identifier", 1096, "Time limits for erasure, LED Art. 5: three years after it was entered"),
        Rule("deconfliction.question", 30, "Storage limitation, LED Art. 4(1)(e): answers come within days"),
        Rule("preserved", 365, "Storage limitation, GDPR Art. 5(1)(e): twelve months, a rule of our own"),
        Rule("indicator.uncertified", 365, "CSAR Art. 46(7), GDPR Art. 5(1)(e): a year in which nobody certified it"),
        Rule("indicator.revoked", 365, "CSAR Art. 44(4) and 46(7): a year after it left the database"),
        Rule("indicator.refuted", 1826, "CSAR Art. 46(7), accuracy: five years in which the like is not listed again"),
        Rule("indicator.events", 0, "CSAR Art. 44(4): records are kept as long as the indicator"),
        Rule("conversation.idle", 90, "Storage limitation, GDPR Art. 5(1)(e): 90 days after the newest entry"),
        Rule("takedown.closed", 365, "Storage limitation, GDPR Art. 5(1)(e): twelve months after it was closed"),
        Rule("order.closed", 1826, "Time limits for erasure, LED Art. 5: five years, unless national law says less"),
        Rule("hosting.decided", 365, "DSA Art. 20(1): six months to complain; GDPR Art. 5(1)(e): twelve months"),
        Rule("removal.withdrawn", 0, "GDPR Art. 7(3) and 17(1)(b): at once when the person withdraws"),
        Rule("removal.closed", 180, "Storage limitation, GDPR Art. 5(1)(e): six months after the closing letter"),
        Rule("information.closed", 365, "Storage limitation, GDPR Art. 5(1)(e): twelve months after the answer"),
        Rule("support.closed", 1096, "Storage limitation, GDPR Art. 5(1)(e): three years after it was closed"),
        Rule("hand_over.ended", 365, "Storage limitation, GDPR Art. 5(1)(e): twelve months after its end"),
        Rule("removal.found", 180, "DSA Art. 20(1): six months to complain"),
        Rule("complaint.closed", 365, "DSA Art. 20(1): six months to complain; GDPR Art. 5(1)(e): twelve months"),
        Rule("data_request.closed", 1096, "Accountability, GDPR Art. 5(2): three years after the answer"),
        Rule("outbox.refused", 30, "Storage limitation, GDPR Art. 5(1)(e)"),
        Rule("inbound.answers", 400, "Idempotency of messages outlives the preservation period"),
    )
}
log = structlog.get_logger("tutela.retention")
# Erases what is older than the moment for this actor's organisation; yields (subject kind, subject id) of each.
Eraser = Callable[[Actor, datetime], Iterable[tuple[str, str]]]
_erasers: dict[str, Eraser] = {}


def register(code: str, eraser: Eraser) -> None:
    """Connect a rule to what deletes. For `app/wiring.py`."""
    _erasers[RULES[code].code] = eraser


def run(actor: Actor) -> int:
    """Erase everything that is due for the actor's organisation; returns how many subjects."""
    return sum(_run(actor, code, eraser) for code, eraser in _erasers.items())


def _run(actor: Actor, code: str, eraser: Eraser) -> int:
    """One rule. What goes wrong with one keeps no other from its work; the next run tries again."""
    count = 0
    try:
        with acting(actor):
            for subject_kind, subject_id in eraser(actor, clock.now() - timedelta(days=RULES[code].days)):
                bury(actor, code, subject_kind, subject_id)
                count += 1
    except Exception:
        log.exception("retention failed", rule=code, organisation=str(actor.organisation_id))
        return 0
    return count


def bury(actor: Actor, code: str, subject_kind: str, subject_id: str) -> None:
    """Leave the tombstone of a deletion that happens in this transaction."""
    rule = RULES[code]
    Tombstone.objects.create(
        organisation_id=actor.organisation_id, rule=code, subject_kind=subject_kind, subject_id=subject_id
    )
    record(actor, "retention.erased", subject_kind, subject_id, legal_basis=rule.source[:120], rule=code)
