"""Database tables of the Centre's desk, private to it."""

from tutela.reports.models.assessments import (
    Assessment,
    Decision,
    Jurisdiction,
    ProviderAnswer,
    Retraction,
    RetractionDeclined,
)
from tutela.reports.models.bundles import BundleMove, EarlierSeries, InSeries, Regrouping
from tutela.reports.models.children import SafeguardedChild
from tutela.reports.models.cybertips import CyberTip, CyberTipFile, TipState
from tutela.reports.models.deconfliction import (
    BlindAlert,
    BlindContact,
    BlindContactEnd,
    BlindQuestion,
    BlindRelay,
    BlindSet,
    BlindUse,
)
from tutela.reports.models.evidence import Evidence, EvidenceBasis, HandlingChoice, HandlingPolicy
from tutela.reports.models.items import Account, Bundle, Item
from tutela.reports.models.referrals import (
    Acknowledgement,
    FeedbackHeld,
    FeedbackSent,
    Outcome,
    Referral,
    ReferralReturn,
)
from tutela.reports.models.reports import CLOSED, ORDER, UNSHOWN, Report, Sighting, State, Undelivered
from tutela.reports.models.similarity import Look, Near
from tutela.reports.models.spot_checks import Draw, DrawnDay, Examination
from tutela.reports.models.volumes import Dimension, Span, Surge, SurgeEnd, Tally, Volume

__all__ = [
    "CLOSED",
    "ORDER",
    "UNSHOWN",
    "Account",
    "Acknowledgement",
    "Assessment",
    "BlindAlert",
    "BlindContact",
    "BlindContactEnd",
    "BlindQuestion",
    "BlindRelay",
    "BlindSet",
    "BlindUse",
    "Bundle",
    "BundleMove",
    "CyberTip",
    "CyberTipFile",
    "Decision",
    "Dimension",
    "Draw",
    "DrawnDay",
    "EarlierSeries",
    "Evidence",
    "EvidenceBasis",
    "Examination",
    "FeedbackHeld",
    "FeedbackSent",
    "HandlingChoice",
    "HandlingPolicy",
    "InSeries",
    "Item",
    "Jurisdiction",
    "Look",
    "Near",
    "Outcome",
    "ProviderAnswer",
    "Referral",
    "ReferralReturn",
    "Regrouping",
    "Report",
    "Retraction",
    "RetractionDeclined",
    "SafeguardedChild",
    "Sighting",
    "Span",
    "State",
    "Surge",
    "SurgeEnd",
    "Tally",
    "TipState",
    "Undelivered",
    "Volume",
]
