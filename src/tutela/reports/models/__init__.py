"""The tables of the Centre's desk, private to it."""

from tutela.reports.models.alarms import Alarm, AlarmTaken, Draw, Examination, Ring
from tutela.reports.models.bundles import BundleMove, Regrouping
from tutela.reports.models.children import SafeguardedChild
from tutela.reports.models.deconfliction import (
    BlindAlarm,
    BlindContact,
    BlindContactEnd,
    BlindQuestion,
    BlindRelay,
    BlindSet,
    BlindUse,
)
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
from tutela.reports.models.volumes import Dimension, Surge, SurgeEnd, Volume

__all__ = [
    "Acknowledgement",
    "Alarm",
    "AlarmTaken",
    "Assessment",
    "BlindAlarm",
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
    "Examination",
    "FeedbackHeld",
    "FeedbackSent",
    "Item",
    "Jurisdiction",
    "Outcome",
    "ProviderAnswer",
    "Referral",
    "Regrouping",
    "Report",
    "Ring",
    "SafeguardedChild",
    "Sighting",
    "State",
    "Surge",
    "SurgeEnd",
    "TipState",
    "Volume",
]
