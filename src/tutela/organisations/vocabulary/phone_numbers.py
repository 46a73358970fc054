"""Country of a phone number, read in the same way by a sender's desk and the Centre."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers


@dataclass(frozen=True, slots=True)
class Numbered:
    """International phone number: its prefix, its region, and whether the whole number can exist.

    The region is empty if several share the prefix and the number does not decide.
    """

    prefix: str
    region: str
    exists: bool


def numbered(phone: str) -> Numbered | None:
    """Parse a number; None if it is not in international format.

    +1 and similar prefixes name a region only if the whole number can exist.
    """
    try:
        number = phonenumbers.parse(phone.strip())
    except phonenumbers.NumberParseException:
        return None
    exists = phonenumbers.is_valid_number(number)
    regions = phonenumbers.region_codes_for_country_code(number.country_code or 0)
    region = phonenumbers.region_code_for_number(number) or "" if exists else ""
    if not region and len(regions) == 1:
        region = regions[0]
    return Numbered(f"+{number.country_code}", region, exists)
