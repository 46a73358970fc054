"""One support case from the first contact to the end of its follow-up, over three agencies; one hand-over is refused.

Each agency works at its own desk, and reads nothing of the others but codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.support_world import Support, case_of, forget_limits, in_days
from tutela.casework.hand_overs import alerts, work_queue
from tutela.victims.models import SupportCase
from tutela.victims.support import work_queue as support_queue

OWN_WORDS = "Words of the desk that wrote them."


@pytest.fixture
def world(cast: Cast) -> Iterator[Support]:
    yield Support(cast, public=True)
    forget_limits()


def sends(client: Client, address: str, **said: Any) -> str:
    answer = client.post(address, said, follow=True)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def step(client: Client, hand_over: UUID, state: str, because: str = "") -> None:
    shown = sends(client, f"/desk/hand-overs/{hand_over}/step/", state=state, because=because, text=OWN_WORDS)
    assert "The step is recorded." in shown


def test_a_case_over_three_agencies_with_a_refused_hand_over_is_followed_to_its_end(world: Support) -> None:
    support, hotline, authority = (
        world.cast.client(one, "analyst") for one in (world.support, world.hotline, world.authority)
    )
    person = world.writes("support", "I would like to talk. A neutral token.")
    case = case_of(SupportCase, world, person)
    address = f"/desk/support/{case}/"
    need = {"need": "therapy", "ground": "consent", "due_on": in_days(14).isoformat(), "agency_kind": "other"}

    # 1. Victim support assesses, and hands a need to the hotline.
    assessed = {"risks": ["circulated"], "measures": ["few"], "review_on": in_days(30).isoformat(), "text": ""}
    sends(support, f"{address}assess/", **assessed)
    sends(support, f"{address}hand-over/", agency_id=str(world.hotline.organisation_id), **need)
    (first,) = support_queue.load(world.analyst, case).hand_overs
    world.deliver()

    # 2. The hotline refuses. Nobody has the need, so victim support is alerted, and cannot close the case.
    step(hotline, world.received(world.hotline).row.pk, "refused", "not_competent")
    world.deliver()
    assert alerts.raise_new(world.support) == 1
    for part in ("treatment", "follow_up"):
        sends(support, f"{address}care/", part=part, state="planned", text="")
    assert "Close the case when" in sends(support, f"{address}close/", x="")

    # 3. It goes to the Child Protection Office, which accepts, treats, follows up and closes.
    again = f"/desk/hand-overs/{first.pk}/again/"
    sends(support, again, agency_id=str(world.authority.organisation_id), **need)
    world.deliver()
    theirs = world.received(world.authority).row
    for state in ("accepted", "treatment", "follow_up", "closed"):
        step(authority, theirs.pk, state)
        world.deliver()

    # 4. Victim support follows up, and the case ends.
    for part in ("treatment", "follow_up"):
        for state in ("running", "ended"):
            sends(support, f"{address}care/", part=part, state=state, text="")
    sends(support, f"{address}close/", x="")
    full = support_queue.load(world.analyst, case)
    assert full.row.stage == "closed"
    assert sorted(one.state for one in full.hand_overs) == ["closed", "settled"]

    # 5. No agency reads another's case, number or words.
    for client, actor in ((hotline, world.hotline), (authority, world.authority)):
        received = work_queue.load(actor, world.received(actor).row.pk)
        shown = client.get(f"/desk/hand-overs/{received.row.pk}/").content.decode()
        assert full.row.number not in shown
        assert str(case) not in shown
        assert client.get(address).status_code == 404
        assert not re.search(r"survivor|circulated|neutral token", shown)
    ours = support.get(f"/desk/hand-overs/{first.pk}/").content.decode()
    assert OWN_WORDS not in ours, "the hotline's words stay at the hotline"
