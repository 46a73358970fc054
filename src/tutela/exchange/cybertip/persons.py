"""Read the people of a submission, and write elements as lines of text.

Items are merged, people are not. Each associated account is a separate person with its relation. Nothing about the
account is attributed to its owner.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from datetime import datetime
from typing import Any

from lxml import etree

from tutela.exchange.message import timestamps
from tutela.exchange.message.text_cleanup import typed
from tutela.exchange.report.age_and_gender import age_group
from tutela.exchange.report.fields import Relation

LINE, TEXT, URL = 300, 10_000, 4096
_MOST = 50
_CUT = " … (cut; the document as it came is kept)"
ASSOCIATED = "associatedAccount"
# The format's own words for how an account belongs to another.
RELATIONS = {
    "Billing": Relation.BILLING,
    "Linked": Relation.LINKED,
    "Business": Relation.BUSINESS,
    "Creator": Relation.CREATOR,
    "Parent/Guardian": Relation.GUARDIAN,
    "Other": Relation.ASSOCIATED,
}
# Our own documents mark further reported users with this text, because the format has one place for a reported user.
NAMED = "Named in the same report."
# End of a postal address line whose country is not stated.
NO_COUNTRY = "no country said"
# What has a field of its own in the canonical form.
_TAKEN = frozenset({"email", "phone", "screenName", "displayName", "espIdentifier", "profileUrl", "profileBio"})
# Attributes whose content the canonical field already has.
_SAID = frozenset({"countryCallingCode", "extension"})


def said(element: etree._Element, path: str) -> str:
    """The text of the first element at a path, cleaned; empty where there is none."""
    return typed(element.findtext(path) or "")


def cut(text: str, most: int) -> str:
    """The text, or as much of it as fits, and a note that more is kept."""
    clean = typed(text)
    return clean if len(clean) <= most else clean[: most - len(_CUT)] + _CUT


def lines(element: etree._Element | None, *, leave: Set[str] = frozenset()) -> Iterator[str]:
    """Everything below an element as `path: text` with its attributes, in its order, without what is left out."""
    if element is None:
        return
    for child in element:
        name = str(child.tag)
        if name in leave:
            continue
        yield from _line(child, name)
        yield from (f"{name}/{line}" for line in lines(child, leave=leave))


def rest_of(element: etree._Element | None) -> list[str]:
    """All lines of an element."""
    return list(lines(element))


def people(elements: Iterable[etree._Element], inner: str, at: datetime) -> Iterator[dict[str, Any]]:
    """Users or victims in canonical form, each followed by the accounts that belong to it.

    `at` is the day to which stated ages refer.
    """
    for element in elements:
        held = element.find(inner)
        if found := _person(element, element if held is None else held, inner, at):
            yield found
        yield from (_associated(one, at) for one in element.findall(ASSOCIATED))


def country(code: str) -> str | None:
    """A code that may be a country's; None for the format's signs for proxies and for none."""
    return code if re.fullmatch("[A-Z]{2}", code) else None


def ended(address: str, last: str) -> str:
    """Address line with its country at the end, or with a note that no country is stated."""
    end = f", {last}" if last else f" ({NO_COUNTRY})"
    return address if address.endswith(end) else f"{address}{end}"


def _line(element: etree._Element, name: str) -> Iterator[str]:
    attributes = ", ".join(f"{key!s} {value!s}" for key, value in sorted(element.items()))
    text = typed(element.text or "") if not len(element) else ""
    shown = f"{text} ({attributes})" if text and attributes else text or attributes
    if shown or not len(element):
        yield f"{name}: {shown}" if shown else name


def _associated(element: etree._Element, at: datetime) -> dict[str, Any]:
    """An associated account; one marked by our own sender becomes a reported user again."""
    relation = RELATIONS[element.get("type") or "Other"]
    first, _, rest = said(element, "additionalInfo").partition("\n")
    found = _person(element, element, "", at) or {"other": "no more is said of it"}
    if relation is not Relation.ASSOCIATED or first != NAMED:
        return {"relation": relation.value, **found}
    other = found["other"].replace(f"additionalInfo: {first}", f"additionalInfo: {rest}" if rest else "", 1)
    whole = {**found, "other": other.strip() or None}
    return whole if any(whole.values()) else {**whole, "other": NAMED}


def _person(element: etree._Element, held: etree._Element, inner: str, at: datetime) -> dict[str, Any] | None:
    """A person; None if nothing is stated. `held` has e-mails, phones, addresses and an age."""
    addresses = held.findall("address")
    devices = [f"{said(d, 'idType')} {said(d, 'idValue')}" for d in element.findall("deviceId")]
    logins = [
        came
        for event in element.findall("ipCaptureEvent")
        if said(event, "eventName") == "Login" and (came := timestamps.read(said(event, "dateTime")))
    ]
    lists = {
        "usernames": [*_texts(element, "screenName"), *_texts(element, "displayName")],
        "emails": _texts(held, "email"),
        "phones": [_phone(one) for one in held.findall("phone")],
        "identifiers": [*_texts(element, "espIdentifier"), *devices],
    }
    urls, bio = _texts(element, "profileUrl"), said(element, "profileBio")
    more = [*_beyond(lists), *(f"profileUrl: {url}" for url in urls[_MOST:])]
    more += [f"profileBio: {bio}"] if len(bio) > TEXT else []
    value = {
        **{name: _some(texts) for name, texts in lists.items()},
        "mailing_address": cut("\n".join(_address(one) for one in addresses), TEXT) or None,
        "postal_countries": list(dict.fromkeys(c for one in addresses if (c := country(said(one, "country")))))[:_MOST],
        "account_country": _estimated(element) if inner == "victimPerson" else None,
        "profile": cut(bio, TEXT) or None,
        "profile_urls": [url[:URL] for url in urls][:_MOST],
        "last_login": max(logins, default=None),
        "age_group": _age(held, at),
        "other": cut("\n".join([*_rest(element, inner), *more]), TEXT) or None,
    }
    given = {name: one for name, one in value.items() if one}
    return given or None


def _estimated(element: etree._Element) -> str | None:
    """Country of a child's account: the provider's estimate, with the weight of a country set in the account.

    City, time and verification are in the text. A reported user's estimate is the report's `geography`.
    """
    return country(said(element, "estimatedLocation/countryCode"))


def _age(held: etree._Element, at: datetime) -> str | None:
    """Age group of a person; the age itself is in the text."""
    years = said(held, "age") or said(held, "approximateAge")
    group = age_group(at, said(held, "dateOfBirth"), years)
    return group.value if group else None


def _rest(element: etree._Element, inner: str) -> Iterator[str]:
    """Contents without a field, and attributes that a field cannot hold, with their elements."""
    for child in element:
        name = str(child.tag)
        if name == inner:
            yield from (f"{name}/{line}" for line in _rest(child, ""))
        elif name in _TAKEN:
            yield from _line(child, name) if set(child.keys()) - _SAID else ()
        elif name != ASSOCIATED:
            yield from _line(child, name)
            yield from (f"{name}/{line}" for line in lines(child))


def _texts(element: etree._Element, name: str) -> list[str]:
    return [text for one in element.findall(name) if (text := typed(one.text or ""))]


def _some(texts: list[str]) -> list[str]:
    return [text[:LINE] for text in dict.fromkeys(texts) if text.strip()][:_MOST]


def _beyond(lists: dict[str, list[str]]) -> Iterator[str]:
    """Values that do not fit a field, in full."""
    for name, texts in lists.items():
        fit = set(_some(texts))
        yield from (f"{name}: {text}" for text in dict.fromkeys(texts) if text.strip() and text not in fit)


def _phone(element: etree._Element) -> str:
    number, code = typed(element.text or ""), element.get("countryCallingCode") or ""
    extension = element.get("extension")
    return " ".join(filter(None, (code, number, f"ext. {extension}" if extension else "")))


def _address(element: etree._Element) -> str:
    """Address in one line, with its country last. Without a country, no state's code is in its place."""
    names = ("address", "zipCode", "city", "state", "nonUsaState")
    text, last = ", ".join(filter(None, (said(element, name) for name in names))), said(element, "country")
    return ended(text, last) if text else last
