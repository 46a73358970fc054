"""Sealed files, forms with one, files as messages. Run: `python -m tests.fuzz.fuzz_sealed [seconds]` from the root."""

from __future__ import annotations

import contextlib
import io
import random
import tempfile
import zipfile
from pathlib import Path

from pydantic import ValidationError

from tests.fuzz.running import run
from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.multipart import FileIn, FormUnreadableError
from tutela.exchange.referral import age_encryption, outcome_csv, unsealing
from tutela.exchange.referral.offline_files import Answers
from tutela.exchange.referral.outcome import OutcomeKind
from tutela.reports.intake.multipart import FileForm

_IDENTITY, _RECIPIENT = age_encryption.new_identity()
_FORM = (
    b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n4570000000001\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="quay.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    b"a landscape\r\n--b--\r\n"
)
_PIECES = [
    b"-> ",
    b"--- ",
    b"\n",
    b"\r\n",
    b"--b",
    b"--b--",
    b"X25519 ",
    b"-grease ",
    b"\0",
    b"\xff",
    b"=",
    b'"',
    b";",
    b"filename=",
    b"name=",
    b" " * 90,
    b"A" * 70,
]


def _sealed() -> bytes:
    out = io.BytesIO()
    sealer = age_encryption.Sealer(_RECIPIENT, out)
    sealer.write(b"a landscape" * 20)
    sealer.close()
    return out.getvalue()


_SEALED = _sealed()


def _zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("signed.json", b'{"context":"x","key_id":"x","payload":"","signature":"' + b"A" * 86 + b'=="}')
        archive.writestr("attachments/a.age", _SEALED)
    return out.getvalue()


_HANDOVER = _zipped()
_TABLE = b'number,kind,reason,release\nF-1,closed,,provider\nF-2,no_action,"not, ours",\n'
_ANSWERS = Answers.model_validate(
    {
        "authority_id": "01900000-0000-7000-8000-000000000000",
        "authority": "K",
        "at": "2026-11-25T00:00:00Z",
        "messages": ({"kind": "hold_end", "key": "k", "body": {"referral_id": "x"}},),
    }
).to_bytes()


class _Taker:
    """Counts what it is given, and knows when it was thrown away."""

    def __init__(self) -> None:
        self.size, self.thrown = 0, False

    def write(self, piece: bytes) -> None:
        self.size += len(piece)

    def abort(self) -> None:
        self.thrown = True


def one(seed: int) -> bool:
    """One mutated file of each kind; True if any was taken, and then what follows from it holds."""
    rng = random.Random(seed)
    readers = (
        (_header, _SEALED),
        (_form, _FORM),
        (_file_in, _FORM),
        (_table, _TABLE),
        (_answers, _ANSWERS),
        (_handover, _HANDOVER),
    )
    return sum(read(_mutated(rng, sample)) for read, sample in readers) > 0  # every one of them is read


def _file_in(data: bytes) -> bool:
    kind = "multipart/form-data; boundary=b"
    try:
        found = FileIn(kind, (data[at : at + 50] for at in range(0, len(data), 50)))
        size = sum(map(len, found.pieces()))
    except FormUnreadableError:
        return False
    assert size <= len(data)
    return found.name is not None


def _table(data: bytes) -> bool:
    try:
        lines = outcome_csv.read(data)
    except outcome_csv.NotATableError:
        return False
    assert all(one.error or one.kind in set(OutcomeKind) for one in lines)
    return bool(lines)


def _answers(data: bytes) -> bool:
    try:
        said = Answers.from_bytes(data)
    except (ExchangeError, ValidationError):
        return False
    return bool(said.messages)


def _handover(data: bytes) -> bool:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        path = Path(file.name)
        with contextlib.suppress(age_encryption.CannotOpenError):
            assert all(one.path == path for one in unsealing.sealed_in(path))
        try:
            return bool(unsealing.entries_in(path))
        except unsealing.NotAPackageError:
            return False


def _mutated(rng: random.Random, sample: bytes) -> bytes:
    data = bytearray(sample)
    for _ in range(rng.randint(0, 3)):
        at, piece = rng.randrange(len(data) + 1), rng.choice(_PIECES)
        data[at : at + rng.choice([0, 1, len(piece), 40])] = piece
    return bytes(data)


def _header(data: bytes) -> bool:
    try:
        size = age_encryption.header_size(data)
    except age_encryption.NotSealedError:
        return False
    assert data.startswith(age_encryption.MARK)
    assert len(age_encryption.MARK) < size <= age_encryption.LONGEST_HEADER
    assert data[:size].count(b"-> X25519 ") >= 1
    return True


def _form(data: bytes) -> bool:
    taken: list[_Taker] = []

    def begin(fields: dict[str, str], name: str) -> _Taker:
        taken.append(_Taker())
        return taken[-1]

    form = FileForm(begin)
    try:
        form.read("multipart/form-data; boundary=b", io.BytesIO(data).read)
    except FormUnreadableError:
        assert all(one.thrown for one in taken)
        return False
    assert len(taken) <= 1
    assert not any(one.thrown for one in taken)
    return form.file is not None


if __name__ == "__main__":
    run(one)
