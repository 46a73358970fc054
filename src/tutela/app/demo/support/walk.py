"""Step of the walk: somebody asks for support, a need is handed over, and an agency accepts it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tutela.app.demo.browser import AnonymousMessage, Visitor, must

type Until = Callable[[str, Callable[[], str]], str]


@dataclass(frozen=True)
class SupportSteps:
    """Step of the support desk: where the node is, a token of the walk, how to tell, and how to wait."""

    address: str
    token: str
    say: Callable[[str], None]
    until: Until

    def support(self) -> None:
        """A person asks for support, and an agency accepts a need"""
        number = AnonymousMessage(self.address).send("/en/support/", f"I would like to talk. {self.token}").number
        ines, aoife = Visitor(self.address, "ines@support.example"), Visitor(self.address, "aoife@hotline-ie.example")
        found = re.findall(r'href="(/desk/support/[0-9a-f-]{36}/)"', ines.get(f"/desk/support/?text={number}").text)
        must(bool(found), "the message opened no support case")
        case = found[0]
        hotline = re.search(r'<option value="([0-9a-f-]{36})">Hotline Ireland', ines.get(case).text)
        must(hotline is not None, "Victim Support has no key of the hotline")
        due = (datetime.now(UTC) + timedelta(days=14)).date().isoformat()
        said = {"agency_id": hotline[1] if hotline else "", "agency_kind": "other", "need": "information"}
        ines.submit(case, f"{case}hand-over/", {**said, "ground": "consent", "due_on": due})
        queue = "/desk/hand-overs/?way=received"
        known = re.findall(r'href="(/desk/hand-overs/[0-9a-f-]{36}/)"', ines.get(case).text)
        must(bool(known), "the case has no hand-over")
        reference = re.search(r"<code>(X-[^<]+)</code>", ines.get(known[0]).text)
        must(reference is not None, "the hand-over has no reference")
        path = self.until(
            "the hand-over to arrive", lambda: self._arrived(aoife, queue, reference[1] if reference else "")
        )
        aoife.submit(path, f"{path}step/", {"state": "accepted", "because": "", "text": ""})
        accepted = lambda: known[0] if ">accepted<" in ines.get(known[0]).text else ""  # noqa: E731
        self.until("the acceptance to come back", accepted)
        self.say(
            f"Somebody asked for support without a name (case {number}). Ines handed a need to the hotline: a code, a"
            f" day and an opaque reference. Aoife accepted it, and each keeps a record of its own: {self.address}{case}"
        )

    def _arrived(self, aoife: Visitor, queue: str, reference: str) -> str:
        for path in dict.fromkeys(re.findall(r'href="(/desk/hand-overs/[0-9a-f-]{36}/)"', aoife.get(queue).text)):
            if reference in aoife.get(path).text:
                return str(path)
        return ""
