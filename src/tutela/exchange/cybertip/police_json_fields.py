"""Read fields of such a document, whatever their contents."""

from __future__ import annotations

from typing import Any

from tutela.exchange.cybertip.persons import LINE
from tutela.exchange.message.text_cleanup import typed

MOST_VALUES = 50
_NOT_SAID = frozenset({"", "n/a"})


def without_unsaid(value: Any) -> Any:
    """The value without members that count as not stated."""
    if isinstance(value, dict):
        return {str(k): one for k, v in value.items() if (one := without_unsaid(v)) is not None} or None
    if isinstance(value, list):
        return [one for v in value if (one := without_unsaid(v)) is not None] or None
    if isinstance(value, str) and value.strip().lower() in _NOT_SAID:
        return None
    return value


def list_of(part: object, *names: str) -> list[Any]:
    """The list at a path of a part; an empty one where there is none."""
    for name in names:
        part = object_of(part).get(name)
    return part if isinstance(part, list) else []


def object_in(part: dict[str, Any], name: str) -> dict[str, Any]:
    return object_of(part.get(name))


def object_of(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def text_of(part: dict[str, Any], name: str) -> str:
    value = part.get(name)
    return typed(str(value)) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def one_line(text: str) -> str:
    return " ".join(text.split())[:LINE]


def said_texts(texts: list[str]) -> list[str]:
    return [text[:LINE] for text in dict.fromkeys(texts) if text.strip()][:MOST_VALUES]
