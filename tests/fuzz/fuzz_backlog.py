"""Files that claim to be a hotline's backlog. Run: `python -m tests.fuzz.fuzz_backlog [seconds]` from the root."""

from __future__ import annotations

import io
import random

from tests.fuzz.running import run
from tutela.exchange.takedown.backlog import BacklogUnreadableError, MailboxReader, TableReader

_MESSAGE = (
    b"From a@b.example\nFrom: A <a@b.example>\nDate: Tue, 10 Feb 2026 15:05:00 +0100\nSubject: =?utf-8?q?x?=\n"
    b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=q\n\n--q\nContent-Type: text/html; charset=utf-8\n"
    b'Content-Transfer-Encoding: quoted-printable\n\n<a href=3D"https://host.example/a?b=3D1&amp;c">x</a>\n--q\n'
    b"Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Disposition: inline; filename=x.png\n\n"
    b"iVBORw0KGgo=\n--q--\n\n"
)
_TABLE = (
    b"URL;REFERER;WORKUSER-EMAIL;REFERENCE;SOURCE;TYPE;received\n"
    b"hxxps://host[.]example/x;https://board.example/;a@b.example;EX-1;web;mainurl;10-02-2026\n"
)
_PIECES = [
    b'"',
    b";",
    b",",
    b"\t",
    b"\n",
    b"\r",
    b"\0",
    b"\xff",
    b"--q",
    b"--q--",
    b"boundary=",
    b"Content-Type: x/y\n",
]
_PIECES += [b"From ", b"charset=\xff", b"=?utf-8?b?//8=?=", b"<", b"&#x110000;", b"9" * 30, b"http://", b"[.]", b"\n\n"]
_PIECES += [b"Content-Type: message/rfc822\n\n", b"Date: Tue, 99 Feb 99999 99:99:99 +9999\n", b"filename*=utf-8''%ff"]


def one(seed: int) -> bool:
    """One mutated file; True if every address of it was found. No entry has anything but an address and a date."""
    rng = random.Random(seed)
    data = _MESSAGE * 2 if seed % 2 else _TABLE * 2
    for _ in range(rng.randint(1, 5)):
        at, piece = rng.randrange(len(data)), rng.choice(_PIECES)
        data = data[:at] + piece + data[at + rng.choice([0, 1, len(piece), 40]) :]
    table, mailbox = TableReader(), MailboxReader()
    try:
        found = list(table.read(io.BytesIO(data)))
    except BacklogUnreadableError:
        found = []
    mails = list(mailbox.read_mailbox(io.BytesIO(data)))
    list(MailboxReader().read_message(data))
    assert all(one.at is None or one.at.utcoffset() is not None for one in found + mails)
    hosts = {one.address.host for one in (mails if seed % 2 else found)}
    return "host.example" in hosts


if __name__ == "__main__":
    run(one)
