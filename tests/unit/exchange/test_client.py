"""The client of a Centre's API: what it sends, what it repeats, and what it raises."""

from __future__ import annotations

import json
from uuid import UUID

import httpx
import pytest

from tutela.exchange.client import ATTEMPTS, ApiError, CentreClient
from tutela.exchange.examples import REPORT, REPORT_MESSAGE
from tutela.exchange.report.report import Report

MESSAGE = Report.from_bytes(json.dumps(REPORT_MESSAGE).encode())
RECEIPT = {"context": "tutela/receipt/1", "key_id": "a", "payload": "b", "signature": "c"}


class Node:
    """A node that answers as it is told, and remembers what it was asked."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.asked, self.waited = list(answers), list[httpx.Request](), list[float]()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self) -> CentreClient:
        transport = httpx.MockTransport(self)
        return CentreClient("https://centre.example/", "tut_key", transport=transport, wait=self.waited.append)


def test_a_report_is_filed_once_however_often_it_is_sent() -> None:
    busy = httpx.Response(503, headers={"Retry-After": "3"}, json={})
    node = Node(httpx.ConnectError("no route"), busy, httpx.Response(201, json=RECEIPT))
    with node.client() as centre:
        assert centre.submit(MESSAGE).key_id == "a"
    assert node.waited == [2.0, 3.0]
    assert {one.headers["Idempotency-Key"] for one in node.asked} == {REPORT}
    assert {one.headers["Authorization"] for one in node.asked} == {"Bearer tut_key"}
    assert {str(one.url) for one in node.asked} == {"https://centre.example/api/v1/reports"}
    assert all(one.content == MESSAGE.to_bytes() for one in node.asked)


def test_after_some_attempts_it_gives_up() -> None:
    node = Node(*[httpx.ReadTimeout("slow")] * ATTEMPTS)
    with node.client() as centre, pytest.raises(httpx.ReadTimeout):
        centre.submit(MESSAGE)
    assert len(node.waited) == ATTEMPTS - 1
    node = Node(*[httpx.Response(503, json={})] * ATTEMPTS)
    with node.client() as centre, pytest.raises(ApiError, match="503"):
        centre.check(MESSAGE)


def test_a_refusal_names_each_field() -> None:
    problem = {"title": "Wrong", "status": 422, "errors": [{"field": "language", "reason": "not a language"}]}
    media = {"Content-Type": "application/problem+json"}
    node = Node(httpx.Response(422, headers=media, content=json.dumps(problem)), httpx.Response(502, text="<html>"))
    with node.client() as centre:
        with pytest.raises(ApiError, match="language: not a language") as found:
            centre.submit_batch([MESSAGE])
        assert found.value.problem.status == 422
        with pytest.raises(ApiError, match="502"):
            centre.status(UUID(REPORT))


def test_a_batch_is_an_array_and_its_answer_has_a_result_for_each() -> None:
    result = {"line": 1, "status": 409, "errors": [{"field": "report_id", "reason": "known"}]}
    node = Node(httpx.Response(422, json={"received": 0, "refused": 1, "results": [result]}))
    with node.client() as centre:
        assert centre.submit_batch([MESSAGE, MESSAGE]).results[0].status == 409
    assert len(json.loads(node.asked[0].content)) == 2
