"""Published JSON Schemas.

`python -m tutela.exchange.json_schemas.json_schemas docs/schemas/` writes them. A schema describes each field; the few
rules across fields ("an urgent report says why") are in the models.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tutela.exchange.figures.open_figures import FigureDefinitions, FigureReleases, WeeksOfFlows
from tutela.exchange.hand_overs.hand_over import HandOverMessage, HandOverReceipt, HandOverStatus
from tutela.exchange.message.base import Wire
from tutela.exchange.message.problem import Problem
from tutela.exchange.police.message import Manifest, PoliceMessage
from tutela.exchange.redress.reversal import Reversal, ReversalAnswer
from tutela.exchange.referral.deconfliction import (
    Answered,
    ContactReply,
    ContactRequest,
    Evaluation,
    HolderSet,
    Question,
)
from tutela.exchange.referral.offline_files import Answers
from tutela.exchange.referral.outcome import Acknowledgement, Outcome, Returned
from tutela.exchange.referral.referral import Referral
from tutela.exchange.referral.resealing import Resealing
from tutela.exchange.referral.withdrawal import Withdrawal, Withdrawals, WithdrawalsTaken
from tutela.exchange.register.certification import CertificationAct
from tutela.exchange.register.edge_alert import EdgeAlert
from tutela.exchange.register.policy import SignedPolicy
from tutela.exchange.register.release import ReleaseHead, ReleaseManifest
from tutela.exchange.removal.requested_hashes import HashMessage, RequestedHashes
from tutela.exchange.removal.scheme import RemovalAnswer, SchemeAcceptance
from tutela.exchange.report.batch import BatchAnswer
from tutela.exchange.report.candidate import Candidate
from tutela.exchange.report.feedback import Feedback
from tutela.exchange.report.precheck_answer import Checked
from tutela.exchange.report.receipt import Receipt
from tutela.exchange.report.report import Report
from tutela.exchange.report.retraction import Retraction
from tutela.exchange.takedown.csar_order import OrderExecuted, OrderImpossible, RemovalOrder
from tutela.exchange.takedown.examination.messages import ExaminationResult, ExaminationTask
from tutela.exchange.takedown.hotline_batch import HotlineBatchAnswer
from tutela.exchange.takedown.hotline_message import HotlineCase, HotlineReceipt, HotlineStatus
from tutela.exchange.takedown.notice import Notice, NoticeAnswer, NoticeDecided, NoticeReceived, NoticeReversed
from tutela.exchange.takedown.order import ContentOrder, EffectGiven, InformationOrder
from tutela.exchange.takedown.statement_of_reasons import StatementOfReasons
from tutela.exchange.takedown.taxonomy import Taxonomy
from tutela.exchange.takedown.vantage import VantageResults, VantageTasks
from tutela.exchange.takedown.victim_support import CaseWithdrawn, SearchAsked, SearchStatus

DIALECT = "https://json-schema.org/draft/2020-12/schema"

MESSAGES: dict[str, type[Wire]] = {
    "acknowledgement": Acknowledgement,
    "answers": Answers,
    "batch-answer": BatchAnswer,
    "candidate": Candidate,
    "certification": CertificationAct,
    "check-answer": Checked,
    "content-order": ContentOrder,
    "csar-order-executed": OrderExecuted,
    "csar-order-impossible": OrderImpossible,
    "csar-removal-order": RemovalOrder,
    "deconfliction-answer": Answered,
    "deconfliction-contact": ContactRequest,
    "deconfliction-evaluation": Evaluation,
    "deconfliction-question": Question,
    "deconfliction-reply": ContactReply,
    "deconfliction-set": HolderSet,
    "edge-alert": EdgeAlert,
    "examination-result": ExaminationResult,
    "examination-task": ExaminationTask,
    "feedback": Feedback,
    "hand-over": HandOverMessage,
    "hand-over-receipt": HandOverReceipt,
    "hand-over-status": HandOverStatus,
    "figure-definitions": FigureDefinitions,
    "figure-flows": WeeksOfFlows,
    "figure-releases": FigureReleases,
    "hotline-batch-answer": HotlineBatchAnswer,
    "hotline-case": HotlineCase,
    "hotline-case-withdrawn": CaseWithdrawn,
    "hotline-receipt": HotlineReceipt,
    "hotline-status": HotlineStatus,
    "information-order": InformationOrder,
    "order-effect": EffectGiven,
    "outcome": Outcome,
    "police-manifest": Manifest,
    "police-message": PoliceMessage,
    "problem": Problem,
    "receipt": Receipt,
    "referral": Referral,
    "referral-return": Returned,
    "register-policy": SignedPolicy,
    "release-head": ReleaseHead,
    "release-manifest": ReleaseManifest,
    "removal-answer": RemovalAnswer,
    "removal-hashes": HashMessage,
    "removal-hashes-sealed": RequestedHashes,
    "removal-scheme": SchemeAcceptance,
    "report": Report,
    "resealing": Resealing,
    "retraction": Retraction,
    "reversal": Reversal,
    "reversal-answer": ReversalAnswer,
    "search-asked": SearchAsked,
    "search-status": SearchStatus,
    "statement-of-reasons": StatementOfReasons,
    "takedown-notice": Notice,
    "takedown-notice-answer": NoticeAnswer,
    "takedown-notice-decided": NoticeDecided,
    "takedown-notice-received": NoticeReceived,
    "takedown-notice-reversed": NoticeReversed,
    "taxonomy": Taxonomy,
    "vantage-results": VantageResults,
    "vantage-tasks": VantageTasks,
    "withdrawal": Withdrawal,
    "withdrawals": Withdrawals,
    "withdrawals-taken": WithdrawalsTaken,
}


def schema_text(name: str) -> str:
    """The schema of one message, as it is published."""
    schema = MESSAGES[name].model_json_schema(mode="validation")
    return json.dumps({"$schema": DIALECT, **schema}, indent=2, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema, one file a message; answers the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in MESSAGES:
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(name), encoding="utf-8")
        written.append(path)
    return written


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schemas"))
