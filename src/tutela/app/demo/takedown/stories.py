"""Takedown in the demonstration: addresses in every stage, hosts that comply, ignore, move and let reappear.

Every address, host and network is invented. An invented registry answers for them, so nothing is asked outside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

import httpx

from tutela import clock
from tutela.app.demo.organisations import actor
from tutela.app.demo.takedown import examination, orders
from tutela.casework.alerts import roster
from tutela.casework.alerts.roster import ShiftInput
from tutela.events.actor import Actor
from tutela.exchange.takedown.look import Answer
from tutela.takedown.assessment import assess
from tutela.takedown.host_desk import decide, work_queue
from tutela.takedown.hosts import host_trace
from tutela.takedown.hosts.name_lookup import Answer as Names
from tutela.takedown.hosts.rdap_bases import DomainBases
from tutela.takedown.hosts.registry_client import RegistryClient
from tutela.takedown.imports.backlog_file import BacklogFile
from tutela.takedown.imports.begin import begin
from tutela.takedown.imports.store_parts import store_part
from tutela.takedown.intake.open_case import Reported, Source, open_case
from tutela.takedown.notices import notify, send
from tutela.takedown.partners import iccam_files, partner_list, send_case
from tutela.takedown.police import police_steps
from tutela.takedown.rechecks import check

# Addresses of networks that registries gave out, so that they have a registration; nothing is sent to them.
ADDRESS = "193.0.6.139"
LABEL = "eu-2011-93:known-material"
EXAMINED = "https://blog.quickpages.example/2026/11/7"
HOSTS = ("Northwind Hosting", "Blue Harbour Servers", "Quick Pages")
# Steps after the report, in their order; each is done some hours after the one before.
STORIES: tuple[tuple[str, Source, bool, str], ...] = (
    ("images.northwind.example/a/71", Source.PUBLIC, True, ""),
    ("forum.quickpages.example/t/9081", Source.PUBLIC, False, ""),
    ("files.blueharbour.example/d/k2", Source.HOTLINE, False, "trace"),
    ("blog.quickpages.example/2026/11/5", Source.ENTERED, False, "trace"),
    ("images.northwind.example/a/72", Source.PUBLIC, False, "trace illegal"),
    ("files.blueharbour.example/d/k3", Source.HOTLINE, False, "trace illegal police"),
    ("images.northwind.example/a/73", Source.PUBLIC, False, "trace illegal police notice up"),
    ("images.northwind.example/a/74", Source.ENTERED, False, "trace illegal police notice up removed"),
    ("files.blueharbour.example/d/k4", Source.PUBLIC, False, "trace illegal police notice up removed gone"),
    ("forum.quickpages.example/t/9079", Source.PUBLIC, False, "trace illegal police notice removed gone up"),
    ("blog.quickpages.example/2026/11/2", Source.PUBLIC, False, "trace legal"),
    ("files.blueharbour.example/d/k5", Source.HOTLINE, False, "trace illegal police notice blocked"),
)


@dataclass(frozen=True)
class HotlineDesk:
    """The analyst whose cases these are, the hotline, and the authority to whom they are reported."""

    analyst: Actor
    hotline: Actor
    authority: UUID


def play(people: Mapping[str, Actor], start: datetime, deliver: Callable[..., None]) -> None:
    """Play every story, one a day, at each hotline that the cast has an analyst of; two notices go to Pixelpost."""
    police = actor("police-de").organisation_id
    for analyst, hotline, zone in (("aoife", "hotline-ie", "Europe/Dublin"), ("jan", "hotline-de", "Europe/Berlin")):
        _roster(people[analyst], zone, start)
        desk = HotlineDesk(people[analyst], actor(hotline), police)
        for number, (address, source, urgent, steps) in enumerate(STORIES):
            _play(desk, start + timedelta(days=2 * number, hours=9), f"https://{address}", (source, urgent), steps)
    with clock.simulate(clock.now() - timedelta(hours=2)):
        examined = open_case(people["jan"], EXAMINED, Reported(Source.ENTERED)).id
        examination.play(people["jan"], people["maya"], actor("hotline-de"), examined, LABEL)
    ireland = HotlineDesk(people["aoife"], actor("hotline-ie"), police)
    with clock.simulate(start + timedelta(days=1)):
        _import(ireland)
    _to_partner(ireland, HotlineDesk(people["jan"], actor("hotline-de"), police), start + timedelta(days=15), deliver)
    for number, begun in enumerate((start + timedelta(days=20), clock.now() - timedelta(hours=4))):
        _to_pixelpost(ireland, f"https://albums.pixelpost.example/a/{number}", begun, deliver)
    _decided(people["priya"], deliver)
    orders.play(people, [_refused(ireland, number) for number in range(2)])


def _refused(desk: HotlineDesk, number: int) -> UUID:
    """A case with a notice that the host will refuse."""
    with clock.simulate(clock.now() - timedelta(days=6 - number)):
        case = open_case(desk.analyst, f"https://files.blueharbour.example/r/{number}", Reported(Source.ENTERED)).id
        for step in ("trace", "illegal", "police", "notice"):
            STEPS[step](desk, case)
    return case


def _roster(analyst: Actor, zone: str, at: datetime) -> None:
    """Somebody is on call in the day, on every day."""
    shift = ShiftInput(analyst.reference, range(7), time(7), time(22), zone, at.date())
    roster.add_shift(analyst, shift, at)


def _import(desk: HotlineDesk) -> None:
    """A backlog of the time before Tutela: some addresses are known already."""
    lines = [f"https://old-{number % 5}.quickpages.example/t/{number};;;B-{number};;" for number in range(24)]
    lines += [f"https://{address};;;B-{number};;" for number, (address, *_rest) in enumerate(STORIES[:3], 100)]
    text = "\n".join(("URL;REFERER;WORKUSER-EMAIL;REFERENCE;SOURCE;TYPE", *lines, "no address;;;;;"))
    file = BacklogFile(desk.hotline.organisation_id, "backlog.csv", [text.encode()], "")
    run = begin(desk.analyst, file).id
    while store_part(desk.analyst, run):
        continue


def _play(desk: HotlineDesk, at: datetime, address: str, reported: tuple[Source, bool], steps: str) -> None:
    source, urgent = reported
    at = clock.now() - timedelta(hours=3) if urgent else at
    with clock.simulate(at):
        by = desk.hotline if source is Source.PUBLIC else desk.analyst
        case = open_case(by, address, Reported(source, urgent=urgent)).id
    for hours, step in enumerate(steps.split(), 1):
        with clock.simulate(at + timedelta(hours=5 * hours)):
            STEPS[step](desk, case)


def _to_pixelpost(desk: HotlineDesk, address: str, begun: datetime, deliver: Callable[..., None]) -> None:
    """A notice that goes to a provider of the directory as a message."""
    with clock.simulate(begun):
        case = open_case(desk.analyst, address, Reported(Source.ENTERED)).id
        for step in ("trace", "illegal", "police"):
            STEPS[step](desk, case)
        to = notify.Recipient(channel=notify.Channel.API, provider=actor("pixelpost").organisation_id)
        notice = notify.queue(desk.analyst, case, to)
        send.send(desk.analyst, notice, lambda _actor, one: _traced(desk, one))
    deliver(desk.hotline, actor("pixelpost"))


def _to_partner(ireland: HotlineDesk, there: HotlineDesk, at: datetime, deliver: Callable[..., None]) -> None:
    """Two cases that are hosted in Germany go to the hotline there; one waits for its receipt. A file waits too."""
    partners = [
        partner_list.add(one.hotline, partner_list.Entered(other.hotline.organisation_id))
        for one, other in ((ireland, there), (there, ireland))
    ]
    with clock.simulate(at):
        _sent(ireland, "https://images.northwind.example/a/91", partners[0])
    deliver(ireland.hotline, there.hotline)
    with clock.simulate(at + timedelta(hours=6)):
        theirs = open_case(there.analyst, "https://images.northwind.example/a/91", Reported(Source.ENTERED)).id
        for step in ("illegal", "police"):
            STEPS[step](there, theirs)
    deliver(there.hotline, ireland.hotline)
    _sent(ireland, "https://images.northwind.example/a/92", partners[0])
    for one in (ireland, there):
        iccam_files.upload(one.analyst, "cases.json", "Hotline Elsewhere", [_iccam(at)])


def _sent(desk: HotlineDesk, address: str, partner: UUID) -> None:
    case = open_case(desk.analyst, address, Reported(Source.ENTERED)).id
    _traced(desk, case, "DE")
    STEPS["illegal"](desk, case)
    send_case.send(desk.analyst, case, partner)


def _iccam(at: datetime) -> bytes:
    """A file of two reports, of which one cannot be used."""
    said = {"hotlineReference": "NL-2026-17", "hotlineReceivedDate": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    url = {"urlString": "https://files.blueharbour.example/d/k9", "hotlineReference": "NL-2026-17-1", "contentType": 2}
    assessment = {"classification": 1, "assessingAnalystName": "analyst"}
    good = said | {"urls": [url | {"assessment": assessment, "hostingCountryCode": "DE", "actions": []}]}
    return json.dumps([good, said | {"hotlineReference": "NL-2026-18"}]).encode()


def _decided(lead: Actor, deliver: Callable[..., None]) -> None:
    """Pixelpost decides the older notice; the newer one waits."""
    rows, _more = work_queue.list_notices(lead, work_queue.IncomingFilter())
    given = decide.HostJudgement(("removed",), "Write to the complaints desk within six months.")
    decide.decide(lead, min(rows, key=lambda one: one.received_at).pk, given)
    deliver(actor("pixelpost"), actor("hotline-ie"))


def _trace(desk: HotlineDesk, case: UUID) -> None:
    _traced(desk, case)


def _traced(desk: HotlineDesk, case: UUID, country: str = "NL") -> host_trace.Trace:
    host = HOSTS[case.int % len(HOSTS)]

    def answer(request: httpx.Request) -> httpx.Response:
        said = _domain() if "/domain/" in request.url.path else _network(host, country)
        return httpx.Response(200, stream=httpx.ByteStream(said))

    bases = DomainBases("", {"example": "https://rdap.example/"})
    transport = httpx.MockTransport(answer)
    client = RegistryClient(resolve=lambda _host, _port: [ADDRESS], transport=transport, domain_bases=bases)
    names = Names("NOERROR", ((ADDRESS, 300),))
    return host_trace.trace(desk.analyst, case, client=client, lookup=lambda _host: names)


def _domain() -> bytes:
    """The registry's answer about the domain of an invented host."""
    abuse = ["vcard", [["version", {}, "text", "4.0"], ["email", {}, "text", "abuse@registrar.example"]]]
    name = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Invented Registrar"]]]
    entity = {"roles": ["registrar"], "vcardArray": name, "entities": [{"roles": ["abuse"], "vcardArray": abuse}]}
    return json.dumps({"objectClassName": "domain", "entities": [entity]}).encode()


def _network(host: str, country: str) -> bytes:
    """The registry's answer about the network of an invented host."""
    mail = f"abuse@{host.split(maxsplit=1)[0].lower()}.example"
    card = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", host], ["email", {}, "text", mail]]]
    entity = {"objectClassName": "entity", "roles": ["registrant", "abuse"], "vcardArray": card}
    data = {"objectClassName": "ip network", "startAddress": "193.0.0.0", "endAddress": "193.0.7.255"}
    return json.dumps({**data, "country": country, "name": "INVENTED", "entities": [entity]}).encode()


def _assess(verdict: str) -> Callable[[HotlineDesk, UUID], None]:
    def work(desk: HotlineDesk, case: UUID) -> None:
        given = assess.Judgement(verdict, LABEL, "unclear", viewed_seconds=40, reason="Assessed on the own machine")
        assess.assess(desk.analyst, case, given)

    return work


def _police(desk: HotlineDesk, case: UUID) -> None:
    police_steps.report(desk.analyst, case, desk.authority, f"AZ {case.int % 9000 + 1000}")
    police_steps.without_evidence(desk.analyst, case, "The police secured it themselves")


def _notice(desk: HotlineDesk, case: UUID) -> None:
    notify.queue(desk.analyst, case, notify.Recipient(channel=notify.Channel.FILE))


def _removed(desk: HotlineDesk, case: UUID) -> None:
    notify.answered(desk.analyst, notify.newest_of(desk.analyst, case), notify.StepKind.REMOVED, "removed today")


def _found(*answers: Answer) -> Callable[[HotlineDesk, UUID], None]:
    return lambda desk, case: _store(desk, case, answers)


def _store(desk: HotlineDesk, case: UUID, answers: tuple[Answer, ...]) -> None:
    check.store(desk.analyst, case, answers)


STEPS: dict[str, Callable[[HotlineDesk, UUID], None]] = {
    "trace": _trace,
    "illegal": _assess("illegal"),
    "legal": _assess("legal"),
    "police": _police,
    "notice": _notice,
    "removed": _removed,
    "up": _found(Answer(200)),
    "gone": _found(Answer(404)),
    "blocked": _found(Answer(200, country="NL"), Answer(451, country="DE")),
}
