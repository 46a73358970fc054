"""Traces: three countries apart, faults that are answers, moved hosts, onion services, and no request inside."""

from __future__ import annotations

import httpx
import pytest

from tests.support.cast import Cast
from tests.support.takedown_world import PUBLIC, Hotline, looked_up, network, registry
from tutela import clock
from tutela.events.transaction import acting
from tutela.exchange.feeds.http_client import AddressRefusedError
from tutela.takedown.errors import NoHost
from tutela.takedown.hosts import host_trace
from tutela.takedown.hosts.name_lookup import Answer
from tutela.takedown.hosts.registry_client import RegistryClient
from tutela.takedown.models import HostTrace

ONION = "https://" + "a" * 56 + ".onion/x"


def test_a_trace_keeps_the_countries_apart(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    found = hotline.traced(case)
    with acting(hotline.analyst):
        row = HostTrace.objects.get(case=case)
    assert row.registration_country == "NL"
    assert row.provider == "Example Hosting"
    assert found.contacts == ("abuse@host.example",)
    assert found.addresses[0].location_source != "" or found.addresses[0].location_country == ""


@pytest.mark.parametrize("code", ["NXDOMAIN", "SERVFAIL", "TIMEOUT"])
def test_a_name_without_an_answer_is_an_answer(cast: Cast, code: str) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    host_trace.trace(hotline.analyst, case, client=registry(), lookup=lambda _host: Answer(code))
    with acting(hotline.analyst):
        assert HostTrace.objects.get(case=case).answer == code
    assert case not in host_trace.untraced(hotline.analyst)


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_registry_that_does_not_answer_leaves_the_rest(cast: Cast, status: int) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    found = hotline.traced(case, registry(b"busy", status))
    assert (found.contacts, found.addresses[0].address) == ((), PUBLIC)


def test_a_changed_contact_marks_the_trace_as_moved(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.reported().id
    hotline.traced(case)
    hotline.traced(case, registry(network("other@elsewhere.example")))
    with acting(hotline.analyst):
        assert list(HostTrace.objects.filter(case=case).order_by("created_at").values_list("moved", flat=True)) == [
            False,
            True,
        ]


def test_an_onion_service_has_no_host(cast: Cast) -> None:
    hotline = Hotline(cast)
    case = hotline.reported(ONION).id
    with pytest.raises(NoHost):
        hotline.traced(case)
    assert case not in host_trace.untraced(hotline.analyst)


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "64:ff9b::7f00:1"])
def test_a_registry_whose_name_leads_inside_is_never_asked(inside: str) -> None:
    asked: list[str] = []
    transport = httpx.MockTransport(lambda request: httpx.Response(200, text=asked.append(str(request.url)) or ""))
    client = RegistryClient(resolve=lambda _host, _port: [inside], transport=transport)
    found = host_trace.run("host.example", clock.now(), client, looked_up)
    assert asked == []
    assert found.addresses[0].fault != ""


def test_a_redirect_inside_is_refused_and_a_loop_ends() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": str(request.url)})

    client = RegistryClient(resolve=lambda _host, _port: [PUBLIC], transport=httpx.MockTransport(answer))
    with pytest.raises(AddressRefusedError):
        client.network_of(PUBLIC)
    inside = RegistryClient(
        resolve=lambda host, _port: ["127.0.0.1" if "inside" in host else PUBLIC],
        transport=httpx.MockTransport(lambda _r: httpx.Response(302, headers={"Location": "https://inside.example/"})),
    )
    with pytest.raises(AddressRefusedError):
        inside.network_of(PUBLIC)
