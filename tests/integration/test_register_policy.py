"""The register's policy on a node of its own: nothing outside it is added, and a change binds after thirty days."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.support.drills import Installation
from tests.unit.exchange.register.test_policy import KEYS, policy, signed
from tutela import clock
from tutela.exchange.register.policy import SignedPolicy

pytestmark = pytest.mark.slow
FOUND = """
from tutela.organisations.people.bootstrap import found
from tutela.law import classification
centre = found("EU Centre", "centre", "NL", api_url="http://127.0.0.1:1")
values = [{"value": "known-material", "label": "Known"}, {"value": "other", "label": "Other"}]
scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": values}
classification.import_scheme(centre, scheme)
found("Hotline Ireland", "hotline", "IE"), found("Hotline Deutschland", "hotline", "DE")
found("Europol", "europol", "NL")
print("1")
"""
# Tries on both sides, and by SQL: what was refused, by which words.
TRY = """
import secrets
from datetime import timedelta
from django.db import connection
from tutela import clock
from tutela.events.transaction import acting
from tutela.events.identifiers import uuid7
from tutela.indicators.lifecycle import policy
from tutela.indicators.register.propose import propose as propose_entry
from tutela.indicators.hashes.validation import HashValue
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine

def member(name):
    return machine(directory.named(name).id, "test")

def attempt(do):
    try:
        return str(do() is not None)
    except Exception as error:
        return f"{{type(error).__name__}}: {{error}}"

def propose(who, value):
    given = [HashValue("sha256", secrets.token_hex(32))]
    return propose_entry(member(who), given=given, media_type="image", classification=value, reason="x")

def by_sql(value):
    actor = member("Hotline Ireland")
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO indicators_indicator (id, organisation_id, created_at, number, media_type, classification,"
            " series, reason, proposed_by, source) VALUES (%s, %s, now(), %s, 'image', %s, '', 'x', 'attack', '')",
            [uuid7(), actor.organisation_id, secrets.token_hex(8), value],
        )
    return 1

def policy_by_sql(days):
    with acting(member("EU Centre")), connection.cursor() as cursor:
        cursor.execute(
            "SELECT indicators_add_policy('{{}}', '', ARRAY['a:b'], 2, 2, now() + make_interval(days => %s))", [days]
        )
    return 1

with clock.simulate(clock.now() + timedelta(days={days})):
    said = {{
        "known": attempt(lambda: propose("Hotline Ireland", "eu-2011-93:known-material")),
        "other": attempt(lambda: propose("Hotline Ireland", "eu-2011-93:other")),
        "europol": attempt(lambda: propose("Europol", "eu-2011-93:known-material")),
        "sql other": attempt(lambda: by_sql("eu-2011-93:other")) if not {days} else "",
        "policy by sql": attempt(lambda: policy_by_sql(29)) if {policies} else "",
        "none by sql": attempt(lambda: policy_by_sql(0 if policy.in_force() is None else 31)) if not {days} else "",
        "in force": (lambda found: found.policy.version if found else 0)(policy.in_force()),
        "pending": [one.policy.version for one in policy.pending()],
    }}
print(json.dumps(said))
"""
PAGE = """
from django.conf import settings
settings.ALLOWED_HOSTS.append("testserver")
from django.test import Client
import base64
from tutela.accountability.public_log import publish
from tutela.accountability.public_log import status
from tutela.accountability.chain import sequencer
from tutela.accountability.public_log import export
sequencer.sequence_all()
publish.publish()
client = Client()
print(json.dumps({
    "page": client.get("/log/register-policy").content.decode(),
    "file": client.get("/log/register-policy/1").content.decode(),
    "none": client.get("/log/register-policy/9").status_code,
    "entries": [data.decode() for _n, data in status.newest(50)], "log": client.get("/log/").status_code,
    "auditors": client.get("/log/").content.decode(),
    "no proof": client.get("/log/register-policy/9/proof").status_code,
    "proof": client.get("/log/register-policy/2/proof").content.decode(),
    "tar": base64.b64encode(b"".join(export._pieces())).decode(),
}))
"""

# What anybody can do who writes rows: say once more what was announced, and what never was.
REPEATED = """
from tutela.events.transaction import acting
from tutela.events.record import record
from tutela.events.record import timeline
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
centre = machine(directory.the_centre().id, "attack")
with acting(centre):
    for number in (1, 2):
        record(centre, "policy.announced", "policy", number, **timeline("policy", number)[0].facts)
    record(centre, "policy.announced", "policy", 3, version=3, policy="ab" * 32, binds_from="2020-01-01T00:00:00+00:00")
    record(centre, "policy.announced", "policy", 4)
print("1")
"""


@pytest.fixture
def node() -> Iterator[Installation]:
    made = Installation()
    try:
        made.migrate()
        made.run(FOUND)
        yield made
    finally:
        made.stop()


def test_a_policy_binds_code_and_database_and_changes_with_notice_alone(node: Installation, tmp_path: Path) -> None:
    before = node.run(TRY.format(days=0, policies=False))
    assert (before["in force"], before["known"], before["other"], before["europol"]) == (0, "True", "True", "True")
    assert "no policy of the register" in before["none by sql"], "an unsigned first one would bind at once"
    first = policy(binds_from=clock.now())
    file = tmp_path / "policy.json"
    file.write_bytes(signed(first, 0, 1, 2).to_bytes())
    refused = node.cli("policy", "announce", str(file))
    assert refused.returncode == 4
    assert "all signers are needed" in refused.stderr
    file.write_bytes(signed(first, 0, 1, 2, 3).to_bytes())
    done = node.cli("policy", "announce", str(file))
    assert done.returncode == 0, done.stderr
    assert f"pin of the first policy: {first.fingerprint()}" in done.stdout

    said = node.run(TRY.format(days=0, policies=True))
    assert (said["in force"], said["known"]) == (1, "True")
    assert said["other"].startswith("OutsidePolicy")
    assert "kind" in said["europol"]
    assert "does not permit" in said["sql other"]
    assert "thirty days" in said["policy by sql"]
    assert "no policy of the register" in said["none by sql"]

    soon = policy(2, first.fingerprint(), categories=["eu-2011-93:*"], binds_from=clock.now() + timedelta(days=20))
    file.write_bytes(signed(soon, 0, 1, 3).to_bytes())
    early = node.cli("policy", "announce", str(file))
    assert early.returncode == 4
    assert "30 days of notice" in early.stderr
    change = policy(2, first.fingerprint(), categories=["eu-2011-93:*"], binds_from=clock.now() + timedelta(days=31))
    file.write_bytes(signed(change, 0, 1, 3).to_bytes())
    assert node.cli("policy", "announce", str(file)).returncode == 0
    said = node.run(TRY.format(days=0, policies=False))
    assert (said["in force"], said["pending"]) == (1, [2])
    assert said["other"].startswith("OutsidePolicy"), "an announced change does not bind yet"
    unread = node.run(TRY.format(days=62, policies=False))
    assert (unread["in force"], unread["pending"]) == (1, [2]), "nobody could read it: the log does not hold it"
    assert "not in the public log yet" in node.cli("policy", "show").stdout

    node.run(REPEATED)
    shown = node.run(PAGE)
    assert node.run(TRY.format(days=29, policies=False))["in force"] == 1
    later = node.run(TRY.format(days=32, policies=False))
    assert (later["in force"], later["pending"]) == (2, [])
    assert not later["other"].startswith("OutsidePolicy"), "the notice is over"
    assert "Signer 3" in shown["page"]
    assert "eu-2011-93:*" in shown["page"]
    assert json.loads(shown["file"])["policy"]["version"] == 1
    assert (shown["none"], shown["log"]) == (404, 200)
    announced = [json.loads(entry) for entry in shown["entries"] if "policy.announced" in entry]
    assert [entry["policy"] for entry in announced] == [change.fingerprint(), first.fingerprint()], "each once"
    assert sum("log.unbacked" in entry for entry in shown["entries"]) == 4
    assert "policy 1" in node.cli("policy", "show").stdout
    pin = first.fingerprint()
    assert f"--policy-pin {pin}" in shown["auditors"]
    assert pin in shown["page"]
    assert KEYS[3].public_key().public_bytes_raw().hex() in shown["page"], "a signer finds the own key"
    assert (shown["no proof"], "c2sp.org/tlog-proof" in shown["proof"]) == (404, True)
    _verified(node, shown["tar"], pin, tmp_path)


def _verified(node: Installation, tar: str, pin: str, folder: Path) -> None:
    """What an auditor takes away is checked offline, against the pin."""
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(tar))) as taken:
        taken.extractall(folder, filter="data")
    given = ["verify", "log", str(folder / "log"), "--policy", str(folder / "policy")]
    good = node.cli(*given, "--policy-pin", pin)
    assert good.returncode == 0, good.stderr
    assert f"policies are valid: 2, from the first one, {pin}, as pinned" in good.stdout
    other = node.cli(*given, "--policy-pin", "ab" * 32)
    assert (other.returncode, "the register's policy" in other.stderr) == (4, True)
    alone = node.cli(*given)
    assert (alone.returncode, "get the digest from one of them" in alone.stderr) == (0, True)


# Signatures that are none: the database sees their shape and whose they claim to be. An older node took in anything.
FORGED = """
import base64, json
from django.db import connection
from django.db.utils import DatabaseError
from tutela.app.runtime import health
from tutela.indicators.lifecycle import policy
def add(text):
    said = policy.SignedPolicy.from_bytes(text.encode())
    one = said.policy
    with connection.cursor() as cursor:
        cursor.execute("SELECT indicators_add_policy(%s, %s, %s, 2, 2, %s)",
                       [text, one.fingerprint(), list(one.categories), one.binds_from])
def attempt(text):
    try:
        add(text)
    except DatabaseError as error:
        return str(error)
    return ""
said = {{"refused": [attempt(text) for text in {refused!r}], "taken": [attempt(text) for text in {taken!r}]}}
said |= {{"holds": [one.policy.version for one in policy.versions()], "broken": policy.broken()}}
said |= {{"rules": sorted(policy.rules().categories or [])}}
said |= {{"part": [part.said for part in health._asked() if part.name == "policy"]}}
print(json.dumps(said))
"""


def test_a_policy_that_nobody_signed_permits_nothing_and_stops_nothing(node: Installation) -> None:
    first = policy(binds_from=clock.now())
    later = policy(2, first.fingerprint(), categories=["eu-2011-93:*"], binds_from=clock.now() + timedelta(days=31))
    few, others = signed(first, 0, 1, 2), signed(later, 0, 1)
    whole, forged = signed(first, 0, 1, 2, 3), signed(later, 0, 1, 2).model_dump(mode="json", exclude_none=True)
    for one in forged["signatures"]:
        one["signature"] = base64.b64encode(bytes(64)).decode()
    refused = [few.to_bytes().decode()]
    taken = [whole.to_bytes().decode(), SignedPolicy.model_validate(forged).to_bytes().decode()]
    said = node.run(FORGED.format(refused=refused, taken=taken[:1]))
    assert "signatures" in said["refused"][0]
    assert (said["taken"], said["holds"], said["broken"]) == ([""], [1], "")
    said = node.run(FORGED.format(refused=[others.to_bytes().decode()], taken=taken[1:]))
    assert "signatures" in said["refused"][0]
    assert (said["taken"], said["holds"], said["rules"]) == ([""], [1], ["eu-2011-93:known-material"])
    assert said["part"] == [said["broken"]]
    assert "policy 2" in said["broken"]
    again = node.run(TRY.format(days=40, policies=False))
    assert (again["in force"], again["known"]) == (1, "True")


# Whoever can call the database's function puts a change off by hours, not for good, and stops nothing.
FAR = """
from django.db import connection
from tutela.events.transaction import acting
from tutela.indicators.lifecycle import policy
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
with acting(machine(directory.named("EU Centre").id, "test")), connection.cursor() as cursor:
    cursor.execute("SELECT indicators_note_notice(2, 'infinity')")
found = policy.versions()[0]
print(json.dumps({"since": found.since.isoformat(), "in force": policy.in_force().policy.version}))
"""
LATE = """
from datetime import timedelta
from tutela import clock
from tutela.accountability.public_log import publish
from tutela.accountability.chain import sequencer
from tutela.indicators.lifecycle import policy
with clock.simulate(clock.now() + timedelta(minutes=90)):
    sequencer.sequence_all()
    publish.publish()
    policy.note_notice()
    entry, found = policy.entry(2), policy.versions()[0]
print(json.dumps({"told": json.loads(entry.data)["binds"], "binds": found.binds.isoformat()}))
"""


def test_what_was_announced_late_binds_when_its_entry_says(node: Installation, tmp_path: Path) -> None:
    first, file = policy(binds_from=clock.now()), tmp_path / "policy.json"
    file.write_bytes(signed(first, 0, 1, 2, 3).to_bytes())
    assert node.cli("policy", "announce", str(file)).returncode == 0
    change = policy(2, first.fingerprint(), binds_from=clock.now() + timedelta(days=30, minutes=5))
    file.write_bytes(signed(change, 0, 1, 3).to_bytes())
    assert node.cli("policy", "announce", str(file)).returncode == 0
    said = node.run(LATE)
    assert said["binds"] == said["told"], "whoever reads the log alone reckons as the node does"
    assert datetime.fromisoformat(said["binds"]) > change.binds_from + timedelta(hours=1)


def test_nobody_puts_a_change_off_for_good(node: Installation, tmp_path: Path) -> None:
    first, file = policy(binds_from=clock.now()), tmp_path / "policy.json"
    file.write_bytes(signed(first, 0, 1, 2, 3).to_bytes())
    assert node.cli("policy", "announce", str(file)).returncode == 0
    change = policy(2, first.fingerprint(), binds_from=clock.now() + timedelta(days=31))
    file.write_bytes(signed(change, 0, 1, 3).to_bytes())
    assert node.cli("policy", "announce", str(file)).returncode == 0
    said = node.run(FAR)
    assert said["in force"] == 1
    assert datetime.fromisoformat(said["since"]) < clock.now() + timedelta(hours=5)
