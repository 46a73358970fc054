"""The tour's first tasks: checked by what a person has done since the person first signed in, and by nothing else."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory

from tests.support.cast import PASSWORD, Cast
from tutela.app.demo import cast as demo_cast
from tutela.app.demo import first_tasks
from tutela.app.website.event_labels import EVENTS
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.organisations.models import Person
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.members import actor_of
from tutela.organisations.vocabulary.roles_and_permissions import Role

EMAIL = "tom@pixelpost.example"


def _task() -> first_tasks.RoleTask:
    return next(one for one in first_tasks.progress() if one.email == EMAIL)


@pytest.fixture
def tom(cast: Cast) -> Person:
    Person.objects.filter(email=EMAIL).update(email=f"former-{cast.pixelpost.organisation_id}@example.org")
    return enrol(cast.pixelpost, email=EMAIL, name="Tom", password=PASSWORD, roles=["reviewer"])


def test_step_is_done_by_its_person_after_signing_in(cast: Cast, tom: Person) -> None:
    actor, other = actor_of(tom), cast.actor(cast.pixelpost, "reviewer")
    for who in (actor, other):  # the invented month, and a colleague
        with acting(who):
            record(who, "candidate.confirmed", "candidate", "1")
    assert [step.done for step in _task().steps] == [False, False, False]
    with acting(actor):
        record(actor, first_tasks.SIGNED_IN, "person", tom.pk)
    assert [step.done for step in _task().steps] == [True, False, False]
    with acting(other):
        record(other, "candidate.viewed", "candidate", "2")
    assert _task().done == 1
    with acting(actor):
        record(actor, "candidate.viewed", "candidate", "2")
        record(actor, "candidate.rejected", "candidate", "2")
    assert _task().complete


def test_without_the_cast_nothing_is_done() -> None:
    assert {one.done for one in first_tasks.progress() if one.email != EMAIL} == {0}


def test_every_role_of_the_cast_has_a_task_and_every_step_an_event() -> None:
    people = {person.email: person for person in demo_cast.PEOPLE}
    covered = {role for email, _role, _steps in first_tasks.TASKS for role in people[email].roles}
    assert covered == set(Role.values)
    for _email, _role, steps in first_tasks.TASKS:
        for kind in (kind for step in steps for kind in step.kinds):
            assert any(known == kind or (kind[-1] == "." and known.startswith(kind)) for known in EVENTS), kind


def test_page_shows_what_is_done_and_what_is_left(tom: Person) -> None:
    actor = actor_of(tom)
    request = RequestFactory().get("/tour/")
    task = _task()
    with acting(actor):
        for kind in (first_tasks.SIGNED_IN, "candidate.viewed", "candidate.confirmed"):
            record(actor, kind, "person", tom.pk)
    for one, said in ((task, "0 of 3 done"), (_task(), "✓ all done")):
        text = render_to_string("components/first_tasks.html", {"tasks": [one]}, request)
        assert said in " ".join(text.split())
        assert text.count("(done)") == one.done
