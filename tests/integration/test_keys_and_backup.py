"""Keys are rotated and revoked, backups restored, by the commands that an operator types."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.drills import Installation, long_only
from tutela.app.runtime import machine_checks
from tutela.app.runtime.embedded_postgres import Cluster

pytestmark = pytest.mark.slow

PASSPHRASE = "seven quiet harbours at dusk"
MARK = "kept-under-seal-4711"
FOUND = f"""
from tutela.accountability.chain import sequencer
from tutela.organisations.people.bootstrap import found
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.keys.envelope_encryption import wrap
centre = found("EU Centre", "centre", "NL", api_url="http://127.0.0.1:1")
enrol(centre, email="robin@example.org", name="Robin {MARK}", password="a calm sentence about lighthouses", roles=[])
sequencer.sequence_all()
print(json.dumps(wrap(b"{MARK}", "drill").hex()))
"""
OPEN = """
from tutela.organisations.keys.envelope_encryption import unwrap
print(json.dumps([unwrap(bytes.fromhex(v), "drill").decode() for v in {values!r}]))
"""
SEAL = f"""
from tutela.organisations.keys.envelope_encryption import wrap
print(json.dumps(wrap(b"{MARK}", "drill").hex()))
"""
MORE = """
from tutela.accountability.chain import sequencer
from tutela.events.transaction import acting
from tutela.events.record import record
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
centre = machine(directory.the_centre().id, "drill")
with acting(centre):
    record(centre, "drill.happened", "organisation", centre.organisation_id)
print(json.dumps(sequencer.sequence_all()))
"""
A_WORKER = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("INSERT INTO procrastinate_workers DEFAULT VALUES RETURNING id")
    print(json.dumps(cursor.fetchone()[0]))
"""
NO_WORKER = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("DELETE FROM procrastinate_workers")
print(json.dumps(0))
"""
PUBLISHED = """
from tutela.accountability.public_log import publish as log_publish
from tutela.accountability.chain import sequencer
sequencer.sequence_all()
log_publish.publish()
print("0")
"""


class Founded:
    """An installation with a Centre and one sealed value."""

    def __init__(self) -> None:
        self.node = Installation()
        self.node.migrate()
        self.sealed: str = self.node.run(FOUND)


@pytest.fixture(scope="module")
def founded() -> Iterator[Founded]:
    made = Founded()
    yield made
    made.node.stop()


@pytest.fixture
def target() -> Iterator[Installation]:
    """A second data folder that does not exist yet."""
    parent = Path(tempfile.mkdtemp(prefix="tutela-restored-"))
    parent.chmod(0o711)
    node = Installation(parent / "data")
    yield node
    node.stop()
    parent.rmdir()


def _backup(node: Installation, *arguments: str, passphrase: str = PASSPHRASE) -> Path:
    file = node.data.with_name(f"{node.data.name}-{os.urandom(4).hex()}.age")
    done = node.cli("backup", str(file), *arguments, TUTELA_BACKUP_PASSPHRASE=passphrase)
    assert done.returncode == 0, done.stderr
    return file


def _keys(node: Installation, use: str) -> dict[str, str]:
    lines = [line.replace("│", " ").split() for line in node.cli("keys", "list").stdout.splitlines()]
    return {line[1]: line[2] for line in lines if len(line) > 2 and line[0] == use}


def test_a_new_data_key_seals_and_the_old_ones_still_open(founded: Founded) -> None:
    node = founded.node
    done = node.cli("keys", "rotate", "data")
    assert done.returncode == 0, done.stderr
    fresh = node.run(SEAL)
    assert fresh[:8] != founded.sealed[:8]
    assert node.run(OPEN.format(values=[founded.sealed, fresh])) == [MARK, MARK]
    assert sorted(_keys(node, "data").values()) == ["current", "kept"]


def test_a_new_key_encryption_key_opens_everything_and_the_old_one_nothing(founded: Founded) -> None:
    node = founded.node
    old = (node.data / "kek.hex").read_text()
    before = json.loads((node.data / "data-keys.json").read_text())
    done = node.cli("keys", "rotate", "kek")
    assert done.returncode == 0, done.stderr
    assert (node.data / "kek.hex").read_text() != old
    assert (node.data / "kek.hex").stat().st_mode & 0o077 == 0
    after = json.loads((node.data / "data-keys.json").read_text())
    assert before["keys"].keys() == after["keys"].keys()
    assert all(before["keys"][k]["wrapped"] != after["keys"][k]["wrapped"] for k in after["keys"])
    assert node.run(OPEN.format(values=[founded.sealed])) == [MARK]
    assert not list(node.data.glob("*.new"))


@long_only
@pytest.mark.parametrize("rewrapped", [True, False])
def test_an_interrupted_rotation_of_the_key_encryption_key_loses_nothing(founded: Founded, rewrapped: bool) -> None:
    """Cut off between its steps, with the new key written and the data keys wrapped by it or not yet."""
    node = founded.node
    rewrap = "envelope_encryption.keyset().rewrap(new)" if rewrapped else "pass"
    node.run(f"""
import os
from tutela.organisations.keys import envelope_encryption
new = os.urandom(32)
path = node.data_folder() / "kek.new"
path.write_text(new.hex())
{rewrap}
print("0")
""")
    assert node.run(OPEN.format(values=[founded.sealed])) == [MARK]
    done = node.cli("keys", "rotate", "kek")
    assert done.returncode == 0, done.stderr
    assert node.run(OPEN.format(values=[founded.sealed])) == [MARK]
    assert not (node.data / "kek.new").exists()


def test_a_signing_key_is_created_rotated_and_revoked(founded: Founded) -> None:
    node = founded.node
    (first,) = _keys(node, "receipt")
    assert node.cli("keys", "rotate", "receipt").returncode == 0
    states = _keys(node, "receipt")
    assert states.pop(first) == "retired"
    (second,) = states
    assert states[second] == "current"
    assert node.cli("keys", "revoke", second).returncode == 0
    states = _keys(node, "receipt")
    assert (states[first], states[second]) == ("retired", "revoked")
    assert sorted(states.values()) == ["current", "retired", "revoked"]
    assert node.cli("keys", "create", "certification").returncode == 0
    assert list(_keys(node, "certification").values()) == ["current"]


RELEASED = """
from tutela.accountability.public_log import publish as log_publish
from tutela.accountability.chain import sequencer
from tutela.indicators.register.certify import certify
from tutela.indicators.register.propose import propose
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.indicators.hashes.validation import HashValue
from tutela.law import classification
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import found
from tutela.organisations.people.bootstrap import machine
centre = machine(directory.the_centre().id, "drill")
values = [{"value": "known-material", "label": "Material within Art. 2(c)"}]
scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": values}
classification.import_scheme(centre, scheme)
ireland, germany = found("Hotline Ireland", "hotline", "IE"), found("Hotline Deutschland", "hotline", "DE")
one = propose(
    ireland, given=[HashValue("sha256", "ab" * 32)], media_type="image", classification="eu-2011-93:known-material",
    reason="Assessed",
)
certify(germany, one)
publish.publish(centre)
sequencer.sequence_all()
log_publish.publish()
head_of.refresh_head(centre)
print(json.dumps(str(one)))
"""
REMOVED = """
from uuid import UUID
from tutela.accountability.public_log import log
from tutela.accountability.public_log import publish as log_publish
from tutela.accountability.chain import sequencer
from tutela.indicators.register.revoke import revoke
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.tlog.policy import Policy
centre = machine(directory.the_centre().id, "drill")
revoke(centre, UUID({indicator!r}), "Erroneous")
head = head_of.refresh_head(centre)
sequencer.sequence_all()
log_publish.publish()
checkpoint, _ = Policy.parse(log.policy_text()).open((log.folder() / "checkpoint").read_bytes())
print(json.dumps([head.removed, checkpoint.size == log.read_log().published().size]))
"""


@pytest.fixture(scope="module")
def released(founded: Founded) -> str:
    """An indicator that is in a release, once for all tests of this file."""
    indicator: str = founded.node.run(RELEASED)
    return indicator


@long_only
def test_a_removal_arrives_after_the_log_key_was_revoked(founded: Founded, released: str) -> None:
    node = founded.node
    (key,) = _keys(node, "log")
    done = node.cli("keys", "revoke", key)
    assert done.returncode == 0, done.stderr
    assert "TUTELA_EDGE_LOG_POLICY" in done.stdout
    assert sorted(_keys(node, "log").values()) == ["current", "revoked"]
    assert node.run(REMOVED.format(indicator=released)) == [1, True]


SIGNED = """
from tutela.accountability.public_log import publish as log_publish
from tutela.accountability.chain import sequencer
from tutela.events.transaction import acting
from tutela.exchange.register.release import HEAD_CONTEXT
from tutela.exchange.register.release import MANIFEST_CONTEXT
from tutela.exchange.message.signed_envelope import Envelope
from tutela.exchange.message.signed_envelope import trusted_keys
from tutela.exchange.message.signed_envelope import verify
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.organisations.people import directory
from tutela.organisations.keys import signing
from tutela.organisations.people.bootstrap import machine
centre = machine(directory.the_centre().id, "drill")
sequencer.sequence_all()
log_publish.publish()
head_of.refresh_head(centre)
with acting(centre):
    (newest,), head = history.history(1), head_of.newest_head()
    keys = trusted_keys([signing.current_private(centre.organisation_id, "release").public_key()])
    verify(Envelope.from_bytes(bytes(head.envelope)), HEAD_CONTEXT, keys)
    verify(Envelope.from_bytes(bytes(newest.manifest)), MANIFEST_CONTEXT, keys)
print(json.dumps([newest.version, head.version]))
"""


@long_only
@pytest.mark.usefixtures("released")
def test_after_a_new_release_key_an_edge_with_it_alone_can_go_on(founded: Founded) -> None:
    """Head and manifest are signed by it, though nothing else changed."""
    node = founded.node
    before = node.run(SIGNED)
    done = node.cli("keys", "rotate", "release")
    assert done.returncode == 0, done.stderr
    assert "TUTELA_EDGE_RELEASE_KEYS" in done.stdout
    after = node.run(SIGNED)
    assert after[0] == after[1] == before[0] + 1
    assert sorted(_keys(node, "release").values()) == ["current", "retired"]


@long_only
@pytest.mark.parametrize("arguments", [("revoke", "0" * 64), ("create", "tea")])
def test_a_key_that_does_not_exist_is_refused_clearly(founded: Founded, arguments: tuple[str, ...]) -> None:
    done = founded.node.cli("keys", *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@long_only
def test_a_revoked_checkpoint_key_is_named_and_a_rotated_one_is_not(founded: Founded) -> None:
    node = founded.node
    node.cli("keys", "rotate", "checkpoint")
    node.run(MORE)
    done = node.cli("verify")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "sound")


def test_a_backup_is_restored_verified_and_goes_on(founded: Founded, target: Installation) -> None:
    file = _backup(founded.node)
    assert file.stat().st_mode & 0o077 == 0
    done = target.cli("restore", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "sound" in done.stdout.splitlines()
    assert target.run(OPEN.format(values=[founded.sealed])) == [MARK]
    assert target.run(MORE) >= 1
    again = target.cli("verify")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (0, "sound")
    assert int(again.stdout.split()[0]) > int(done.stdout.split()[0])
    assert _keys(target, "receipt") == _keys(founded.node, "receipt")
    modes = {p.name: p.stat().st_mode & 0o077 for p in target.data.iterdir() if p.is_file()}
    assert not any(modes.values()), modes
    file.unlink()


@long_only
def test_a_backup_for_a_recipient_opens_with_the_identity_alone(founded: Founded, target: Installation) -> None:
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    file = _backup(founded.node, "--recipient", str(identity.to_public()), passphrase="")
    kept = file.with_suffix(".identity")
    kept.write_text(str(identity))
    refused = target.cli("restore", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE)
    assert refused.returncode == 2
    assert not target.data.exists()
    done = target.cli("restore", str(file), "--identity", str(kept))
    assert done.returncode == 0, done.stderr
    file.unlink()
    kept.unlink()


def test_a_wrong_passphrase_is_refused_and_writes_nothing(founded: Founded, target: Installation) -> None:
    file = _backup(founded.node)
    done = target.cli("restore", str(file), TUTELA_BACKUP_PASSPHRASE="another sentence altogether")
    assert done.returncode == 2
    assert (
        done.stderr.strip() == "tutela: The passphrase or identity does not open this backup, or the backup is damaged."
    )
    assert not target.data.exists()
    file.unlink()


@long_only
@pytest.mark.parametrize("cut", ["short", "flipped"])
def test_a_damaged_backup_is_refused_and_writes_nothing(founded: Founded, target: Installation, cut: str) -> None:
    file = _backup(founded.node)
    raw = bytearray(file.read_bytes())
    if cut == "short":
        raw = raw[: len(raw) // 2]
    else:
        raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    done = target.cli("restore", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert not target.data.exists()
    file.unlink()


@long_only
def test_a_backup_that_is_not_there_is_said_in_one_line(target: Installation) -> None:
    done = target.cli("restore", "/nowhere/at-all.age", TUTELA_BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert not target.data.exists()


def test_a_restore_never_overwrites(founded: Founded, target: Installation) -> None:
    file = _backup(founded.node)
    target.data.mkdir()
    (target.data / "something").write_text("here")
    done = target.cli("restore", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert [p.name for p in target.data.iterdir()] == ["something"]
    file.unlink()


@long_only
def test_a_restored_node_has_no_worker_of_the_node_that_was_backed_up(founded: Founded, target: Installation) -> None:
    founded.node.run(A_WORKER)
    file = _backup(founded.node)
    try:
        assert target.cli("restore", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE).returncode == 0
        assert "BAD Worker: 0 alive" in target.cli("doctor").stdout
    finally:
        founded.node.run(NO_WORKER)
        file.unlink()


def test_a_backup_holds_nothing_in_clear(founded: Founded) -> None:
    file = _backup(founded.node)
    raw = file.read_bytes()
    secrets = [MARK, "EU Centre", "robin@example.org", "organisations_", "PGDMP"]
    secrets += [(founded.node.data / name).read_text().strip() for name in ("kek.hex", "secret.key", "blind.hex")]
    assert not [s for s in secrets if s.encode() in raw]
    assert not list(file.parent.glob(f"{file.stem}*.part"))
    file.unlink()


@long_only
def test_a_short_passphrase_makes_no_backup(founded: Founded) -> None:
    file = founded.node.data.with_name("never.age")
    done = founded.node.cli("backup", str(file), TUTELA_BACKUP_PASSPHRASE="short")
    assert done.returncode == 2
    assert "at least 12" in done.stderr
    assert not file.exists()


def test_the_doctor_names_the_missing_worker_and_nothing_else(founded: Founded) -> None:
    # What the tests before this one left would wait in the public log for longer than a minute.
    founded.node.run(PUBLISHED)
    done = founded.node.cli("doctor")
    bad = [line.split()[1].rstrip(":") for line in done.stdout.splitlines() if line.startswith("BAD")]
    assert set(bad) <= {"Worker", "Decoder's"}, done.stdout  # the sandbox needs bubblewrap on this machine
    assert "Worker" in bad
    assert "tutela serve" in done.stdout
    assert done.returncode == 1


@long_only
def test_the_doctor_names_the_mend_of_a_database_without_tables() -> None:
    node = Installation()
    Cluster(node.data).ensure()
    try:
        done = node.cli("doctor")
        assert done.returncode == 1
        assert "Traceback" not in done.stdout + done.stderr
        assert "fix: Run: tutela migrate" in done.stdout
    finally:
        node.stop()


@long_only
def test_the_doctor_names_the_mend_of_a_database_that_does_not_answer() -> None:
    node = Installation(DATABASE_URL="postgresql://tutela_app:x@127.0.0.1:1/tutela", TUTELA_SECRET_KEY="s" * 50)
    try:
        done = node.cli("doctor")
        assert done.returncode == 1
        assert "Traceback" not in done.stdout + done.stderr
        assert "DATABASE_URL" in done.stdout
        assert "tutela migrate" not in done.stdout, "nothing can be migrated in a database that does not answer"
    finally:
        node.stop()


@long_only
@pytest.mark.parametrize("env", [{}, {"DATABASE_URL": "postgresql://tutela_app:x@127.0.0.1:1/tutela"}])
def test_the_doctor_creates_nothing_in_a_mistyped_data_folder(tmp_path: Path, env: dict[str, str]) -> None:
    node = Installation(tmp_path / "mistyped", **env)
    done = node.cli("doctor")
    assert done.returncode == 1
    assert f"BAD Data folder: {node.data} does not exist" in done.stdout
    assert "Check TUTELA_DATA" in done.stdout
    assert "ok  Interpreter" in done.stdout, "the checks of the machine run all the same"
    assert not node.data.exists()


def test_the_doctor_goes_on_after_a_check_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Iterator[machine_checks.Finding]:
        """Something."""
        raise RuntimeError("whatever")
        yield

    monkeypatch.setattr(machine_checks, "CHECKS", (broken, *machine_checks.CHECKS))
    first, *others = machine_checks.examine()
    assert (first.name, first.fine, first.seen) == ("Something", False, "RuntimeError: whatever")
    assert len(others) >= 3


def test_a_backup_never_overwrites(founded: Founded) -> None:
    file = founded.node.data.with_name("kept.age")
    file.write_bytes(b"the last good backup")
    done = founded.node.cli("backup", str(file), TUTELA_BACKUP_PASSPHRASE="correct horse battery")
    assert done.returncode == 2
    assert "already exists" in done.stderr
    assert file.read_bytes() == b"the last good backup"
    file.unlink()
