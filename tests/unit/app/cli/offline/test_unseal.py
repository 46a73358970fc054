"""`tutela unseal` as people type it: opened and checked, or one line that says why not; nothing is overwritten."""

from __future__ import annotations

import hashlib
import io
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from tests.support import exchange_reports
from tests.unit.exchange.cybertip.test_police_json import referral
from tutela.app.cli.offline.unseal import unseal
from tutela.exchange.message.signed_envelope import sign
from tutela.exchange.police.archive import Document, SealedPart, written
from tutela.exchange.referral import age_encryption, unsealing
from tutela.exchange.referral.referral import REFERRAL_CONTEXT, Referral, SealedFile
from tutela.exchange.referral.unsealing import Sealed, resealed_name

IDENTITY, RECIPIENT = age_encryption.new_identity()
OTHER, OTHER_RECIPIENT = age_encryption.new_identity()
CONTENT = b"a quay in the rain" * 9000


def sealed(clear: bytes, recipient: str = RECIPIENT) -> bytes:
    out = io.BytesIO()
    sealer = age_encryption.Sealer(recipient, out)
    sealer.write(clear)
    sealer.close()
    return out.getvalue()


class Desk:
    """A machine with a key, a sealed file and the package that names it."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.folder, self.out = folder, folder / "out"
        self.key, self.file, self.json = folder / "key.txt", folder / "a.age", folder / "package.json"
        self.key.write_text(f"# mine\n{IDENTITY}\n")
        self.data = sealed(CONTENT)
        self.file.write_bytes(self.data)
        entry = {
            "evidence_id": exchange_reports.report_id(20),
            "report_id": exchange_reports.report_id(),
            "file_id": "f",
            "size": len(self.data),
            "sha256": hashlib.sha256(self.data).hexdigest(),
            "key_id": age_encryption.key_id(RECIPIENT),
            "clear_sha256": hashlib.sha256(CONTENT).hexdigest(),
            "clear_size": len(CONTENT),
            "name": "quay.jpg",
        }
        self.entry = SealedFile.model_validate({**entry, **changes})
        self.package: Referral = referral(evidence=(self.entry,))
        self.json.write_bytes(self.package.to_bytes())

    def run(self, *arguments: object, key: Path | None = None) -> Result:
        app = typer.Typer()
        app.command()(unseal)
        given_ = ["--identity", str(key or self.key), "--out", str(self.out)]
        return CliRunner().invoke(app, [*map(str, arguments), *given_])

    def came(self) -> list[str]:
        return sorted(path.name for path in self.out.iterdir()) if self.out.exists() else []


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_file_is_opened_checked_and_readable_by_its_owner_alone(desk: Desk) -> None:
    done = desk.run(desk.file, "--referral", desk.json)
    assert done.exit_code == 0, done.output
    assert "matches the referral" in done.output
    (name,) = desk.came()
    assert name == f"{desk.entry.evidence_id}-quay.jpg"
    assert (desk.out / name).read_bytes() == CONTENT
    assert stat.S_IMODE((desk.out / name).stat().st_mode) == 0o600


def test_nothing_is_overwritten(desk: Desk) -> None:
    desk.run(desk.file, "--referral", desk.json)
    (name,) = desk.came()
    (desk.out / name).write_bytes(b"mine")
    again = desk.run(desk.file, "--referral", desk.json)
    assert again.exit_code == 3
    assert "is not overwritten" in again.output
    assert (desk.out / name).read_bytes() == b"mine"


def test_without_a_package_it_is_opened_and_said_to_be_unchecked(desk: Desk) -> None:
    done = desk.run(desk.file)
    assert (done.exit_code, desk.came()) == (0, ["a"])
    assert "NOT VERIFIED" in done.output


def test_another_key_a_cut_file_and_noise_are_said_and_leave_nothing(desk: Desk) -> None:
    other = desk.folder / "other.txt"
    other.write_text(OTHER)
    done = desk.run(desk.file, key=other)
    assert done.exit_code == 3
    assert "sealed to another key" in done.output
    for broken in (desk.data[:-1], desk.data[:200], desk.data + b"x", b"noise", b""):
        desk.file.write_bytes(broken)
        done = desk.run(desk.file)
        assert done.exit_code == 3
        assert "Traceback" not in done.output
    assert desk.came() == []


@pytest.mark.parametrize("change", [{"clear_sha256": "0" * 64}, {"clear_size": 1}, {"sha256": "0" * 64}])
def test_what_the_referral_does_not_name_is_not_written(tmp_path: Path, change: dict[str, Any]) -> None:
    desk = Desk(tmp_path, **change)
    done = desk.run(desk.file, "--referral", desk.json)
    assert done.exit_code == 4
    assert desk.came() == []


def test_one_bad_file_stops_no_other(desk: Desk) -> None:
    bad = desk.folder / "b.age"
    bad.write_bytes(b"noise")
    done = desk.run(bad, desk.file)
    assert (done.exit_code, desk.came()) == (3, ["a"])


@pytest.mark.parametrize("signed", [True, False])
def test_signed_referrals_and_archives_hold_their_own_package(desk: Desk, signed: bool) -> None:
    part = SealedPart(desk.entry, lambda: iter([desk.data]))
    if signed:
        envelope = sign(desk.package.to_bytes(), REFERRAL_CONTEXT, Ed25519PrivateKey.generate()).to_bytes()
        data = b"".join(written(desk.package, [("signed.json", envelope)], [part]))
    else:
        document = Document("referral.json", desk.package.to_bytes(), "application/json")
        data = b"".join(written(desk.package, [], [document, part]))
    path = desk.folder / "whole.zip"
    path.write_bytes(data)
    done = desk.run(path)
    assert done.exit_code == 0, done.output
    assert "matches the referral" in done.output
    assert (desk.out / desk.came()[0]).read_bytes() == CONTENT


def test_an_archive_that_was_cut_or_changed_anywhere_is_said(desk: Desk) -> None:
    document = Document("referral.json", desk.package.to_bytes(), "application/json")
    part = SealedPart(desk.entry, lambda: iter([desk.data]))
    whole = b"".join(written(desk.package, [], [document, part]))
    path = desk.folder / "whole.zip"
    for at in range(10, len(whole), len(whole) // 40):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        done = desk.run(path)
        assert done.exit_code in (0, 3, 4), (at, done.output, done.exception)
        for name in desk.came():
            assert (desk.out / name).read_bytes() == CONTENT
            (desk.out / name).unlink()
    path.write_bytes(whole[:-30])
    assert desk.run(path).exit_code in (3, 4)


def test_a_file_is_sealed_anew_without_a_clear_byte_on_the_disk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    written_: list[bytes] = []
    real = unsealing._exclusively

    def watched(target: Path) -> Any:
        written_.append(target.name.encode())
        return real(target)

    monkeypatch.setattr(unsealing, "_exclusively", watched)
    done = desk.run(desk.file, "--referral", desk.json, "--reseal", OTHER_RECIPIENT)
    assert done.exit_code == 0, done.output
    name = resealed_name("a", OTHER_RECIPIENT)
    assert desk.came() == [name]
    assert written_ == [name.encode()]
    out = io.BytesIO()
    anew = (desk.out / name).read_bytes()
    assert hashlib.sha256(anew).hexdigest() in done.output
    age_encryption.unseal(io.BytesIO(anew), out, [OTHER])
    assert out.getvalue() == CONTENT
    assert len(anew) - age_encryption.header_size(anew) == age_encryption.payload_size(len(CONTENT))


def test_what_differs_is_not_sealed_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path, clear_sha256="0" * 64)
    assert desk.run(desk.file, "--referral", desk.json, "--reseal", OTHER_RECIPIENT).exit_code == 4
    assert desk.came() == []


def test_wrong_usage_is_said(desk: Desk) -> None:
    assert desk.run(desk.file, "--reseal", "age1nobody").exit_code == 2
    assert desk.run(desk.file, key=desk.folder / "none.txt").exit_code == 2
    empty = desk.folder / "empty.txt"
    empty.write_text("nothing\n")
    assert "contains no age identity" in desk.run(desk.file, key=empty).output
    assert desk.run(desk.folder / "not-there.age").exit_code == 3
    assert desk.run(desk.file, "--referral", desk.key).exit_code == 3
    plain = desk.folder / "plain.zip"
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("x", "y")
    assert "no sealed file" in desk.run(plain).output


@given(st.text(max_size=120))
def test_no_name_leads_out_of_the_folder(name: str) -> None:
    entry = {
        "evidence_id": exchange_reports.report_id(20),
        "report_id": exchange_reports.report_id(),
        "file_id": "f",
        "size": 1,
        "sha256": "0" * 64,
        "key_id": "0" * 64,
        "clear_sha256": "0" * 64,
        "clear_size": 1,
    }
    try:
        named = SealedFile.model_validate_json(json.dumps({**entry, "name": name}))
    except ValueError:
        return
    made = unsealing._name(Sealed("x", Path("x")), named)
    assert Path(made).name == made
    assert made.startswith(str(named.evidence_id))
    assert len(made.encode()) < 200
    assert unsealing._name(Sealed("x", Path("/a/b/..age")), None) not in ("", ".", "..")
