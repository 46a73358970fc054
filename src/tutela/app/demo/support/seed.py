"""The support desk in the demonstration, in every stage. Nobody in it exists, and no name is stored.

One information request is answered, one of a representative waits. One support case went over two agencies, one of
which refused; one is new. A helpline's quarter is over, and a survivor's input changed something.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.app.demo.organisations import actor
from tutela.app.demo.world import World
from tutela.casework.anonymous import conversations, ticket
from tutela.casework.anonymous.kinds import ConversationKind
from tutela.casework.hand_overs import send, steps, work_queue
from tutela.casework.hand_overs.send import HandOverInput
from tutela.casework.hand_overs.work_queue import HandOverFilter
from tutela.victims import support_channels
from tutela.victims.helpline import contacts, quarters
from tutela.victims.helpline.contacts import ContactInput
from tutela.victims.information import answers, identity, intake, items
from tutela.victims.information.intake import InformationInput
from tutela.victims.information.items import FactInput
from tutela.victims.support import assessment, begin, care, interviews, services
from tutela.victims.support import work_queue as support_queue
from tutela.victims.support.assessment import AssessmentInput
from tutela.victims.support.begin import SupportInput
from tutela.victims.support.interviews import InterviewInput
from tutela.victims.survivor_voice import inputs, liaison

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AGENCIES = ("support", "hotline-ie", "police-de")
# Contacts of the quarter before, by category.
CONTACTS = (("grooming", 14), ("sexual_coercion", 21), ("privacy", 11), ("suicide", 2))


def play(world: World) -> None:
    """Play every story."""
    now = clock.now()
    _informed(world, now - 6 * DAY)
    _supported(world, now - 9 * DAY)
    with clock.simulate(now - 2 * HOUR):
        _writes(support_channels.REPRESENTED, "I act for a child as a guardian. What is known about the pictures?")
        _writes(support_channels.HELP, "I would like to talk to somebody. A neutral token.")
        _writes(support_channels.SURVIVORS, "I want to be asked before somebody writes to me. A neutral token.")
    _helpline(world, now)


def _informed(world: World, begun: Any) -> None:
    """A survivor of age learns what happened with one picture."""
    ines = world.people["ines"]
    with clock.simulate(begun):
        request = intake.enter(ines, InformationInput("self", "en", "Asks what happened with one picture."))
        identity.check(ines, request, "proof_in_person", proved=True)
        items.add(ines, request, f"sha256 {world.random.getrandbits(256):064x}")
        items.decide_own(ines, request, 1, own=True)
        given = FactInput(1, "Pixelpost", (begun - 20 * DAY).date(), "Landeskriminalamt", "yes")
        items.add_fact(ines, request, given)
    with clock.simulate(begun + DAY):
        answers.give(ines, request)


def _supported(world: World, begun: Any) -> None:
    """A case over two agencies, one of which refused."""
    ines, aoife, katrin = (world.people[name] for name in ("ines", "aoife", "katrin"))
    with clock.simulate(begun):
        case = begin.enter(ines, SupportInput("survivor", "en", "woman"))
        review = (begun + 90 * DAY).date()
        given = AssessmentInput(("circulated", "intimidation"), ("few", "same_person"), True, review)
        assessment.assess(ines, case, given)
        services.offer(ines, case, ("counselling", "compensation", "long_term"))
    with clock.simulate(begun + DAY):
        for service in support_queue.load(ines, case).services:
            services.change(ines, case, service.pk, "declined" if service.kind == "compensation" else "accepted")
        interviews.add(ines, case, InterviewInput(begun.date(), "Landeskriminalamt", recorded=True))
        care.change(ines, case, "treatment", "running")
        due = (clock.now() + 30 * DAY).date()
        first = _handed_over(ines, case, "hotline-ie", "information", due)
        _handed_over(ines, case, "police-de", "forensic_interview", due)
        _deliver(world)
        steps.step(aoife, _received(aoife), "refused", "We keep no such data.", "not_competent")
        steps.step(katrin, _received(katrin), "accepted")
        _deliver(world)
    with clock.simulate(begun + 2 * DAY):
        school = HandOverInput(
            "protective_action",
            "child_protection_law",
            due,
            agency_name="A school",
            agency_kind="school",
            actions=("trusted_person",),
            subject_kind="support_case",
            subject_id=case,
        )
        send.hand_over(ines, school)
        send.settle(ines, first, "The Centre was asked by letter.")


def _helpline(world: World, now: Any) -> None:
    """The quarter before is returned, and an input of a survivor has changed something."""
    ines = world.people["ines"]
    quarter = quarters.quarter(quarters.previous(now.date()))
    day = quarter.after - DAY
    at = now - timedelta(days=(now.date() - day).days)
    with clock.simulate(at):
        for category, count in CONTACTS:
            for number in range(count):
                age = "teen" if number % 3 else "parent"
                contacts.log(ines, ContactInput(at.date(), category, age, channel="chat" if number % 2 else "phone"))
    quarters.make(ines, quarter.name)
    given = inputs.enter(ines, "Tell people before their pictures are seen again by strangers.", "platform", "en")
    meeting = liaison.add_meeting(ines, (now - 5 * DAY).date(), "Information rights of survivors", "A paper follows.")
    inputs.add_change(ines, given, "changed", "Everybody is asked whether to be told of future sightings.")
    inputs.add_change(ines, given, "taken_along", "Brought to the platform as a topic.", meeting)


def _writes(kind: ConversationKind, text: str) -> None:
    """Somebody writes by a public page, without a script's proof of work."""
    given = ticket.issue(f"{kind.code}.write")
    with clock.simulate(clock.now() + ticket.MATURE):
        conversations.open_conversation(kind, given, "", text, "en")


def _handed_over(person: Any, case: UUID, agency: str, need: str, due: date) -> UUID:
    to = actor(agency).organisation_id
    given = HandOverInput(need, "consent", due, to, subject_kind="support_case", subject_id=case)
    return send.hand_over(person, given)


def _received(person: Any) -> Any:
    rows, _more = work_queue.list_hand_overs(person, HandOverFilter(way="received"))
    return rows[0].pk


def _deliver(world: World) -> None:
    for _ in range(3):
        world.deliver(*(actor(one) for one in AGENCIES))
