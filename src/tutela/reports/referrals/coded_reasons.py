"""Reasons in a referral: a code with values, and English text for machines and printed packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tutela.exchange.message.coded_text import CodedText, coded
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.message.translatable_text import filled
from tutela.exchange.referral.reason_codes import EvidenceCode, RelevanceCode, RuleCode
from tutela.exchange.referral.referral import Evidence, JurisdictionGround
from tutela.exchange.report.report import Report as Body
from tutela.exchange.report.score_reasons import ScoreCode, english
from tutela.reports.models import Assessment, Report

# Characters of a reason in a package.
MOST_CHARACTERS = 10_000


def urgency(row: Report, duplicates: Iterable[tuple[Report, Body]], words: str = "") -> dict[str, Any]:
    """Fields of the assessment: a person's `words`, the score's reasons, and each duplicate's in its own words."""
    said: list[tuple[str, dict[str, Any]]] = [(ScoreCode.WORDS, {"reason": words})] if words else []
    said += [(code, values) for _points, code, values in row.reasons["urgency"]]
    for one, body in duplicates:
        if body.urgency.reason:
            said.append((ScoreCode.STATED, {"number": one.number, "reason": body.urgency.reason}))
    text = "; ".join(english(code, values) for code, values in said)
    return {"urgency_reason": typed(text)[:MOST_CHARACTERS] or None, "urgency_codes": coded(said)}


def missing(rows: Sequence[Report]) -> dict[str, Any]:
    """Fields of the assessment: what is missing in a report and in every duplicate."""
    first, *others = [[(code, values) for _points, code, values in row.reasons["completeness"]] for row in rows]
    everywhere = [one for one in first if all(one in other for other in others)][:50]
    texts = (f"{values['field']}: {english(code, values)}"[:300] for code, values in everywhere)
    return {"missing": tuple(texts), "missing_codes": coded(everywhere)}


def relevance(newest: Assessment) -> dict[str, Any]:
    """Fields of the assessment: the author's text, or why no text was needed."""
    if words := typed(newest.reason):
        return _relevance([CodedText(code=RelevanceCode.OWN_WORDS.value, values={"reason": words})])
    return _relevance([CodedText(code=newest.reason_code or RelevanceCode.ASSESSED.value)])


def supplement(code: RelevanceCode, values: Mapping[str, Any], before: Sequence[CodedText]) -> dict[str, Any]:
    """Fields of a supplement's assessment: why it was made, and the text of its referral."""
    return _relevance([CodedText(code=code.value, values=dict(values)), *before])


def _relevance(said: Sequence[CodedText]) -> dict[str, Any]:
    text = " ".join(filled(RelevanceCode.text_of(one.code), one.values) for one in said)
    return {"relevance_reason": text[:MOST_CHARACTERS], "relevance_codes": tuple(said)}


def jurisdiction(rule: str, values: Mapping[str, str], evidence: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Fields of the jurisdiction: the rule with its values, and the stored pieces of evidence."""
    pieces = [
        Evidence(
            code=source,
            values=found,
            ground=JurisdictionGround(ground),
            country=country or None,
            at=date.fromisoformat(at[:10]) if at else None,
        )
        for ground, country, source, at, found, *_weight in evidence
    ][:50]
    facts = [_fact(one) for one in pieces] or [filled(RuleCode.text_of(rule), values)]
    return {
        "facts": tuple(one[:300] for one in facts),
        "evidence": tuple(pieces),
        "rule": CodedText(code=rule, values=dict(values)),
    }


def _fact(piece: Evidence) -> str:
    said, day = filled(EvidenceCode.text_of(piece.code), piece.values), f", {piece.at}" if piece.at else ""
    return f"{piece.ground.replace('_', ' ')}: {piece.country or 'nowhere'} ({said}{day})"
