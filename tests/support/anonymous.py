"""An anonymous person at a public page, with a browser that solves the proof of work or one without a script."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tutela import clock
from tutela.casework.anonymous import proof_of_work

ADDRESS, BROWSER = "203.0.113.77", "TraceableBrowser/9.1"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
_WORK = re.compile(r'data-work="(\w+)" data-bits="(\d+)"')


@dataclass
class Visitor:
    """A visitor; `script` says whether their browser runs one, `kind` which page it is."""

    script: bool = True
    language: str = "en"
    kind: str = "message"
    address: str = ADDRESS

    def __post_init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.waited = timedelta(0)

    def get(self, place: str = "") -> Any:
        """A page below the public address."""
        return self.client.get(f"/{self.language}/{self.kind}/{place}", **self.headers)

    @property
    def headers(self) -> Any:
        """What a browser tells without being asked."""
        return {
            "REMOTE_ADDR": self.address,
            "HTTP_USER_AGENT": BROWSER,
            "HTTP_X_FORWARDED_FOR": ADDRESS,
            "HTTP_ACCEPT_LANGUAGE": "de",
            "HTTP_REFERER": "https://trace.example/",
        }

    def form(self, shown: HttpResponse, **typed: str) -> dict[str, str]:
        """A form of a page as it is sent."""
        page = shown.content.decode()
        hidden = dict(_HIDDEN.findall(page))
        if self.script:
            ((nonce, bits),) = _WORK.findall(page)
            hidden["proof"] = proof_of_work.solve(nonce, int(bits))
        return {**hidden, **typed}

    def post(self, place: str, form: dict[str, str]) -> Any:
        """Send a form; without a script once its ticket is old enough, and look at the page that is shown once."""
        if not self.script:
            self.waited += timedelta(seconds=21)
        with clock.simulate(clock.now() + self.waited):
            answer = self.client.post(f"/{self.language}/{self.kind}/{place}", form, **self.headers)
            return self.client.get(answer["Location"], **self.headers) if answer.status_code == 303 else answer

    def writes(self, text: str) -> Any:
        """Leave a message."""
        return self.post("", self.form(self.get(), text=text))

    def enters(self, number: str, passphrase: str) -> Any:
        """Ask for the messages of a case."""
        return self.post("answers/", self.form(self.get("answers/"), number=number, passphrase=passphrase))

    def adds(self, shown: HttpResponse, text: str) -> Any:
        """Write again on the page of a case."""
        return self.post("answers/add/", self.form(shown, text=text))


def told(shown: HttpResponse) -> tuple[str, str]:
    """The case number and the passphrase of a page that shows them."""
    page = shown.content.decode()
    number = re.search(r'id="number">([^<]+)<', page)
    words = re.search(r'id="passphrase"[^>]*>([^<]+)<', page)
    assert number, page
    assert words, page
    return number[1], words[1]
