"""Encryption of hashes at rest, and decryption for authorised readers."""

from __future__ import annotations

from collections.abc import Callable

from tutela.indicators.hashes.validation import HEX, LOOK_DIGITS, WINDOW
from tutela.indicators.models import IndicatorHash
from tutela.organisations.keys.envelope_encryption import unwrap, wrap, wrapping

PURPOSE = "indicator-hash"


def plain(row: IndicatorHash) -> tuple[str, str]:
    """Return kind and hash in hex, without structure; the kind of a window is PDQ."""
    return plain_of(row.kind, row.wrapped)


def plain_of(kind: str, wrapped: bytes | memoryview) -> tuple[str, str]:
    """The same of what a row has. Raises `CannotUnwrap`."""
    kind = "pdq" if kind == WINDOW else kind
    return kind, raw(wrapped).hex()[: HEX.get(kind, LOOK_DIGITS)]


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
