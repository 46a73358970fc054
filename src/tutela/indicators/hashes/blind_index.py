"""Search for hashes without reading them: a keyed hash of each, and a keyed sketch of PDQ hashes."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.conf import settings

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.hashes.encryption import plain
from tutela.indicators.hashes.validation import LOOKS, HashValue
from tutela.indicators.models import IndicatorHash

SKETCHED = 24


def blind(kind: str, value: str) -> bytes:
    """A keyed hash that finds equal values and reveals none."""
    return blinding()(kind, value)


def blinding() -> Callable[[str, str], bytes]:
    """Return a function that computes the keyed hashes of many values."""
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


def sketch_of(given: HashValue) -> int | None:
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
