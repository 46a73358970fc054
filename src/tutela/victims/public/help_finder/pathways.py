"""What the help finder knows of each country, as the pages of prevention show it."""

from __future__ import annotations

from tutela import clock
from tutela.casework.public_languages import catalogue, names
from tutela.prevention.signposts.pathway import CountryContact, CountryDuty, CountryPath
from tutela.victims.public.help_finder import services


def paths() -> list[CountryPath]:
    """Services and duties of every country, by its English name. Numbers of the whole Union are left out."""
    today = clock.now().date()
    rows = [one for one in services.pack() if one.country != services.UNION]
    found = []
    for code, name in names.countries(catalogue.SOURCE):
        contacts = tuple(
            CountryContact(one.name, one.phone, one.link, one.source, one.confirmed, one.stale(today))
            for one in rows
            if one.country == code
        )
        known = services.duty(code)
        found.append(CountryPath(code, name, contacts, CountryDuty(known.who, known.source, known.confirmed)))
    return found
