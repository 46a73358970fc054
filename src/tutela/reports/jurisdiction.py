"""Which Member State: resolved from dated evidence, by a rule that is shown; ambiguous goes to Europol.

The rule follows DSA Art. 18(2) and CSAR Art. 48(3) with 45(2)(c):
1. where the suspect resides (telephone numbers, addresses that the provider holds);
2. else where the offence takes place (the place of the newest upload);
3. else where the victim resides;
4. within one ground, evidence from several countries is ambiguous: Europol, and the reason is recorded;
5. without any evidence: Europol. The provider's own seat alone never decides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_noop as _

from tutela.exchange.referral import JurisdictionGround
from tutela.exchange.report import Report
from tutela.exchange.report_fields import Person
from tutela.organisations.countries import COUNTRIES

PREFIXES = {
    "+43": "AT", "+32": "BE", "+359": "BG", "+385": "HR", "+357": "CY", "+420": "CZ", "+45": "DK", "+372": "EE",
    "+358": "FI", "+33": "FR", "+49": "DE", "+30": "GR", "+36": "HU", "+353": "IE", "+39": "IT", "+371": "LV",
    "+370": "LT", "+352": "LU", "+356": "MT", "+31": "NL", "+48": "PL", "+351": "PT", "+40": "RO", "+421": "SK",
    "+386": "SI", "+34": "ES", "+46": "SE", "+44": "GB", "+47": "NO", "+41": "CH", "+354": "IS", "+380": "UA",
}  # fmt: skip
GROUNDS = (
    JurisdictionGround.SUSPECT_RESIDES,
    JurisdictionGround.PLACE_OF_OFFENCE,
    JurisdictionGround.VICTIM_RESIDES,
)


# The rule that decided, a whole sentence for each ground: words put together cannot be translated.
ONE = {
    JurisdictionGround.SUSPECT_RESIDES: _("One country alone is named as where the suspect resides."),
    JurisdictionGround.PLACE_OF_OFFENCE: _("One country alone is named as where the offence took place."),
    JurisdictionGround.VICTIM_RESIDES: _("One country alone is named as where the victim resides."),
}
SEVERAL = {
    JurisdictionGround.SUSPECT_RESIDES: _(
        "Several countries are named as where the suspect resides ({countries}): not sufficiently certain."
    ),
    JurisdictionGround.PLACE_OF_OFFENCE: _(
        "Several countries are named as where the offence took place ({countries}): not sufficiently certain."
    ),
    JurisdictionGround.VICTIM_RESIDES: _(
        "Several countries are named as where the victim resides ({countries}): not sufficiently certain."
    ),
}


@dataclass(frozen=True)
class Evidence:
    """One fact that points to a country: its source (a text of the catalogue, with values) and its date if any."""

    ground: JurisdictionGround
    country: str
    source: str
    at: datetime | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resolution:
    """The country, or "" for Europol; the ground; the rule (a text, with values); every fact that was weighed."""

    country: str
    ground: JurisdictionGround
    rule: str
    evidence: list[Evidence]
    values: Mapping[str, str] = field(default_factory=dict)


def resolve(report: Report) -> Resolution:
    """Apply the rule to a report's evidence."""
    evidence = list(evidence_of(report))
    for ground in GROUNDS:
        countries = sorted({e.country for e in evidence if e.ground is ground})
        if len(countries) == 1:
            return Resolution(countries[0], ground, ONE[ground], evidence)
        if len(countries) > 1:
            values = {"countries": ", ".join(countries)}
            return Resolution("", JurisdictionGround.EUROPOL_FALLBACK, SEVERAL[ground], evidence, values)
    return Resolution("", JurisdictionGround.EUROPOL_FALLBACK, _("No evidence points to a Member State."), evidence)


def evidence_of(report: Report) -> Iterator[Evidence]:
    """Every fact of a report that points to a country."""
    for user in report.users:
        yield from _phones(user, JurisdictionGround.SUSPECT_RESIDES)
    for victim in report.victims:
        yield from _phones(victim, JurisdictionGround.VICTIM_RESIDES)
    newest = max((place.at for place in report.locations), default=None)
    for place in report.geography:
        if place.country in COUNTRIES:
            named = place.derived_from
            source = _("geography, from {source}") if named else _("geography, from an unnamed source")
            # Only a place that was read from an address has that address's date.
            at = newest if "ip" in (place.derived_from or "").lower().split() else None
            yield Evidence(
                JurisdictionGround.PLACE_OF_OFFENCE, place.country or "", source, at, {"source": named or ""}
            )


def _phones(person: Person, ground: JurisdictionGround) -> Iterator[Evidence]:
    for phone in (*person.phones, *person.other_phones):
        digits = phone.replace(" ", "").replace("-", "")
        prefix = next((p for p in sorted(PREFIXES, key=len, reverse=True) if digits.startswith(p)), None)
        if prefix:
            yield Evidence(ground, PREFIXES[prefix], _("telephone prefix {prefix}"), values={"prefix": prefix})
