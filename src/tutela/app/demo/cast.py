"""Organisations and people of the demonstration, with their passwords and second factors.

The passwords and second factors are known only in this module.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.utils.translation import gettext_lazy as _

PASSWORD = "a calm sentence about lighthouses"


@dataclass(frozen=True)
class Organisation:
    """An organisation of the cast."""

    code: str
    name: str
    kind: str
    country: str


@dataclass(frozen=True)
class CastMember:
    """A person of the cast: who they are and what to look at with their eyes."""

    email: str
    name: str
    organisation: str
    roles: tuple[str, ...]
    look_at: object


ORGANISATIONS = (
    Organisation("centre", "European Centre", "centre", "NL"),
    Organisation("pixelpost", "Pixelpost", "provider", "IE"),
    Organisation("chatterbox", "Chatterbox", "provider", "FR"),
    Organisation("hotline-ie", "Hotline Ireland", "hotline", "IE"),
    Organisation("hotline-de", "Hotline Deutschland", "hotline", "DE"),
    Organisation("police-de", "Landeskriminalamt", "authority", "DE"),
    Organisation("police-fr", "Office central", "authority", "FR"),
    Organisation("police-ie", "National Bureau", "authority", "IE"),
    Organisation("europol", "Europol", "europol", "NL"),
    Organisation("audit", "Court of Auditors", "auditor", "LU"),
    Organisation("support", "Victim Support", "victim_support", "NL"),
)
PEOPLE = (
    CastMember(
        "tom@pixelpost.example",
        "Tom Reilly",
        "pixelpost",
        ("reviewer",),
        _("Review candidates: metadata first, then decide"),
    ),
    CastMember(
        "sofia@pixelpost.example",
        "Sofia Lind",
        "pixelpost",
        ("reviewer",),
        _("Review as the second reviewer, and decide complaints"),
    ),
    CastMember(
        "priya@pixelpost.example",
        "Priya Nair",
        "pixelpost",
        ("administrator", "lead"),
        _("Open drafts, reports, settings and keys"),
    ),
    CastMember(
        "hugo@chatterbox.example",
        "Hugo Blanc",
        "chatterbox",
        ("administrator", "lead"),
        _("See a provider without a legal basis"),
    ),
    CastMember(
        "aoife@hotline-ie.example", "Aoife Byrne", "hotline-ie", ("administrator", "analyst"), _("Propose an item")
    ),
    CastMember(
        "jan@hotline-de.example",
        "Jan Becker",
        "hotline-de",
        ("administrator", "analyst"),
        _("Certify the item from another country"),
    ),
    CastMember("maya@hotline-de.example", "Maya Roth", "hotline-de", ("analyst",), _("Assess a sample again, blind")),
    CastMember(
        "marek@centre.example",
        "Marek Novak",
        "centre",
        ("analyst",),
        _("Open the queue: urgent reports first, with reasons"),
    ),
    CastMember(
        "lena@centre.example",
        "Lena Vos",
        "centre",
        ("administrator", "lead"),
        _("Revoke, undo, grant, verify organisations"),
    ),
    CastMember(
        "katrin@police-de.example",
        "Katrin Vogel",
        "police-de",
        ("administrator", "investigator"),
        _("Open the inbox, read a package, send an outcome"),
    ),
    CastMember(
        "luc@police-fr.example",
        "Luc Martin",
        "police-fr",
        ("administrator", "investigator"),
        _("Open another country's inbox"),
    ),
    CastMember(
        "eva@europol.example",
        "Eva Horvat",
        "europol",
        ("administrator", "investigator"),
        _("Open referrals for which no country was found"),
    ),
    CastMember(
        "nora@audit.example",
        "Nora Claes",
        "audit",
        ("administrator", "auditor"),
        _("Search every event and verify the chain"),
    ),
    CastMember(
        "ines@support.example",
        "Ines Duarte",
        "support",
        ("administrator", "analyst"),
        _("Open a removal request, and send its fingerprints to hosts"),
    ),
)
TOUR = (
    (
        _("Two organisations make a list"),
        _(
            "Aoife proposes an item by its hashes. Jan, in another country, certifies it. Only "
            "then is it active, and a signed release is published."
        ),
        "/desk/indicators/",
    ),
    (
        _("A provider scans"),
        _(
            "Pixelpost's Edge holds the release and compares user uploads with it. A match is a "
            "candidate, never a verdict."
        ),
        "/desk/candidates/",
    ),
    (
        _("A person confirms"),
        _(
            "Tom sees metadata first. An exact copy of a certified item is confirmed unopened. "
            "Everything else counts against his daily limit."
        ),
        "/desk/candidates/",
    ),
    (
        _("A report is filed"),
        _(
            "Priya completes the draft. The page names the missing fields. The Centre returns a "
            "signed receipt after it has stored the report."
        ),
        "/desk/drafts/",
    ),
    (
        _("The Centre assesses and refers"),
        _(
            "Marek sees urgent reports first, with reasons. Each item appears once, however often "
            "it was reported. Each country is shown with its rule."
        ),
        "/desk/reports/",
    ),
    (
        _("An authority answers"),
        _(
            "Katrin acknowledges the referral, takes it up and closes it. Only the information "
            "that she releases reaches Pixelpost."
        ),
        "/desk/inbox/",
    ),
    (
        _("Only the authority opens a file"),
        _(
            "A provider seals a file to the authority's key. The Centre carries the file but "
            "cannot open it. Katrin fetches the file and opens it where the key is."
        ),
        "/desk/inbox/",
    ),
    (
        _("A mistake is undone"),
        _(
            "Lena revokes an indicator. Within seconds, no connected Edge matches it any more. "
            "Everybody who received it is notified."
        ),
        "/desk/indicators/",
    ),
    (
        _("An address is taken down"),
        _(
            "Somebody reports an address without a name. Aoife assesses it, tells the police and sends "
            "the host a notice. Rechecks verify that it is gone."
        ),
        "/desk/takedown/",
    ),
    (
        _("A wrong flag is reversed"),
        _(
            "Somebody complains without an account. Sofia decides, who did not decide before. Provider, Centre, Edges, "
            "hotlines and authority each correct the mistake and confirm it."
        ),
        "/desk/complaints/",
    ),
    (
        _("A drill shows who is late"),
        _(
            "The operator runs “tutela drill run”. A test entry goes to every connected Edge and is reversed at every "
            "recipient. Lena sees the times."
        ),
        "/desk/drills/",
    ),
    (
        _("A person asks for removal"),
        _(
            "The picture stays on the person's own device, which makes its fingerprint. Ines sends it to hosts that "
            "accepted the scheme. Tom opens what matches and decides. The person reads the progress by case number."
        ),
        "/desk/removals/",
    ),
    (
        _("Nobody falls between agencies"),
        _(
            "Ines hands a need over by a code and an opaque reference. An agency accepts or refuses it, and an alert "
            "repeats until somebody does. Names are in a vault that only hardware keys open."
        ),
        "/desk/support/",
    ),
    (
        _("A child finds help"),
        _(
            "No sign-in. The first page asks whether somebody is in danger and shows the numbers to call. "
            "Each page has one question, in 26 languages. A button leaves at once."
        ),
        "/help/",
    ),
    (
        _("Practice learns what works"),
        _(
            "No sign-in. Harm and no effect come first, by a published rule. Marek and Lena judge each study. The network "
            "shows its outputs with interests and dissent. Pages for worried people ask nothing."
        ),
        "/prevention/",
    ),
    (
        _("A seized phone is sorted offline"),
        _(
            "Katrin needs no node: “tutela demo device” writes an invented phone. “tutela triage” finds what lists have, "
            "and orders what nobody has seen. Her viewer shows one picture at a time, when she asks for it."
        ),
        "/docs/triage/",
    ),
    (
        _("Figures that can be computed again"),
        _(
            "No sign-in. Dashboards state definition, method and what is not known. Datasets have versions to cite. "
            "Nora computes a published release again from the events."
        ),
        "/figures/",
    ),
    (
        _("Anyone can check"),
        _("Nora searches every event and verifies that none was edited, deleted or reordered."),
        "/desk/events/",
    ),
)


@dataclass(frozen=True)
class Login:
    """A login as the tour shows it, with the second factor's present code."""

    name: str
    email: str
    organisation: str
    roles: str
    look_at: object
    code: str


def secret_of(email: str) -> str:
    """The TOTP secret of a person of the cast."""
    return base64.b32encode(hashlib.sha256(b"demonstration:" + email.encode()).digest()[:20]).decode()


def code_of(email: str) -> str:
    """The six digits that an authenticator would show now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret_of(email), counter)))


def logins() -> list[Login]:
    names = {o.code: o.name for o in ORGANISATIONS}
    return [
        Login(p.name, p.email, names[p.organisation], ", ".join(p.roles), p.look_at, code_of(p.email)) for p in PEOPLE
    ]
