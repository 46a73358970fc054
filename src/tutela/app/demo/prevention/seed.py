"""Prevention in the demonstration: the data pack, unchecked, and invented programmes in every grade.

The invented studies have DOIs of the prefix that Crossref keeps for examples. No real study is judged here: a grade of
a real programme needs people who read its studies.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from tutela import clock
from tutela.app.demo.world import World
from tutela.prevention.campaigns import planner
from tutela.prevention.campaigns.planner import PlanInput
from tutela.prevention.knowledge import coverage, data_pack, judge, programmes, studies, survivors
from tutela.prevention.knowledge.programmes import ProgrammeInput
from tutela.prevention.knowledge.studies import ResultInput, StudyInput
from tutela.prevention.loop import briefs, questions
from tutela.prevention.materials import lineage
from tutela.prevention.materials.lineage import VersionInput
from tutela.prevention.network import groups, members, relief, research_map, voices
from tutela.prevention.network.groups import ItemInput
from tutela.prevention.network.members import MemberInput
from tutela.prevention.network.relief import ReliefInput
from tutela.prevention.signposts import authored_texts
from tutela.prevention.signposts.authored_texts import TextInput
from tutela.prevention.training import register
from tutela.prevention.training.register import ReturnInput

EXAMPLES = "10.5555/tutela-demo"
# Name, state, and effects of its studies: risk ratio of an invented outcome with its interval.
INVENTED: tuple[tuple[str, str, tuple[tuple[float, float, float], ...]], ...] = (
    ("Invented: Harbour course", "running", ((0.60, 0.40, 0.90), (0.70, 0.55, 0.89))),
    ("Invented: Lantern groups", "withdrawn", ((1.25, 1.05, 1.49),)),
    ("Invented: Tide lessons", "running", ((1.00, 0.90, 1.11),)),
    ("Invented: Pier visits", "pilot", ((0.95, 0.50, 1.80),)),
)


def play(world: World) -> None:
    """Play every story of prevention."""
    marek, lena = world.people["marek"], world.people["lena"]
    data_pack.enter_all(marek)
    made = [_invented(world, number) for number in range(len(INVENTED))]
    today = clock.now().date()
    said = "The first letter sounded like an order. We asked for another one."
    survivors.review(lena, made[0], people=4, text=said, changed="The first letter.", held_on=today)
    coverage.answer_none(
        lena, country="MT", stage="after", target="offended", source="answer of a ministry", answered_on=today
    )
    _questions(world, made[0])
    briefs.issue(lena, "What is known of four invented programmes", "One helps, one harms, two show nothing.", made)
    _outreach(world)
    _network(world, made[0])


def _invented(world: World, number: int) -> UUID:
    name, status, effects = INVENTED[number]
    marek, lena = world.people["marek"], world.people["lena"]
    programme = programmes.enter(
        marek,
        ProgrammeInput(
            name,
            "invented for this demonstration",
            summary="An invented programme that shows how a grade comes about.",
            stages=["before", "after"],
            targets=["offended", "worried"],
            settings=["community"],
            countries=["IE", "DE"],
            languages=["en", "de"],
            status=status,
            status_reason="an invented evaluation showed harm" if status == "withdrawn" else "",
            checked=True,
        ),
    )
    for at, effect in enumerate(effects):
        study = _trial(
            world, programme, f"{number}-{at}", effect, f"Invented trial {at + 1} of {name.partition(': ')[2]}"
        )
        low_risk = dict.fromkeys(judge.DOMAINS, "low")
        judge.judge(marek, study, low_risk, "Invented judgement.")
        judge.judge(lena, study, low_risk | {"measurement": "some"}, "Invented judgement.")
    return programme


def _trial(world: World, programme: UUID, label: str, effect: tuple[float, float, float], title: str) -> UUID:
    result = ResultInput(programme, "record", "invented outcome", "offended", "community", "risk_ratio", *effect)
    return studies.enter(
        world.people["marek"],
        StudyInput(
            title,
            "randomised",
            "published",
            "invented for this demonstration",
            doi=f"{EXAMPLES}-{label}",
            registration=f"NCT9{label.replace('-', ''):0>7}",
            authors=["Robin A", "Marin B"],
            year=2024,
            published=date(2024, 3 + int(label[-1]), 1),
            treated=400,
            compared=400,
            attrition_percent=8,
            follow_up_months=24,
            team=f"invented team {label}",
            registered_before=True,
            harms_looked_for=True,
            checked=True,
            results=(result,),
        ),
    )


def _questions(world: World, programme: UUID) -> None:
    marek, now = world.people["marek"], clock.now()
    with clock.simulate(now - timedelta(days=20)):
        answered = questions.enter(
            marek, "What helps people after release to stay without offences?", "after", "offended"
        )
    with clock.simulate(now - timedelta(days=6)):
        questions.answer(marek, answered, "The Harbour course, which is invented, helps.", [programme])
    waiting = questions.enter(marek, "Do evening calls help young people in care?", "children", "young")
    questions.open_question(marek, waiting, "No study in the hub answers it.")


def _outreach(world: World) -> None:
    lena, today = world.people["lena"], clock.now().date()
    leaflet = VersionInput(
        "Leaflet: You can ask", "CC-BY-4.0", "European Centre (demonstration)", text="You can ask. You need no name."
    )
    source = lineage.enter(lena, leaflet, "en")
    for language, title in (("de", "Faltblatt: Du kannst fragen"), ("sv", "Folder: Du kan fråga")):
        lineage.enter(lena, replace(leaflet, title=title), language, source, "translation")
    lineage.edit(lena, source, replace(leaflet, text="You can ask. You need no name. The call is free."), "wording")
    planner.plan(
        lena,
        PlanInput(
            "Invented campaign: You can ask",
            "more people know a helpline",
            "parents of children under 12",
            "You can ask before you are sure.",
            "posters in waiting rooms",
            "who knows a number calls it",
            "comparison",
            today + timedelta(days=40),
            today + timedelta(days=100),
            measure="share who can name the helpline",
            sample=600,
        ),
    )
    register.add(lena, ReturnInput("IE", "police", "Listening to children", 420, today, "invented", "", 1200))


def _network(world: World, programme: UUID) -> None:
    lena, today = world.people["lena"], clock.now().date()
    people = [
        members.enter(lena, MemberInput(name, employer, country, (practice,), today, [programme]))
        for name, employer, country, practice in (
            ("Robin Vale (invented)", "Harbour University", "SE", "research"),
            ("Marin Costa (invented)", "Lantern Clinic", "PT", "treatment"),
            ("Noor Hale (invented)", "Tide Helpline", "GB", "helpline"),
        )
    ]
    for person, text in zip(people, ("none", "advises the Harbour course", "none"), strict=True):
        members.state_interests(lena, person, text)
    group = groups.found(lena, "Outcomes that matter", "Agree which outcomes every trial measures.", "research")
    for person in people:
        groups.step(lena, group, person, joined=True)
    later = today + timedelta(days=60)
    due = groups.announce(lena, ItemInput("deliverable", "List of outcomes", today, later, group=group))
    groups.announce(lena, ItemInput("call", "Call for evaluations that found nothing", today, later))
    groups.announce(lena, ItemInput("event", "Meeting of the network", later, later, text="Brussels and online"))
    groups.deliver(lena, due, link="https://network.example/outcomes", present=people, dissent="One is missing.")
    _voices(world, programme)


def _voices(world: World, programme: UUID) -> None:
    lena, today = world.people["lena"], clock.now().date()
    view = voices.offer(lena, "Ask us before a campaign begins, not after it.", "public")
    voices.step(lena, view, "heard")
    voices.step(lena, view, "changed", "Every campaign plan is now read by survivors first.")
    research_map.enter(lena, "protective", "Somebody to talk to (invented)", "An invented factor without a study.")
    relief.add(lena, ReliefInput("IE", programme, "reports", 12, 400, 360, "invented", 410, 400))
    authored_texts.enter(
        lena,
        TextInput(
            "lesson",
            "en",
            "Invented lesson: lights of ships",
            "Green is starboard, red is port. This lesson is invented.",
            "Dr Robin Vale (invented)",
            "psychotherapist",
            "CC-BY-4.0",
            today + timedelta(days=365),
            "-",
            "? Which light is green?\n+ starboard\n- port\n! It is the rule of the sea.",
        ),
    )
