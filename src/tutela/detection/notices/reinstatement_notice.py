"""Notice to the user of an unfounded report about the reinstatement: the text, and that it was sent.

The notice is due once a person has recorded the reinstatement (`reinstatement`), and while that record is valid. The
text names the report: during a hold the text is not shown and its sending is not recorded. The sending is recorded
once, with the digest of the text. If the reinstatement was recorded wrongly and is recorded again, the notice is due
again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from tutela.detection.errors import AlreadyTold, Held, NothingGivenBack
from tutela.detection.models import Draft, Reinstatement, ReinstatementTold
from tutela.detection.models.reinstatements import GivenBack
from tutela.detection.notices import reinstatement, schedule
from tutela.detection.notices import text as notices_text
from tutela.detection.notices.language import Choice
from tutela.detection.notices.sentences import Language
from tutela.detection.settings.queries import drafts
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.law import holds

KIND = "report"


@dataclass(frozen=True)
class Message:
    """Notice to the user, and whether it was sent."""

    id: UUID
    number: str
    told: ReinstatementTold | None
    paragraphs: list[str]
    audience: str
    language: Language
    choice: Choice

    @property
    def text(self) -> str:
        """The whole text; the digest that is recorded is that of its UTF-8."""
        return schedule.joined(self.paragraphs)


def load_message(actor: Actor, draft_id: UUID, audience: str = "", language: str = "") -> Message:
    """The text about a report; the look is recorded. Raises `NotFound`, `NothingGivenBack`, `Held`.

    Audience and language are those of the text about the report itself (`text.reader`).
    """
    actor.require("detection.read")
    with acting(actor):
        row = drafts().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        said = _said(row)
        record(actor, "report.viewed", KIND, row.pk, page="reinstated")
        to = notices_text.reader(actor, row, audience, language)
        found = notices_text.of_reinstatement(to.report, to.audience, to.language, schedule.reported_at(row))
        told = ReinstatementTold.objects.filter(reinstatement=said).first()
        return Message(row.pk, row.number, told, found, to.audience, to.language, to.choice)


def tell(actor: Actor, draft_id: UUID, *, audience: str, language: str, way: str = "") -> None:
    """Record that this text was sent. Raises `NotFound`, `NothingGivenBack`, `Held`, `AlreadyTold`, `Invalid`."""
    actor.require("detection.report")
    spoken = notices_text.chosen(audience, language)
    with acting(actor):
        row = Draft.objects.select_for_update().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        said = _said(row)
        if ReinstatementTold.objects.filter(reinstatement=said).exists():
            raise AlreadyTold
        report = notices_text.report_of(row)
        text = schedule.joined(notices_text.of_reinstatement(report, audience, spoken, schedule.reported_at(row)))
        digest = hashlib.sha256(text.encode()).hexdigest()
        ReinstatementTold.objects.create(
            organisation_id=actor.organisation_id,
            reinstatement=said,
            language=spoken.code,
            audience=audience,
            way=typed(way)[:200],
            sha256=digest,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        record(
            actor, "user.reinstatement_notified", KIND, row.pk, audience=audience, language=spoken.code, sha256=digest
        )


def _said(row: Draft) -> Reinstatement:
    """The word that stands. Call inside `acting(actor)`."""
    said = reinstatement.standing(row)
    if said is None or said.kind != GivenBack.REINSTATED:
        raise NothingGivenBack
    if holds.held(KIND, row.pk) is not None:
        raise Held
    return said
