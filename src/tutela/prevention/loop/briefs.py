"""Policy briefs: a text with grades and citations as they were on its day. A brief is never changed."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.prevention.errors import UnknownBrief
from tutela.prevention.knowledge import grades, programmes
from tutela.prevention.knowledge.permissions import BRIEF, CURATE, READ
from tutela.prevention.models import GradeEntry, GradeName, PolicyBrief, StudyResult

_ORDER = tuple(GradeName.values)


def issue(actor: Actor, title: str, text: str, chosen: Sequence[UUID]) -> UUID:
    """Issue a brief about programmes, with all of their grades: none is left out. Raises `Invalid`."""
    actor.require(CURATE)
    if not title.strip():
        raise Invalid("Enter the title.", field="title")
    if not text.strip():
        raise Invalid("Enter the text.", field="text")
    with acting(actor):
        claims = [claim for one in dict.fromkeys(chosen) for claim in _claims(one)]
        if not claims:
            raise Invalid("Choose at least one programme with a grade.", field="programmes")
        claims.sort(key=lambda one: (_ORDER.index(str(one["grade"])), str(one["name"])))
        row = PolicyBrief(
            organisation_id=actor.organisation_id,
            title=title.strip(),
            text=text.strip(),
            claims=claims,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        row.save(force_insert=True)
        record(actor, "brief.issued", BRIEF, row.pk, title=row.title, claims=len(claims))
        return UUID(str(row.pk))


def list_briefs(actor: Actor) -> list[PolicyBrief]:
    """All briefs, the newest first."""
    actor.require(READ)
    with acting(actor):
        return list(PolicyBrief.objects.all())


def public_briefs() -> list[PolicyBrief]:
    """All briefs, the newest first. Call inside `acting`."""
    return list(PolicyBrief.objects.all())


def find(brief_id: UUID) -> PolicyBrief:
    """A brief. Raises `UnknownBrief`. Call inside `acting`."""
    row = PolicyBrief.objects.filter(pk=brief_id).first()
    if row is None:
        raise UnknownBrief
    return row


def changed_since(row: PolicyBrief) -> list[str]:
    """Outcomes whose grade is another one now. Call inside `acting`."""
    found = []
    for claim in row.claims:
        entries = grades.newest_entries(UUID(claim["programme"])).values()
        now = next((one for one in entries if (one.kind, one.outcome) == (claim["kind"], claim["outcome"])), None)
        if now is not None and now.grade != claim["grade"]:
            found.append(f"{claim['name']}: {claim['outcome']}: {claim['grade']} → {now.grade}")
    return found


def _claims(programme_id: UUID) -> list[dict[str, object]]:
    name = programmes.newest_editions().get(programme=programmes.find(programme_id)).name
    return [_claim(one, name) for one in grades.newest_entries(programme_id).values()]


def _claim(entry: GradeEntry, name: str) -> dict[str, object]:
    rows = StudyResult.objects.filter(pk__in=entry.counted).select_related("edition__study")
    cited = sorted({f"{one.edition.title} ({one.edition.study})" for one in rows})
    return {
        "programme": str(entry.programme_id),
        "name": name,
        "kind": entry.kind,
        "outcome": entry.outcome,
        "grade": entry.grade,
        "rule": entry.rule,
        "cited": cited,
    }
