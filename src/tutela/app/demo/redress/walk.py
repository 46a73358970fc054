"""Steps of the walk in redress: a user without an account complains, and everybody corrects the mistake."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from tutela.app.demo.browser import AnonymousMessage, Sent, Visitor, must, signed_in

type Until = Callable[[str, Callable[[], str]], str]
# Users of the wrong matches that nobody has complained about. Each walk takes one.
USERS = ("user-redress-4", "user-redress-5", "user-redress-6")
NUMBER = re.compile(r"P-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]")
OPEN = re.compile(r'href="(/desk/reversals/[0-9a-f-]{36}/)"')
CODE = re.compile(r"<code data-code>([a-z-]+)</code>")
WAITING = re.compile("Accept and tell everybody|Record answer")
RECIPIENTS = ("katrin@police-de.example", "aoife@hotline-ie.example", "jan@hotline-de.example")


@dataclass(frozen=True)
class RedressSteps:
    """Steps of redress: where the node is, how to tell, and how to wait for something."""

    address: str
    account: str
    say: Callable[[str], None]
    until: Until

    def redress(self) -> None:
        """A user complains, and the mistake is corrected everywhere"""
        sofia = signed_in(self.address, "sofia@pixelpost.example")
        number = self._report(signed_in(self.address, "priya@pixelpost.example"), self._complaints(sofia))
        if not number:
            self.say("Every wrong match of this demonstration is corrected already. A new demonstration has others.")
            return
        person = AnonymousMessage(self.address)
        page = person.link("/en/complaint/", "Pixelpost")
        case = person.send(page, f"My account {self.account} was closed. My album had pictures of a lake.")
        path = next((path for path, text in self._complaints(sofia).items() if self.account in text), "")
        must(bool(path), "the complaint did not reach the desk")
        lena = signed_in(self.address, "lena@centre.example")
        recipients = [signed_in(self.address, email) for email in RECIPIENTS]
        before = {path for who in (lena, *recipients) for path in self._reversals(who)}
        self._proved(sofia, path, person, page, case)
        measure = {"complainant": "user", "measure": "account", "report": number}
        sofia.submit(path, f"{path}measure/", measure)
        said = {
            "outcome": "reverse",
            "reason_code": "listed_in_error",
            "reasons": "Your album has pictures of a lake. Nothing is wrong with them.",
            "notes": "The item is a landscape.",
        }
        page = sofia.submit(path, f"{path}decide/", said).text
        must("being reversed" in page, "the complaint was not decided")
        found = OPEN.search(page)
        must(found is not None, "no reversal began")
        centre = self._arrived(lena, before)
        lena.submit(centre, f"{centre}accept/", {})
        for who in recipients:
            self._answer(who, self._arrived(who, before))
        self._answer(signed_in(self.address, "priya@pixelpost.example"), found[1] if found else "")
        self.until("every recipient to answer", lambda: centre if "corrected</span>" in lena.get(centre).text else "")
        self.say(
            "Somebody complained without an account. Sofia decided that it was an error. The Centre, both hotlines,"
            f" the authority and the provider corrected it, and the entry stopped everywhere: {self.address}{centre}"
        )

    def _proved(self, sofia: Visitor, path: str, person: AnonymousMessage, page: str, case: Sent) -> None:
        """Sofia makes a code for the account, and the person types it where the answers are."""
        shown = sofia.submit(path, f"{path}code/", {"kind": "sent", "account": self.account}).text
        code = CODE.search(shown)
        must(code is not None, "no code was made")
        answer = person.prove(f"{page}answers/", case, code[1] if code else "")
        must("data-proved" in answer, "the code of the account was not accepted")

    def drill(self) -> None:
        """The operator runs a drill: every Edge and every recipient in time"""
        said = self.until("an Edge to take part in a drill", self._drill)
        for line in said.splitlines():
            self.say(line)
        page = signed_in(self.address, "lena@centre.example").get("/desk/drills/").text
        must(said.partition(":")[0] in page, "the drill is not on its page")
        self.say(f"A test entry was certified by two, reached every Edge and was reversed: {self.address}/desk/drills/")

    def _drill(self) -> str:
        """What the command said; empty if no Edge took part: the command also ends a drill that began before."""
        command = [sys.executable, "-m", "tutela.app.cli", "drill", "run"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603
        must(done.returncode == 0, f"the drill ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout if "Edge has the entry" in done.stdout else ""

    def _complaints(self, sofia: Visitor) -> dict[str, str]:
        """Every complaint at the provider's desk: its address and its page."""
        paths = _paths(r'href="(/desk/complaints/[0-9a-f-]{36}/)"', sofia.get("/desk/complaints/?view=all").text)
        return {path: sofia.get(path).text for path in paths}

    def _report(self, priya: Visitor, complaints: dict[str, str]) -> str:
        """Number of a wrong report that no complaint names; empty if there is none."""
        for path in _paths(r'href="(/desk/drafts/[0-9a-f-]{36}/)"', priya.get("/desk/drafts/").text):
            page = priya.get(path).text
            found = NUMBER.search(page)
            wrong = found is not None and any(user in page for user in USERS)
            if found and wrong and not any(found[0] in text for text in complaints.values()):
                return found[0]
        return ""

    def _reversals(self, who: Visitor) -> list[str]:
        return _paths(OPEN.pattern, who.get("/desk/reversals/").text)

    def _arrived(self, who: Visitor, before: set[str]) -> str:
        return self.until(f"the reversal to reach {who.name}", lambda: self._new(who, before))

    def _new(self, who: Visitor, before: set[str]) -> str:
        """A reversal that was not there before, and that this person can accept or answer; empty if there is none."""
        new = [path for path in self._reversals(who) if path not in before]
        return next((path for path in new if WAITING.search(who.get(path).text)), "")

    def _answer(self, who: Visitor, path: str) -> None:
        hop = re.search(r'action="(/desk/reversals/steps/[0-9a-f-]{36}/answer/)"', who.get(path).text)
        must(hop is not None, "nothing can be answered")
        who.submit(path, hop[1] if hop else "", {"state": "corrected", "because": ""})


def _paths(pattern: str, page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(pattern, page)))
