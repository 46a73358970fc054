"""Asking an Edge elsewhere: one that is busy is asked again, one without a list is not taken for "no match"."""

from __future__ import annotations

import httpx
import pytest

from tests.support.fakes.media import HasherPool, picture
from tests.support.matching_lists import pdq
from tutela.edge.errors import NoTrustedListError
from tutela.edge.runtime.remote import EdgeMatcher, EdgeUnreachableError

BUSY = httpx.Response(503, headers={"Retry-After": "2"}, json={"title": "All decoders are busy."})
SHARE = httpx.Response(
    429, headers={"Retry-After": "3"}, json={"title": "This request needs more than the caller's share."}
)
NONE = httpx.Response(503, headers={"Retry-After": "5"}, json={"title": NoTrustedListError.title})
FOUND = httpx.Response(200, json={"items": [{"matches": []}]})
PROXY = httpx.Response(503, text="<html>")


def asked(*answers: httpx.Response) -> list[float]:
    left, waited = list(answers), list[float]()
    client = httpx.Client(base_url="http://edge", transport=httpx.MockTransport(lambda _: left.pop(0)))
    assert EdgeMatcher(client, waited.append)(HasherPool().hash_bytes(picture(pdq(1)), tenant="scan")) == []
    return waited


def test_a_busy_edge_is_asked_again_after_the_time_it_says() -> None:
    assert asked(FOUND) == []
    assert asked(BUSY, SHARE, PROXY, FOUND) == [2, 3, 1]


def test_an_edge_without_a_list_and_one_that_stays_busy_are_told_apart() -> None:
    with pytest.raises(NoTrustedListError):
        asked(NONE)
    with pytest.raises(EdgeUnreachableError, match="503"):
        asked(*[BUSY] * 40)
