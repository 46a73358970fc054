"""A register whose policy names test entries, with two hotlines that take part in drills, an Edge and recipients."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import psycopg

from tests.support.cast import Cast
from tests.support.database import superuser
from tests.support.post import deliver
from tests.support.redress_world import Redress
from tests.support.register import release
from tests.unit.exchange.register.test_policy import policy, signed
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.drills import members
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads, head
from tutela.matching.files.drill_entries import CATEGORY
from tutela.organisations.models import PeerCredential
from tutela.redress.drills import results, run
from tutela.redress.drills.results import DrillView
from tutela.redress.models import Drill


@contextmanager
def policy_in_force(*more: str) -> Iterator[None]:
    """A signed policy in the database of all tests, which is gone afterwards."""
    before = clock.now() - timedelta(days=1)
    said = policy(1, None, binds_from=before, categories=("eu-2011-93:*", *more))
    with psycopg.connect(superuser(), autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(
            "INSERT INTO indicators_policyversion (version, document, sha256, categories, organisations,"
            " jurisdictions, binds_from, made_at) VALUES (1, %s, %s, %s, 2, 2, %s, %s)",
            [signed(said, 0, 1, 2, 3).to_bytes().decode(), said.fingerprint(), list(said.categories), before, before],
        )
        try:
            yield
        finally:
            owner.execute("DELETE FROM indicators_policyversion")


def policy_of_drills() -> AbstractContextManager[None]:
    """A policy that names test entries."""
    return policy_in_force(CATEGORY)


@dataclass
class DrillWorld:
    """Use within `policy_of_drills`. What earlier tests left is gone: keys of the Centre, drills, members."""

    cast: Cast
    redress: Redress = field(init=False)

    def __post_init__(self) -> None:
        centre = self.cast.centre
        with acting(centre):
            PeerCredential.objects.filter(organisation_id=centre.organisation_id).delete()
            Drill.objects.filter(ended_at=None).update(ended_at=clock.now())
        while earlier := members.certifiers():
            for one in earlier:
                members.leave(one)
        self.redress = Redress(self.cast)
        for one in self.redress.hotlines:
            members.join(self.cast.actor(one, "analyst"))

    @property
    def lead(self) -> Actor:
        """Who runs drills at the Centre."""
        return self.redress.centre.lead

    @property
    def machine(self) -> Actor:
        """The Centre's machine."""
        return self.redress.centre.machine

    def polls(self, provider: Actor | None = None) -> None:
        """An Edge of a provider polls, and uses the newest version."""
        who = (provider or self.redress.provider).organisation_id
        with acting(self.machine):
            downloads.note(self.machine, who, version_files.LIST_ID, "edge")

    def release(self) -> None:
        """The worker's jobs: a new version, in the log, announced."""
        release(self.machine)

    def post(self) -> None:
        """Every message of the drill, and every answer."""
        for _ in range(2):
            for one in self.redress.everybody:
                self.redress.centre.deliver(one)
            deliver(*self.redress.everybody)

    def entry(self, drill: UUID) -> UUID:
        """The test entry of a drill."""
        with acting(self.machine):
            return Drill.objects.get(pk=drill).indicator_id

    def started(self) -> UUID:
        """A drill whose entry is certified and released, and that the provider's Edge has."""
        self.release()
        self.polls()
        drill = run.start(self.lead)
        assert not run.advance(self.lead, drill)
        self.release()
        return drill

    def reversed(self) -> UUID:
        """A drill that is reversed; nothing is delivered yet."""
        drill = self.started()
        self.polls()
        assert not run.advance(self.lead, drill)
        head.refresh_head(self.machine)
        return drill

    def finished(self) -> UUID:
        """A drill to its end, in time."""
        drill = self.reversed()
        self.polls()
        self.post()
        assert run.advance(self.lead, drill)
        return drill

    def view(self, drill: UUID) -> DrillView:
        """Results of a drill."""
        return results.load(self.lead, drill)


__all__ = ["DrillWorld", "policy_in_force", "policy_of_drills"]
