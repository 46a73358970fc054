"""A file is looked for in the register by a digest that the browser computes: not a byte of it is sent."""

from __future__ import annotations

import hashlib
import re
import secrets

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser import Demo, quiet, signed_in

pytestmark = pytest.mark.slow


def test_a_file_is_found_by_its_digest_and_not_sent(demo: Demo, chromium: Browser) -> None:
    body = b"an invented file " + secrets.token_bytes(3000)
    page = signed_in(chromium, demo, "jan@hotline-de.example").new_page()
    said = quiet(page)
    page.goto("/desk/indicators/propose/")
    page.fill("[name=sha256]", hashlib.sha256(body).hexdigest())
    page.fill("[name=reason]", "For the journey")
    page.click("main button")
    page.wait_for_url(re.compile(r"/desk/indicators/[0-9a-f-]{36}/$"))
    address = page.url
    page.goto("/desk/indicators/")
    sent: list[bytes] = []
    page.on("request", lambda one: sent.append((one.post_data_buffer or b"") + one.url.encode()))
    page.set_input_files("#file", {"name": "a.bin", "mimeType": "application/octet-stream", "buffer": body})
    expect(page.locator("#text")).to_have_value(hashlib.sha256(body).hexdigest())
    expect(page.locator("#file")).to_have_value("")
    page.press("#text", "Enter")
    page.wait_for_url(re.compile(r"text="))
    row = page.locator("tbody[data-queue] a").first
    assert address.endswith(str(row.get_attribute("href")))
    assert sent
    assert not any(body[:64] in one or body[-64:] in one for one in sent)
    assert said == []
