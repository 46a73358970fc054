"""Every example of the API reference is posted as it stands.

What needs something that exists already (a referral, an entry) is answered "not found": its form was accepted.
"""

from __future__ import annotations

import json
import re
from uuid import uuid4

import httpx
import pytest

from tests.support.cast import Cast
from tests.support.detection_world import World
from tests.support.post import SigningClient
from tutela.app.runtime.wsgi import application
from tutela.app.website.api import api
from tutela.app.website.openapi import MESSAGES
from tutela.events.actor import Actor
from tutela.exchange import examples
from tutela.exchange.client import ApiError, CentreClient
from tutela.exchange.examples import EXAMPLES
from tutela.exchange.report.report import Report
from tutela.law import classification

DOCUMENT = api.get_openapi_schema(path_prefix="/api/v1/")
# Posted below; the others need something that exists already.
ALONE = frozenset({"reports", "reports/check", "reports/batch", "retractions", "candidates", "indicators"})
OTHERS = sorted(EXAMPLES.keys() - ALONE)


def _owner(cast: Cast, scope: str) -> Actor:
    return {
        "reports:submit": cast.pixelpost,
        "candidates:submit": cast.pixelpost,
        "matches:ask": cast.pixelpost,
        "releases:read": cast.pixelpost,
        "indicators:propose": cast.hotline_ie,
        "indicators:certify": cast.hotline_de,
        "feedback:submit": cast.centre,
        "referrals:submit": cast.centre,
        "notices:submit": cast.hotline_ie,
        "notice-answers:submit": cast.pixelpost,
    }.get(scope, cast.authority)


def _post(cast: Cast, path: str, body: object) -> tuple[int, bytes]:
    operation = DOCUMENT["paths"][f"/api/v1/{path}"]["post"]
    (scope,) = re.findall(r"scope `([a-z:-]+)`", operation["description"])
    owner = _owner(cast, scope)
    addressee = cast.authority if "referral" in path or "deconfliction" in path else cast.pixelpost
    addressee = cast.hotline_ie if "notice-answers" in path else addressee
    parts = {"organisation": addressee.organisation_id, "list_id": "register", "indicator": examples.INDICATOR}
    address = f"/api/v1/{path.format(**parts, referral_id=examples.REFERRAL)}"
    headers = cast.key(owner, scope) | {"Idempotency-Key": uuid4().hex}
    answer = SigningClient().post(address, json.dumps(body), "application/json", headers=headers)
    return answer.status_code, answer.content


def test_a_report_is_checked_filed_and_retracted_as_it_stands(cast: Cast) -> None:
    """But for its id: another test may have filed the example for another provider of this database."""
    cast.centre  # noqa: B018 - to whom it goes
    number = str(uuid4())
    for path, expected in (("reports/check", 200), ("reports", 201), ("reports/batch", 200), ("retractions", 201)):
        body = json.loads(json.dumps(EXAMPLES[path]).replace(examples.REPORT, number))
        status, said = _post(cast, path, body)
        assert status == expected, (path, said)


def test_a_candidate_is_accepted_as_it_stands(cast: Cast) -> None:
    World(cast)
    status, said = _post(cast, "candidates", EXAMPLES["candidates"])
    assert status == 202, said


def test_a_proposal_is_accepted_as_it_stands(cast: Cast) -> None:
    value = {"value": "known-material", "label": "Material within Art. 2(c)"}
    scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
    classification.import_scheme(cast.centre, scheme)
    status, said = _post(cast, "indicators", EXAMPLES["indicators"])
    assert status == 201, said


@pytest.mark.parametrize("path", OTHERS)
def test_the_form_of_an_example_is_accepted(cast: Cast, path: str) -> None:
    """Not found, without a grant, of others, or with numbers of no real question: the form was read."""
    cast.centre  # noqa: B018 - to whom it goes
    status, said = _post(cast, path, EXAMPLES[path])
    fields = {one["field"] for one in json.loads(said).get("errors", ())} if status == 422 else set()
    assert status in (200, 201, 202, 403, 404, 409) or fields == {"proof"}, (status, said)


def test_every_body_in_json_has_a_complete_example() -> None:
    for path, methods in DOCUMENT["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {})
        if "application/json" in content:
            assert content["application/json"]["example"] == EXAMPLES[path.partition("/v1/")[2]]
    for path, (model, _keyed) in MESSAGES.items():
        assert model.from_bytes(json.dumps(EXAMPLES[path]).encode())


def test_a_report_without_an_id_has_the_same_one_each_time(cast: Cast) -> None:
    cast.centre  # noqa: B018 - to whom it goes
    body = {name: value for name, value in examples.REPORT_MESSAGE.items() if name != "report_id"}
    first, again = (json.loads(_post(cast, "reports/check", body)[1]) for _ in range(2))
    assert first["report_id"] == again["report_id"]
    status, said = _post(cast, "reports", body)
    assert status == 201, said
    assert _post(cast, "reports", body) == (status, said)
    other = Report.received(json.dumps(body).encode(), cast.other_provider.organisation_id)
    assert str(other.report_id) != first["report_id"]


def test_the_client_checks_files_and_retracts_on_a_real_node(cast: Cast) -> None:
    cast.centre  # noqa: B018 - to whom it goes
    key = cast.key(cast.pixelpost, "reports:submit")["Authorization"].removeprefix("Bearer ")
    transport = httpx.WSGITransport(app=application)
    message = Report.received(json.dumps(examples.REPORT_MESSAGE | {"report_id": str(uuid4())}).encode(), uuid4())
    with CentreClient("http://testserver", key, transport=transport) as centre:
        assert centre.check(message).report_id == str(message.report_id)
        assert centre.submit(message) == centre.submit(message)
        assert centre.submit_batch([message]).results[0].status == 201
        centre.retract(message.report_id, "Another picture was meant.")
        assert centre.status(message.report_id)["number"]
        with pytest.raises(ApiError) as refused:
            centre.status(uuid4())
        assert refused.value.problem.status == 404
