"""Answers to data subjects: a fixed structure, and one letter in all cases in which nothing can be said.

1. An answer that meets a request for access, in whole or in part, says what is held, its source, its recipients and how
   long it is kept (GDPR Art. 15(1), LED Art. 14). For other rights it says what was done. The person's own rights are a
   fixed text.
2. Nothing is given before the person is identified. A refusal or a partial answer has its ground. A refusal contains
   nothing of the data: its text is for the file.
3. A ground that would tell whether something is stored is not in the letter. The letter is then the same as if nothing
   were stored.
4. A supervisory authority gets one answer in all cases: the necessary verifications took place (LED Art. 17(3)).
5. During a hold on the case that a request is about, only the answers of rules 3 and 4 are possible.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.transaction import acting
from tutela.investigations.referral_work import hold_requests
from tutela.law import clocks, holds
from tutela.redress.data_subjects import requests
from tutela.redress.data_subjects.requests import MANAGE, PARTS, SUBJECT
from tutela.redress.errors import HeldCase, NotIdentified, NotIndirect
from tutela.redress.models import DataRequest, DataRequestStep, Ground, RequestStage, RequestStepKind, Right

KINDS = (RequestStepKind.GIVEN, RequestStepKind.PARTLY, RequestStepKind.REFUSED, RequestStepKind.VERIFIED)
MEETING = (RequestStepKind.GIVEN, RequestStepKind.PARTLY)
# Rule 3.
NEUTRAL = (Ground.NO_DATA, Ground.GDPR_23, Ground.LED_15, Ground.LED_16_4)


@dataclass(frozen=True)
class AnswerInput:
    """An answer. The four parts are of rule 1; `text` is for the person, or for the file of a refusal."""

    kind: str
    ground: str = ""
    text: str = ""
    held: str = ""
    source: str = ""
    recipients: str = ""
    retention: str = ""


def answer(actor: Actor, request_id: UUID, given: AnswerInput) -> None:
    """Answer a request. Raises `NotIdentified`, `NotIndirect`, `HeldCase`, `RequestAnswered`, `Invalid`."""
    actor.require(MANAGE)
    _check(given)
    with acting(actor):
        row = requests.find_open(request_id)
        _require(row, given)
        said = {name: getattr(given, name) for name in requests.TEXTS}
        requests.add_step(actor, row, RequestStepKind(given.kind), said, ground=given.ground)
        clocks.stop_all(actor, SUBJECT, row.pk)
        row.stage, row.closed_at = RequestStage.CLOSED, clock.now()
        row.save(update_fields=["stage", "closed_at"])


def letter(row: DataRequest, made: DataRequestStep) -> str:
    """The letter to the person, or to the supervisory authority, of codes and of what the answer says."""
    with translation.override(row.language):
        if made.kind == RequestStepKind.VERIFIED:
            return _("All necessary verifications and a review took place (Directive (EU) 2016/680, Article 17(3)).")
        if made.kind == RequestStepKind.REFUSED:
            return "\n\n".join([_refused(made.ground), _rights()])
        return "\n\n".join([*_parts(made), made.text, *_ground(made), _rights()])


def neutral_letter(row: DataRequest) -> str:
    """The letter of rules 3 to 5, as it would be sent."""
    kind = RequestStepKind.VERIFIED if row.authority else RequestStepKind.REFUSED
    return letter(row, DataRequestStep(kind=kind, ground=Ground.NO_DATA))


def _parts(made: DataRequestStep) -> list[str]:
    labels = {
        "held": _("Data about you: %(text)s"),
        "source": _("Source: %(text)s"),
        "recipients": _("Recipients: %(text)s"),
        "retention": _("Kept for: %(text)s"),
    }
    return [labels[name] % {"text": getattr(made, name)} for name in PARTS if getattr(made, name)]


def _ground(made: DataRequestStep) -> list[str]:
    """The ground of a partial answer, unless it would tell of what is left out."""
    if made.kind != RequestStepKind.PARTLY or made.ground in NEUTRAL:
        return []
    return [_("Ground: %(ground)s.") % {"ground": Ground(made.ground).label}]


def _refused(ground: str) -> str:
    if ground in NEUTRAL:
        return _("We cannot give you information in answer to this request.")
    return _("We do not act on this request: %(ground)s.") % {"ground": Ground(ground).label}


def _rights() -> str:
    return _(
        "You can ask us to correct or erase your data, or to restrict its use. You can complain to the supervisory"
        " authority, and you can go to a court."
    )


def _require(row: DataRequest, given: AnswerInput) -> None:
    """Rules 1, 2, 4 and 5."""
    if (given.kind == RequestStepKind.VERIFIED) != bool(row.authority):
        raise NotIndirect
    refused = given.kind == RequestStepKind.REFUSED
    if _held(row) and not row.authority and not (refused and given.ground in NEUTRAL):
        raise HeldCase(field="kind")
    identified = row.steps.filter(kind=RequestStepKind.IDENTIFIED).exists()
    if not row.authority and not identified and not refused:
        raise NotIdentified
    if row.right == Right.ACCESS and given.kind in MEETING:
        for name in PARTS:
            if not getattr(given, name).strip():
                raise Invalid("Enter this part of the answer.", field=name)


def _held(row: DataRequest) -> bool:
    """Whether a hold is in effect on the case: one that an authority asked us for, or that this authority asked for."""
    if row.subject_id is None:
        return False
    own = row.subject_kind == "referral" and hold_requests.stands(row.subject_id)
    return own or holds.held(row.subject_kind, row.subject_id) is not None


def _check(given: AnswerInput) -> None:
    if given.kind not in KINDS:
        raise Invalid("Choose the answer.", field="kind")
    needs = given.kind in (RequestStepKind.PARTLY, RequestStepKind.REFUSED)
    if needs != (given.ground in Ground.values):
        raise Invalid("Choose the ground of a refusal or a partial answer, and only of these.", field="ground")
    if given.kind not in MEETING:
        for name in PARTS:
            if getattr(given, name).strip():
                raise Invalid("Leave this empty: a refusal contains nothing of the data.", field=name)
