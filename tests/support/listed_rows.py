"""Rows that a page of a desk lists, as a reader counts them."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

MOST_PAGES = 60


class Rows(HTMLParser):
    """What a page lists: rows of its work lists, or of the part that an address points to; and the next page.

    A part is the list after the heading with that id, or the elements marked `data-row` in what names it; an element
    with `data-count` states its number.
    """

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part, self.here, self.inside, self.found = part, not part, False, 0
        self.next, self._link = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self.part and given.get("id") == self.part:
            self.here = True
            self.found += int(given.get("data-count") or 0)
        elif self.part and self.here and tag == "h2":
            self.here = False
        self.inside = self.inside or (tag == "tbody" and "data-queue" in given)
        if self.here and ("data-row" in given or (tag == "tr" and self.inside)) and self._counts(tag, given):
            self.found += 1
        if tag == "a":
            self._link = given.get("href") or ""

    def _counts(self, tag: str, given: dict[str, str | None]) -> bool:
        return bool(self.part) or "data-row" not in given or tag in ("li", "section")

    def handle_endtag(self, tag: str) -> None:
        if tag == "tbody":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if data.strip() == "Next page":
            self.next = self._link


def rows_behind(read: Callable[[str], str], address: str) -> int:
    """The rows of a list, over all of its pages, each as `read` returns it."""
    found, part = 0, urlsplit(address).fragment
    for _page in range(MOST_PAGES):
        page = read(address)
        if "/events/" in address and "?" not in address:
            return 1  # the address of one event
        rows = Rows(part)
        rows.feed(page)
        found += rows.found
        if not rows.next:
            return found
        address = urljoin(address, rows.next)
    raise AssertionError(address)
