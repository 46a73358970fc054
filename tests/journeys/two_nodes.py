"""Runs in namespaces of its own, for `test_two_nodes`: two hotlines, a host on a public address, and three people."""

from __future__ import annotations

import email
import email.policy
import re
import socket
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from playwright.sync_api import Browser, Page, expect

from tests.integration.test_two_hotlines import Hotline, World
from tests.journeys.test_anonymous_message import send
from tests.support.browser import chromium, confirm
from tests.support.drills import until

# An address that a registry gave out; in this namespace it is the host of this file.
PUBLIC, HOST = "193.0.6.139", "pictures.journey-host.net"
ADDRESS = f"http://{HOST}/album/7"
MAIL_PORT = 2525
SESSION = """
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from tutela.organisations.models import Person
person = Person.objects.get(email="analyst@example.org")
TOTP.activate(person, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
browser = Client()
browser.force_login(person)
session = browser.session
session["purpose"] = "indicators"
session.save()
print(json.dumps(browser.cookies["sessionid"].value))
"""


class Site(BaseHTTPRequestHandler):
    """The host: it has the page until it is taken down."""

    there = True

    def do_GET(self) -> None:
        body = b"<h1>Album</h1>" if Site.there else b"gone"
        self.send_response(200 if Site.there else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the name that the server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


class Names(socketserver.BaseRequestHandler):
    """A name server that knows one name."""

    def handle(self) -> None:
        data, sender = self.request
        asked = dns.message.from_wire(data)
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        question = asked.question[0]
        if question.name.to_text().rstrip(".") == HOST:
            if question.rdtype == 1:
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", PUBLIC))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        sender.sendto(answer.to_wire(), self.client_address)


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server that keeps every letter."""

    letters: list[bytes] = []

    def handle(self) -> None:
        self._say("220 mail")
        while line := self.rfile.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                self._say("354 go on")
                letter = b""
                while (piece := self.rfile.readline()) not in (b".\r\n", b""):
                    letter += piece.removeprefix(b".") if piece.startswith(b"..") else piece
                Mailbox.letters.append(letter)
            self._say("221 bye" if word == b"QUIT" else "250 ok")
            if word == b"QUIT":
                return

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def prepare() -> None:
    """The network of this journey: loopback, the host's public address, and a name server for everybody."""
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    with tempfile.NamedTemporaryFile("w", delete=False) as resolver:
        resolver.write("nameserver 127.0.0.1\n")
    Path(resolver.name).chmod(0o644)
    subprocess.run(["mount", "--bind", resolver.name, str(Path("/etc/resolv.conf").resolve())], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "addr", "add", f"{PUBLIC}/32", "dev", "lo"], check=True)
    servers: list[socketserver.BaseServer] = [
        ThreadingHTTPServer((PUBLIC, 80), Site),
        socketserver.ThreadingUDPServer(("127.0.0.1", 53), Names),
        socketserver.ThreadingTCPServer(("127.0.0.1", MAIL_PORT), Mailbox),
    ]
    for one in servers:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    assert socket.gethostbyname(HOST) == PUBLIC


def desk(browser: Browser, hotline: Hotline) -> Page:
    """An analyst's browser at a node."""
    context = browser.new_context(base_url=hotline.node.url, viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": hotline.node.run(SESSION), "url": hotline.node.url}])
    return context.new_page()


def open_case(page: Page, source: str) -> None:
    """Open the one case that came this way, as soon as it is there."""

    def found() -> bool:
        page.goto(f"/desk/takedown/?stage=assess&source={source}")
        return page.locator("tbody[data-queue] a").count() > 0

    until(f"the case is at the desk ({source})", found, 120, pause=0.5)
    page.locator("tbody[data-queue] a").first.click()
    expect(page.locator("main")).to_contain_text(ADDRESS)


def assess(page: Page) -> None:
    main = page.locator("main")
    page.get_by_label("illegal here").check()
    page.get_by_label("Label of the content").last.select_option("eu-2011-93:known-material")
    page.get_by_label("Child").last.select_option("unclear")
    page.locator(".decision-bar button").first.click()
    expect(main).to_contain_text("Assessment recorded")
    page.get_by_role("button", name="Trace host").click()
    expect(main).to_contain_text("Host traced")
    expect(page.locator("section", has=page.locator("#host"))).to_contain_text("NL")


def tell_police(page: Page) -> None:
    main = page.locator("main")
    page.get_by_label("Reference of the receipt").fill("AZ journey")
    page.get_by_role("button", name="Record report").click()
    confirm(page)
    expect(main).to_contain_text("Report to the police recorded")
    reason = page.get_by_label("Or: why no evidence is sealed")
    if not reason.is_visible():
        page.get_by_text("Evidence", exact=True).click()
    reason.fill("The police secured it.")
    page.get_by_role("button", name="Record evidence").click()
    expect(main).to_contain_text("no evidence sealed")


def notify(page: Page) -> str:
    """Send the notice by e-mail; returns the link in it on which the host answers."""
    page.get_by_label("Sent as").select_option("email")
    page.locator("input[name=email]").fill("abuse@journey-host.net")
    page.locator(".decision-bar button").first.click()
    expect(page.locator("main")).to_contain_text(re.compile(r"N-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]"))
    until("the notice is in the host's mailbox", lambda: Mailbox.letters, 120, pause=0.5)
    letter: Any = email.message_from_bytes(Mailbox.letters[-1], policy=email.policy.default)
    text = letter.get_body(("plain",)).get_content()
    assert ADDRESS in text
    assert "Article 16" in text
    link = re.search(r"http://127\.0\.0\.1:\d+/\S+", text)
    assert link is not None, text
    return link[0]


def answer(browser: Browser, link: str) -> None:
    """The host, who has no account, takes the page down and says so."""
    page = browser.new_context().new_page()
    page.goto(link)
    expect(page.locator("h1")).to_have_text("Answer to a notice")
    Site.there = False
    page.locator("input[name=kind][value=removed]").check()
    page.get_by_role("button", name="Send answer").click()
    expect(page.locator("main")).to_contain_text("This notice is answered")


def journey(browser: Browser, world: World) -> None:
    person = browser.new_context(base_url=world.sender.node.url, viewport={"width": 390, "height": 800}).new_page()
    person.goto("/en/report/")
    person.get_by_role("link", name="No, I report an address").click()
    person.locator("#text").fill(f"I saw this: {ADDRESS}")
    send(person, True)
    assert person.locator("#number").inner_text().startswith("M-")

    ireland = desk(browser, world.sender)
    open_case(ireland, "public")
    here = ireland.url
    assess(ireland)
    tell_police(ireland)
    ireland.get_by_role("button", name="Send to Hotline Nederland").click()
    confirm(ireland)
    expect(ireland.locator("main")).to_contain_text("Our reference")

    there = desk(browser, world.host)
    open_case(there, "hotline")
    assess(there)
    tell_police(there)
    link = notify(there)
    there.reload()
    there.get_by_role("button", name="Recheck now").first.click()
    expect(there.locator("main")).to_contain_text("still there")
    answer(browser, link)
    there.reload()
    expect(there.locator("main")).to_contain_text("host says removed")
    there.get_by_role("button", name="Recheck now").first.click()
    expect(there.locator("main")).to_contain_text("verified absent")

    def told() -> bool:
        ireland.goto(here)
        return "verified absent" in ireland.locator("main").inner_text()

    until("Ireland learns of the absence", told, 120, pause=0.5)
    kinds = [one for steps in world.sender.asked("SELECT kind FROM takedown_transferstep") for one in steps]
    assert sorted(kinds) == sorted({*kinds}), kinds
    assert {"accepted", "reported_to_police", "reported_to_host", "host_says_removed", "removed"} <= set(kinds)


@contextmanager
def world() -> Iterator[World]:
    made = World(TUTELA_EMAIL_URL=f"smtp://127.0.0.1:{MAIL_PORT}")
    try:
        yield made
    except BaseException:
        for one in (made.sender, made.host):
            print(one.node.log.read_text(errors="replace")[-3000:])  # noqa: T201 - shown with the failure
        raise
    finally:
        made.sender.node.stop()
        made.host.node.stop()


def main() -> None:
    prepare()
    with world() as made, chromium() as browser:
        journey(browser, made)
    print("verified absent at both hotlines")  # noqa: T201


if __name__ == "__main__":
    main()
