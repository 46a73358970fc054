"""Create the demonstration's organisations, people, keys, grants and services."""

from __future__ import annotations

import json
import os
import secrets
from datetime import timedelta
from pathlib import Path

from allauth.mfa.totp.internal.auth import TOTP
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from tutela import clock
from tutela.app import config
from tutela.app.demo import authorities, cast
from tutela.casework.mandates import records
from tutela.detection.cybertipline import accounts
from tutela.detection.settings import identity, services
from tutela.events.actor import Actor
from tutela.exchange.register.policy import RegisterPolicy, SignedPolicy
from tutela.indicators.access import grants, quotas
from tutela.indicators.lifecycle import policy
from tutela.indicators.release_files import version_files
from tutela.law import acts, classification, recorded_bases
from tutela.matching.files.drill_entries import CATEGORY
from tutela.organisations.keys import signing
from tutela.organisations.messages import addresses, outbox
from tutela.organisations.people import api_keys, directory
from tutela.organisations.people.bootstrap import enrol, found, machine
from tutela.organisations.people.members import actor_by_email

SERVICE = "Pixelpost Albums"
# Ports are derived from the web server's port, so that two demonstrations can run on one machine.
PORT = int(config.load().listen.rpartition(":")[2])
EDGE = os.environ.get("TUTELA_EDGE_LISTEN", "") or f"127.0.0.1:{PORT + 620}"
STORAGE = f"http://127.0.0.1:{PORT + 630}"
SCHEME = Path(acts.__file__).parent / "seed" / "directive-2011-93.json"
REVERSALS, REMOVAL, HAND_OVERS = "reversals:exchange", "removal:exchange", "hand-overs:exchange"
# Who speaks to whom, and what their key may do there.
WIRES = (
    ("pixelpost", "centre", ("reports:submit", REVERSALS)),
    ("centre", "pixelpost", ("feedback:submit", REVERSALS)),
    ("hotline-ie", "pixelpost", ("notices:submit", REVERSALS)),
    ("pixelpost", "hotline-ie", ("notice-answers:submit", REVERSALS)),
    ("centre", "hotline-ie", (REVERSALS,)),
    ("hotline-ie", "centre", (REVERSALS,)),
    ("centre", "hotline-de", (REVERSALS,)),
    ("hotline-de", "centre", (REVERSALS,)),
    ("support", "pixelpost", (REMOVAL,)),
    ("pixelpost", "support", (REMOVAL,)),
    ("support", "chatterbox", (REMOVAL,)),
    ("chatterbox", "support", (REMOVAL,)),
    ("support", "hotline-ie", ("hotline-cases:exchange", HAND_OVERS)),
    ("hotline-ie", "support", ("hotline-cases:exchange", HAND_OVERS)),
    ("support", "police-de", (HAND_OVERS,)),
    ("police-de", "support", (HAND_OVERS,)),
    ("support", "centre", ("matches:ask",)),
    ("hotline-ie", "hotline-de", ("hotline-cases:exchange",)),
    ("hotline-de", "hotline-ie", ("hotline-cases:exchange",)),
    ("centre", "police-de", ("referrals:submit", REVERSALS)),
    ("centre", "police-fr", ("referrals:submit", REVERSALS)),
    ("centre", "police-ie", ("referrals:submit", REVERSALS)),
    ("centre", "europol", ("referrals:submit", REVERSALS)),
    ("police-de", "centre", ("outcomes:submit", "referrals:read", REVERSALS)),
    ("police-fr", "centre", ("outcomes:submit", "referrals:read", REVERSALS)),
    ("police-ie", "centre", ("outcomes:submit", "referrals:read", REVERSALS)),
    ("europol", "centre", ("outcomes:submit", "referrals:read", REVERSALS)),
)


def marker() -> Path:
    """File written once the demonstration's data is complete; its contents start the Edge and the walk."""
    return Path(settings.DATA_DIR) / "demo.json"


def founded() -> bool:
    return directory.the_centre() is not None


def actor(code: str) -> Actor:
    """An organisation of the cast as its own machine."""
    name = next(o.name for o in cast.ORGANISATIONS if o.code == code)
    return machine(directory.named(name).id, "demonstration")


def person(email: str) -> Actor:
    """A person of the cast as they act when signed in."""
    return actor_by_email(email)


def found_everybody() -> None:
    """Organisations, people with their second factors, the law, keys between organisations, a grant, services."""
    # The Centre first: with it the node begins.
    for organisation in sorted(cast.ORGANISATIONS, key=lambda one: one.kind != "centre"):
        found(
            organisation.name,
            organisation.kind,
            organisation.country,
            api_url=settings.PUBLIC_URL,
            reason="Created with the demonstration",
        )
        today = clock.now().date()
        records.seed_demonstration(actor(organisation.code), today - timedelta(days=60), today + timedelta(days=365))
    for member in cast.PEOPLE:
        row = enrol(
            actor(member.organisation),
            email=member.email,
            name=member.name,
            password=cast.PASSWORD,
            roles=list(member.roles),
        )
        TOTP.activate(row, cast.secret_of(member.email))
    acts.seed()
    for one in cast.ORGANISATIONS:
        if one.kind == "provider":
            # Before the month begins that the demonstration plays.
            recorded_bases.record_demonstration(actor(one.code), clock.now() - timedelta(days=60))
    classification.import_scheme(actor("centre"), json.loads(SCHEME.read_text()))
    _policy()
    for sender, recipient, scopes in WIRES:
        _wire(actor(sender), actor(recipient), list(scopes))
    _contacts()
    _provider()
    _victim_support()
    authorities.prepare(actor, person("lena@centre.example"), person("katrin@police-de.example"))


def _policy() -> None:
    """The register's policy, signed by all four, and a change of it by three that does not bind yet."""
    names = ("Data protection authority", "Ombudsperson for children", "Hotline Ireland", "European Centre")
    keys = [Ed25519PrivateKey.generate() for _ in names]
    signers = [
        {"name": name, "key": key.public_key().public_bytes_raw().hex()} for name, key in zip(names, keys, strict=True)
    ]
    said = {
        "version": 1,
        # The second permits test entries of drills.
        "categories": ["eu-2011-93:*", CATEGORY],
        "signers": signers,
        "binds_from": clock.now(),
        "certifiers": ["hotline", "authority", "coordinating_authority", "europol"],
    }
    for change in ({}, {"version": 2, "organisations": 3, "binds_from": clock.now() + timedelta(days=45)}):
        made = SignedPolicy(policy=RegisterPolicy.model_validate(said | change))
        for key in keys[: 3 if change else 4]:
            made = made.signed_by(key)
        policy.announce(actor("centre"), made)
        said["previous"] = made.policy.fingerprint()


def _wire(sender: Actor, recipient: Actor, scopes: list[str]) -> None:
    name = f"to {recipient.organisation_name}"
    _row, text = api_keys.issue_key(sender, sender.organisation_id, name=name, scopes=scopes)
    outbox.set_credential(sender, recipient.organisation_id, text)


def _contacts() -> None:
    for organisation in cast.ORGANISATIONS:
        directory.add_contact(
            actor(organisation.code),
            purpose="Reports and orders",
            email=f"desk@{organisation.code}.example",
            phone="",
            languages=["en", organisation.country.lower()],
        )


def _provider() -> None:
    lead = person("priya@pixelpost.example")
    addresses.change(actor("pixelpost"), api_url=settings.PUBLIC_URL, media_origin=STORAGE)
    link_key = _hosting_service(lead)
    named = identity.NamedProvider(
        contact_point="Trust and safety desk",
        contact="desk@pixelpost.example",
        signatory="Pixelpost desk",
        time_zone="Europe/Dublin",
    )
    identity.change(lead, named)
    # Nobody answers there: the page shows what such a recipient would get of a report.
    account = accounts.AccountInput(
        base="https://tests.clearinghouse.example/ispws",
        username="pixelpost",
        password=secrets.token_urlsafe(12),
        email="desk@pixelpost.example",
        with_files=False,
        grace_minutes=15,
    )
    accounts.set_endpoint(lead, account, production=False)
    hugo = person("hugo@chatterbox.example")
    services.create(
        hugo, "Chatterbox Messages", services.ServiceInput(kind="interpersonal", channel="private", mode="shadow")
    )
    grants.give(
        person("lena@centre.example"),
        lead.organisation_id,
        list_id=version_files.LIST_ID,
        purpose="reporting",
        legal_basis="Regulation (EU) 2022/2065",
        valid_to=clock.now() + timedelta(days=365),
    )
    _edge_settings(lead, link_key)


def _victim_support() -> None:
    """Victim support may ask the Centre whether it knows a file, to choose the fastest way of removal."""
    grants.give(
        person("lena@centre.example"),
        actor("support").organisation_id,
        list_id=quotas.MATCH_ID,
        purpose="victim_support",
        legal_basis="Regulation (EU) 2016/679 Art. 6(1)(e)",
        valid_to=clock.now() + timedelta(days=365),
    )


def _hosting_service(lead: Actor) -> str:
    wanted = services.ServiceInput(
        kind="hosting",
        mode="on",
        review_rule="two_unless_exact",
        media_link=f"{STORAGE}/items/{{item}}",
    )
    service = services.create(lead, SERVICE, wanted)
    return services.make_link_key(lead, service)


def _edge_settings(lead: Actor, link_key: str) -> None:
    admin = actor("pixelpost")
    _row, list_key = api_keys.create_key(admin, name="Edge: lists", scopes=["releases:read"])
    _row, desk_key = api_keys.create_key(admin, name="Edge: candidates", scopes=["candidates:submit"])
    _row, report_key = api_keys.create_key(admin, name="Guided tour: first report", scopes=["reports:submit"])
    centre = actor("centre").organisation_id
    release_key = next(k for k in signing.public_keys(centre, "release") if k.state == "current")
    values = {
        "edge": {
            "TUTELA_EDGE_DATA_DIR": str(Path(settings.DATA_DIR) / "edge"),
            "TUTELA_EDGE_LISTEN": EDGE,
            "TUTELA_EDGE_CENTRE_URL": settings.PUBLIC_URL,
            "TUTELA_EDGE_API_KEY": list_key,
            "TUTELA_EDGE_RELEASE_KEYS": release_key.public.hex(),
            "TUTELA_EDGE_LIST_IDS": version_files.LIST_ID,
            "TUTELA_EDGE_POLL_SECONDS": "1",
            "TUTELA_EDGE_TOKENS": secrets.token_urlsafe(32),
            "TUTELA_EDGE_DETECTION": "on",
            "TUTELA_EDGE_SERVICE": SERVICE,
            "TUTELA_EDGE_CHANNEL": "public",
            "TUTELA_EDGE_DESK_URL": settings.PUBLIC_URL,
            "TUTELA_EDGE_DESK_KEY": desk_key,
            "TUTELA_EDGE_WORKERS": "1",
        },
        "link_key": link_key,
        "report_key": report_key,
        "organisation": str(lead.organisation_id),
    }
    with os.fdopen(os.open(marker(), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        json.dump(values, out)


def report_key() -> str:
    """The provider's API key for a developer's first report; empty in a demonstration made before there was one."""
    return str(json.loads(marker().read_text()).get("report_key", "")) if marker().exists() else ""


def edge_settings() -> dict[str, str]:
    return dict(json.loads(marker().read_text())["edge"])
