"""Shared work in every list: who has claimed a case, its labels, and filters by both; never another organisation's."""

from __future__ import annotations

from secrets import token_hex
from uuid import UUID

import pytest
from django.test import Client

from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.reporting import report
from tests.support.reports_world import Authority, Centre, entry_of

# Of each kind: its list, and a filter that shows all its cases.
LISTS = {
    "report": "/desk/reports/?state=all&sort=-received",
    "referral": "/desk/inbox/?state=all",
    "candidate": "/desk/candidates/?state=",
    "draft": "/desk/drafts/?state=",
    "indicator": "/desk/indicators/?state=",
}


def _two(cast: Cast, kind: str) -> tuple[Client, UUID, UUID]:
    """A colleague, and two new cases of a kind."""
    if kind == "indicator":
        first, second = (entry_of(cast, token_hex(32)) for _ in range(2))
        return cast.client(cast.hotline_ie, "analyst"), first, second
    if kind in ("candidate", "draft"):
        world = World(cast)
        made = (getattr(world, kind)() for _ in range(2))
        return cast.client(world.provider, "reviewer" if kind == "candidate" else "lead"), *made
    centre = Centre(cast)
    if kind == "report":
        return cast.client(cast.centre, "analyst"), centre.file(report()), centre.file(report())
    authority = Authority(centre, "EE")
    given = (authority.referred(centre.file(authority.report())) for _ in range(2))
    return cast.client(authority.machine, "investigator"), *given


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_shows_who_claimed_and_filters_by_claim_and_label(cast: Cast, kind: str) -> None:
    client, mine, free = _two(cast, kind)
    step = f"/desk/work/{kind}/{mine}/"
    for given in ({"step": "claim"}, {"step": "label", "label": f"monday {kind}"}):
        assert client.post(step, given).status_code == 302

    def shown(more: str) -> tuple[bool, bool]:
        answer = client.get(f"{LISTS[kind]}&{more}")
        assert answer.status_code == 200
        text = answer.content.decode()
        return f"/{mine}/" in text, f"/{free}/" in text

    assert shown("") == (True, True)
    assert shown("claimed=mine") == (True, False)
    assert shown("claimed=unclaimed") == (False, True)
    assert shown(f"label=Monday+{kind}") == (True, False)
    assert shown("claimed=unclaimed&label=nothing") == (False, False)
    assert shown("claimed=x") == (True, True)
    text = client.get(f"{LISTS[kind]}&claimed=mine").content.decode()
    assert f'<span class="badge">monday {kind}</span>' in text
    assert "Robin" in text
    files = client.get(f"{LISTS[kind]}&claimed=mine&format=csv")
    assert "Robin" in files.content.decode()
    assert f"monday {kind}" in files.content.decode()


def test_no_other_organisation_sees_claims_and_labels_of_a_shared_register(cast: Cast) -> None:
    client, mine, _free = _two(cast, "indicator")
    client.post(f"/desk/work/indicator/{mine}/", {"step": "claim"})
    client.post(f"/desk/work/indicator/{mine}/", {"step": "label", "label": "ours alone"})
    other = cast.client(cast.hotline_de, "analyst")
    text = other.get("/desk/indicators/").content.decode()
    assert f"/{mine}/" in text
    assert "ours alone" not in text
    assert f"/{mine}/" in other.get("/desk/indicators/?claimed=unclaimed").content.decode()
    assert f"/{mine}/" not in other.get("/desk/indicators/?label=ours+alone").content.decode()
