"""Set up the demonstration's authorities: keys for sealed evidence, their private halves, and teams."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from tutela.events.actor import Actor
from tutela.exchange.referral import age_encryption
from tutela.investigations.referral_work import teams
from tutela.organisations.people import encryption_recipients
from tutela.reports.evidence import legal_basis

CODES = ("police-de", "police-fr", "police-ie", "europol")


def identity(code: str) -> Path:
    """File with the secret half of an authority's key in the demonstration."""
    return Path(settings.DATA_DIR) / "demo-identities" / f"{code}.txt"


def prepare(actor: Callable[[str], Actor], lead: Actor, investigator: Actor) -> None:
    """Create a key for each authority, the Centre's legal basis, and the teams of the investigator's authority.

    The secret halves are stored in `demo-identities` of the data folder; a real one never comes to a node.
    """
    identity(CODES[0]).parent.mkdir(mode=0o700, exist_ok=True)
    for code in CODES:
        secret, recipient = age_encryption.new_identity()
        handle = os.open(identity(code), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(f"# recipient: {recipient}\n{secret}\n")
        encryption_recipients.enter(actor(code), recipient)
    legal_basis.note(
        lead,
        act="Only for the demonstration",
        reason="No real file is sent here; a real legal basis names an act and an article",
    )
    top = teams.make(investigator, name="Central unit", level="national")
    for name in ("North", "South"):
        below = teams.make(investigator, name=f"Region {name}", level="regional", parent=top.pk)
        teams.make(investigator, name=f"City office {name}", level="local", parent=below.pk)
