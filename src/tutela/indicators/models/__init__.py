"""Tables of the register, private to it."""

from tutela.indicators.models.audits import AuditAnswer, AuditClosing, AuditDraw, AuditItem, AuditSample, Finding
from tutela.indicators.models.current_state import IndicatorNow, StateTally
from tutela.indicators.models.drills import DrillMember, DrillMemberEnd
from tutela.indicators.models.edge_alerts import AlertAnswer, EdgeAlert
from tutela.indicators.models.feed import FeedEntry, FeedWaiting
from tutela.indicators.models.grants import Degree, Grant, MatchUse
from tutela.indicators.models.holds import OF_MATERIAL, OF_PROPOSERS, Hold, HoldDecision, HoldKind
from tutela.indicators.models.imports import ImportAllowance, ImportStep
from tutela.indicators.models.indicators import (
    HashValue,
    ImportBatch,
    Indicator,
    IndicatorHash,
    LegalityStated,
    MediaType,
    RegisterModel,
)
from tutela.indicators.models.lawful_reference import (
    Gate,
    ReferenceEnd,
    ReferenceHash,
    ReferenceLoad,
    ReferenceRefusals,
)
from tutela.indicators.models.lifecycle import (
    Activation,
    Cause,
    Certification,
    Clearing,
    Dispute,
    DisputeDecision,
    Feedback,
    FeedbackAgain,
    Ground,
    Revocation,
    Suspension,
    SuspensionEnd,
    Vote,
)
from tutela.indicators.models.partner_lists import (
    About,
    Format,
    PartnerCheckpoint,
    PartnerEntry,
    PartnerList,
    PartnerPull,
    PartnerUndo,
)
from tutela.indicators.models.policies import PolicyNotice, PolicyVersion
from tutela.indicators.models.private_lookup import LookupSet, LookupWaiting
from tutela.indicators.models.redistribution import PartnerGrant, PartnerHead, PartnerProposing, PartnerRelease
from tutela.indicators.models.releases import ActivationWaiting, Fetcher, Head, Polled, Release, ReleaseWaiting, Taken
from tutela.indicators.models.retention import Erasure, FactsToErase, LegalHold, LegalHoldEnd
from tutela.indicators.models.source_feedback import PartnerPrint, PartnerWord
from tutela.indicators.models.verified_certifications import CheckedCertification
from tutela.indicators.models.video_frames import Basis, FilmSketch, FilmValues, IndicatorFilm, VideoShown

__all__ = [
    "OF_MATERIAL",
    "OF_PROPOSERS",
    "About",
    "Activation",
    "ActivationWaiting",
    "AlertAnswer",
    "AuditAnswer",
    "AuditClosing",
    "AuditDraw",
    "AuditItem",
    "AuditSample",
    "Basis",
    "Cause",
    "Certification",
    "CheckedCertification",
    "Clearing",
    "Degree",
    "Dispute",
    "DisputeDecision",
    "DrillMember",
    "DrillMemberEnd",
    "EdgeAlert",
    "Erasure",
    "FactsToErase",
    "FeedEntry",
    "FeedWaiting",
    "Feedback",
    "FeedbackAgain",
    "Fetcher",
    "FilmSketch",
    "FilmValues",
    "Finding",
    "Format",
    "Gate",
    "Grant",
    "Ground",
    "HashValue",
    "Head",
    "Hold",
    "HoldDecision",
    "HoldKind",
    "ImportAllowance",
    "ImportBatch",
    "ImportStep",
    "Indicator",
    "IndicatorFilm",
    "IndicatorHash",
    "IndicatorNow",
    "LegalHold",
    "LegalHoldEnd",
    "LegalityStated",
    "LookupSet",
    "LookupWaiting",
    "MatchUse",
    "MediaType",
    "PartnerCheckpoint",
    "PartnerEntry",
    "PartnerGrant",
    "PartnerHead",
    "PartnerList",
    "PartnerPrint",
    "PartnerProposing",
    "PartnerPull",
    "PartnerRelease",
    "PartnerUndo",
    "PartnerWord",
    "PolicyNotice",
    "PolicyVersion",
    "Polled",
    "ReferenceEnd",
    "ReferenceHash",
    "ReferenceLoad",
    "ReferenceRefusals",
    "RegisterModel",
    "Release",
    "ReleaseWaiting",
    "Revocation",
    "StateTally",
    "Suspension",
    "SuspensionEnd",
    "Taken",
    "VideoShown",
    "Vote",
]
