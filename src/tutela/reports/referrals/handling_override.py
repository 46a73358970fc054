"""Handling codes chosen for one report's referrals instead of the policy.

- Codes as strict as the policy, or stricter: the referring person may choose them. Every code of the policy is
  included, and its restriction (H3) word for word.
- Looser codes: a lead alone, with a reason.
- The choice applies to every later copy, also to a returned referral that is forwarded automatically. A policy that
  became stricter later is added to a choice that was not looser; a looser choice is a decision and stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import Forbidden, Invalid
from tutela.events.record import record
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.handling_codes import Handling, HandlingCode
from tutela.organisations.keys import subject_keys
from tutela.reports.models import HandlingChoice, Report
from tutela.reports.referrals import handling_codes
from tutela.reports.report_encryption import SUBJECT

LOOSER = "reports.handling"


class OnlyALead(Forbidden):
    """Only a lead can choose handling codes looser than the policy's."""


@dataclass(frozen=True)
class Chosen:
    """A person's choice: codes in addition to H0, the H3 restriction, and why looser."""

    codes: tuple[str, ...] = ()
    text: str = ""
    reason: str = ""


def standing(row: Report) -> Handling:
    """The handling of the next copy of a report. Call inside `acting(actor)`."""
    policy, choice = handling_codes.standing().handling, newest(row)
    if choice is None:
        return policy
    own = _handling(choice.codes, choice.text)
    return own if choice.looser else _both(own, policy)


def newest(row: Report) -> HandlingChoice | None:
    """The choice that stands, with its words; None where the policy does. Call inside `acting(actor)`."""
    found = HandlingChoice.objects.filter(report=row).order_by("-created_at", "-id").first()
    if found is not None:
        for column in ("text", "reason"):
            subject_keys.open_words(SUBJECT, row.report_id, [found], column)
    return found


def choose(actor: Actor, row: Report, chosen: Chosen) -> Handling:
    """Record other codes than those that stand; nothing is recorded for the same. Returns what holds.

    Raises `Invalid` naming the field, `OnlyALead`. Call inside `acting(actor)`, the report locked.
    """
    wanted = _handling(chosen.codes, typed(chosen.text))
    if wanted == standing(row):
        return wanted
    looser, reason = is_looser(wanted, handling_codes.standing().handling), typed(chosen.reason)[:600]
    if looser and not actor.can(LOOSER):
        raise OnlyALead
    if looser and not reason:
        raise Invalid("Enter a reason for codes looser than the policy's.", field="reason")
    made = HandlingChoice(
        organisation_id=actor.organisation_id,
        report=row,
        codes=[one.value for one in wanted.codes],
        text=wanted.text or "",
        reason=reason,
        looser=looser,
        by=actor.reference,
        by_name=actor.name[:200],
    )
    for column in ("text", "reason"):
        subject_keys.seal_words(actor, SUBJECT, row.report_id, made, column)
    made.save()
    record(actor, "handling.chosen", "report", row.report_id, codes=made.codes, looser=looser)
    return wanted


def is_looser(wanted: Handling, policy: Handling) -> bool:
    """Whether something of the policy is missing: a code, or a part of its restriction."""
    return not set(policy.codes) <= set(wanted.codes) or (policy.text or "") not in (wanted.text or "")


def _both(one: Handling, two: Handling) -> Handling:
    """Every restriction of either."""
    texts = [one.text] if one.text else []
    if two.text and two.text not in (one.text or ""):
        texts.append(two.text)
    return _handling([*one.codes, *two.codes], "\n".join(texts))


def _handling(codes: tuple[str, ...] | list[str] | list[HandlingCode], text: str) -> Handling:
    try:
        return Handling.model_validate({"codes": sorted({"H0", *codes}), "text": text or None})
    except ValidationError:
        raise Invalid(handling_codes.WRONG, field="codes") from None
