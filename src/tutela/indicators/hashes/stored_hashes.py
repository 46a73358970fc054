"""Hashes at the gate and at rest: checked whole, wrapped, findable only by a keyed hash."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db import connection

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.errors import NoUsableHash, QualityTooLow, ResemblesLawful, TooManyHashes, WindowTooSmall
from tutela.indicators.hashes.builtin_reference import resembled
from tutela.indicators.models import IndicatorHash
from tutela.matching.files.records import MIN_QUALITY
from tutela.organisations.keys.envelope_encryption import unwrap, wrap, wrapping

HEX = {"md5": 32, "sha1": 40, "sha256": 64, "pdq": 64}
# A PDQ hash of a part of the picture; it belongs to the indicator and goes with it.
WINDOW = "window"
LOOKS = ("pdq", WINDOW)
# What names all frames of a video (`video_frames`); no hash of a file.
FRAMES = "frames"
LEAST_COVERED = 0.64
# Hashes of one entry, whichever way it comes: digests, and a look for each frame and for each window of it.
MOST = 200
_LOOK_DIGITS = 64
LOOK_BYTES = _LOOK_DIGITS // 2
SKETCHED = 24
PURPOSE = "indicator-hash"
_DIGITS = {kind: re.compile(f"[0-9a-f]{{{digits}}}") for kind, digits in HEX.items()}
EMPTY = {name: hashlib.new(name, b"", usedforsecurity=False).hexdigest() for name in ("md5", "sha1", "sha256")}


@dataclass(frozen=True)
class Given:
    """A hash as proposed: kind, lower-case hex; for perceptual ones quality, hasher, the second hash of the same pixels
    where there is one, and the share of the picture that it covers."""

    kind: str
    value: str
    quality: int | None = None
    hasher: str = ""
    structure: str = ""
    covers: float = 1.0


def checked(given: list[Given], frames: str = "") -> list[Given]:
    """The hashes, normalised; parts become kind `window`. `frames` is what names those of a video.

    Raises `TooManyHashes`, and `Invalid` naming the kind: whole hex, quality ≥ 50, not all zero, 64 % covered, one
    usable for the whole.
    """
    if len(given) > MOST:
        raise TooManyHashes(most=MOST, many=len(given))
    out = [_one(g) for g in given] + ([Given(FRAMES, frames)] if frames else [])
    if not any(g.kind in ("sha256", "pdq", FRAMES) for g in out):
        raise NoUsableHash
    return out


def _one(given: Given) -> Given:
    value = given.value.lower()
    if given.kind not in HEX or not _DIGITS[given.kind].fullmatch(value):
        raise NoUsableHash(
            "{kind} must be exactly {digits} hexadecimal digits.",
            field=given.kind,
            kind=given.kind,
            digits=HEX.get(given.kind, 0),
        )
    if value == EMPTY.get(given.kind):
        raise NoUsableHash("This is the digest of a file without content.", field=given.kind)
    if given.kind == "pdq":
        if given.quality is None or not MIN_QUALITY <= given.quality <= 100:
            raise QualityTooLow
        if value.strip("0") == "":
            raise QualityTooLow("A hash of zeros alone is that of a flat picture.")
    if resembled(given.kind, value):
        raise ResemblesLawful(field=given.kind)
    if given.kind == "pdq":
        return _look(given, value)
    return Given(given.kind, value, None, given.hasher)


def _look(given: Given, value: str) -> Given:
    structure = given.structure.lower()
    if structure and not _DIGITS["pdq"].fullmatch(structure):
        raise NoUsableHash(
            "{kind} must be exactly {digits} hexadecimal digits.",
            field="structure",
            kind="structure",
            digits=_LOOK_DIGITS,
        )
    if not LEAST_COVERED <= given.covers <= 1:
        raise WindowTooSmall
    kind = "pdq" if given.covers == 1 else WINDOW
    return Given(kind, value, given.quality, given.hasher, structure, given.covers)


def beside_imports() -> None:
    """Wait for a batch of an import that is being written; several proposals go on beside each other."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('tutela.import'))")


def plain(row: IndicatorHash) -> tuple[str, str]:
    """Kind and hash alone, in hex: a window's is a PDQ hash like any other, and no structure stands behind it."""
    return plain_of(row.kind, row.wrapped)


def plain_of(kind: str, wrapped: bytes | memoryview) -> tuple[str, str]:
    """The same of what a row has. Raises `CannotUnwrap`."""
    kind = "pdq" if kind == WINDOW else kind
    return kind, raw(wrapped).hex()[: HEX.get(kind, _LOOK_DIGITS)]


def blind(kind: str, value: str) -> bytes:
    """A keyed hash that finds equal values and reveals none."""
    return blinding()(kind, value)


def blinding() -> Callable[[str, str], bytes]:
    """What gives the keyed hashes of many values."""
    key = _blinding(settings.BLIND_KEY)
    return lambda kind, value: hmac.digest(key, f"{kind}:{value}".encode(), "sha256")


@lru_cache(maxsize=4)
def _blinding(blind_key: bytes) -> bytes:
    """The key of blind hashes."""
    return hmac.digest(blind_key, b"indicator-blind-index", "sha256")


def sketch(value: str) -> int:
    """A keyed hash of 24 bits of a PDQ hash, chosen by the key: two that differ in 4 of 256 bits share it at 68 %, two
    of different pictures at one in many millions."""
    key, chosen_of = _sketching(settings.BLIND_KEY)
    chosen = "".join(chosen_of(f"{int(value, 16):0256b}"))
    return int.from_bytes(hmac.digest(key, chosen.encode(), "sha256")[:8], signed=True)


def sketch_of(given: Given) -> int | None:
    """The sketch of a PDQ hash, of a whole or of a part; None of anything else."""
    return sketch(given.value) if given.kind in LOOKS else None


@lru_cache(maxsize=4)
def _sketching(blind_key: bytes) -> tuple[bytes, Callable[[Sequence[Any]], tuple[Any, ...]]]:
    """The key of sketches, and what takes the bits that they are of out of all 256, which stand highest first."""
    key = hmac.digest(blind_key, b"indicator-sketch", "sha256")
    ranked = sorted(range(256), key=lambda bit: hmac.digest(key, f"bit:{bit}".encode(), "sha256"))
    return key, itemgetter(*(255 - bit for bit in ranked[:SKETCHED]))


def fill_sketches(actor: Actor, most: int = 20_000) -> int:
    """Sketches of PDQ hashes and windows that were entered before they had any; returns how many."""
    with acting(actor):
        rows = IndicatorHash.objects.filter(organisation_id=actor.organisation_id, kind__in=LOOKS, sketch=None)
        found = list(rows.order_by("pk")[:most])
        for row in found:
            row.sketch = sketch(plain(row)[1])
        return IndicatorHash.objects.bulk_update(found, ["sketch"], batch_size=2000)


def sealed(value: str) -> bytes:
    """A hash in hex as it lies in the database: encrypted."""
    return sealing()(value)


def sealing() -> Callable[[str], bytes]:
    """What seals many hashes of one moment."""
    seal = wrapping(PURPOSE)
    return lambda value: seal(bytes.fromhex(value))


def sealed_again(wrapped: bytes) -> bytes:
    """The same hash, sealed by the key that is in use now. Raises `CannotUnwrap`."""
    return wrap(raw(wrapped), PURPOSE)


def opened(row: IndicatorHash) -> str:
    """The hash in hex, a structure behind it where it has one, for those who may see it. Raises `CannotUnwrap`."""
    return raw(row.wrapped).hex()


def raw(wrapped: bytes | memoryview) -> bytes:
    """A hash as bytes, a structure behind it where it has one. Raises `CannotUnwrap`."""
    return unwrap(bytes(wrapped), PURPOSE)
