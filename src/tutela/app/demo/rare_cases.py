"""Rare cases of a month: duplicates, second opinions, an error, a hold and an alert."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from tutela import clock
from tutela.app.demo.organisations import actor
from tutela.app.demo.world import World
from tutela.casework.anonymous import conversations, inbox, ticket
from tutela.casework.anonymous.kinds import NODE_MESSAGE
from tutela.detection.candidates import viewing_budget
from tutela.detection.drafts import drafts, retract, send
from tutela.detection.review import review
from tutela.events.transaction import acting
from tutela.exchange.hash_lists.entry import Listed
from tutela.indicators.audits import blind_review, results, sample_selection
from tutela.indicators.hashes import lawful_reference_loads
from tutela.indicators.hashes.errors import ResemblesLawful
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.partner_lists import entries, file_import, grants, proposals, releases, subscriptions
from tutela.indicators.partner_lists.file_import import NamedList
from tutela.indicators.partner_lists.subscriptions import SubscriptionInput
from tutela.indicators.register import propose
from tutela.investigations.referral_work import answers, work_queue
from tutela.reports.referrals import refer
from tutela.reports.triage import assess

DUPLICATES = 14


def play(world: World) -> None:
    """All of it, within the last days of the world."""
    with clock.simulate(clock.now() - timedelta(days=2)):
        _repeated(world)
    with clock.simulate(clock.now() - timedelta(hours=30)):
        _found_and_held(world)
        _error(world)
        _contested(world)
        _retracted(world)
    with clock.simulate(clock.now() - timedelta(hours=3)):
        _second_opinions(world)
        _other_lists(world)
    with clock.simulate(clock.now() - timedelta(hours=5)):
        _anonymous(world)
    _looked_at_again(world)
    with clock.simulate(clock.now() - timedelta(minutes=20)):
        reported(world, "calling", "user-calling", urgent="The account is still uploading")
        world.deliver(actor("pixelpost"), actor("centre"))


def _other_lists(world: World) -> None:
    """A list of another that was entered and, in this demonstration, has nobody who serves it."""
    wanted = SubscriptionInput(
        list_id="other-centre",
        name="Other centre: images",
        source="Other centre",
        format="hashsharing",
        about="csam",
        base_url="https://lists.example/npo",
        username="pixelpost",
        every=60,
        secret="not disclosed",  # noqa: S106 - of an invented list
        legal_basis="Agreement of 2026",
    )
    subscriptions.enter(world.people["priya"], wanted)
    _passed_on(world)


def _anonymous(world: World) -> None:
    """Two anonymous messages to the Centre's node; one was answered."""
    texts = (
        "Somebody in a game asked my son for his address. I have the account name. Whom can I tell?",
        "A web page that I reported three weeks ago is still there.",
    )
    for text in texts:
        given = ticket.issue("message.write")
        with clock.simulate(clock.now() + ticket.MATURE):
            conversations.open_conversation(NODE_MESSAGE, given, "", text, "en")
    lead = world.people["lena"]
    first = inbox.list_conversations(lead, "waiting")[0][0]
    said = "Thank you. Please report it to the police in your country, and keep the account name."
    inbox.answer(lead, first.id, said, inbox.read(lead, first.id).seen)


def _looked_at_again(world: World) -> None:
    """A sample of the register that was answered and closed, and one that still asks."""
    lead, colleague, now = world.people["lena"], world.people["maya"], clock.now()
    with clock.simulate(now - timedelta(days=1)):
        drawn = sample_selection.draw(lead, 12, "Quarterly audit")
        while (asked := blind_review.following(colleague)) is not None:
            blind_review.answer(colleague, asked.id, "belongs", "eu-2011-93:known-material")
        results.close(lead, drawn, "All of them could be found.")
        # Half of its bits are missing: no picture has such a hash.
        propose.propose(
            world.people["aoife"],
            given=[HashValue("pdq", f"{world.random.getrandbits(40):064x}", 96, "unknown")],
            media_type="image",
            classification="eu-2011-93:known-material",
            reason="Assessed by one analyst",
        )
        _lawful(world)
    with clock.simulate(now - timedelta(hours=2)):
        sample_selection.draw(lead, 8, "After the new list was imported")


def _lawful(world: World) -> None:
    """A museum's pictures, digests of names in the place of their hashes, and somebody who proposes one of them."""
    known = [f"{hashlib.sha256(f'museum {number}'.encode()).hexdigest()}\n" for number in range(40)]
    lawful_reference_loads.load(
        world.people["lena"], known, source="National museum, open collection", licence="CC0-1.0"
    )
    with suppress(ResemblesLawful):
        propose.propose(
            world.people["aoife"],
            given=[HashValue("pdq", known[0].strip(), 96, "unknown")],
            media_type="image",
            classification="eu-2011-93:known-material",
            reason="From an old list",
        )


def _passed_on(world: World) -> None:
    """A police force's list that a hotline holds, and passes on to the provider. Random numbers, of no picture."""
    owner = world.people["aoife"]
    found = [
        Listed(f"{number:04}", {"sha256": (f"{world.random.getrandbits(256):064x}",)}, classification="")
        for number in range(12)
    ]
    file_import.load(owner, NamedList("police-abroad", "Police abroad", "csam", "Agreement of 2025"), lambda: found)
    mine = next(one.row.pk for one in subscriptions.list_subscriptions(owner) if one.row.list_id == "police-abroad")
    grants.give(
        owner,
        mine,
        actor("pixelpost").organisation_id,
        legal_basis="Agreement of 2025, clause 4",
        valid_to=clock.now() + timedelta(days=300),
    )
    releases.publish(owner, mine)
    chosen = [line.id for line in entries.page(owner, mine)[0]][:5]
    proposals.propose(
        owner, mine, chosen, classification="eu-2011-93:known-material", reason="Assessed again by the hotline"
    )
    # The worker's part of it: the month is made before there is one.
    proposals.run_proposals(owner.organisation_id, proposals.runs(owner, mine)[0].pk)


def reported(
    world: World,
    token: str,
    account: str,
    *,
    like: dict[str, Any] | None = None,
    urgent: str = "",
    more: dict[str, object] | None = None,
) -> UUID:
    """Confirm a candidate, draft its report and send it.

    The same moment, indicator and account make a duplicate.
    """
    shared = like or {"entry": world.random.choice(world.entries), "at": clock.now() - timedelta(hours=2)}
    candidate = world.candidate(
        token,
        entry=shared["entry"],
        at=shared["at"],
        file=shared.get("file", b""),
    )
    assert candidate
    opinion = review.Opinion("confirm", "known_item", "unopened")
    report = review.decide(world.people["tom"], candidate, opinion).report_id
    assert report
    at = shared["at"].isoformat()
    changes = {
        "locations": [{"ip": "192.0.2.251", "port": 40001, "at": at, "time_zone": "UTC"}],
        "geography": [{"country": "DE", "derived_from": "ip"}],
        "users": [{"usernames": [account], "emails": [f"{account}@mail.example"]}],
        "urgency": {"urgent": True, "reason": urgent} if urgent else {"urgent": False},
        **(more or {}),
    }
    drafts.edit(world.people["priya"], report, 1, changes)
    send.send(world.people["priya"], report)
    return report


def _repeated(world: World) -> None:
    """One upload that was noticed again and again, and the same item from other accounts."""
    like: dict[str, Any] = {"entry": world.random.choice(world.entries), "at": clock.now() - timedelta(hours=2)}
    for number in range(DUPLICATES):
        reported(world, f"again-{number}", "user-again", like=like)
    for number in range(3):
        reported(world, f"elsewhere-{number}", f"user-elsewhere-{number}", like=like)
    world.deliver(actor("pixelpost"), actor("centre"))


def _referred(world: World, token: str, more: dict[str, object] | None = None) -> tuple[UUID, UUID]:
    report = reported(world, token, f"user-{token}", more=more)
    world.deliver(actor("pixelpost"), actor("centre"))
    assess.assess(world.people["marek"], report, "forward", "Matches the public register", seen=0)
    refer.refer(world.people["marek"], report)
    world.deliver(actor("centre"))
    with acting(actor("police-de")):
        sent = work_queue.referral_of_report(report)
    assert sent
    return report, sent


def _found_and_held(world: World) -> None:
    """Play a case in which a child was found and the user must not be told yet."""
    _report, sent = _referred(world, "found")
    katrin = world.people["katrin"]
    answers.acknowledge(katrin, sent, "AZ 900/26")
    until = clock.now() + timedelta(days=60)
    answers.ask_hold(katrin, sent, reason="An operation is being prepared", until=until, keep_content=True)
    for kind in ("taken_up", "victim_identified"):
        named = "AZ 900/26-1" if kind == "victim_identified" else ""
        answers.report_outcome(katrin, sent, kind=kind, reason="", release="centre_only", children=named)
    world.deliver(katrin, actor("centre"))


def _error(world: World) -> None:
    """Play an erroneous report and its consequences."""
    suspended = {"decided": True, "measures": ["Account suspended"]}
    taken: dict[str, object] = {"removal": {"removed_or_disabled": True}, "user_decision": suspended}
    report, _sent = _referred(world, "error", more=taken)
    assess.declare_erroneous(
        world.people["lena"],
        report,
        "The listed item itself is a landscape; found in a second assessment",
        revoke=False,
    )
    world.deliver(actor("centre"))


def _contested(world: World) -> None:
    """Evidence that points to several states; the place settles one, and a child's state gets a copy."""
    user = {"usernames": ["user-contested"], "phones": ["+49 30 23125 007"], "account_country": "FR", "language": "fr"}
    more: dict[str, object] = {
        "users": [user],
        "geography": [{"country": "FR", "derived_from": "ip"}],
        "victims": [{"identifiers": ["account-of-a-child"], "residence": "IE"}],
    }
    report = reported(world, "contested", "user-contested", more=more)
    world.deliver(actor("pixelpost"), actor("centre"))
    assess.assess(world.people["marek"], report, "forward", "Matches the public register", seen=0)


def _retracted(world: World) -> None:
    """Create a report that its provider retracts as filed in error before anybody has decided."""
    report = reported(world, "retracted", "user-retracted")
    world.deliver(actor("pixelpost"), actor("centre"))
    retract.retract(world.people["priya"], report, "The upload was by another user; this account is not concerned.")
    world.deliver(actor("pixelpost"))


def _second_opinions(world: World) -> None:
    """One candidate waits for a second person, and about one two people disagree."""
    for token, opinions in (
        ("second", (("tom", "confirm", "known_item"),)),
        ("disagreed", (("tom", "confirm", "known_item"), ("sofia", "reject", "chance"))),
    ):
        candidate = world.candidate(token, near=True)
        assert candidate
        for name, decision, code in opinions:
            viewing_budget.open_item(world.people[name], candidate)
            review.decide(world.people[name], candidate, review.Opinion(decision, code, "viewed"))
