"""What must be erasable wherever it lies: each subject has a data key of its own, and erasing is deleting that key.

A report is stored as it came and again inside every package that was sent on, some of it in tables that nobody may
change. All of it is sealed by the subject's key, which the node's data key wraps. Without the row there is no way back,
short of a backup: a restored one erases anew, because retention is due still.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tutela.events.actor import Actor
from tutela.events.inserting import insert_once
from tutela.organisations.errors import Erased
from tutela.organisations.models import SubjectKey
from tutela.organisations.sealing import NONCE, CannotUnwrap, unwrap, wrap

# Begins what is sealed by a subject's key; what began with a data key's id was sealed before subjects had keys.
MARK = b"\x00subject1"


def seal(actor: Actor, subject_kind: str, subject_id: object, body: bytes, purpose: str) -> bytes:
    """Seal a body by its subject's key, made with the first. Call inside `acting(actor)`."""
    row = SubjectKey(
        organisation_id=actor.organisation_id, subject_kind=subject_kind, subject_id=str(subject_id),
        wrapped=wrap(os.urandom(32), place(subject_kind, subject_id)),
    )  # fmt: skip
    if not insert_once(row):
        row = SubjectKey.objects.get(subject_kind=subject_kind, subject_id=str(subject_id))
    return _sealed(_box(row), body, purpose)


def begin(actor: Actor, subject_kind: str, subject_id: object, body: bytes, purpose: str) -> tuple[SubjectKey, bytes]:
    """The key of a new subject, for the caller to insert with its own rows, and the first body, sealed by it."""
    secret = os.urandom(32)
    row = SubjectKey(
        organisation_id=actor.organisation_id, subject_kind=subject_kind, subject_id=str(subject_id),
        wrapped=wrap(secret, place(subject_kind, subject_id)),
    )  # fmt: skip
    return row, _sealed(AESGCM(secret), body, purpose)


def unseal(subject_kind: str, subject_id: object, sealed: bytes, purpose: str) -> bytes:
    """Open a body. Raises `Erased` once its key is gone, `CannotUnwrap` if it was changed or moved."""
    if not sealed:
        raise Erased
    if not sealed.startswith(MARK):
        return unwrap(sealed, purpose)
    row = SubjectKey.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).first()
    if row is None:
        raise Erased
    raw = sealed[len(MARK) :]
    try:
        return _box(row).decrypt(raw[:NONCE], raw[NONCE:], purpose.encode())
    except (InvalidTag, ValueError):
        raise CannotUnwrap from None


def erase(subject_kind: str, subject_id: object) -> bool:
    """Delete a subject's key; whether there was one. The caller records it. Call inside `acting(actor)`."""
    return bool(SubjectKey.objects.filter(subject_kind=subject_kind, subject_id=str(subject_id)).delete()[0])


def _sealed(box: AESGCM, body: bytes, purpose: str) -> bytes:
    nonce = os.urandom(NONCE)
    return MARK + nonce + box.encrypt(nonce, body, purpose.encode())


def _box(row: SubjectKey) -> AESGCM:
    return AESGCM(unwrap(bytes(row.wrapped), place(row.subject_kind, row.subject_id)))


def place(subject_kind: str, subject_id: object) -> str:
    """The purpose for which a subject's key is wrapped."""
    return f"subject-key:{subject_kind}:{subject_id}"
