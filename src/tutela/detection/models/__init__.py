"""Database tables of the provider desk, private to it."""

from tutela.detection.models.candidates import (
    Candidate,
    Match,
    Outcome,
    Review,
    ShadowSighting,
    UrgentMark,
    Withdrawal,
    WithdrawnMark,
)
from tutela.detection.models.cybertips import Tip, TipEndpoint, TipMode, TipState
from tutela.detection.models.filed_elsewhere import FiledElsewhere, WordElsewhere
from tutela.detection.models.local_stops import LocalStop, LocalStopEnd
from tutela.detection.models.reinstatements import Reinstatement, ReinstatementTold
from tutela.detection.models.reports import (
    Answer,
    Discard,
    Dispatch,
    Draft,
    HoldEnd,
    Receipt,
    ReceivedFeedback,
    Retraction,
    Revision,
    Sending,
)
from tutela.detection.models.settings import AuthorityAddress, Identity, MediaKey, Service, SourceList, Terms
from tutela.detection.models.user_notices import InformationDue, UserInformed

__all__ = [
    "Answer",
    "AuthorityAddress",
    "Candidate",
    "Discard",
    "Dispatch",
    "Draft",
    "FiledElsewhere",
    "HoldEnd",
    "Identity",
    "InformationDue",
    "LocalStop",
    "LocalStopEnd",
    "Match",
    "MediaKey",
    "Outcome",
    "Receipt",
    "ReceivedFeedback",
    "Reinstatement",
    "ReinstatementTold",
    "Retraction",
    "Review",
    "Revision",
    "Sending",
    "Service",
    "ShadowSighting",
    "SourceList",
    "Terms",
    "Tip",
    "TipEndpoint",
    "TipMode",
    "TipState",
    "UrgentMark",
    "UserInformed",
    "Withdrawal",
    "WithdrawnMark",
    "WordElsewhere",
]
