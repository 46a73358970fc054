"""Victim support with two colleagues, a hotline and a Coordinating Authority, which hand needs over to each other."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.support.anonymous import Visitor, told
from tests.support.cast import Cast
from tests.support.post import deliver, introduce
from tutela import clock
from tutela.casework.anonymous import inbox, work
from tutela.casework.hand_overs import work_queue as hand_over_queue
from tutela.casework.hand_overs.send import HandOverInput
from tutela.casework.hand_overs.work_queue import HandOverFilter, HandOverView
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.organisations.people import directory
from tutela.victims import public_form, support_channels
from tutela.victims.models import InformationRequest, SupportCase, SurvivorInput
from tutela.victims.vault import members, shapes
from tutela.victims.vault.members import EnrolInput

EXCHANGE = "hand-overs:exchange"
DAY = timedelta(days=1)


def forget_limits() -> None:
    """Let the next test begin with limits that nobody used."""
    ends = ("write", "enter", "withdraw", "follow_up")
    for form in [f"{code}.{end}" for code in support_channels.CODES for end in ends]:
        work.ADMITTED.forget(form)
    for form in support_channels.FORMS:
        work.ADMITTED.forget(form)


def in_days(days: int) -> date:
    """A day from today."""
    return clock.now().date() + days * DAY


def boxed(length: int) -> str:
    """Random bytes as a browser sends ciphertext."""
    return base64.b64encode(secrets.token_bytes(length)).decode()


def identity_box() -> str:
    """What the vault's script sends for an identity; here of random bytes."""
    said = {"v": 1, "nonce": boxed(12), "key_nonce": boxed(12), "key": boxed(48)}
    return json.dumps({**said, "ciphertext": boxed(shapes.BLOCK + 16)})


def vault_key_box() -> str:
    """What the vault's script sends as the vault's key for somebody; here of random bytes."""
    return json.dumps({"v": 1, "public": boxed(91), "nonce": boxed(12), "ciphertext": boxed(48)})


def enrolment(*, founds: bool) -> EnrolInput:
    """What the vault's script sends to enrol a hardware key; here of random bytes."""
    half = json.dumps({"v": 1, "nonce": boxed(12), "ciphertext": boxed(154)})
    return EnrolInput(
        secrets.token_urlsafe(24), boxed(32), boxed(91), half, *((vault_key_box(), boxed(32)) if founds else ())
    )


@dataclass
class Support:
    """The organisations and their people."""

    cast: Cast
    # Whether it is the one that the public pages write to, which tests share.
    public: bool = False
    support: Actor = field(init=False)
    analyst: Actor = field(init=False)
    colleague: Actor = field(init=False)
    hotline: Actor = field(init=False)
    authority: Actor = field(init=False)

    def __post_init__(self) -> None:
        assert self.cast.centre
        own = self.cast.organisation("Victim Support", "victim_support", "NL")
        entry = public_form.victim_support() if self.public else directory.entry(own.organisation_id)
        assert entry
        self.support = directory.acting_for(entry, "system:test", "Test")
        self.analyst = self.cast.actor(self.support, "analyst")
        self.colleague = self.cast.actor(self.support, "analyst")
        self.hotline = self.cast.actor(self.cast.hotline_ie, "analyst")
        office = self.cast.organisation("Child Protection Office", "coordinating_authority", "NL")
        self.authority = self.cast.actor(office, "analyst")
        for one in (self.hotline, self.authority):
            introduce(self.cast, self.support, one, EXCHANGE)
            introduce(self.cast, one, self.support, EXCHANGE)

    def deliver(self) -> int:
        """Deliver every message of the three."""
        return deliver(self.support, self.hotline, self.authority)

    def need(self, agency: Actor, **said: Any) -> HandOverInput:
        """A hand-over to an organisation with a desk."""
        return HandOverInput(
            **{
                "need": "therapy",
                "ground": "consent",
                "due_on": in_days(14),
                "agency_id": agency.organisation_id,
                **said,
            }
        )

    def received(self, agency: Actor) -> HandOverView:
        """The newest hand-over that an organisation received."""
        rows, _more = hand_over_queue.list_hand_overs(agency, HandOverFilter("all", way="received"))
        return hand_over_queue.load(agency, max(rows, key=lambda one: one.created_at).pk)

    def found_vault(self) -> None:
        """The analyst begins the vault."""
        members.enrol(self.analyst, enrolment(founds=True))

    def writes(self, kind: str, text: str = "A neutral token.") -> Person:
        """Somebody writes by a public page of the desk."""
        return Person(kind, *told(Visitor(kind=kind).writes(text)))


@dataclass
class Person:
    """Somebody at a public page: what the page told them."""

    kind: str
    number: str
    passphrase: str

    def page(self) -> str:
        """The page of the case, entered with the case number and the passphrase."""
        return Visitor(kind=self.kind).enters(self.number, self.passphrase).content.decode()


def case_of(model: type[InformationRequest | SupportCase | SurvivorInput], world: Support, person: Person) -> UUID:
    """The row that the conversation of a person opened."""
    with acting(world.support):
        (conversation,) = inbox.ids_of([person.number])
        found: UUID = model.objects.values_list("pk", flat=True).get(conversation_id=conversation)
        return found
