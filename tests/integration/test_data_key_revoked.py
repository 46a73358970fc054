"""A data key is revoked while the node is at work: what it sealed opens by another, and nothing needs it any more."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from tests.support.drills import Installation
from tutela.app.runtime.embedded_postgres import Cluster

pytestmark = pytest.mark.slow

# One value for every kind of place: keys, second factor, message, draft, link key, token, candidate.
SEAL = """
from allauth.mfa.models import Authenticator
from allauth.mfa.adapter import get_adapter
from tutela.detection.drafts import drafts
from tutela.detection.settings import services
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.keys import subject_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import found
from tutela.organisations.people.members import actor_of

provider = found("Pixelpost", "provider", "IE", api_url="http://127.0.0.1:1")
person = enrol(provider, email="lead@example.org", name="Lead", password="x" * 20, roles=["lead"])
lead = actor_of(person)
Authenticator.objects.create(user=person, type="totp", data={"secret": get_adapter().encrypt("a calm secret")})
service = services.create(lead, "Albums", services.ServiceInput(kind="hosting", mode="on"))
services.make_link_key(lead, service)
given = drafts.ByHand(service_id=service, kind="known", confirmed=True, awareness="user_flag", sha256="ab" * 32)
report = drafts.by_hand(lead, given)
with acting(lead):
    sealed = subject_keys.seal(lead, "drill", "1", b"kept", "drill")
    outbox.send(lead, lead.organisation_id, "report", "/x", "a message", key="k-1", subject_id=report)
print(json.dumps([str(report), str(service), sealed.hex()]))
"""
OPEN = """
from uuid import UUID
from allauth.mfa.models import Authenticator
from allauth.mfa.adapter import get_adapter
from tutela.detection.drafts import drafts
from tutela.detection.models import Revision
from tutela.detection.models import Service
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.keys import subject_keys
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.models import OutboxMessage
from tutela.organisations.models import SigningKey
from tutela.organisations.keys.envelope_encryption import unwrap

me = machine(directory.named("Pixelpost").id, "drill")
with acting(me):
    report = drafts.text_of(Revision.objects.get(draft_id=UUID("{report}")))
    service = Service.objects.get(pk=UUID("{service}"))
    message = OutboxMessage.objects.get(key="k-1")
    found = [
        report.items[0].sha256, len(unwrap(bytes(service.media_keys.get().wrapped), f"media:{{service.pk}}")),
        subject_keys.unseal("drill", "1", bytes.fromhex("{sealed}"), "drill").decode(),
        unwrap(bytes(message.sealed_body), "outbox:k-1").decode(),
        get_adapter().decrypt(Authenticator.objects.get().data["secret"]),
        {{len(unwrap(bytes(k.wrapped_private), f"signing:{{k.key_id}}")) for k in SigningKey.objects.all()}} == {{32}},
    ]
print(json.dumps(found))
"""
HELD = """
from tutela.organisations.keys.key_revocation import COLUMNS
from django.apps import apps
print(json.dumps([[apps.get_model(one.model)._meta.db_table, one.field] for one in COLUMNS]))
"""


@pytest.fixture
def node() -> Iterator[Installation]:
    made = Installation()
    made.migrate()
    yield made
    made.stop()


def _held(node: Installation, key: str) -> dict[str, int]:
    """How many values of each column a key sealed, as the owner of the tables sees them."""
    count = sql.SQL("SELECT count(*) FROM {} WHERE substring({} FROM 1 FOR 4) = %s")
    with psycopg.connect(Cluster(node.data).url("tutela_owner")) as owner:
        rows = {
            table: owner.execute(count.format(sql.Identifier(table), sql.Identifier(field)), [bytes.fromhex(key)])
            for table, field in node.run(HELD)
        }
        return {table: found[0] for table, answer in rows.items() if (found := answer.fetchone()) and found[0]}


def _refuses_updates(node: Installation, table: str) -> bool:
    with psycopg.connect(Cluster(node.data).url("tutela_owner")) as owner:
        try:
            owner.execute(sql.SQL("UPDATE {} SET id = id").format(sql.Identifier(table)))
        except psycopg.errors.InsufficientPrivilege:
            return True
    return False


def test_what_a_revoked_data_key_sealed_opens_and_the_key_is_gone(node: Installation) -> None:
    report, service, sealed = node.run(SEAL)
    (old,) = json.loads((node.data / "data-keys.json").read_text())["keys"]
    assert {"detection_revision", "detection_mediakey", "organisations_signingkey"} <= _held(node, old).keys()
    done = node.cli("keys", "revoke", old)
    assert done.returncode == 0, done.stderr
    assert f"data key {old} deleted" in done.stdout
    (left,) = json.loads((node.data / "data-keys.json").read_text())["keys"]
    assert left != old
    assert _held(node, old) == {}
    opened = node.run(OPEN.format(report=report, service=service, sealed=sealed))
    assert opened == ["ab" * 32, 32, "kept", "a message", "a calm secret", True]
    # What nobody may change is guarded as before, and the deed is in the log.
    assert _refuses_updates(node, "detection_revision")
    assert node.cli("verify").stdout.splitlines()[-1] == "sound"


def test_a_revocation_that_was_cut_off_is_done_by_the_next(node: Installation) -> None:
    report, service, sealed = node.run(SEAL)
    (old,) = json.loads((node.data / "data-keys.json").read_text())["keys"]
    node.run(
        "from tutela.organisations.keys import envelope_encryption\n"
        f"envelope_encryption.keyset().retire({old!r})\nprint('1')"
    )
    states = [line.split() for line in node.cli("keys", "list").stdout.replace("│", " ").splitlines()]
    assert [line[2] for line in states if len(line) > 2 and line[1] == old] == ["revoked"]
    assert node.cli("keys", "revoke", old).returncode == 0
    assert node.run(OPEN.format(report=report, service=service, sealed=sealed))[2] == "kept"
    assert old not in json.loads((node.data / "data-keys.json").read_text())["keys"]
