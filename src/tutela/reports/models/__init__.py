"""The tables of the Centre's desk, private to it."""

from tutela.reports.models.desk import (
    Acknowledgement,
    Assessment,
    Bundle,
    Decision,
    FeedbackHeld,
    FeedbackSent,
    Item,
    Jurisdiction,
    Outcome,
    ProviderAnswer,
    Referral,
    Report,
    Sighting,
    State,
)
from tutela.reports.models.tips import CyberTip, CyberTipFile, TipState

__all__ = [
    "Acknowledgement",
    "Assessment",
    "Bundle",
    "CyberTip",
    "CyberTipFile",
    "Decision",
    "FeedbackHeld",
    "FeedbackSent",
    "Item",
    "Jurisdiction",
    "Outcome",
    "ProviderAnswer",
    "Referral",
    "Report",
    "Sighting",
    "State",
    "TipState",
]
