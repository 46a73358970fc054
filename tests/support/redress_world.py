"""A provider, the Centre, two hotlines and an authority of one node, with a report that rests on one entry.

The report went from the provider to the Centre and to the authority over the real API; the entry is one of the register
that a hotline proposed and another certified.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from tests.support.anonymous import Visitor
from tests.support.cast import Cast
from tests.support.detection_world import CONFIRM, World, body
from tests.support.post import deliver, introduce
from tests.support.reports_world import Authority, Centre, entry_of
from tutela import clock
from tutela.casework.anonymous import conversations
from tutela.casework.models import Conversation
from tutela.detection.drafts import send
from tutela.detection.outcomes import measure_facts
from tutela.detection.review import review
from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.indicators.access import grants
from tutela.indicators.models import Fetcher
from tutela.indicators.release_files import version_files
from tutela.organisations.models import Organisation
from tutela.redress.complaints import account_proof, decide, intake, measure
from tutela.redress.complaints.decide import Judgement
from tutela.redress.complaints.measure import MeasureInput
from tutela.redress.models import AccountProof, Complaint, Hop, Reversal
from tutela.redress.reversals import accept
from tutela.redress.reversals.accept import OwnAnswer
from tutela.reports.referrals import country_override, refer
from tutela.reports.triage import assess

EXCHANGE = "reversals:exchange"
WORDS = "My holiday picture was removed and my account was closed. I did nothing."
REVERSE = Judgement("reverse", "listed_in_error", "It is a landscape.", notes="The entry is a landscape.")


def recorded(actor: Actor, complaint: UUID, given: MeasureInput) -> None:
    """Record a measure, after a person compared the number of the statement, if nobody proved the account before."""
    with acting(actor):
        proved = AccountProof.objects.filter(complaint=complaint).exists()
    if not proved:
        account_proof.compare_number(actor, complaint, "S-1", compared=True)
    measure.record_measure(actor, complaint, given)


@dataclass
class Redress:
    """The organisations and their people. `judge` decides complaints and reviewed nothing."""

    cast: Cast
    country: str = "DE"
    desk: World = field(init=False)
    centre: Centre = field(init=False)
    authority: Authority = field(init=False)
    provider: Actor = field(init=False)
    judge: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.cast.pixelpost = self.cast.organisation("Pixelpost", "provider", "IE")
        self.cast.hotline_ie = self.cast.organisation("Hotline Ireland", "hotline", "IE")
        self.cast.hotline_de = self.cast.organisation("Hotline Deutschland", "hotline", "DE")
        self.desk, self.centre = World(self.cast), Centre(self.cast)
        self.provider = self.cast.pixelpost
        with acting(self.centre.machine):
            # Edges of other tests polled at other times, also at times to come.
            Fetcher.objects.all().delete()
        # The worlds of other tests send the provider's messages elsewhere.
        Organisation.objects.filter(pk=self.centre.machine.organisation_id).update(api_url="http://testserver")
        self.authority = Authority(self.centre, self.country)
        self.judge = self.cast.actor(self.provider, "lead")
        machine = self.centre.machine
        introduce(self.cast, self.provider, machine, "reports:submit", EXCHANGE)
        introduce(self.cast, machine, self.provider, "feedback:submit", EXCHANGE)
        introduce(self.cast, machine, self.authority.machine, "referrals:submit", EXCHANGE)
        introduce(self.cast, self.authority.machine, machine, "outcomes:submit", "referrals:read", EXCHANGE)
        for hotline in self.hotlines:
            introduce(self.cast, machine, hotline, EXCHANGE)
            introduce(self.cast, hotline, machine, EXCHANGE)

    @property
    def hotlines(self) -> tuple[Actor, Actor]:
        """Who proposed the entry, and who certified it."""
        return self.cast.hotline_ie, self.cast.hotline_de

    @property
    def everybody(self) -> tuple[Actor, ...]:
        """Everybody whose outbox has messages of a reversal."""
        return self.provider, *self.hotlines, self.authority.machine

    def post(self) -> None:
        """Deliver every message, until nothing waits. Edges of other tests are not connected any longer."""
        for _ in range(6):
            self._pass_edges()
            deliver(*self.everybody)
            for one in self.everybody:
                self.centre.deliver(one)

    def _pass_edges(self) -> None:
        """Every connected Edge has the newest head, if another test released a list."""
        machine = self.centre.machine
        with acting(machine):
            mine = Hop.objects.filter(kind="edges", state="waiting", reversal__sender_id=self.provider.organisation_id)
            waiting = list(mine.values_list("pk", flat=True))
        for one in waiting:
            with clock.simulate(clock.now() + accept.CONNECTED_FOR):
                accept.pass_edges(self.centre.lead, one)

    def grant(self, provider: Actor) -> None:
        """A provider may use the list."""
        grants.give(
            self.cast.actor(self.centre.machine, "lead"),
            provider.organisation_id,
            list_id=version_files.LIST_ID,
            purpose="reporting",
            legal_basis="Regulation (EU) 2022/2065",
            valid_to=clock.now() + timedelta(days=365),
        )

    def flagged(self, *, referred: bool = True, digest: str = "") -> tuple[UUID, UUID]:
        """A report that rests on a wrong entry, at the Centre and at the authority; returns report and entry."""
        digest = digest or secrets.token_hex(32)
        entry = entry_of(self.cast, digest)
        candidate = self.desk.candidate(body(entry=entry, sha256=digest))
        report = review.decide(self.desk.reviewer, candidate, CONFIRM).report_id
        assert report
        send.send(self.desk.lead, report)
        deliver(self.provider)
        if referred:
            assess.assess(self.centre.analyst, report, "forward", "", seen=0)
            country_override.choose_country(self.centre.lead, report, self.country, "The account says so.")
            refer.refer(self.centre.analyst, report)
            self.centre.deliver(self.authority.machine)
        return report, entry

    def number(self, report: UUID) -> str:
        """The number of a report at the provider."""
        with acting(self.provider):
            found = measure_facts.by_id(report)
        assert found
        return found.number

    def complained(self, language: str = "en") -> UUID:
        """A complaint by the public page, without an account; returns its ID."""
        visitor = Visitor(kind=intake.code_of(self.provider.organisation_id), language=language)
        page = visitor.post("", visitor.form(visitor.get(), text=WORDS)).content.decode()
        found = re.search(r"M-\w{4}-\w{4}-\w", page)
        assert found, page
        return self.complaint(found[0])

    def complaint(self, conversation: str) -> UUID:
        """The complaint of a conversation."""
        with acting(self.provider):
            found = Conversation.objects.get(number=conversation)
            return Complaint.objects.get(conversation_id=found.pk).pk

    def measured(self, complaint: UUID, report: UUID, **changed: object) -> None:
        """Record the measure of a complaint."""
        given = {"complainant": "user", "measure": "account", "report": self.number(report), **changed}
        recorded(self.judge, complaint, MeasureInput(**given))  # type: ignore[arg-type]

    def reversed(self, complaint: UUID, given: Judgement = REVERSE) -> Reversal:
        """Decide a complaint; returns its reversal at the provider."""
        decide.decide(self.judge, complaint, given)
        with acting(self.provider):
            return Reversal.objects.get(complaint=complaint)

    def at(self, who: Actor, root: UUID) -> Reversal:
        """A reversal as an organisation has it."""
        with acting(who):
            return Reversal.objects.get(root_id=root, organisation_id=who.organisation_id)

    def hops(self, who: Actor, root: UUID) -> dict[str, str]:
        """States of the hops of an organisation, by kind."""
        with acting(who):
            rows = Hop.objects.filter(reversal__root_id=root, organisation_id=who.organisation_id)
            found: dict[str, set[str]] = {}
            for kind, state in rows.values_list("kind", "state"):
                found.setdefault(kind, set()).add(state)
            return {kind: ", ".join(sorted(states)) for kind, states in found.items()}

    def own(self, who: Actor, root: UUID) -> UUID:
        """The own hop of an organisation that waits for a person."""
        with acting(who):
            rows = Hop.objects.filter(reversal__root_id=root, organisation_id=who.organisation_id)
            return rows.get(kind__in=("measure", "record")).pk

    def answered(self, person: Actor, root: UUID, state: str = "corrected", **more: object) -> None:
        """A person answers for the own measure or records."""
        accept.answer(person, self.own(person, root), OwnAnswer(state, **more))  # type: ignore[arg-type]

    def all_answer(self, root: UUID, state: str = "corrected") -> None:
        """The people of both hotlines and of the authority answer."""
        for one, role in ((self.hotlines[0], "analyst"), (self.hotlines[1], "analyst")):
            self.answered(self.cast.actor(one, role), root, state)
        self.answered(self.authority.investigator, root, state)

    def read(self, complaint: UUID) -> list[str]:
        """What the person reads in the conversation."""
        with acting(self.provider):
            row = Complaint.objects.get(pk=complaint)
            return [one.text for one in conversations.entries_of(Conversation.objects.get(pk=row.conversation_id))]


__all__ = ["REVERSE", "WORDS", "Redress", "recorded"]
