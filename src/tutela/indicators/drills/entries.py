"""Test entries: proposed by one organisation, certified by another, and ended by the Centre.

A test entry has the SHA-256 of nothing: random bytes that no file is known to have. It stands in the list, in its log
and in its certified set like any other entry. Safeguards of proposals are left out, because nobody proposes anything.
"""

from __future__ import annotations

import secrets
from typing import Any
from uuid import UUID

from tutela.events.actor import Actor
from tutela.events.bulk_insert import insert_ignore
from tutela.events.identifiers import NumberTaken, case_number, redrawn
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.indicators.errors import NoTestEntries
from tutela.indicators.hashes.stored_hashes import exclude_imports, new_row
from tutela.indicators.hashes.validation import HashValue
from tutela.indicators.integrity import signing
from tutela.indicators.lifecycle import policy, transitions
from tutela.indicators.lifecycle.state_machine import State
from tutela.indicators.models import Certification, Indicator, MediaType
from tutela.indicators.register import certify, provenance
from tutela.indicators.register.preconditions import locked
from tutela.indicators.register.provenance import NO_PROVENANCE
from tutela.law import classification
from tutela.matching.files.drill_entries import CATEGORY, NAMESPACE, SCHEME, is_test

REASON = "Test entry of a drill. It matches nothing."
PREFIX = "D"
_SCHEME: dict[str, Any] = {
    "code": SCHEME,
    "title": "Test entries",
    "version": "1",
    "source": "Tutela",
    "values": [{"value": NAMESPACE, "label": "Test entry of a drill, which matches nothing"}],
}


def require_policy() -> None:
    """Raise `NoTestEntries` unless the policy in force names test entries."""
    if not policy.names_test_entries():
        raise NoTestEntries(category=CATEGORY)


def prepare(centre: Actor) -> None:
    """Enter the category of test entries, so that pages can name it. Twice changes nothing."""
    classification.import_scheme(centre, _SCHEME)


def propose(actor: Actor, entry_id: UUID) -> None:
    """Propose a test entry. Does nothing if it is there."""
    actor.require("indicators.propose")

    def work() -> None:
        with acting(actor):
            exclude_imports()
            if not Indicator.objects.filter(pk=entry_id).exists():
                _write(actor, entry_id)

    redrawn(work)


def certify_proposed(actor: Actor, entry_id: UUID) -> None:
    """Certify a test entry that another organisation proposed. Does nothing if the actor's has."""
    with acting(actor):
        done = Certification.objects.filter(indicator=entry_id, organisation_id=actor.organisation_id).exists()
    if not done:
        certify.certify(actor, entry_id)


def end(centre: Actor, entry_id: UUID) -> None:
    """Revoke a test entry, if it is there and not revoked. Nobody approves that: it is no entry of anything.

    Call inside `acting(centre)`.
    """
    centre.require("indicators.revoke")
    if is_test(entry_id) and Indicator.objects.filter(pk=entry_id).exists():
        row, before = locked(entry_id)
        if before.state is not State.REVOKED:
            transitions.revoke(centre, row, REASON)


def _write(actor: Actor, entry_id: UUID) -> None:
    row = Indicator(
        id=entry_id,
        organisation_id=actor.organisation_id,
        number=case_number(PREFIX),
        media_type=MediaType.IMAGE,
        classification=CATEGORY,
        series="",
        reason=REASON,
        proposed_by=actor.reference,
    )
    if not insert_ignore(row):
        raise NumberTaken
    new_row(row, HashValue("sha256", secrets.token_hex(32)), signing.drawn()).save(force_insert=True)
    provenance.keep_all(actor, [(row.pk, NO_PROVENANCE)])
    certify.write_certification(actor, row, 1)
    record(actor, "indicator.proposed", "indicator", row.pk, number=row.number, classification=CATEGORY)
