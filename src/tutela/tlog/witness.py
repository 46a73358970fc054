"""Witnesses (c2sp.org tlog-witness): what to ask one, how to read its answer, and how to be one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from tutela.tlog.signing import Signer
from tutela.tlog.tree import Tree
from tutela.tlog.verify import EMPTY_ROOT, Checkpoint, Key, Refused, check_consistency, from_base64, open_note

SIZE_TYPE = "text/x.tlog.size"
PATH = "/add-checkpoint"
_MOST_HASHES = 63
MOST_REQUEST = 64 * 1024


class WitnessError(RuntimeError):
    """A witness did not cosign; the text says what it answered."""


class OtherTree(WitnessError):
    """A witness has cosigned a tree that is no part of ours."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over HTTP, or goes there."""

    status: int
    body: bytes
    type: str = "text/plain; charset=utf-8"


type Post = Callable[[bytes], Answer]


def cosign(post: Post, key: Key, tree: Tree, note: bytes, known: int = 0) -> str:
    """Let a witness cosign `note`, whose tree is `tree`. Returns its signature line, verified.

    `known` is the size that the witness is thought to have last; it says so itself when that is wrong. Raises
    `WitnessError`.
    """
    answer = post(request(known, tree, note))
    if answer.status == HTTPStatus.CONFLICT:
        answer = post(request(_size(answer.body), tree, note))
    return _line(answer, key, note)


def _line(answer: Answer, key: Key, note: bytes) -> str:
    """The witness's signature line of an answer, verified."""
    if answer.status != HTTPStatus.OK:
        raise WitnessError(f"{key.name} answered {answer.status}: {answer.body[:200].decode(errors='replace').strip()}")
    text = note[: note.rindex(b"\n\n") + 1]
    try:
        open_note(text + b"\n" + answer.body, [key])
    except Refused as error:
        raise WitnessError(f"{key.name} answered what is no cosignature of its own: {error}") from None
    start = f"\N{EM DASH} {key.name} "
    lines = [line for line in answer.body.decode().splitlines(keepends=True) if line.startswith(start)]
    return "".join(lines)


def last_seen(post: Post, key: Key, tree: Tree, note: bytes) -> int:
    """How many entries of a log a witness has seen, by its own word; `note`, of the tree `tree`, was signed before.

    It is asked to cosign the note as if it had seen nothing, and says what it has seen. Where that is no more than the
    note's, it must find that the note continues it. What a witness shows to readers may lag or be missing; this is
    what it goes by. Raises `OtherTree` where the note contradicts what it has seen, `WitnessError`.
    """
    size, answer = 0, post(request(0, tree, note))
    if answer.status == HTTPStatus.CONFLICT:
        size = _size(answer.body)
        if size > tree.size:
            return size
        answer = post(request(size, tree, note))
    if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        if tree.size == 0:
            return 0
        raise OtherTree(f"{key.name} has signed another tree of this log")
    _line(answer, key, note)
    return size


def request(known: int, tree: Tree, note: bytes) -> bytes:
    """The body of `add-checkpoint`. Raises `WitnessError` where the witness has seen more than there is."""
    try:
        hashes = tree.consistency(known)
    except Refused as error:
        raise WitnessError(f"the witness knows a log of {known}: {error}") from None
    lines = [f"old {known}", *(base64.b64encode(one).decode() for one in hashes), "", ""]
    return "\n".join(lines).encode() + note


def _size(body: bytes) -> int:
    text = body.decode(errors="replace").removesuffix("\n")
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise WitnessError("the witness answered a conflict without its size")
    return int(text)


@dataclass(frozen=True, slots=True)
class Witness:
    """The other side. `logs` are the keys it knows, by origin.

    The caller keeps the last checkpoint of each log, gives it to `answer` and, in the same atomic step, keeps the one
    that comes back before the answer is sent.
    """

    signer: Signer
    logs: Mapping[str, list[Key]]

    def origin(self, body: bytes) -> str | Answer:
        """Whose checkpoint this is, or the refusal."""
        read = self._read(body)
        return read if isinstance(read, Answer) else read[2].origin

    def answer(self, body: bytes, last: Checkpoint | None, now: datetime) -> tuple[Answer, Checkpoint | None]:
        """The answer, and the checkpoint to keep if it is a cosignature."""
        read = self._read(body)
        if isinstance(read, Answer):
            return read, None
        old, proof, new = read
        seen, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
        if old > new.size:
            return _refusal(HTTPStatus.BAD_REQUEST, "the old size is larger than the checkpoint's"), None
        if old != seen:
            return Answer(HTTPStatus.CONFLICT, f"{seen}\n".encode(), SIZE_TYPE), None
        try:
            if new.size == 0 and new.root != EMPTY_ROOT:
                raise Refused("an empty log has the empty root")
            check_consistency(old, root, new.size, new.root, proof)
        except Refused as error:
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)), None
        return Answer(HTTPStatus.OK, self.signer.line(str(new), now).encode()), new

    def _read(self, body: bytes) -> tuple[int, list[bytes], Checkpoint] | Answer:
        head, gap, note = body.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
            old = first.removeprefix("old ")
            if not gap or len(body) > MOST_REQUEST or first == old or not old.isdecimal() or len(old) > 19:
                raise Refused("the request does not begin with `old` and a size")
            if len(hashes) > _MOST_HASHES:
                raise Refused("the proof is too long")
            proof = [from_base64(one, "a hash") for one in hashes]
            origin = note.partition(b"\n")[0].decode()
        except (Refused, UnicodeDecodeError) as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        keys = self.logs.get(origin)
        if keys is None:
            return _refusal(HTTPStatus.NOT_FOUND, "this log is not known here")
        try:
            checkpoint = Checkpoint.parse(open_note(note, keys).text)
        except Refused as error:
            return _refusal(HTTPStatus.FORBIDDEN, str(error))
        if str(checkpoint).encode() != note[: len(str(checkpoint).encode())] or checkpoint.origin != origin:
            return _refusal(HTTPStatus.FORBIDDEN, "the checkpoint is not one")
        return int(old), proof, checkpoint


def _refusal(status: HTTPStatus, reason: str) -> Answer:
    return Answer(status, f"{reason}\n".encode())
