"""The tables of the register, private to it."""

from tutela.indicators.models.audits import AuditAnswer, AuditClosing, AuditDraw, AuditItem, AuditSample, Finding
from tutela.indicators.models.feed import FeedEntry, FeedWaiting
from tutela.indicators.models.films import Basis, FilmSketch, FilmValues, IndicatorFilm, VideoShown
from tutela.indicators.models.foreign import (
    About,
    ForeignCheckpoint,
    ForeignEntry,
    ForeignList,
    ForeignPull,
    Format,
)
from tutela.indicators.models.imports import ImportAllowance, ImportStep
from tutela.indicators.models.items import (
    HashValue,
    ImportBatch,
    Indicator,
    IndicatorHash,
    MediaType,
    RegisterModel,
)
from tutela.indicators.models.life import (
    Activation,
    Cause,
    Certification,
    Dispute,
    DisputeDecision,
    Feedback,
    Ground,
    Revocation,
    Suspension,
    SuspensionEnd,
    Vote,
)
from tutela.indicators.models.lists import (
    AlarmAnswer,
    Degree,
    EdgeAlarm,
    Fetcher,
    FloodHold,
    FloodRelease,
    Grant,
    Head,
    PolicyVersion,
    Release,
    ReleaseWaiting,
)
from tutela.indicators.models.lookups import LookupSet, LookupWaiting
from tutela.indicators.models.matching import MatchUse
from tutela.indicators.models.now import IndicatorNow, StateTally
from tutela.indicators.models.passing import ForeignGrant, ForeignHead, ForeignProposing, ForeignRelease
from tutela.indicators.models.quarantines import Quarantine, QuarantineDecision
from tutela.indicators.models.upstream import ForeignPrint, ForeignWord

__all__ = [
    "About",
    "Activation",
    "AlarmAnswer",
    "AuditAnswer",
    "AuditClosing",
    "AuditDraw",
    "AuditItem",
    "AuditSample",
    "Basis",
    "Cause",
    "Certification",
    "Degree",
    "Dispute",
    "DisputeDecision",
    "EdgeAlarm",
    "FeedEntry",
    "FeedWaiting",
    "Feedback",
    "Fetcher",
    "FilmSketch",
    "FilmValues",
    "Finding",
    "FloodHold",
    "FloodRelease",
    "ForeignCheckpoint",
    "ForeignEntry",
    "ForeignGrant",
    "ForeignHead",
    "ForeignList",
    "ForeignPrint",
    "ForeignProposing",
    "ForeignPull",
    "ForeignRelease",
    "ForeignWord",
    "Format",
    "Grant",
    "Ground",
    "HashValue",
    "Head",
    "ImportAllowance",
    "ImportBatch",
    "ImportStep",
    "Indicator",
    "IndicatorFilm",
    "IndicatorHash",
    "IndicatorNow",
    "LookupSet",
    "LookupWaiting",
    "MatchUse",
    "MediaType",
    "PolicyVersion",
    "Quarantine",
    "QuarantineDecision",
    "RegisterModel",
    "Release",
    "ReleaseWaiting",
    "Revocation",
    "StateTally",
    "Suspension",
    "SuspensionEnd",
    "VideoShown",
    "Vote",
]
