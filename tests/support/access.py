"""The world of the access matrix: one organisation of each kind that owns something, and a stranger of the same kind.

Addresses are found by looking at the node's own, so that a new page or operation is in the matrix the day it is made.
"""

from __future__ import annotations

import re
import secrets
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as time_of_day
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.support.cast import Cast
from tests.support.detection_world import World, body, read
from tests.support.hosting_world import GIVEN, HostDesk
from tests.support.orders_world import Orders
from tests.support.post import deliver, introduce
from tests.support.prevention_world import Curators
from tests.support.reporting import report
from tests.support.soft_keys import SoftKey, at
from tests.support.support_world import enrolment
from tutela import clock
from tutela.app.website.api import api
from tutela.casework.alerts import roster
from tutela.casework.anonymous import conversations, inbox, ticket
from tutela.casework.anonymous.kinds import ConversationKind
from tutela.casework.hand_overs import send as hand_overs
from tutela.casework.hand_overs.send import HandOverInput
from tutela.casework.mandates import records as mandate_records
from tutela.casework.models import DrawnSearch
from tutela.detection.candidates import intake as candidates
from tutela.detection.outcomes import centre_feedback
from tutela.detection.settings import authorities
from tutela.events.actor import Actor
from tutela.events.identifiers import case_number
from tutela.events.models import Event
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.canonical_json import canonical
from tutela.exchange.message.identifiers import uuid7
from tutela.exchange.referral import age_encryption
from tutela.exchange.register.approval import Act
from tutela.exchange.register.edge_alert import EdgeAlert
from tutela.exchange.register.reason_codes import HoldReason
from tutela.exchange.removal.requested_hashes import LIST_ID
from tutela.exchange.report.feedback import Feedback, FeedbackKind
from tutela.indicators.access import grants
from tutela.indicators.audits import results, sample_selection
from tutela.indicators.hashes.anomalies import Odd
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.imports import runner
from tutela.indicators.imports.lines import Defaults
from tutela.indicators.integrity import edge_alerts, invalidation
from tutela.indicators.models import HoldKind
from tutela.indicators.partner_lists import subscriptions
from tutela.indicators.partner_lists.subscriptions import SubscriptionInput
from tutela.indicators.register import certify, detail, propose, retention
from tutela.indicators.register import dispute as register_dispute
from tutela.indicators.safeguards import holds
from tutela.investigations.deconfliction import query
from tutela.investigations.models import ContactWanted, Hit
from tutela.investigations.referral_work import teams
from tutela.investigations.referral_work import work_queue as authority_desk
from tutela.law import classification
from tutela.matching.files.drill_entries import drawn
from tutela.observatory.definitions.period import ReportingPeriod
from tutela.observatory.due import alerts as figure_alerts
from tutela.observatory.figures import publish as figures_publish
from tutela.observatory.imports import imported
from tutela.observatory.returns import filed
from tutela.organisations.approvals import rule_switch, second_person
from tutela.organisations.approvals.approve import Approval
from tutela.organisations.keys.envelope_encryption import wrap
from tutela.organisations.messages import delivery, outbox_status
from tutela.organisations.people import api_keys, directory, encryption_recipients, invitations
from tutela.organisations.table_views import saved_views
from tutela.organisations.vocabulary.roles_and_permissions import Kind, permissions_of, roles_of
from tutela.organisations.web.api_keys import Key
from tutela.prevention.campaigns import planner
from tutela.prevention.campaigns.planner import PlanInput
from tutela.prevention.loop import questions
from tutela.prevention.materials import lineage
from tutela.prevention.materials.lineage import VersionInput
from tutela.prevention.models import Programme
from tutela.redress.complaints import intake as complaints
from tutela.redress.data_subjects import breaches, requests
from tutela.redress.data_subjects.breaches import BreachInput
from tutela.redress.data_subjects.requests import RequestInput
from tutela.redress.models import Drill, HopKind, SourceReview
from tutela.redress.reversals import begin as begin_reversal
from tutela.redress.reversals import hops
from tutela.redress.reversals.begin import Mistake
from tutela.reports.intake import submit
from tutela.reports.models import BundleMove, CyberTip, Report, Surge
from tutela.reports.referrals import refer
from tutela.reports.triage import assess
from tutela.takedown.examination import machines
from tutela.takedown.examination.machines import MachineInput
from tutela.takedown.host_desk import database_files, statements
from tutela.takedown.imports.backlog_file import BacklogFile
from tutela.takedown.imports.begin import begin
from tutela.takedown.intake import search_mandates
from tutela.takedown.intake.search_mandates import MandateInput
from tutela.takedown.orders import answer as order_answer
from tutela.takedown.orders.answer import EffectInput
from tutela.takedown.partners import iccam_files, partner_list
from tutela.takedown.partners.partner_list import Entered
from tutela.takedown.rechecks import vantage_points
from tutela.victims.case_work import end_mandates
from tutela.victims.host_desk import membership
from tutela.victims.host_desk.membership import TermsInput
from tutela.victims.hosts import send
from tutela.victims.information import intake as information_intake
from tutela.victims.information.intake import InformationInput
from tutela.victims.models import QuarterlyReturn, RemovalMandate, RequestedItem, SchemeHost, SupportService
from tutela.victims.public.help_finder import owned_services
from tutela.victims.public.help_finder.owned_services import ServiceInput
from tutela.victims.removal import intake as removal_intake
from tutela.victims.removal.intake import EnterInput
from tutela.victims.removal.mandates import RemovalMandateInput
from tutela.victims.support import begin as support_begin
from tutela.victims.support import services as support_services
from tutela.victims.support.begin import SupportInput
from tutela.victims.survivor_voice import inputs as survivor_inputs
from tutela.victims.vault import members as vault_members

# Seen by everybody with the permission, whatever the organisation: entries of the register, the directory, the law.
SHARED = {
    # Forms of laws and periods are the same for all; a published release is everybody's.
    "form",
    "period",
    "ending",
    "release",
    "indicator",
    "dispute",
    "grant",
    "alert",
    "hold",
    "organisation",
    "code",
    "report",
    "surge",
    "bundle",
    "move",
    "sample",
    "run",
    "legal_hold",
    "approval",
    "search_sample",
    "order_kind",
}
# A match with a list that the provider made itself.
OF_A_PROVIDER = {
    "list_version": 1,
    "source_kind": "provider_source",
    "in_public_register": False,
    "families": ["pdq"],
    "weak": False,
    "corroborated": False,
    "distance": 4,
}
# What differs between two answers that say the same: ids, request ids, one-time form tokens, the moment.
CHANGING = re.compile(
    r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|name=\"csrfmiddlewaretoken\" value=\"\w+\"|\d{1,2}:\d\d(?::\d\d)?"
)
HELP_SERVICE = ServiceInput(
    country="LU",
    name="Neutral Line",
    languages=["fr"],
    ages=["child"],
    needs=["talk"],
    phone="12345",
    text="",
    chat="",
    mail="",
    sign="",
    always=True,
    hours="",
    chat_hours="",
    source="https://source.example/",
    confirmed=date(2026, 11, 1),
)

EMPTY_RETURN = {
    "schema_version": "1",
    "quarter": "2026-Q3",
    "category_set": "2023",
    "total": None,
    "platform_of": None,
    "least": 10,
    "groups": {group: {} for group in ("category", "age", "gender", "channel", "platform")},
}


@dataclass(frozen=True)
class Route:
    """A page: its address with placeholders, who may read it, and who may send it something."""

    address: str
    read: str
    write: str | None
    # `tutela.organisations.web.confirmation.Consequence`; empty for an act without one.
    consequence: str = ""

    @property
    def wanted(self) -> list[str]:
        """The names of its placeholders."""
        return re.findall(r"<(?:\w+:)?(\w+)>", self.address)

    @property
    def tenant(self) -> bool:
        """Whether it names something that belongs to one organisation alone."""
        return bool(set(self.wanted) - SHARED)

    def at(self, values: dict[str, object]) -> str:
        """The address with values in place of the placeholders. Raises KeyError for one that nobody gave."""
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), self.address)


def routes() -> list[Route]:
    """Every page of the node with a permission of ours; sign-in pages guard themselves."""
    return [
        Route(
            address,
            entry.callback.read_permission,  # type: ignore[attr-defined]
            entry.callback.write_permission,  # type: ignore[attr-defined]
            getattr(entry.callback, "consequence", ""),
        )
        for address, entry in _patterns(get_resolver())
        if hasattr(entry.callback, "read_permission")
    ]


def named_routes() -> list[tuple[str, Any]]:
    """The pages of the node by their names; one that has several addresses comes once."""
    found = {entry.name or address: entry.callback for address, entry in _patterns(get_resolver())}
    return [(name, view) for name, view in sorted(found.items()) if hasattr(view, "read_permission")]


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, address)
        else:
            yield address, entry


@dataclass(frozen=True)
class Operation:
    """An operation of the API: verb, path with placeholders, and the permission its key must carry."""

    verb: str
    path: str
    permission: str

    def at(self, values: dict[str, object]) -> str:
        return "/api/v1" + re.sub(r"\{(?:\w+:)?(\w+)\}", lambda found: str(values[found[1]]), self.path)


def operations() -> list[Operation]:
    """Every operation of the API."""
    return [
        Operation(verb, path, key.permission)
        for _prefix, router in api._routers
        for path, view in router.path_operations.items()
        for one in view.operations
        for verb in one.methods
        for key in one.auth_callbacks
        if isinstance(key, Key)
    ]


def parts() -> list[tuple[str, str]]:
    """Every (kind, role) that a person can have."""
    return [(kind, role) for kind in Kind.values for role in roles_of(kind)]


def may(part: tuple[str, str], permission: str | None) -> bool:
    return permission is not None and permission in permissions_of(part[0], frozenset({part[1]}))


def same(first: Any, second: Any) -> bool:
    """Whether two answers cannot be told apart by who does not know the ids."""
    return _said(first) == _said(second)


def _said(answer: Any) -> tuple[int, str, str, str]:
    text, there = answer.content.decode(errors="replace"), answer.headers.get("Location", "")
    asked = answer.wsgi_request.path
    kind = answer.headers.get("Content-Type", "")
    return (
        answer.status_code,
        kind,
        CHANGING.sub("*", there.replace(asked, "")),
        CHANGING.sub("*", text.replace(asked, "")),
    )


class Log:
    """What an organisation's events say beyond those that there were when this was made.

    The node's one Centre has thousands by then: of what was there before, no more is read than its last moments.
    """

    def __init__(self, of: Actor) -> None:
        self._of = of
        # An id begins with the machine's milliseconds.
        self._since = UUID(int=(time.time_ns() // 1_000_000 - 1000) << 80)
        self._before = self._newest().keys()

    def said(self) -> list[str]:
        """The kinds of the events that came since."""
        return [kind for pk, kind in self._newest().items() if pk not in self._before]

    def _newest(self) -> dict[UUID, str]:
        with acting(self._of):
            rows = Event.objects.filter(organisation_id=self._of.organisation_id, id__gt=self._since)
            return dict(rows.order_by("id").values_list("id", "kind"))


class Houses:
    """Owners with something of every kind, and strangers; made once for all cells of the matrix."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.centre = self.cast.centre  # first: the node is the Centre's
        self.world = World(self.cast)
        self._strangers: dict[tuple[str, str], Client] = {}
        self._owners: dict[tuple[str, str], Client] = {}
        self._organisations: dict[str, Actor] = {}
        self._keys: dict[tuple[UUID, tuple[str, ...]], dict[str, str]] = {}
        self._no_page: dict[tuple[Client, str, str], HttpResponse] = {}

    @cached_property
    def ids(self) -> dict[str, object]:
        """An existing value for every placeholder of every address."""
        made = {
            **self._providers(),
            **self._registers(),
            **self._centres(),
            **self._takedown(),
            **self._redress(),
            **self._drill(),
            **self._orders(),
            **self._removal(),
            **self._support_desk(),
            **self._observatory(),
            **self._prevention(),
        }
        return {
            **made,
            "file": uuid4(),
            "team": self._team(),
            "view": self._view(),
            "organisation": self.owner("provider").organisation_id,
            "code": "DSA",
            "token": "x" * 40,
            "kind": "message",
            "order_kind": "content",
            "list_id": "eu-register",
            "version": 1,
            "sha256": "0" * 64,
            "entries": f"{UUID(int=1)}.0",
        }

    @cached_property
    def other_parents(self) -> dict[str, object]:
        """A second of each thing that has parts with an address, on the same desk; those of `ids` are not its own."""
        analyst = self.cast.actor(self.owner("victim_support"), "analyst")
        report_id, _referral = self._referred()
        with acting(self.centre):
            bundle = Report.objects.get(report_id=report_id).bundle_id
        return {
            "bundle": bundle,
            "partner_list": self._foreign(self.world.lead),
            "removal": removal_intake.enter(analyst, EnterInput("lawyer", "en", f"pdq {secrets.token_hex(32)}")),
            "report": report_id,
            "support": support_begin.enter(analyst, SupportInput("survivor", "en")),
        }

    def missing(self) -> dict[str, object]:
        """As `ids`, but nothing of it exists."""
        return {
            name: uuid4() if isinstance(value, UUID) else 987_654 if isinstance(value, int) else f"no-{value}"
            for name, value in self.ids.items()
        }

    def owner(self, kind: str) -> Actor:
        """The organisation of a kind that owns something."""
        named = {
            "provider": self.cast.pixelpost,
            "authority": self.authority,
            "centre": self.centre,
            "hotline": self.cast.hotline_ie,
        }
        return named.get(kind) or self._organisation(f"owner {kind}", kind)

    def stranger(self, part: tuple[str, str]) -> Client:
        """The browser of somebody in this role, in an organisation that owns nothing of `ids`; the Centre is one."""
        if part not in self._strangers:
            home = self.centre if part[0] == "centre" else self._organisation(f"stranger {part[0]}", part[0])
            self._strangers[part] = self.cast.client(home, part[1])
        return self._strangers[part]

    def of_owner(self, part: tuple[str, str]) -> Client:
        """The browser of somebody in this role, in the organisation that owns what `ids` names."""
        if part not in self._owners:
            self._owners[part] = self.cast.client(self.owner(part[0]), part[1])
        return self._owners[part]

    def browsers(self, part: tuple[str, str]) -> list[Client]:
        """Every browser in which somebody in this role sits; where no kind owns anything, one is enough."""
        owns = part[0] in ("provider", "authority", "hotline", "victim_support")
        return [self.stranger(part), *([self.of_owner(part)] if owns else [])]

    def no_page(self, client: Client, verb: str, address: str) -> HttpResponse:
        """What a browser gets for an address that no page has, beside `address` in its part of the desk; asked once."""
        none = "/".join([*address.split("/")[:3], "no-such-page", ""])
        if (client, verb, none) not in self._no_page:
            self._no_page[client, verb, none] = answer(client, verb, none)
        return self._no_page[client, verb, none]

    def elsewhere(self, kind: str) -> Actor:
        """An organisation of a kind that has nothing to do with what there is."""
        return self._organisation(f"elsewhere {kind}", kind)

    def key(self, holder: Actor, *scopes: str) -> dict[str, str]:
        """As `Cast.key`, made once."""
        wanted = holder.organisation_id, scopes
        if wanted not in self._keys:
            self._keys[wanted] = self.cast.key(holder, *scopes)
        return self._keys[wanted]

    def log(self, kind: str) -> Log:
        """An owner's log from now on."""
        return Log(self.owner(kind))

    @cached_property
    def authority(self) -> Actor:
        """The authority to which the Centre refers the report of `ids`."""
        return self.cast.authority_of("PL")

    def _organisation(self, name: str, kind: str) -> Actor:
        if name not in self._organisations:
            self._organisations[name] = self.cast.organisation(name, kind, "FR")
        return self._organisations[name]

    def _providers(self) -> dict[str, object]:
        owner, lead = self.cast.pixelpost, self.world.lead
        email = f"{secrets.token_hex(4)}@example.org"
        invitations.invite(owner, email=email, name="Kim", roles=["reviewer"])
        row, _text = api_keys.create_key(owner, name="Edge", scopes=["releases:read"])
        given = authorities.Address("IE", "Office", "post@office.example", ["en"], date(2024, 1, 1), "Public notice")
        address = authorities.add(lead, given)
        return {
            "invitation": invitations.open_invitations(owner)[0].id,
            "person": self.cast.person(owner, "reviewer").id,
            "key": row.id,
            "recipient": self._recipient(),
            "service": self.world.service,
            "candidate": self.world.candidate(),
            "draft": self.world.draft(),
            "filed": self.filed(owner),
            "partner_list": self._foreign(lead),
            "address": address,
            "authority": address,
            "event": self._event(owner),
            "search_sample": self._search_sample(owner),
            "act_request": self._act_request(owner),
        }

    def _takedown(self) -> dict[str, object]:
        """A hotline's case with its notice; a provider's notice with a statement in a file."""
        desk = HostDesk(self.cast)
        case, notice = desk.hotline.notified()
        hosting = desk.decided()
        statements.state(desk.lead, hosting, GIVEN)
        batch = database_files.make(desk.lead)
        file = BacklogFile(self.owner("hotline").organisation_id, "old.csv", [b"URL\nhttps://old.example.org/1\n"], "")
        backlog = begin(desk.hotline.analyst, file).id
        made = {"case": case, "takedown": case, "notice": notice, "backlog": backlog}
        administrator = self.cast.actor(desk.hotline.machine, "administrator")
        made["partner"] = partner_list.add(administrator, Entered(self.cast.hotline_de.organisation_id))
        made["case_file"] = iccam_files.upload(desk.hotline.analyst, "a.json", "Hotline", [b"{}"])
        return {**made, "hosting": hosting, "batch": batch}

    def _redress(self) -> dict[str, object]:
        """A provider's complaint, a reversal with its hop, a request, a breach, and a review of a source."""
        owner, lead = self.cast.pixelpost, self.world.lead
        with acting(owner):
            reversal = begin_reversal.begin(owner, Mistake("chance", notice_number="N-1"))
            hop = hops.add(owner, reversal, HopKind.MEASURE)
            due = clock.now() + timedelta(days=14)
            review = SourceReview.objects.create(
                organisation_id=owner.organisation_id, source_id=uuid7(), reversals=3, turn=1, due_at=due
            )
        assert hop
        breach = BreachInput("gdpr", clock.now(), 1, 1, high_risk=False, of_senders=False, text="A letter was lost.")
        return {
            "complaint": complaints.enter(lead, "Please look again.", "en"),
            "reversal": reversal.pk,
            "hop": hop.pk,
            "source_review": review.pk,
            "data_request": requests.add(lead, RequestInput("gdpr", "access", "All data.")),
            "breach": breaches.add(lead, breach),
        }

    def _observatory(self) -> dict[str, object]:
        """Published figures of a hotline, and a return that a provider filed."""
        analyst = self.cast.actor(self.owner("hotline"), "analyst")
        lead, period = self.world.lead, ReportingPeriod.parse("2025")
        document = filed.draft(lead, filed.form_for(lead, "dsa-2024-2835"), period)
        return {
            "release": figures_publish.publish(analyst, ReportingPeriod.parse("1999")),
            "filed_return": filed.file(lead, document),
            "late_return": self._late_return(lead),
            "figure_import": self._figure_import(lead),
            "claim": "F1",
            "dashboard": "flows",
            "form": "dsa-2024-2835",
            "period": "2025",
            "ending": "csv",
        }

    def _late_return(self, lead: Actor) -> UUID:
        """The provider filed a return for 2024 and none for 2025."""
        form = filed.form_for(lead, "provider-2021-1232")
        filed.file(lead, filed.draft(lead, form, ReportingPeriod.parse("2024")))
        with acting(lead):
            return figure_alerts.late_returns()[0].id

    def _figure_import(self, lead: Actor) -> UUID:
        """Figures of hotlines, imported by the provider."""
        table = b"hotline,country,year,reports,items_illegal\r\nHotline,IE,2024,100,50\r\n"
        return imported.import_files(lead, "hotlines", {"table.csv": table}, date(2025, 5, 1))

    def _drill(self) -> dict[str, object]:
        """A drill of the Centre."""
        centre = self.cast.centre
        with acting(centre):
            made = Drill.objects.create(
                organisation_id=centre.organisation_id,
                number=case_number("U"),
                indicator_id=drawn(),
                by="system:operator",
                by_name="Operator",
                ended_at=clock.now(),
            )
        return {"drill": made.pk}

    def _orders(self) -> dict[str, object]:
        """An order of the authority to the provider, a hotline's request for one, and a vantage point."""
        desk = Orders(self.cast)
        desk.authority, desk.issuer = self.authority, self.cast.actor(self.authority, "investigator")
        order, key = desk.issued(), Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
        copy = desk.copy(order)
        order_answer.give(desk.leads[0], copy, EffectInput("given", clock.now()))
        given = MandateInput("Police", "Letter", "A search", clock.now().date(), clock.now().date())
        mandate = search_mandates.add(desk.hotline.analyst, given)
        point = vantage_points.add(desk.hotline.analyst, "Kiel", "DE", key)
        given_machine = MachineInput("Laptop", key, age_encryption.new_identity()[1], "Letter")
        return {
            "machine": machines.add(desk.hotline.analyst, given_machine),
            "order": order,
            "copy": copy,
            "issued_copy": copy,
            "order_request": desk.requested(),
            "point": point,
            "search_mandate": mandate,
        }

    def _prevention(self) -> dict[str, object]:
        """A programme with a study, in the Centre's hub."""
        curators = Curators(self.cast)
        programme = curators.programme()
        study = curators.trial(programme, (0.6, 0.4, 0.9))
        with acting(curators.first):
            slug = Programme.objects.values_list("slug", flat=True).get(pk=programme)
        question = questions.enter(curators.first, "What helps after release?")
        leaflet = VersionInput("Lights", "CC-BY-4.0", "Harbour")
        start = clock.now().date() + timedelta(days=9)
        campaign = PlanInput("Lights", "calls", "parents", "Ask.", "posters", "numbers help", "none", start, start)
        return {
            "programme": programme,
            "study": study,
            "slug": slug,
            "format": "ris",
            "topic": "adult",
            "question": question,
            "material": lineage.enter(curators.first, leaflet, "en"),
            "campaign": planner.plan(curators.first, campaign),
        }

    def _removal(self) -> dict[str, object]:
        """A removal request with a mandate at victim support; a provider's item that matched a hash of it."""
        support, provider = self.owner("victim_support"), self.owner("provider")
        introduce(self.cast, support, provider, "removal:exchange")
        introduce(self.cast, provider, support, "removal:exchange")
        terms = TermsInput(support.organisation_id, "take_it_down", ["pdq"], 30)
        accepted = membership.accept(self.world.lead, terms)
        deliver(provider, support)
        analyst = self.cast.actor(support, "analyst")
        request = removal_intake.enter(analyst, EnterInput("lawyer", "en", f"pdq {secrets.token_hex(32)}"))
        given = RemovalMandateInput("lawyer", clock.now().date() + timedelta(days=30), "Power of attorney")
        end_mandates.add(analyst, request, given)
        with acting(support):
            host = SchemeHost.objects.get(host_id=provider.organisation_id)
            mandate = RemovalMandate.objects.get(request=request)
        send.send(analyst, request, [host.pk])
        deliver(provider, support)
        with acting(provider):
            looked_for = RequestedItem.objects.get(membership_id=accepted)
        match = {"list_id": LIST_ID, "entry_id": str(looked_for.pk), "rule": "near-pdq"} | OF_A_PROVIDER
        found = candidates.receive(self.world.machine, read(body(item="album/removal", matches=[match])))
        return {
            "removal": request,
            "removal_request": request,
            "representative": mandate.pk,
            "membership": accepted,
            "entry": owned_services.save(analyst, HELP_SERVICE),
            "found": found.id,
            "found_item": found.id,
        }

    def _support_desk(self) -> dict[str, object]:
        """What the support desk has: a request, a case, a hardware key, an input, a hand-over, a return."""
        analyst = self.cast.actor(self.owner("victim_support"), "analyst")
        request = information_intake.enter(analyst, InformationInput("self", "en", "Asks about a picture."))
        case = support_begin.enter(analyst, SupportInput("survivor", "en"))
        support_services.offer(analyst, case, ("counselling",))
        hand_over = hand_overs.hand_over(
            analyst,
            HandOverInput("therapy", "consent", clock.now().date(), agency_name="A practice", agency_kind="therapy"),
        )
        with acting(analyst):
            service = SupportService.objects.get(case=case)
            returned = QuarterlyReturn.objects.create(
                organisation_id=analyst.organisation_id,
                quarter="2026-Q3",
                category_set="2023",
                content=canonical(EMPTY_RETURN).decode(),
                sha256="0" * 64,
                contacts=0,
                by="x",
                by_name="x",
            )
        return {
            "information": request,
            "information_request": request,
            "support": case,
            "support_case": case,
            "service_row": service.pk,
            "vault_key": vault_members.enrol(analyst, enrolment(founds=True)),
            "survivor_input": survivor_inputs.enter(analyst, "A neutral token.", "here", "en"),
            "quarterly_return": returned.pk,
            "hand_over": hand_over,
            "agency_hand_over": hand_over,
        }

    def filed(self, owner: Actor) -> UUID:
        """A report that went to the Centre another way."""
        word = Feedback(
            feedback_id=uuid7(), report_id=uuid7(), kind=FeedbackKind.RELEVANT, at=clock.now(), centre="Centre"
        )
        with acting(owner):
            centre_feedback.receive(owner, word, self.centre.organisation_id)
        return word.report_id

    def _team(self) -> UUID:
        investigator = self.cast.actor(self.authority, "investigator")
        return UUID(str(teams.make(investigator, name=secrets.token_hex(4), level="local").pk))

    def _view(self) -> UUID:
        investigator = self.cast.actor(self.authority, "investigator")
        return saved_views.save(investigator, "inbox", secrets.token_hex(4), "state=open", shared=True).id

    def _recipient(self) -> UUID:
        return encryption_recipients.enter(self.authority, age_encryption.new_identity()[1]).id

    def _act_request(self, owner: Actor) -> UUID:
        """Somebody asked for what takes two people."""
        administrator = self.cast.actor(owner, "administrator")
        act = Act(name="rule_off", reason=secrets.token_hex(4), chosen={"rule": "two"})
        second_person.ask(administrator, act, "Not needed")
        return next(one.id for one in second_person.list_pending(administrator) if one.stated == act)

    @staticmethod
    def _search_sample(owner: Actor) -> UUID:
        """A search for a person that was drawn for an audit."""
        with acting(owner):
            record(owner, "desk.searched", "search", made := uuid7(), kinds=["email"], reason="child", results=0)
            row = DrawnSearch.objects.create(organisation_id=owner.organisation_id, search_id=made)
        return UUID(str(row.pk))

    @staticmethod
    def _foreign(lead: Actor) -> UUID:
        given = SubscriptionInput(
            f"list-{secrets.token_hex(4)}",
            "Their list",
            "Other centre",
            "hashsharing",
            "csam",
            "https://lists.example",
            "us",
            "secret",
            60,
            "Agreement",
        )
        return subscriptions.enter(lead, given)

    @staticmethod
    def _event(owner: Actor) -> UUID:
        with acting(owner):
            return record(owner, "facts.erased", "event", "none")

    def _registers(self) -> dict[str, object]:
        value = {"value": "known-material", "label": "Material within Art. 2(c)"}
        scheme = {"code": "eu-2011-93", "title": "T", "version": "2011", "source": "Directive", "values": [value]}
        classification.import_scheme(self.centre, scheme)
        made = propose.propose(
            self.cast.hotline_ie,
            given=[HashValue("sha256", secrets.token_hex(32))],
            media_type="image",
            classification="eu-2011-93:known-material",
            reason="Assessed",
        )
        certify.certify(self.cast.hotline_de, made)
        register_dispute.dispute(self.cast.hotline_de, made, "It shows something else")
        (dispute,) = detail.load_detail(self.centre, made).disputes
        grant = grants.give(
            self.centre,
            self.cast.pixelpost.organisation_id,
            list_id="eu-register",
            purpose="reporting",
            legal_basis="DSA Art. 18",
            valid_to=clock.now() + timedelta(days=30),
        )
        sounded = EdgeAlert(
            alert_id=uuid7(), list_id="eu-register", code="withheld", detail="Sequence 1.", at=clock.now()
        )
        edge_alerts.receive(self.centre, self.cast.pixelpost, "eu-register", sounded)
        alert = next(
            row.alert.id
            for row in edge_alerts.list_edge_alerts(self.centre)[0]
            if row.alert.alert_id == sounded.alert_id
        )
        self._lapsed()
        until = clock.now() + timedelta(days=30)
        legal_hold = retention.hold(self.cast.actor(self.centre, "lead"), made, until=until, reason="A trial")
        return {
            "legal_hold": legal_hold,
            "indicator": made,
            "dispute": dispute.id,
            "grant": grant,
            "alert": alert,
            "hold": self._hold(),
            "sample": self._sample(),
            "approval": self._approval(),
            "run": self._import(),
        }

    def _approval(self) -> UUID:
        """An act that a security key confirmed."""
        person = self.cast.actor(self._organisation("careful hotline", "hotline"), "administrator")
        with at():
            key = SoftKey().added_by(person.person_id)
            act = Act(name="rule_on", reason="Policy", chosen={"rule": "key"})
            rule_switch.switch(person, "key", "on", "Policy", key.confirms(person, act))
        with acting(person):
            return UUID(str(Approval.objects.get(by=person.reference).pk))

    def _sample(self) -> UUID:
        """A sample that the Centre drew and closed."""
        lead, now = self.cast.actor(self.centre, "lead"), clock.now()
        other = propose.propose(
            self.cast.hotline_ie,
            given=[HashValue("sha256", secrets.token_hex(32))],
            media_type="image",
            classification="eu-2011-93:known-material",
            reason="Assessed",
        )
        certify.certify(self.cast.hotline_de, other)
        with clock.simulate(now + timedelta(minutes=2)):
            drawn = sample_selection.draw(lead, 1, "Quarterly")
        results.close(lead, drawn)
        return drawn

    def _lapsed(self) -> None:
        """An entry whose second organisation was suspended."""
        made = propose.propose(
            self.cast.hotline_ie,
            given=[HashValue("sha256", secrets.token_hex(32))],
            media_type="image",
            classification="eu-2011-93:known-material",
            reason="Assessed",
        )
        certifier = self._organisation("suspended hotline", "hotline")
        certify.certify(certifier, made)
        administrator = self.cast.actor(self.centre, "administrator")
        directory.set_status(administrator, certifier.organisation_id, "suspended", "Under review")
        invalidation.suspend_for_organisation(self.centre, certifier.organisation_id)

    def _hold(self) -> UUID:
        """An organisation that proposed too much, next to a proposal that looks made up."""
        self._quarantine()
        flooder = self._organisation("flooding hotline", "hotline")
        odd = Odd(HoldReason.PROPOSALS, {"count": 9, "most": 8})
        with acting(flooder):
            held = holds.place(flooder, HoldKind.PROPOSALS, flooder.organisation_id, [odd])
        return UUID(str(held.pk))

    def _import(self) -> UUID:
        """An import of one line."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "a.csv"
            file.write_text(f"sha256\n{secrets.token_hex(32)}\n", encoding="utf-8")
            defaults = Defaults(classification="eu-2011-93:known-material", reason="Assessed")
            return runner.run(self.cast.hotline_ie, file, source="Police", defaults=defaults).run_id

    def _quarantine(self) -> UUID:
        """A proposal that looks made up."""
        given = [HashValue("pdq", f"{secrets.randbits(20):064x}", 90, "x")]
        made = propose.propose(
            self.cast.hotline_ie,
            given=given,
            media_type="image",
            classification="eu-2011-93:known-material",
            reason="Assessed",
        )
        held = detail.load_detail(self.centre, made).held
        assert held is not None
        return UUID(str(held.pk))

    def _centres(self) -> dict[str, object]:
        introduce(self.cast, self.centre, self.authority, "referrals:submit")
        report_id, referral = self._referred()
        message = outbox_status.states(self.centre, report_id)[0].id
        with acting(self.centre):
            tip = CyberTip.objects.create(
                organisation_id=self.centre.organisation_id,
                number=secrets.randbelow(10**12) + 10**12,
                provider_id=self.cast.pixelpost.organisation_id,
                report_id=report_id,
                sealed_document=b"x",
                batched=False,
                state="finished",
                modified_at=clock.now(),
            )
        return {
            "number": tip.number,
            "report": report_id,
            "report_id": report_id,
            "referral_id": referral,
            "evidence_id": uuid4(),
            "referral": referral,
            "message": message,
            "surge": self._surge(),
            "conversation": self._conversation(),
            # Of no hour: nothing is in the reserve.
            "group": uuid4(),
            "mandate": self._mandate(),
            "shift": self._shift(),
            "basis": "L-2222-2222-2",
            **self._bundle(report_id),
            **self._blind(),
        }

    def _referred(self) -> tuple[UUID, UUID]:
        """A report that the Centre referred to the authority, and the referral there."""
        lead = self.cast.actor(self.centre, "analyst", "lead")
        sent = report(geography=[{"country": self.authority.country, "derived_from": "ip"}])
        sender = directory.acting_for(
            directory.entry(self.cast.pixelpost.organisation_id), "key:test", "Edge", frozenset({"reports.submit"})
        )
        submit.receive(sender, directory.entry(self.centre.organisation_id), str(sent.report_id), sent.to_bytes())
        assess.assess(lead, sent.report_id, "forward", "", seen=0)
        number = refer.refer(lead, sent.report_id)
        for message in outbox_status.states(self.centre, sent.report_id):
            if message.kind == "referral":
                with httpx.Client(transport=httpx.WSGITransport(app=get_wsgi_application())) as client:
                    assert delivery.deliver_now(self.centre.organisation_id, message.id, client) is None
        return sent.report_id, self._referral(number)

    def _blind(self) -> dict[str, object]:
        """An identifier of the authority, another that has it, and one that asks."""
        person = self.cast.actor(self.authority, "investigator")
        query.take_part(person, wanted=True)
        held = query.hold(person, "email", "somebody@mail.example", "AZ 1")
        with acting(person):
            mine = {"organisation_id": person.organisation_id, "identifier_id": held}
            hit = Hit.objects.create(**mine, relay_id=uuid4(), sealed=wrap(b"x" * 32, query.SEALED_HIT), tag="00" * 16)
            wanted = ContactWanted.objects.create(**mine, request_id=uuid4(), authority="Kriminalamt")
        return {"identifier": held, "hit": hit.pk, "wanted": wanted.pk}

    def _bundle(self, report_id: UUID) -> dict[str, object]:
        with acting(self.centre):
            row = Report.objects.get(report_id=report_id)
            move = BundleMove.objects.create(
                organisation_id=self.centre.organisation_id,
                kind="merged",
                source_id=row.bundle_id,
                target_id=row.bundle_id,
                items=[],
                reports=[],
                by="test",
                by_name="x",
            )
        return {"bundle": row.bundle_id, "move": move.pk}

    def _mandate(self) -> UUID:
        """A part of the Centre's mandate that waits for a second person."""
        day = clock.now().date()
        given = mandate_records.MandateInput("mandate", "A document", day, day + timedelta(days=9))
        return mandate_records.add(self.cast.actor(self.centre, "administrator"), given)

    def _shift(self) -> UUID:
        """A shift of a lead of the Centre, which begins in a year: nobody is on call in other tests."""
        lead, now = self.cast.actor(self.centre, "lead"), clock.now()
        given = roster.ShiftInput(
            lead.reference, [0], time_of_day(9), time_of_day(17), "UTC", now.date() + timedelta(days=360)
        )
        return roster.add_shift(lead, given, now)

    def _conversation(self) -> UUID:
        """A message of an anonymous person to the Centre."""
        centre = directory.entry(self.centre.organisation_id)
        kind = ConversationKind("matrix", "Matrix", "Matrix", lambda: centre)
        given = ticket.issue("matrix.write")
        with clock.simulate(clock.now() + ticket.MATURE):
            number = conversations.open_conversation(kind, given, "", "A message", "en").number
        lead = self.cast.actor(self.centre, "lead")
        return next(row.id for row in inbox.list_conversations(lead, "waiting")[0] if row.number == number)

    def _surge(self) -> UUID:
        with acting(self.centre):
            row = Surge.objects.create(
                organisation_id=self.centre.organisation_id,
                dimension="kind",
                value=secrets.token_hex(6),
                label="x",
                day=clock.now().date(),
                seen=99,
                usual=9.0,
            )
        return UUID(str(row.pk))

    def _referral(self, number: str) -> UUID:
        rows, _more = authority_desk.inbox(self.cast.actor(self.authority, "investigator"))
        return next(row.referral_id for row in rows if row.number == number)


def answer(client: Client, verb: str, address: str) -> HttpResponse:
    """What a browser gets for a verb with nothing in it, and without what the last page had left to say."""
    client.cookies.pop("messages", None)
    found: HttpResponse = client.generic(verb, address)
    return found


def both(houses: Houses, client: Client, verb: str, route: Route) -> tuple[HttpResponse, HttpResponse]:
    """The answers about what exists and about what does not; one and the same where an address names nothing."""
    found = answer(client, verb, route.at(houses.ids))
    return found, answer(client, verb, route.at(houses.missing())) if route.wanted else found
