"""Hashes at the gate and at rest: checked whole, wrapped, findable only by a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

from django.conf import settings

from tutela.indicators.errors import NoUsableHash, QualityTooLow, ResemblesLawful
from tutela.indicators.lawful import resembled
from tutela.indicators.models import IndicatorHash
from tutela.matching.records import MIN_QUALITY
from tutela.organisations.sealing import unwrap, wrap

HEX = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}
PURPOSE = "indicator-hash"


@dataclass(frozen=True)
class Given:
    """A hash as proposed: kind, lower-case hex; quality and hasher for perceptual ones."""

    kind: str
    value: str
    quality: int | None = None
    hasher: str = ""


def checked(given: list[Given]) -> list[Given]:
    """The hashes, normalised. Raises `Invalid` naming the kind: whole hex, quality ≥ 50, not all zero, one usable."""
    out = [_one(g) for g in given]
    if not any(g.kind in ("sha256", "pdq") for g in out):
        raise NoUsableHash
    return out


def _one(given: Given) -> Given:
    value = given.value.lower()
    if given.kind not in HEX or not re.fullmatch(f"[0-9a-f]{{{HEX[given.kind]}}}", value):
        raise NoUsableHash(
            f"{given.kind} must be exactly {HEX.get(given.kind, 0)} hexadecimal digits.", field=given.kind
        )
    if given.kind == "pdq":
        if given.quality is None or not MIN_QUALITY <= given.quality <= 100:
            raise QualityTooLow
        if value.strip("0") == "":
            raise QualityTooLow("A hash of zeros alone is that of a flat picture.")
    if resembled(given.kind, value):
        raise ResemblesLawful(field=given.kind)
    return Given(given.kind, value, given.quality if given.kind == "pdq" else None, given.hasher)


def blind(kind: str, value: str) -> bytes:
    """A keyed hash that finds equal values and reveals none."""
    key = hmac.digest(settings.BLIND_KEY, b"indicator-blind-index", "sha256")
    return hmac.digest(key, f"{kind}:{value}".encode(), hashlib.sha256)


def sealed(value: str) -> bytes:
    """A hash in hex as it lies in the database: encrypted."""
    return wrap(bytes.fromhex(value), PURPOSE)


def opened(row: IndicatorHash) -> str:
    """The hash in hex, for those who may see it. Raises `CannotUnwrap`."""
    return unwrap(bytes(row.wrapped), PURPOSE).hex()
