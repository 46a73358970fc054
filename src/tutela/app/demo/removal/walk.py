"""Step of the walk: a person asks for the removal of a picture, and reads that a host removed it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from tutela.app.demo import organisations
from tutela.app.demo.browser import AnonymousMessage, Visitor, must, signed_in
from tutela.app.demo.removal.edge_messages import entry_of, matched_item

type Until = Callable[[str, Callable[[], str]], str]
PICTURES, SENT, ANSWERS = "/en/removal/pictures/", "/en/removal/fingerprints/", "/en/remove-pictures/answers/"


@dataclass(frozen=True)
class RemovalSteps:
    """Step of removal: where the node is, an item of the provider, how to tell, and how to wait for something."""

    address: str
    item: str
    say: Callable[[str], None]
    until: Until

    def remove(self) -> None:
        """A person has a picture removed without sending it"""
        person, digits = AnonymousMessage(self.address), secrets.token_hex(32)
        made = [{"type": "pdq", "hash": digits}]
        told = person.send_json(PICTURES, SENT, {"file": secrets.token_hex(8), "fingerprints": made})
        ines = signed_in(self.address, "ines@support.example")
        path = self.until("the request to reach the desk", lambda: self._request(ines, digits))
        hosts = re.search(r'name="hosts" value="([0-9a-f-]{36})"[^>]*>\s*Pixelpost', ines.get(path).text)
        must(hosts is not None, "Pixelpost has not accepted the scheme")
        ines.submit(path, f"{path}hosts/", {"hosts": hosts[1] if hosts else ""})
        entry = self.until("the fingerprint to reach Pixelpost", lambda: self._entry(digits))
        tom = signed_in(self.address, "tom@pixelpost.example")
        found = f"/desk/removal-items/{self._matched(entry)}/"
        tom.submit(found, f"{found}open/", {})
        tom.submit(f"{found}item/", f"{found}decide/", {"outcome": "removed", "because": "", "reason": ""})
        number, words = told["number"], told["passphrase"]
        read = lambda: number if "host says removed" in person.read(ANSWERS, number, words) else ""  # noqa: E731
        self.until("the person to read it", read)
        self.say(
            f"Somebody sent the fingerprint of a picture (case {number}); the picture stayed where it is. Ines sent the"
            f" fingerprint to Pixelpost, sealed and with an expiry. Tom opened what matched, and removed it:"
            f" {self.address}{path}"
        )

    def _request(self, ines: Visitor, digits: str) -> str:
        """The request that has the fingerprint of the walk."""
        page = ines.get("/desk/removals/?view=new").text
        for path in dict.fromkeys(re.findall(r'href="(/desk/removals/[0-9a-f-]{36}/)"', page)):
            if digits[:8] in ines.get(path).text:
                return str(path)
        return ""

    def _entry(self, digits: str) -> str:
        """The entry of the walk's fingerprint in the list for Pixelpost's Edge."""
        answer = self._edge("GET", "/api/v1/removal/requested-hashes")
        lines = [line for line in answer.text.splitlines() if digits in line]
        return entry_of(lines[0]) if lines else ""

    def _matched(self, entry: str) -> str:
        """Report, as Pixelpost's Edge does, that an item matches; returns the item for its reviewer."""
        item, digits = f"{self.item}-removal", secrets.token_hex(32)
        said = matched_item(item, organisations.SERVICE, entry, digits=digits, at=datetime.now(UTC))
        answer = self._edge("POST", "/api/v1/candidates", json.dumps(said))
        must(answer.status_code == 202, f"the match was answered {answer.status_code}: {answer.text[:200]}")
        return str(answer.json()["id"])

    def _edge(self, method: str, path: str, body: str = "") -> httpx.Response:
        key = organisations.edge_settings()["TUTELA_EDGE_DESK_KEY"]
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": secrets.token_hex(8)}
        return httpx.request(method, f"{self.address}{path}", content=body, headers=headers, timeout=30)
