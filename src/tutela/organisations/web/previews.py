"""Preview of an act: what the running transaction recorded, with the names of what it is about, and who is told.

Domains register how their subjects are named, and what they send that is neither an event nor a message of the outbox.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.record import Recorded, recorded_in_this_transaction
from tutela.organisations.models import ApiKey, Invitation, Organisation, OutboxMessage, Person

# Names of subjects by their ids, for those that the actor may see. Called inside `acting(actor)`.
type Namer = Callable[[Actor, Collection[str]], dict[str, str]]
# Words that an act writes to a person: who reads them, and the text. Called inside `acting(actor)`.
type Reader = Callable[[Actor, list[Recorded]], list["Words"]]

# An access changes nothing; a deadline and a key follow from the change that is shown.
NOT_SHOWN = re.compile(
    r".*\.(viewed|listed|searched)|(candidate|found_item|vault_identity|tip)\.opened|(clock|data_key|key|action|page)\.\w+"
)
# Identifiers and digests tell a person nothing.
_OPAQUE = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,}")
# Numbers of cases and times of day, which a text may contain.
_DRAWN = re.compile(r"\b[A-Z]{1,3}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b|\b\d{1,2}:\d\d(:\d\d)?\b")
_namers: dict[str, list[Namer]] = {}
_readers: list[Reader] = []


@dataclass(frozen=True)
class Change:
    """One recorded change: the kind of its event, the name of what it is about, and its facts in words.

    `subject_id` is empty for what the act itself makes: it has another id and another number each time.
    """

    kind: str
    subject: str
    subject_id: str
    facts: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Words:
    """Words to a person, who is named by the number of a case."""

    reader: str
    text: str


@dataclass(frozen=True)
class Preview:
    """What an act would change, whom it would tell, and with which words. False if it changes nothing."""

    changes: tuple[Change, ...]
    recipients: tuple[str, ...]
    words: tuple[Words, ...]

    def __bool__(self) -> bool:
        return bool(self.changes or self.recipients or self.words)

    @cached_property
    def groups(self) -> list[tuple[str, list[Change]]]:
        """The changes by their kind, in the order in which each kind came first."""
        found: dict[str, list[Change]] = {}
        for one in self.changes:
            found.setdefault(one.kind, []).append(one)
        return list(found.items())

    @cached_property
    def stated(self) -> list[Any]:
        """What two previews of one form have in common: the same changes, recipients, and words to the same people.

        Numbers of new cases and times of day differ each time, so they are left out.
        """
        changes = sorted([one.kind, one.subject_id] for one in self.changes)
        words = sorted([one.reader, _DRAWN.sub("", one.text)] for one in self.words)
        return [changes, list(self.recipients), words]


NOTHING = Preview((), (), ())


def name_subjects(kind: str, namer: Namer) -> None:
    """Register how subjects of a kind are named. For `app/wiring.py`."""
    _namers.setdefault(kind, []).append(namer)


def read_words(reader: Reader) -> None:
    """Register how words to people are read. For `app/wiring.py`."""
    _readers.append(reader)


def preview_since(actor: Actor, began: UUID) -> Preview:
    """What the running transaction changed since `began` (`first_from_now`). Call inside `acting(actor)`."""
    events = [one for one in recorded_in_this_transaction() if not NOT_SHOWN.fullmatch(one.kind)]
    names = _names(actor, events)
    changes = [_change(one, names.get((one.subject_kind, one.subject_id), ""), began) for one in events]
    words = [text for reader in _readers for text in reader(actor, events)]
    return Preview(tuple(changes), _recipients(actor, began), tuple(words))


def _change(event: Recorded, name: str, began: UUID) -> Change:
    facts = tuple((key, value) for key, value in _facts(event.facts or {}) if str(value) not in name)
    return Change(event.kind, name, event.subject_id if _is_known(event.subject_id, began) else "", facts)


def _names(actor: Actor, events: Iterable[Recorded]) -> dict[tuple[str, str], str]:
    ids: dict[str, set[str]] = {}
    for one in events:
        ids.setdefault(one.subject_kind, set()).add(one.subject_id)
    return {
        (kind, pk): name
        for kind, found in ids.items()
        for namer in _namers.get(kind, ())
        for pk, name in namer(actor, found).items()
    }


def _facts(facts: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Facts that a person can read: words, numbers, and lists of words."""
    shown = ((name, value) for name, value in facts.items() if value not in ("", None, [], {}))
    return tuple((name, value) for name, value in shown if _readable(value))


def _readable(value: object) -> bool:
    if isinstance(value, list):
        return all(_readable(one) for one in value)
    return isinstance(value, str | int) and not isinstance(value, bool) and not _OPAQUE.fullmatch(str(value))


def _recipients(actor: Actor, began: UUID) -> tuple[str, ...]:
    """Organisations that get a message of the outbox by this transaction. Ids tell the time."""
    rows = OutboxMessage.objects.filter(organisation_id=actor.organisation_id, answered_at=None, pk__gte=began)
    return tuple(sorted(set(rows.values_list("recipient__name", flat=True))))


def _is_known(subject_id: str, began: UUID) -> bool:
    """Whether an id names what there was before `began`: one that was drawn since begins with a later time."""
    found = _uuids([subject_id])
    return bool(found) and not (found[0].version == began.version and found[0] >= began)


def _uuids(ids: Collection[str]) -> list[UUID]:
    return [UUID(one) for one in ids if re.fullmatch(r"[0-9a-f-]{36}", one)]


def _people(actor: Actor, ids: Collection[str]) -> dict[str, str]:
    rows = Person.objects.filter(pk__in=_uuids(ids), organisation_id=actor.organisation_id)
    return {str(one.pk): f"{one.name} ({one.email})" for one in rows}


def _organisations(_actor: Actor, ids: Collection[str]) -> dict[str, str]:
    return {str(one.pk): f"{one.name} ({one.country})" for one in Organisation.objects.filter(pk__in=_uuids(ids))}


def _keys(_actor: Actor, ids: Collection[str]) -> dict[str, str]:
    rows = ApiKey.objects.filter(pk__in=_uuids(ids))
    return {str(one.pk): f"{one.name} (tut_{one.prefix}_…)" if one.revoked_at else one.name for one in rows}


def _invitations(actor: Actor, ids: Collection[str]) -> dict[str, str]:
    rows = Invitation.objects.filter(pk__in=_uuids(ids), organisation_id=actor.organisation_id)
    return {str(one.pk): f"{one.name} ({one.email})" for one in rows}


name_subjects("person", _people)
name_subjects("organisation", _organisations)
name_subjects("api_key", _keys)
name_subjects("invitation", _invitations)
