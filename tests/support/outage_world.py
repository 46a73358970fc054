"""A node for drills of outages: with disks of its own or a clock that can be set, and neighbours that can be away."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

import httpx
import psycopg

from tests.support import kills
from tests.support.drills import Installation, until
from tests.support.migrated import _made
from tests.support.outages import Clock, Disk, Recipient
from tutela.app.runtime import embedded_postgres
from tutela.app.runtime.embedded_postgres import PASSWORDS, Cluster

FOUND = """
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from tutela.app.config import load
from tutela.exchange.referral import age_encryption
from tutela.casework.mandates import records
from tutela.law import acts, recorded_bases
from tutela.organisations.people import api_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people import encryption_recipients
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import found
from tutela.organisations.vocabulary.roles_and_permissions import DEFAULT_PURPOSE
from tutela.reports.evidence import legal_basis

centre = found("EU Centre", "centre", "NL", api_url=load().public_url)
provider = found("Pixelpost", "provider", "IE", api_url=load().public_url)
acts.seed()
recorded_bases.record_demonstration(provider)
records.seed_provisional(centre)
made = {{}}
for country, url in {urls!r}.items():
    authority = found(f"Kriminalamt {{country}}", "authority", country, api_url=url)
    outbox.set_credential(centre, authority.organisation_id, "tut_" + "k" * 40)
    encryption_recipients.enter(authority, age_encryption.new_identity()[1])
    made[country] = str(authority.organisation_id)
feedback = api_keys.issue_key(centre, centre.organisation_id, name="feedback", scopes=["feedback:submit"])[1]
outbox.set_credential(centre, provider.organisation_id, feedback)
legal_basis.note(centre, act="Act, Art. 1", reason="Drill")
key = api_keys.issue_key(provider, provider.organisation_id, name="desk", scopes=["reports:submit"])[1]
lead = enrol(centre, email="lead@example.org", name="Lead", password="x" * 20, roles=["lead", "analyst"])
TOTP.activate(lead, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
browser = Client()
browser.force_login(lead)
session = browser.session
session["purpose"] = DEFAULT_PURPOSE["centre"]
session.save()
print(json.dumps({{"key": key, "session": browser.cookies["sessionid"].value, **made}}))
"""
SEND = """
from uuid import UUID
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.organisations.messages import outbox
from tutela.organisations.people.bootstrap import machine

centre = machine(directory.the_centre().id, "test")
with acting(centre):
    for to, key, subject, urgent in {messages!r}:
        outbox.send(centre, UUID(to), "referral", "/x", "{{}}", key=key, subject_id=subject, urgent=urgent)
print("1")
"""
# Where the recipients are, and how they are away.
AWAY = {"HR": "hanging", "SI": "refusing", "AT": "gateway", "HU": "dripping"}
ALIVE, OFF = "DE", "LV"
HOW = {**AWAY, ALIVE: "alive", OFF: "refusing"}


class World:
    """A node on disks of its own, with a database that its supervisor looks after, and its neighbours."""

    def __init__(self, disks: Mapping[str, int], *, clock: bool = False) -> None:
        """`disks` are folders of the data folder that lie on one of their own, with its megabytes."""
        self.neighbours = {country: Recipient(how) for country, how in HOW.items()}
        self.node = Installation()
        data = self.node.data
        self.clock = Clock(data / "clock")
        self.node.env |= self.clock.env if clock else {}
        self.disks: dict[str, Disk] = {}
        try:
            for name, megabytes in disks.items():
                self.disks[name] = Disk(data / name, megabytes)
            made = _made()
            subprocess.run(["cp", "-a", str(made / PASSWORDS), str(data / PASSWORDS)], check=True)
            (data / "postgres").mkdir(exist_ok=True)
            subprocess.run(["cp", "-a", f"{Cluster(made).folder}/.", str(data / "postgres")], check=True)
            self.cluster = Cluster(data)
            with self.clock.around(embedded_postgres.subprocess) if clock else contextlib.nullcontext():
                self.cluster.ensure()
            self.made = self.node.run(FOUND.format(urls={c: one.url for c, one in self.neighbours.items()}))
            self.node.serve()
            until("the node answers", lambda: kills.answers(self.node.url + "/healthz/ready"), 120)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self.node.process is not None and self.node.log.exists():
            print(self.node.log.read_text(errors="replace")[-9000:])  # noqa: T201 - pytest shows it with a failure
        for disk in self.disks.values():
            if (disk.folder / ".ballast").exists():
                disk.empty()
        for neighbour in self.neighbours.values():
            neighbour.stop()
        data = self.node.data
        kept, self.node.data = data, data / "nothing"  # the disks are to be unmounted before the folder goes
        self.node.stop()
        Cluster(kept).stop()
        for disk in self.disks.values():
            disk.unmount()
        shutil.rmtree(kept, ignore_errors=True)
        self.node.log.unlink(missing_ok=True)

    def send(self, *messages: tuple[str, str, str, bool]) -> None:
        """(country, key, subject, urgent) each."""
        self.node.run(SEND.format(messages=[(self.made[one[0]], *one[1:]) for one in messages]))

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as db:
            done = db.execute(statement)  # type: ignore[call-overload]
            return done.fetchall() if done.description else []

    def passes(self, seconds: int) -> None:
        """So much time goes by, for whatever waits for a moment."""
        step = f"interval '{seconds} seconds'"
        self.ask(f"UPDATE organisations_recipientaway SET tried_at = tried_at - {step}")
        self.ask(f"UPDATE organisations_outboxmessage SET next_attempt_at = next_attempt_at - {step}")
        self.ask(f"UPDATE procrastinate_jobs SET scheduled_at = scheduled_at - {step} WHERE status = 'todo'")

    def post(self, path: str, **more: Any) -> httpx.Response:
        return httpx.post(f"{self.node.url}{path}", timeout=60, **more)

    def reports(self) -> list[str]:
        """The ids of every report that the Centre has."""
        return [str(one) for (one,) in self.ask("SELECT report_id FROM reports_report")]

    def report(self, key: str, body: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.made['key']}", "Idempotency-Key": key}
        return self.post("/api/v1/reports", content=body, headers=headers)

    def page(self, path: str) -> httpx.Response:
        cookies = {"sessionid": self.made["session"]}
        return httpx.get(f"{self.node.url}{path}", cookies=cookies, headers={"Accept": "text/html"}, timeout=60)

    def ready(self) -> dict[str, Any]:
        return dict(httpx.get(f"{self.node.url}/healthz/ready", timeout=60).json())
