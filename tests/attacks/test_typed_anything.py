"""Somebody types anything into addresses and cookies: no page fails by it."""

from __future__ import annotations

import inspect
import re
from itertools import cycle, islice
from pathlib import Path

import pytest
from django.test import Client
from django.urls import resolve

import tutela
from tests.support.access import Houses, Route, may, parts, routes
from tests.support.drills import LONG

READ = re.compile(r"""(?:GET|query_params)(?:\.get|\.getlist)?[(\[]\s*"(\w+)\"""")
SOURCE = Path(tutela.__file__).parent
# Parameters that a shared function reads by a name which a page hands it.
SHARED = {"page", "sort", "file", "format", "state", "kind", "since", "until", "from", "to", "code", "organisation"}
NAMES = sorted(SHARED | {name for file in SOURCE.rglob("*.py") for name in READ.findall(file.read_text())})
VALUES = {
    "raised": "%C2%B2",
    "arabic": "%D9%A3",
    "zero": "%00",
    "half": "%ED%A0%80",
    "bytes": "%FF%FE",
    "huge": f"1{'0' * 30}",
    "longest": "9" * 5000,
    "empty": "",
    "negative": "-1",
    "uuid": "{00000000-0000-0000-0000-000000000000}",
    "day": "99999-12-31",
    "far": "9999-12-31T23:59:59-14:00",
    "sign": "%27%22%3C%25s%7B0%7D",
}
# The shared readers are asked with all values on many pages; each page's own parameters meet one, `DRILLS=long` all.
EACH = len(VALUES) if LONG else 1
MACHINES = ("ispws/", "hashsharing/")
PAGES = [route for route in routes() if "(?P<" not in route.address and not route.address.startswith(MACHINES)]


@pytest.fixture(scope="module")
def houses() -> Houses:
    return Houses()


def _browser(houses: Houses, route: Route) -> Client:
    if route.read == "public":
        return Client(raise_request_exception=False)
    part = next(one for one in parts() if may(one, route.read))
    client = houses.of_owner(part)
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize("route", PAGES, ids=lambda route: route.address or "/")
def test_no_query_makes_a_page_fail(houses: Houses, route: Route) -> None:
    browser, path = _browser(houses, route), route.at({"index": 1, "language": "en", "name": "glossary", **houses.ids})
    own = READ.findall(Path(inspect.getsourcefile(inspect.unwrap(resolve(path).func)) or "").read_text())
    several = "{0}[]={1}&{0}=x&{0}={1}"
    values = list(islice(cycle(VALUES.values()), (begin := EACH * PAGES.index(route)), begin + EACH))
    whole = {f"{path}?{'&'.join(several.format(one, value) for one in NAMES)[:60_000]}" for value in values}
    # One at a time too: of several the first that is refused would hide the others.
    alone = {f"{path}?{one}=%C2%B2" for one in {*own, "page", "sort"}}
    failed = [query[:200] for query in whole | alone if browser.get(query).status_code >= 500]
    assert not failed, path


@pytest.mark.parametrize("value", ["²", "٣", "\0", "\udc80", "1" + "0" * 30, "", '"', "a; b=c", "x" * 4000])
def test_no_cookie_makes_a_page_fail(houses: Houses, value: str) -> None:
    for name in ("sessionid", "csrftoken", "messages", "django_language"):
        raw = f"{name}={value}".encode("utf-8", "surrogateescape").decode("latin-1")
        for path in ("/", "/help/", "/desk/", "/account/login/", "/api/v1/openapi.json"):
            answer = Client(raise_request_exception=False).get(path, headers={"Cookie": raw})
            assert answer.status_code < 500, (name, path)


@pytest.mark.parametrize("value", ["²", "٣", "1" + "0" * 30, "-1", "", "x"])
def test_a_session_that_is_no_number_ends_none_of_others(houses: Houses, value: str) -> None:
    part = next(one for one in parts() if one[0] == "provider")
    browser = houses.cast.client(houses.owner("provider"), part[1])
    browser.raise_request_exception = False
    other = houses.cast.client(houses.owner("provider"), part[1])
    assert browser.post("/desk/you/sessions/", {"session": value}).status_code < 500
    if value:
        assert other.get("/desk/you/").status_code == 200, "what names no session ends none"
