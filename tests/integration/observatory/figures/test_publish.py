"""Figures are published once their period is over, as events have them, and the log knows what was published."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from typer.testing import CliRunner

from tests.support.cast import AUDITOR, Cast
from tests.support.figures_world import OPENED, FiguresWorld, own_log
from tutela import clock
from tutela.accountability.public_log import log
from tutela.app.cli import app
from tutela.events.errors import Forbidden
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.errors import FiguresDisagree, NoQueries, PeriodNotOver, PeriodOverlaps, UnknownRelease
from tutela.observatory.figures import publish, recompute, releases
from tutela.observatory.figures.recompute import Discrepancy
from tutela.observatory.models import FigureRelease
from tutela.observatory.open_data import datasets
from tutela.observatory.statements import figures_file
from tutela.organisations.people import directory

RUN = CliRunner()


@pytest.fixture
def world(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FiguresWorld:
    own_log(tmp_path, monkeypatch)
    return FiguresWorld(cast)


def test_who_may_not_publish_publishes_nothing(world: FiguresWorld) -> None:
    administrator = world.cast.actor(world.hotline, "administrator")
    with pytest.raises(Forbidden):
        publish.publish(administrator, world.period)
    with pytest.raises(Forbidden):
        publish.preview(administrator, world.period)


def test_figures_count_each_subject_once_and_verify_for_anybody(world: FiguresWorld, tmp_path: Path) -> None:
    release = releases.public_release(world.published())
    values = {one.definition.id: one.value for one in release.figures}
    assert values == {
        "hotline.addresses.opened": 7,
        "hotline.addresses.assessed": 5,
        "hotline.addresses.noticed": 3,
        "redress.complaints.decided": 0,
    }
    checked = figures_file.check(world.file(release.id), world.policy())
    assert (checked.statement.digest, checked.origin) == (release.digest, log.origin())
    file, policy = tmp_path / "figures.json", tmp_path / "policy"
    file.write_bytes(releases.file_of(release.id))
    policy.write_text(log.policy_text())
    done = RUN.invoke(app, ["verify", "figures", str(file), "--policy", str(policy)])
    assert done.exit_code == 0, done.output
    assert "hotline.addresses.opened/1: 7" in done.output
    assert done.output.rstrip().endswith("holds")


def test_the_log_says_what_was_published_and_no_more(world: FiguresWorld) -> None:
    release = releases.public_release(world.published())
    told = json.loads(world.file(release.id).entry)
    assert set(told) == {"event", "commitment", "hour", "organisation", "number", "position", "digest", "key"}


def test_a_period_that_is_not_over_is_refused(world: FiguresWorld) -> None:
    today = clock.now().date()
    with pytest.raises(PeriodNotOver):
        publish.publish(world.analyst, ReportingPeriod(today - timedelta(days=1), today))


def test_a_period_that_overlaps_a_published_one_is_refused(world: FiguresWorld) -> None:
    world.published()
    day = timedelta(days=1)
    for period in (
        ReportingPeriod(world.day - day, world.day),
        ReportingPeriod(world.day, world.day + day),
        ReportingPeriod(world.day - 30 * day, world.day + day),
    ):
        with (
            clock.simulate(clock.now() + 3 * day),
            pytest.raises(PeriodOverlaps, match=re.escape(str(world.period))),
        ):
            publish.publish(world.analyst, period)
    publish.publish(world.analyst, world.period)
    publish.publish(world.analyst, ReportingPeriod(world.day - 3 * day, world.day - day))


def test_an_organisation_without_queries_has_nothing_to_publish(cast: Cast) -> None:
    support = cast.organisation("Help", "victim_support", "IE")
    with pytest.raises((NoQueries, Forbidden)):
        publish.publish(cast.actor(support, "analyst"), ReportingPeriod.parse("2026-01"))


def test_events_that_the_tables_do_not_know_stop_a_publication(cast: Cast) -> None:
    provider = cast.organisation("Pixelpost", "provider", "IE")
    with clock.simulate(clock.now() - timedelta(days=2)), acting(provider):
        record(provider, "candidate.confirmed", "candidate", "none")
    day = (clock.now() - timedelta(days=2)).date()
    with pytest.raises(FiguresDisagree, match="Candidates"):
        publish.publish(cast.actor(provider, "lead"), ReportingPeriod(day, day))


def test_a_changed_past_is_shown_as_another_vintage(world: FiguresWorld) -> None:
    first = world.published()
    before = clock.now()
    with clock.simulate(clock.now() - timedelta(days=2)):
        world.event(OPENED, world.hotline.organisation_id)
    second = world.published()
    key = "hotline.addresses.opened/1"
    organisation = world.hotline.organisation_id
    assert [value for _at, value in releases.vintages(organisation, world.period, key)] == [7, 8]
    assert releases.as_of(organisation, world.period, key, before) == 7
    assert releases.public_release(second).corrects == 1
    found = recompute.recompute(figures_file.signed_statement(world.file(first)), AUDITOR)
    assert {one.finding for one in found} == {Discrepancy.LATER}
    assert recompute.recompute(figures_file.signed_statement(world.file(second)), AUDITOR) == []


def test_releases_of_a_suspended_organisation_stay_and_are_marked(world: FiguresWorld) -> None:
    release, browser = world.published(), Client()
    rows = datasets.published_figures().rows
    file = releases.file_of(release)
    administrator = world.cast.actor(world.cast.centre, "administrator")
    directory.set_status(administrator, world.hotline.organisation_id, "suspended", "A test")
    assert releases.public_release(release).suspended
    assert releases.file_of(release) == file
    assert datasets.published_figures().rows == rows
    assert "The organisation is suspended" in browser.get(f"/figures/releases/{release}/").text
    assert "(suspended)" in browser.get("/figures/").text


def test_no_release_is_too_old_for_everybody(world: FiguresWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "MOST_RELEASES", 1)
    first, second = world.published(), world.published()
    assert {releases.public_release(one).id for one in (first, second)} == {first, second}


def test_another_organisation_sees_no_rows_of_a_release(world: FiguresWorld) -> None:
    release = world.published()
    stranger = world.cast.organisation("Hotline Elsewhere", "hotline", "DE")
    with acting(stranger):
        assert not FigureRelease.objects.filter(pk=release).exists()
    assert releases.own(world.cast.actor(stranger, "analyst")) == []
    with pytest.raises(UnknownRelease):
        releases.file_of(stranger.organisation_id)
