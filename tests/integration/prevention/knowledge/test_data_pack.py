"""The data pack is entered once, and all of it as unchecked."""

from __future__ import annotations

from dataclasses import replace

from tests.support.cast import Cast
from tests.support.prevention_world import Curators
from tutela.events.transaction import acting
from tutela.prevention.knowledge import data_pack, overdue, programmes, studies


def test_the_pack_is_entered_once_and_unchecked(cast: Cast) -> None:
    actor = Curators(cast).first
    data_pack.enter_all(actor)
    assert data_pack.enter_all(actor) == (0, 0)
    named = {one["name"] for one in data_pack.read("programme")}
    found = [one for one in programmes.newest(actor) if one.name in named]
    assert len(found) == len(named)
    assert not any(one.checked for one in found)
    with acting(actor):
        rows = list(studies.newest_editions().select_related("study"))
    known = {one.study.doi for one in rows} | {one.study.registration for one in rows}
    identified = [one for one in data_pack.read("study") if one.get("doi") or one.get("registration")]
    assert len(identified) >= 60
    assert all((one.get("doi", "").lower() or one.get("registration")) in known for one in identified)


def test_the_trial_that_owes_its_results_since_january_is_overdue(cast: Cast) -> None:
    actor = Curators(cast).first
    data_pack.enter_all(actor)
    due = {one.edition.study.registration: one.due_on.isoformat() for one in overdue.list_overdue(actor)}
    assert due["NCT05831657"] == "2026-01-14"


def test_nobody_is_asked_for_results_that_are_published(cast: Cast) -> None:
    """Keeping Safe (2021), Safe Touches (2015) and Letting the Future In (2016) stood as "no results"."""
    centre = Curators(cast).first
    data_pack.enter_all(centre)
    with acting(centre):
        rows = {one.study.registration: one for one in studies.newest_editions().select_related("study")}
    published = [rows[one] for one in ("NCT02961010", "NCT02181647", "ISRCTN65340805")]
    assert [one.status for one in published] == ["published"] * 3
    owing = {one.edition.study.registration for one in overdue.list_overdue(centre)}
    assert "NCT02961010" not in owing


def test_study_that_an_older_pack_entered_as_without_results_is_corrected(cast: Cast) -> None:
    centre = Curators(cast).first
    data_pack.enter_all(centre)
    with acting(centre):
        edition = studies.newest_editions().select_related("study").get(study__registration="NCT02961010")
        said = replace(studies.input_of(edition), status="completed", publication="")
        studies.edit(centre, edition.study_id, said)
    assert "NCT02961010" not in {one.edition.study.registration for one in overdue.list_overdue(centre)}
    assert data_pack.enter_all(centre) == (0, 1)
    with acting(centre):
        edition = studies.newest_editions().select_related("study").get(study__registration="NCT02961010")
    assert edition.status == "published"
    assert "keeping-safe" in edition.study.publication
    assert data_pack.enter_all(centre) == (0, 0)
