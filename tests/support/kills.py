"""A node under fire: the load that it bears, what is killed of it, and what must be there afterwards.

Providers' clients file reports and send each again until it is receipted; half of them repeat one that was decided, and
each such one causes a word to its provider. An analyst forwards and refers some of the others through the desk's pages,
again until the answer comes. Some are urgent and raise an alert. Whatever is killed meanwhile: every receipt has its
report, once; every referral is made once, sent, and has arrived once; every urgent report has its alert, once.
"""

from __future__ import annotations

import hashlib
import os
import queue
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from tests.support import reporting
from tests.support.drills import Installation, children
from tests.support.patience import PATIENCE

CLIENTS = 8
PAUSE = 0.3

FOUND = """
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from tutela.app.config import load
from tutela.casework.mandates import records
from tutela.detection.settings import services
from tutela.detection.models import Draft
from tutela.detection.models import Sending
from tutela.detection.models import Service
from tutela.events.transaction import acting
from tutela.events.identifiers import uuid7
from tutela.law import acts, recorded_bases
from tutela.organisations.people import api_keys
from tutela.organisations.messages import outbox
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import found
from tutela.organisations.vocabulary.roles_and_permissions import DEFAULT_PURPOSE
from tutela.organisations.people.members import actor_of

url = load().public_url
centre = found("EU Centre", "centre", "NL", api_url=url)
provider = found("Pixelpost", "provider", "IE", api_url=url)
authority = found("Kriminalamt", "authority", "DE", api_url=url)
acts.seed()
recorded_bases.record_demonstration(provider)
for one in (centre, authority):
    records.seed_provisional(one)

def key(holder, name, *scopes):
    return api_keys.issue_key(holder, holder.organisation_id, name=name, scopes=list(scopes))[1]

submit, hand_in = key(provider, "desk", "reports:submit"), key(provider, "Edge", "candidates:submit")
outbox.set_credential(centre, provider.organisation_id, key(centre, "to Pixelpost", "feedback:submit"))
outbox.set_credential(centre, authority.organisation_id, key(centre, "to Kriminalamt", "referrals:submit"))
lead = actor_of(enrol(provider, email="lead@example.org", name="Lead", password="x" * 20, roles=["lead"]))
chosen = services.create(lead, "Albums", services.ServiceInput(kind="hosting", mode="on"))
own = {{"organisation_id": provider.organisation_id}}
with acting(provider):
    service = Service.objects.get(pk=chosen)
    ids = [uuid7() for _ in range({written})]
    Draft.objects.bulk_create(
        Draft(**own, pk=pk, number=f"D-{{n}}", service=service, origin="manual", how="viewed", by="test")
        for n, pk in enumerate(ids)
    )
    Sending.objects.bulk_create(
        Sending(
            **own, draft_id=pk, number=1, recipient_id=centre.organisation_id, wrapped=b"x", sha256="0" * 64, by="test"
        )
        for pk in ids
    )
analyst = enrol(centre, email="analyst@example.org", name="Analyst", password="x" * 20, roles=["analyst"])
TOTP.activate(analyst, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
browser = Client()
browser.force_login(analyst)
session = browser.session
session["purpose"] = DEFAULT_PURPOSE["centre"]
session.save()
print(json.dumps({{
    "key": submit, "hand_in": hand_in, "ids": [str(i) for i in ids], "session": browser.cookies["sessionid"].value,
}}))
"""

DECIDE = """
from uuid import UUID
from tutela.organisations.people import directory
from tutela.reports.intake import submit
from tutela.reports.triage import assess

entries = {{e.kind: e for e in directory.list_organisations()}}
sender = directory.acting_for(entries["provider"], "key:test", "desk", frozenset({{"reports.submit"}}))
body = {body!r}
submit.receive(sender, entries["centre"], "decided", body)
analyst = directory.acting_for(entries["centre"], "system:test", "Analyst", frozenset({{"reports.assess"}}))
assess.assess(analyst, UUID(json.loads(body)["report_id"]), "unfounded", "token", seen=0, code="not_sexual")
print("{{}}")
"""

COUNT = """
from django.db import connection
from tutela.casework.models import Alert
from tutela.detection.models import Candidate
from tutela.detection.models import ReceivedFeedback
from tutela.events.transaction import acting
from tutela.investigations.models import Referral as Arrived
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.models import OutboxMessage
from tutela.reports.models import FeedbackSent
from tutela.reports.models import Referral
from tutela.reports.models import Report

def ids(rows, name):
    return [str(one) for one in rows.values_list(name, flat=True)]

entries = {e.kind: machine(e.id, "test") for e in directory.list_organisations()}
with acting(entries["centre"]):
    told = FeedbackSent.objects.filter(kind="not_relevant")
    found = {
        "reports": ids(Report.objects, "report_id"), "sent": ids(told, "report__report_id"),
        "repetitions": Report.objects.exclude(duplicate_of=None).count(),
        "messages": list(OutboxMessage.objects.values_list("subject_id", "kind", "answer_status")),
        "referred": [[str(r), str(f)] for r, f in Referral.objects.values_list("report__report_id", "referral_id")],
        "alerts": ids(Alert.objects.filter(reason="new", subject_kind="report"), "subject_id"),
    }
with acting(entries["authority"]):
    found["arrived"] = ids(Arrived.objects, "referral_id")
with acting(entries["provider"]):
    found["taken"] = ids(ReceivedFeedback.objects.filter(kind="not_relevant"), "draft_id")
    found["candidates"] = ids(Candidate.objects, "fingerprint")
with connection.cursor() as cursor:
    cursor.execute(
        "SELECT task_name, status::text, worker_id IN (SELECT id FROM procrastinate_workers"
        " WHERE last_heartbeat > now() - interval '10 seconds') FROM procrastinate_jobs"
    )
    found["jobs"] = cursor.fetchall()
print(json.dumps(found))
"""

# What was decided on before the drill.
DECIDED = {
    "items": [reporting.item("d0" * 32, at=datetime(2026, 1, 1, tzinfo=UTC))],
    "users": [reporting.account("decided")],
    "locations": [{"ip": "192.0.2.7", "at": "2026-01-01T00:00:00Z"}],
}


def repeats(report_id: str) -> bool:
    return int(report_id[-1], 16) % 2 == 0


def urgent(report_id: str) -> bool:
    return report_id[-1] in "13"


def to_refer(report_id: str) -> bool:
    return report_id[-1] in "35"


def body_of(report_id: str) -> bytes:
    changes: dict[str, Any] = DECIDED if repeats(report_id) else {}
    if urgent(report_id):
        changes = {"urgency": {"urgent": True, "reason": "token"}}
    return reporting.report(report_id=report_id, **changes).to_bytes()


@dataclass
class Traffic:
    """Clients that file reports and send each again under its key until it is receipted."""

    url: str
    key: str
    ids: Iterator[str]
    # Digests of the receipts of each report: sent again, it gets the same.
    receipts: dict[str, set[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    to_refer: queue.SimpleQueue[str] = field(default_factory=queue.SimpleQueue)
    in_flight: int = 0
    requests: int = 0
    again: int = 0
    ending: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def client(self) -> None:
        with httpx.Client(base_url=self.url, timeout=15 * PATIENCE) as http:
            while not self.ending.is_set():
                with self.lock:
                    report_id = next(self.ids)
                body = body_of(report_id)
                while not self._send(http, report_id, body):
                    self.ending.wait(PAUSE / 2) or threading.Event().wait(0.2)
                if to_refer(report_id):
                    self.to_refer.put(report_id)
                self.ending.wait(PAUSE)

    def _send(self, http: httpx.Client, report_id: str, body: bytes) -> bool:
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": f"report:{report_id}"}
        with self.lock:
            self.in_flight += 1
        status = 0
        try:
            answer = http.post("/api/v1/reports", content=body, headers=headers)
            status = answer.status_code
        except httpx.HTTPError:
            return False
        finally:
            with self.lock:
                self.in_flight -= 1
                self.requests += 1
                self.again += status == 0 or status >= 500
        if status == 201:
            with self.lock:
                self.receipts.setdefault(report_id, set()).add(hashlib.sha256(answer.content).hexdigest())
            return True
        if status < 500:
            self.refused.append(f"{status} {answer.text[:300]}")
            return True
        return False

    def under_way(self) -> bool:
        with self.lock:
            return self.in_flight > 0


@dataclass
class Analyst:
    """Somebody at the Centre's desk who forwards and refers what there is, each form again until it is answered."""

    traffic: Traffic
    session: str
    # Of each of these somebody was told that it is referred.
    referred: list[str] = field(default_factory=list)

    def work(self) -> None:
        token = "c" * 32
        cookies = {"sessionid": self.session, "csrftoken": token}
        with httpx.Client(
            base_url=self.traffic.url, timeout=15 * PATIENCE, cookies=cookies, headers={"X-CSRFToken": token}
        ) as http:
            while not (self.traffic.ending.is_set() and self.traffic.to_refer.empty()):
                try:
                    report_id = self.traffic.to_refer.get(timeout=0.2)
                except queue.Empty:
                    continue
                self._until(http, report_id, "assess", {"decision": "forward", "reason": "", "seen": "0"})
                self._until(http, report_id, "refer", {"chosen": ""})
                self.referred.append(report_id)

    def _until(self, http: httpx.Client, report_id: str, verb: str, form: dict[str, str]) -> None:
        """Send a form until its page answers; what was done already is said on it, and done once."""
        page = f"/desk/reports/{report_id}/"
        while True:
            try:
                answer = http.post(f"{page}{verb}/", data=form)
            except httpx.HTTPError:
                answer = None
            if answer is not None and answer.status_code == 302 and answer.headers["location"] == page:
                return
            if answer is not None and answer.status_code < 500:
                self.traffic.refused.append(f"{verb}: {answer.status_code} {answer.headers.get('location', '')}")
                return
            threading.Event().wait(0.2)


def targets(node: Installation, kind: str) -> list[int]:
    """The processes of a kind that could be killed now."""
    assert node.process is not None
    own = children(node.process.pid)
    master = next((pid for pid, command in own.items() if "granian" in command), None)
    if kind == "web server":
        return [master] if master else []
    if kind == "web worker":
        return [
            pid for pid, command in (children(master) if master else {}).items() if "resource_tracker" not in command
        ]
    if kind == "job worker":
        return [pid for pid, command in own.items() if "tutela.app.runtime.worker" in command]
    try:
        postmaster = int((node.data / "postgres/data/postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(postmaster, 0)
    except (OSError, ValueError):
        return []
    if kind == "postmaster":
        return [postmaster]
    return [pid for pid, command in children(postmaster).items() if "tutela_app" in command]


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2 * PATIENCE).status_code == 200
    except httpx.HTTPError:
        return False


def settled(node: Installation) -> dict[str, Any] | None:
    """What there is, once every message is answered and no job is left by a worker that is gone."""
    found: dict[str, Any] = node.run(COUNT)
    waiting = [one for one in found["messages"] if one[2] is None]
    return None if stuck(found) or waiting else found


def stuck(found: dict[str, Any]) -> int:
    """Jobs that nobody works on. What was not delivered is not answered, which `settled` waits for."""
    return sum(job[1] == "doing" and not job[2] for job in found["jobs"])


def findings(found: dict[str, Any], traffic: Traffic, analyst: Analyst, decided: str) -> dict[str, int]:
    """How many of everything that must not be: each is nought."""
    receipts = {*traffic.receipts, decided}
    told = {one for one in receipts if one == decided or repeats(one)}
    alerting = {one for one in traffic.receipts if urgent(one)}
    packages = [referral for _report, referral in found["referred"]]
    answered = {one[0] for one in found["messages"] if one[1] == "feedback" and one[2] == 200}
    return {
        "receipts_without_report": len(receipts - set(found["reports"])),
        "reports_without_receipt": len(set(found["reports"]) - receipts),
        "reports_doubled": _doubled(found["reports"]),
        "receipts_changed": sum(len(one) > 1 for one in traffic.receipts.values()),
        "referrals_lost": len(set(analyst.referred) - {one[0] for one in found["referred"]})
        + len(set(packages) - set(found["arrived"])),
        "referrals_doubled": _doubled(one[0] for one in found["referred"])
        + _doubled(found["arrived"])
        + len(set(found["arrived"]) - set(packages)),
        "alerts_lost": len(alerting - set(found["alerts"])),
        "alerts_doubled": _doubled(found["alerts"]) + len(set(found["alerts"]) - alerting),
        "feedback_lost": len(told - set(found["sent"])) + len(told - answered) + len(told - set(found["taken"])),
        "feedback_doubled": _doubled(found["sent"]) + _doubled(found["taken"]) + len(set(found["sent"]) - told),
        "repetitions_missed": abs(len(told) - 1 - found["repetitions"]),
        "messages_refused": sum(one[2] not in (200, 201) for one in found["messages"]),
        "jobs_stuck": stuck(found),
        "requests_refused": len(traffic.refused),
    }


def _doubled(ids: Iterable[str]) -> int:
    return sum(times - 1 for times in Counter(ids).values())
