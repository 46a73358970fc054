"""Anonymous conversations in the search over all desks: by their case number, and for people who may read them."""

from __future__ import annotations

from uuid import UUID

import pytest

from tests.integration.casework.web.test_conversation_pages import founder, message, role
from tests.support.cast import Cast
from tutela.casework.anonymous import inbox
from tutela.casework.anonymous.conversations import SUBJECT
from tutela.casework.search import search
from tutela.casework.search.search import Asked
from tutela.events.actor import Actor

__all__ = ["founder", "role"]


def _found(actor: Actor, text: str) -> list[UUID]:
    groups = search.search(actor, Asked(text, "assessment")).groups
    return [one.subject_id for group in groups for one in group.found if one.subject_kind == SUBJECT]


def test_a_conversation_is_found_by_its_case_number(cast: Cast, founder: Actor, role: str) -> None:
    pk, number, _words = message(founder, "Is anybody there?")
    reader = cast.actor(founder, role)
    assert reader.can(inbox.READ)
    assert _found(reader, number) == [pk]
    assert _found(reader, f" {number.lower()} ") == [pk]
    assert _found(reader, str(pk)) == [], "the number alone names it"
    page = cast.client(founder, role).post("/desk/search/", {"q": number}).content.decode()
    assert f"/desk/conversations/{pk}/" in page
    assert "To answer" in page


def test_nobody_else_finds_a_conversation(cast: Cast, founder: Actor) -> None:
    pk, number, _words = message(founder, "Is anybody there?")
    without = cast.actor(founder, "administrator")
    assert not without.can(inbox.READ)
    others = [cast.actor(cast.pixelpost, "lead"), cast.actor(cast.other_provider, "lead")]
    others += [cast.actor(cast.centre, "lead"), cast.actor(cast.hotline_ie, "analyst")]
    for actor in (without, *(one for one in others if one.organisation_id != founder.organisation_id)):
        assert pk not in _found(actor, number)


@pytest.mark.parametrize("wrong", ["M-AAAA-AAAA-A", "M-"])
def test_another_number_finds_nothing(cast: Cast, founder: Actor, role: str, wrong: str) -> None:
    message(founder, "Is anybody there?")
    assert _found(cast.actor(founder, role), wrong) == []
