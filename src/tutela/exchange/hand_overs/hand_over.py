"""Hand-over of a need from one agency to another, and the addressee's steps.

A message has codes alone: no name, no text of a person, and no fact of a case. The reference says nothing to anybody
but its sender. Who the person is, both agencies tell each other outside this system, by the legal ground that is named.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown.fields import Reference

MOST_ACTIONS = 5
type Name = Annotated[str, Field(min_length=1, max_length=200)]


class Need(StrEnum):
    """What is needed. A protective action says what an agency does, and not why."""

    CHILD_PROTECTION = "child_protection"
    MEDICAL = "medical"
    THERAPY = "therapy"
    FORENSIC_INTERVIEW = "forensic_interview"
    LEGAL_AID = "legal_aid"
    REPRESENTATIVE = "representative"
    COMPENSATION = "compensation"
    ACCOMMODATION = "accommodation"
    INTERPRETER = "interpreter"
    INFORMATION = "information"
    PROTECTIVE_ACTION = "protective_action"


class LegalGround(StrEnum):
    """The ground on which the need is handed over."""

    CONSENT = "consent"
    VICTIMS_RIGHTS = "victims_rights"
    CHILD_SEXUAL_ABUSE = "child_sexual_abuse"
    CHILD_PROTECTION_LAW = "child_protection_law"
    VITAL_INTERESTS = "vital_interests"


class ProtectiveAction(StrEnum):
    """What an agency does to protect. It is all that a school learns."""

    COLLECTION = "collection"
    NO_CONTACT_HOME = "no_contact_home"
    SUPERVISION = "supervision"
    ABSENCE = "absence"
    TRUSTED_PERSON = "trusted_person"


class HandOverMessage(Wire):
    """An agency hands a need over. The recipient answers with its receipt, and later with each step."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    reference: Reference
    sender: Name
    recipient: Name
    need: Need
    actions: Annotated[tuple[ProtectiveAction, ...], Field(max_length=MOST_ACTIONS)] = ()
    ground: LegalGround
    due_on: date
    urgent: bool = False
    sent_at: Moment

    @model_validator(mode="after")
    def _actions_belong_to_protection(self) -> Self:
        if (self.need is Need.PROTECTIVE_ACTION) != bool(self.actions):
            raise ValueError("actions are required for a protective action, and only then")
        return self


class HandOverReceipt(Wire):
    """The recipient has stored the hand-over under a reference of its own. It has not accepted it yet."""

    schema_version: Literal["1"] = "1"
    reference: Reference
    own_reference: Reference
    at: Moment


class HandOverStep(StrEnum):
    """A step of the addressee, or of the sender who takes the hand-over back."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    TREATMENT = "treatment"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class RefusalReason(StrEnum):
    """Why an agency refuses. The words of the reason stay with it."""

    NOT_COMPETENT = "not_competent"
    NO_CAPACITY = "no_capacity"
    PERSON_DECLINED = "person_declined"
    OTHER_AGENCY = "other_agency"
    INCOMPLETE = "incomplete"


class HandOverStatus(Wire):
    """A step about a hand-over. The highest sequence counts."""

    schema_version: Literal["1"] = "1"
    message_id: UUID
    reference: Reference
    sequence: Annotated[int, Field(ge=1, le=10_000)]
    step: HandOverStep
    refused_because: RefusalReason | None = None
    at: Moment

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if (self.step is HandOverStep.REFUSED) != (self.refused_because is not None):
            raise ValueError("refused_because is required for a refusal, and only then")
        return self
