"""Command `tutela demo walk`: go through every step over HTTP with the cast's own credentials.

1. Two hotlines in two countries create an indicator; the Edge fetches the signed release.
2. The provider's Edge scans an upload and names a candidate; a recompressed copy is found too.
3. A reviewer confirms an exact copy unopened.
4. A lead completes the report; the Centre's signed receipt comes back.
5. The Centre assesses the report, resolves the country and refers.
6. The authority acknowledges, accepts and closes the referral; the provider is notified as far as permitted.
7. The Centre revokes the indicator: within seconds the Edge stops matching it, and the provider is notified.
8. An anonymous person reports an address; a hotline assesses it, tells the police, notifies the host and verifies that
   the content is gone. The person reads nothing but "received".
9. An authority orders a provider to remove an item (DSA Art. 9); the provider answers with the effect.
10. A wrongly flagged user complains without an account; the mistake is corrected at the provider, the Centre, both
    hotlines and the authority.
11. The operator runs a drill with a test entry: every Edge has it and loses it again in time.
12. A person has a picture removed by its fingerprint alone; the host opens what matched and removes it.
13. A person asks for support; a need is handed to an agency, which accepts it.
14. Two curators judge an invented trial; the programme's grade follows, and a reader sees harm first.
15. A child who is threatened finds help in the language of its browser; nothing is kept.
16. An officer sorts a seized phone on a machine of their own; a lawyer's letter is not read.
17. A journalist cites a published figure, and an auditor computes it again.

Each step is narrated and checked; the first step that fails ends the walk.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from html.parser import HTMLParser

import httpx

from tutela.app import config
from tutela.app.demo import organisations, pictures
from tutela.app.demo.browser import DoesNotHold, Visitor, must, signed_in
from tutela.app.demo.device_walk import DeviceSteps
from tutela.app.demo.figures.walk import FigureSteps
from tutela.app.demo.prevention.walk import PreventionSteps
from tutela.app.demo.public_help import HelpSteps
from tutela.app.demo.redress.walk import RedressSteps
from tutela.app.demo.removal.walk import RemovalSteps
from tutela.app.demo.support.walk import SupportSteps
from tutela.app.demo.takedown.walk import TakedownSteps
from tutela.media import Hashed, HasherPool

PATIENCE_SECONDS = 60
REPORT = re.compile(r"/desk/drafts/([0-9a-f-]{36})/")
UUID_IN = re.compile(r"([0-9a-f]{8}-[0-9a-f-]{27})")


class Walk:
    """A run of the walk, with the state that its steps share."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell, self.address = tell, config.load().public_url
        self.edge = f"http://{organisations.EDGE}"
        self.token = organisations.edge_settings()["TUTELA_EDGE_TOKENS"]
        self.account = f"account-{secrets.token_hex(4)}"
        self.item = f"album/walk-{self.account[-8:]}"
        self.picture = pictures.unseen()
        self.bytes = pictures.encoded(self.picture)

    def go(self) -> None:
        takedown = TakedownSteps(self.address, self.account, self.say, self.until)
        redress = RedressSteps(self.address, self.account, self.say, self.until)
        removal = RemovalSteps(self.address, self.item, self.say, self.until)
        steps = (
            self.two_hotlines,
            self.scan,
            self.confirm,
            self.report,
            self.judge,
            self.answer,
            self.undo,
            takedown.take_down,
            takedown.order,
            redress.redress,
            redress.drill,
            removal.remove,
            SupportSteps(self.address, self.account, self.say, self.until).support,
            PreventionSteps(self.address, self.say).learn,
            HelpSteps(self.address, self.say).find_help,
            DeviceSteps(self.say).sort,
            FigureSteps(self.address, self.say).figures,
        )
        for number, step in enumerate(steps, 1):
            self.tell(f"\n[bold]{number}. {(step.__doc__ or '').strip()}[/]")
            step()
        self.tell("\n[bold green]All steps succeeded.[/]")

    def two_hotlines(self) -> None:
        """Two organisations make a list"""
        with HasherPool(workers=1) as pool:
            hashed = pool.hash_bytes(self.bytes, tenant="hotline-ie")
        if not isinstance(hashed, Hashed):
            raise DoesNotHold(f"the picture could not be hashed: {hashed.message}")
        frame = hashed.frames[0]
        aoife = signed_in(self.address, "aoife@hotline-ie.example")
        page = aoife.submit(
            "/desk/indicators/propose/",
            "/desk/indicators/propose/",
            {
                "sha256": hashed.digests.sha256,
                "md5": hashed.digests.md5,
                "sha1": hashed.digests.sha1,
                "pdq": frame.pdq.hex(),
                "quality": str(frame.quality),
                "media_type": "image",
                "classification": "eu-2011-93:known-material",
                "series": "",
                "reason": "Assessed for the walk",
            },
        )
        self.indicator = _last_uuid(str(page.url))
        self.say(f"Aoife proposed the item by its hashes, which were computed where the picture is: {page.url}")
        jan = signed_in(self.address, "jan@hotline-de.example")
        path = f"/desk/indicators/{self.indicator}/"
        page = jan.decide(path, f"{path}certify/", {})
        must("active" in page.text, "the second certification did not activate it")
        began = time.monotonic()
        self.until("the Edge to have the new release", lambda: bool(self._scan(self.bytes, "")["matches"]))
        self.say(
            "Jan certified the item in Germany, so it is active. The public log contains the release,"
            " and its witnesses signed."
            f" The Edge verified everything and matched {time.monotonic() - began:.1f} s later."
        )

    def scan(self) -> None:
        """A provider scans"""
        found = self._scan(self.bytes, self.item)
        rules = [m["rule"] for m in found["matches"]]
        must("exact-sha256" in rules, f"an exact copy gave {rules}")
        small = self.picture.resize((480, 320))
        again = self._scan(pictures.encoded(small, "JPEG", 70), "")
        must(bool(again["matches"]), "a resized and recompressed copy was not found")
        other = self._scan(pictures.encoded(pictures.unseen()), "")
        must(not other["matches"], "another picture was found too")
        self.say("An exact copy: found. Half the size at JPEG quality 70: found. Another picture: not found.")

    def confirm(self) -> None:
        """A person confirms, unopened"""
        tom = signed_in(self.address, "tom@pixelpost.example")
        path = self.until("the candidate to reach the desk", lambda: self._candidate(tom))
        page = tom.submit(
            path,
            f"{path}review/",
            {"decision": "confirm", "reason_code": "known_item", "reason": "", "how": "unopened"},
        )
        found = REPORT.search(str(page.url))
        self.report_id = found.group(1) if found else ""
        must(bool(self.report_id), f"no draft followed the confirmation (at {page.url})")
        self.say(f"Tom confirmed an exact copy of a certified item without opening it: {page.url}")

    def report(self) -> None:
        """A report is filed"""
        self.priya = signed_in(self.address, "priya@pixelpost.example")
        path = f"/desk/drafts/{self.report_id}/"
        form = self.priya.get(f"{path}edit/").text
        fields = _fields(form) | {
            "country": "DE",
            "locations-0-ip": "192.0.2.7",
            "locations-0-port": "4711",
            "locations-0-at": "2026-11-20T12:00:00",
            "accounts-0-emails": f"{self.item[-8:]}@mail.example",
        }
        self.priya.submit(f"{path}edit/", f"{path}edit/", fields)
        self.priya.decide(path, f"{path}send/", {})
        self.until("the signed receipt", lambda: _state(self.priya.get(path).text, "received"))
        self.say(
            f"Priya added the missing fields and sent the report. The Centre's signed receipt: {self.address}{path}"
        )

    def judge(self) -> None:
        """The Centre assesses and refers"""
        marek = signed_in(self.address, "marek@centre.example")
        path = f"/desk/reports/{self.report_id}/"
        must("Urgency" in marek.get(path).text, "the report shows no scores")
        marek.decide(path, f"{path}assess/", {"decision": "forward", "reason": "Agrees with the register", "seen": "0"})
        page = marek.get(path)
        must(">DE<" in page.text, "the country was not resolved")
        marek.decide(path, f"{path}refer/", {})
        self.say(
            "Marek forwarded the report to Germany, the only country named as the place of the offence:"
            f" {self.address}{path}"
        )

    def answer(self) -> None:
        """An authority answers"""
        katrin = signed_in(self.address, "katrin@police-de.example")
        path = self.until("the referral to reach the inbox", lambda: self._referral(katrin))
        package = katrin.get(f"{path}package.json").json()
        must(package["reports"][0]["report_id"] == self.report_id, "the package carries another report")
        must(katrin.get(f"{path}package.pdf").content.startswith(b"%PDF"), "the package does not print")
        katrin.decide(path, f"{path}acknowledge/", {"file_reference": "AZ walk"})
        katrin.decide(path, f"{path}outcome/", {"kind": "taken_up", "reason": "", "release": "centre_only"})
        katrin.decide(path, f"{path}outcome/", {"kind": "closed", "reason": "", "release": "provider"})
        draft = f"/desk/drafts/{self.report_id}/"
        self.until("the outcome to reach the provider", lambda: _state(self.priya.get(draft).text, "closed"))
        must(">taken up<" not in self.priya.get(draft).text, "the provider saw what was released to the Centre alone")
        self.say(
            "Katrin acknowledged the referral, took it up and closed it. Pixelpost sees only “closed”:"
            f" {self.address}{path}"
        )

    def undo(self) -> None:
        """A mistake is undone everywhere"""
        lena = signed_in(self.address, "lena@centre.example")
        path = f"/desk/indicators/{self.indicator}/"
        lena.submit(path, f"{path}revoke/", {"reason": "Revoked by the walk"})
        began = time.monotonic()
        self.until("the Edge to stop matching", lambda: not self._scan(self.bytes, "")["matches"])
        seconds = time.monotonic() - began
        draft = f"/desk/drafts/{self.report_id}/"
        self.until("the provider to be notified", lambda: "Revoked by the walk" in self.priya.get(draft).text)
        self.say(
            f"Lena revoked the indicator. The Edge stopped matching {seconds:.1f} s later, and Pixelpost was notified"
            " of the reason."
        )

    def say(self, text: str) -> None:
        self.tell(f"   {text}")

    def until[T](self, what: str, look: Callable[[], T]) -> T:
        """Look until there is something; `DoesNotHold` after a minute."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := look()):
            if time.monotonic() > deadline:
                raise DoesNotHold(f"waited {PATIENCE_SECONDS} s for {what}")
            time.sleep(0.25)
        return found

    def _scan(self, data: bytes, item: str) -> dict[str, list[dict[str, str]]]:
        headers = {"Authorization": f"Bearer {self.token}", **({"X-Tutela-Item": item} if item else {})}
        if item:
            headers |= {"X-Tutela-Account": self.account}
        answer = httpx.post(f"{self.edge}/v1/scan", content=data, headers=headers, timeout=30)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return {"matches": []}
        must(answer.status_code == httpx.codes.OK, f"the Edge answered {answer.status_code}: {answer.text[:200]}")
        return dict(json.loads(answer.text))

    def _candidate(self, tom: Visitor) -> str:
        for number in range(1, 6):
            page = tom.get(f"/desk/candidates/?page={number}").text
            for path in dict.fromkeys(re.findall(r'href="(/desk/candidates/[0-9a-f-]{36}/)"', page)):
                if self.account in tom.get(path).text:
                    return str(path)
            if f"page={number + 1}" not in page:
                return ""
        return ""

    def _referral(self, katrin: Visitor) -> str:
        page = katrin.get("/desk/inbox/?state=new").text
        for path in dict.fromkeys(re.findall(r'href="(/desk/inbox/[0-9a-f-]{36}/)"', page)):
            if self.report_id in katrin.get(path).text:
                return str(path)
        return ""


class _Form(HTMLParser):
    """The fields of a page's main form with their present values."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._area = self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        name = given.get("name", "")
        if tag == "input" and name and given.get("type") not in ("submit", "button"):
            ticked = given.get("type") in ("checkbox", "radio")
            if ticked and "checked" not in given:
                return
            self.fields[name] = given.get("value", "on" if ticked else "")
        elif tag == "textarea":
            self._area, self.fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.removeprefix("\n")


def _fields(text: str) -> dict[str, str]:
    parser = _Form()
    parser.feed(text)
    return {k: v for k, v in parser.fields.items() if k not in ("csrfmiddlewaretoken", "next", "purpose")}


def _state(text: str, state: str) -> bool:
    return re.search(rf'class="badge[^"]*"[^>]*>\s*{state}', text) is not None


def _last_uuid(text: str) -> str:
    found = UUID_IN.findall(text)
    return found[-1] if found else ""
