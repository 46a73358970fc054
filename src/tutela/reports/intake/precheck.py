"""Pre-check of a report before it is filed: missing fields, ineffective fields, expected ranking.

Nothing is stored. A provider learns about its own report alone: the answer says that an item circulates widely, and not
where.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.translatable_text import filled
from tutela.exchange.report.completeness import missing_fields
from tutela.exchange.report.hints import Hint, HintCode, hints
from tutela.exchange.report.report import Report as Wire
from tutela.organisations.people import directory
from tutela.reports.bundles import join
from tutela.reports.duplicates import detection
from tutela.reports.errors import NotTheProvider
from tutela.reports.jurisdiction import rule
from tutela.reports.models import Report
from tutela.reports.scoring import history, register_claims
from tutela.reports.scoring import scores as scoring_scores
from tutela.reports.scoring.scores import History


def check(sender: Actor, centre: directory.DirectoryEntry, body: bytes) -> dict[str, Any]:
    """The answer of `POST /reports/check`. Raises `NotTheProvider`, or ValidationError naming every bad field."""
    sender.require("reports.submit")
    if not sender.verified or sender.organisation_kind != "provider":
        raise NotTheProvider
    report = Wire.received(body, sender.organisation_id)
    actor = directory.acting_for(centre, sender.reference, sender.name)
    with acting(actor):
        rests = register_claims.claims_of(report)
        found = [*hints(report, clock.now()), *_known(sender, report)]
        record(actor, "report.checked", "report", report.report_id, provider=sender.organisation_id)
    scores = scoring_scores.score(report, History(), clock.now(), rests.active)
    place = rule.resolve(report)
    costs = {reason.values.get("field"): -reason.points for reason in scores.completeness.reasons}
    return {
        "report_id": str(report.report_id),
        "completeness": scores.completeness.value,
        "missing": [
            {"field": one.path, **_reason(one.code, one.code.text, {}), "points": costs.get(one.path, 0)}
            for one in missing_fields(report)
        ],
        "hints": [{"field": hint.field, **_reason(hint.code, hint.code.text, hint.values)} for hint in found],
        "urgent": scores.urgent,
        "urgency": [_reason(one.code, one.text, one.values) for one in scores.urgency.reasons],
        "jurisdiction": {
            "country": place.country or None,
            "countries": [one for one in place.countries if one],
            **_reason(place.rule, place.rule.text, place.values),
        },
    }


def _reason(code: str, text: str, values: Mapping[str, object]) -> dict[str, Any]:
    return {"code": str(code), "values": dict(values), "why": filled(text, values)}


def _known(sender: Actor, report: Wire) -> list[Hint]:
    out = []
    identity = detection.identity_of(sender.organisation_id, report)
    if (
        Report.objects.filter(identity=identity, provider_id=sender.organisation_id)
        .exclude(report_id=report.report_id)
        .exists()
    ):
        out.append(Hint("", HintCode.REPEATS))
    widely = history.circulating(sender.organisation_id, join.keys_of(report))
    for index, item in enumerate(report.items):
        if join.key_of(report, item) in widely:
            out.append(Hint(f"items.{index}", HintCode.WIDELY_CIRCULATED))
    return out
