"""Witnesses (c2sp.org tlog-witness): ask one, read its answer, and act as one."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from tutela.tlog.signing import Signer
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.verify import (
    EMPTY_ROOT,
    Checkpoint,
    Key,
    Refused,
    check_consistency,
    from_base64,
    open_note,
    split_note,
)

SIZE_TYPE = "text/x.tlog.size"
PATH = "/add-checkpoint"
_MOST_HASHES = 63
MOST_REQUEST = 64 * 1024


class WitnessError(RuntimeError):
    """A witness did not cosign; the text gives its answer."""


class OtherTree(WitnessError):
    """A witness has cosigned a tree that is no part of ours."""


@dataclass(frozen=True, slots=True)
class WitnessAnswer:
    """HTTP response of a witness, received or to be sent."""

    status: int
    body: bytes
    type: str = "text/plain; charset=utf-8"


type Post = Callable[[bytes], WitnessAnswer]
# What a witness shows to readers as the last that it signed.
type Show = Callable[[], bytes]


def cosign(post: Post, key: Key, tree: Tree, note: bytes, known: int = 0) -> str:
    """Let a witness cosign `note`, whose tree is `tree`. Returns its signature line, verified.

    `known` is the size that the witness probably has; the witness states its own size when that is wrong. Raises
    `WitnessError`.
    """
    answer = post(request(known, tree, note))
    if answer.status == HTTPStatus.CONFLICT:
        answer = post(request(_size(answer.body), tree, note))
    return _line(answer, key, note)


def _line(answer: WitnessAnswer, key: Key, note: bytes) -> str:
    """The witness's signature line of an answer, verified. Whatever else it answered is not kept."""
    if answer.status != HTTPStatus.OK:
        raise WitnessError(f"{key.name} answered {answer.status}: {answer.body[:200].decode(errors='replace').strip()}")
    text = note[: note.rindex(b"\n\n") + 1]
    try:
        if open_note(text + b"\n" + answer.body, [key]).text.encode() != text:
            raise Refused("the cosignature is of another text")
        given = split_note(text + b"\n" + answer.body)[1]
    except Refused as error:
        raise WitnessError(f"{key.name} answered with something other than its own cosignature: {error}") from None
    signature = next(signature for name, signature in given if (name, signature[:4]) == (key.name, key.id))
    return f"\N{EM DASH} {key.name} {base64.b64encode(signature).decode()}\n"


def last_seen(post: Post, show: Show, key: Key, tree: Tree, note: bytes, log: Iterable[Key]) -> int:
    """Number of entries of a log that a witness has seen.

    `note`, of the tree `tree`, was signed before by a key of `log`. The witness is asked to cosign the note as if it
    had seen nothing, and answers with its size. If that size is at most the note's, the witness must find that the note
    continues it. Anyone could claim a larger size or another tree to stop a log. The claim is therefore believed only
    if the witness shows (`show`) a checkpoint that the log has signed. Raises `OtherTree` where that one contradicts
    the note, `WitnessError`, and what `show` raises.
    """
    size, answer = 0, post(request(0, tree, note))
    if answer.status == HTTPStatus.CONFLICT:
        size = _size(answer.body)
        if size > tree.size:
            return _proven(show, key, tree, log)
        answer = post(request(size, tree, note))
    if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return _proven(show, key, tree, log) if tree.size else 0
    _line(answer, key, note)
    return size


def _proven(show: Show, key: Key, tree: Tree, log: Iterable[Key]) -> int:
    """The size of what a witness shows, which the log signed and which is more than there is here."""
    try:
        shown = Checkpoint.parse(open_note(show(), log).text)
    except Refused:
        raise WitnessError(f"{key.name} claims to have seen more, and shows nothing that this log signed") from None
    if shown.size > tree.size:
        return shown.size
    try:
        check_consistency(shown.size, shown.root, tree.size, tree.root, tree.consistency(shown.size))
    except Refused:
        raise OtherTree(f"{key.name} has signed another tree of this log") from None
    raise WitnessError(f"{key.name} claims to have seen more, and shows less than this log has")


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
        raise WitnessError("the witness reported a conflict without its size")
    return int(text)


@dataclass(frozen=True, slots=True)
class Witness:
    """Witness that cosigns checkpoints of logs. `logs` are the keys it knows, by origin.

    The caller keeps the last checkpoint of each log and gives it to `answer`. In the same atomic step it keeps the one
    that comes back, before the answer is sent.
    """

    signer: Signer
    logs: Mapping[str, list[Key]]

    def origin(self, body: bytes) -> str | WitnessAnswer:
        """Return the origin of the checkpoint in a request, or the refusal."""
        read = self._read(body)
        return read if isinstance(read, WitnessAnswer) else read[2].origin

    def answer(self, body: bytes, last: Checkpoint | None, now: datetime) -> tuple[WitnessAnswer, Checkpoint | None]:
        """The answer, and the checkpoint to keep if it is a cosignature."""
        read = self._read(body)
        if isinstance(read, WitnessAnswer):
            return read, None
        old, proof, new = read
        seen, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
        if old > new.size:
            return _refusal(HTTPStatus.BAD_REQUEST, "the old size is larger than the checkpoint's"), None
        if old != seen:
            return WitnessAnswer(HTTPStatus.CONFLICT, f"{seen}\n".encode(), SIZE_TYPE), None
        try:
            if new.size == 0 and new.root != EMPTY_ROOT:
                raise Refused("an empty log must have the empty root")
            check_consistency(old, root, new.size, new.root, proof)
        except Refused as error:
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)), None
        return WitnessAnswer(HTTPStatus.OK, self.signer.line(str(new), now).encode()), new

    def _read(self, body: bytes) -> tuple[int, list[bytes], Checkpoint] | WitnessAnswer:
        head, gap, note = body.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
            old = first.removeprefix("old ")
            if not gap or len(body) > MOST_REQUEST or first == old or not old.isdecimal() or len(old) > 19:
                raise Refused("the request must begin with `old` and a size")
            if len(hashes) > _MOST_HASHES:
                raise Refused("the proof is too long")
            proof = [from_base64(one, "a hash") for one in hashes]
            origin = note.partition(b"\n")[0].decode()
        except (Refused, UnicodeDecodeError) as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        keys = self.logs.get(origin)
        if keys is None:
            return _refusal(HTTPStatus.NOT_FOUND, "this log is unknown")
        try:
            checkpoint = Checkpoint.parse(open_note(note, keys).text)
        except Refused as error:
            return _refusal(HTTPStatus.FORBIDDEN, str(error))
        if str(checkpoint).encode() != note[: len(str(checkpoint).encode())] or checkpoint.origin != origin:
            return _refusal(HTTPStatus.FORBIDDEN, "the checkpoint is not valid")
        return int(old), proof, checkpoint


def _refusal(status: HTTPStatus, reason: str) -> WitnessAnswer:
    return WitnessAnswer(status, f"{reason}\n".encode())
