"""Statement of reasons to a user under Article 17 of Regulation (EU) 2022/2065, and its payload for the database.

Every element of Art. 17(3) is required: (a) the decision with scope and duration; (b) facts, and whether a notice led
to it; (c) automated means; (d) the legal ground, or (e) the ground in the terms of service; (f) redress.

The notifier is named only with a reason why that is strictly necessary. No statement is owed for an order of Article 9.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line, Text
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.takedown import transparency_schema as schema
from tutela.exchange.takedown.fields import Address, ItemText, Language, Reference
from tutela.exchange.takedown.transparency_database import prepare, puid_of


class Decision(StrEnum):
    """The restriction, in the words of the transparency database."""

    REMOVED = "DECISION_VISIBILITY_CONTENT_REMOVED"
    DISABLED = "DECISION_VISIBILITY_CONTENT_DISABLED"
    SERVICE_SUSPENDED = "DECISION_PROVISION_TOTAL_SUSPENSION"
    SERVICE_TERMINATED = "DECISION_PROVISION_TOTAL_TERMINATION"
    ACCOUNT_SUSPENDED = "DECISION_ACCOUNT_SUSPENDED"
    ACCOUNT_TERMINATED = "DECISION_ACCOUNT_TERMINATED"


class Source(StrEnum):
    """How the provider became aware."""

    NOTICE = "SOURCE_ARTICLE_16"
    TRUSTED_FLAGGER = "SOURCE_TRUSTED_FLAGGER"
    OWN_INITIATIVE = "SOURCE_VOLUNTARY"
    OTHER = "SOURCE_TYPE_OTHER_NOTIFICATION"


class Automation(StrEnum):
    """The part of automated means in the decision."""

    FULLY = "AUTOMATED_DECISION_FULLY"
    PARTIALLY = "AUTOMATED_DECISION_PARTIALLY"
    NONE = "AUTOMATED_DECISION_NOT_AUTOMATED"


class RedressKind(StrEnum):
    """Ways to contest the decision (Art. 17(3)(f))."""

    INTERNAL_COMPLAINT = "internal_complaint"
    OUT_OF_COURT = "out_of_court"
    COURT = "court"


class Ground(Wire):
    """A provision of law or of the terms of service, and why the item breaks it."""

    provision: Annotated[Line, Field(max_length=500)]
    explanation: Annotated[ItemText, Field(max_length=2000)]


class Redress(Wire):
    """One way to contest the decision, and how to use it. Internal complaints are open for six months (Art. 20)."""

    kind: RedressKind
    how: Text
    until: Moment | None = None


class StatementOfReasons(Wire):
    """The statement that the affected user gets."""

    schema_version: Literal["1"] = "1"
    reference: Reference
    language: Language
    decisions: Annotated[tuple[Decision, ...], Field(min_length=1, max_length=len(Decision))]
    locations: Annotated[tuple[Address, ...], Field(max_length=1000)] = ()
    territorial_scope: Annotated[tuple[str, ...], Field(min_length=1, max_length=len(schema.TERRITORY))]
    applied_at: Moment
    ends_at: Moment | None = None
    facts: Annotated[ItemText, Field(max_length=5000)]
    source: Source
    notifier: Line | None = None
    notifier_named_because: Text | None = None
    automated_detection: bool
    automated_decision: Automation
    illegal: Ground | None = None
    incompatible: Ground | None = None
    redress: Annotated[tuple[Redress, ...], Field(min_length=1, max_length=10)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.illegal is None and self.incompatible is None:
            raise ValueError("illegal or incompatible is required")
        if unknown := [one for one in self.territorial_scope if one not in schema.TERRITORY]:
            raise ValueError(
                f"territorial_scope must contain codes of the European Economic Area ({len(unknown)} wrong)"
            )
        if (self.notifier is None) != (self.notifier_named_because is None):
            raise ValueError("notifier and notifier_named_because must be given together")
        if self.ends_at is not None and self.ends_at < self.applied_at:
            raise ValueError("ends_at must not be before applied_at")
        missing = set(RedressKind) - {one.kind for one in self.redress}
        if missing:
            raise ValueError(f"redress must also contain {', '.join(sorted(missing))}")
        return self


def database_payload(
    statement: StatementOfReasons,
    *,
    number: int = 1,
    content_types: Sequence[str],
    content_date: date,
    keywords: Sequence[str] = ("KEYWORD_CHILD_SEXUAL_ABUSE_MATERIAL",),
) -> dict[str, Any]:
    """The payload for the transparency database, without locations. Raises `StatementInvalidError`.

    The name of a notifier goes there only for trusted flaggers, whose names are public.
    """
    decisions = [str(one) for one in statement.decisions]
    illegal, incompatible = statement.illegal, None if statement.illegal else statement.incompatible
    flagger = statement.source is Source.TRUSTED_FLAGGER
    return prepare(
        {
            "decision_visibility": [one for one in decisions if one in schema.VISIBILITY],
            "decision_provision": next((one for one in decisions if one in schema.PROVISION), None),
            "decision_account": next((one for one in decisions if one in schema.ACCOUNT), None),
            "decision_ground": schema.ILLEGAL if illegal else schema.INCOMPATIBLE,
            "illegal_content_legal_ground": illegal and illegal.provision,
            "illegal_content_explanation": illegal and illegal.explanation,
            "incompatible_content_ground": incompatible and incompatible.provision,
            "incompatible_content_explanation": incompatible and incompatible.explanation,
            "content_type": list(content_types),
            "category": schema.MINORS,
            "category_specification": list(keywords),
            "territorial_scope": list(statement.territorial_scope),
            "content_date": content_date.isoformat(),
            "application_date": statement.applied_at.date().isoformat(),
            "decision_facts": statement.facts,
            "source_type": str(statement.source),
            "source_identity": statement.notifier if flagger else None,
            "automated_detection": "Yes" if statement.automated_detection else "No",
            "automated_decision": str(statement.automated_decision),
            "puid": puid_of(statement.reference, number),
        }
    )
