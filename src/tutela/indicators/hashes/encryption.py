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
    """Return kind and hash in hex, as `plain`, from the values of a row. Raises `CannotUnwrap`."""
    kind = "pdq" if kind == WINDOW else kind
    return kind, raw(wrapped).hex()[: HEX.get(kind, LOOK_DIGITS)]


def sealed(value: str) -> bytes:
    """Encrypt a hash, given in hex, for the database."""
    return sealing()(value)


def sealing() -> Callable[[str], bytes]:
    """Return a function that encrypts many hashes at one time."""
    seal = wrapping(PURPOSE)
    return lambda value: seal(bytes.fromhex(value))


def sealed_again(wrapped: bytes) -> bytes:
    """Encrypt a hash again, with the current key. Raises `CannotUnwrap`."""
    return wrap(raw(wrapped), PURPOSE)


def opened(row: IndicatorHash) -> str:
    """Decrypt a hash for authorised readers: hex, followed by its structure if it has one. Raises `CannotUnwrap`."""
    return raw(row.wrapped).hex()


def raw(wrapped: bytes | memoryview) -> bytes:
    """Decrypt a hash as bytes, followed by its structure if it has one. Raises `CannotUnwrap`."""
    return unwrap(bytes(wrapped), PURPOSE)
