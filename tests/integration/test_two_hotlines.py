"""Two nodes of their own: a case goes over, its receipt and statuses come back, and kill -9 loses and doubles nothing.

Each side is killed at each step: before a message is delivered, in the recipient's transaction, after its commit while
the sender has not noted the answer. The locks that hold a step are those of the database's owner.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.support import kills
from tests.support.drills import Installation, children, until
from tutela.app.runtime.embedded_postgres import Cluster

pytestmark = pytest.mark.slow

FOUND = """
from dataclasses import replace
from tutela.app.config import load
from tutela.casework.mandates import records
from tutela.law import acts, classification
from tutela.organisations.people.bootstrap import enrol, found
from tutela.takedown.partners import partner_list

hotline = found({name!r}, "hotline", {country!r}, api_url=load().public_url)
acts.seed()
records.seed_provisional(hotline)
found("Police", "authority", {country!r})
for one in ("analyst", "administrator"):
    enrol(hotline, email=one + "@example.org", name=one, password="x" * 20, roles=[one])
value = {{"value": "known-material", "label": "Material"}}
scheme = {{"code": "eu-2011-93", "title": "T", "version": "2011", "source": "D", "values": [value]}}
classification.import_scheme(replace(hotline, permissions=hotline.permissions | {{"law.edit"}}), scheme)
own = partner_list.own_facts(hotline)
print(json.dumps({{"name": own.name, "country": own.country, "organisation": str(own.id), "api_url": own.api_url,
                  "message_key": own.message_key}}))
"""
ACTORS = """
from tutela.organisations.people.members import actor_by_email
administrator, analyst = (actor_by_email(one + "@example.org") for one in ("administrator", "analyst"))
"""
ENTER = (
    ACTORS
    + """
from uuid import UUID
from tutela.takedown.partners import partner_list
told = {told!r}
row = partner_list.add(administrator, partner_list.Entered(**{{**told, "organisation": UUID(told["organisation"])}}))
print(json.dumps([str(row), partner_list.issue_key(administrator, row)]))
"""
)
KEY = (
    ACTORS
    + """
from uuid import UUID
from tutela.takedown.partners import partner_list
partner_list.set_key(administrator, UUID({row!r}), {token!r})
print("1")
"""
)
SEND = (
    ACTORS
    + """
from uuid import UUID
from tests.support.takedown_world import looked_up, registry
from tutela.takedown.assessment import assess
from tutela.takedown.hosts import host_trace
from tutela.takedown.intake.open_case import Reported, Source, open_case
from tutela.takedown.partners import send_case
made = []
for address in {addresses!r}:
    case = open_case(analyst, address, Reported(Source.ENTERED)).id
    assess.assess(analyst, case, assess.Judgement("illegal", label="eu-2011-93:known-material", reality="unclear"))
    host_trace.trace(analyst, case, client=registry(), lookup=looked_up)
    made.append(str(send_case.send(analyst, case, UUID({partner!r}))))
print(json.dumps(made))
"""
)
ACT = (
    ACTORS
    + """
from uuid import UUID
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.takedown.assessment import assess
from tutela.takedown.models import Stage, TakedownCase
from tutela.takedown.notices import notify
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check
police = next(one.id for one in directory.list_organisations(kind="authority"))
with acting(analyst):
    cases = list(TakedownCase.objects.order_by("created_at").values_list("pk", "stage"))
for case, stage in cases:
    if {step!r} == "police":
        if stage == Stage.ASSESS:
            given = assess.Judgement("illegal", label="eu-2011-93:known-material", reality="unclear")
            assess.assess(analyst, case, given)
        police_steps.report(analyst, case, police, "AZ 1")
        police_steps.without_evidence(analyst, case, "Nothing answers.")
    elif {step!r} == "notice":
        notify.queue(analyst, case, notify.Recipient(channel="file"))
    elif {step!r} == "removed":
        notify.answered(analyst, notify.newest_of(analyst, case), "removed", "H-1")
    else:
        check.seen(analyst, case, absent={step!r} == "absent")
print("1")
"""
)
WHOLE = ["reported_to_police", "reported_to_host", "host_says_removed", "removed"]


class Hotline:
    """One of the two nodes, and its database as the owner sees it."""

    def __init__(self, name: str, country: str, **env: str) -> None:
        self.node = Installation(TUTELA_WEB_WORKERS="1", **env)
        self.node.migrate()
        self.told = self.node.run(FOUND.format(name=name, country=country))
        self.partner = ""

    def asked(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the database; none while it is down."""
        with contextlib.suppress(psycopg.Error), psycopg.connect(self.url(), autocommit=True) as owner:
            return owner.execute(statement, values).fetchall()  # type: ignore[arg-type]
        return []

    def url(self) -> str:
        return Cluster(self.node.data).url("postgres")

    @contextlib.contextmanager
    def holding(self, table: str) -> Iterator[None]:
        """Nobody writes a table meanwhile."""
        with psycopg.connect(self.url()) as owner:
            owner.execute(f"LOCK TABLE {table} IN SHARE MODE")  # type: ignore[arg-type]
            yield

    def waits(self) -> bool:
        """Whether a transaction waits for a lock."""
        return bool(self.asked("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1"))

    def kill(self, kind: str) -> None:
        """Kill a part of the node, or all of it but the database; it serves again afterwards."""
        if kind == "node":
            assert self.node.process is not None
            every = [self.node.process.pid, *_below(self.node.process.pid)]
            for pid in every:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.node.process.wait()
            self.node.serve()
        else:
            victims = until(f"there is a {kind}", lambda: kills.targets(self.node, kind), 120)
            for victim in victims[:1]:
                os.kill(victim, signal.SIGKILL)
        until("the node answers", lambda: kills.answers(self.node.url + "/"), 180)
        until("its database answers", lambda: self.asked("SELECT 1"), 180)


def _below(pid: int) -> list[int]:
    found = []
    for child, command in children(pid).items():
        if "postgres" not in command:
            found += [child, *_below(child)]
    return found


class World:
    """The sender, the hotline of the hosting country, and every case that was sent."""

    def __init__(self, **env: str) -> None:
        self.sender = Hotline("Hotline Ireland", "IE", **env)
        self.host = Hotline("Hotline Nederland", "NL", **env)
        self.transfers: list[str] = []
        keys = {}
        for one, other in ((self.sender, self.host), (self.host, self.sender)):
            one.partner, keys[id(other)] = one.node.run(ENTER.format(told=other.told))
        for one in (self.sender, self.host):
            one.node.run(KEY.format(row=one.partner, token=keys[id(one)]))
            one.node.serve()
        for one in (self.sender, self.host):
            until("the node answers", lambda one=one: kills.answers(one.node.url + "/"), 180)  # type: ignore[misc]

    def send(self, count: int = 1) -> None:
        start = len(self.transfers)
        addresses = [f"https://h{start + n}.example.org/x" for n in range(count)]
        self.transfers += self.sender.node.run(SEND.format(addresses=addresses, partner=self.sender.partner))

    def act(self, step: str) -> None:
        self.host.node.run(ACT.format(step=step))

    def arrived(self) -> bool:
        """Whether every case is there, and its receipt here."""
        states = self.sender.asked("SELECT state FROM takedown_transfer WHERE partner_reference <> ''")
        return len(states) == len(self.transfers)

    def incoming(self) -> int:
        return len(self.host.asked("SELECT 1 FROM takedown_incomingcase"))

    def steps(self) -> dict[str, list[str]]:
        """The steps of every transfer, statuses by their number."""
        found: dict[str, list[str]] = {one: [] for one in self.transfers}
        rows = self.sender.asked(
            "SELECT transfer_id::text, kind FROM takedown_transferstep ORDER BY sequence NULLS FIRST, created_at"
        )
        for transfer, kind in rows:
            found[transfer].append(kind)
        return found

    def told(self, *kinds: str) -> Callable[[], bool]:
        """Whether every transfer has exactly these statuses."""
        return lambda: all(one[2:] == list(kinds) for one in self.steps().values())

    def whole(self) -> None:
        """Nothing is lost, and nothing is there twice."""
        count = len(self.transfers)
        for one in self.steps().values():
            assert sorted(one[:2]) == ["accepted", "sent"], one
            assert max(Counter(one).values()) == 1, one
        assert self.incoming() == count
        assert self.host.asked("SELECT count(*), sum(reports) FROM takedown_takedowncase") == [(count, count)]
        assert self.sender.asked("SELECT count(*) FROM takedown_transfer") == [(count,)]
        assert self.host.asked("SELECT count(*) FROM organisations_receivedmessage") == [(count,)]


@contextlib.contextmanager
def committed_and_not_noted(
    taking: Hotline,
    stored: str,
    telling: Hotline,
    noted: str,
    work: Callable[[], object],
    committed: Callable[[], bool],
) -> Iterator[None]:
    """A message that its recipient has stored, while its sender waits to note the answer."""
    with contextlib.ExitStack() as held:
        with taking.holding(stored):
            work()
            until("the message is in its recipient's transaction", taking.waits, 120)
            held.enter_context(telling.holding(noted))
        until("the recipient has committed", committed, 120)
        until("the sender waits to note the answer", telling.waits, 120)
        yield


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    made: World | None = None
    try:
        made = World()
        yield made
    except BaseException:
        for one in (made.sender, made.host) if made else ():
            if one.node.log.exists():
                print(one.node.log.read_text(errors="replace")[-4000:])  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        for one in (made.sender, made.host) if made else ():
            one.node.stop()


def test_a_case_goes_over_and_its_receipt_and_statuses_come_back_whatever_is_killed(world: World) -> None:
    sender, host = world.sender, world.host
    # The message is stored; nobody has delivered it.
    world.send(2)
    sender.kill("node")
    until("the cases arrive", world.arrived, 180)
    world.whole()

    # In the transaction of the recipient.
    for victim, kind in ((host, "web worker"), (sender, "job worker")):
        with host.holding("takedown_incomingcase"):
            world.send()
            until("the case is on its way", host.waits, 120)
            victim.kill(kind)
        until("the case arrives", world.arrived, 180)
        world.whole()

    # The recipient has committed; the sender has not noted the receipt.
    count = world.incoming()
    with committed_and_not_noted(
        host, "takedown_incomingcase", sender, "takedown_transferstep", world.send, lambda: world.incoming() > count
    ):
        sender.kill("job worker")
    until("the receipt is here", world.arrived, 180)
    world.send()
    host.kill("node")
    until("the case arrives", world.arrived, 180)
    world.whole()

    # Statuses: before the delivery, in the recipient's transaction, after its commit, and with the database.
    world.act("police")
    host.kill("node")
    until("the police are told", world.told(*WHOLE[:1]), 240)
    with sender.holding("takedown_transferstep"):
        world.act("notice")
        until("a status is on its way", sender.waits, 120)
        sender.kill("web worker")
    until("the notice is told", world.told(*WHOLE[:2]), 240)
    with committed_and_not_noted(
        sender,
        "takedown_transferstep",
        host,
        "organisations_outboxmessage",
        lambda: world.act("removed"),
        lambda: any(WHOLE[2] in one for one in world.steps().values()),
    ):
        host.kill("job worker")
    sender.kill("node")
    until("the host's word is told", world.told(*WHOLE[:3]), 240)
    world.act("absent")
    host.kill("postmaster")
    until("the absence is told", world.told(*WHOLE), 240)
    world.whole()
    stages = sender.asked("SELECT DISTINCT stage, availability FROM takedown_takedowncase")
    assert stages == [("closed", "absent")]
    assert sender.asked("SELECT DISTINCT state FROM takedown_transfer") == [("ended",)]
