"""Tables that desks share, private to casework. A row names its subject by kind and ID, never by a foreign key."""

from tutela.casework.models.alerts import Alert, AlertAnswer, AlertDelivery, AlertReason, Channel
from tutela.casework.models.anonymous import (
    Conversation,
    ConversationEntry,
    Direction,
    OncePage,
    SpentTicket,
    this_hour,
)
from tutela.casework.models.exposure import Beyond, ExposureTerms, KeptOpening, Opening
from tutela.casework.models.hand_overs import (
    ActionKind,
    AgencyHandOver,
    AgencyHandOverStep,
    AgencyKind,
    HandOverGround,
    HandOverNeed,
    HandOverState,
    RefusedBecause,
    Way,
)
from tutela.casework.models.mandates import (
    MandateOrigin,
    MandatePart,
    MandateRecord,
    MandateStep,
    MandateStepKind,
)
from tutela.casework.models.notifications import Cause, MailChoice, MailTime, Notification
from tutela.casework.models.on_call import Shift
from tutela.casework.models.search import DrawnSearch, SearchCheck, SearchFinding, SearchReason
from tutela.casework.models.work import (
    Claim,
    Follow,
    Label,
    Note,
    NoteKind,
    PassedCase,
    PendingAction,
    Viewer,
)

__all__ = [
    "ActionKind",
    "AgencyHandOver",
    "AgencyHandOverStep",
    "AgencyKind",
    "Alert",
    "AlertAnswer",
    "AlertDelivery",
    "AlertReason",
    "Beyond",
    "Cause",
    "Channel",
    "Claim",
    "Conversation",
    "ConversationEntry",
    "Direction",
    "DrawnSearch",
    "ExposureTerms",
    "Follow",
    "HandOverGround",
    "HandOverNeed",
    "HandOverState",
    "KeptOpening",
    "Label",
    "MailChoice",
    "MailTime",
    "MandateOrigin",
    "MandatePart",
    "MandateRecord",
    "MandateStep",
    "MandateStepKind",
    "Note",
    "NoteKind",
    "Notification",
    "OncePage",
    "Opening",
    "PassedCase",
    "PendingAction",
    "RefusedBecause",
    "SearchCheck",
    "SearchFinding",
    "SearchReason",
    "Shift",
    "SpentTicket",
    "Viewer",
    "Way",
    "this_hour",
]
