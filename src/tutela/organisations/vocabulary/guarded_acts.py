"""Acts that an organisation may guard with a security key or two people: one table, read by rules, pages and queue."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class ActKind:
    """An act in words, the permission it takes, and whether it is one that may take two people.

    `certifies`: by itself it takes one person, but where two are asked for no machine does it, one after the other.
    """

    label: Promise
    permission: str
    two: bool = False
    certifies: bool = False


KINDS: dict[str, ActKind] = {
    "propose": ActKind(_("Propose an entry, and stand behind it"), "indicators.propose", certifies=True),
    "certify": ActKind(_("Certify an entry"), "indicators.certify", certifies=True),
    "certify_many": ActKind(_("Certify several entries"), "indicators.certify", two=True),
    "revoke": ActKind(_("Revoke an entry"), "indicators.revoke", two=True),
    "decide": ActKind(_("Decide what is in doubt about an entry"), "indicators.revoke", two=True),
    "held": ActKind(_("Decide what is held as unusual"), "alarms.answer"),
    "rounds": ActKind(_("Begin new rounds for what had lost its certifiers"), "indicators.revoke"),
    "grant": ActKind(_("Give a grant"), "grants.manage", two=True),
    "grant_end": ActKind(_("End a grant"), "grants.manage"),
    "pass_on": ActKind(_("Pass a list of another on"), "sources.manage", two=True),
    "pass_on_end": ActKind(_("Pass a list of another on no more"), "sources.manage"),
    "address": ActKind(_("Change the API address"), "organisation.manage", two=True),
    "rule_on": ActKind(_("Ask more of acts on the register"), "organisation.manage"),
    "rule_off": ActKind(_("Ask less of acts on the register"), "organisation.manage", two=True),
}
# What an act was told beside entries and reason, in words.
CHOSEN: dict[str, Promise] = {
    "address": _("API address"),
    "basis": _("Basis"),
    "class": _("Class"),
    "count": _("Entries"),
    "decision": _("Decision"),
    "degree": _("Degree"),
    "given": _("What is given, as a keyed digest"),
    "law": _("Law of"),
    "legal_basis": _("Legal basis"),
    "list": _("List"),
    "norm": _("Norm of"),
    "per_day": _("Digests a day"),
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
    "dismissed": _("dismissed: it is right"),
    "illegal": _("illegal"),
    "key": _("a security key"),
    "lawful": _("lawful"),
    "refused": _("refused: it is revoked"),
    "released": _("released"),
    "two": _("two people"),
    "upheld": _("upheld: it is revoked"),
}
