"""Handling and evaluation codes of a referral: a dated policy of the Centre, recorded by a lead.

- Handling is the same for every referral without an override (`handling_override`): H0 always, H1 to H3 as decided.
- Evaluation depends on the review: an exact copy of an active indicator, a report confirmed by a person at the
  provider, or a report confirmed by nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _
from pydantic import ValidationError

from tutela.events.actor import Actor
from tutela.events.errors import Invalid
from tutela.events.record import record
from tutela.events.transaction import acting
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.referral.handling_codes import APART, Evaluation, Handling, HandlingCode
from tutela.exchange.report.report import Report as Wire
from tutela.reports.models import HandlingPolicy, Report


@dataclass(frozen=True)
class HandlingRules:
    """Handling rules in force. The evaluations are such as A2, B3, X4."""

    handling: Handling
    certified: Evaluation
    confirmed: Evaluation
    unconfirmed: Evaluation


WRONG = _("Codes must be H0 to H3. H3 needs a written restriction; the other codes must not have one.")
DEFAULT_RULES = HandlingRules(Handling(), Evaluation.of("A2"), Evaluation.of("B3"), Evaluation.of("X4"))
KINDS = ("certified", "confirmed", "unconfirmed")


def standing() -> HandlingRules:
    """The newest recorded policy, or the usual one. Call inside `acting(actor)`."""
    row = HandlingPolicy.objects.order_by("-created_at", "-id").first()
    return _policy(row.codes, row.text, {kind: getattr(row, kind) for kind in KINDS}) if row else DEFAULT_RULES


def evaluation_of(policy: HandlingRules, row: Report, body: Wire) -> Evaluation:
    """The evaluation of one report."""
    if row.certified:
        return policy.certified
    return policy.confirmed if body.confirmation is not None else policy.unconfirmed


def of_copies(own: Handling, addressees: Sequence[str], *, open_list: bool) -> tuple[Handling, tuple[str, ...]]:
    """Return the handling of each copy and the addressees it names: all or, if kept apart, none (H3)."""
    if len(addressees) < 2:
        return own, ()
    if open_list:
        return own, tuple(addressees)
    codes = sorted({*own.codes, HandlingCode.H3})
    text = "\n".join(filter(None, (own.text, APART)))
    return Handling(codes=tuple(codes), text=text), ()


def note(actor: Actor, *, codes: list[str], text: str, **evaluations: str) -> None:
    """Record the policy. Raises `Invalid` naming the field: H4, D1 and A5 are no codes."""
    actor.require("law.edit")
    text = typed(text)
    _policy(codes, text, evaluations)
    with acting(actor):
        row = HandlingPolicy.objects.create(
            organisation_id=actor.organisation_id,
            codes=sorted({"H0", *codes}),
            text=text,
            by=actor.reference,
            by_name=actor.name[:200],
            **evaluations,
        )
        record(actor, "handling.policy", "handling_policy", row.pk, codes=row.codes, **evaluations)


def history(actor: Actor) -> list[HandlingPolicy]:
    """Every recorded policy, newest first."""
    actor.require("reports.read")
    with acting(actor):
        return list(HandlingPolicy.objects.order_by("-created_at", "-id"))


def _policy(codes: list[str], text: str, evaluations: dict[str, str]) -> HandlingRules:
    try:
        handling = Handling.model_validate({"codes": sorted({"H0", *codes}), "text": text or None})
    except ValidationError:
        raise Invalid(WRONG, field="codes") from None
    found = {}
    for kind in KINDS:
        try:
            found[kind] = Evaluation.of(evaluations.get(kind, ""))
        except ValidationError:
            raise Invalid("Enter a letter A, B, C or X and a digit 1 to 4, such as B3.", field=kind) from None
    return HandlingRules(handling, **found)
