"""In the demonstration each number on a start page is the number of rows of the list behind it, for everybody in it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.browser import Demo, everybody, signed_in
from tests.support.listed_rows import rows_behind

TILE = re.compile(r'<a class="card todo" href="([^"]*)"><span class="figure">(\d+)</span>(.*?)</a>', re.DOTALL)


@pytest.mark.slow
def test_every_number_of_everybody_is_that_of_its_list(demo: Demo, chromium: Browser) -> None:
    wrong, counted = [], 0
    for email in everybody():
        browser = signed_in(chromium, demo, email)

        def read(address: str, context: BrowserContext = browser) -> str:
            answer = context.request.get(address)
            assert answer.ok, (address, answer.status)
            return answer.text()

        for address, number, label in TILE.findall(read("/desk/")):
            if int(number) != (found := rows_behind(read, unescape(address))):
                said = " ".join(re.sub("<[^>]*>", "", label).split())
                wrong.append(f"{email}: {said} ({address}): {number}, listed {found}")
            counted += int(number)
        browser.close()
    assert not wrong
    assert counted > 100
