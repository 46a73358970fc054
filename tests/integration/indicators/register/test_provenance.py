"""The dossier says where an entry came from, the law by country, who got it, and where the public log has it."""

from __future__ import annotations

import io
import json
import secrets
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.db.utils import IntegrityError
from django.test import Client

from tests.integration.indicators.lifecycle.test_state_machine_rows import _insert
from tests.integration.indicators.register.test_register import CLASS, _fetch, _grant, _propose, _scheme
from tests.support import holds
from tests.support.cast import Cast
from tests.support.register import log
from tests.support.register import release as publish
from tutela import clock
from tutela.events.errors import Invalid
from tutela.events.list_access import ListPage
from tutela.events.transaction import acting
from tutela.indicators.access import grants
from tutela.indicators.feed import change_feed
from tutela.indicators.feed.change_feed import Window
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.models import Indicator
from tutela.indicators.partner_lists import export
from tutela.indicators.register import certify, detail, propose, provenance, retention, revoke, search, votes
from tutela.indicators.register.provenance import Provenance, Stated
from tutela.indicators.release_files import version_files
from tutela.indicators.safeguards import hold_release
from tutela.indicators.web import lifecycle_diagram
from tutela.law import classification
from tutela.organisations.models import OutboxMessage

__all__ = ["_scheme"]


def _of(cast: Cast, indicator: UUID) -> provenance.ProvenanceView:
    found = detail.load_detail(cast.hotline_ie, indicator).provenance
    assert found is not None
    return found


def _told(cast: Cast, told: Provenance) -> UUID:
    given = [HashValue("sha256", secrets.token_hex(32))]
    return propose.propose(
        cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed", told=told
    )


def test_source_and_law_of_countries_come_with_the_proposal_and_stand_in_the_dossier(cast: Cast) -> None:
    made = _told(cast, Provenance(" ICSE ", [Stated("de", True, "§ 184b StGB"), Stated("JP", False)]))
    certify.certify(cast.hotline_de, made)
    found = _of(cast, made)
    assert (found.source, found.run_id) == ("ICSE", None)
    assert [(one.country, one.classes) for one in found.countries] == [("DE", (CLASS,)), ("IE", (CLASS,)), ("JP", ())]
    assert found.countries[0].stated == ((cast.hotline_ie.organisation_name, Stated("DE", True, "§ 184b StGB")),)
    assert found.countries[0].law is None
    page = cast.client(cast.hotline_de, "analyst").get(f"/desk/indicators/{made}/").content.decode()
    assert "ICSE" in page
    assert "illegal: § 184b StGB" in " ".join(page.split())


def test_the_law_that_is_recorded_and_other_classes_stand_by_country(cast: Cast) -> None:
    law = {"country": "DE", "illegal": True, "citation": "§ 184b StGB", "applies_from": "2021-07-01"}
    values = [{"value": "known-material", "label": "M", "legality": [law]}, {"value": "other", "label": "O"}]
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": values}
    classification.import_scheme(cast.centre, scheme)
    made = _propose(cast.hotline_ie)
    certify.certify(cast.hotline_de, made)
    votes.reclassify(cast.hotline_de, made, "eu-2011-93:other", "It is that")
    german, irish = _of(cast, made).countries
    assert german.law is not None
    assert (german.law.illegal, german.law.applies_from, german.classes) == (
        True,
        date(2021, 7, 1),
        ("eu-2011-93:other",),
    )
    assert (irish.country, irish.classes, irish.law) == ("IE", (CLASS,), None)


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (Provenance("x" * 81), "source"),
        (Provenance("a\nb"), "source"),
        (Provenance("", [Stated("XX", True)]), "legality"),
        (Provenance("", [Stated("DE", True), Stated("de", False)]), "legality"),
        (Provenance("", [Stated("DE", True, "x" * 301)]), "legality"),
        (Provenance("", [Stated("DE", True)] * 51), "legality"),
    ],
)
def test_a_source_or_law_that_cannot_be_used_is_refused_by_name(cast: Cast, told: Provenance, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        _told(cast, told)
    assert caught.value.field == field


def test_the_form_and_the_api_take_both(cast: Cast, client: Client) -> None:
    desk = cast.client(cast.hotline_ie, "analyst")
    form = {
        "sha256": secrets.token_hex(32),
        "media_type": "image",
        "classification": CLASS,
        "reason": "Assessed",
        "source": "Our own case",
        "legality": "DE illegal § 184b StGB\n\nJP, lawful",
    }
    answer = desk.post("/desk/indicators/propose/", {**form, "legality": "Germany forbids it"})
    assert "Enter a country" in answer.content.decode()
    made = UUID(desk.post("/desk/indicators/propose/", form).headers["Location"].split("/")[-2])
    found = _of(cast, made)
    said = {one.country: one.stated[0][1] for one in found.countries if one.stated}
    assert said == {"DE": Stated("DE", True, "§ 184b StGB"), "JP": Stated("JP", False)}
    body = {
        "hashes": [{"kind": "sha256", "value": secrets.token_hex(32)}],
        "media_type": "image",
        "classification": CLASS,
        "reason": "Assessed",
        "source": "A feed",
        "legality": [{"country": "FR", "illegal": True, "norm": "227-23 CP"}],
    }
    key = cast.key(cast.hotline_ie, "indicators:propose")
    answer = client.post("/api/v1/indicators", body, "application/json", headers=key)
    assert answer.status_code == 201, answer.content
    found = _of(cast, UUID(answer.json()["id"]))
    assert found.source == "A feed"
    assert found.countries[0].stated[0][1] == Stated("FR", True, "227-23 CP")
    body["legality"] = [{"country": "XX", "illegal": True}]
    answer = client.post("/api/v1/indicators", body, "application/json", headers=key)
    assert answer.json()["errors"][0]["field"] == "legality"


def test_an_imported_entry_names_list_and_import(cast: Cast, tmp_path: Path) -> None:
    value, file = secrets.token_hex(32), tmp_path / "list.jsonl"
    file.write_text(json.dumps({"hashes": [{"kind": "sha256", "value": value}]}) + "\n")
    said = Defaults(classification=CLASS, reason="A")
    report = runner.run(cast.hotline_ie, file, source="The old list", defaults=said)
    ((line,), _more) = search.list_indicators(cast.hotline_ie, search.RegisterFilter(text=value))
    found = _of(cast, line.id)
    assert (found.source, found.run_id) == ("The old list", report.run_id)


def test_it_says_which_versions_carried_it_who_fetched_them_and_where_the_log_has_it(cast: Cast) -> None:
    made = _propose(cast.hotline_ie)
    assert _of(cast, made).spans == []
    certify.certify(cast.hotline_de, made)
    assert _of(cast, made).spans[0].first is None
    release = publish(cast.centre)
    assert release is not None
    _grant(cast)
    _fetch(Client(), cast.key(cast.pixelpost, "releases:read"), "head")
    found = _of(cast, made)
    assert (found.spans[0].first, found.spans[0].last) == (release.version, None)
    assert cast.pixelpost.organisation_name in {one.name for one in found.recipients}
    revoke.revoke(cast.centre, made, "Erroneous")
    publish(cast.centre)
    found = _of(cast, made)
    assert (found.spans[0].first, found.spans[0].last) == (release.version, release.version)
    log()
    leaves = _of(cast, made).leaves
    assert [one.kind for one in leaves] == [
        "indicator.proposed",
        "indicator.certified",
        "indicator.activated",
        "indicator.revoked",
    ]
    page = cast.client(cast.auditor, "auditor").get(f"/desk/indicators/{made}/").content.decode()
    for one in leaves:
        assert one.number is not None
        assert f'"/log/entry/{one.number}"' in page
        assert Client().get(f"/log/proof/{one.number}").status_code == 200


def test_who_reads_the_feed_or_takes_a_file_is_a_recipient_and_told_of_what_ends(cast: Cast) -> None:
    made, late = _propose(cast.hotline_ie), cast.organisation("Late", "provider", "FR")
    certify.certify(cast.hotline_de, made)
    for one in (cast.pixelpost, cast.other_provider, late):
        grants.give(
            cast.centre,
            one.organisation_id,
            list_id=version_files.LIST_ID,
            purpose="reporting",
            legal_basis="DSA",
            valid_to=clock.now() + timedelta(days=1),
        )
    since = clock.now() - timedelta(days=1)
    change_feed.page(cast.centre, cast.pixelpost, version_files.LIST_ID, Window(since, clock.now()))
    export.export(cast.other_provider, version_files.LIST_ID, io.StringIO(), export.sink("csv", "x"), "csv")
    export.export(cast.centre, version_files.LIST_ID, io.StringIO(), export.sink("csv", "x"), "csv")
    took = {one.name: one.way for one in _of(cast, made).recipients}
    assert took[cast.pixelpost.organisation_name] == "the feed"
    assert took[cast.other_provider.organisation_name] == "files"
    assert cast.centre.organisation_name not in took
    page = cast.client(cast.hotline_ie, "analyst").get("/desk/indicators/releases/").content.decode()
    assert "the feed" in page
    revoke.revoke(cast.centre, made, "Erroneous")
    change_feed.page(cast.centre, late, version_files.LIST_ID, Window(since, clock.now()))
    assert late.organisation_name not in {one.name for one in _of(cast, made).recipients}, "it came after the end"
    with acting(cast.centre):
        sent = OutboxMessage.objects.filter(kind="withdrawal", subject_id=str(made))
        told = set(sent.values_list("recipient_id", flat=True))
    assert {cast.pixelpost.organisation_id, cast.other_provider.organisation_id} <= told
    assert late.organisation_id not in told


def test_nobody_outside_the_register_reads_an_entrys_events_and_what_was_stated_stays(cast: Cast) -> None:
    made = _told(cast, Provenance("", [Stated("DE", True)]))
    with acting(cast.pixelpost), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM indicators_events(%s, 0, 200)", [made])
        assert cursor.fetchall() == []
    with pytest.raises(IntegrityError):
        _insert(cast.hotline_ie, "indicators_legalitystated", indicator_id=made, country="DE", illegal=False, norm="")


def test_every_public_event_of_an_entry_is_there_in_parts(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    lead = cast.actor(cast.centre, "lead")
    odd = HashValue("pdq", f"{(1 << 200) - 1 ^ secrets.randbits(20):064x}", 90, "x")
    given = [HashValue("sha256", secrets.token_hex(32)), odd]
    made = propose.propose(cast.hotline_ie, given=given, media_type="image", classification=CLASS, reason="Assessed")
    (held,) = holds.open_of(lead, made)
    hold_release.release(lead, held.pk, accepted=True, reason="Looked at")
    hold = retention.hold(lead, made, until=clock.now() + timedelta(days=9), reason="A trial")
    retention.end_hold(lead, hold, "Over")
    all_of_it = [
        "indicator.proposed",
        "register.held",
        "register.released",
        "indicator.hold_placed",
        "indicator.hold_ended",
    ]
    assert [one.kind for one in _of(cast, made).leaves] == all_of_it
    monkeypatch.setattr(provenance, "EVENTS", 2)
    address, browser = f"/desk/indicators/{made}/", cast.client(cast.hotline_ie, "analyst")
    found = [detail.load_detail(cast.hotline_ie, made, ListPage(number)).provenance for number in (1, 2, 3)]
    assert [one.more for one in found if one] == [True, True, False]
    assert [leaf.kind for one in reversed(found) if one for leaf in one.leaves] == all_of_it
    assert 'href="?page=2"' in browser.get(address).content.decode()
    last = browser.get(f"{address}?page=3").content.decode()
    assert 'href="?page=2"' in last
    assert 'href="?page=4"' not in last


def test_what_held_an_import_stands_in_the_dossier_of_each_of_its_entries(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    looks = [f"{(1 << 200) - 1 ^ secrets.randbits(20):064x}" for _ in range(3)]
    file.write_text("pdq,quality\n" + "".join(f"{one},90\n" for one in looks), encoding="utf-8")
    said, before = Defaults(classification=CLASS, reason="Assessed"), _drawn_as_held(cast)
    run = runner.run(cast.hotline_ie, file, source="Police", defaults=said).run_id
    with acting(cast.hotline_ie):
        made = list(Indicator.objects.filter(run_id=run).values_list("pk", flat=True))
    assert len(made) == 3
    for one in made:
        assert "register.held" in {leaf.kind for leaf in _of(cast, one).leaves}
    assert _drawn_as_held(cast) == before + 3, "the picture counts indicators, as in its other boxes"


def _drawn_as_held(cast: Cast) -> int:
    drawn = lifecycle_diagram.lifecycle_diagram(cast.hotline_ie, search.counts(cast.hotline_ie))
    return next(box.count for box in drawn.pictures[0].boxes if box.code == "held")
