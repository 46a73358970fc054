"""No oracle: known and unknown pictures are the same for the person; staff alone see which is which."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support.cast import Cast
from tests.support.post import introduce
from tests.support.removal_world import Person, Removal, digests, forget_limits
from tests.support.reports_world import entry_of
from tutela import clock
from tutela.events.errors import Forbidden
from tutela.events.transaction import acting
from tutela.indicators.access import grants, quotas
from tutela.organisations.models import OutboxMessage
from tutela.victims.case_work import look_up, withdraw, work_queue
from tutela.victims.errors import NothingToSend
from tutela.victims.models import Fingerprint
from tutela.victims.removal import intake

# What differs between any two requests: numbers, tokens and IDs, their own hashes, times and lengths of sealed values.
OWN = re.compile(r"[MW]-[\w-]{9,}|value=\"[^\"]*\"|work=\"\w+\"|[0-9a-f-]{32,}|\b[0-9a-f]{12,}\b|'[^']*'|\d+")


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def asked(world: Removal) -> None:
    """Victim support may ask the Centre's match service."""
    introduce(world.cast, world.support, world.cast.centre, "matches:ask")
    grants.give(
        world.cast.centre,
        world.support.organisation_id,
        list_id=quotas.MATCH_ID,
        purpose="victim_support",
        legal_basis="GDPR Art. 6(1)(e)",
        valid_to=clock.now() + timedelta(days=9),
    )


def statements(work: object) -> list[str]:
    """The statements of some work, without their values."""
    with CaptureQueriesContext(connection) as seen:
        work()  # type: ignore[operator]
    return [OWN.sub("?", one["sql"]) for one in seen]


def test_staff_alone_learn_whether_a_picture_is_known(world: Removal) -> None:
    known, unknown = digests(), digests()
    entry_of(world.cast, known["sha256"])
    with pytest.raises(Forbidden):
        look_up.look_up(world.hosts[0].lead, world.request(world.asks()))
    asked(world)
    requests = [world.request(world.asks(one)) for one in (known, unknown)]
    for request in requests:
        assert look_up.look_up(world.analyst, request) == 1
    world.post()
    found = [work_queue.load(world.analyst, one).files[0].row.look_up for one in requests]
    assert found == ["known", "unknown"]
    with pytest.raises(NothingToSend):
        look_up.look_up(world.analyst, requests[0])


def test_known_and_unknown_pictures_are_the_same_for_the_person(world: Removal) -> None:
    """Answers, pages and every statement that they take: at first, after the look-up, and after the removal."""
    known = digests()
    entry_of(world.cast, known["sha256"])
    asked(world)
    world.accept("sha256")
    shown: list[set[str]] = [set(), set(), set()]
    taken: list[set[tuple[str, ...]]] = [set(), set(), set()]
    for hashes in (known, digests(), digests()):
        said: dict[str, str] = {}
        taken[0].add(tuple(statements(lambda h=hashes, s=said: s.update(world.sends(h)))))
        shown[0].add(",".join(f"{name}:{bool(text)}" for name, text in said.items()))
        taken[1].add(tuple(statements(world.read)))
        person = Person(said["number"], said["passphrase"], said["reader"], "remove-pictures")
        request = world.request(person)
        look_up.look_up(world.analyst, request)
        world.post()
        world.send(request)
        found = world.uploaded(world.requested()[-1], f"album/{secrets.token_hex(4)}")
        assert found
        world.decided(found, "removed")
        pages: list[str] = []
        taken[2].add(tuple(statements(lambda p=person, into=pages: into.append(p.page()))))
        shown[2].add(OWN.sub("?", pages[0]))
    assert [len(one) for one in shown] == [1, 0, 1]
    assert [len(one) for one in taken] == [1, 1, 1], "each takes the same statements"


def test_the_rules_change_nothing_that_the_person_reads(world: Removal) -> None:
    free, held = world.asks(), world.asks()
    lines = [f"file {secrets.token_hex(8)} picture\nsha256 {secrets.token_hex(32)}" for _ in range(30)]
    for person in (free, held):
        intake.add_text(world.analyst, world.request(person), "\n".join(lines[:1] if person is free else lines))
    assert world.row(world.request(held)).flagged
    assert OWN.sub("?", free.page()) == OWN.sub("?", held.page())


def test_a_withdrawal_empties_questions_that_the_centre_has_not_answered(world: Removal) -> None:
    asked(world)
    request = world.request(world.asks())
    look_up.look_up(world.analyst, request)
    withdraw.by_staff(world.analyst, request, "The person called.")
    with acting(world.support):
        prints = [str(one) for one in Fingerprint.objects.filter(request=request).values_list("pk", flat=True)]
        left = list(OutboxMessage.objects.filter(subject_id__in=prints))
    assert [(bytes(one.sealed_body), one.answered_at is not None) for one in left] == [(b"", True)]
