"""What a page has chosen before anybody does, in forms that give or end a right."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.urls import Resolver404, resolve

# Pages whose act gives or ends a right, and the fields that say whose or which.
RIGHTS = {
    "invite",
    "person",
    "key_new",
    "grant_new",
    "partner_grant_new",
    "import_allowances",
    "organisation_entry",
    "removal_mandate",
    "takedown_partner_new",
}
FIELDS = {"action", "roles", "scopes", "grantee", "organisation", "status", "kind", "may_add", "may_pause"}


def preselected(markup: str, path: str) -> list[str]:
    """Fields of such forms that are chosen already, on the page of an address."""
    reader = _Reader(path)
    reader.feed(markup)
    return reader.found


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._path, self._concerned, self._select, self._options = path, False, "", list[tuple[str, bool]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "form":
            self._concerned = _name(values.get("action") or self._path) in RIGHTS
        elif tag == "select" and self._concerned and values.get("name") in FIELDS:
            self._select, self._options = values["name"] or "", []
        elif tag == "option" and self._select:
            self._options.append((values.get("value") or "", "selected" in values))
        elif tag == "input" and self._concerned and values.get("name") in FIELDS and "checked" in values:
            self.found.append(f"{values['name']}={values.get('value')}")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            chosen = next((value for value, selected in self._options if selected), None)
            first = self._options[0][0] if self._options else ""
            if chosen or (chosen is None and first):
                self.found.append(f"{self._select}={chosen or first}")
            self._select = ""
        elif tag == "form":
            self._concerned = False


def _name(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""
