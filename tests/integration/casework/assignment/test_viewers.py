"""Who has a case open now: gone a minute after the last beat, seen by the own organisation alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.casework import jobs
from tutela.casework.assignment import claim, viewers
from tutela.casework.models import Claim, PassedCase, Viewer
from tutela.events.errors import NotFound
from tutela.events.transaction import acting


def test_a_viewer_is_gone_a_minute_after_the_last_beat(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    assert viewers.beat(centre.analyst, "report", made) == []
    assert viewers.beat(centre.lead, "report", made) == [centre.analyst.name]
    assert viewers.beat(centre.analyst, "report", made) == [centre.lead.name]
    with clock.simulate(clock.now() + timedelta(seconds=61)):
        assert viewers.beat(centre.lead, "report", made) == []


def test_a_clock_that_was_ahead_shows_nobody(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    with clock.simulate(clock.now() + timedelta(days=1)):
        viewers.beat(centre.analyst, "report", made)
    assert viewers.beat(centre.lead, "report", made) == []


def test_a_stranger_beats_and_sees_nothing(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    viewers.beat(centre.analyst, "report", made)
    stranger = cast.actor(cast.pixelpost, "lead")
    with pytest.raises(NotFound):
        viewers.beat(stranger, "report", made)
    with acting(stranger):
        assert not Viewer.objects.filter(subject_id=made).exists()


def test_the_hourly_job_deletes_what_is_over(cast: Cast) -> None:
    centre = Centre(cast)
    made = centre.file(report())
    viewers.beat(centre.analyst, "report", made)
    claim.claim(centre.lead, "report", made)
    claim.pass_on(centre.analyst, "report", made)
    with clock.simulate(clock.now() + timedelta(days=2)):
        jobs.hourly(0)
    with acting(centre.machine):
        for table in (Viewer, Claim, PassedCase):
            assert not table.objects.filter(subject_id=made).exists()
    jobs.minutely(0)
