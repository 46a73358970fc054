"""Reports whose items are of one series stand in one bundle, with the ground; people take it apart."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.reporting import item, report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.record import timeline
from tutela.events.transaction import acting
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.register import certify, propose
from tutela.law import classification
from tutela.organisations.keys.envelope_encryption import CannotUnwrap
from tutela.reports import jobs, retention
from tutela.reports.bundles import detail, merge_split, series, series_backfill
from tutela.reports.models import EarlierSeries, InSeries, Report
from tutela.reports.scoring.link_keys import SERIES


class Series:
    """A Centre, and a code that nobody else uses."""

    def __init__(self, cast: Cast) -> None:
        self.centre, self.cast = Centre(cast), cast
        self.code = f"S-{secrets.token_hex(4)}".upper()
        value = {"value": "known-material", "label": "Material within Art. 2(c)"}
        scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "D", "values": [value]}
        classification.import_scheme(cast.centre, scheme)

    def entry(self, digest: str, *, certified: bool = True, code: str = "") -> UUID:
        made = propose.propose(
            self.cast.hotline_ie,
            given=[HashValue("sha256", digest)],
            media_type="image",
            classification="eu-2011-93:known-material",
            reason="x",
            series=code or self.code,
        )
        if certified:
            certify.certify(self.cast.hotline_de, made)
        return made

    def of_register(self, *, certified: bool = True, code: str = "") -> UUID:
        """A report of an item of its own that the register has in the series."""
        digest = secrets.token_hex(32)
        entry = self.entry(digest, certified=certified, code=code)
        return self.centre.file(report(items=[item(digest, entry)]))

    def of_provider(self, code: str, provider: Actor | None = None) -> UUID:
        """A report of an item of its own that its provider says to be of a series."""
        return self.centre.file(report(items=[{**item(), "series": code}]), provider)

    def joined(self) -> None:
        """What the worker does every minute."""
        while series.join_waiting(self.centre.machine):
            pass

    def bundles(self, *ids: UUID) -> list[UUID]:
        return [self.centre.row(one).bundle_id for one in ids]


@pytest.fixture
def here(cast: Cast) -> Series:
    return Series(cast)


def test_items_that_the_register_has_in_one_series_share_a_bundle_and_say_why(here: Series) -> None:
    first, second, third = (here.of_register() for _ in range(3))
    other = here.of_register(code=f"S-{secrets.token_hex(4)}")
    assert len(set(here.bundles(first, second, third, other))) == 4
    here.joined()
    (bundle,) = set(here.bundles(first, second, third))
    assert here.bundles(other) != [bundle]
    moves = detail.open_bundle(here.centre.analyst, bundle).moves
    assert [(one.kind, one.reason, one.by) for one in moves] == [("series", here.code, "rule")] * 2
    with acting(here.centre.machine):
        assert [e.kind for e in timeline("bundle", bundle)].count("bundle.series") == 2
        assert not Report.objects.filter(bundle=bundle).exclude(duplicate_of=None).exists(), "nobody was merged"
    page = here.cast.client(here.cast.centre, "analyst").get(f"/desk/reports/bundles/{bundle}/").content.decode()
    assert "joined: items of both belong to one series" in page
    assert here.code in page


def test_the_job_of_every_minute_joins(here: Series) -> None:
    first, second = here.of_register(), here.of_register()
    jobs.near(0)
    assert len(set(here.bundles(first, second))) == 1
    with acting(here.centre.machine):
        assert not InSeries.objects.exclude(to_join=None).exists()


def test_what_does_not_count_in_the_register_or_is_about_another_item_joins_nothing(here: Series) -> None:
    first = here.of_register()
    proposed = here.of_register(certified=False)
    claimed = here.centre.file(report(items=[item(secrets.token_hex(32), here.entry(secrets.token_hex(32)))]))
    here.joined()
    assert len(set(here.bundles(first, proposed, claimed))) == 3


def test_a_providers_word_holds_among_its_own_reports(here: Series) -> None:
    code = f"Series of {secrets.token_hex(4)}"
    first, second = here.of_provider(code), here.of_provider(code.upper())
    other = here.of_provider(code, here.cast.other_provider)
    here.joined()
    (bundle,) = set(here.bundles(first, second))
    assert here.bundles(other) != [bundle]
    (move,) = detail.open_bundle(here.centre.analyst, bundle).moves
    assert (move.kind, move.reason) == ("series", "")
    with acting(here.centre.machine):
        assert not [row for row in InSeries.objects.values_list() if code in str(row)], "its words stay sealed"
    page = here.cast.client(here.cast.centre, "analyst").get(f"/desk/reports/{first}/").content.decode()
    assert code in page


def test_what_people_take_apart_stays_apart_and_is_shown_as_alike(here: Series) -> None:
    first, second = here.of_register(), here.of_register()
    here.joined()
    (bundle,) = set(here.bundles(first, second))
    made = merge_split.split(here.centre.analyst, bundle, [second], "another matter")
    third = here.of_register()
    here.joined()
    assert len(set(here.bundles(first, second))) == 2
    assert here.bundles(third)[0] in (bundle, made)
    full = detail.open_bundle(here.centre.analyst, here.bundles(first)[0])
    labels: dict[Any, list[str]] = {one.row.report_id: [str(label) for label in one.labels] for one in full.alike}
    assert "the same series" in labels[second]
    (move,) = [one for one in detail.open_bundle(here.centre.analyst, made).moves if one.kind == "split"]
    merge_split.undo(here.centre.analyst, move.pk, "it was one matter")
    assert len(set(here.bundles(first, second))) == 1


def test_a_joining_is_taken_back_and_not_done_again(here: Series) -> None:
    first, second = here.of_register(), here.of_register()
    here.joined()
    (bundle,) = set(here.bundles(first, second))
    (move,) = detail.open_bundle(here.centre.analyst, bundle).moves
    merge_split.undo(here.centre.analyst, move.pk, "not one matter")
    here.of_register()
    here.joined()
    assert len(set(here.bundles(first, second))) == 2


def test_an_entry_that_is_certified_later_joins_what_waits(here: Series) -> None:
    first, digest = here.of_register(), secrets.token_hex(32)
    entry = here.entry(digest, certified=False)
    second = here.centre.file(report(items=[item(digest, entry)]))
    here.joined()
    assert len(set(here.bundles(first, second))) == 2
    certify.certify(here.cast.hotline_de, entry)
    jobs.rescore(str(entry))
    jobs.rescore(str(entry))
    here.joined()
    assert len(set(here.bundles(first, second))) == 1


def test_a_report_whose_contents_are_erased_is_of_no_series_any_longer(here: Series) -> None:
    made = here.of_register()
    with acting(here.centre.machine):
        row = here.centre.row(made)
        assert InSeries.objects.filter(report=row).exists()
        row.state = "referred"
        row.save(update_fields=["state"])
    with clock.simulate(clock.now() + timedelta(minutes=1)), acting(here.centre.machine):
        assert list(retention.erase_kept(here.centre.machine, clock.now()))
        assert not InSeries.objects.filter(report=row).exists()


def _of_before(here: Series, *ids: UUID) -> None:
    """As these reports stood before there were series, and nothing had been read for them."""
    with acting(here.centre.machine):
        EarlierSeries.objects.all().delete()
        for one in ids:
            row = here.centre.row(one)
            InSeries.objects.filter(report=row).delete()
            row.traits = [trait for trait in row.traits or () if bytes(trait)[:1] != SERIES]
            row.save(update_fields=["traits"])


def _read(here: Series) -> EarlierSeries:
    while series_backfill.read_on(here.centre.machine):
        pass
    with acting(here.centre.machine):
        return EarlierSeries.objects.get()


def test_reports_of_before_there_were_series_are_read_once_and_joined(here: Series) -> None:
    code = f"Series of {secrets.token_hex(4)}"
    old = [here.of_register(), here.of_register(), here.of_provider(code), here.of_provider(code)]
    plain = here.centre.file(report())
    _of_before(here, *old)
    row = _read(here)
    assert row.finished_at is not None
    assert (row.found, row.unread) == (4, 0)
    assert row.looked == row.total >= 5
    here.joined()
    register, provider = set(here.bundles(*old[:2])), set(here.bundles(*old[2:]))
    assert (len(register), len(provider), len(register | provider)) == (1, 1, 2)
    assert not (register | provider) & set(here.bundles(plain))
    with acting(here.centre.machine):
        assert "report.in_series" in [event.kind for event in timeline("report", old[0])]
        assert "report.in_series" not in [event.kind for event in timeline("report", plain)]
    jobs.read_series(0)
    assert _read(here).looked == row.looked, "it is over"


def test_a_reading_that_is_killed_goes_on_behind_its_last_step(here: Series, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [here.of_register() for _ in range(3)]
    _of_before(here, *old)
    monkeypatch.setattr(series_backfill, "STEP", 1)
    monkeypatch.setattr(series_backfill, "STEPS", 2)
    assert series_backfill.read_on(here.centre.machine) == 2
    found = series.found_later

    def killed(*given: Any) -> bool:
        found(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(series, "found_later", killed)
    with pytest.raises(KeyboardInterrupt):
        series_backfill.read_on(here.centre.machine)
    page = here.cast.client(here.cast.centre, "analyst").get("/desk/reports/bundles/").content.decode()
    assert "are being checked: 2 of" in page
    monkeypatch.setattr(series, "found_later", found)
    monkeypatch.setattr(series_backfill, "STEP", 100)
    assert _read(here).found == 3
    with acting(here.centre.machine):
        rows = InSeries.objects.filter(report__report_id__in=old)
        assert rows.count() == 3
    page = here.cast.client(here.cast.centre, "analyst").get("/desk/reports/bundles/").content.decode()
    assert "Reports received before series existed are being checked" not in page


def test_what_cannot_be_read_is_counted_and_keeps_nothing_waiting(
    here: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, whole = here.of_register(), here.of_register()
    _of_before(here, broken, whole)
    unseal = series_backfill.unseal

    def read(report_id: UUID, *rest: Any) -> bytes:
        if report_id == broken:
            raise CannotUnwrap
        return unseal(report_id, *rest)

    monkeypatch.setattr(series_backfill, "unseal", read)
    row = _read(here)
    assert (row.found, row.unread, row.finished_at is not None) == (1, 1, True)
