"""No oracle, over many requests: known and unknown hashes take the same work and have the same answers to the byte.

Requests are interleaved. In place of a clock, which other processes disturb, the test counts what takes the time: the
statements of the database, and the calls of every function of Tutela.
"""

from __future__ import annotations

import re
import secrets
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import tutela
from tests.support.anonymous import Visitor
from tests.support.cast import Cast
from tests.support.removal_world import PLACE, Digests, Person, Removal, digests, forget_limits
from tests.support.reports_world import entry_of
from tutela.casework.anonymous import proof_of_work, ticket
from tutela.victims.public_form import FORM

PAIRS = 20
SOURCES = str(Path(tutela.__file__).parent)
# What differs between any two requests: numbers, tokens, IDs, and their own hashes.
OWN = re.compile(r"[MW]-[\w-]{9,}|value=\"[^\"]*\"|work=\"\w+\"|\b[0-9a-f]{12,}\b|[0-9a-f-]{32,}|'[^']*'|\d+")
type Work = tuple[tuple[str, ...], frozenset[tuple[tuple[str, str], int]]]


@pytest.fixture
def world(cast: Cast) -> Iterator[Removal]:
    yield Removal(cast)
    forget_limits()


def work_of(step: Callable[[], Any]) -> tuple[Any, Work]:
    """The result of a step, its statements without their values, and how often each function was called."""
    calls: Counter[tuple[str, str]] = Counter()

    def heard(frame: Any, event: str, _more: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(SOURCES):
            calls[frame.f_code.co_filename, frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    with CaptureQueriesContext(connection) as seen:
        sys.setprofile(heard)
        try:
            result = step()
        finally:
            sys.setprofile(before)
    return result, (tuple(OWN.sub("?", one["sql"]) for one in seen), frozenset(calls.items()))


def sent(hashes: Digests) -> Callable[[], Any]:
    """One request for removal, ready to be sent."""
    given = ticket.issue(FORM)
    body = {
        "ticket": given.text,
        "proof": proof_of_work.solve(given.nonce),
        "file": secrets.token_hex(8),
        "fingerprints": [{"type": kind, "hash": value} for kind, value in hashes.items()],
    }
    headers = Visitor().headers
    return lambda: Client().post(PLACE, body, content_type="application/json", **headers)


def shape(answer: Any, *own: str) -> tuple[object, ...]:
    """Status, headers, and the size of the body without what is the requester's own."""
    headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name != "Content-Length"))
    return answer.status_code, headers, len(answer.content) - sum(map(len, own))


def test_many_interleaved_requests_show_no_difference(world: Removal) -> None:
    """Known: in the register, requested by others before, and found lawful by a host."""
    known = digests()
    entry_of(world.cast, known["sha256"])
    world.accept("sha256")
    first = world.request(world.asks(known))
    world.send(first)
    found = world.uploaded(world.requested()[-1], "news/1")
    assert found
    world.decided(found, "kept", "lawful")
    for one in (known, digests()):
        sent(one)()
    shapes: dict[bool, Counter[object]] = {True: Counter(), False: Counter()}
    works: dict[bool, Counter[Work]] = {True: Counter(), False: Counter()}
    people: dict[bool, list[Person]] = {True: [], False: []}
    for place in range(2 * PAIRS):
        is_known = bool(place % 2)
        answer, work = work_of(sent(known if is_known else digests()))
        said = answer.json()
        shapes[is_known][shape(answer, said["passphrase"])] += 1
        works[is_known][work] += 1
        people[is_known].append(Person(said["number"], said["passphrase"], said["reader"], "remove-pictures"))
    assert shapes[True] == shapes[False]
    assert works[True] == works[False]
    assert len(works[True]) == 1, "and every request takes the same"
    world.read()
    assert world.row(world.request(people[True][-1])).flagged
    assert not world.row(world.request(people[False][-1])).flagged
    _same_pages(people)


def _opened(person: Person) -> tuple[Any, Work]:
    """The page of somebody's case, and what it took."""
    visitor = person.visitor()
    form = visitor.form(visitor.get("answers/"), number=person.number, passphrase=person.passphrase)
    return work_of(lambda: visitor.post("answers/", form))


def _same_pages(people: dict[bool, list[Person]]) -> None:
    """The page of the case, once the job has read the messages and the rules were applied."""
    shapes: dict[bool, Counter[object]] = {True: Counter(), False: Counter()}
    works: dict[bool, Counter[Work]] = {True: Counter(), False: Counter()}
    # What a process does once, such as reading a template, the first page does.
    _opened(people[False][-1])
    for pair in zip(people[True][:6], people[False][:6], strict=True):
        for is_known, person in zip((True, False), pair, strict=True):
            page, work = _opened(person)
            shapes[is_known][(*shape(page), OWN.sub("?", page.content.decode()))] += 1
            works[is_known][work] += 1
    assert shapes[True] == shapes[False]
    assert works[True] == works[False]
