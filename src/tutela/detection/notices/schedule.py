"""Schedule of user notices: due date, reason for waiting, and sending (CSAR 12(2), 48(6)-(7)).

- The due date follows from the Centre's messages (`law.user_information`); a hold takes precedence.
- The job and every message of the Centre make a notice due: a row, an event and a deadline, once for each date.
- While the act is a proposal, or nobody has checked it, the schedule is marked as a simulation: no task, no reproach.
- The notice is recorded once, with the digest of the text. During a hold the record is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db.models import F

from tutela import clock
from tutela.detection.errors import AlreadyTold, Held, NothingToTell
from tutela.detection.models import Draft, InformationDue, UserInformed
from tutela.detection.notices import text as notices_text
from tutela.detection.notices.language import Choice
from tutela.detection.notices.sentences import Language
from tutela.detection.settings.queries import drafts
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import NotFound
from tutela.events.list_access import FIRST_PAGE, ListPage, noted
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.law import clocks, holds, user_information
from tutela.law.clock_kinds import Specification
from tutela.law.clocks import ClockMove
from tutela.law.pause_reasons import PauseReason
from tutela.law.user_information import Fact, NoticeState

log = structlog.get_logger("tutela.detection")
type Histories = Sequence[tuple[Specification, Sequence[ClockMove]]]
KIND = "report"
CLOCK, PROMPTLY = "user_information", "user_promptly"
PER_PAGE, MOST_DUE = 50, 500
# These orders are offered in addition to the default order by due date.
SORTS = {"report": ("number",), "-report": ("-number",)}


@dataclass(frozen=True)
class NoticeLine:
    """A report whose user is to be notified or was notified."""

    id: UUID
    number: str
    standing: NoticeState
    reported_at: datetime


@dataclass(frozen=True)
class Telling:
    """Notice about one report, and whether it may be sent now."""

    line: NoticeLine
    simulated: bool
    told: UserInformed | None
    paragraphs: list[str]
    audience: str
    language: Language
    choice: Choice

    @property
    def text(self) -> str:
        """The whole text; the digest that is recorded is that of its UTF-8."""
        return joined(self.paragraphs)


def joined(paragraphs: list[str]) -> str:
    """The paragraphs as one text, with an empty line between two of them."""
    return "\n\n".join(paragraphs)


def simulated() -> bool:
    """Whether the act is only a proposal, or unchecked; notices then show what it would require."""
    return CLOCK in clocks.simulated()


def standing_of(row: Draft) -> NoticeState | None:
    """The current status of the duty to notify; None for a report that nobody has sent. Call inside `acting(actor)`."""
    return _standing(row, clocks.histories(KIND, row.pk))


def reported_at(row: Draft) -> datetime:
    """Time at which a report was made, for the text about it. Call inside `acting(actor)`."""
    return _reported_at(clocks.histories(KIND, row.pk)) or row.created_at


def follow(actor: Actor, row: Draft) -> None:
    """Let the clocks and the rows follow where the duty stands now. Call inside `acting(actor)`."""
    now = standing_of(row)
    if now is None or now.state == "told":
        return
    if now.state == "held" or holds.held(KIND, row.pk) is not None:
        for kind in (CLOCK, PROMPTLY):
            if _clock(row, kind) == "running":
                clocks.take(actor, kind, KIND, row.pk, ClockMove("pause", clock.now()), PauseReason.HOLD)
    elif now.state == "due":
        _fire(actor, row, now)
    elif _clock(row, CLOCK) == "paused":
        clocks.take(actor, CLOCK, KIND, row.pk, ClockMove("resume", clock.now()))


def make_due(actor: Actor) -> int:
    """Make due what has become due by the passing of time; returns how many reports. For the job that asks often."""
    with acting(actor):
        waiting = list(_untold().filter(pk__in=clocks.ran_out(CLOCK, KIND)).values_list("pk", flat=True))
    return sum(_followed(actor, pk) for pk in waiting)


def _followed(actor: Actor, draft_id: UUID) -> bool:
    """One report. What goes wrong with it keeps no other waiting; the next run tries again."""
    try:
        with acting(actor):
            row = _untold().filter(pk=draft_id).first()
            if row is not None:
                follow(actor, row)
            return row is not None
    except Exception:
        log.exception("notice to the user not made due", report=str(draft_id))
        return False


def list_notices(
    actor: Actor, part: ListPage = FIRST_PAGE, *, told: bool = False, due: bool = False
) -> tuple[list[NoticeLine], bool]:
    """List reports with a notice to send, earliest due first; only those `due` now; or those `told`, newest first."""
    actor.require("detection.read")
    with acting(actor):
        if due:
            start, size = part.span(PER_PAGE)
            lines = _due()
            noted(actor, "report", (line.id for line in lines[start : start + size]), part, state="due")
            return lines[start : start + size], len(lines) > start + size
        rows = Draft.objects.filter(told_at__isnull=False).order_by("-told_at") if told else _untold()
        found, more = part.of(_prefetched(rows), SORTS, PER_PAGE)
        lines = [*_lines(found)]
        noted(actor, "report", (line.id for line in lines), part, state="told" if told else "")
        return lines, more


def due_count(actor: Actor) -> int:
    """The number of users to notify now by law; 0 while the act is simulated. Call inside `acting(actor)`."""
    return len(_due())


def _due() -> list[NoticeLine]:
    """The first `MOST_DUE` notices to send now by law."""
    if simulated():
        return []
    rows = _untold().filter(tell_from__isnull=False)
    return [line for line in _lines(_prefetched(rows)[:MOST_DUE]) if line.standing.state == "due"]


def load_notice(actor: Actor, draft_id: UUID, audience: str = "", language: str = "") -> Telling:
    """Load the notice of a report, and record the access. Raises `NotFound`, `NothingToTell`.

    Audience and language are those of `text.reader`.
    """
    actor.require("detection.read")
    with acting(actor):
        row = drafts().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        line = next(_lines(_prefetched(drafts().filter(pk=draft_id))), None)
        if line is None:
            raise NothingToTell
        record(actor, "report.viewed", KIND, row.pk, page="informing")
        told = UserInformed.objects.filter(draft=row).first()
        to = notices_text.reader(actor, row, audience, language)
        paragraphs = notices_text.text(row, to.report, to.audience, to.language, line.reported_at)
        return Telling(line, simulated(), told, paragraphs, to.audience, to.language, to.choice)


def tell(actor: Actor, draft_id: UUID, *, audience: str, language: str, way: str = "") -> None:
    """Record that the user was notified, with this text. Raises `Held`, `AlreadyTold`, `NothingToTell`, `Invalid`."""
    actor.require("detection.report")
    spoken = notices_text.chosen(audience, language)
    with acting(actor):
        row = Draft.objects.select_for_update().filter(pk=draft_id).first()
        if row is None:
            raise NotFound
        now = standing_of(row)
        if now is None:
            raise NothingToTell
        if now.state == "told":
            raise AlreadyTold
        if now.state == "held" or holds.held(KIND, row.pk) is not None:
            raise Held
        reported = reported_at(row)
        said = joined(notices_text.text(row, notices_text.report_of(row), audience, spoken, reported))
        digest = hashlib.sha256(said.encode()).hexdigest()
        UserInformed.objects.create(
            organisation_id=actor.organisation_id,
            draft=row,
            language=spoken.code,
            audience=audience,
            way=typed(way)[:200],
            sha256=digest,
            by=actor.reference,
            by_name=actor.name[:200],
        )
        row.told_at = clock.now()
        row.save(update_fields=["told_at"])
        for kind in (CLOCK, PROMPTLY):
            clocks.stop_if_running(actor, kind, KIND, row.pk)
        record(actor, "user.notified", KIND, row.pk, audience=audience, language=spoken.code, sha256=digest)


def _fire(actor: Actor, row: Draft, now: NoticeState) -> None:
    """Record that a notice is due: once for each time, and again after a later hold."""
    unreal = simulated()
    due = InformationDue(organisation_id=actor.organisation_id, draft=row, at=now.at, rule=now.rule, simulated=unreal)
    new = insert_ignore(due)
    clocks.stop_if_running(actor, CLOCK, KIND, row.pk)
    if _clock(row, PROMPTLY) == "paused":
        clocks.stop_if_running(actor, PROMPTLY, KIND, row.pk)
    clocks.restart(actor, PROMPTLY, KIND, row.pk)
    if new:
        Draft.objects.filter(pk=row.pk, tell_from=None).update(tell_from=now.at)
        record(actor, "user.notice_due", KIND, row.pk, rule=now.rule, simulated=unreal)


def _untold() -> Any:
    """Select sent reports whose user has not been notified: earliest due first, then the oldest."""
    rows = Draft.objects.filter(told_at=None).exclude(state__in=("drafted", "discarded"))
    return rows.order_by(F("tell_from").asc(nulls_last=True), "created_at", "id")


def _prefetched(rows: Any) -> Any:
    return rows.select_related("informed").prefetch_related("feedback")


def _lines(rows: Iterable[Any]) -> Iterator[NoticeLine]:
    """The lines of some drafts, in a few questions however many they are."""
    found = list(rows)
    histories = clocks.histories_of(KIND, (row.pk for row in found))
    for row in found:
        known = histories.get(str(row.pk), [])
        reported, standing = _reported_at(known), _standing(row, known)
        if reported is not None and standing is not None:
            yield NoticeLine(row.pk, row.number, standing, reported)


def _standing(row: Draft, histories: Histories) -> NoticeState | None:
    reported = _reported_at(histories)
    return user_information.standing(reported, _facts(row), clock.now()) if reported else None


def _reported_at(histories: Histories) -> datetime | None:
    """From when the three months run: the sending, or the notification to an authority."""
    return next((steps[0].at for spec, steps in histories if spec.kind == CLOCK and steps), None)


def _facts(row: Draft) -> Iterator[Fact]:
    """Facts received about a report, each at the time of its arrival."""
    for place, one in enumerate(sorted(row.feedback.all(), key=lambda one: (one.created_at, one.id))):
        if one.kind == "not_relevant":
            yield Fact("unfounded", one.created_at, place=place)
        elif one.kind == "hold" and one.until is not None:
            yield Fact("hold", one.created_at, one.until, place)
    told = getattr(row, "informed", None)
    if told is not None:
        yield Fact("told", told.created_at)


def _clock(row: Draft, kind: str) -> str:
    return next((state.state for spec, state in clocks.of_subject(KIND, row.pk) if spec.kind == kind), "")
