"""Certification by an organisation: the exact signed statement about an indicator in one round.

The statement contains no hash, only a commitment to each. A holder of the salt and a hash can check that the
certification covers it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, ValidationError

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.base import Wire
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.field_types import Line
from tutela.exchange.message.signed_envelope import Envelope, TrustedKeys, key_id, sign, trusted_keys, verify
from tutela.exchange.message.timestamps import Moment
from tutela.exchange.register import approval

CERTIFICATION_CONTEXT = "tutela/certification/1"
FORMAT = "tutela-certifications/1"
type _Commitment = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class CertificationAct(Wire):
    """An organisation holds the item, assessed it, and states that it belongs in the register."""

    schema_version: Literal["1"] = "1"
    act: Literal["certify"] = "certify"
    indicator: UUID
    number: Line
    round: Annotated[int, Field(ge=1)]
    organisation: UUID
    organisation_name: Line
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    media_type: Literal["image", "video"]
    classification: Line
    hashes: Annotated[tuple[_Commitment, ...], Field(min_length=1, max_length=500)]
    at: Moment


class CertificationsError(ExchangeError):
    """The file of certifications is not valid."""


@dataclass(frozen=True)
class Checked:
    """A certification in a file: its organisation, and whether it is signed.

    `known` is set where the key was given from outside. `confirmed` is set where a security key confirmed the
    certification: the person's id, with the key's digest. `unbound` is the same for a proposal from before proposals
    named their entry; the confirmed entry may be another one than this.
    """

    organisation: str
    country: str
    round: int
    signed: bool
    known: bool = False
    confirmed: str = ""
    unbound: str = ""


class Acts:
    """Signs many acts of one organisation at one moment: the same bytes as one by one, several times faster."""

    def __init__(self, like: CertificationAct, key: Ed25519PrivateKey) -> None:
        """`like` is an act of this organisation, round and moment; the rest of it is replaced."""
        said = like.model_dump(mode="json")
        self._key, self._name = key, key_id(key.public_key())
        self._at, self._country, self._round = _text(said["at"]), _text(said["country"]), said["round"]
        self._organisation, self._called = _text(said["organisation"]), _text(said["organisation_name"])

    def sign(self, indicator: UUID, number: str, kind: str, classification: str, hashes: Iterable[str]) -> bytes:
        """The envelope of an act, as canonical JSON."""
        payload = (
            f'{{"act":"certify","at":{self._at},"classification":{_text(classification)},"country":{self._country},'
            f'"hashes":[{",".join(f'"{one}"' for one in sorted(hashes))}],"indicator":"{indicator}",'
            f'"media_type":"{kind}","number":"{number}","organisation":{self._organisation},'
            f'"organisation_name":{self._called},"round":{self._round},"schema_version":"1"}}'
        ).encode()
        made = sign(payload, CERTIFICATION_CONTEXT, self._key, self._name)
        body, signature = (base64.b64encode(part).decode() for part in (payload, made.signature))
        return (
            f'{{"context":"{CERTIFICATION_CONTEXT}","key_id":"{self._name}","payload":"{body}",'
            f'"signature":"{signature}"}}'
        ).encode()


@lru_cache(maxsize=256)
def _text(value: str) -> str:
    return canonical(value).decode()


def commitment(salt: bytes, kind: str, value: str) -> str:
    """Commitment in place of a hash in a certification."""
    return hashlib.sha256(
        b"tutela-certified-hash/1\0" + salt + kind.encode() + b"\0" + bytes.fromhex(value)
    ).hexdigest()


def check(data: bytes, keys: TrustedKeys | None = None, covers: tuple[str, str] | None = None) -> list[Checked]:
    """Every certification of a file, verified; with `covers`, a kind and a hash, also that each act is about it.

    Without `keys` those of the file are used, which proves that it is whole, not who made it.
    Raises `CertificationsError` with the reason.
    """
    try:
        file = json.loads(data)
        if not isinstance(file, dict) or file.get("format") != FORMAT:
            raise CertificationsError(f"The file is not of the format {FORMAT}.")
        salt, rows = bytes.fromhex(file["salt"]), list(file["certifications"])
        return [_checked(file, row, salt, keys, covers) for row in rows]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise (
            error if isinstance(error, CertificationsError) else CertificationsError("The file cannot be read.")
        ) from None


def _checked(
    file: Mapping[str, Any],
    row: Mapping[str, Any],
    salt: bytes,
    keys: TrustedKeys | None,
    covers: tuple[str, str] | None,
) -> Checked:
    shown = Checked(str(row["organisation"]), str(row["country"]), int(row["round"]), signed=False)
    if row.get("envelope") is None:
        return shown
    usable = keys if keys is not None else trusted_keys([str(row["key"])])
    try:
        envelope = Envelope.from_bytes(canonical(row["envelope"]))
        act = CertificationAct.from_bytes(verify(envelope, CERTIFICATION_CONTEXT, usable))
    except (ExchangeError, ValidationError) as error:
        said = "the signed statement cannot be read" if isinstance(error, ValidationError) else str(error)
        raise CertificationsError(f"{shown.organisation}: {said}") from None
    said_of = (str(act.indicator), act.number, act.organisation_name, act.country, act.round)
    if said_of != (file["indicator"], file["number"], shown.organisation, shown.country, shown.round):
        raise CertificationsError(f"{shown.organisation}: the signed statement is about something else.")
    if covers is not None and commitment(salt, *covers) not in act.hashes:
        raise CertificationsError(f"{shown.organisation}: the signed statement does not cover this hash.")
    bound, by = _confirmed(act, row["confirmed"]) if row.get("confirmed") is not None else (True, "")
    return Checked(
        shown.organisation,
        shown.country,
        shown.round,
        True,
        keys is not None,
        confirmed=by if bound else "",
        unbound="" if bound else by,
    )


def _confirmed(act: CertificationAct, file: Any) -> tuple[bool, str]:
    """Whether a security key was asked about exactly this certification, and who confirmed the question.

    An approval that names other indicators, hashes, classes or rounds is refused. One that names none is not bound to
    this certification.
    """
    try:
        said = approval.check(file)
    except approval.ApprovalError as error:
        raise CertificationsError(f"{act.organisation_name}: {error}") from None
    wanted = approval.ActSubject(
        id=act.indicator, name=act.number, round=act.round, hashes=approval.covered(act.hashes)
    )
    what = (said.act.chosen.get("type"), said.act.chosen.get("class"))
    about, bound = wanted in said.act.subjects, True
    if said.act.name == "propose":
        bound = bool(said.act.subjects)
        about = act.round == 1 and what == (act.media_type, act.classification) and (about or not bound)
    elif said.act.name not in ("certify", "certify_many"):
        about = False
    if said.organisation != act.organisation or not about:
        raise CertificationsError(f"{act.organisation_name}: the security key approved something else.")
    return bound, f"person {said.person}, key {approval.key_of(file)}"
