"""Bundles: explained, merged, split, taken back; people are never merged, and what people split stays apart."""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from tests.cast import Cast
from tests.integration.reports.world import Centre
from tests.reporting import account, item, report
from tutela import clock
from tutela.events.acting import acting
from tutela.events.errors import Invalid, NotFound
from tutela.events.recording import timeline
from tutela.reports import bundles, regrouping
from tutela.reports.models import Report


def where(centre: Centre, *ids: UUID) -> list[UUID]:
    return [centre.row(one).bundle_id for one in ids]


def pair(centre: Centre, **shared: Any) -> tuple[UUID, UUID]:
    """Two reports of different items that share what is said."""
    return centre.file(report(items=[item()], **shared)), centre.file(report(items=[item()], **shared))


def alike(centre: Centre, report_id: UUID) -> dict[UUID, list[str]]:
    full = bundles.open_bundle(centre.analyst, centre.row(report_id).bundle_id)
    return {one.row.report_id: [str(label) for label in one.labels] for one in full.alike}


WORDS = {"text": f"nine words that are said {secrets.token_hex(8)} by nobody else"}
PDQ = {"pdq": [{"hash": secrets.token_hex(32), "quality": 90, "hasher": "x/1"}]}


@pytest.mark.parametrize(
    ("shared", "label"),
    [
        ({"users": [account("shared-name")]}, "the same account"),
        ({"locations": [{"ip": "192.0.2.77", "port": 4711, "at": "2026-01-02T03:04:05Z"}]}, "the same address"),
        ({"other": WORDS}, "the same words"),
    ],
    ids=["account", "address", "words"],
)
def test_likeness_is_explained_and_joins_nothing(cast: Cast, shared: dict[str, Any], label: str) -> None:
    centre = Centre(cast)
    first, second = pair(centre, **{"users": [], "locations": [], **shared})
    assert len(set(where(centre, first, second))) == 2
    assert label in " ".join(alike(centre, first)[second])


def test_the_same_perceptual_hash_is_a_likeness(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = (centre.file(report(items=[{**item(), **PDQ}], locations=[])) for _ in range(2))
    assert alike(centre, first)[second] == ["the same perceptual hash"]


def test_an_address_without_a_port_is_no_likeness(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair(centre, locations=[{"ip": "192.0.2.78", "at": "2026-01-02T03:04:06Z"}])
    assert second not in alike(centre, first)


def test_bundles_are_merged_and_taken_apart_with_a_history(cast: Cast) -> None:
    centre = Centre(cast)
    first, second = pair(centre)
    target, source = where(centre, first, second)
    number = centre.row(second).bundle.number
    with pytest.raises(Invalid):
        regrouping.merge(centre.analyst, target, number, " ")
    with pytest.raises(Invalid):
        regrouping.merge(centre.analyst, target, "B-0000-0000-0", "token")
    regrouping.merge(centre.analyst, target, number, "the same scene")
    assert where(centre, first, second) == [target, target]
    (move,) = bundles.open_bundle(centre.analyst, target).moves
    assert (move.reason, move.by_name) == ("the same scene", centre.analyst.name)
    regrouping.undo(centre.analyst, move.pk, "another scene")
    assert where(centre, first, second) == [target, source]
    with pytest.raises(NotFound):
        regrouping.undo(centre.analyst, move.pk, "again")
    kinds = [one.kind for one in bundles.open_bundle(centre.analyst, target).moves]
    assert kinds == ["undone", "merged"]
    with acting(centre.machine):
        assert [e.kind for e in timeline("bundle", target) if e.kind != "bundle.viewed"] == ["bundle.merged"]


def test_what_is_split_stays_apart(cast: Cast) -> None:
    centre = Centre(cast)
    one, two = item(), item()
    first = centre.file(report(items=[one]))
    second = centre.file(report(items=[two]))
    both = centre.file(report(items=[one, two]))
    assert len(set(where(centre, first, second, both))) == 1
    (bundle,) = set(where(centre, first))
    joined = bundles.open_bundle(centre.analyst, bundle).moves
    assert [(m.kind, m.by) for m in joined] == [("joined", "rule")]
    with pytest.raises(Invalid):
        regrouping.split(centre.analyst, bundle, [first, second, both], "all")
    made = regrouping.split(centre.analyst, bundle, [second, both], "another matter")
    assert where(centre, first, second, both) == [bundle, made, made]
    again = centre.file(report(items=[one, two], locations=[{"ip": "192.0.2.9", "at": clock.now().isoformat()}]))
    assert len(set(where(centre, first, second))) == 2, "intake did not join what people split"
    assert where(centre, again)[0] in (bundle, made)
    (move,) = [m for m in bundles.open_bundle(centre.analyst, made).moves if m.kind == "split"]
    regrouping.undo(centre.analyst, move.pk, "it was one matter")
    assert where(centre, second) == [bundle]


def test_a_joined_bundle_can_be_taken_apart_too(cast: Cast) -> None:
    centre = Centre(cast)
    one, two = item(), item()
    first, second = centre.file(report(items=[one])), centre.file(report(items=[two]))
    before = where(centre, first, second)
    centre.file(report(items=[one, two]))
    (move,) = bundles.open_bundle(centre.analyst, where(centre, first)[0]).moves
    regrouping.undo(centre.analyst, move.pk, "two matters")
    assert where(centre, first, second) == before
    centre.file(report(items=[one, two]))
    assert where(centre, first, second) == before


def test_the_page_is_the_desks_and_takes_decisions(cast: Cast, client: Client) -> None:
    centre = Centre(cast)
    shared = item()
    first, second = (centre.file(report(items=[shared])) for _ in range(2))
    (bundle,) = set(where(centre, first, second))
    address = f"/desk/reports/bundles/{bundle}/"
    assert client.get(address).status_code == 302
    assert cast.client(cast.pixelpost, "lead").get(address).status_code == 404
    browser = cast.client(cast.centre, "analyst")
    assert centre.row(first).number in browser.get(address).content.decode()
    answer = browser.post(f"{address}split/", {"reports": [str(second), "nonsense"], "reason": "token"}, follow=True)
    assert "Split." in answer.content.decode()
    assert len(set(where(centre, first, second))) == 2
    answer = browser.post(f"{address}merge/", {"number": "", "reason": "token"}, follow=True)
    assert "Name another bundle" in answer.content.decode()


def test_traits_go_with_the_contents(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    with acting(centre.machine):
        row = Report.objects.get(report_id=made)
        assert row.traits
        assert all(len(bytes(one)) == 16 for one in row.traits)
        assert b"account-" not in b"".join(bytes(one) for one in row.traits)
