"""People of a submission, and elements as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any

from lxml import etree

from tutela.exchange.cybertip.rules import moment
from tutela.exchange.writing import typed

_LINE, _TEXT, _URL, _MOST = 300, 10_000, 4096, 50
# What has a field of its own in the canonical form.
_TAKEN = frozenset(
    {"email", "phone", "screenName", "displayName", "espIdentifier", "profileUrl", "profileBio", "espService"}
)


def said(element: etree._Element, path: str) -> str:
    """The text of the first element at a path, cleaned; empty where there is none."""
    return typed(element.findtext(path) or "")


def lines(element: etree._Element | None, *, leave: Set[str] = frozenset()) -> Iterator[str]:
    """Everything below an element as `path: text` with its attributes, in its order, without what is left out."""
    if element is None:
        return
    for child in element:
        name = str(child.tag)
        if name in leave:
            continue
        attributes = ", ".join(f"{key!s} {value!s}" for key, value in sorted(child.items()))
        text = typed(child.text or "") if not len(child) else ""
        shown = f"{text} ({attributes})" if text and attributes else text or attributes
        if shown or not len(child):
            yield f"{name}: {shown}" if shown else name
        yield from (f"{name}/{line}" for line in lines(child, leave=leave))


def rest_of(element: etree._Element | None) -> list[str]:
    """All lines of an element."""
    return list(lines(element))


def person(element: etree._Element, inner: str) -> dict[str, Any] | None:
    """A user or victim as the canonical form has it; None where nothing is said about anyone."""
    emails, phones = _texts(element, "email"), [_phone(one) for one in element.iter("phone")]
    names = [*_texts(element, "screenName"), *_texts(element, "displayName")]
    devices = [f"{said(d, 'idType')} {said(d, 'idValue')}" for d in element.findall("deviceId")]
    own = said(element, "espIdentifier")
    logins = [
        at for event in element.findall("ipCaptureEvent") if said(event, "eventName") == "Login"
        and (at := moment(said(event, "dateTime")))
    ]  # fmt: skip
    value = {
        "usernames": _some(names), "emails": _some(emails), "phones": _some(phones),
        "mailing_address": "\n".join(_address(a) for a in element.findall(f"{inner}/address"))[:_TEXT] or None,
        "profile": said(element, "profileBio")[:_TEXT] or None,
        "profile_urls": [u[:_URL] for u in _texts(element, "profileUrl")][:_MOST],
        "identifiers": _some([own, *devices]), "last_login": max(logins, default=None),
        "other": "\n".join(lines(element, leave=_TAKEN))[:_TEXT] or None,
    }  # fmt: skip
    given = {name: one for name, one in value.items() if one}
    return given or None


def _texts(element: etree._Element, name: str) -> list[str]:
    return [text for one in element.iter(name) if (text := typed(one.text or ""))]


def _some(texts: list[str]) -> list[str]:
    return [text[:_LINE] for text in dict.fromkeys(texts) if text.strip()][:_MOST]


def _phone(element: etree._Element) -> str:
    number, code = typed(element.text or ""), element.get("countryCallingCode") or ""
    extension = element.get("extension")
    return " ".join(filter(None, (code, number, f"ext. {extension}" if extension else "")))


def _address(element: etree._Element) -> str:
    names = ("address", "zipCode", "city", "state", "nonUsaState", "country")
    return ", ".join(filter(None, (said(element, name) for name in names)))
