"""Questions from practice, each step a row with its author.

1. A practitioner asks, by the public page without an account or through a curator.
2. A curator words the question for the public and matches it with entries of the hub, which answers it; or opens it.
3. A researcher takes an open question, and names the study if it is registered.
4. The result answers it, or the answer is that nobody knows. Who asked reads the answer on the page of the question.
5. Who asked says whether the answer was used.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from uuid import UUID

from tutela import clock
from tutela.casework.anonymous import inbox
from tutela.casework.anonymous.ticket import Issuer
from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.errors import Invalid
from tutela.events.identifiers import NumberTaken, case_number, redrawn, uuid7, uuid7_of_hour
from tutela.events.record import record, record_of_hour
from tutela.events.transaction import acting
from tutela.prevention.errors import QuestionEnded, UnknownQuestion
from tutela.prevention.hub import search
from tutela.prevention.hub.search import HubSearch
from tutela.prevention.knowledge import studies
from tutela.prevention.knowledge.permissions import CURATE, QUESTION, READ
from tutela.prevention.models import HubEntry, Question, QuestionState, QuestionStep, Stage, Target

PREFIX = "Q"
MOST_SUGGESTED = 12
# From which state each state follows.
_FOLLOWS: dict[QuestionState, frozenset[QuestionState]] = {
    QuestionState.OPEN: frozenset({QuestionState.ASKED, QuestionState.TAKEN}),
    QuestionState.TAKEN: frozenset({QuestionState.OPEN}),
    QuestionState.ANSWERED: frozenset({QuestionState.ASKED, QuestionState.OPEN, QuestionState.TAKEN}),
    QuestionState.NOT_KNOWN: frozenset({QuestionState.ASKED, QuestionState.OPEN, QuestionState.TAKEN}),
    QuestionState.USED: frozenset({QuestionState.ANSWERED, QuestionState.NOT_KNOWN}),
    QuestionState.NOT_USED: frozenset({QuestionState.ANSWERED, QuestionState.NOT_KNOWN}),
    QuestionState.MERGED: frozenset({QuestionState.ASKED, QuestionState.OPEN}),
}
ANSWERS = frozenset({QuestionState.ANSWERED, QuestionState.NOT_KNOWN})


def take_message(actor: Actor, conversation_id: UUID, text: str) -> None:
    """Open the question of a conversation; a further message changes nothing here. In the message's transaction."""
    if Question.objects.filter(conversation_id=conversation_id).exists():
        return
    _stored(actor, conversation_id=conversation_id, language=inbox.language_of(conversation_id), hourly=True)


def enter(actor: Actor, wording: str, stage: str = "", target: str = "") -> UUID:
    """Enter a question that came another way. Raises `Invalid`."""
    actor.require(CURATE)
    _check_wording(wording, stage, target)

    def work() -> UUID:
        with acting(actor):
            return _stored(actor, wording=wording.strip(), stage=stage, target=target).pk

    return redrawn(work)


def word(actor: Actor, question_id: UUID, wording: str, stage: str, target: str) -> None:
    """Give a question its public wording, without names and cases. Raises `UnknownQuestion`, `Invalid`."""
    actor.require(CURATE)
    _check_wording(wording, stage, target)
    with acting(actor):
        row = find(question_id, lock=True)
        row.wording, row.stage, row.target = wording.strip(), stage, target
        row.save(update_fields=["wording", "stage", "target"])
        record(actor, "question.worded", QUESTION, row.pk, number=row.number)


def suggestions(actor: Actor, question_id: UUID) -> list[HubEntry]:
    """Entries of the hub that may answer a question: by its words, else by its stage and target."""
    actor.require(READ)
    with acting(actor):
        row = find(question_id)
        by_words = HubSearch(row.wording, row.language)
        found = search.matching(by_words, MOST_SUGGESTED) if row.wording else []
        facets = {name: code for name, code in (("stage", row.stage), ("target", row.target)) if code}
        return found or (search.matching(HubSearch(facets=facets), MOST_SUGGESTED) if facets else [])


def open_question(actor: Actor, question_id: UUID, text: str = "") -> None:
    """Say that no study answers a question: it is one for research. Raises `UnknownQuestion`, `QuestionEnded`."""
    _step(actor, question_id, QuestionState.OPEN, text=text)


def take(actor: Actor, question_id: UUID, researcher: str, study: UUID | None = None) -> None:
    """Note the researcher who takes an open question, and the registered study. Raises `Invalid`, `QuestionEnded`."""
    if not researcher.strip():
        raise Invalid("Enter who takes the question.", field="researcher")
    _step(actor, question_id, QuestionState.TAKEN, researcher=researcher.strip(), study=study)


def answer(actor: Actor, question_id: UUID, text: str, entries: Sequence[UUID]) -> None:
    """Answer a question by entries of the hub. Raises `Invalid`, `QuestionEnded`."""
    actor.require(CURATE)
    known = set(HubEntry.objects.filter(subject_id__in=entries).values_list("subject_id", flat=True))
    if not entries or known != set(entries):
        raise Invalid("Choose at least one entry of the hub.", field="entries")
    if not text.strip():
        raise Invalid("Enter the answer.", field="text")
    _step(actor, question_id, QuestionState.ANSWERED, text=text, entries=entries)


def answer_not_known(actor: Actor, question_id: UUID, text: str) -> None:
    """Answer that nobody knows. Raises `Invalid`, `QuestionEnded`."""
    if not text.strip():
        raise Invalid("Enter the answer.", field="text")
    _step(actor, question_id, QuestionState.NOT_KNOWN, text=text)


def note_use(actor: Actor, question_id: UUID, text: str, *, used: bool) -> None:
    """Note whether practice used the answer, and why. Raises `Invalid`, `QuestionEnded`."""
    if not text.strip():
        raise Invalid("Enter what was done with the answer, or why not.", field="text")
    _step(actor, question_id, QuestionState.USED if used else QuestionState.NOT_USED, text=text)


def merge(actor: Actor, question_id: UUID, into: UUID) -> None:
    """Join a question with another of the same meaning; its asker reads the other's answer. Raises `Invalid`."""
    actor.require(CURATE)
    if question_id == into:
        raise Invalid("Choose another question.", field="into")
    with acting(actor):
        other = find(into)
        if other.state == QuestionState.MERGED:
            raise QuestionEnded(state=other.get_state_display())
        _step(actor, question_id, QuestionState.MERGED)
        Question.objects.filter(pk=question_id).update(merged_into=other)


def list_questions(actor: Actor, state: str = "") -> list[Question]:
    """Questions of a state, or all, the longest waiting first."""
    actor.require(READ)
    with acting(actor):
        rows = Question.objects.filter(state=state) if state else Question.objects.all()
        return list(rows.order_by("asked_at", "pk"))


def show(actor: Actor, question_id: UUID) -> tuple[Question, list[QuestionStep]]:
    """A question with its steps. Raises `UnknownQuestion`."""
    actor.require(READ)
    with acting(actor):
        row = find(question_id)
        return row, list(row.steps.select_related("study"))


def exists(actor: Actor, question_id: UUID) -> bool:
    """Whether the actor's organisation has this question."""
    with acting(actor):
        return Question.objects.filter(pk=question_id).exists()


def progress(conversation_id: UUID, _issuer: Issuer) -> dict[str, object]:
    """What the person who asked reads: state, steps and the entries that answer. Call inside `acting`."""
    answered = Question.objects.filter(conversation_id=conversation_id).select_related("merged_into").first()
    if answered is None:
        return {}
    # A question was joined with another one, which may have been joined later.
    while answered.merged_into is not None:
        answered = answered.merged_into
    steps = list(answered.steps.all())
    ids = [one for step in steps for one in step.entries]
    return {"question": answered, "steps": steps, "entries": list(HubEntry.objects.filter(subject_id__in=ids))}


def time_to_answer(actor: Actor) -> timedelta | None:
    """Median time from question to answer; None before any answer."""
    actor.require(READ)
    with acting(actor):
        rows = Question.objects.filter(answered_at__isnull=False).values_list("asked_at", "answered_at")
        lengths = [(after - before).total_seconds() for before, after in rows if after is not None]
        return timedelta(seconds=median(lengths)) if lengths else None


def public_questions() -> list[Question]:
    """Worded questions that wait for research, or were answered. Call inside `acting`."""
    rows = Question.objects.exclude(wording="").exclude(state__in=[QuestionState.ASKED, QuestionState.MERGED])
    return list(rows.prefetch_related("steps").order_by("-asked_at", "pk"))


def find(question_id: UUID, *, lock: bool = False) -> Question:
    """A question. Raises `UnknownQuestion`. Call inside `acting`."""
    rows = Question.objects.select_for_update() if lock else Question.objects.all()
    row = rows.filter(pk=question_id).first()
    if row is None:
        raise UnknownQuestion
    return row


def _step(
    actor: Actor,
    question_id: UUID,
    state: QuestionState,
    *,
    text: str = "",
    researcher: str = "",
    study: UUID | None = None,
    entries: Sequence[UUID] = (),
) -> None:
    actor.require(CURATE)
    with acting(actor):
        row = find(question_id, lock=True)
        if QuestionState(row.state) not in _FOLLOWS[state]:
            raise QuestionEnded(state=row.get_state_display())
        if state not in (QuestionState.MERGED, QuestionState.NOT_KNOWN) and not row.wording:
            raise Invalid("Word the question for the public first.", field="wording")
        QuestionStep(
            organisation_id=actor.organisation_id,
            question=row,
            state=state,
            text=text.strip(),
            researcher=researcher,
            study=studies.find(study) if study else None,
            entries=list(entries),
            by=actor.reference,
            by_name=actor.name[:200],
        ).save(force_insert=True)
        row.state = state
        if state in ANSWERS:
            row.answered_at = clock.now()
        row.save(update_fields=["state", "answered_at"])
        record(actor, "question.step", QUESTION, row.pk, number=row.number, state=str(state))


def _check_wording(wording: str, stage: str, target: str) -> None:
    if not wording.strip():
        raise Invalid("Enter the question.", field="wording")
    if stage and stage not in Stage.values:
        raise Invalid("Choose one of the list.", field="stage")
    if target and target not in Target.values:
        raise Invalid("Choose one of the list.", field="target")


def _stored(
    actor: Actor,
    *,
    wording: str = "",
    stage: str = "",
    target: str = "",
    language: str = "en",
    conversation_id: UUID | None = None,
    hourly: bool = False,
) -> Question:
    at = clock.this_hour() if hourly else clock.now()
    row = Question(
        id=uuid7_of_hour() if hourly else uuid7(),
        organisation_id=actor.organisation_id,
        created_at=at,
        number=case_number(PREFIX),
        conversation_id=conversation_id,
        wording=wording,
        language=language or "en",
        stage=stage,
        target=target,
        asked_at=at,
    )
    if not insert_ignore(row):
        raise NumberTaken
    if hourly:
        record_of_hour(actor, "question.asked", QUESTION, row.pk, number=row.number)
    else:
        record(actor, "question.asked", QUESTION, row.pk, number=row.number)
    return row
