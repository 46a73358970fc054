"""age (age-encryption.org/v1) for sealed evidence: one recipient, a bounded header, pieces of 64 KiB.

Sealing needs only the recipient's public text. No second recipient, no passphrase and no other way to open the file
exists: a file whose header names more than one recipient is refused.
"""

from __future__ import annotations

import binascii
import hashlib
import os
import re
import threading
from collections.abc import Iterator
from typing import Any, Protocol

import pyrage

from tutela.exchange.errors import ExchangeError

MARK = b"age-encryption.org/v1\n"
# Far above what any client writes; a header is read whole before anything else is.
LONGEST_HEADER = 4096
PIECE_BYTES = 64 * 1024
# Overhead of a payload, and of each piece, in bytes.
NONCE, TAG = 16, 16
_STANZA = re.compile(rb"-> ([!-~]+(?: [!-~]+)*)")
_MAC = re.compile(rb"--- [A-Za-z0-9+/]{43}")
_BODY = re.compile(rb"[A-Za-z0-9+/]*")
_FULL_LINE = 64


class NotARecipientError(ExchangeError):
    """An age recipient begins with age1 and has 62 letters and digits; `tutela unseal --new-key FILE` prints one."""


class NotSealedError(ExchangeError):
    """The file must be an age file with exactly one recipient."""


class CannotOpenError(ExchangeError):
    """The file cannot be opened."""


class Sink(Protocol):
    """Destination of sealed or opened bytes."""

    def write(self, piece: bytes, /) -> Any: ...


def new_identity() -> tuple[str, str]:
    """A new identity, which its owner alone keeps, and the recipient that others seal to."""
    made = pyrage.x25519.Identity.generate()
    return str(made), str(made.to_public())


def recipient_for(identity: str) -> str:
    """The recipient that an identity opens."""
    return str(pyrage.x25519.Identity.from_str(identity).to_public())


def recipient_of(text: str) -> str:
    """A recipient in its one spelling. Raises `NotARecipientError`."""
    text = "".join(text.split())
    try:
        return str(pyrage.x25519.Recipient.from_str(text))
    except pyrage.RecipientError:
        raise NotARecipientError from None


def key_id(recipient: str) -> str:
    """The short name of a recipient: SHA-256 of its text, in hex."""
    return hashlib.sha256(recipient.encode()).hexdigest()


def identities_in(text: str) -> list[str]:
    """The identities of an identity file. Raises `CannotOpenError` where there is none."""
    found = [line for line in text.split() if line.startswith("AGE-SECRET-KEY-")]
    if not found:
        raise CannotOpenError("The key file contains no age identity (AGE-SECRET-KEY-1…).")
    return found


def header_size(start: bytes) -> int:
    """Size in bytes of a sealed file's header, before the payload. Raises `NotSealedError`.

    1. The first line is age's.
    2. Exactly one stanza is X25519; only grease may be added, which every reader skips.
    3. A line with the header's MAC ends it.
    """
    if not start.startswith(MARK):
        raise NotSealedError("The file does not begin like an age file (or is armoured).")
    at, kinds = len(MARK), list[bytes]()
    for line in _lines(start[:LONGEST_HEADER], at):
        at += len(line) + 1
        if _MAC.fullmatch(line):
            if kinds.count(b"X25519") != 1:
                raise NotSealedError("The file must have exactly one recipient.")
            return at
        if found := _STANZA.fullmatch(line):
            kind, *arguments = found[1].split(b" ")
            if kind == b"X25519":
                _check_share(arguments)
            elif not kind.endswith(b"-grease"):
                raise NotSealedError("The recipient is of another kind.")
            kinds.append(kind)
        elif not (kinds and _BODY.fullmatch(line) and len(line) <= _FULL_LINE):
            raise NotSealedError("A header line is not valid.")
    raise NotSealedError("The header has no end.")


def _lines(start: bytes, at: int) -> Iterator[bytes]:
    while (end := start.find(b"\n", at)) >= 0:
        yield start[at:end]
        at = end + 1


def _check_share(arguments: list[bytes]) -> None:
    """The ephemeral share: 32 bytes, in base64 without padding."""
    try:
        (share,) = arguments
        fine = len(binascii.a2b_base64(share + b"=", strict_mode=True)) == 32
    except ValueError:
        fine = False
    if not fine:
        raise NotSealedError("The key share of the recipient is not valid.")


def payload_size(clear: int) -> int:
    """Bytes of the payload of so many clear bytes: known before a file is opened, so a wrong statement is seen."""
    return NONCE + clear + TAG * max(1, -(-clear // PIECE_BYTES))


class Sealer:
    """Writer that seals its input, piece by piece, to one recipient; the output goes to `out`.

    A thread seals behind a system pipe. At most the pipe's 64 KiB and one piece are unsealed at a time, in memory. End
    it with `close` (complete) or `abort` (discard what `out` has).
    """

    def __init__(self, recipient: str, out: Sink) -> None:
        """Raises `NotARecipientError`."""
        try:
            self._recipient = pyrage.x25519.Recipient.from_str(recipient)
        except pyrage.RecipientError:
            raise NotARecipientError from None
        self._out = _Out(out)
        self._error: Exception | None = None
        self._reading, self._writing = os.pipe()
        self._thread = threading.Thread(target=self._work, name="sealer", daemon=True)
        self._thread.start()

    def write(self, piece: bytes) -> None:
        """Seal more. Raises `OSError` as `out` did, such as that of a full disk."""
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(self._writing, view) :]
        except BrokenPipeError:
            self.abort()
            raise self._said() from None

    def close(self) -> None:
        """Everything is written. Raises `OSError` as `out` did."""
        self.abort()
        if self._error is not None or self._out.error is not None:
            raise self._said()

    def abort(self) -> None:
        """Stop. What `out` has by then may look whole and is not."""
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1
        self._thread.join()

    def _said(self) -> Exception:
        return self._out.error or self._error or OSError("sealing ended early")

    def _work(self) -> None:
        with os.fdopen(self._reading, "rb", buffering=0) as clear:
            try:
                pyrage.encrypt_io(clear, self._out, [self._recipient])
            except Exception as error:  # noqa: BLE001 - told to who writes, in his own thread
                self._error = error


class _Out:
    """A sink for the library, which turns its errors into texts: the first one is kept."""

    def __init__(self, out: Sink) -> None:
        self._out = out
        self.error: Exception | None = None

    def write(self, piece: bytes) -> int:
        try:
            self._out.write(piece)
        except Exception as error:
            self.error = self.error or error
            raise
        return len(piece)

    def flush(self) -> None:
        """Do nothing: nothing is buffered here."""


def unseal(source: Any, out: Sink, identities: list[str]) -> None:
    """Open a sealed file into `out`, piece by piece. Raises `CannotOpenError`; then what `out` has is not whole."""
    try:
        keys = [pyrage.x25519.Identity.from_str(one) for one in identities]
    except pyrage.IdentityError:
        raise CannotOpenError("The key file contains a damaged identity.") from None
    sink = _Out(out)
    try:
        pyrage.decrypt_io(source, sink, keys)
    except pyrage.DecryptError as error:
        wrong = "No matching keys" in str(error)
        raise CannotOpenError("The file was sealed to another key." if wrong else "The header is damaged.") from None
    except OSError:
        if sink.error is not None:
            raise sink.error from None
        raise CannotOpenError("The file was cut or changed.") from None
