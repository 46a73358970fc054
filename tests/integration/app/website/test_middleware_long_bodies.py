"""A long body that comes slowly is not waited for before it is known who sends it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from tutela.app.runtime.request_front import COLLECTED
from tutela.app.website.middleware import PlainTextMiddleware

FORM = "application/x-www-form-urlencoded"


class Visitor:
    """Somebody of a desk, or nobody."""

    def __init__(self, *, is_authenticated: bool) -> None:
        self.is_authenticated = is_authenticated


class Unreadable:
    def read(self, *_size: int) -> bytes:
        raise AssertionError("the body was waited for")


def answered(path: str, length: int, *, signed_in: bool = False, kind: str = FORM, body: Any = None) -> int:
    request = RequestFactory().post(path, b"", content_type=kind)
    request.META["CONTENT_LENGTH"] = str(length)
    request.user = Visitor(is_authenticated=signed_in)  # type: ignore[assignment]
    request._stream = body or Unreadable()  # type: ignore[attr-defined]
    return PlainTextMiddleware(lambda _request: HttpResponse())(request).status_code


@pytest.mark.parametrize("path", ["/api/v1/reports", "/ispws/submit"])
def test_a_form_at_an_interface_is_left_to_who_asks_for_the_key(path: str) -> None:
    assert answered(path, 5 << 20) == 200
    assert answered(path, 10) == 200


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/openapi.json", "/api/nothing", "/hashsharing/"])
def test_a_long_body_of_a_stranger_is_refused_where_nobody_asks_for_a_key(path: str) -> None:
    assert answered(path, COLLECTED + 1, kind="multipart/form-data; boundary=x") == 403


@pytest.mark.parametrize("kind", [FORM, "multipart/form-data; boundary=x", "text/plain"])
def test_a_long_body_of_a_stranger_is_refused_at_a_desk(kind: str) -> None:
    assert answered("/desk/reports/upload/", COLLECTED + 1, kind=kind) == 403


def test_somebody_who_is_signed_in_may_send_one() -> None:
    assert (
        answered("/desk/reports/upload/", COLLECTED + 1, signed_in=True, kind="multipart/form-data; boundary=x") == 200
    )


def test_a_short_form_is_looked_through_as_before() -> None:
    answer = Client().post("/account/login/", "login=a%00b&password=x", content_type=FORM)
    assert answer.status_code == 400
