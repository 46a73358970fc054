"""A log in a folder: appended in any pieces, killed at any step, it verifies and has lost nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.tlog.test_verify import LOG, NOW, ORIGIN, by_definition, entries, tiles
from tutela.tlog.log_folder import Log, LogError
from tutela.tlog.signing import Signer
from tutela.tlog.tiles import Tiles
from tutela.tlog.verify import COSIGNATURE, ED25519, Checkpoint, audit, check_consistency, open_note


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed_at(step: int) -> Iterator[None]:
    """The process dies at its step-th write to the disk (a file's or folder's sync, or a rename)."""
    left = step

    def dying[**P, T](original: Callable[P, T]) -> Callable[P, T]:
        def one(*args: P.args, **kwargs: P.kwargs) -> T:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            return original(*args, **kwargs)

        return one

    patch = pytest.MonkeyPatch()
    patch.setattr(os, "fsync", dying(os.fsync))
    patch.setattr(Path, "replace", dying(Path.replace))
    try:
        yield
    finally:
        patch.undo()


def append(log: Log, some: list[bytes]) -> Checkpoint:
    with log.held():
        log.sign(some, NOW)
        return log.publish()


@given(st.lists(st.integers(0, 700), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_any_pieces_make_the_same_files(tmp_path_factory: pytest.TempPathFactory, pieces: list[int]) -> None:
    log = Log(tmp_path_factory.mktemp("log"), ORIGIN, [LOG])
    done = 0
    for piece in pieces:
        before = log.published()
        checkpoint = append(log, entries(done + piece)[done:])
        done += piece
        assert (checkpoint.size, checkpoint.root) == (done, by_definition(entries(done)))
        proof = log.tree(done).consistency(before.size)
        check_consistency(before.size, before.root, done, checkpoint.root, proof)
    audit(Tiles(log.fetch), log.published())
    wanted = tiles(entries(done))
    for path, data in wanted.items():
        assert log.fetch(path) == data
    for at in {0, done // 2, done - 1} if done else ():
        assert log.entry(at, done) == entries(done)[at]


def test_partial_tiles_go_once_a_full_one_stands_for_them(tmp_path: Path) -> None:
    log = Log(tmp_path, ORIGIN, [LOG])
    append(log, entries(200))
    assert (tmp_path / "tile/0/000.p/200").exists()
    append(log, entries(300)[200:])
    assert not (tmp_path / "tile/0/000.p").exists()
    assert not (tmp_path / "tile/entries/000.p").exists()
    assert log.tree(200).root == by_definition(entries(200))  # the full tile serves older readers
    audit(Tiles(log.fetch), Checkpoint(ORIGIN, 200, by_definition(entries(200))))


def test_a_kill_at_any_step_leaves_a_log_that_verifies_and_goes_on(tmp_path: Path) -> None:
    steps = 0
    while True:
        log = Log(tmp_path / str(steps), ORIGIN, [LOG])
        append(log, entries(250))
        try:
            with killed_at(steps):
                append(log, entries(520)[250:])
            died = False
        except Killed:
            died = True
        audit(Tiles(log.fetch), log.published())
        signed = log.pending()
        with log.held():
            again = log.sign(entries(530)[log.published().size :], NOW)
            if signed:
                assert again == signed  # what was signed is what is published, never another tree of that size
            log.publish()
            while log.published().size < 530:
                log.sign(entries(530)[log.published().size :], NOW)
                log.publish()
        assert log.published() == Checkpoint(ORIGIN, 530, by_definition(entries(530)))
        audit(Tiles(log.fetch), log.published())
        if not died:
            break
        steps += 1
    assert steps > 10


def test_two_writers_of_one_log_are_not_let_in(tmp_path: Path) -> None:
    log = Log(tmp_path, ORIGIN, [LOG])
    with log.held(), pytest.raises(LogError, match="another process"), log.held():
        pass


def test_a_foreign_or_torn_checkpoint_is_refused(tmp_path: Path) -> None:
    append(Log(tmp_path, ORIGIN, [LOG]), entries(3))
    stranger = Log(tmp_path, ORIGIN, [Signer.from_seed(ORIGIN, ED25519, bytes(32))])
    with pytest.raises(LogError, match="not signed by this log"):
        stranger.published()
    with pytest.raises(LogError, match="another log"):
        Log(tmp_path, "else.example/log", [LOG]).published()
    (tmp_path / "checkpoint").write_bytes(b"centre.example")
    with pytest.raises(LogError):
        Log(tmp_path, ORIGIN, [LOG]).published()


def test_an_entry_that_no_bundle_can_hold_is_refused_and_nothing_is_signed(tmp_path: Path) -> None:
    log = Log(tmp_path, ORIGIN, [LOG])
    with pytest.raises(LogError, match="65535"):
        append(log, [b"x" * 65_536])
    assert log.pending() is None
    assert append(log, [b"x" * 65_535]).size == 1
    with pytest.raises(LogError, match="nothing is pending"):
        log.publish()


def test_cosignatures_are_added_to_what_is_pending(tmp_path: Path) -> None:
    log = Log(tmp_path, ORIGIN, [LOG])
    witness = Signer.from_seed("witness.example/a", COSIGNATURE, bytes(32))
    with log.held():
        checkpoint = log.sign(entries(5), NOW)
        line = witness.line(str(checkpoint), NOW)
        log.add_signatures([line])
        log.add_signatures([line])
        log.publish()
    note = log.fetch("checkpoint")
    assert note.count(b"witness.example/a") == 1
    assert set(open_note(note, [LOG.key, witness.key]).signers) == {LOG.key, witness.key}


def test_a_log_takes_back_what_it_published_and_lost(tmp_path: Path) -> None:
    """Also where what waits to be published is an earlier part of it; a fork is refused, and a copy that lacks some."""
    whole, behind = Log(tmp_path / "whole", ORIGIN, [LOG]), Log(tmp_path / "behind", ORIGIN, [LOG])
    append(behind, entries(3))
    with behind.held():
        behind.sign(entries(5)[3:], NOW)
    newest, note = append(whole, entries(9)), whole.fetch("checkpoint")
    with behind.held():
        for wrong in (entries(8)[3:], [*entries(8)[3:], b"another"], [b"another", *entries(9)[4:]]):
            with pytest.raises(LogError):
                behind.take(wrong, note)
        assert behind.published().size == 3
        assert behind.take(entries(9)[3:], note) == newest
    audit(Tiles(behind.fetch), behind.published())
    ahead = Log(tmp_path / "ahead", ORIGIN, [LOG])
    append(ahead, entries(3))
    with ahead.held():
        ahead.sign(entries(12)[3:], NOW)
        with pytest.raises(LogError, match="signed more"):
            ahead.take(entries(9)[3:], note)


def test_a_tree_is_signed_anew_under_a_later_key_and_stays_the_same(tmp_path: Path) -> None:
    append(Log(tmp_path, ORIGIN, [LOG]), entries(300))
    later = Signer.from_seed(ORIGIN, ED25519, bytes([8]) * 32)
    log = Log(tmp_path, ORIGIN, [later], (LOG.key,))
    before = log.published()
    assert not log.signed_now()
    assert append(log, []) == before
    assert log.signed_now()
    assert open_note(log.fetch("checkpoint"), [later.key]).signers == {later.key: 0}
    audit(Tiles(log.fetch), log.published())


def test_what_is_pending_is_signed_by_a_later_key_too(tmp_path: Path) -> None:
    old = Log(tmp_path, ORIGIN, [LOG])
    with old.held():
        waiting = old.sign(entries(3), NOW)
    later = Signer.from_seed(ORIGIN, ED25519, bytes([8]) * 32)
    log = Log(tmp_path, ORIGIN, [later], (LOG.key,))
    assert not log.signed_now("pending")
    assert append(log, entries(9)) == waiting
    assert set(open_note(log.fetch("checkpoint"), [later.key, LOG.key]).signers) == {later.key, LOG.key}
