"""Jurisdiction rule: choose the Member State from dated evidence; ambiguous cases go to Europol.

The applied rule is shown. The rule follows DSA Art. 18(2) and CSAR Art. 48(3) with 45(2)(c):

1. First the state where each suspect resides or is located (residence, address, account, phone numbers that the
   provider holds).
2. Else the state where the offence takes place (the places of the uploads, the provider's statement).
3. Also the state where each child resides or is located, which can protect the child: alone if nothing else is known,
   otherwise as a further addressee.
4. Within one ground a country counts from `ENOUGH` points on, and decides with twice as many points as any other
   country that counts. Suspects or children who are clearly in different states make several addressees.
5. If a suspect's country is contested, the place of the offence settles it if it is clear and one of those.
6. A suspect outside the Union hides no Member State: if the offence clearly took place in one, that state is addressed
   first, and the suspect's country also.
7. If no addressee is in the Union, and a contested ground names a Member State, Europol comes first, in place of the
   uncertain state. The others are addressed also.
8. Otherwise the case is ambiguous: Europol alone, and the reason is recorded.
9. Without evidence that may decide: Europol. A language or the provider's own seat never decides.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from tutela.casework import geolocation
from tutela.exchange.referral.reason_codes import RuleCode
from tutela.exchange.referral.referral import JurisdictionGround as Ground
from tutela.exchange.report.report import Report
from tutela.organisations.vocabulary.countries import UNION
from tutela.reports.jurisdiction.location_evidence import ENOUGH, LocationEvidence, LookUp, gather

CLEAR = 2
# Who decides where no person does.
BY_RULE = "rule"

ONE = {
    Ground.SUSPECT_RESIDES: RuleCode.ONE_RESIDENCE,
    Ground.PLACE_OF_OFFENCE: RuleCode.ONE_OFFENCE,
    Ground.VICTIM_RESIDES: RuleCode.ONE_VICTIM,
}
STRONGEST = {
    Ground.SUSPECT_RESIDES: RuleCode.STRONGEST_RESIDENCE,
    Ground.PLACE_OF_OFFENCE: RuleCode.STRONGEST_OFFENCE,
    Ground.VICTIM_RESIDES: RuleCode.STRONGEST_VICTIM,
}
SEVERAL = {
    Ground.SUSPECT_RESIDES: RuleCode.SEVERAL_RESIDENCES,
    Ground.PLACE_OF_OFFENCE: RuleCode.SEVERAL_OFFENCES,
    Ground.VICTIM_RESIDES: RuleCode.SEVERAL_VICTIMS,
}


@dataclass(frozen=True)
class Resolution:
    """The addressed countries, ground, rule (a code with values) and all weighed evidence.

    No country means Europol, as does "" among others.
    """

    countries: tuple[str, ...]
    ground: Ground
    rule: RuleCode
    evidence: list[LocationEvidence]
    values: Mapping[str, str] = field(default_factory=dict)
    edition: str = ""

    @property
    def country(self) -> str:
        """The first country addressed, or "" for Europol."""
        return self.countries[0] if self.countries else ""


class Pointer(Protocol):
    """A piece of evidence, as it was gathered or as it is stored. Rows of older nodes have no weight."""

    @property
    def ground(self) -> str: ...
    @property
    def country(self) -> str: ...
    @property
    def weight(self) -> int | None: ...
    @property
    def decides(self) -> bool: ...


def conflicts[P: Pointer](pieces: Iterable[P], addressed: Collection[str]) -> list[P]:
    """The pieces that point elsewhere, and count."""
    return [piece for piece in pieces if piece.decides and piece.country not in addressed]


def alternatives(pieces: Iterable[Pointer]) -> list[tuple[str, str, int]]:
    """The points of each ground and country, most first."""
    points: dict[tuple[str, str], int] = defaultdict(int)
    for piece in pieces:
        if piece.decides and piece.country:
            points[piece.ground, piece.country] += piece.weight or 0
    return sorted(((g, c, n) for (g, c), n in points.items()), key=lambda line: (-line[2], line[0], line[1]))


@dataclass(frozen=True)
class SubjectCountry:
    """Result for one subject: no country, one country, or several contested ones."""

    countries: tuple[str, ...] = ()
    alone: bool = True

    @property
    def clear(self) -> bool:
        return len(self.countries) == 1


def resolve(report: Report, look_up: LookUp | None = None, *, duplicates: Sequence[Report] = ()) -> Resolution:
    """Apply the rule to the evidence of a report and of what repeats it.

    Addresses are placed by `look_up`, or by the best that this node has.
    """
    if look_up is not None:
        return decide(gather(report, look_up, duplicates))
    known = geolocation.known()
    return decide(gather(report, known.find, duplicates), known.edition)


def decide(evidence: Sequence[LocationEvidence], edition: str = "") -> Resolution:
    """Apply the rule to pieces in any order. Pure."""
    pieces = sorted(evidence, key=lambda piece: piece.order)
    suspects = _subjects(pieces, Ground.SUSPECT_RESIDES)
    offence = weigh(p for p in pieces if p.ground is Ground.PLACE_OF_OFFENCE)
    victims = _subjects(pieces, Ground.VICTIM_RESIDES)
    found = _with_europol(_decided(pieces, suspects, offence, victims), _contested([*suspects, offence, *victims]))
    return replace(found, evidence=pieces, edition=edition)


def _decided(
    pieces: list[LocationEvidence],
    suspects: list[SubjectCountry],
    offence: SubjectCountry,
    victims: list[SubjectCountry],
) -> Resolution:
    settled = [_settle(one, offence) for one in suspects]
    clear = {one.countries[0] for one in settled if one.clear}
    if offence.clear and offence.countries[0] in UNION and clear and not clear & set(UNION) and not _contested(settled):
        return _addressed(Ground.PLACE_OF_OFFENCE, RuleCode.ABROAD, [offence], [*victims, *settled])
    for ground, standings in ((Ground.SUSPECT_RESIDES, settled), (Ground.PLACE_OF_OFFENCE, [offence])):
        if contested := _contested(standings):
            return _europol(SEVERAL[ground], contested)
        if any(one.clear for one in standings):
            return _addressed(
                ground, RuleCode.SETTLED if settled != suspects else _one(ground, standings), standings, victims
            )
    if contested := _contested(victims):
        return _europol(SEVERAL[Ground.VICTIM_RESIDES], contested)
    if any(one.clear for one in victims):
        return _addressed(Ground.VICTIM_RESIDES, _one(Ground.VICTIM_RESIDES, victims), victims, [])
    return _europol(RuleCode.TOO_LITTLE if any(p.country for p in pieces) else RuleCode.NOTHING, ())


def _with_europol(found: Resolution, contested: Sequence[str]) -> Resolution:
    """Europol before those addressed, where all of them are outside the Union and a Member State may be concerned."""
    if not found.countries or UNION.keys() & {*found.countries} or not UNION.keys() & {*contested}:
        return found
    values = {"countries": ", ".join(found.countries), "contested": ", ".join(contested)}
    return Resolution(("", *found.countries), Ground.EUROPOL_FALLBACK, RuleCode.UNCERTAIN, [], values)


def weigh(pieces: Iterable[LocationEvidence]) -> SubjectCountry:
    """Weigh all pieces of one subject and ground together."""
    points: dict[str, int] = defaultdict(int)
    for piece in pieces:
        if piece.decides and piece.country:
            points[piece.country] += piece.weight
    counting = sorted(((n, c) for c, n in points.items() if n >= ENOUGH), key=lambda line: (-line[0], line[1]))
    if not counting:
        return SubjectCountry()
    if len(counting) == 1 or counting[0][0] >= CLEAR * counting[1][0]:
        return SubjectCountry((counting[0][1],), alone=len(points) == 1)
    return SubjectCountry(tuple(sorted(country for _, country in counting)))


def _subjects(pieces: Sequence[LocationEvidence], ground: Ground) -> list[SubjectCountry]:
    names = sorted({piece.subject for piece in pieces if piece.ground is ground})
    return [weigh(p for p in pieces if p.ground is ground and p.subject == name) for name in names]


def _settle(one: SubjectCountry, offence: SubjectCountry) -> SubjectCountry:
    return offence if len(one.countries) > 1 and offence.clear and offence.countries[0] in one.countries else one


def _one(ground: Ground, standings: Sequence[SubjectCountry]) -> RuleCode:
    return ONE[ground] if all(one.alone for one in standings if one.clear) else STRONGEST[ground]


def _contested(standings: Iterable[SubjectCountry]) -> list[str]:
    return sorted({country for one in standings if len(one.countries) > 1 for country in one.countries})


def _europol(rule: RuleCode, countries: Sequence[str]) -> Resolution:
    return Resolution((), Ground.EUROPOL_FALLBACK, rule, [], {"countries": ", ".join(countries)} if countries else {})


def _addressed(
    ground: Ground, rule: RuleCode, standings: Iterable[SubjectCountry], victims: Iterable[SubjectCountry]
) -> Resolution:
    """Return the countries of a ground, and those of children also."""
    first = sorted({one.countries[0] for one in standings if one.clear})
    countries = (*first, *sorted({one.countries[0] for one in victims if one.clear} - set(first)))
    if len(countries) > 1:
        said = rule if rule is RuleCode.ABROAD else RuleCode.COPIES
        return Resolution(countries, ground, said, [], {"countries": ", ".join(countries)})
    return Resolution(countries, ground, rule, [])
