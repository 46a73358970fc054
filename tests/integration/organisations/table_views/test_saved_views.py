"""Saved views: one's own, shared, replaced, removed; an address that nobody can turn into something else."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cast import Cast
from tests.support.markup import flat
from tutela.app.website import urls as _urls  # noqa: F401 - the pages that offer their lists
from tutela.events.errors import Conflict, Invalid, NotFound
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.organisations.models import SavedView
from tutela.organisations.table_views import saved_views
from tutela.organisations.table_views.saved_views import Listing, TooManyViews

LIST = "inbox"


@pytest.fixture
def home(cast: Cast) -> Any:
    return cast.organisation("Kriminalamt", "authority", "DE")


def names(actor: Any) -> list[tuple[str, bool]]:
    return [(one.name, one.mine) for one in saved_views.list_views(actor, LIST)]


def test_a_view_is_one_s_own_until_it_is_shared(cast: Cast, home: Any) -> None:
    mine, colleague = cast.actor(home, "investigator"), cast.actor(home, "analyst")
    saved_views.save(mine, LIST, "Urgent", "?urgent=1&state=open&page=4&evil=1")
    assert [one.query for one in saved_views.list_views(mine, LIST)] == ["state=open&urgent=1"]
    assert names(colleague) == []
    made = saved_views.save(mine, LIST, " Urgent ", "urgent=1", shared=True)
    assert names(mine) == [("Urgent", True)], "the same name is replaced"
    assert names(colleague) == [("Urgent", False)]
    with pytest.raises(NotFound):
        saved_views.remove(colleague, made.id)
    assert saved_views.remove(mine, made.id) == LIST
    assert names(mine) == names(colleague) == []
    with pytest.raises(NotFound):
        saved_views.remove(mine, made.id)
    with acting(mine):
        assert [e.kind for e in timeline("view", made.id)] == ["view.saved", "view.removed"]
        left = set(SavedView.objects.values_list("name", "query"))
        assert (SavedView.objects.count(), left) == (2, {("", "")}), "a row stays of it, and nothing that it looked for"


def test_a_long_address_is_no_fault(cast: Cast, home: Any) -> None:
    client = cast.client(home, "investigator")
    address = "/desk/inbox/?" + "&".join(["urgent=1"] * 500)
    assert client.get(address).status_code == 200


def test_who_manages_the_organisation_removes_what_is_shared_and_nothing_else(cast: Cast, home: Any) -> None:
    mine, manager = cast.actor(home, "investigator"), cast.actor(home, "administrator")
    private = saved_views.save(mine, LIST, "Mine", "")
    shared = saved_views.save(mine, LIST, "Ours", "", shared=True)
    with pytest.raises(NotFound):
        saved_views.remove(manager, private.id)
    saved_views.remove(manager, shared.id)
    assert names(mine) == [("Mine", True)]


def test_another_organisation_sees_and_removes_nothing(cast: Cast, home: Any) -> None:
    mine = cast.actor(home, "investigator")
    stranger = cast.actor(cast.organisation("Kriminalamt", "authority", "FR"), "investigator")
    made = saved_views.save(mine, LIST, "Ours", "", shared=True)
    assert names(stranger) == []
    assert not saved_views.exists(stranger, made.id)
    with pytest.raises(NotFound):
        saved_views.remove(stranger, made.id)
    assert names(mine) == [("Ours", True)]


def test_what_cannot_be_kept_is_refused_with_its_field(cast: Cast, home: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = cast.actor(home, "investigator")
    for name, query, field in (("", "", "name"), ("x" * 81, "", "name"), ("x", "text=" + "y" * 900, "query")):
        with pytest.raises(Invalid) as said:
            saved_views.save(mine, LIST, name, query)
        assert said.value.field == field
    for listing in ("nothing", "reports"):
        with pytest.raises(NotFound):
            saved_views.save(mine, listing, "x", "")
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    for name in "ab":
        saved_views.save(mine, LIST, name, "")
    with pytest.raises(TooManyViews):
        saved_views.save(mine, LIST, "c", "")
    saved_views.save(mine, LIST, "b", "state=open")
    assert names(mine) == [("a", True), ("b", True)]


def test_twins_that_save_the_same_name_leave_one(cast: Cast, home: Any) -> None:
    mine, errors = cast.actor(home, "investigator"), list[BaseException]()

    def work() -> None:
        try:
            for number in range(5):
                saved_views.save(mine, LIST, "Twin", f"state=open&text={number}")
        except Conflict:
            pass
        except BaseException as error:  # noqa: BLE001 - told below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert not errors
    assert names(mine) == [("Twin", True)]


def test_the_page_saves_shows_and_removes(cast: Cast, home: Any) -> None:
    browser = cast.client(home, "investigator")
    fields = {"listing": LIST, "name": "Team <South>", "query": "state=open&next=https://evil.example", "shared": "on"}
    answer = browser.post("/desk/views/save/", fields)
    assert answer["Location"] == "/desk/inbox/?state=open"
    page = browser.get("/desk/inbox/").content.decode()
    assert '<a href="?state=open">Team &lt;South&gt;' in flat(page)
    (view,) = SavedViewOf(cast.actor(home, "investigator"))
    assert browser.post(f"/desk/views/{view}/remove/")["Location"] == "/desk/inbox/"
    assert "Team &lt;South&gt;" not in browser.get("/desk/inbox/").content.decode()
    assert browser.post("/desk/views/save/", {**fields, "name": ""})["Location"] == "/desk/inbox/?state=open"
    assert browser.post("/desk/views/save/", {**fields, "listing": "https://evil.example"}).status_code == 404
    assert Client().post("/desk/views/save/", fields)["Location"].startswith("/account/login/")


def SavedViewOf(actor: Any) -> list[Any]:
    return [one.id for one in saved_views.list_views(actor, LIST)]


@given(st.text(max_size=300), st.dictionaries(st.sampled_from(["state", "text", "page"]), st.text(max_size=20)))
def test_of_an_address_only_the_list_s_filters_are_kept_and_once_more_the_same(raw: str, known: dict[str, str]) -> None:
    from urllib.parse import urlencode

    listing = Listing("x", "x", frozenset({"state", "text"}))
    kept = saved_views.only(listing, urlencode(known) + "&" + raw)
    assert {key for key, _value in parse_qsl(kept)} <= {"state", "text"}
    assert saved_views.only(listing, kept) == kept
    assert "\0" not in kept


def test_chosen_columns_are_kept_in_a_view(cast: Cast) -> None:
    known = saved_views.LISTINGS["reports"]
    query = saved_views.only(known, "?columns=kind&state=all&columns=received&page=2")
    assert query == "columns=kind%2Creceived&state=all"
    holds = saved_views.LISTINGS["holds"]
    assert saved_views.only(holds, "held-columns=a&held-columns=b&columns=c") == "held-columns=a%2Cb"
