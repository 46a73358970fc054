"""Statements for the DSA Transparency Database (Art. 24(5)): build, validate, send in batches, read the answers.

1. `prepare` drops fields that the database would drop, sorts lists and validates; all errors are found at once.
2. `batches` groups at most 100 statements. The database stores all of a batch or none of it.
3. `answer` reads what came back: anything but 201 is not stored. A 422 with `existing` means that it was stored before.
4. `known_puid` reads the answer about a puid: 302 is found, 404 is not found. Switch automatic redirects off.

Statements contain no personal data: texts with contact details are refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import batched
from typing import Any

from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown import transparency_schema as schema
from tutela.exchange.takedown.fields import without_contacts
from tutela.exchange.takedown.json_checks import Finding, fields

MOST_IN_A_BATCH = 100
LONGEST_ADDRESS = 500
# An answer repeats its statements: 100 of them with the longest texts.
MOST_ANSWER_BYTES = 4 * 1024 * 1024
_TEXTS = ("decision_facts", "illegal_content_explanation", "incompatible_content_explanation", "source_identity")
_DECISIONS = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")


class StatementInvalidError(ExchangeError):
    """The statement breaks the rules of the transparency database."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(f"{one.path}: {one.reason}." for one in self.findings[:20]))


class AnswerUnreadableError(ExchangeError):
    """The answer of the transparency database cannot be read."""


class Result(StrEnum):
    """What became of a request. Only `stored` and `existing` are final successes; `failed` may be tried again."""

    STORED = "stored"
    EXISTING = "existing"
    REFUSED = "refused"
    TOKEN = "token"  # noqa: S105 - the name of a result
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a statement or a batch: identifiers by puid if stored, findings if refused."""

    result: Result
    uuids: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def prepare(values: Mapping[str, Any]) -> dict[str, Any]:
    """The payload, with dropped fields left out and lists sorted. Raises `StatementInvalidError` with all findings."""
    payload = {name: value for name, value in values.items() if value not in (None, "", [], ())}
    for name in _dropped(payload):
        payload.pop(name, None)
    payload = {name: _sorted(value) for name, value in payload.items()}
    if findings := validate(payload):
        raise StatementInvalidError(findings)
    return payload


def validate(payload: Mapping[str, Any]) -> list[Finding]:
    """Every deviation of a payload."""
    findings = list(fields(schema.FIELDS, closed=True)("", dict(payload), False))
    findings += [Finding(name, reason) for name, reason in _across(payload)]
    for name in _TEXTS:
        try:
            without_contacts(str(payload.get(name, "")))
        except ValueError as error:
            findings.append(Finding(name, str(error)))
    return findings


def batches(payloads: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Bodies of at most 100 statements. Raises `StatementInvalidError` if one is invalid or a puid occurs twice."""
    seen = set[str]()
    for group in batched(payloads, MOST_IN_A_BATCH):
        findings = []
        for place, payload in enumerate(group):
            findings += [Finding(f"statement_{place}.{one.path}", one.reason) for one in validate(payload)]
            if payload.get("puid") in seen:
                findings.append(Finding(f"statement_{place}.puid", "must be unique"))
            seen.add(str(payload.get("puid")))
        if findings:
            raise StatementInvalidError(findings)
        yield json.dumps({"statements": [dict(one) for one in group]}, ensure_ascii=False).encode()


def puid_of(reference: str, number: int) -> str:
    """The identifier of the statement about one location of a notice; the same for the same reference and number."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,400}", reference):
        return f"{reference}-{number}"
    safe = re.sub(r"[^A-Za-z0-9_-]", "-", reference)[:400]
    return f"{safe}-{hashlib.sha256(reference.encode()).hexdigest()[:16]}-{number}"


def answer(status: int, body: bytes) -> Answer:
    """Read the answer to a statement or a batch. Raises `AnswerUnreadableError` if a final answer is no JSON."""
    if status == 401:
        return Answer(Result.TOKEN, {})
    if status not in (201, 422):
        return Answer(Result.FAILED, {})
    found = _object(body)
    if status == 201:
        return Answer(Result.STORED, _uuids(found.get("statements", [found])))
    if isinstance(found.get("existing"), dict):
        return Answer(Result.EXISTING, _uuids([found["existing"]]))
    return Answer(Result.REFUSED, {}, tuple(_refusals("", found.get("errors"))))


def known_puid(status: int) -> bool:
    """Whether the database has a statement of this puid. Raises `AnswerUnreadableError` for other answers."""
    if status not in (302, 404):
        raise AnswerUnreadableError("The status must be 302 or 404.")
    return status == 302


def _dropped(payload: Mapping[str, Any]) -> Iterator[str]:
    """Names of fields that the database drops for the values of other fields."""
    if "DECISION_VISIBILITY_OTHER" not in _list(payload.get("decision_visibility")):
        yield "decision_visibility_other"
    if payload.get("decision_monetary") != "DECISION_MONETARY_OTHER":
        yield "decision_monetary_other"
    if "CONTENT_TYPE_OTHER" not in _list(payload.get("content_type")):
        yield "content_type_other"
    if payload.get("decision_ground") != schema.ILLEGAL:
        yield from ("illegal_content_legal_ground", "illegal_content_explanation")
    if payload.get("decision_ground") != schema.INCOMPATIBLE:
        yield from ("incompatible_content_ground", "incompatible_content_explanation", "incompatible_content_illegal")
    if payload.get("source_type") == schema.VOLUNTARY:
        yield "source_identity"


def _across(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Rules over several fields: (field, reason)."""
    if not any(payload.get(name) for name in _DECISIONS):
        yield "decision_visibility", "or another decision (monetary, provision, account) is required"
    needed = {
        "decision_visibility_other": "DECISION_VISIBILITY_OTHER" in _list(payload.get("decision_visibility")),
        "decision_monetary_other": payload.get("decision_monetary") == "DECISION_MONETARY_OTHER",
        "content_type_other": "CONTENT_TYPE_OTHER" in _list(payload.get("content_type")),
    }
    ground = payload.get("decision_ground")
    for name in ("illegal_content_legal_ground", "illegal_content_explanation"):
        needed[name] = ground == schema.ILLEGAL
    for name in ("incompatible_content_ground", "incompatible_content_explanation"):
        needed[name] = ground == schema.INCOMPATIBLE
    for name, is_needed in needed.items():
        if is_needed and not payload.get(name):
            yield name, "is required with the value of another field"
    for name in ("content_type", "territorial_scope"):
        if payload.get(name) == []:
            yield name, "must not be empty"
    if len(str(payload.get("decision_ground_reference_url", ""))) > LONGEST_ADDRESS:
        yield "decision_ground_reference_url", f"must have at most {LONGEST_ADDRESS} characters"
    begin = payload.get("application_date")
    for name in schema.END_DATES:
        # The text of the rules wants it; the database does not check it.
        if isinstance(begin, str) and isinstance(payload.get(name), str) and payload[name] < begin:
            yield name, "must not be before application_date"


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _sorted(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return value
    return sorted(set(value)) if all(isinstance(one, str) for one in value) else list(value)


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > MOST_ANSWER_BYTES:
        raise AnswerUnreadableError(f"The answer has more than {MOST_ANSWER_BYTES} bytes.")
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise AnswerUnreadableError("The answer must be JSON.") from None
    if not isinstance(found, dict):
        raise AnswerUnreadableError("The answer must be a JSON object.")
    return found


def _uuids(stored: Any) -> dict[str, str]:
    if not isinstance(stored, list):
        raise AnswerUnreadableError("statements: must be a list.")
    found = {}
    for one in stored:
        if not isinstance(one, dict) or not all(isinstance(one.get(name), str) for name in ("puid", "uuid")):
            raise AnswerUnreadableError("statements: each must have puid and uuid.")
        found[one["puid"]] = one["uuid"]
    return found


def _refusals(path: str, errors: Any) -> Iterator[Finding]:
    """Findings of `{field: [text]}`, also keyed by `statement_N`. Texts of the database are cut, never trusted."""
    if isinstance(errors, dict):
        for name, below in list(errors.items())[:200]:
            yield from _refusals(f"{path}.{name[:80]}" if path else name[:80], below)
    elif isinstance(errors, list):
        for one in errors[:20]:
            yield Finding(path, str(one)[:300])
    elif errors is not None:
        yield Finding(path, str(errors)[:300])
