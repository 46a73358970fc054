"""The register's policy as a file: three of four, in a row, and nothing that is not one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from typer.testing import CliRunner

from tutela.app.cli import app
from tutela.exchange.errors import NotJsonError
from tutela.exchange.register.policy import RegisterPolicy, SignedPolicy, flaw

KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in range(1, 6)]
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def policy(version: int = 1, previous: str | None = None, **change: Any) -> RegisterPolicy:
    signers = [
        {"name": f"Signer {n}", "key": key.public_key().public_bytes_raw().hex()} for n, key in enumerate(KEYS[:4])
    ]
    values = {
        "version": version,
        "previous": previous,
        "categories": ["eu-2011-93:known-material"],
        "certifiers": ["hotline", "authority"],
        "signers": signers,
        "binds_from": NOW,
    }
    return RegisterPolicy.model_validate(values | change)


def signed(one: RegisterPolicy, *numbers: int) -> SignedPolicy:
    made = SignedPolicy(policy=one)
    for number in numbers:
        made = made.signed_by(KEYS[number])
    return made


@pytest.mark.parametrize(
    ("numbers", "enough"),
    [
        ((), False),
        ((0, 1), False),
        ((0, 1, 4), False),
        ((0, 0, 0), False),
        ((0, 1, 2), True),
        ((3, 1, 2), True),
        ((0, 1, 2, 3), True),
    ],
)
def test_three_of_four_sign_a_change_or_it_is_none(numbers: tuple[int, ...], enough: bool) -> None:
    first = policy()
    assert (flaw(signed(policy(2, first.fingerprint()), *numbers), first) == "") is enough


def test_the_first_is_signed_by_all_of_its_signers() -> None:
    assert "all signers" in flaw(signed(policy(), 0, 1, 2), None)
    assert "Signer 2" in flaw(signed(policy(), 0, 1, 2), None)
    assert not flaw(signed(policy(), 0, 1, 2), None, first=3), "as nodes took one in before"
    assert not flaw(signed(policy(), 3, 0, 1, 2), None)


def test_a_change_is_signed_by_those_before_and_follows_the_one_before() -> None:
    first = policy()
    others = [{"name": f"New {n}", "key": f"{n:064x}"} for n in range(4)]
    change = policy(2, first.fingerprint(), signers=others)
    assert not flaw(signed(change, 0, 1, 2), first)
    assert "3 of 4" in flaw(signed(change, 0, 1), first)
    assert "version 2" in flaw(signed(policy(3, first.fingerprint()), 0, 1, 2), first)
    assert "digest" in flaw(signed(policy(2, "ab" * 32), 0, 1, 2), first)
    assert flaw(signed(change, 0, 1, 2), None) == "the first policy must have version 1"


def test_a_signature_does_not_move_to_another_policy() -> None:
    good = signed(policy(), 0, 1, 2)
    moved = SignedPolicy(policy=policy(organisations=3), signatures=good.signatures)
    assert "signed by none" in flaw(moved, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"organisations": 1}, "organisations"),
        ({"jurisdictions": 3}, ""),
        ({"categories": []}, "categories"),
        ({"categories": ["everything"]}, "categories"),
        ({"certifiers": ["provider"]}, "certifiers"),
        ({"signers": [{"name": "A", "key": "ab" * 32}] * 4}, ""),
        ({"previous": "ab" * 32}, ""),
        ({"doubters": 1}, "doubters"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_a_policy_says_which_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        policy(**change)
    assert not field or field in str(caught.value.errors()[0]["loc"])


@given(st.binary(max_size=200))
def test_bytes_are_read_or_refused(data: bytes) -> None:
    with pytest.raises((ValidationError, NotJsonError)):
        SignedPolicy.from_bytes(data)


def test_signers_work_with_files_alone(tmp_path: Path) -> None:
    run, publics = CliRunner(), []
    for number in range(4):
        made = run.invoke(app, ["policy", "key", str(tmp_path / f"key-{number}")])
        assert made.exit_code == 0
        publics.append(made.stdout.strip())
        assert (tmp_path / f"key-{number}").stat().st_mode & 0o077 == 0
    file = tmp_path / "policy.json"
    signers = [{"name": f"S{n}", "key": key} for n, key in enumerate(publics)]
    draft = json.loads(policy().to_bytes()) | {"signers": signers, "binds_from": (NOW + timedelta(days=1)).isoformat()}
    file.write_text(json.dumps(draft))
    for number in range(4):
        refused = run.invoke(app, ["policy", "check", str(file)])
        assert refused.exit_code == 4
        assert run.invoke(app, ["policy", "sign", str(file), str(tmp_path / f"key-{number}")]).exit_code == 0
    done = run.invoke(app, ["policy", "check", str(file)])
    assert done.exit_code == 0, done.output
    assert "holds" in done.output
    pin = SignedPolicy.from_bytes(file.read_bytes()).policy.fingerprint()
    assert f"pin of the first policy: {pin}" in done.output
    draft["organisations"] = 0
    file.write_text(json.dumps(draft))
    wrong = run.invoke(app, ["policy", "check", str(file)])
    assert wrong.exit_code == 2
    assert "organisations" in wrong.output
    assert run.invoke(app, ["policy", "key", str(tmp_path / "key-0")]).exit_code == 2
