"""Perform register actions approved by a second person: each is described again and must match."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.exchange.register.approval import Act
from tutela.indicators.access import grants
from tutela.indicators.partner_lists import grants as partner_lists_grants
from tutela.indicators.register import bulk_actions, dispute, revoke
from tutela.organisations.approvals import second_person
from tutela.organisations.approvals.approve import ApprovalInput

_DAY = timedelta(days=1)


def connect() -> None:
    """Subscribe each of them. Called once."""
    second_person.on_agreed("certify_many", _certify)
    second_person.on_agreed("revoke", _revoke)
    second_person.on_agreed("decide", _decide)
    second_person.on_agreed("grant", _grant)
    second_person.on_agreed("pass_on", _pass_on)


def _certify(actor: Actor, act: Act, way: ApprovalInput) -> str:
    rows = bulk_actions.do(actor, "certify", [one.id for one in act.subjects], way=way, digests=None)
    left = [f"{one.number}: {one.said}" for one in rows if not one.done]
    done = _("%(done)s of %(all)s certified.") % {"done": len(rows) - len(left), "all": len(rows)}
    return " ".join([done, *left])


def _revoke(actor: Actor, act: Act, way: ApprovalInput) -> str:
    revoke.revoke(actor, act.subjects[0].id, act.reason, way)
    return _("Revoked. Every connected Edge stops matching it within seconds.")


def _decide(actor: Actor, act: Act, way: ApprovalInput) -> str:
    upheld = act.chosen["decision"] == "upheld"
    dispute.decide(actor, act.subjects[0].id, upheld=upheld, reason=act.reason, way=way)
    return _("Decision recorded.")


def _grant(actor: Actor, act: Act, way: ApprovalInput) -> str:
    """From the day that was asked for, or now, to the end of the last one."""
    said = act.chosen
    grants.give(
        actor,
        act.subjects[0].id,
        list_id=said["list"],
        purpose=said["purpose"],
        legal_basis=said["legal_basis"],
        degree=said["degree"],
        per_day=int(said.get("per_day", 0)),
        way=way,
        valid_from=_day(said["since"]) if "since" in said else None,
        valid_to=_last(said["until"]),
    )
    return _("Grant created.")


def _pass_on(actor: Actor, act: Act, way: ApprovalInput) -> str:
    """A list of another: from now to the end of the last day."""
    passed, grantee = act.subjects
    until = _last(act.chosen["until"])
    partner_lists_grants.give(
        actor, passed.id, grantee.id, legal_basis=act.chosen["legal_basis"], valid_to=until, way=way
    )
    return _("Grant created. A signed version of the list is being prepared.")


def _last(text: str) -> datetime:
    """The end of a last day."""
    return _day(text) + _DAY - timedelta(seconds=1)


def _day(text: str) -> datetime:
    return datetime.combine(datetime.fromisoformat(text), time(), UTC)
