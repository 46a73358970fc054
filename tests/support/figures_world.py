"""A hotline with events of a past day, a log of a folder of its own, and somebody with every right on the database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.support.cast import Cast
from tutela import clock
from tutela.accountability.chain import sequencer
from tutela.accountability.public_log import log, publish
from tutela.app.runtime.embedded_postgres import Cluster
from tutela.events.actor import Actor
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.figures import compute, releases
from tutela.observatory.figures import publish as figures_publish
from tutela.observatory.statements.figures_file import FiguresFile
from tutela.observatory.statements.statement import Statement
from tutela.tlog.policy import Policy

OPENED, ASSESSED, NOTICED = "takedown.opened", "takedown.assessed", "takedown.notice_queued"

COMPLAINTS = "redress.complaints.decided/1"


@contextmanager
def attacker() -> Iterator[psycopg.Connection[Any]]:
    """Somebody with every right, triggers switched off; what is done is committed."""
    url = os.environ.get("TUTELA_TEST_SUPERUSER_URL") or Cluster(Path(os.environ["TUTELA_DATA"])).url("postgres")
    with psycopg.connect(url) as connected:
        connected.execute("SET session_replication_role = replica")
        yield connected
        connected.commit()


@dataclass
class FiguresWorld:
    """A hotline that opened 7 addresses the day before yesterday, assessed 5 and sent 3 notices."""

    cast: Cast
    hotline: Actor = field(init=False)
    analyst: Actor = field(init=False)
    day: date = field(init=False)

    def __post_init__(self) -> None:
        self.cast.centre  # noqa: B018 - the Centre's key signs checkpoints and the log
        self.hotline = self.cast.organisation("Hotline Figures", "hotline", "IE")
        self.analyst = self.cast.actor(self.hotline, "analyst")
        moment = clock.now() - timedelta(days=2)
        self.day = moment.date()
        self.cases = [uuid4() for _ in range(7)]
        with clock.simulate(moment):
            for kind, cases in ((OPENED, self.cases), (ASSESSED, self.cases[:5]), (NOTICED, self.cases[:3])):
                for one in cases:
                    self.event(kind, one)
            self.event(ASSESSED, self.cases[0])  # assessed twice: the address counts once

    @property
    def period(self) -> ReportingPeriod:
        return ReportingPeriod(self.day, self.day)

    def event(self, kind: str, subject: UUID) -> UUID:
        with acting(self.hotline):
            return record(self.hotline, kind, "takedown_case", subject)

    def decide_complaints(self, count: int, monkeypatch: pytest.MonkeyPatch | None = None) -> None:
        """Decide so many complaints on the day. No desk keeps rows of them, so its tables are not asked."""
        if monkeypatch:
            monkeypatch.delitem(compute.DOMAIN_COUNTS, COMPLAINTS)
        with clock.simulate(clock.now() - timedelta(days=2)):
            for _ in range(count):
                self.event("complaint.decided", uuid4())

    def published(self) -> UUID:
        """Publish the figures of the day and the log."""
        made = figures_publish.publish(self.analyst, self.period)
        sequencer.sequence_all()
        publish.publish()
        return made

    def file(self, release: UUID) -> FiguresFile:
        return FiguresFile.from_bytes(releases.file_of(release))

    def policy(self) -> Policy:
        return Policy.parse(log.policy_text())


def complaints(statement: Statement, **changes: Any) -> Statement:
    """The statement with its figure of complaints changed."""
    changed = [replace(one, **changes) if one.definition == COMPLAINTS else one for one in statement.figures]
    return replace(statement, figures=tuple(changed))


def own_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The log of this test lies in a folder of its own and needs no witnesses."""
    monkeypatch.setattr(log, "folder", lambda: folder / "log")
    monkeypatch.setattr("django.conf.settings.LOG_POLICY", "")
