"""Switch the rules for guarded actions on and off.

1. An administrator switches a rule and gives a reason.
2. Switching on the key rule requires a key, which proves that the key works. Switching on the rule about two people
   requires at least two active people in the organisation.
3. Switching off a rule requires exactly what the current rules demand. A stolen session alone is not enough, and cannot
   add a second person either: inviting people and granting roles require a fresh sign-in. A person who joined, or got
   the role for an action, while a rule was on waits 3 days.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from tutela.events.actor import Actor
from tutela.events.advisory_locks import lock
from tutela.events.errors import Conflict, Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.register.approval import Act
from tutela.organisations.approvals import approve, rules
from tutela.organisations.approvals.approve import NO_INPUT, ApprovalInput
from tutela.organisations.models import ApprovalRule
from tutela.organisations.people import members

MOST_CHARACTERS = 200


def switch(actor: Actor, rule: str, state: str, reason: str, given: ApprovalInput = NO_INPUT) -> None:
    """Switch a rule on or off.

    Raises `Invalid` naming the field, `Conflict` if it has this setting, `ApprovalError`.
    """
    actor.require("organisation.manage")
    if rule not in rules.RULES or state not in ("on", "off"):
        raise Invalid("Choose a rule to change.", field="rule")
    reason = typed(reason).strip()[:MOST_CHARACTERS]
    if not reason:
        raise Invalid("Enter a reason. The reason is part of the record.", field="reason")
    with acting(actor):
        lock(f"act-rules:{actor.organisation_id}")
        if (rule in rules.standing(actor.organisation_id)) == (state == "on"):
            raise Conflict("The rule already has this setting.")
        if (rule, state) == ("two", "on"):
            _two_people(actor)
        act = Act(name=f"rule_{state}", reason=reason, chosen={"rule": rule})
        approval = approve.approve(actor, act, given, key=(rule, state) == ("key", "on"))
        ApprovalRule.objects.create(
            organisation_id=actor.organisation_id,
            rule=rule,
            state=state,
            reason=reason,
            by=actor.reference,
            by_name=actor.name[:200],
            approval=approval,
        )
        record(actor, "approval_rule.changed", "organisation", actor.organisation_id, rule=rule, state=state)


def agreed(actor: Actor, act: Act, given: ApprovalInput) -> str:
    """Switch a rule off that two people want off."""
    switch(actor, act.chosen["rule"], "off", act.reason, given)
    return _("Rule changed. The change applies from the next action on.")


def _two_people(actor: Actor) -> None:
    if sum(one.active for one in members.members(actor)) < 2:
        raise Invalid("This rule needs two people. Invite a second person first.", field="rule")
