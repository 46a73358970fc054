"""Tables that desks share, private to casework. A row names its subject by kind and ID, never by a foreign key."""

from tutela.casework.models.alerts import Alert, AlertAnswer, AlertDelivery, AlertReason, Channel
from tutela.casework.models.anonymous import Conversation, ConversationEntry, Direction, SpentTicket, this_hour
from tutela.casework.models.exposure import Beyond, ExposureTerms, KeptOpening, Opening
from tutela.casework.models.mandates import (
    MandateOrigin,
    MandatePart,
    MandateRecord,
    MandateStep,
    MandateStepKind,
)
from tutela.casework.models.search import DrawnSearch, SearchCheck, SearchFinding, SearchReason

__all__ = [
    "Alert",
    "AlertAnswer",
    "AlertDelivery",
    "AlertReason",
    "Beyond",
    "Channel",
    "Conversation",
    "ConversationEntry",
    "Direction",
    "DrawnSearch",
    "ExposureTerms",
    "KeptOpening",
    "MandateOrigin",
    "MandatePart",
    "MandateRecord",
    "MandateStep",
    "MandateStepKind",
    "Opening",
    "SearchCheck",
    "SearchFinding",
    "SearchReason",
    "SpentTicket",
    "this_hour",
]
