"""Erasable data: each subject has its own data key, and deleting that key erases the data everywhere.

A report is stored as received and again inside every forwarded package, and people write free text about it. Some of
this is in tables that nobody may change. All of it is sealed by the subject's key, which the node's data key wraps.
Without the key's row, only a backup can bring the data back. A restored node erases the data again, because its
retention period has still ended.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Model

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_all, insert_ignore
from tutela.organisations.errors import Erased
from tutela.organisations.keys.envelope_encryption import NONCE, CannotUnwrap, unwrap, wrap
from tutela.organisations.models import SubjectKey

# Begins what is sealed by a subject's key; what began with a data key's id was sealed before subjects had keys.
MARK = b"\x00subject1"
# The same in a column of text: what does not begin with it was written before words were sealed.
WORDS = "sealed:"
# What has an id of its own; a hold may stand on something else.
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Bytes of the id of the key before them.
ID = 16


def seal(actor: Actor, subject_kind: str, subject_id: object, body: bytes, purpose: str) -> bytes:
    """Seal a body by its subject's key, made with the first. Call inside `acting(actor)`."""
    return _sealed(_box(_key(actor, subject_kind, subject_id)), body, purpose)


def seal_all(actor: Actor, subject_kind: str, bodies: Sequence[tuple[object, bytes, str]]) -> list[bytes]:
    """Seal bodies (subject, body, purpose); one question for all keys that there are. Call inside `acting(actor)`."""
    rows = SubjectKey.objects.filter(subject_kind=subject_kind, subject_id__in={str(subject) for subject, *_ in bodies})
    boxes = {row.subject_id: _box(row) for row in rows}
    sealed: list[bytes] = []
    for subject, body, purpose in bodies:
        if str(subject) not in boxes:
            boxes[str(subject)] = _box(_key(actor, subject_kind, subject))
        sealed.append(_sealed(boxes[str(subject)], body, purpose))
    return sealed


class Box:
    """A subject's key, asked for once, for several of its bodies."""

    def __init__(self, box: AESGCM) -> None:
        self._box = box

    def seal(self, body: bytes, purpose: str) -> bytes:
        """Seal a body."""
        return _sealed(self._box, body, purpose)

    def unseal(self, sealed: bytes, purpose: str) -> bytes:
        """Open a sealed body. Raises `Erased` if it is empty, `CannotUnwrap` if it was changed or moved."""
        if not sealed:
            raise Erased
        return _opened(self._box, sealed, purpose) if sealed.startswith(MARK) else unwrap(sealed, purpose)


def begin(actor: Actor, subject_kind: str, subject_id: object) -> tuple[SubjectKey, Box]:
    """Create the key of a new subject. Returns its row, for the caller to insert with its own rows, and its sealing
    box.
    """
    secret = os.urandom(32)
    row = SubjectKey(
        organisation_id=actor.organisation_id,
        subject_kind=subject_kind,
        subject_id=str(subject_id),
        wrapped=wrap(secret, place(subject_kind, subject_id)),
    )
    return row, Box(AESGCM(secret))


def box(subject_kind: str, subject_id: object) -> Box:
    """The key of a subject that has one. Raises `Erased`. Call inside `acting(actor)`."""
    row = _known(subject_kind, subject_id)
    if row is None:
        raise Erased
    return Box(_box(row))


def box_for(actor: Actor, subject_kind: str, subject_id: object) -> Box:
    """Return the box of a subject, creating its key if there is none. Call inside `acting(actor)`."""
    return Box(_box(_key(actor, subject_kind, subject_id)))


def unseal(subject_kind: str, subject_id: object, sealed: bytes, purpose: str) -> bytes:
    """Open a body. Raises `Erased` once its key is gone, `CannotUnwrap` if it was changed or moved."""
    if not sealed:
        raise Erased
    if not sealed.startswith(MARK):
        return unwrap(sealed, purpose)
    return box(subject_kind, subject_id).unseal(sealed, purpose)


def unseal_all(subject_kind: str, bodies: Sequence[tuple[object, bytes, str]]) -> list[bytes | None]:
    """Open bodies (subject, sealed, purpose) with one question for all their keys; None for one whose key is gone.

    Raises `CannotUnwrap`.
    """
    rows = SubjectKey.objects.filter(subject_kind=subject_kind, subject_id__in={str(subject) for subject, *_ in bodies})
    keys = {row.subject_id: row for row in rows}
    opened: list[bytes | None] = []
    for subject, sealed, purpose in bodies:
        key = keys.get(str(subject))
        if sealed and not sealed.startswith(MARK):
            opened.append(unwrap(sealed, purpose))
        else:
            opened.append(_opened(_box(key), sealed, purpose) if sealed and key else None)
    return opened


def seal_words(actor: Actor, subject_kind: str, subject_id: object, row: Model, column: str = "reason") -> None:
    """Seal a new row's free text about a subject, before the row is saved.

    Empty text stays empty. Free text has a key of its own, which is deleted with the subject's. Text written after an
    erasure gets another key.
    """
    if text := getattr(row, column):
        key = _key(actor, _words(subject_kind), subject_id)
        sealed = key.pk.bytes + _sealed(_box(key), text.encode(), _cell(row, column))
        setattr(row, column, WORDS + base64.b64encode(sealed).decode())


def seal_words_all(
    actor: Actor, subject_kind: str, rows: Iterable[tuple[object, Model]], column: str = "reason"
) -> None:
    """Seal texts, as `seal_words`, of new rows (subject, row) of many subjects; keys are read and created in bulk."""
    kind = _words(subject_kind)
    said = [(str(subject), row) for subject, row in rows if getattr(row, column)]
    keys = _keys(kind, {subject for subject, _row in said})
    made = {one: begin(actor, kind, one)[0] for one in sorted({subject for subject, _row in said} - keys.keys())}
    there = insert_all(made.values())  # a twin made these meanwhile
    keys = {**made, **keys, **(_keys(kind, {one.subject_id for one in made.values() if one in there}) if there else {})}
    for subject, row in said:
        key = keys[subject]
        sealed = key.pk.bytes + _sealed(_box(key), getattr(row, column).encode(), _cell(row, column))
        setattr(row, column, WORDS + base64.b64encode(sealed).decode())


def open_words_all(subject_kind: str, rows: Iterable[tuple[object, Model]], column: str = "reason") -> None:
    """Open texts, as `open_words`, of rows (subject, row) of many subjects, with one query for all keys."""
    sealed = [(str(subject), row) for subject, row in rows if getattr(row, column).startswith(WORDS)]
    keys = _keys(_words(subject_kind), {subject for subject, _row in sealed})
    for subject, row in sealed:
        _open_cell(row, column, keys.get(subject))


def open_words(subject_kind: str, subject_id: object, rows: Iterable[Model | None], column: str = "reason") -> None:
    """Put the plain text into rows that were read; empty if the subject was erased since.

    Call inside `acting(actor)`, and never save the rows afterwards. Raises `CannotUnwrap` if they were changed.
    """
    sealed = [row for row in rows if row is not None and getattr(row, column).startswith(WORDS)]
    if not sealed:
        return
    key = _known(_words(subject_kind), subject_id)
    for row in sealed:
        _open_cell(row, column, key)


def _open_cell(row: Model, column: str, key: SubjectKey | None) -> None:
    raw = base64.b64decode(getattr(row, column).removeprefix(WORDS))
    known = key is not None and raw.startswith(key.pk.bytes)
    setattr(row, column, _opened(_box(key), raw[ID:], _cell(row, column)).decode() if key and known else "")


def lingering(subject_kind: str, before: datetime) -> list[UUID]:
    """Return the subjects whose text key is older than a moment.

    Such text may have been written after an erasure.
    """
    rows = SubjectKey.objects.filter(subject_kind=_words(subject_kind), created_at__lte=before)
    return [UUID(one) for one in rows.values_list("subject_id", flat=True) if _UUID.fullmatch(one)]


def erase(subject_kind: str, subject_id: object) -> bool:
    """Delete a subject's keys; whether there was one. The caller records it. Call inside `acting(actor)`."""
    kinds = (subject_kind, _words(subject_kind))
    return bool(SubjectKey.objects.filter(subject_kind__in=kinds, subject_id=str(subject_id)).delete()[0])


def _key(actor: Actor, subject_kind: str, subject_id: object) -> SubjectKey:
    """Return the subject's key, creating it if there is none. A read first is cheaper, as most keys exist."""
    known = _known(subject_kind, subject_id)
    if known is not None:
        return known
    row, _made = begin(actor, subject_kind, subject_id)
    if insert_ignore(row):
        return row
    return SubjectKey.objects.get(subject_kind=subject_kind, subject_id=str(subject_id))


def _known(subject_kind: str, subject_id: object) -> SubjectKey | None:
    """The one key of a subject: in no order, by which a prepared statement would walk all keys to it."""
    return next(iter(SubjectKey.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id))), None)


def _keys(subject_kind: str, subjects: set[str]) -> dict[str, SubjectKey]:
    """The keys of subjects that have one, in one question."""
    if not subjects:
        return {}
    rows = SubjectKey.objects.filter(subject_kind=subject_kind, subject_id__in=subjects)
    return {row.subject_id: row for row in rows}


def _words(subject_kind: str) -> str:
    return f"{subject_kind}-words"


def _cell(row: Model, column: str) -> str:
    return f"{row._meta.label_lower}.{column}:{row.pk}"


def _sealed(box: AESGCM, body: bytes, purpose: str) -> bytes:
    nonce = os.urandom(NONCE)
    return MARK + nonce + box.encrypt(nonce, body, purpose.encode())


def _opened(box: AESGCM, sealed: bytes, purpose: str) -> bytes:
    raw = sealed[len(MARK) :]
    try:
        return box.decrypt(raw[:NONCE], raw[NONCE:], purpose.encode())
    except (InvalidTag, ValueError):
        raise CannotUnwrap from None


def _box(row: SubjectKey) -> AESGCM:
    return AESGCM(unwrap(bytes(row.wrapped), place(row.subject_kind, row.subject_id)))


def place(subject_kind: str, subject_id: object) -> str:
    """The purpose for which a subject's key is wrapped."""
    return f"subject-key:{subject_kind}:{subject_id}"
