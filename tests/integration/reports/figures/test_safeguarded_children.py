"""Safeguarded children: each counted once, traced to reports, released only as far as its authority said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.cast import Cast
from tests.support.post import introduce
from tests.support.reporting import report
from tests.support.reports_world import Centre
from tutela import clock
from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.identifiers import uuid7
from tutela.events.transaction import acting
from tutela.exchange.referral.outcome import Outcome as Wire
from tutela.investigations.referral_work import answers
from tutela.investigations.referral_work import work_queue as authority_desk
from tutela.investigations.referral_work.child_pseudonyms import pseudonyms
from tutela.organisations.people import directory
from tutela.reports.figures import funnel, safeguarded_children
from tutela.reports.models import Referral, SafeguardedChild
from tutela.reports.referrals import outcomes, refer
from tutela.reports.triage import assess

REFERENCES = ("AZ 1-1", "AZ 1-2", "AZ 1-3", "AZ 2-1")


class Desk:
    """A Centre with authorities of this test alone, and one provider by whom its figures are chosen."""

    def __init__(self, cast: Cast, monkeypatch: pytest.MonkeyPatch, authorities: int = 2) -> None:
        self.centre, self.provider = Centre(cast), cast.organisation("Figures", "provider", "NL")
        self.machines = [cast.organisation("Kriminalamt", "authority", "DE") for _ in range(authorities)]
        self.people = [cast.actor(machine, "investigator") for machine in self.machines]
        for machine in self.machines:
            introduce(cast, cast.centre, machine, "referrals:submit")
            introduce(cast, machine, cast.centre, "outcomes:submit")
        self.chosen = 0
        monkeypatch.setattr(directory, "authority_for", lambda _country: self._entry())

    def _entry(self) -> directory.DirectoryEntry:
        return directory.entry(self.machines[self.chosen].organisation_id)

    def referred(self, authority: int = 0) -> UUID:
        self.chosen = authority
        made = self.centre.file(report(geography=[{"country": "SK"}]), self.provider)
        assess.assess(self.centre.analyst, made, "forward", "", seen=0)
        refer.refer(self.centre.analyst, made)
        return made

    def outcome(self, made: UUID, authority: int = 0, *names: str, release: str = "statistics", kind: str = "") -> None:
        """What a machine of the authority says of a report."""
        with acting(self.centre.machine):
            row = Referral.objects.get(report__report_id=made)
        who = self.machines[authority]
        message = Wire.model_validate(
            {
                "outcome_id": str(uuid7()),
                "referral_id": str(row.referral_id),
                "kind": kind or "victim_identified",
                "at": clock.now().isoformat(),
                "authority": who.organisation_name,
                "release": release,
                "children": list(pseudonyms(who.organisation_id, "\n".join(names))),
            }
        )
        outcomes.take_outcome(self.centre.machine, who, message)

    @property
    def wanted(self) -> funnel.FunnelFilter:
        return funnel.FunnelFilter(provider=self.provider.organisation_name)

    def count(self) -> safeguarded_children.Children:
        return safeguarded_children.count(self.centre.analyst, self.wanted)

    def lines(self) -> list[safeguarded_children.ChildLine]:
        return safeguarded_children.lines(self.centre.analyst, self.wanted)


@pytest.fixture
def desk(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(cast, monkeypatch)


def test_strangers_see_no_figure(cast: Cast, desk: Desk) -> None:
    assert Client().get("/desk/reports/funnel.csv?step=children").status_code == 302
    assert cast.client(desk.provider, "lead").get("/desk/reports/funnel.csv?step=children").status_code == 404
    with pytest.raises(Forbidden):
        safeguarded_children.count(desk.people[0], desk.wanted)


def test_a_child_of_several_reports_counts_once_and_leads_to_all_of_them(desk: Desk) -> None:
    made = [desk.referred() for _ in range(3)]
    desk.outcome(made[0], 0, "AZ 1-1", "AZ 1-2")
    desk.outcome(made[1], 0, "az  1-1")
    desk.outcome(made[1], 0, "AZ 1-1", release="centre_only")
    desk.outcome(made[2], 0)
    assert desk.count() == safeguarded_children.Children(children=2, released=2, reports=3, reports_without=1)
    lines = desk.lines()
    assert sorted(len(line.report_ids) for line in lines) == [1, 2]
    twice = next(line for line in lines if len(line.report_ids) == 2)
    assert set(twice.report_ids) == {str(made[0]), str(made[1])}


def test_two_authorities_count_for_themselves(desk: Desk) -> None:
    desk.outcome(desk.referred(0), 0, "AZ 1-1")
    desk.outcome(desk.referred(1), 1, "AZ 1-1")
    assert desk.count().children == 2
    with acting(desk.centre.machine):
        found = SafeguardedChild.objects.filter(authority_id__in=[m.organisation_id for m in desk.machines])
        assert len(set(found.values_list("pseudonym", flat=True))) == 2, "one reference is not one pseudonym everywhere"


def test_what_was_undone_counts_no_more(desk: Desk) -> None:
    made = desk.referred()
    desk.outcome(made, 0, "AZ 1-1")
    assess.declare_erroneous(desk.centre.lead, made, "wrong", revoke=False)
    assert desk.count() == safeguarded_children.Children(0, 0, 0, 0)


def test_only_what_an_authority_released_is_told_to_everybody(desk: Desk) -> None:
    made = desk.referred()
    desk.outcome(made, 0, "AZ 1-1", release="centre_only")
    desk.outcome(made, 0, "AZ 1-2", release="provider")
    assert (desk.count().children, desk.count().released) == (2, 0)
    desk.outcome(made, 0, "AZ 1-2")
    assert (desk.count().children, desk.count().released) == (2, 1)


def test_an_authority_names_children_by_the_form_and_no_reference_leaves(cast: Cast, desk: Desk) -> None:
    made = desk.referred()
    desk.centre.deliver(desk.machines[0])
    person = desk.people[0]
    (row,) = authority_desk.inbox(person)[0]
    answers.acknowledge(person, row.referral_id)
    client = cast.client(desk.machines[0], "investigator")
    fields = {"kind": "taken_up", "reason": "", "release": "statistics", "children": "AZ 1-1"}
    client.post(f"/desk/inbox/{row.referral_id}/outcome/", fields)
    assert authority_desk.open_referral(person, row.referral_id).outcomes == []
    fields |= {"kind": "victim_identified", "children": "AZ 1-1\r\nAZ 1-2\r\n\r\naz 1-1"}
    client.post(f"/desk/inbox/{row.referral_id}/outcome/", fields)
    assert "2 children" in client.get(f"/desk/inbox/{row.referral_id}/").content.decode()
    with acting(desk.machines[0]):
        assert authority_desk.open_referral(person, row.referral_id).outcomes[0].children == 2
    from tests.support.post import deliver

    deliver(desk.machines[0])
    assert desk.count().children == 2
    page = cast.client(desk.centre.machine, "analyst").get(
        f"/desk/reports/funnel/?provider={desk.provider.organisation_name}"
    )
    assert "Children safeguarded" in page.content.decode()
    table = cast.client(desk.centre.machine, "analyst").get(
        f"/desk/reports/funnel.csv?step=children&provider={desk.provider.organisation_name}"
    )
    assert str(made) in table.content.decode()
    for text in (page.content.decode(), table.content.decode()):
        assert "AZ 1-1" not in text
        assert pseudonyms(person.organisation_id, "AZ 1-1")[0] not in text


def test_a_case_system_names_children_too_by_the_interface_and_by_a_table(cast: Cast, desk: Desk) -> None:
    person, said = desk.people[0], '{"kind": "victim_identified", "release": "statistics", "children": %s}'
    for _ in range(2):
        desk.referred()
    desk.centre.deliver(desk.machines[0])
    first, second = authority_desk.inbox(person)[0]
    for row in (first, second):
        answers.acknowledge(person, row.referral_id)
    headers = {**cast.key(desk.machines[0], "inbox:answer"), "Idempotency-Key": "k1"}
    address = f"/api/v1/inbox/{first.referral_id}/outcomes"
    refused = Client().post(address, said % '["%s"]' % ("x" * 101), "application/json", headers=headers)
    assert refused.status_code == 422
    body = said % '["AZ 1-1", "AZ 1-2"]'
    assert Client().post(address, body, "application/json", headers=headers).status_code == 201
    lines = f"number,kind,release,children\n{second.number},victim_identified,statistics,az 1-2 | AZ 1-3\n"
    table = Client().post("/api/v1/inbox/outcomes/table", lines.encode(), "text/csv", headers=headers)
    assert [one["error"] for one in table.json()["lines"]] == [None]
    assert [authority_desk.open_referral(person, one.referral_id).outcomes[0].children for one in (first, second)] == [
        2,
        2,
    ]
    from tests.support.post import deliver

    deliver(desk.machines[0])
    assert desk.count().children == 3, "each once, however they were named"


@pytest.mark.parametrize("text", ["x" * 101, "\n".join(str(n) for n in range(51))])
def test_too_much_is_refused_by_its_field(desk: Desk, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        pseudonyms(desk.people[0].organisation_id, text)
    assert caught.value.field == "children"


def test_children_are_named_by_their_own_step_alone() -> None:
    fields: dict[str, Any] = {
        "outcome_id": str(uuid7()),
        "referral_id": str(uuid7()),
        "kind": "closed",
        "at": clock.now().isoformat(),
        "authority": "x",
        "release": "statistics",
        "children": ["ab" * 16],
    }
    with pytest.raises(ValueError, match="only if they were identified"):
        Wire.model_validate(fields)
    with pytest.raises(ValueError, match="twice"):
        Wire.model_validate({**fields, "kind": "victim_identified", "children": ["ab" * 16] * 2})
    with pytest.raises(ValueError, match="pattern"):
        Wire.model_validate({**fields, "kind": "victim_identified", "children": ["A name"]})


said = st.tuples(
    st.integers(0, 2),
    st.sets(st.sampled_from(REFERENCES), max_size=3),
    st.sampled_from(["statistics", "centre_only"]),
    st.sampled_from(["victim_identified", "victim_identified", "taken_up", "convicted"]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(said, max_size=6))
def test_the_count_is_that_of_distinct_references_and_the_funnel_never_rises(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, history: list[tuple[int, set[str], str, str]]
) -> None:
    desk = Desk(cast, monkeypatch, 1)
    made = [desk.referred() for _ in range(3)]
    for which, names, release, kind in history:
        if kind == "victim_identified":
            desk.outcome(made[which], 0, *names, release=release)
        else:
            desk.outcome(made[which], 0, release=release, kind=kind)
    victims = [(w, n, r) for w, n, r, kind in history if kind == "victim_identified"]
    expected = {name for _, names, _ in victims for name in names}
    shown = {name for _, names, release in victims for name in names if release == "statistics"}
    found = desk.count()
    assert (found.children, found.released) == (len(expected), len(shown))
    assert found.reports == len({which for which, _, _ in victims})
    assert len(desk.lines()) == found.children
    assert {i for line in desk.lines() for i in line.report_ids} == {str(made[w]) for w, names, _ in victims if names}
    figures = funnel.funnel(desk.centre.analyst, desk.wanted)
    assert {step.name for branch in figures.branches for step in branch.steps} == set(funnel.STEPS)
    for branch in figures.branches:
        assert branch.values == sorted(branch.values, reverse=True), branch.name
    assert figures.of("victim_identified") == found.reports
    assert isinstance(desk.people[0], Actor)
