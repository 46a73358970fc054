"""Two nodes of their own: a provider's and the Centre's. A report goes over, its receipt and its outcome come back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.drills import Installation, long_only, until

pytestmark = pytest.mark.slow

CENTRE = """
from tutela.app.config import load
from tutela.law import acts
from tutela.organisations.people import api_keys
from tutela.organisations.people import directory
from tutela.organisations.keys import signing
from tutela.organisations.people.bootstrap import found
from tutela.organisations.people.bootstrap import machine

centre = found("European Centre", "centre", "NL", api_url=load().public_url)
acts.seed()
row = directory.create_organisation(centre, name="Pixelpost", kind="provider", country="IE", api_url="{provider}")
directory.set_status(centre, row.id, "verified", "Checked for the test")
_row, key = api_keys.issue_key(centre, row.id, name="Pixelpost's desk", scopes=["reports:submit"])
receipt = signing.public_keys(centre.organisation_id, "receipt")[0].public.hex()
print(json.dumps({{"centre": str(centre.organisation_id), "provider": str(row.id), "key": key, "receipt": receipt}}))
"""
FILE = """
from tutela.detection.drafts import drafts
from tutela.detection.drafts import send
from tutela.detection.settings import services
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.people.members import actor_of

provider = machine(directory.named("Pixelpost").id, "test")
lead = actor_of(enrol(provider, email="lead@example.org", name="Lead", password="x" * 20, roles=["lead"]))
service = services.create(lead, "Albums", services.ServiceInput(kind="hosting", mode="on"))
given = drafts.ByHand(service_id=service, kind="known", confirmed=True, awareness="user_flag", sha256="ab" * 32)
report = drafts.by_hand(lead, given)
send.send(lead, report)
print(json.dumps(str(report)))
"""
STATES = """
from tutela.detection.outcomes import report_list
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
lines, _more = report_list.list_reports(machine(directory.named("Pixelpost").id, "test"))
print(json.dumps([line.state for line in lines]))
"""
FORWARD = """
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import enrol
from tutela.organisations.people.bootstrap import machine
from tutela.organisations.people.members import actor_of
from tutela.reports.triage import assess
from uuid import UUID

centre = machine(directory.the_centre().id, "test")
analyst = actor_of(enrol(centre, email="analyst@example.org", name="Analyst", password="x" * 20, roles=["analyst"]))
assess.assess(analyst, UUID("{report}"), "unfounded", "Not what it says", seen=0, code="not_sexual")
print("1")
"""


@pytest.fixture
def nodes() -> Iterator[tuple[Installation, Installation]]:
    centre, provider = Installation(), Installation()
    try:
        centre.migrate()
        yield centre, provider
    finally:
        for node in (centre, provider):
            node.stop()


def test_a_provider_on_its_own_node_joins_a_centre_on_another(nodes: tuple[Installation, Installation]) -> None:
    centre, provider = nodes
    told = centre.run(CENTRE.format(provider=provider.url))
    founded = provider.cli(
        "setup",
        "--organisation",
        "Pixelpost",
        "--kind",
        "provider",
        "--country",
        "IE",
        "--email",
        "a@example.org",
        "--name",
        "Admin",
        "--organisation-id",
        told["provider"],
    )
    assert founded.returncode == 0, founded.stderr
    joined = provider.cli(
        "join",
        "--centre",
        "European Centre",
        "--country",
        "NL",
        "--centre-id",
        told["centre"],
        "--api-url",
        centre.url,
        "--receipt-key",
        told["receipt"],
        TUTELA_CENTRE_TOKEN=told["key"],
    )
    assert joined.returncode == 0, joined.stderr
    back = joined.stdout.strip().splitlines()[-1]
    kept = centre.cli("peer", told["provider"], TUTELA_PEER_TOKEN=back)
    assert kept.returncode == 0, kept.stderr
    for node in (centre, provider):
        node.serve()
    report = provider.run(FILE)
    until("the Centre's receipt", lambda: provider.run(STATES) == ["received"] or None, 90, pause=5)
    centre.run(FORWARD.format(report=report))
    until("the outcome", lambda: provider.run(STATES) == ["not_relevant"] or None, 90, pause=5)


@long_only
def test_joining_with_a_key_that_is_none_changes_nothing(nodes: tuple[Installation, Installation]) -> None:
    _centre, provider = nodes
    provider.cli(
        "setup",
        "--organisation",
        "Pixelpost",
        "--kind",
        "provider",
        "--country",
        "IE",
        "--email",
        "a@example.org",
        "--name",
        "Admin",
    )
    refused = provider.cli(
        "join",
        "--centre",
        "C",
        "--country",
        "NL",
        "--centre-id",
        "01900000-0000-7000-8000-000000000000",
        "--api-url",
        "http://127.0.0.1:1",
        "--receipt-key",
        "zz",
        TUTELA_CENTRE_TOKEN="tut_x_y",
    )
    assert refused.returncode == 2
    assert "receipt_key" in refused.stderr
