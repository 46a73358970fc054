"""`tutela verify log` and the register's policies: pinned, kept from the first use, or told to be neither."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.support.tlog_policies import OTHERS, Policies, named
from tests.unit.exchange.register.test_policy import KEYS
from tutela.app.cli import app
from tutela.tlog.log_folder import Log
from tutela.tlog.signing import Signer
from tutela.tlog.verify import ED25519

ORIGIN = "centre.example/log"
KEY = Signer.from_seed(ORIGIN, ED25519, bytes([7]) * 32)
DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


def served(folder: Path, made: Policies, *, files: bool = True) -> Path:
    """A log in a folder, with the policies beside it."""
    folder.mkdir()
    log = Log(folder, ORIGIN, [KEY])
    log.sign([b'{"event":"x","hour":"2026-03-01T08Z"}', *made.entries], DAY)
    log.publish()
    (folder.parent / "policy.txt").write_text(f"log {KEY.key}\nquorum none\n")
    (folder / "register-policy").mkdir()
    for number, data in made.files.items() if files else ():
        (folder / "register-policy" / str(number)).write_bytes(data)
    return folder


def verify(folder: Path, *more: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["verify", "log", str(folder), "--policy", str(folder.parent / "policy.txt"), *more])
    return done.exit_code, done.output


@pytest.fixture
def mine() -> Policies:
    made = Policies()
    made.add(DAY)
    made.add(DAY, *KEYS[:3])
    return made


@pytest.fixture
def theirs() -> Policies:
    """Of somebody who runs the log, and chose the signers too."""
    made = Policies()
    made.add(DAY, *OTHERS, signers=named(OTHERS))
    return made


def test_a_pin_is_held_and_another_refuses_the_log(tmp_path: Path, mine: Policies, theirs: Policies) -> None:
    code, said = verify(served(tmp_path / "a", mine), "--policy-pin", mine.pin.upper())
    assert (code, "warning" in said) == (0, False), said
    code, said = verify(served(tmp_path / "b", theirs), "--policy-pin", mine.pin)
    assert code == 4
    assert "not valid: the register's policy: the log's first policy is" in said


def test_without_a_pin_the_first_use_counts_and_is_said(tmp_path: Path, mine: Policies, theirs: Policies) -> None:
    kept = str(tmp_path / "checkpoint")
    code, said = verify(served(tmp_path / "a", mine), "--keep", kept)
    assert (code, "warning: only this log" in said, mine.pin in said) == (0, True, True)
    assert (tmp_path / "checkpoint.policy").read_text().split() == [mine.pin, "seen"]
    code, said = verify(tmp_path / "a", "--keep", kept)
    assert (code, "not compared" in said) == (0, True)
    assert "not compared" not in verify(tmp_path / "a", "--keep", kept, "--policy-pin", mine.pin)[1]
    code, said = verify(tmp_path / "a", "--keep", kept)
    assert (code, "as pinned before" in said, "warning" in said) == (0, True, False), said
    (tmp_path / "checkpoint").unlink()
    code, said = verify(served(tmp_path / "b", theirs), "--keep", kept)
    assert (code, "is pinned" in said) == (4, True)


def test_a_log_from_before_says_so(tmp_path: Path, mine: Policies) -> None:
    code, said = verify(served(tmp_path / "a", mine, files=False))
    assert (code, "were not verified" in said) == (0, True)
    code, said = verify(tmp_path / "a", "--policy-pin", mine.pin)
    assert (code, "does not serve" in said) == (4, True)
    code, said = verify(served(tmp_path / "b", Policies()))
    assert (code, "names no policy of the register" in said) == (0, True)
    code, said = verify(tmp_path / "b", "--policy-pin", mine.pin)
    assert (code, "names no policy" in said) == (4, True)
    assert verify(tmp_path / "b", "--heads-only", "--policy-pin", mine.pin)[0] == 2


def test_a_change_that_does_not_follow_refuses_the_log(tmp_path: Path, mine: Policies) -> None:
    mine.add(DAY, *OTHERS[:3])
    code, said = verify(served(tmp_path / "a", mine), "--policy-pin", mine.pin)
    assert (code, "3 of the 4 previous signers" in said) == (4, True)
