"""Whether a sender may name what its reversal names. Call inside `acting(actor)`, of the recipient.

1. A provider names its own reports at the Centre. An entry counts only if a report that is named with it rests on it
   (`entry_of`). Otherwise one provider's decision would touch an entry that never matched there.
2. A Centre names its packages at an authority, and an entry at a hotline that proposed or certified it.
3. A hotline names its notice to us, and a provider our notice to it.
4. A Centre names a test entry alone, at everybody (`drills`).
5. Whoever names more than that names something that is not its own. The whole reversal is then refused.
"""

from __future__ import annotations

from uuid import UUID

from tutela.events.actor import Actor
from tutela.exchange.redress.reversal import Reversal as Wire
from tutela.indicators.register import sources
from tutela.matching.files.drill_entries import is_test
from tutela.organisations.vocabulary.roles_and_permissions import AUTHORITIES
from tutela.reports.referrals import report_recipients
from tutela.takedown.host_desk import measure_facts
from tutela.takedown.notices import sent_notices


def by(actor: Actor, sender: Actor, message: Wire) -> bool:
    """Rules 1 to 5."""
    kind, names = actor.organisation_kind, _names(message)
    if message.indicator is not None and is_test(message.indicator):
        return sender.organisation_kind == "centre" and kind != "centre" and names == {"entry"}
    if kind == "centre":
        return sender.organisation_kind == "provider" and names <= {"report", "entry"} and _reports(sender, message)
    if kind in AUTHORITIES:
        # As a withdrawal, a reversal may overtake the package.
        return sender.organisation_kind == "centre" and names == {"report"}
    if kind == "hotline":
        own = names == {"notice"} and sent_notices.sent_to(message.notice or "", sender.organisation_id)
        return own or (sender.organisation_kind == "centre" and names == {"entry"} and _source(actor, message))
    if kind == "provider":
        known = measure_facts.by_reference(sender.organisation_id, message.notice or "")
        return names == {"notice"} and known is not None
    return False


def entry_of(actor: Actor, message: Wire) -> UUID | None:
    """The entry that a reversal names and that is taken over; at the Centre by rule 1."""
    if message.indicator is None or actor.organisation_kind != "centre":
        return message.indicator
    found = report_recipients.recipients_of(message.report_ids)
    return message.indicator if any(message.indicator in one.entries for one in found) else None


def _names(message: Wire) -> set[str]:
    """What a reversal names."""
    said = {"report": message.report_ids, "entry": message.indicator, "notice": message.notice}
    return {name for name, value in said.items() if value}


def _source(actor: Actor, message: Wire) -> bool:
    """Whether the entry was proposed or certified by this organisation."""
    if message.indicator is None:
        return False
    proposer, others = sources.sources_of(message.indicator)
    return actor.organisation_id in (proposer, *others)


def _reports(sender: Actor, message: Wire) -> bool:
    """Rule 1."""
    found = report_recipients.recipients_of(message.report_ids)
    every = {one.report_id for one in found} == set(message.report_ids)
    return bool(found) and every and all(one.provider_id == sender.organisation_id for one in found)
