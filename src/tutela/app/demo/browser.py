"""HTTP client that acts as a visitor's browser in the running demonstration."""

from __future__ import annotations

import html
import re
import time
from dataclasses import dataclass
from functools import cache
from urllib.parse import urljoin

import httpx

from tutela.app.demo import cast
from tutela.casework.anonymous import proof_of_work

PENDING = re.compile(
    r'<form method="post" action="(?P<action>[^"]+)">\s*<input type="hidden" name="csrfmiddlewaretoken"[^>]*>\s*'
    r'<input type="hidden" name="pending" value="(?P<pending>[^"]+)">'
)
# An act with consequences shows what it will change; its page has a token with which the form is sent again.
CONFIRMED = re.compile(r'name="confirmed" value="([^"]+)"')
WORK = re.compile(r'data-work="(\w+)" data-bits="(\d+)"')
CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class DoesNotHold(Exception):
    """A step of the walk failed."""


class Visitor:
    """One signed-in person with a session of their own."""

    def __init__(self, address: str, email: str) -> None:
        self.address, self.email = address, email
        self.name = next(p.name for p in cast.PEOPLE if p.email == email)
        self._http = httpx.Client(base_url=address, follow_redirects=True, timeout=30)
        self._sign_in()

    def _sign_in(self) -> None:
        page = self.get("/account/login/")
        page = self._send("/account/login/", {"login": self.email, "password": cast.PASSWORD}, page)
        tried = ""
        for _ in range(100):
            if "/account/2fa/authenticate/" not in str(page.url):
                break
            # A code works once, also for another session, and refusals are limited. The next code comes within half a
            # minute.
            code = cast.code_of(self.email)
            if code == tried:
                time.sleep(1)
                continue
            tried = code
            page = self._send("/account/2fa/authenticate/", {"code": code}, page)
        if page.url.path == "/desk/purpose/":
            page = self._send("/desk/purpose/", {"purpose": _usual(page.text)}, page)
        if not str(page.url).endswith("/desk/"):
            raise DoesNotHold(f"{self.name} could not sign in (at {page.url})")

    def get(self, path: str, *, expect: int = 200) -> httpx.Response:
        answer = self._http.get(path)
        if answer.status_code != expect:
            raise DoesNotHold(f"{path} answered {answer.status_code} to {self.name}, not {expect}")
        return answer

    def submit(self, page_path: str, action: str, data: dict[str, str]) -> httpx.Response:
        """Open a page, take its form's token, send the form. Raises where the answer shows an error."""
        answer = self._send(action, data, self.get(page_path))
        if answer.status_code != 200 or (shown := errors(answer.text)):
            raise DoesNotHold(
                f"{action} was refused for {self.name}: {shown if answer.status_code == 200 else answer.status_code}"
            )
        return answer

    def decide(self, case: str, action: str, data: dict[str, str]) -> httpx.Response:
        """Submit a decision on a case's page, and do not wait for the time in which it can be undone."""
        answer = self.submit(case, action, data)
        page = self.get(case)
        waits = PENDING.search(page.text)
        if waits is None:
            return answer
        return self._send(waits["action"], {"pending": waits["pending"], "step": "send_now"}, page)

    def _send(self, action: str, data: dict[str, str], page: httpx.Response) -> httpx.Response:
        found = CSRF.search(page.text)
        token = found.group(1) if found else ""
        answer = self._http.post(
            action, data={"csrfmiddlewaretoken": token, **data}, headers={"Referer": urljoin(self.address, action)}
        )
        preview = CONFIRMED.search(answer.text)
        if preview is None or "confirmed" in data:
            return answer
        return self._send(action, {**data, "confirmed": preview.group(1)}, answer)


@cache
def signed_in(address: str, email: str) -> Visitor:
    """A person's only session of this run: a second one would wait until the next code is valid."""
    return Visitor(address, email)


@dataclass(frozen=True)
class Sent:
    """What the person of a new conversation is shown once."""

    number: str
    passphrase: str


class AnonymousMessage:
    """Somebody without an account, at a public page of the demonstration."""

    def __init__(self, address: str) -> None:
        self._http = httpx.Client(base_url=address, follow_redirects=True, timeout=60)

    def link(self, page: str, text: str) -> str:
        """The address behind the link with a text."""
        found = re.search(rf'<a href="([^"]+)">{re.escape(text)}', self._http.get(page).text)
        if found is None:
            raise DoesNotHold(f"the page {page} has no link to {text}")
        return found[1]

    def send(self, path: str, text: str) -> Sent:
        """Write a first message; returns the case number and the passphrase that the person is shown."""
        page = self._http.get(path)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page.text)
        nonce = WORK.search(page.text)
        if ticket is None or nonce is None:
            raise DoesNotHold(f"the page {path} answered {page.status_code} without a form")
        form = {"ticket": ticket[1], "proof": proof_of_work.solve(nonce[1], int(nonce[2])), "text": text}
        answer = self._http.post(path, data=form)
        number = re.search(r'id="number">([^<]+)<', answer.text)
        passphrase = re.search(r'id="passphrase"[^>]*>([^<]+)<', answer.text)
        if number is None or passphrase is None:
            raise DoesNotHold(f"the message was answered {answer.status_code} without a case number")
        return Sent(number[1], passphrase[1])

    def prove(self, path: str, case: Sent, code: str) -> str:
        """Type an account code on the page of a case; returns the page."""
        page = self.read(path, case.number, case.passphrase)
        fields = {name: re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("reader", "ticket")}
        nonce = WORK.search(page)
        if None in fields.values() or nonce is None:
            raise DoesNotHold(f"the page {path} has no form for a code")
        form = {name: found[1] for name, found in fields.items() if found}
        form |= {"proof": proof_of_work.solve(nonce[1], int(nonce[2])), "code": code}
        return self._http.post(f"{path}account/", data=form).text

    def send_json(self, page: str, to: str, said: dict[str, object]) -> dict[str, str]:
        """Send a public form of a page as JSON, as its script does; returns the answer."""
        shown = self._http.get(page).text
        ticket = re.search(r'name="ticket" value="([^"]+)"', shown)
        nonce = WORK.search(shown)
        if ticket is None or nonce is None:
            raise DoesNotHold(f"the page {page} has no form")
        answer = self._http.post(
            to, json={"ticket": ticket[1], "proof": proof_of_work.solve(nonce[1], int(nonce[2])), **said}
        )
        if answer.status_code != 200:
            raise DoesNotHold(f"{to} answered {answer.status_code}")
        return dict(answer.json())

    def read(self, path: str, number: str, passphrase: str) -> str:
        """The page of a case, entered with its number and passphrase."""
        page = self._http.get(path).text
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        nonce = WORK.search(page)
        if ticket is None or nonce is None:
            raise DoesNotHold(f"the page {path} has no form")
        form = {
            "ticket": ticket[1],
            "proof": proof_of_work.solve(nonce[1], int(nonce[2])),
            "number": number,
            "passphrase": passphrase,
        }
        return self._http.post(path, data=form).text


def _usual(text: str) -> str:
    found = re.search(r'name="purpose" value="(\w+)"[^>]* checked', text)
    return found.group(1) if found else ""


def errors(text: str) -> str:
    """The error messages that a page shows."""
    found = re.findall(r'class="message error"[^>]*>([^<]+)<', text) + re.findall(
        r'class="errorlist[^"]*"[^>]*><li>([^<]+)<', text
    )
    return html.unescape("; ".join(found))


def must(holds: bool, otherwise: str) -> None:
    """Raise `DoesNotHold` unless something holds."""
    if not holds:
        raise DoesNotHold(otherwise)
