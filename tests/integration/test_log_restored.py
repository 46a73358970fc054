"""A node restored from an older backup, its witness beside it: the log signs nothing until it has caught up."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.support.drills import CLI, ROOT, Installation, free_port, until

pytestmark = pytest.mark.slow
PASSPHRASE = "seven quiet harbours at dusk"
FOUND = """
from tutela.accountability.public_log import log
from tutela.organisations.people.bootstrap import found
found("EU Centre", "centre", "NL", api_url="http://127.0.0.1:1")
print(json.dumps([str(one) for one in log.known_keys()]))
"""
# A grant is an entry of the log; what it came to is told as size, what lacks, and whether anything is signed.
GRANT = """
from datetime import timedelta
from tutela import clock
from tutela.accountability.public_log import log
from tutela.accountability.public_log import publish as log_publish
from tutela.accountability.chain import sequencer
from tutela.indicators.access import grants
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import found
from tutela.organisations.people.bootstrap import machine
grantee = found(f"Pixelpost {clock.now().timestamp()}", "provider", "IE")
grants.give(
    machine(directory.the_centre().id, "test"), grantee.organisation_id, list_id=LIST_ID, purpose="reporting",
    legal_basis="DSA", valid_to=clock.now() + timedelta(days=1),
)
sequencer.sequence_all()
done = log_publish.publish()
print(json.dumps([done.size, done.lacking, log.open_log().pending() is not None]))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tutela-log-drill-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


def _witness(folder: Path, stack: ExitStack) -> tuple[Path, str]:
    """A witness that answers; its folder and the line of a policy."""
    port, place = free_port(), folder / "witness"
    made = subprocess.run(
        [*CLI, "witness", "init", str(place), "--name", "ngo.example/w"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    serve = [*CLI, "witness", "serve", str(place), "--port", str(port)]
    process = subprocess.Popen(serve, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(lambda: (process.terminate(), process.wait(20)))

    def answers() -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/{'0' * 64}/checkpoint", timeout=5).status_code == 404
        except httpx.HTTPError:
            return False

    until("the witness answers", answers, 60)
    return place, f"witness ngo {made.stdout.strip()} http://127.0.0.1:{port}\nquorum ngo\n"


def test_a_restored_log_signs_nothing_until_it_has_caught_up_with_its_witness(folder: Path) -> None:
    with ExitStack() as stack:
        witness, line = _witness(folder, stack)
        policy, file = folder / "policy", folder / "backup.age"
        policy.write_text(line)
        given = {"TUTELA_LOG_POLICY": str(policy), "TUTELA_LOG_ORIGIN": "centre.example/log"}
        node = Installation(**given)
        stack.callback(node.stop)
        node.migrate()
        for key in node.run(FOUND):
            subprocess.run([*CLI, "witness", "add-log", str(witness), key], check=True, cwd=ROOT)
        first, lacking, _pending = node.run(GRANT)
        assert not lacking
        assert node.cli("backup", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE).returncode == 0
        witnessed, lacking, _pending = node.run(GRANT)
        assert (witnessed > first, lacking) == (True, "")

        restored = Installation(folder / "restored", **given)
        stack.callback(restored.stop)
        done = restored.cli("restore", str(file), TUTELA_BACKUP_PASSPHRASE=PASSPHRASE)
        assert done.returncode == 0, done.stdout + done.stderr
        assert restored.run(GRANT) == [first, "behind its witnesses", False]
        said = restored.cli("log", "status")
        assert said.returncode == 4
        assert "restored from an older copy" in said.stdout
        doctor = restored.cli("doctor").stdout
        assert "tutela log catch-up" in doctor
        mirror = node.data / "log"
        caught = restored.cli("log", "catch-up", str(mirror))
        assert caught.returncode == 0, caught.stdout + caught.stderr
        size, lacking, pending = restored.run(GRANT)
        assert (size > witnessed, lacking, pending) == (True, "", False)
        # Nobody who kept a checkpoint of the lost node finds a fork.
        kept = folder / "kept"
        kept.write_bytes((mirror / "checkpoint").read_bytes())
        checking = folder / "checking"
        keys = "".join(f"log {key}\n" for key in restored.run(KEYS))
        checking.write_text(keys + line)
        verified = restored.cli(
            "verify", "log", str(restored.data / "log"), "--policy", str(checking), "--keep", str(kept)
        )
        assert verified.returncode == 0, verified.stdout + verified.stderr
        assert f"continues the {witnessed} entries" in verified.stdout


KEYS = """
from tutela.accountability.public_log import log
print(json.dumps([str(one) for one in log.known_keys()]))
"""


# The log's folder was restored whole, the database lost the last entries.
LOST = """
from tutela import clock
from tutela.accountability.public_log import log
written = log.open_log()
named = {"list": "eu-register", "version": 7, "removed": 0, "sequence": 900, "head": "ab" * 32}
gone = [json.dumps({"event": "release.head", **named}).encode(), b'{"event": "grant.given"}']
with written.held():
    written.sign(gone, clock.now())
    written.publish()
print(json.dumps([written.published().size, [one.decode() for one in gone]]))
"""
CHECK = """
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
from tutela.accountability.public_log import log
from tutela.accountability.chain import sequencer
from tutela.events.transaction import acting
from tutela.indicators.releases import history, publish
from tutela.indicators.releases import head as head_of
from tutela.indicators.release_files.version_files import LIST_ID
from tutela.indicators.models import Release
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.tlog.tiles import Tiles
from tutela.tlog.verify import audit
from tutela.accountability.public_log import publish as log_publish
centre = machine(directory.the_centre().id, "test")
made = publish.publish(centre)
sequencer.sequence_all()
log_publish.publish()
written = log.open_log()
audit(Tiles(written.fetch), written.published())
found = log.entry_of(made.event_id)
client = Client()
head = head_of.refresh_head(centre)
print(json.dumps({
    "entries": [written.entry(n, written.published().size).decode() for n in range(written.published().size)],
    "same": found.data == client.get(f"/log/entry/{found.index}").content, "page": client.get("/log/").status_code,
    "sequence": head.sequence,
}))
"""


def test_a_database_that_is_older_than_its_log_counts_on_behind_it() -> None:
    node = Installation()
    try:
        node.migrate()
        node.run(FOUND)
        node.run(GRANT)
        size, gone = node.run(LOST)
        later, lacking, _pending = node.run(GRANT)
        assert (later > size, lacking) == (True, "")
        said = node.run(CHECK)
        assert said["entries"][size - 2 : size] == gone
        assert "grant.given" in "".join(said["entries"][size:]), "what came after is behind it"
        assert (said["same"], said["page"]) == (True, 200)
        assert said["sequence"] > 900, "an Edge that saw the lost head goes on"
    finally:
        node.stop()
