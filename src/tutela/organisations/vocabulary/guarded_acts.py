"""Actions that an organisation may guard with a security key or two people.

One table is read by rules, pages and queue.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ActKind:
    """Kind of action: label, required permission, and whether it may require two people.

    `certifies`: one person suffices, but under the two-person rule only people do it, one action at a time. `always`:
    it takes two people without a rule too, and an approver who has a security key uses it.
    """

    label: Promise
    permission: str
    two: bool = False
    certifies: bool = False
    always: bool = False


KINDS: dict[str, ActKind] = {
    "propose": ActKind(_("Propose and certify an indicator"), "indicators.propose", certifies=True),
    "certify": ActKind(_("Certify an indicator"), "indicators.certify", certifies=True),
    "certify_many": ActKind(_("Certify several indicators"), "indicators.certify", two=True),
    "revoke": ActKind(_("Revoke an indicator"), "indicators.revoke", two=True),
    "decide": ActKind(_("Decide a dispute about an indicator"), "indicators.revoke", two=True),
    "held": ActKind(_("Decide unusual proposals in quarantine"), "alerts.answer"),
    "rounds": ActKind(
        _("Start new certification rounds for indicators without valid certifications"), "indicators.revoke"
    ),
    "grant": ActKind(_("Give a grant"), "grants.manage", two=True),
    "grant_end": ActKind(_("End a grant"), "grants.manage"),
    "pass_on": ActKind(_("Redistribute a partner list"), "sources.manage", two=True),
    "pass_on_end": ActKind(_("Stop redistributing a partner list"), "sources.manage"),
    "address": ActKind(_("Change the API address"), "organisation.manage", two=True, always=True),
    "rule_on": ActKind(_("Require more for actions on the register"), "organisation.manage"),
    "rule_off": ActKind(_("Require less for actions on the register"), "organisation.manage", two=True),
}
# Labels of an action's parameters other than indicators and reason.
CHOSEN: dict[str, Promise] = {
    "address": _("API address"),
    "basis": _("Basis"),
    "class": _("Class"),
    "count": _("Entries"),
    "decision": _("Decision"),
    "degree": _("Permitted use"),
    "given": _("Details given, as a keyed digest"),
    "law": _("Law of %(country)s"),
    "legal_basis": _("Legal basis"),
    "list": _("List"),
    "norm": _("Norm of %(country)s"),
    "per_day": _("Digests per day"),
    "purpose": _("Purpose"),
    "rule": _("Rule"),
    "series": _("Series"),
    "since": _("From"),
    "source": _("Source"),
    "type": _("Type"),
    "until": _("Until"),
}
# And what it was told, where that is a word of ours.
VALUES: dict[str, Promise] = {
    "dismissed": _("dismissed: the indicator is right"),
    "illegal": _("illegal"),
    "key": _("a security key"),
    "lawful": _("lawful"),
    "refused": _("refused: the indicators are revoked"),
    "released": _("released"),
    "two": _("two people"),
    "upheld": _("upheld: the indicator is revoked"),
}
