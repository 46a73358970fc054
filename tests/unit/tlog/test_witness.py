"""Our witness against our client: growth is cosigned, the six attacks are refused with the specified answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests.unit.tlog.test_verify import LOG, NOW, ORIGIN, entries, tiles
from tutela.tlog.signing import Signer, sign
from tutela.tlog.tile_proofs import Tree
from tutela.tlog.verify import COSIGNATURE, ED25519, Checkpoint, open_note
from tutela.tlog.witness import SIZE_TYPE, OtherTree, Witness, WitnessAnswer, WitnessError, cosign, last_seen, request

SIGNER = Signer.from_seed("witness.example/a", COSIGNATURE, bytes([3]) * 32)


@dataclass
class Running:
    """A witness with its memory."""

    witness: Witness = field(default_factory=lambda: Witness(SIGNER, {ORIGIN: [LOG.key]}))
    last: Checkpoint | None = None
    shown: bytes | None = None

    def show(self) -> bytes:
        """What readers get: what was signed last, or something else."""
        made = sign(str(self.last), [LOG], NOW) if self.last else b""
        return made if self.shown is None else self.shown

    def post(self, body: bytes) -> WitnessAnswer:
        answer, kept = self.witness.answer(body, self.last, NOW)
        self.last = kept or self.last
        return answer


def tree(size: int, changed: int | None = None) -> Tree:
    leaves = entries(size)
    if changed is not None:
        leaves[changed] = b"another"
    return Tree(tiles(leaves).__getitem__, size)


def note(made: Tree, signer: Signer = LOG, origin: str = ORIGIN) -> bytes:
    return sign(str(Checkpoint(origin, made.size, made.root)), [signer], NOW)


def test_a_log_that_grows_is_cosigned_whatever_the_client_remembers() -> None:
    running = Running()
    for size, known in ((1, 0), (2, 0), (255, 2), (256, 0), (257, 256), (900, 7)):
        made = tree(size)
        line = cosign(running.post, SIGNER.key, made, note(made), known)
        opened = open_note(note(made) + line.encode(), [LOG.key, SIGNER.key])
        assert opened.signers[SIGNER.key] == int(NOW.timestamp())
        assert running.last == Checkpoint(ORIGIN, size, made.root)
    made = tree(900)
    assert cosign(running.post, SIGNER.key, made, note(made), 900)  # the same again is cosigned again


def test_the_six_attacks_are_refused() -> None:
    running = Running()
    honest = tree(300)
    cosign(running.post, SIGNER.key, honest, note(honest))
    fork, grown = tree(300, changed=5), tree(301, changed=5)
    stranger = Signer.from_seed(ORIGIN, ED25519, bytes(32))
    asked = {
        422: [b"old 300\n\n" + note(fork), request(300, grown, note(grown))],
        409: [request(100, tree(301), note(tree(301)))],
        400: [b"old 300\n\n" + note(tree(299))],
        403: [b"old 300\n\n" + note(honest, stranger)],
        404: [b"old 0\n\n" + note(honest, LOG, "other.example/log")],
    }
    for status, bodies in asked.items():
        for body in bodies:
            answer = running.post(body)
            assert answer.status == status, (status, answer)
            if status == 409:
                assert (answer.body, answer.type) == (b"300\n", SIZE_TYPE)
    assert running.last == Checkpoint(ORIGIN, 300, honest.root)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old\n\n",
        b"old x\n\n",
        b"old -1\n\n",
        b"old 0\n!!\n\n",
        b"new 0\n\n",
        b"\xff\n\n",
        b"old 0\n" + b"A" * 43 + b"=\n" * 70 + b"\n",
        b"old 0\n\n" + b"x" * 70_000,
    ],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    assert Running().post(body).status in (400, 404)


def test_an_empty_log_has_the_empty_root() -> None:
    running = Running()
    bad = sign(str(Checkpoint(ORIGIN, 0, bytes(32))), [LOG], NOW)
    assert running.post(b"old 0\n\n" + bad).status == 422
    good = sign(str(Checkpoint(ORIGIN, 0, tree(0).root)), [LOG], NOW)
    assert running.post(b"old 0\n\n" + good).status == 200


def test_a_client_believes_no_answer_that_it_cannot_verify() -> None:
    made = tree(5)
    other = Signer.from_seed("witness.example/b", COSIGNATURE, bytes([4]) * 32)
    answers = [
        WitnessAnswer(200, other.line(str(Checkpoint(ORIGIN, 5, made.root)), NOW).encode()),
        WitnessAnswer(200, SIGNER.line(str(Checkpoint(ORIGIN, 6, made.root)), NOW).encode()),
        WitnessAnswer(200, b""),
        WitnessAnswer(200, b"\xff"),
        WitnessAnswer(500, b"broken"),
        WitnessAnswer(409, b"many"),
        WitnessAnswer(409, b"9\n"),
    ]
    for answer in answers:
        with pytest.raises(WitnessError):
            cosign(lambda _, answer=answer: answer, SIGNER.key, made, note(made))  # type: ignore[misc]


def _asked(running: Running, size: int) -> int:
    made = tree(size)
    return last_seen(running.post, running.show, SIGNER.key, made, note(made), [LOG.key])


def test_a_witness_says_what_it_has_seen_before_anything_new_is_signed() -> None:
    running = Running()
    assert _asked(running, 0) == 0
    assert _asked(running, 5) == 0, "it had seen nothing, and has now seen what was signed before"
    assert _asked(running, 5) == 5
    assert _asked(running, 9) == 5
    assert _asked(running, 3) == 9, "an older copy"
    made, forked = tree(12), tree(12, changed=3)
    with pytest.raises(OtherTree):
        last_seen(running.post, running.show, SIGNER.key, forked, note(forked), [LOG.key])
    for answer in (
        WitnessAnswer(404, b"x"),
        WitnessAnswer(500, b""),
        WitnessAnswer(409, b"many"),
        WitnessAnswer(200, b""),
    ):
        with pytest.raises(WitnessError):
            last_seen(lambda _, answer=answer: answer, bytes, SIGNER.key, made, note(made), [LOG.key])  # type: ignore[misc]


def test_that_a_witness_has_seen_more_is_believed_where_it_shows_what_the_log_signed() -> None:
    made, more = tree(5), tree(9)
    huge, other = WitnessAnswer(409, b"999999999999\n", SIZE_TYPE), WitnessAnswer(422, b"another tree")
    stranger = Signer.from_seed(ORIGIN, ED25519, bytes(32))

    def asked(answer: WitnessAnswer, shown: bytes) -> int:
        return last_seen(lambda _: answer, lambda: shown, SIGNER.key, made, note(made), [LOG.key])

    for answer in (huge, other):
        for shown in (b"", b"\xff", note(more, stranger), note(made), note(tree(3))):
            with pytest.raises(WitnessError) as error:
                asked(answer, shown)
            assert not isinstance(error.value, OtherTree), "its own word stops nobody"
        assert asked(answer, note(more)) == 9
        for forked in (tree(5, changed=1), tree(3, changed=1)):
            with pytest.raises(OtherTree):
                asked(answer, note(forked))


def test_of_an_answer_the_verified_line_alone_is_kept() -> None:
    made = tree(5)
    text = str(Checkpoint(ORIGIN, 5, made.root))
    good = SIGNER.line(text, NOW)
    junk = f"\N{EM DASH} {SIGNER.name} {'A' * 40}\n"
    for body in (good + junk * 99, junk * 50 + good, good + good):
        assert cosign(lambda _, body=body: WitnessAnswer(200, body.encode()), SIGNER.key, made, note(made)) == good  # type: ignore[misc]
    # Its signature over our text and more, which would cut the note elsewhere.
    longer = f"{text}\n{junk}"
    with pytest.raises(WitnessError, match="another text"):
        cosign(
            lambda _: WitnessAnswer(200, f"{junk}\n{SIGNER.line(longer, NOW)}".encode()), SIGNER.key, made, note(made)
        )
