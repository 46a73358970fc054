"""Evidence of a jurisdiction: people's addresses, a lead's own text. Erased with its report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tutela.events.actor import Actor
from tutela.organisations.keys import subject_keys
from tutela.reports.models import Jurisdiction, Report
from tutela.reports.report_encryption import SUBJECT


def text(values: Mapping[str, str], evidence: Sequence[Sequence[Any]] = ()) -> str:
    """The values of a rule's text and the evidence, as a row has them before it is sealed."""
    return json.dumps({"values": dict(values), "evidence": list(evidence)}, ensure_ascii=False)


def keep(actor: Actor, report: Report, row: Jurisdiction) -> None:
    """Save a new row, its basis sealed. Call inside `acting(actor)`."""
    row.organisation_id, row.report = actor.organisation_id, report
    subject_keys.seal_words(actor, SUBJECT, report.report_id, row, "basis")
    row.save()


def opened(report: Report, rows: Iterable[Jurisdiction]) -> list[Jurisdiction]:
    """Rows of a report with their basis opened; empty if it was erased. Call inside `acting(actor)`."""
    found = list(rows)
    subject_keys.open_words(SUBJECT, report.report_id, found, "basis")
    return found
