"""Coverage of figures: which states and which contributors a figure counts, and how completely."""

from __future__ import annotations

from dataclasses import dataclass

# Member States by ISO 3166-1. Eurostat and the template of Regulation (EU) 2024/2835 write EL for Greece, the DSA
# Transparency Database GR.
_CODES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
STATES = tuple(_CODES.split(" "))
WORLD = "world"
EUROPEAN_UNION = "EU"
_OTHER_CODES = {"EL": "GR"}
_THREE_LETTERS = (
    "AUT BEL BGR CYP CZE DEU DNK EST ESP FIN FRA GRC HRV HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SWE SVN SVK"
)
_ALPHA_3 = dict(zip(_THREE_LETTERS.split(" "), STATES, strict=True))


def state_of(code: str) -> str | None:
    """The Member State of a code of two or three letters, also of EL; None if it is none."""
    text = code.strip().upper()
    text = _OTHER_CODES.get(text, _ALPHA_3.get(text, text))
    return text if text in STATES else None


@dataclass(frozen=True)
class Coverage:
    """States and contributors that a figure counts. Empty sets mean that they are not stated.

    `areas` may name `world` or `EU`. `share` is the covered part of what exists, 0 to 1; None if it is not known.
    """

    areas: frozenset[str] = frozenset()
    contributors: frozenset[str] = frozenset()
    share: float | None = None

    @property
    def states(self) -> frozenset[str]:
        """Member States that are covered."""
        if WORLD in self.areas or EUROPEAN_UNION in self.areas:
            return frozenset(STATES)
        return self.areas & frozenset(STATES)

    @property
    def is_stated(self) -> bool:
        """Return true if states or contributors are named."""
        return bool(self.areas or self.contributors)

    def overlaps(self, other: Coverage) -> bool:
        """Return true unless both name states, or both name contributors, and have none in common."""
        if self.contributors and other.contributors and not self.contributors & other.contributors:
            return False
        if not self.areas or not other.areas:
            return True
        return bool(_expanded(self.areas) & _expanded(other.areas)) or WORLD in self.areas | other.areas

    def within(self, other: Coverage) -> bool:
        """Return true if everything that this covers is covered by the other."""
        areas = WORLD in other.areas or (bool(other.areas) and _expanded(self.areas) <= _expanded(other.areas))
        return areas and (
            not other.contributors or (bool(self.contributors) and self.contributors <= other.contributors)
        )

    def joined(self, other: Coverage) -> Coverage:
        """Everything that either covers."""
        share = self.share if self.share == other.share else None
        return Coverage(self.areas | other.areas, self.contributors | other.contributors, share)


def _expanded(areas: frozenset[str]) -> frozenset[str]:
    return areas | frozenset(STATES) if EUROPEAN_UNION in areas else areas
