"""Search over all desks: one text, every finder that the person may use, one event.

1. The text is classified. Without a reason or a case, accounts, e-mail addresses and IP addresses are not searched.
2. The search counts against the limits of the person. A whole digest counts as a look-up in the register too.
3. Every finder for these kinds of value is asked, each within the person's permissions and organisation.
4. One event records kinds, purpose, reason or case, results and a salted commitment, never the text.
5. A keyed hash draws one in `ONE_IN` searches for a person; an auditor checks them (`samples`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from tutela.casework.models import DrawnSearch, SearchReason
from tutela.casework.search import keys
from tutela.casework.search.errors import NotAValue, ReasonNeeded, SearchedTooMuch, UnknownCase
from tutela.casework.search.finders import MOST_SHOWN, Finder, Found, finders_for
from tutela.casework.search.values import CASE_NUMBER, Value, ValueKind, classify, cleaned, personal
from tutela.events.actor import Actor
from tutela.events.errors import TutelaError
from tutela.events.identifiers import uuid7
from tutela.events.rate_limits import RateLimit
from tutela.events.record import record
from tutela.events.transaction import acting

# Nobody types more. A person who must find many values imports them, or asks a colleague with a list.
SEARCHES = RateLimit("desk.search", timedelta(hours=1), 300)
PERSON_SEARCHES = RateLimit("desk.search.person", timedelta(hours=1), 60)
TOO_MANY = 429
# One in twenty searches for a person is checked by an auditor.
ONE_IN = 20
# Reasons for forms: code and text.
REASONS = SearchReason.choices


@dataclass(frozen=True)
class Asked:
    """Search input of a person.

    `case` is the number or ID of a report, referral or draft; `account` reads an account.
    """

    text: str = field(repr=False)
    reason: str = ""
    case: str = field(default="", repr=False)
    account: bool = False


@dataclass(frozen=True)
class Group:
    """Results of one kind; `more` if there are further ones."""

    label: object
    found: list[Found]
    more: bool


@dataclass(frozen=True)
class SearchResult:
    """Groups with at least one result. `people_left_out`: accounts were not searched, because a reason is missing.

    `limited`: headings that were not searched, because their own limit of digests is reached.
    """

    groups: list[Group]
    kinds: list[str]
    people_left_out: bool
    limited: list[object] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(len(one.found) for one in self.groups)


def search(actor: Actor, asked: Asked) -> SearchResult:
    """Search what the actor may see.

    Raises `NotAValue`, `ReasonNeeded`, `UnknownCase`, `SearchedTooMuch`.
    """
    values = (personal(cleaned(asked.text)),) if asked.account else classify(asked.text)
    justified = bool(asked.reason or asked.case)
    if asked.reason and asked.reason not in SearchReason.values:
        raise ReasonNeeded
    wanted = [one for one in values if justified or not one.personal]
    if not wanted:
        raise ReasonNeeded
    _count(actor, wanted)
    finders, limited = _within_limits(actor, wanted)
    with acting(actor):
        case = _case(actor, asked.case) if asked.case else None
        groups = list(_groups(actor, finders, wanted))
        kinds = sorted({one.kind.value for one in wanted})
        found = SearchResult(groups, kinds, len(wanted) < len(values), limited)
        _note(actor, asked, wanted, case, found)
    return found


def _count(actor: Actor, wanted: Sequence[Value]) -> None:
    """Count a search before it is answered, in transactions of its own: a refused one counts too."""
    limits = [SEARCHES, *([PERSON_SEARCHES] if any(one.personal for one in wanted) else [])]
    if not all(limit.take(actor.reference).allowed for limit in limits):
        raise SearchedTooMuch


def _within_limits(actor: Actor, wanted: Sequence[Value]) -> tuple[list[Finder], list[object]]:
    """The finders to ask, and the headings of those whose limit of digests is reached."""
    asked, limited = list[Finder](), list[object]()
    for finder in finders_for(actor):
        try:
            if finder.count_digest and any(one.kind is ValueKind.DIGEST for one in wanted):
                finder.count_digest(actor)
            asked.append(finder)
        except TutelaError as error:
            if error.status != TOO_MANY:
                raise
            limited.append(finder.label)
    return asked, limited


def _groups(actor: Actor, finders: Sequence[Finder], wanted: Sequence[Value]) -> Iterable[Group]:
    for finder in finders:
        if found := _ask(actor, finder, wanted, MOST_SHOWN + 1):
            yield Group(finder.label, found[:MOST_SHOWN], len(found) > MOST_SHOWN)


def _ask(actor: Actor, finder: Finder, wanted: Sequence[Value], most: int) -> list[Found]:
    values = [one for one in wanted if one.kind in finder.kinds]
    return finder.find(actor, values, most) if values else []


def _case(actor: Actor, text: str) -> Found:
    """The case that a person named, among those that the person may see."""
    try:
        known = [one for one in classify(text) if one.kind is ValueKind.ID or CASE_NUMBER.fullmatch(one.text)]
    except NotAValue:
        raise UnknownCase from None
    values = [one for one in known if one.kind in (ValueKind.NUMBER, ValueKind.ID)]
    for finder in finders_for(actor):
        if finder.is_case and (found := _ask(actor, finder, values, 1)):
            return found[0]
    raise UnknownCase


def _note(actor: Actor, asked: Asked, wanted: Sequence[Value], case: Found | None, found: SearchResult) -> None:
    search_id = uuid7()
    salt, commitment = keys.commit(personal(cleaned(asked.text)).text)
    record(
        actor,
        "desk.searched",
        "search",
        search_id,
        kinds=found.kinds,
        reason=asked.reason,
        case=f"{case.subject_kind}:{case.subject_id}" if case else "",
        results=found.count,
        shown=[f"{one.subject_kind}:{one.subject_id}" for group in found.groups for one in group.found],
        salt=salt,
        commitment=commitment,
    )
    if any(one.personal for one in wanted) and keys.drawn(search_id, ONE_IN):
        DrawnSearch.objects.create(organisation_id=actor.organisation_id, search_id=search_id)
