"""Telling the user in a language: which is preselected and why, what the page says of it, what is recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from tests.support.cast import Cast
from tests.support.detection_world import World, receipt
from tests.support.markup import flat
from tutela.detection.drafts import drafts, send
from tutela.detection.models import Draft, UserInformed
from tutela.detection.notices import schedule
from tutela.detection.notices import text as notices_text
from tutela.detection.notices.sentences import TEXTS_FOLDER
from tutela.detection.outcomes import report_list
from tutela.detection.web.forms.drafts import DraftForms
from tutela.events.errors import Invalid
from tutela.events.record import timeline
from tutela.events.transaction import acting

UNCHECKED = "No speaker of this language has checked this translation"


@pytest.fixture
def world(cast: Cast) -> World:
    made = World(cast)
    made.join()
    return made


def _sent(world: World, language: str = "") -> UUID:
    made = world.draft()
    if language:
        drafts.edit(world.lead, made, 1, {"users": [{"identifiers": ["acc-1"], "language": language}]})
    send.send(world.lead, made)
    world.deliver(made, receipt(world.cast.centre))
    return made


def _page(client: Client, report: UUID, asked: str = "") -> str:
    return client.get(f"/desk/drafts/{report}/notice/?{asked}").content.decode()


def test_the_text_is_a_file_for_nobody_else(cast: Cast, world: World) -> None:
    address = f"/desk/drafts/{_sent(world)}/notice.txt"
    assert Client().get(address).status_code == 302
    assert cast.client(cast.other_provider, "lead").get(address).status_code == 404
    assert cast.client(cast.centre, "lead").get(address).status_code == 404
    unsent = cast.client(world.provider, "lead").get(f"/desk/drafts/{world.draft()}/notice.txt")
    assert unsent.status_code == 302, "there is nothing to tell of a draft"


def test_without_a_declared_language_the_country_of_the_provider_chooses_and_is_named(cast: Cast, world: World) -> None:
    page = _page(cast.client(world.provider, "lead"), _sent(world))
    assert 'class="card" lang="en"' in page
    assert "The report does not state the language of the account." in page
    assert "the country where you are established (IE)" in page
    assert UNCHECKED not in page
    assert "Checked by the authors of Tutela." in page


def test_every_text_about_a_report_finds_its_reader_the_same_way(world: World) -> None:
    made = _sent(world, "fr-BE")
    with acting(world.lead):
        row = Draft.objects.get(pk=made)
        found = notices_text.reader(world.lead, row, "somebody", "xx")
        asked = notices_text.reader(world.lead, row, "teenager", "de")
    assert (found.audience, found.language.code, found.choice.by) == ("adult", "fr", "declared")
    assert found.report is not None
    assert (asked.audience, asked.language.code, asked.choice.by) == ("teenager", "de", "asked")
    shown = schedule.load_notice(world.lead, made, "somebody", "xx")
    assert (shown.audience, shown.language, shown.choice) == (found.audience, found.language, found.choice)


def test_the_declared_language_is_preselected_and_marked_as_unchecked(cast: Cast, world: World) -> None:
    page = _page(cast.client(world.provider, "lead"), _sent(world, "de-AT"))
    assert '<section class="card" lang="de" dir="auto"><p>Am ' in flat(page)
    assert "The report states that the account is used in this language." in page
    assert UNCHECKED in page
    assert '<option value="de" lang="de" selected>Deutsch</option>' in flat(page)
    for name in ("Български", "Ελληνικά", "Gaeilge", "Malti", "Suomi"):
        assert f">{name}</option>" in page
    assert page.count(" lang=") == 1 + 24 + 1 + 1, "page, options, name of the language, text"


def _filled(forms: DraftForms) -> dict[str, object]:
    """What a browser would send of the page as it stands."""
    sets = (forms.accounts, forms.victims, forms.locations)
    parts = [forms.sections, *(part for one in sets for part in (one.management_form, *one.forms))]
    fields = [field for part in parts for field in part if field.value() is not False]
    return {field.html_name: field.value() for field in fields if field.value() not in (None, "")}


def test_the_desk_enters_the_language_of_an_account(cast: Cast, world: World) -> None:
    made, client = world.draft(), cast.client(world.provider, "lead")
    found = report_list.load_report(world.lead, made).report
    assert found is not None
    data = _filled(DraftForms(found, 1))
    answer = client.post(f"/desk/drafts/{made}/edit/", {**data, "accounts-0-language": "german"})
    assert b"users.0.language" in answer.content
    assert client.post(f"/desk/drafts/{made}/edit/", {**data, "accounts-0-language": "DE-AT"}).status_code == 302
    now = report_list.load_report(world.lead, made).report
    assert now is not None
    assert (now.users[0].language, now.users[0].identifiers) == ("de-AT", ("acc-1",))


def test_the_desk_enters_where_somebody_lives_and_how_old_they_are_said_to_be(cast: Cast, world: World) -> None:
    made, client = world.draft(), cast.client(world.provider, "lead")
    address = f"/desk/drafts/{made}/edit/"
    found = report_list.load_report(world.lead, made).report
    assert found is not None
    data = _filled(DraftForms(found, 1))
    for wrong in ("D1", "zz", "D"):
        page = client.post(address, {**data, "accounts-0-residence": wrong}).content.decode()
        assert "Enter the two letters of a country" in page
    nobody = client.post(address, {**data, "victims-0-age_group": "teenager"})
    assert "Enter details that distinguish this person" in nobody.content.decode()
    said = {
        "accounts-0-residence": "de",
        "accounts-0-account_country": "IE",
        "accounts-0-age_group": "adult",
        "victims-0-identifiers": "child-1",
        "victims-0-age_group": "teenager",
        "victims-0-gender": "other",
    }
    assert client.post(address, {**data, **said}).status_code == 302
    now = report_list.load_report(world.lead, made).report
    assert now is not None
    user, child = now.users[0], now.victims[0]
    assert (user.residence, user.account_country, user.age_group, user.identifiers) == ("DE", "IE", "adult", ("acc-1",))
    assert (child.identifiers, child.age_group, child.gender) == (("child-1",), "teenager", "other")
    page = client.get(address).content.decode()
    assert '<option value="teenager" selected>' in page
    assert 'value="DE"' in page
    kept = _filled(DraftForms(now, 2))
    assert client.post(address, {**kept, "revision": 2}).status_code == 302
    again = report_list.load_report(world.lead, made).report
    assert again is not None
    assert (again.users, again.victims) == (now.users, now.victims), "saved as it stands, it stays"


def test_a_language_without_a_text_is_named_and_decides_nothing(cast: Cast, world: World) -> None:
    page = _page(cast.client(world.provider, "lead"), _sent(world, "uk"))
    assert "several account languages, or a language without a text: uk." in page
    assert 'class="card" lang="en"' in page


def test_one_may_choose_otherwise_and_what_was_told_is_recorded_by_language_and_digest(
    cast: Cast, world: World
) -> None:
    made, client = _sent(world, "de"), cast.client(world.provider, "lead")
    page = _page(client, made, "language=fi&audience=child")
    assert '<section class="card" lang="fi" dir="auto"><p>Tämä viesti koskee tiliäsi.' in flat(page)
    assert '<input type="hidden" name="language" value="fi">' in page
    file = client.get(f"/desk/drafts/{made}/notice.txt?language=fi&audience=child")
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert file["Content-Language"] == "fi"
    assert file["Content-Disposition"].endswith('-child-fi.txt"')
    said = {"audience": "child", "language": "fi", "way": "letter"}
    assert client.post(f"/desk/drafts/{made}/notified/", said).status_code == 302
    digest = hashlib.sha256(file.content).hexdigest()
    with acting(world.lead):
        row = UserInformed.objects.get(draft_id=made)
        assert (row.language, row.audience, row.sha256) == ("fi", "child", digest)
        (event,) = [one for one in timeline("report", made) if one.kind == "user.notified"]
    assert event.facts is not None
    assert (event.facts["language"], event.facts["sha256"]) == ("fi", digest)
    assert digest in _page(client, made)


def test_a_language_without_a_text_is_not_told(world: World) -> None:
    made = _sent(world)
    for language in ("xx", "", "de-AT", "EN", "../en"):
        with pytest.raises(Invalid) as error:
            schedule.tell(world.lead, made, audience="adult", language=language)
        assert error.value.field == "language"
    assert schedule.load_notice(world.lead, made).told is None


@pytest.fixture
def own_texts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    text = (TEXTS_FOLDER / "de.toml").read_text()
    (tmp_path / "de.toml").write_text(text.replace('read_by = ""', 'read_by = "Legal <Pixelpost>"'))
    monkeypatch.setattr(settings, "USER_TEXTS", tmp_path)
    notices_text.languages.cache_clear()
    yield tmp_path
    notices_text.languages.cache_clear()


def test_an_operators_text_is_shown_as_its_own_and_says_who_checked_it(
    cast: Cast, world: World, own_texts: Path
) -> None:
    made, client = _sent(world), cast.client(world.provider, "lead")
    page = _page(client, made, "language=de")
    assert "This is your own text." in page
    assert "Checked by Legal &lt;Pixelpost&gt;." in page
    assert UNCHECKED not in page
    (own_texts / "de.toml").write_text("broken")
    assert "This is your own text." in _page(client, made, "language=de"), "read once, at the start"
    assert UNCHECKED in _page(client, made, "language=fr")
