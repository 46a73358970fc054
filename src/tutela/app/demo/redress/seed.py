"""Redress in the demonstration: complaints in every stage, mistakes corrected at every recipient, data subjects.

Three mistakes rest on entries of one hotline, so a review of that source is open. A fourth waits at the Centre. A drill
reached every recipient.
The users of three more wrong matches have not complained yet: each walk, or whoever tries the pages, takes one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.app.demo import authorities
from tutela.app.demo.organisations import actor
from tutela.app.demo.world import World
from tutela.casework.anonymous import conversations, ticket
from tutela.casework.anonymous.kinds import kind_of
from tutela.detection.drafts import drafts, send
from tutela.detection.outcomes import measure_facts
from tutela.detection.review import review
from tutela.events.transaction import acting
from tutela.indicators.drills import members
from tutela.organisations.people.bootstrap import machine
from tutela.redress.complaints import account_proof, decide, intake, measure, misuse, tell
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.data_subjects import answers, breaches, processing_records, requests
from tutela.redress.data_subjects.breaches import BreachInput
from tutela.redress.data_subjects.processing_records import RecordInput
from tutela.redress.data_subjects.requests import RequestInput
from tutela.redress.drills import run
from tutela.redress.reversals import accept
from tutela.redress.reversals import work_queue as reversals
from tutela.redress.reversals.accept import OwnAnswer
from tutela.reports.referrals import refer
from tutela.reports.triage import assess

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYBODY = ("pixelpost", "centre", "hotline-ie", "hotline-de", *authorities.CODES)
WRONG = Judgement(
    "reverse",
    "listed_in_error",
    "Your album has pictures of a landscape. Nothing is wrong with them.",
    notes="The listed item is a landscape. The entry is wrong.",
)
UNFOUNDED = Judgement(
    "uphold", "manifest", standard=("read", "nothing"), notes="The complaint names no decision of ours."
)
TEXTS = (
    "My album was removed and my account was closed. It had pictures of a lake.",
    "You closed my account last week. I do not know why. Please look again.",
    "A picture of our garden was removed. Nothing is wrong with it.",
    "My account was closed after I uploaded photographs of a bridge.",
)


def play(world: World) -> None:
    """Play every story."""
    now = clock.now()
    for number, (days, steps) in enumerate(((12, 4), (9, 4), (0.96, 3), (0.85, 1))):
        _mistake(world, number, now - days * DAY, steps)
    for number in (4, 5, 6):
        with clock.simulate(now - (8 - number) * HOUR):
            _flagged(world, number)
    _upheld(world, now - 8 * DAY)
    _serial(world, now - 6 * DAY)
    with clock.simulate(now - 30 * HOUR):
        _public(world, "My picture was removed yesterday. I think that this is an error.")
    _unproved(world, now - 5 * DAY)
    _privacy(world, now)
    _drill(world)


def _mistake(world: World, number: int, begun: Any, steps: int) -> None:
    """A wrong entry leads to a report; its user complains. `steps`: how far the correction goes."""
    people = world.people
    with clock.simulate(begun):
        report = _flagged(world, number)
    with clock.simulate(begun + 20 * HOUR):
        complaint = intake.enter(people["sofia"], TEXTS[number], "en")
        _measure(world, complaint, report, f"user-redress-{number}")
        decide.decide(people["sofia"], complaint, WRONG)
        tell.sent(people["sofia"], complaint)
        _deliver(world)
    if steps >= 3:
        with clock.simulate(begun + 22 * HOUR):
            accept.accept(people["lena"], _newest(people["lena"]))
            _deliver(world)
    if steps < 4:
        return
    with clock.simulate(begun + 23 * HOUR):
        for name in ("katrin", "aoife", "jan", "priya"):
            consequences = ("police_contact",) if name == "katrin" and number == 0 else ()
            _answer(people[name], OwnAnswer("erased" if name == "katrin" else "corrected", "", consequences))
        _deliver(world)
        # The letter about the second correction is still to be sent.
        if number == 0:
            tell.sent(people["sofia"], complaint)


def _flagged(world: World, number: int) -> UUID:
    people = world.people
    candidate = world.candidate(f"redress-{number}", entry=world.entries.pop())
    if candidate is None:
        raise RuntimeError("No candidate was taken in.")
    report = review.decide(people["tom"], candidate, review.Opinion("confirm", "known_item", "unopened")).report_id
    if report is None:
        raise RuntimeError("No report was drafted.")
    at = clock.now().isoformat()
    changes = {
        "locations": [{"ip": f"192.0.2.{200 + number}", "port": 41000 + number, "at": at, "time_zone": "UTC"}],
        "geography": [{"country": "DE", "derived_from": "ip"}],
        "users": [{"usernames": [f"user-redress-{number}"], "emails": [f"user-redress-{number}@mail.example"]}],
        "removal": {"removed_or_disabled": True, "at": at},
        "user_decision": {"decided": True, "measures": ["Account suspended"]},
    }
    drafts.edit(people["priya"], report, 1, changes)
    send.send(people["priya"], report)
    world.deliver(actor("pixelpost"), actor("centre"))
    assess.assess(people["marek"], report, "forward", "Matches the public register", seen=0)
    refer.refer(people["marek"], report)
    _deliver(world)
    return report


def _measure(world: World, complaint: UUID, report: UUID | None, account: str) -> None:
    sofia = world.people["sofia"]
    with acting(sofia):
        found = measure_facts.by_id(report) if report else None
    tom = world.people["tom"].person_id
    given = MeasureInput(
        complainant="user",
        measure="account",
        measure_at=clock.now() - 20 * HOUR,
        informed_at=clock.now() - 19 * HOUR,
        report=found.number if found else "",
        account=account,
        deciders=() if found or tom is None else (tom,),
    )
    _prove(world, complaint, account)
    measure.record_measure(sofia, complaint, given)


def _prove(world: World, complaint: UUID, account: str) -> None:
    """The provider sends a code to the registered address of the account, and the person gives it back by letter."""
    sofia = world.people["sofia"]
    account_proof.enter_code(sofia, complaint, account_proof.make_code(sofia, complaint, "sent", account))


def _upheld(world: World, begun: Any) -> None:
    sofia = world.people["sofia"]
    with clock.simulate(begun):
        complaint = intake.enter(sofia, "You removed my page. I want it back.", "en")
        _measure(world, complaint, None, "user-upheld")
        said = Judgement("uphold", "terms", "The terms forbid advertisements on album pages. The page had only these.")
        decide.decide(sofia, complaint, said)
        tell.sent(sofia, complaint)


def _serial(world: World, begun: Any) -> None:
    """Three manifestly unfounded complaints of one account: a warning, and a fourth that is open."""
    sofia, last = world.people["sofia"], None
    for number in range(4):
        with clock.simulate(begun + number * 12 * HOUR):
            last = intake.enter(sofia, f"Complaint {number + 1}: give me everything back at once.", "en")
            _measure(world, last, None, "user-serial")
            if number < 3:
                decide.decide(sofia, last, UNFOUNDED)
                tell.sent(sofia, last)
            if number == 2:
                misuse.warn(sofia, last, "Three of three complaints in two days were manifestly unfounded.")


def _unproved(world: World, begun: Any) -> None:
    """Somebody complains about an account and cannot show that it is theirs."""
    sofia = world.people["sofia"]
    with clock.simulate(begun):
        complaint = intake.enter(sofia, "You closed the account of a friend. Tell me why.", "en")
    with clock.simulate(begun + 2 * DAY):
        account_proof.close_unproved(sofia, complaint)
        tell.sent(sofia, complaint)


def _public(world: World, text: str) -> None:
    """A complaint by the public page, without an account."""
    kind = kind_of(intake.code_of(actor("pixelpost").organisation_id))
    given, later = ticket.issue(f"{kind.code}.write"), clock.now() + timedelta(seconds=30)
    with clock.simulate(later):
        conversations.open_conversation(kind, given, "", text, "en")


def _drill(world: World) -> None:
    """Both hotlines take part, and the operator ran a drill. No Edge is connected yet."""
    for name in ("aoife", "jan"):
        members.join(world.people[name])
    operator = machine(actor("centre").organisation_id, "operator")
    drill = run.start(operator)
    run.advance(operator, drill)
    _deliver(world)
    if not run.advance(operator, drill):
        raise RuntimeError("The drill did not end.")


def _newest(person: Any) -> UUID:
    rows, _more = reversals.list_reversals(person, reversals.OPEN)
    return max((row for row in rows if row.accepted is None), key=lambda row: row.created_at).pk  # type: ignore[no-any-return]


def _answer(person: Any, given: OwnAnswer) -> None:
    """A person answers for every own place that waits."""
    rows, _more = reversals.list_reversals(person, reversals.OPEN)
    for row in rows:
        own = reversals.load(person, row.pk).own
        if own is not None:
            accept.answer(person, own.pk, given)


def _deliver(world: World) -> None:
    for _ in range(3):
        world.deliver(*(actor(one) for one in EVERYBODY))


def _privacy(world: World, now: Any) -> None:
    priya, katrin = world.people["priya"], world.people["katrin"]
    with clock.simulate(now - 10 * DAY):
        first = requests.add(priya, RequestInput("gdpr", "access", "All data about the account user-0042."))
        requests.identify(priya, first, "Signed in to the account, and confirmed by e-mail.")
        processing_records.add(priya, RecordInput(**RECORD, regime="gdpr", recipients="The Centre"))
        processing_records.add(
            katrin,
            RecordInput(**RECORD, regime="led", recipients="Prosecution", legal_basis="Act on criminal procedure"),
        )
    with clock.simulate(now - 5 * DAY):
        answers.answer(priya, first, answers.AnswerInput("given", **ANSWER))
        requests.add(priya, RequestInput("gdpr", "erasure", "Erase everything about my closed account."))
        through: dict[str, Any] = {"authority": "Data protection authority", "reference": "DPA 12/26"}
        requests.add(katrin, RequestInput("led", "access", "A person asks through us under Article 17.", **through))
    with clock.simulate(now - 3 * DAY):
        found = BreachInput("gdpr", clock.now(), 12, 40, high_risk=False, of_senders=False, text=BREACH)
        breach = breaches.add(priya, found)
    with clock.simulate(now - 2 * DAY):
        breaches.notify(priya, breach, "authority", "DPA 14/26", "")


RECORD: dict[str, Any] = {
    "code": "abuse-reports",
    "purpose": "Detect and report child sexual abuse material",
    "persons": "Users whose uploads match",
    "categories": "Account, address, digests of items",
    "erasure": "Twelve months after the report was closed",
    "security": "Sealed columns, roles, an event for each access",
}
ANSWER = {
    "held": "Your account user-0042 with its e-mail address, and two sign-ins with their time and IP address.",
    "source": "You gave it to us when you opened the account. The sign-ins were recorded by our service.",
    "recipients": "Nobody.",
    "retention": "The account until you close it. Sign-ins for 30 days.",
    "text": "A copy of all data is enclosed.",
}
BREACH = (
    "A list of 40 case numbers was sent to the wrong provider. It was deleted there. Addresses are checked twice now."
)
