"""The tables of the authority's desk, private to it."""

from tutela.investigations.models.deconfliction import (
    AskedQuestion,
    ContactAnswer,
    ContactAsked,
    ContactDecision,
    ContactWanted,
    EvaluatedDay,
    HeldIdentifier,
    Hit,
    IdentifierKind,
    TakingPart,
)
from tutela.investigations.models.inbox import (
    Acknowledgement,
    Assignment,
    EarlyWithdrawal,
    HoldRequest,
    Level,
    Outcome,
    Referral,
    ReportIndex,
    Returned,
    Team,
    Withdrawn,
)

__all__ = [
    "Acknowledgement", "AskedQuestion", "Assignment", "ContactAnswer", "ContactAsked", "ContactDecision",
    "ContactWanted", "EarlyWithdrawal", "EvaluatedDay", "HeldIdentifier", "Hit", "HoldRequest", "IdentifierKind",
    "Level", "Outcome", "Referral", "ReportIndex", "Returned", "TakingPart", "Team", "Withdrawn",
]  # fmt: skip
