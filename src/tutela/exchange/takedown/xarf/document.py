"""XARF 4.2 notices of child sexual abuse material (`csam`) and exploitation (`csem`): generate, validate, parse.

Generate:

1. Only hash values and references leave. Media as evidence and `screenshot_url` are refused by name.
2. `_internal` is stripped, version and report id are added, and evidence gets its digest and size.
3. The document is validated by the rules below; a deviation raises `XarfInvalidError` with all findings.

Parse:

1. The body is JSON of at most 24 MiB, without duplicate names. Version 3 has no type for this subject and is refused.
2. `_internal` is stripped, and media in evidence is removed and counted before anything is kept.
3. Every deviation is found, not only the first. Standard mode: required fields. Strict mode: recommended ones too.

Use the standard mode for receipt: the strict one wants `target_brand` and `ncmec_report_id`, which no hotline has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tutela.exchange.errors import ExchangeError
from tutela.exchange.takedown.json_checks import Fields, Finding, Level, fields
from tutela.exchange.takedown.xarf import schema
from tutela.exchange.takedown.xarf.evidence import check_evidence, decoded, is_media, piece_of

MOST_BYTES = 24 * 1024 * 1024
INTERNAL = "_internal"
_SCHEMAS: Mapping[object, Fields] = {"csam": schema.CSAM, "csem": schema.CSEM}


class XarfUnreadableError(ExchangeError):
    """The XARF document cannot be read."""


class XarfInvalidError(ExchangeError):
    """The XARF document breaks the rules of its format."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(" ".join(f"{one.path}: {one.reason}." for one in self.findings[:20]))


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence without media: a log or a record in text, CSV or JSON."""

    content: bytes
    description: str
    content_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class ParsedXarf:
    """A document that was read. `findings` of level error mean that it must be answered with them.

    `media_removed` counts pieces of evidence that were, or might be, media.
    """

    document: dict[str, Any]
    findings: tuple[Finding, ...]
    media_removed: int

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that refuse the document."""
        return tuple(one for one in self.findings if one.level is Level.ERROR)


def generate(
    values: Mapping[str, Any], evidence: Iterable[Evidence] = (), *, report_id: UUID | None = None, strict: bool = False
) -> bytes:
    """A document from values in XARF's names. Raises `XarfInvalidError` with every finding."""
    document = {name: value for name, value in values.items() if name != INTERNAL}
    document = {"xarf_version": schema.VERSION, "report_id": str(report_id or uuid4()), **document}
    pieces = list(evidence)
    findings = [
        Finding(f"evidence[{place}]", "must not be media: send hash values and references only")
        for place, one in enumerate(pieces)
        if is_media(one.content_type, one.content)
    ]
    if "evidence" in document:
        findings.append(Finding("evidence", "must be given as content, so that media can be refused"))
    if "screenshot_url" in document:
        findings.append(Finding("screenshot_url", "must not be sent for this subject"))
    if findings:
        raise XarfInvalidError(findings)
    if pieces:
        document["evidence"] = [piece_of(one.content, one.content_type, one.description) for one in pieces]
    findings = validate(document, strict=strict)
    if any(one.level is Level.ERROR for one in findings):
        raise XarfInvalidError(findings)
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def validate(document: Mapping[str, Any], *, strict: bool = False) -> list[Finding]:
    """Every deviation from core, pair of category and type, and the type's own fields."""
    known = _SCHEMAS.get(document.get("type")) if isinstance(document.get("type"), str) else None
    findings = list(fields(known or schema.CORE, closed=False)("", dict(document), strict))
    category, kind = document.get("category"), document.get("type")
    if isinstance(category, str) and isinstance(kind, str):
        if kind not in schema.TYPES.get(category, ()):
            findings.append(Finding("type", "is not a type of this category"))
        elif known is None:
            findings.append(Finding("type", "must be csam or csem: other subjects are not accepted here"))
    return findings + list(check_evidence(document.get("evidence")))


def parse(data: bytes, *, strict: bool = False) -> ParsedXarf:
    """Read a document. Raises `XarfUnreadableError`; every other deviation is a finding."""
    document = _object(data)
    if "xarf_version" not in document:
        if "Version" in document:
            raise XarfUnreadableError("Version: version 3 has no type for this subject; send version 4.")
        raise XarfUnreadableError("xarf_version: is required.")
    document.pop(INTERNAL, None)
    findings = validate(document, strict=strict)
    kept, removed = _without_media(document.get("evidence"))
    if removed:
        document["evidence"] = kept
        findings.append(Finding("evidence", f"{removed} pieces of media were removed unseen", Level.WARNING))
    return ParsedXarf(document, tuple(findings), removed)


def domain_of(host: str) -> str | None:
    """The host for the field `domain`; None where the format has no form for it (`xn--` at the end, IP addresses)."""
    return host if re.fullmatch(schema.DOMAIN, host) else None


def _without_media(pieces: Any) -> tuple[list[Any], int]:
    """The pieces that are certainly no media. What cannot be decoded is removed too."""
    if not isinstance(pieces, list):
        return [], int(pieces is not None)
    kept = [one for one in pieces if isinstance(one, dict) and _is_plain(one)]
    return kept, len(pieces) - len(kept)


def _is_plain(piece: Mapping[str, Any]) -> bool:
    kind, payload = piece.get("content_type"), piece.get("payload")
    content = decoded(payload) if isinstance(payload, str) else None
    return isinstance(kind, str) and content is not None and not is_media(kind, content)


def _object(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise XarfUnreadableError(f"The document has more than {MOST_BYTES} bytes.")
    try:
        found = json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_refuse)
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise XarfUnreadableError("The document must be JSON in UTF-8, without duplicate names.") from None
    if not isinstance(found, dict):
        raise XarfUnreadableError("The document must be a JSON object.")
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    named = dict(pairs)
    if len(named) != len(pairs):
        raise ValueError("a name occurs twice")
    return named


def _refuse(_: str) -> None:
    raise ValueError("not a number of JSON")
