"""Sealing: one recipient and nobody else, a header that is judged, sizes that follow, streams that end or do not."""

from __future__ import annotations

import ast
import errno
import io
import os
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.tree import ROOT
from tutela.exchange.referral import age_encryption
from tutela.exchange.referral.age_encryption import CannotOpenError, NotARecipientError, NotSealedError, Sealer

IDENTITY, RECIPIENT = age_encryption.new_identity()
OTHER, OTHER_RECIPIENT = age_encryption.new_identity()


def seal(clear: bytes, recipient: str = RECIPIENT, piece: int = 1000) -> bytes:
    out = io.BytesIO()
    sealer = Sealer(recipient, out)
    for start in range(0, len(clear), piece):
        sealer.write(clear[start : start + piece])
    sealer.close()
    return out.getvalue()


def opened(sealed: bytes, *identities: str) -> bytes:
    out = io.BytesIO()
    age_encryption.unseal(io.BytesIO(sealed), out, list(identities))
    return out.getvalue()


SEALED = seal(b"a landscape" * 9000)


@given(st.binary(max_size=300_000), st.integers(1, 200_000))
def test_what_is_sealed_in_pieces_opens_with_the_recipient_s_key_alone(clear: bytes, piece: int) -> None:
    sealed = seal(clear, piece=piece)
    assert opened(sealed, IDENTITY) == clear
    assert len(sealed) - age_encryption.header_size(sealed) == age_encryption.payload_size(len(clear))
    with pytest.raises(CannotOpenError, match="another key"):
        opened(sealed, OTHER)


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 131072])
def test_sizes_are_known_at_the_borders_of_pieces(size: int) -> None:
    sealed = seal(b"x" * size)
    assert len(sealed) - age_encryption.header_size(sealed) == age_encryption.payload_size(size)


def test_there_is_no_escrow_one_stanza_and_one_way_to_open() -> None:
    header = SEALED[: age_encryption.header_size(SEALED)]
    stanzas = [line for line in header.split(b"\n") if line.startswith(b"-> ")]
    assert sum(line.startswith(b"-> X25519 ") for line in stanzas) == 1
    assert all(b"-grease" in line for line in stanzas if not line.startswith(b"-> X25519 "))


def test_nothing_in_the_house_seals_to_more_than_the_recipient_that_is_given() -> None:
    """Whoever seals evidence calls `Sealer`; the library itself is called there and for backups alone."""
    callers = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("pyrage.encrypt"):
                callers.add((path.name, ast.unparse(node.args[-1])))
    assert {caller for caller in callers if caller[0] != "backup.py"} == {("age_encryption.py", "[self._recipient]")}


def test_a_file_for_two_is_refused() -> None:
    both = [pyrage.x25519.Recipient.from_str(one) for one in (RECIPIENT, OTHER_RECIPIENT)]
    with pytest.raises(NotSealedError, match="one recipient"):
        age_encryption.header_size(pyrage.encrypt(b"x", both))


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"age-encryption.org/v1",
        b"age-encryption.org/v2\n",
        b"\xff\xd8\xff\xe0 a picture",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
        age_encryption.MARK,
        age_encryption.MARK + b"-> X25519 ab\nb\n--- " + b"A" * 43 + b"\n",
        age_encryption.MARK + b"--- " + b"A" * 43 + b"\n",
        age_encryption.MARK + b"-> scrypt c2FsdA 18\nabc\n--- " + b"A" * 43 + b"\n",
        age_encryption.MARK + b"-> x-grease\n" + b"A" * 65 + b"\n",
        age_encryption.MARK + b"-> a-grease " + b"x" * 9000 + b"\n",
        pyrage.passphrase.encrypt(b"x", "a passphrase"),
    ],
)
def test_what_is_not_sealed_to_one_recipient_is_refused(start: bytes) -> None:
    with pytest.raises(NotSealedError):
        age_encryption.header_size(start)


@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_make_the_header_s_reader_fail_otherwise(noise: bytes, at: int) -> None:
    for data in (noise, age_encryption.MARK + noise, SEALED[:at] + noise + SEALED[at:500]):
        try:
            assert 0 < age_encryption.header_size(data) <= age_encryption.LONGEST_HEADER
        except NotSealedError:
            continue


@pytest.mark.parametrize("text", ["", "age1", "AGE-SECRET-KEY-1", RECIPIENT[:-1], RECIPIENT + "q", "ssh-ed25519 AAAA"])
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(NotARecipientError):
        age_encryption.recipient_of(text)
    with pytest.raises(NotARecipientError):
        Sealer(text, io.BytesIO())


def test_a_recipient_has_one_spelling() -> None:
    assert age_encryption.recipient_of(f" {RECIPIENT.upper()}\n") == RECIPIENT


@pytest.mark.parametrize(
    "broken",
    [SEALED[:-1], SEALED[:1000], SEALED + b"x", SEALED[:-70_000], SEALED[:90], SEALED[:900] + b"x" + SEALED[901:]],
)
def test_what_was_cut_or_changed_does_not_open(broken: bytes) -> None:
    with pytest.raises(CannotOpenError):
        opened(broken, IDENTITY)


class Full:
    """A disk with room for so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, piece: bytes) -> None:
        self.room -= len(piece)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("room", [0, 300, 70_000, 200_000])
def test_a_full_disk_is_said_to_who_writes_and_nothing_hangs(room: int) -> None:
    sealer = Sealer(RECIPIENT, Full(room))
    with pytest.raises(OSError, match="No space"):  # noqa: PT012 - at a piece or at the end
        for _ in range(10):
            sealer.write(os.urandom(100_000))
        sealer.close()


def test_sealing_that_is_given_up_leaves_no_thread(tmp_path: Path) -> None:
    import threading

    before = threading.active_count()
    with (tmp_path / "out").open("wb") as out:
        sealer = Sealer(RECIPIENT, out)
        sealer.write(b"x" * 10)
        sealer.abort()
        sealer.abort()
    assert threading.active_count() == before


def test_a_key_file_without_a_key_is_said() -> None:
    with pytest.raises(CannotOpenError, match="contains no age identity"):
        age_encryption.identities_in("# nothing\n")
    with pytest.raises(CannotOpenError, match="damaged"):
        opened(SEALED, "AGE-SECRET-KEY-1XYZ")
    assert age_encryption.identities_in(f"# x\n{IDENTITY}\n") == [IDENTITY]
