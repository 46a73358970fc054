"""Saying to the user of an unfounded report that they are reinstated: the text, and that it was sent.

There is something to say once a person has said that the user is reinstated (`reinstating`), and while that stands. It
names the report: while a hold stands neither the text is shown nor its sending recorded. It is recorded once, with the
digest of the text; where reinstating was said wrongly and is said again, it is to be told again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from tutela.detection import informing, informing_texts, reinstating
from tutela.detection.errors import AlreadyTold, Held, NothingGivenBack
from tutela.detection.informing_choice import Choice
from tutela.detection.informing_languages import Language
from tutela.detection.models import Draft, Reinstatement, ReinstatementTold
from tutela.detection.models.reinstating import GivenBack
from tutela.detection.queries import drafts
from tutela.events.acting import acting
from tutela.events.actor import Actor
from tutela.events.errors import NotFound
from tutela.events.recording import record
from tutela.exchange.writing import typed
from tutela.law import holds

KIND = "report"


@dataclass(frozen=True)
class Message:
    """What the user is told, and whether it was sent."""

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
        return informing.joined(self.paragraphs)


def of(actor: Actor, draft_id: UUID, audience: str = "", language: str = "") -> Message:
    """The text about a report; the look is recorded. Raises `NotFound`, `NothingGivenBack`, `Held`.

    Audience and language are those of the text about the report itself (`informing_texts.reader`).
    """
    actor.require("detection.read")
    with acting(actor):
        row = drafts().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        said = _said(row)
        record(actor, "report.viewed", KIND, row.pk, page="reinstated")
        to = informing_texts.reader(actor, row, audience, language)
        found = informing_texts.of_reinstatement(to.report, to.audience, to.language, informing.reported_at(row))
        told = ReinstatementTold.objects.filter(reinstatement=said).first()
        return Message(row.pk, row.number, told, found, to.audience, to.language, to.choice)


def tell(actor: Actor, draft_id: UUID, *, audience: str, language: str, way: str = "") -> None:
    """Record that this text was sent. Raises `NotFound`, `NothingGivenBack`, `Held`, `AlreadyTold`, `Invalid`."""
    actor.require("detection.report")
    spoken = informing_texts.chosen(audience, language)
    with acting(actor):
        row = Draft.objects.select_for_update().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        said = _said(row)
        if ReinstatementTold.objects.filter(reinstatement=said).exists():
            raise AlreadyTold
        report = informing_texts.report_of(row)
        text = informing.joined(informing_texts.of_reinstatement(report, audience, spoken, informing.reported_at(row)))
        digest = hashlib.sha256(text.encode()).hexdigest()
        ReinstatementTold.objects.create(
            organisation_id=actor.organisation_id, reinstatement=said, language=spoken.code, audience=audience,
            way=typed(way)[:200], sha256=digest, by=actor.reference, by_name=actor.name[:200],
        )  # fmt: skip
        record(actor, "user.reinstatement_told", KIND, row.pk, audience=audience, language=spoken.code, sha256=digest)


def _said(row: Draft) -> Reinstatement:
    """The word that stands. Call inside `acting(actor)`."""
    said = reinstating.standing(row)
    if said is None or said.kind != GivenBack.REINSTATED:
        raise NothingGivenBack
    if holds.held(KIND, row.pk) is not None:
        raise Held
    return said
