"""Offline files that replace messages without a network: a signed referral, and signed answers.

1. A referral's file is a ZIP. The ZIP contains `signed_envelope.json`, an envelope over the package by the Centre's
   receipt key, and the sealed files. Digests of the sealed files are in the package. Digests of files that came later
   are in `late.json`, an envelope by the same key. Nothing is used before the signatures are verified.
2. A withdrawals' file is one envelope by the same key over the withdrawn content (`exchange/withdrawal`).
3. An answers' file is one envelope over a list of messages by the authority's own key. Each message has the idempotency
   key that it would have over the network, so a file that is imported twice has the same effect as once.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, JsonValue

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.field_types import Line
from tutela.exchange.message.signed_envelope import Envelope, TrustedKeys, verify
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.referral.referral import REFERRAL_CONTEXT, Referral, SealedFile, SealedFiles
from tutela.exchange.referral.withdrawal import WITHDRAWALS_CONTEXT, MessageKey, Withdrawals

SIGNED, LATE = "signed.json", "late.json"
LATE_CONTEXT = "tutela/late-files/1"
ANSWERS_CONTEXT = "tutela/answers/1"
MOST_BYTES = 96 << 20
MOST_MESSAGES = 10_000
# What the reader of ZIP raises about bytes that are none.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    OverflowError,
)


class NotAHandoverError(ExchangeError):
    """The file must be a ZIP that contains signed.json, and not be too large."""


class AnswerMessage(Wire):
    """One message as the outbox holds it; `body` is what would be posted."""

    kind: Literal["acknowledgement", "outcome", "hold", "hold_end", "return", "withdrawal_taken"]
    key: MessageKey
    body: dict[str, JsonValue]


class Answers(Wire):
    """Answers of an authority, in its order."""

    schema_version: Literal["1"] = "1"
    authority_id: UUID
    authority: Line
    at: Moment
    messages: Annotated[tuple[AnswerMessage, ...], Field(min_length=1, max_length=MOST_MESSAGES)]


def read_referral(file: Path, keys: TrustedKeys) -> Referral:
    """The package of a signed file, once a trusted key is certain to have signed it.

    Raises `NotAHandoverError`, the errors of `signed_envelope.verify`, and those of a package that is none.
    """
    return Referral.from_bytes(verify(Envelope.from_bytes(signed_part(file)), REFERRAL_CONTEXT, keys))


def read_late(file: Path, keys: TrustedKeys) -> tuple[SealedFile, ...]:
    """Files that came after a signed package was made. Raises as `read_referral`."""
    try:
        with zipfile.ZipFile(file) as archive:
            if LATE not in archive.namelist():
                return ()
    except DAMAGED:
        raise NotAHandoverError from None
    return SealedFiles.from_bytes(verify(Envelope.from_bytes(signed_part(file, LATE)), LATE_CONTEXT, keys)).evidence


def signed_part(file: Path, name: str = SIGNED) -> bytes:
    """An envelope's bytes in a referral's file. Raises `NotAHandoverError`."""
    try:
        with zipfile.ZipFile(file) as archive, archive.open(name) as inside:
            data = inside.read(MOST_BYTES + 1)
    except DAMAGED:
        raise NotAHandoverError from None
    if len(data) > MOST_BYTES:
        raise NotAHandoverError
    return data


def read_withdrawals(data: bytes, keys: TrustedKeys) -> Withdrawals:
    """Withdrawals in a signed file. Raises as `read_referral`."""
    return Withdrawals.from_bytes(verify(Envelope.from_bytes(data), WITHDRAWALS_CONTEXT, keys))


def read_answers(data: bytes, keys: TrustedKeys) -> tuple[Answers, str]:
    """The answers of a file, and the id of the key that signed them. Raises as `read_referral`."""
    envelope = Envelope.from_bytes(data)
    return Answers.from_bytes(verify(envelope, ANSWERS_CONTEXT, keys)), envelope.key_id
