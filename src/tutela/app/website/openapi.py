"""The node's OpenAPI document, completed with message bodies, idempotency keys and problem details.

Most bodies are messages: canonical JSON that is signed, digested and kept as received. The domains read the bytes, and
the framework does not see the fields. This module describes the fields with the published schemas
(`exchange.json_schemas`).
"""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tutela.exchange.examples import EXAMPLES
from tutela.exchange.figures.open_figures import ReturnReceived
from tutela.exchange.hand_overs.hand_over import HandOverMessage, HandOverReceipt, HandOverStatus
from tutela.exchange.message.problem import Problem
from tutela.exchange.redress.reversal import Reversal, ReversalAnswer
from tutela.exchange.referral.deconfliction import Answered, ContactReply, ContactRequest, HolderSet, Question
from tutela.exchange.referral.outcome import Acknowledgement, Outcome, Returned
from tutela.exchange.referral.referral import Referral
from tutela.exchange.referral.withdrawal import Withdrawal, WithdrawalsTaken
from tutela.exchange.register.edge_alert import EdgeAlert
from tutela.exchange.removal.requested_hashes import HashMessage
from tutela.exchange.removal.scheme import RemovalAnswer, SchemeAcceptance
from tutela.exchange.report.batch import BatchAnswer, SignedReceipt
from tutela.exchange.report.candidate import Candidate
from tutela.exchange.report.feedback import Feedback
from tutela.exchange.report.precheck_answer import Checked
from tutela.exchange.report.report import Report
from tutela.exchange.report.retraction import Retraction
from tutela.exchange.takedown.hotline_batch import HotlineBatchAnswer
from tutela.exchange.takedown.hotline_message import HotlineCase, HotlineReceipt, HotlineStatus
from tutela.exchange.takedown.notice import Notice, NoticeAnswer
from tutela.exchange.takedown.victim_support import CaseWithdrawn, SearchAsked, SearchStatus
from tutela.organisations.vocabulary.roles_and_permissions import SCOPES

SUBMITTED = "SubmittedReport"
# By the path's end behind the version: a message, and whether it needs the header Idempotency-Key.
MESSAGES: dict[str, tuple[type[BaseModel], bool]] = {
    "acknowledgements": (Acknowledgement, True),
    "candidates": (Candidate, True),
    "deconfliction/contacts": (ContactRequest, True),
    "deconfliction/questions": (Question, True),
    "deconfliction/replies": (ContactReply, True),
    "deconfliction/sets": (HolderSet, True),
    "organisations/{organisation}/deconfliction-answers": (Answered, True),
    "organisations/{organisation}/deconfliction-contacts": (ContactRequest, True),
    "organisations/{organisation}/deconfliction-questions": (Question, True),
    "organisations/{organisation}/deconfliction-replies": (ContactReply, True),
    "organisations/{organisation}/feedback": (Feedback, True),
    "organisations/{organisation}/referral-withdrawals": (Withdrawal, True),
    "organisations/{organisation}/referrals": (Referral, True),
    "organisations/{organisation}/withdrawals": (Withdrawal, True),
    "organisations/{organisation}/redress/reversal-answers": (ReversalAnswer, True),
    "organisations/{organisation}/redress/reversals": (Reversal, True),
    "organisations/{organisation}/hand-overs": (HandOverMessage, True),
    "organisations/{organisation}/hand-overs/statuses": (HandOverStatus, True),
    "organisations/{organisation}/removal/answers": (RemovalAnswer, True),
    "organisations/{organisation}/removal/hashes": (HashMessage, True),
    "organisations/{organisation}/removal/scheme": (SchemeAcceptance, True),
    "organisations/{organisation}/removal/search-statuses": (SearchStatus, True),
    "organisations/{organisation}/removal/statuses": (HotlineStatus, True),
    "organisations/{organisation}/takedown/hotline-cases": (HotlineCase, True),
    "organisations/{organisation}/takedown/hotline-cases/withdrawals": (CaseWithdrawn, True),
    "organisations/{organisation}/takedown/searches": (SearchAsked, True),
    "organisations/{organisation}/takedown/hotline-statuses": (HotlineStatus, True),
    "organisations/{organisation}/takedown/notice-answers": (NoticeAnswer, True),
    "organisations/{organisation}/takedown/notices": (Notice, True),
    "outcomes": (Outcome, True),
    "referral-returns": (Returned, True),
    "referral-withdrawals/taken": (WithdrawalsTaken, True),
    "releases/{list_id}/alerts": (EdgeAlert, False),
    "reports": (Report, True),
    "reports/check": (Report, False),
    "retractions": (Retraction, True),
}
# Several messages at once.
ARRAYS: dict[str, type[BaseModel]] = {
    "organisations/{organisation}/takedown/hotline-cases/batch": HotlineCase,
    "reports/batch": Report,
}
# A file, of whatever kind.
FILES = frozenset(
    {
        "evidence/{evidence_id}/resealed",
        "figures/returns",
        "inbox/outcomes/table",
        "reports/file",
        "reports/{report_id}/evidence",
    }
)
# A model of the domain that is read from the bytes, because they are the message's key, or may be missing.
OWN: dict[str, tuple[str, bool]] = {
    "holds": ("", True),
    "hold-ends": ("", True),
    "matches/{list_id}/{indicator}": ("FeedbackIn", True),
}
# What a good message is answered with where it is not 200: the status, and the answer's model.
ANSWERS: dict[str, tuple[str, type[BaseModel] | None]] = {
    "acknowledgements": ("201", None),
    "candidates": ("202", None),
    "deconfliction/contacts": ("201", None),
    "deconfliction/questions": ("201", None),
    "deconfliction/replies": ("201", None),
    "deconfliction/sets": ("201", None),
    "evidence/{evidence_id}/resealed": ("201", None),
    "figures/returns": ("201", ReturnReceived),
    "hold-ends": ("201", None),
    "holds": ("201", None),
    "inbox/{referral_id}/acknowledgement": ("201", None),
    "inbox/{referral_id}/outcomes": ("201", None),
    "organisations/{organisation}/referral-withdrawals": ("201", None),
    "organisations/{organisation}/referrals": ("201", None),
    "organisations/{organisation}/redress/reversal-answers": ("201", None),
    "organisations/{organisation}/redress/reversals": ("201", None),
    "organisations/{organisation}/hand-overs": ("201", HandOverReceipt),
    "organisations/{organisation}/hand-overs/statuses": ("201", None),
    "organisations/{organisation}/removal/answers": ("201", None),
    "organisations/{organisation}/removal/hashes": ("201", None),
    "organisations/{organisation}/removal/scheme": ("201", None),
    "organisations/{organisation}/removal/search-statuses": ("201", None),
    "organisations/{organisation}/removal/statuses": ("201", None),
    "organisations/{organisation}/takedown/hotline-cases": ("201", HotlineReceipt),
    "organisations/{organisation}/takedown/hotline-cases/withdrawals": ("201", None),
    "organisations/{organisation}/takedown/searches": ("201", None),
    "organisations/{organisation}/takedown/hotline-cases/batch": ("200", HotlineBatchAnswer),
    "organisations/{organisation}/takedown/hotline-statuses": ("201", None),
    "organisations/{organisation}/takedown/notice-answers": ("201", None),
    "organisations/{organisation}/takedown/notices": ("201", None),
    "outcomes": ("201", None),
    "referral-returns": ("201", None),
    "referral-withdrawals/taken": ("201", None),
    "reports": ("201", SignedReceipt),
    "reports/batch": ("200", BatchAnswer),
    "reports/check": ("200", Checked),
    "reports/file": ("200", BatchAnswer),
    "retractions": ("201", None),
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "maxLength": 80},
    "description": "The same key gives the same answer, also after a crash.",
}
PROBLEM: dict[str, Any] = {
    "description": "What is wrong, with the name of each field (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class Api(NinjaAPI):
    """An API whose document describes everything that it reads and answers."""

    def get_openapi_schema(self, **chosen: Any) -> OpenAPISchema:
        """The document, completed."""
        document = super().get_openapi_schema(**chosen)
        models: set[type[BaseModel]] = {Problem, *ARRAYS.values(), *(model for model, _keyed in MESSAGES.values())}
        models |= {model for _status, model in ANSWERS.values() if model}
        _, made = models_json_schema(
            [(one, "validation") for one in sorted(models, key=lambda one: one.__name__)],
            ref_template="#/components/schemas/{model}",
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(made["$defs"])
        # A report may be filed without its id.
        schemas[SUBMITTED] = {**schemas["Report"], "title": SUBMITTED}
        schemas[SUBMITTED]["required"] = [name for name in schemas["Report"]["required"] if name != "report_id"]
        scopes = self._scopes()
        for path, operations in document["paths"].items():
            ending = path.partition("/v1/")[2]
            for method, operation in operations.items():
                _complete(operation, ending if method == "post" else "")
                if scope := scopes.get((method, ending)):
                    said = f"Needs a key with the scope `{scope}`."
                    operation["description"] = f"{operation.get('description', '')}\n\n{said}".strip()
        return document

    def _scopes(self) -> dict[tuple[str, str], str]:
        """The scope that each operation needs, by method and the end of its path."""
        found: dict[tuple[str, str], str] = {}
        for prefix, router in self._routers:  # the framework has no public way to its operations
            for relative, view in router.path_operations.items():
                path = "/".join(part for part in (prefix.strip("/"), relative.strip("/")) if part)
                for operation in view.operations:
                    for key in operation.auth_callbacks:
                        permission = getattr(key, "permission", "")
                        scope = next((name for name, carried in SCOPES.items() if permission in carried), "")
                        found |= {(method.lower(), _plain(path)): scope for method in operation.methods}
        return found


def _complete(operation: dict[str, Any], path: str) -> None:
    if path in ANSWERS:
        status, model = ANSWERS[path]
        schema = {"$ref": f"#/components/schemas/{model.__name__}"} if model else {"type": "object"}
        content = {"application/json": {"schema": schema}}
        taken = "Nothing is stored." if model is Checked else "Stored and committed."
        operation["responses"] = {status: {"description": taken, "content": content}}
        if model in (BatchAnswer, HotlineBatchAnswer):  # where none was taken, each still has its answer
            refused = {"description": "Nothing was stored.", "content": PROBLEM["content"] | content}
            operation["responses"]["422"] = refused
    operation["responses"].setdefault("4XX", PROBLEM)
    operation["responses"].setdefault(
        "503", PROBLEM | {"description": "Temporarily unavailable: try again (Retry-After)."}
    )
    keyed = False
    if path in MESSAGES:
        model, keyed = MESSAGES[path]
        name = SUBMITTED if model is Report else model.__name__
        operation["requestBody"] = _json({"$ref": f"#/components/schemas/{name}"})
    elif path in ARRAYS:
        name = SUBMITTED if ARRAYS[path] is Report else ARRAYS[path].__name__
        one = {"$ref": f"#/components/schemas/{name}"}
        operation["requestBody"] = _json({"type": "array", "items": one, "minItems": 1, "maxItems": 100})
    elif path in FILES:
        anything = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        operation["requestBody"] = {"required": True, "content": anything}
    elif path in OWN:
        name, keyed = OWN[path]
        if name:
            operation["requestBody"] = _json({"$ref": f"#/components/schemas/{name}"})
    if keyed:
        operation.setdefault("parameters", []).append(KEY)
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None and path in EXAMPLES:
        content["example"] = EXAMPLES[path]


def _plain(path: str) -> str:
    """A path without the types of its parts."""
    return "/".join("{" + part.strip("{}").partition(":")[2] + "}" if ":" in part else part for part in path.split("/"))


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}
