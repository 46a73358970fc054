"""Messages of reversals: strangers, repeated and changed messages, a crash at each hop, and refusals."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.core.wsgi import get_wsgi_application

from tests.support.cast import Cast
from tests.support.redress_world import Redress
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.redress.reversal import Reversal as Wire
from tutela.organisations.errors import KeyReused
from tutela.organisations.messages import delivery
from tutela.organisations.models import OutboxMessage
from tutela.organisations.people import directory
from tutela.redress.errors import NotConcerned, OtherReversal
from tutela.redress.models import FINAL, Hop, Reversal
from tutela.redress.reversals import accept, hops, messages


@pytest.fixture
def world(cast: Cast) -> Redress:
    return Redress(cast)


def wire(report: UUID | None = None, root: UUID | None = None, **changed: Any) -> bytes:
    said = {"reversal": root or uuid4(), "reference": "E-1", "error": "chance", "at": clock.now(), **changed}
    if report is not None:
        said["report_ids"] = (report,)
    return Wire.model_validate(said).to_bytes()


def at_centre(world: Redress, sender: Actor, body: bytes, key: str = "") -> tuple[int, str]:
    return messages.receive(sender, directory.entry(world.centre.machine.organisation_id), key or str(uuid4()), body)


def test_only_the_sender_of_a_report_can_name_it(world: Redress) -> None:
    report, entry = world.flagged(referred=False)
    for stranger in (world.cast.other_provider, world.hotlines[0], world.authority.machine):
        with pytest.raises(NotConcerned):
            at_centre(world, stranger, wire(report))
    with pytest.raises(NotConcerned):
        at_centre(world, world.provider, wire(uuid4()))
    with pytest.raises(NotConcerned):
        at_centre(world, world.provider, wire(indicator=entry, report_ids=(report, uuid4())))
    hotline = directory.entry(world.cast.organisation("Other hotline", "hotline", "FR").organisation_id)
    with pytest.raises(NotConcerned):
        messages.receive(world.centre.machine, hotline, "k", wire(indicator=entry))
    police = directory.entry(world.authority.machine.organisation_id)
    with pytest.raises(NotConcerned):
        messages.receive(world.provider, police, "k", wire(report))
    with acting(world.centre.machine):
        assert not Reversal.objects.filter(report_ids=[str(report)]).exists()


def test_the_same_message_is_one_and_another_with_its_id_is_refused(world: Redress) -> None:
    report, _entry = world.flagged(referred=False)
    root, at = uuid4(), clock.now()
    for key in ("a", "a", "b"):
        assert at_centre(world, world.provider, wire(report, root, at=at), f"{root}{key}"[-70:]) == (201, "{}")
    with pytest.raises(OtherReversal):
        at_centre(world, world.provider, wire(report, root, at=at, error="other_item"))
    with pytest.raises(KeyReused):
        at_centre(world, world.provider, wire(report, root, at=at, error="other"), f"{root}a"[-70:])
    with acting(world.centre.machine):
        assert Reversal.objects.filter(root_id=root).count() == 1


def test_a_message_undoes_nothing_by_itself(world: Redress) -> None:
    report, entry = world.flagged(referred=False)
    before = world.centre.row(report).state
    at_centre(world, world.provider, wire(report, indicator=entry))
    assert world.centre.row(report).state == before


def _crashes(world: Redress, who: Actor, how: str) -> int:
    """Deliver every waiting message of an organisation, crashed in one way; returns how many waited."""
    with acting(who):
        waiting = list(
            OutboxMessage.objects.filter(answered_at=None).order_by("created_at").values_list("pk", flat=True)
        )
    application = get_wsgi_application()

    def lost(request: httpx.Request) -> httpx.Response:
        if how == "before":
            raise httpx.ConnectError("killed before it left", request=request)
        with httpx.Client(transport=httpx.WSGITransport(app=application)) as client:
            client.send(
                client.build_request(request.method, request.url, headers=request.headers, content=request.content)
            )
        raise httpx.ReadError("killed after the recipient's commit", request=request)

    for one in waiting:
        with httpx.Client(transport=httpx.MockTransport(lost)) as client:
            delivery.deliver_now(who.organisation_id, one, client)
    return len(waiting)


@pytest.mark.parametrize("how", ["before", "after"])
def test_a_crash_at_each_hop_loses_and_doubles_nothing(
    world: Redress, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each side dies at each message; and each transaction of a person dies once before its commit."""
    report, _entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    dies = _Dying(monkeypatch)
    root = dies.once(lambda: world.reversed(complaint)).root_id
    crashed = _crashes(world, world.provider, how)
    world.post()
    dies.once(lambda: accept.accept(world.centre.lead, world.at(world.centre.machine, root).pk))
    crashed += _crashes(world, world.centre.machine, how)
    world.post()
    for one in (*(world.cast.actor(each, "analyst") for each in world.hotlines), world.authority.investigator):
        dies.once(lambda one=one: world.answered(one, root))  # type: ignore[misc]
    for one in (*world.hotlines, world.authority.machine):
        crashed += _crashes(world, one, how)
    world.post()
    dies.once(lambda: world.answered(world.judge, root))
    crashed += _crashes(world, world.centre.machine, how)
    world.post()
    assert crashed >= 6
    assert dies.died == 6
    for who in (world.provider, world.centre.machine, *world.hotlines, world.authority.machine):
        with acting(who):
            row = Reversal.objects.get(root_id=root, organisation_id=who.organisation_id)
            found = Hop.objects.filter(reversal=row)
            assert row.ended_at, (who.name, list(found.values_list("kind", "state")))
            for hop in found:
                assert hop.state in FINAL
                assert hop.steps.filter(state__in=FINAL).count() == 1
    assert len([one for one in world.read(complaint) if "correction is finished" in one]) == 1


class _Dying:
    """Lets the end of a transaction fail once: at its last event, after everything else was written."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch, self.died = monkeypatch, 0

    def once(self, work: Any) -> Any:
        plain = hops.settle

        def die(*args: Any, **more: Any) -> bool:
            plain(*args, **more)
            raise RuntimeError("killed before the commit")

        with self.patch.context() as patched:
            patched.setattr(hops, "settle", die)
            with pytest.raises(RuntimeError, match="killed"):
                work()
        self.died += 1
        return work()


def test_a_refused_message_is_a_step_and_a_person_tells_it_otherwise(world: Redress) -> None:
    report, _entry = world.flagged()
    complaint = world.complained()
    world.measured(complaint, report)
    row = world.reversed(complaint)
    with acting(world.provider):
        (waiting,) = OutboxMessage.objects.filter(kind="reversal", answered_at=None).values_list("pk", flat=True)
    problem = {"Content-Type": "application/problem+json"}
    gone = httpx.MockTransport(lambda _request: httpx.Response(404, json={"detail": "unknown"}, headers=problem))
    with httpx.Client(transport=gone) as client:
        delivery.deliver_now(world.provider.organisation_id, waiting, client)
    assert world.hops(world.provider, row.root_id)["centre"] == "refused"
    with acting(world.provider):
        hop = Hop.objects.get(reversal=row, kind="centre")
    accept.told_otherwise(world.judge, hop.pk, accept.OwnAnswer("corrected"))
    world.answered(world.judge, row.root_id)
    assert world.at(world.provider, row.root_id).outcome == "corrected"
