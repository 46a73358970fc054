"""Victim support, two hosts of the scheme, and a hotline of one node, which use the real API between them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.test import Client

from tests.support.anonymous import Visitor
from tests.support.cast import Cast
from tests.support.detection_world import World, body, read
from tests.support.post import deliver, introduce
from tests.support.takedown_world import Hotline
from tutela.casework.anonymous import proof_of_work, work
from tutela.casework.models import Conversation
from tutela.detection.candidates import intake as candidates
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.exchange.removal.requested_hashes import LIST_ID
from tutela.organisations.people import directory
from tutela.victims import public_form
from tutela.victims.case_work import progress
from tutela.victims.host_desk import membership, review
from tutela.victims.host_desk.membership import TermsInput
from tutela.victims.host_desk.review import FoundJudgement
from tutela.victims.hosts import send
from tutela.victims.models import (
    FoundItem,
    HashSending,
    RemovalRequest,
    RequestAccess,
    RequestedItem,
    SchemeHost,
)
from tutela.victims.removal import intake

EXCHANGE, CASES = "removal:exchange", "hotline-cases:exchange"
PLACE = "/en/removal/fingerprints/"
type Digests = dict[str, str]


def digests() -> Digests:
    """Random hashes of a picture that there is not."""
    return {"sha256": secrets.token_hex(32), "md5": secrets.token_hex(16), "pdq": secrets.token_hex(32)}


def forget_limits() -> None:
    """Let the next test begin with limits that nobody used."""
    kinds = [one.code for one in (public_form.REMOVAL, public_form.REPRESENTED, public_form.OWN)]
    ends = ("write", "enter", "withdraw", "follow_up")
    forms = [f"{kind}.{end}" for kind in kinds for end in ends] + list(progress.FORMS) + [public_form.FORM]
    for form in (*forms, "message.write", "message.enter"):
        work.ADMITTED.forget(form)


@dataclass
class Person:
    """Somebody at the public page: what the page tells them."""

    number: str
    passphrase: str
    reader: str
    kind: str

    def page(self) -> str:
        """The page of the case, entered with the case number and the passphrase."""
        return self.visitor().enters(self.number, self.passphrase).content.decode()

    def visitor(self) -> Visitor:
        """A browser of theirs."""
        return Visitor(kind=self.kind)

    def submit(self, place: str, **typed: str) -> Any:
        """Enter the case and send one of the forms on its page."""
        visitor = self.visitor()
        page = visitor.enters(self.number, self.passphrase).content.decode()
        begin = page.index(f'action="/en/{self.kind}/answers/{place}/"')
        form = page[begin : page.index("</form>", begin)]
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form))
        nonce = re.search(r'data-work="(\w+)"', form)
        assert nonce
        return visitor.post(f"answers/{place}/", hidden | {"proof": proof_of_work.solve(nonce[1])} | typed)


@dataclass
class Removal:
    """The organisations and their people."""

    cast: Cast
    hotline: Hotline = field(init=False)
    support: Actor = field(init=False)
    analyst: Actor = field(init=False)
    hosts: list[World] = field(init=False)

    def __post_init__(self) -> None:
        assert self.cast.centre
        self.hotline = Hotline(self.cast)
        self.cast.organisation("Victim Support", "victim_support", "NL")
        entry = public_form.victim_support()
        assert entry
        self.support = directory.acting_for(entry, "system:test", "Test")
        self.analyst = self.cast.actor(self.support, "analyst")
        self.hosts = [World(self.cast), self._second_host()]
        for host in self.hosts:
            introduce(self.cast, host.provider, self.support, EXCHANGE)
            introduce(self.cast, self.support, host.provider, EXCHANGE)
        introduce(self.cast, self.support, self.hotline.machine, CASES)
        introduce(self.cast, self.hotline.machine, self.support, CASES)

    def _second_host(self) -> World:
        self.cast.pixelpost = self.cast.organisation("Chatterbox", "provider", "FR")
        return World(self.cast)

    def accept(self, *types: str, host: int = 0, days: int = 365) -> UUID:
        """A host accepts the scheme; returns the ID of its terms."""
        lead = self.hosts[host].lead
        given = TermsInput(self.support.organisation_id, "take_it_down", types or ("pdq",), days)
        made = membership.accept(lead, given)
        self.post()
        return made

    def post(self) -> int:
        """Deliver every message."""
        return deliver(self.support, self.hotline.machine, *(one.provider for one in self.hosts))

    def asks(self, *files: Digests, acts_for: str = "self", language: str = "en") -> Person:
        """Somebody sends the fingerprints of files by the public page in a language."""
        person: Person | None = None
        for one in files or (digests(),):
            reader = person.reader if person else ""
            said = self.sends(one, language=language, reader=reader, acts_for=acts_for)
            if person is None:
                kind = public_form.REMOVAL if acts_for == "self" else public_form.REPRESENTED
                person = Person(said["number"], said["passphrase"], said["reader"], kind.code)
        assert person
        self.read()
        return person

    def sends(
        self, hashes: Digests, client: Client | None = None, *, language: str = "en", **more: object
    ) -> dict[str, str]:
        """The answer to the fingerprints of one file."""
        made = [{"type": kind, "hash": value} for kind, value in hashes.items()]
        browser = client or Client()
        page = browser.get(f"/{language}/removal/pictures/").content.decode()
        text = re.search(r'name="ticket" value="([^"]+)"', page)
        nonce = re.search(r'data-work="(\w+)"', page)
        assert text
        assert nonce
        sent = {
            "ticket": text[1],
            "proof": proof_of_work.solve(nonce[1]),
            "file": secrets.token_hex(8),
            "fingerprints": made,
            **more,
        }
        place = f"/{language}/removal/fingerprints/"
        answer = browser.post(place, json.dumps(sent), content_type="application/json", **Visitor().headers)
        assert answer.status_code == 200, answer.content
        return answer.json()  # type: ignore[no-any-return]

    def read(self) -> int:
        """Read the messages, as the job does."""
        return intake.read_messages(self.support)

    def request(self, person: Person) -> UUID:
        """The request of a person."""
        with acting(self.support):
            found = Conversation.objects.get(number=person.number)
            return RequestAccess.objects.get(conversation_id=found.pk).request_id  # type: ignore[no-any-return]

    def row(self, request: UUID) -> RemovalRequest:
        """The row of a request."""
        with acting(self.support):
            return RemovalRequest.objects.get(pk=request)

    def send(self, request: UUID) -> int:
        """Staff send the fingerprints to every host that accepts them."""
        with acting(self.support):
            mine = [one.provider.organisation_id for one in self.hosts]
            hosts = list(SchemeHost.objects.filter(accepts=True, host_id__in=mine).values_list("pk", flat=True))
        sent = send.send(self.analyst, request, hosts)
        self.post()
        return sent

    def states(self, request: UUID) -> list[tuple[int, str, str]]:
        """(picture, host, state) of a request."""
        with acting(self.support):
            return [
                (one.picture, one.host, one.state) for one in progress.hosts_of(RemovalRequest.objects.get(pk=request))
            ]

    def requested(self, host: int = 0) -> list[RequestedItem]:
        """What a host has, in the order in which it came."""
        with acting(self.hosts[host].provider):
            return list(RequestedItem.objects.order_by("created_at", "pk"))

    def uploaded(self, requested: RequestedItem, item: str, host: int = 0, **changed: object) -> UUID | None:
        """The host's Edge reports that an item matches a requested hash; returns the item for its reviewer."""
        found = match(requested.pk)
        taken = candidates.receive(self.hosts[host].machine, read(body(item=item, matches=[found], **changed)))
        return taken.id

    def decided(self, found: UUID, outcome: str, because: str = "", host: int = 0) -> None:
        """A reviewer opens an item and decides."""
        review.open_item(self.hosts[host].reviewer, found)
        review.decide(self.hosts[host].reviewer, found, FoundJudgement(outcome, because))
        self.post()

    def found(self, host: int = 0) -> list[FoundItem]:
        """Items that matched at a host."""
        with acting(self.hosts[host].provider):
            return list(FoundItem.objects.order_by("created_at", "pk"))

    def sending(self, request: UUID, host: int = 0) -> HashSending:
        """The first fingerprint of a request at a host."""
        with acting(self.support):
            return HashSending.objects.get(
                fingerprint__request=request,
                fingerprint__place=1,
                host__host_id=self.hosts[host].provider.organisation_id,
            )


def match(entry: UUID) -> dict[str, object]:
    """A match of an Edge with the list of requested hashes."""
    return {
        "list_id": LIST_ID,
        "list_version": 1,
        "source_kind": "provider_source",
        "entry_id": str(entry),
        "rule": "near-pdq",
        "in_public_register": False,
        "families": ["pdq"],
        "weak": False,
        "corroborated": False,
        "distance": 4,
    }


__all__ = ["CASES", "EXCHANGE", "PLACE", "Person", "Removal", "digests", "forget_limits", "match"]
