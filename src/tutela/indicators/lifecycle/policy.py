"""Register policy on this node: the version in force, the announced version, and how a change binds.

Without a policy, every item permitted by any schema and law known here is permitted, with two organisations in two
jurisdictions. This is a declared state, shown on the policy's page. The first policy binds at once. A change binds
after thirty days in which the public log has held its announcement, under its witnesses. `note_notice` records their
start; `Version.binds` and the database's `indicators_policy_in_force` count from it. Edges and auditors pin the digest
of the first policy: all later ones are signed by the organisations it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, get_args
from uuid import UUID

import structlog
from django.db import connection
from pydantic import ValidationError

from tutela import clock
from tutela.accountability.public_log import log, publish
from tutela.events.actor import Actor
from tutela.events.record import record, timeline
from tutela.events.sql import run_statements
from tutela.events.transaction import acting
from tutela.exchange.errors import ExchangeError
from tutela.exchange.register.policy import NEEDED, NOTICE, SIGNERS, Certifier, RegisterPolicy, SignedPolicy, flaw
from tutela.indicators.lifecycle.errors import PolicyRefused
from tutela.indicators.lifecycle.state_machine import Rules
from tutela.matching.files.drill_entries import CATEGORY
from tutela.organisations.people import directory
from tutela.organisations.people.bootstrap import machine
from tutela.tlog import policy_check as log_rules

# Without a policy; with one, its own number.
PROPOSALS_PER_HOUR = 1000
_ALL = (
    "SELECT p.document, p.sha256, p.made_at, p.binds_from, n.since FROM indicators_policyversion p"
    " LEFT JOIN indicators_policynotice n ON n.version = p.version ORDER BY p.version"
)


_log = structlog.get_logger("tutela.indicators")
type _Kept = tuple[tuple[Version, ...], tuple[str, ...]]


@dataclass(frozen=True)
class Version:
    """Policy as signed, with its required signers that signed, the time of its announcement and the intended binding
    time.

    `since`: start of the notice period, once the public log contains the announcement; None before this was checked.
    """

    signed: SignedPolicy
    sha256: str
    announced: datetime
    binds_from: datetime
    since: datetime | None
    signed_by: tuple[str, ...]

    @property
    def old(self) -> bool:
        """Whether this is a first policy, from before all of its signers had to sign."""
        return self.policy.version == 1 and len(self.signed_by) < SIGNERS

    @property
    def binds(self) -> datetime | None:
        """Binding time of the policy; None while the policy is not in the log.

        At least thirty days after logging, and not before the date that a late log entry states. The first policy binds
        at once.
        """
        if self.policy.version == 1:
            return self.binds_from
        return max(self.binds_from, self.since + NOTICE) if self.since else None

    @property
    def policy(self) -> RegisterPolicy:
        """Policy content."""
        return self.signed.policy


def versions() -> list[Version]:
    """All that hold, newest first. One that does not is passed over, on the node's log, and named by `broken`."""
    return list(_kept()[0])


def broken() -> str:
    """Return stored policies that are invalid, for the node's operator; empty if all are valid.

    Only the database's owner can remove an invalid policy. Until then no change follows.
    """
    return "; ".join(_kept()[1])


def _kept() -> _Kept:
    # Every act asks for them, most acts more than once.
    return _read(tuple(run_statements([(_ALL, [])])[0]))


@lru_cache(maxsize=4)
def _read(rows: tuple[tuple[str, str, datetime, datetime, datetime | None], ...]) -> _Kept:
    """Read the valid policies and skip invalid ones.

    An unsigned policy therefore blocks no action and permits nothing.
    """
    found, bad, before = list[Version](), list[str](), None
    for place, (document, sha256, made_at, binds_from, since) in enumerate(rows, 1):
        try:
            signed = SignedPolicy.from_bytes(document.encode())
            wrong = flaw(signed, before, first=NEEDED)
        except (ExchangeError, ValidationError):
            wrong = "the policy cannot be read"
        if wrong:
            _log.error("policy.broken", place=place, reason=wrong)
            bad.append(f"policy {place} in the database: {wrong}")
            continue
        by = tuple(signed.signers_of(before or signed.policy))
        before = signed.policy
        found.append(Version(signed, sha256, made_at, binds_from, since, by))
    return tuple(reversed(found)), tuple(bad)


def in_force(now: datetime | None = None) -> Version | None:
    """The policy that binds now."""
    moment = now or clock.now()
    return next((one for one in versions() if one.binds and one.binds <= moment), None)


def pending(now: datetime | None = None) -> list[Version]:
    """Return the announced policies that do not bind yet, newest first."""
    moment = now or clock.now()
    return [one for one in versions() if not one.binds or one.binds > moment]


def note_notice() -> None:
    """Start the notice of policies now in the public log. For the publisher; safe to repeat."""
    centre, waiting = directory.the_centre(), [one.policy.version for one in versions() if one.since is None]
    if centre is None or not waiting or not log.witnessed():
        return
    with acting(machine(centre.id, "policy")), connection.cursor() as cursor:
        for version in waiting:
            told = next((one for event in timeline("policy", version) if (one := _told(event.id))), None)
            if told is not None:
                # Verifiers of the log use the binding date that a late announcement has there.
                cursor.execute("SELECT indicators_note_notice(%s, %s)", [version, told.binds])


def _told(event_id: UUID) -> log_rules.PolicyStatement | None:
    """Return a policy's log entry for an event; None for a bare commitment."""
    found = log.entry_of(event_id)
    return log_rules.said(found.index, found.data) if found else None


def pin() -> str:
    """The digest of the first policy, for Edges and auditors; empty without one."""
    kept = versions()
    return kept[-1].sha256 if kept else ""


def files() -> list[tuple[str, bytes]]:
    """Every version with its signatures, by its path below the log's address."""
    return [(f"register-policy/{one.policy.version}", one.signed.to_bytes()) for one in reversed(versions())]


def entry(version: int) -> log.LogEntry | None:
    """The public log's entry of a version; None while there is none."""
    centre = directory.the_centre()
    if centre is None:
        return None
    with acting(machine(centre.id, "policy")):
        events = timeline("policy", version)
        return log.entry_of(events[0].id) if events else None


def rules(now: datetime | None = None) -> Rules:
    """The policy's part in the life of an indicator."""
    found = in_force(now)
    if found is None:
        return Rules()
    said = found.policy
    return Rules(said.organisations, said.jurisdictions, said.doubters, said.reporters, frozenset(said.categories))


def names_test_entries() -> bool:
    """Whether the policy in force names the category of test entries. Without a policy nothing names it."""
    found = in_force()
    return found is not None and CATEGORY in found.policy.categories


def certifiers() -> frozenset[str]:
    """The kinds of organisation that may propose and certify."""
    found = in_force()
    return frozenset(found.policy.certifiers if found else get_args(Certifier.__value__))


def proposals_per_hour() -> int:
    """The number of proposals that one organisation may make in an hour before it is held."""
    found = in_force()
    return found.policy.proposals_per_hour if found else PROPOSALS_PER_HOUR


def _values(signed: SignedPolicy) -> list[Any]:
    said = signed.policy
    counts = [said.organisations, said.jurisdictions, said.binds_from]
    return [signed.to_bytes().decode(), said.fingerprint(), list(said.categories), *counts]


def announce(actor: Actor, signed: SignedPolicy) -> Version:
    """Take a policy in: signed by three of four, the first by all, the next number, with notice.

    Raises `PolicyRefused`.
    """
    actor.require("policy.announce")
    before = next(iter(versions()), None)
    if wrong := flaw(signed, before.policy if before else None):
        raise PolicyRefused("{reason}.", reason=wrong)
    said, now = signed.policy, clock.now()
    if before is not None and said.binds_from < now + NOTICE:
        raise PolicyRefused(
            "The policy would be in force from {date}. A change needs 30 days of notice.",
            date=f"{said.binds_from:%Y-%m-%d}",
        )
    with acting(actor), connection.cursor() as cursor:
        cursor.execute(
            "SELECT indicators_add_policy(%s, %s, %s, %s, %s, %s)",
            _values(signed),
        )
        record(
            actor,
            "policy.announced",
            "policy",
            str(said.version),
            version=said.version,
            policy=said.fingerprint(),
            binds_from=said.binds_from.isoformat(),
            categories=list(said.categories),
            signed=len(signed.signers_of(before.policy if before else said)),
        )
        publish.enqueue_publication()
    return versions()[0]
