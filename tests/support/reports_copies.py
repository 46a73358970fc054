"""Copies of one report for several states, and what comes back of them, in a directory that the test alone sees."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from tests.support.cast import Cast
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Returned
from tutela.exchange.referral.referral import Referral as Package
from tutela.organisations.people import directory
from tutela.reports.models import Referral, Report
from tutela.reports.referrals import refer
from tutela.reports.referrals import returned as referrals_returned
from tutela.reports.report_encryption import unseal
from tutela.reports.state import report_rows
from tutela.reports.triage import assess


class States:
    """A Centre whose directory has an authority in each country named, and Europol under "" where that is named."""

    def __init__(self, cast: Cast, monkeypatch: pytest.MonkeyPatch, *countries: str) -> None:
        self.cast, self.centre = cast, Centre(cast)
        self.actors: dict[str, Actor] = {}
        entries: dict[str, directory.DirectoryEntry] = {}
        for country in countries:
            made = cast.organisation("Kriminalamt", "authority" if country else "europol", "DE" if country else "NL")
            self.actors[country] = made
            entry = directory.entry(made.organisation_id)
            entries[country] = replace(entry, country=country) if country else entry
        self.names = {country: one.name for country, one in entries.items()}
        europol = entries.pop("", None)
        monkeypatch.setattr(directory, "authority_for", entries.get)
        monkeypatch.setattr(directory, "europol", lambda: europol)

    def filed(self, *residences: str) -> UUID:
        """A report, forwarded, whose suspects reside in these states; not yet referred."""
        users = [{"usernames": [country], "residence": country} for country in residences]
        made = self.centre.file(report(users=users, geography=[], locations=[]))
        assess.assess(self.centre.analyst, made, "forward", "", seen=0)
        return made

    def repeat(self, report_id: UUID) -> UUID:
        """The same provider says the same once more."""
        with acting(self.centre.machine):
            body = report_rows.body_of(self.row(report_id))
        return self.centre.file(body.model_copy(update={"report_id": uuid7()}))

    def referred(self, *residences: str) -> UUID:
        made = self.filed(*residences)
        refer.refer(self.centre.analyst, made)
        return made

    def row(self, report_id: UUID) -> Report:
        return self.centre.row(report_id)

    def sent(self, report_id: UUID) -> list[tuple[str, bool]]:
        """The country of each referral and whether it came back, in order."""
        countries = {actor.organisation_id: country for country, actor in self.actors.items()}
        return [(countries[one.authority_id], hasattr(one, "returned")) for one in self._referrals(report_id)]

    def standing(self, report_id: UUID) -> list[str]:
        return [country for country, returned in self.sent(report_id) if not returned]

    def packages(self, report_id: UUID) -> dict[str, Package]:
        """The newest package of each country's authority."""
        countries = {actor.organisation_id: country for country, actor in self.actors.items()}
        with acting(self.centre.machine):
            return {
                countries[one.authority_id]: Package.from_bytes(
                    unseal(report_id, "referral", one.referral_id, bytes(one.sealed_body))
                )
                for one in self._referrals(report_id)
            }

    def newest(self, report_id: UUID, country: str) -> Referral:
        mine = self.actors[country].organisation_id
        return [one for one in self._referrals(report_id) if one.authority_id == mine][-1]

    def give_back(self, report_id: UUID, country: str, to: str = "") -> None:
        """The authority of a country says that its copy is not its own, and perhaps whose."""
        message = Returned(
            referral_id=self.newest(report_id, country).referral_id,
            reason="Not ours",
            country=to or None,
            at=clock.now(),
            authority="Kriminalamt",
        )
        referrals_returned.take(self.centre.machine, self.actors[country], message)

    def _referrals(self, report_id: UUID) -> list[Referral]:
        with acting(self.centre.machine):
            rows = Referral.objects.filter(report__report_id=report_id).select_related("returned")
            return list(rows.order_by("created_at", "id"))
