"""A correction on a real node, step by step: what each person does, in a process of its own that may be killed.

`prepare` makes the organisations and a wrong report. Each name of `ACTS` is one person's act; done again it changes
nothing. `found` says what there is in the end.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings

from tests.support.cast import Cast
from tests.support.redress_world import REVERSE, Redress, recorded
from tests.support.register import release
from tutela.app.config import load
from tutela.casework.anonymous import conversations
from tutela.casework.models import Conversation
from tutela.detection.outcomes import measure_facts
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.models import IndicatorNow
from tutela.indicators.release_files import version_files
from tutela.indicators.releases import downloads
from tutela.organisations.models import Organisation, Person
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.people.members import actor_of
from tutela.redress.complaints import decide
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.errors import ComplaintDecided, HopAnswered, ReversalEnded
from tutela.redress.models import FINAL, Complaint, ErrorEntry, Hop, Reversal
from tutela.redress.reversals import accept
from tutela.redress.reversals.accept import OwnAnswer

type Told = dict[str, str]
PEOPLE = ("judge", "lead", "investigator", "hotline_ie", "hotline_de")


def prepare(chains: int, *, edge: bool) -> list[Told]:
    """Several wrong reports at the Centre and at the authority, each with a complaint; IDs of each.

    With `edge`, the provider has an Edge that must be served a newer head.
    """
    # The complaint is written on the public page, in this process.
    settings.ALLOWED_HOSTS.append("testserver")
    world = Redress(Cast())
    people = {
        "judge": world.judge,
        "lead": world.centre.lead,
        "investigator": world.authority.investigator,
        "hotline_ie": world.cast.actor(world.hotlines[0], "analyst"),
        "hotline_de": world.cast.actor(world.hotlines[1], "analyst"),
    }
    made = []
    for _ in range(chains):
        report, entry = world.flagged(digest=secrets.token_hex(32))
        complaint = world.complained()
        ids = {"report": str(report), "entry": str(entry), "complaint": str(complaint)}
        made.append(ids | {name: str(one.person_id) for name, one in people.items()})
    if edge:
        release(world.centre.machine)
        _polled(world.provider)
    Organisation.objects.update(api_url=load().public_url)
    return made


def act(name: str, told: Told) -> bool:
    """One person's act; whether it is done. False while what it answers has not arrived."""
    return ACTS[name](told)


def arrived(name: str, told: Told) -> bool:
    """Whether what a person answers has arrived; a decision and an Edge answer nothing."""
    if name in ("decide", "edge"):
        return True
    person, root = _person(told, name if name != "accept" else "lead"), _root(told)
    with acting(person):
        rows = Reversal.objects.filter(root_id=root)
        return rows.exists() if name == "accept" else rows.filter(hops__kind__in=("measure", "record")).exists()


def found(told: Told) -> dict[str, Any]:
    """What there is: steps of every hop, entries of the ledger, messages to the person, state of the entry."""
    judge, rows = _person(told, "judge"), list[list[Any]]()
    root = _root(told)
    everybody = [_person(told, name) for name in PEOPLE]
    errors = 0
    for one in everybody:
        with acting(one):
            mine = Reversal.objects.filter(root_id=root, organisation_id=one.organisation_id)
            errors += ErrorEntry.objects.filter(reversal__in=mine).count()
            for hop in Hop.objects.filter(reversal__in=mine):
                finals = hop.steps.filter(state__in=FINAL).count()
                rows.append([one.organisation_kind, hop.kind, hop.state, finals])
            ended = all(row.ended_at is not None for row in mine)
            assert ended, (one.organisation_name, [list(hop) for hop in mine[0].hops.values_list("kind", "state")])
    with acting(judge):
        complaint = Complaint.objects.get(pk=told["complaint"])
        conversation = Conversation.objects.get(pk=complaint.conversation_id)
        said = [one.text for one in conversations.entries_of(conversation)]
    centre = machine(_centre_id(), "test")
    with acting(centre):
        state = IndicatorNow.objects.get(indicator_id=told["entry"]).state
    finished = sum("correction is finished" in one for one in said)
    return {"hops": rows, "errors": errors, "told": finished, "entry": state, "stage": complaint.stage}


def ended(told: Told) -> bool:
    """Whether the reversal has ended at the provider and at the Centre, and the person was told."""
    root = _root(told)
    for name in ("judge", "lead"):
        with acting(_person(told, name)):
            row = Reversal.objects.filter(root_id=root).first()
            if row is None or row.ended_at is None:
                return False
    with acting(_person(told, "judge")):
        return Complaint.objects.get(pk=told["complaint"]).stage == "closed"


def _decide(told: Told) -> bool:
    judge, complaint = _person(told, "judge"), UUID(told["complaint"])
    with acting(judge):
        report = measure_facts.by_id(UUID(told["report"]))
    assert report
    return _once(lambda: _measured(judge, complaint, report.number))


def _measured(judge: Actor, complaint: UUID, number: str) -> None:
    recorded(judge, complaint, MeasureInput("user", "account", report=number))
    decide.decide(judge, complaint, REVERSE)


def _accept(told: Told) -> bool:
    lead, root = _person(told, "lead"), _root(told)
    with acting(lead):
        row = Reversal.objects.filter(root_id=root).first()
    return row is not None and _once(lambda: accept.accept(lead, row.pk))


def _answers(name: str) -> Callable[[Told], bool]:
    def answered(told: Told) -> bool:
        person, root = _person(told, name), _root(told)
        with acting(person):
            own = Hop.objects.filter(reversal__root_id=root, kind__in=("measure", "record")).first()
        if own is None:
            return False
        return _once(lambda: accept.answer(person, own.pk, OwnAnswer("corrected")))

    return answered


def _polls(told: Told) -> bool:
    """The Edge is served the newest head, which no longer has the entry."""
    _polled(_person(told, "judge"))
    return True


def _polled(provider: Actor) -> None:
    centre = machine(_centre_id(), "test")
    with acting(centre):
        downloads.note(centre, provider.organisation_id, version_files.LIST_ID, "edge")


def _once(work: Callable[[], object]) -> bool:
    with contextlib.suppress(ComplaintDecided, HopAnswered, ReversalEnded):
        work()
    return True


def _root(told: Told) -> UUID:
    with acting(_person(told, "judge")):
        return Reversal.objects.get(complaint=told["complaint"]).root_id


def _person(told: Told, name: str) -> Actor:
    return actor_of(Person.objects.get(pk=told[name]))


def _centre_id() -> UUID:
    centre = directory.the_centre()
    assert centre
    return centre.id


# In the order of the hops: provider, Centre with register, Edges and figures, authority, both hotlines, measure.
ACTS: dict[str, Callable[[Told], bool]] = {
    "decide": _decide,
    "accept": _accept,
    "edge": _polls,
    "investigator": _answers("investigator"),
    "hotline_ie": _answers("hotline_ie"),
    "hotline_de": _answers("hotline_de"),
    "judge": _answers("judge"),
}
