"""A backup is laid down whole, in place of nothing."""

from __future__ import annotations

import errno
import os
import re
import stat
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pyrage
import pytest

from tutela.app.runtime import backup
from tutela.app.runtime.backup import CannotRestore

WORDS = "seven quiet harbours at dusk"


def _write(target: Path) -> int:
    return backup.write(target.parent / "data", "postgresql://", target, passphrase=WORDS)


def _dumps(monkeypatch: pytest.MonkeyPatch, dump: Callable[[str], bytes]) -> None:
    monkeypatch.setattr(backup, "_dump", dump)
    # Making a key of a passphrase slow is pyrage's business, not that of a test about files.
    monkeypatch.setattr(backup, "_seal", lambda plain, *_: plain)


def _no_links(*_: object) -> None:
    raise OSError(errno.EPERM, "Operation not permitted")


@pytest.fixture(params=["links", "no links"])
def _files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a file system with second names for files, and on one without."""
    if request.param == "no links":
        monkeypatch.setattr(os, "link", _no_links)


@pytest.mark.usefixtures("_files")
def test_a_file_that_comes_meanwhile_is_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "node.age"

    def dump(_url: str) -> bytes:
        target.write_bytes(b"the last good one")
        return b"dump"

    _dumps(monkeypatch, dump)
    with pytest.raises(CannotRestore, match="already exists"):
        _write(target)
    assert target.read_bytes() == b"the last good one"
    assert [one.name for one in tmp_path.iterdir()] == ["node.age"]


@pytest.mark.usefixtures("_files")
def test_of_two_at_once_one_is_kept_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target, both, numbers = tmp_path / "node.age", threading.Barrier(2), iter(range(2))

    def dump(_url: str) -> bytes:
        number = next(numbers)
        both.wait(30)
        return bytes([number]) * (1 << 20)

    def one(_number: int) -> int | None:
        try:
            return _write(target)
        except CannotRestore:
            return None

    _dumps(monkeypatch, dump)
    with ThreadPoolExecutor(2) as threads:
        sizes = list(threads.map(one, range(2)))
    (size,) = [found for found in sizes if found]
    held = target.read_bytes()
    assert len(held) == size
    assert (held.count(b"\0" * (1 << 20)) == 1) != (held.count(b"\1" * (1 << 20)) == 1)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.iterdir()] == ["node.age"]


def test_what_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    _dumps(monkeypatch, lambda _url: b"dump")
    monkeypatch.setattr(os, "link", _no_links)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotRestore, match="No space left"):
        _write(tmp_path / "node.age")
    assert not list(tmp_path.iterdir())
    with pytest.raises(OSError, match="No space left"):
        backup._write_new(b"x", tmp_path / "node.age")
    assert not list(tmp_path.iterdir())


def _of_work(sealed: bytes, factor: int) -> bytes:
    """The same file, of a machine on which the passphrase took this much work."""
    return re.sub(rb"(-> scrypt \S+ )\d+", rb"\g<1>%d" % factor, sealed)


def test_a_backup_that_takes_too_much_work_is_no_wrong_passphrase(tmp_path: Path) -> None:
    file = tmp_path / "kept.age"
    file.write_bytes(_of_work(pyrage.passphrase.encrypt(b"x", WORDS), 40))
    with pytest.raises(CannotRestore, match="too busy or too slow"):
        backup.restore(file, tmp_path / "data", passphrase=WORDS)
    assert not (tmp_path / "data").exists()


def test_a_busy_moment_refuses_no_backup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opened on a machine whose first measurement found it slow: the file opens at a later one."""
    sealed, tried = pyrage.passphrase.encrypt(b"no archive", WORDS), list[bytes]()
    decrypt = pyrage.passphrase.decrypt

    def busy(given: bytes, passphrase: str) -> bytes:
        tried.append(given)
        return bytes(decrypt(given if len(tried) > 2 else _of_work(given, 40), passphrase))

    monkeypatch.setattr(backup.pyrage, "passphrase", SimpleNamespace(decrypt=busy))
    assert backup._open(sealed, WORDS, []) == b"no archive"
    assert len(tried) == 3
