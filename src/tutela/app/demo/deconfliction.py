"""Deconfliction in the demonstration: two authorities learn that both hold the same account.

No other organisation learns which account they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tutela.app.demo.organisations import actor
from tutela.events.actor import Actor
from tutela.investigations.deconfliction import contacts, page_data, query

SHARED = "Pixelpost Albums/account-shared"
OWN = {"katrin": ("email", "account-7@mail.example"), "luc": ("digest", "5f" * 32)}


def play(people: Mapping[str, Actor], deliver: Callable[..., None]) -> None:
    """Play a deconfliction: Katrin and Luc enter identifiers, Katrin queries and asks for contact.

    Luc has not decided.
    """
    katrin, luc = people["katrin"], people["luc"]
    for name in OWN:
        query.take_part(people[name], wanted=True)
        query.hold(people[name], "account", SHARED, f"AZ {name[0].upper()}-7/26")
        query.hold(people[name], *OWN[name], f"AZ {name[0].upper()}-9/26")
        deliver(people[name])
    query.ask(katrin)
    for _ in range(2):
        deliver(katrin, actor("centre"), luc)
    for one in page_data.page_data(katrin).identifiers:
        for hit in one.hits:
            contacts.ask_contact(katrin, hit.pk, "Is your case of this month?")
    for _ in range(2):
        deliver(katrin, actor("centre"), luc)
