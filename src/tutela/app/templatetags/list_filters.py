"""Chips of the active filters of a list, read from its rendered form: the label, and the value or the chosen option."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import QueryDict


@dataclass(frozen=True)
class Chip:
    """An active filter: its label and its value as text, and the address without it."""

    label: str
    value: str
    without: str


@dataclass
class Field:
    """A field of a form. `options`: value and text; the first is what a list shows unasked."""

    name: str
    type: str
    label: str = ""
    options: list[tuple[str, str]] = field(default_factory=list)


class _Fields(HTMLParser):
    """The fields of a form in their order, by id or by the label around them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[Field] = []
        self._by_id: dict[str, Field] = {}
        self._labels: dict[str, str] = {}
        self._label: str | None = None
        self._text = ""
        self._around: Field | None = None
        self._option: tuple[str, bool] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "label":
            self._label, self._text, self._around = given.get("for", ""), "", None
        elif tag in ("input", "select") and given.get("name") and given.get("type") != "hidden":
            made = Field(given["name"], given.get("type", tag))
            self.fields.append(made)
            self._by_id[given.get("id", "")] = made
            self._around = made if self._label is not None else None
        elif tag == "option":
            self._option, self._text = (given.get("value", ""), "value" in given), ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        text = " ".join(self._text.split()).rstrip(":")
        if tag == "label" and self._label is not None:
            self._labels[self._label] = text
            if self._around is not None and not self._label:
                self._around.label = text
            self._label = None
        elif tag == "option" and self._option is not None:
            value, stated = self._option
            self.fields[-1].options.append((value if stated else text, text))
            self._option = None

    def close(self) -> None:
        super().close()
        for name, one in self._by_id.items():
            one.label = one.label or self._labels.get(name, "")


def _read(form: str) -> list[Field]:
    found = _Fields()
    found.feed(form)
    found.close()
    return found.fields


def names_of(form: str) -> set[str]:
    """The names of the fields of a rendered form."""
    return {one.name for one in _read(form)}


def chips_of(form: str, asked: QueryDict) -> list[Chip]:
    """A chip for each field of a rendered form that the address fills, and that changes what is shown."""
    return [chip for one in _read(form) if (chip := _chip(one, asked)) is not None]


def _chip(one: Field, asked: QueryDict) -> Chip | None:
    value = asked.get(one.name, "").strip()
    if not value or (one.options and value == one.options[0][0]):
        return None
    text = dict(one.options).get(value, value if not one.options else "")
    if one.options and not text:
        return None  # the form knows no such choice
    query = asked.copy()
    for name in (one.name, "page", "format"):
        query.pop(name, None)
    return Chip(one.label, "" if one.type == "checkbox" else text, query.urlencode())
