"""Sealed files and forms that carry one. Run: `python -m tests.fuzz.fuzz_sealed [seconds]` from the root."""

from __future__ import annotations

import io
import random
import sys
import time
from types import SimpleNamespace
from typing import Any

from tutela.exchange import age
from tutela.reports.form_file import FileForm, Unreadable

_IDENTITY, _RECIPIENT = age.new_identity()
_FORM = (
    b'--b\r\nContent-Disposition: form-data; name="id"\r\n\r\n4570000000001\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="quay.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    b"a landscape\r\n--b--\r\n"
)
_PIECES = [b"-> ", b"--- ", b"\n", b"\r\n", b"--b", b"--b--", b"X25519 ", b"-grease ", b"\0", b"\xff", b"=", b'"', b";",
           b"filename=", b"name=", b" " * 90, b"A" * 70]  # fmt: skip


def _sealed() -> bytes:
    out = io.BytesIO()
    sealer = age.Sealer(_RECIPIENT, out)
    sealer.write(b"a landscape" * 20)
    sealer.close()
    return out.getvalue()


_SEALED = _sealed()


class _Taker:
    """Counts what it is given, and knows when it was thrown away."""

    def __init__(self) -> None:
        self.size, self.thrown = 0, False

    def write(self, piece: bytes) -> None:
        self.size += len(piece)

    def abort(self) -> None:
        self.thrown = True


def one(seed: int) -> bool:
    """One mutated file and one mutated form; True if either was taken, and then what follows from it holds."""
    rng = random.Random(seed)
    return _header(_mutated(rng, _SEALED)) | _form(_mutated(rng, _FORM))


def _mutated(rng: random.Random, sample: bytes) -> bytes:
    data = bytearray(sample)
    for _ in range(rng.randint(0, 3)):
        at, piece = rng.randrange(len(data) + 1), rng.choice(_PIECES)
        data[at : at + rng.choice([0, 1, len(piece), 40])] = piece
    return bytes(data)


def _header(data: bytes) -> bool:
    try:
        size = age.header_size(data)
    except age.NotSealedError:
        return False
    assert data.startswith(age.MARK)
    assert len(age.MARK) < size <= age.LONGEST_HEADER
    assert data[:size].count(b"-> X25519 ") >= 1
    return True


def _form(data: bytes) -> bool:
    taken: list[_Taker] = []

    def begin(fields: dict[str, str], name: str) -> _Taker:
        taken.append(_Taker())
        return taken[-1]

    form = FileForm(begin)
    request: Any = SimpleNamespace(META={"CONTENT_TYPE": "multipart/form-data; boundary=b"}, read=io.BytesIO(data).read)
    try:
        form.read(request)
    except Unreadable:
        assert all(one.thrown for one in taken)
        return False
    assert len(taken) <= 1
    assert not any(one.thrown for one in taken)
    return form.file is not None


def main() -> None:
    """Run until the time is over."""
    end, seed, read = time.monotonic() + float(sys.argv[1] if len(sys.argv) > 1 else 60), 0, 0
    while time.monotonic() < end:
        read += one(seed)
        seed += 1
    sys.stdout.write(f"{seed} seeds, {read} taken, nothing else happened\n")


if __name__ == "__main__":
    main()
