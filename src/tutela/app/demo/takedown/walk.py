"""Steps of the walk at the desks of a hotline, an authority and a hosting provider."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tutela.app.demo.browser import AnonymousMessage, Visitor, must, signed_in

type Until = Callable[[str, Callable[[], str]], str]


@dataclass(frozen=True)
class TakedownSteps:
    """Steps of takedown: where the node is, the account of this walk, how to tell, and how to wait for something."""

    address: str
    account: str
    say: Callable[[str], None]
    until: Until

    def take_down(self) -> None:
        """An address is reported and taken down"""
        sent = AnonymousMessage(self.address).send(
            "/en/report-address/", f"Seen at https://{self.account}.example/page"
        )
        aoife = signed_in(self.address, "aoife@hotline-ie.example")
        path = self.until("the case to reach the desk", lambda: self._case(aoife))
        aoife.decide(
            path,
            f"{path}assess/",
            {
                "verdict": "illegal",
                "label": "eu-2011-93:known-material",
                "reality": "unclear",
                "commerciality": "not",
                "viewed_seconds": "20",
            },
        )
        authority = re.search(r'<option value="([0-9a-f-]{36})"', aoife.get(path).text)
        must(authority is not None, "no authority can be chosen")
        aoife.submit(path, f"{path}police/", {"authority": authority[1] if authority else "", "reference": "AZ walk"})
        aoife.submit(path, f"{path}evidence/", {"reason": "The walk has no evidence"})
        page = aoife.submit(path, f"{path}notice/", {"channel": "file", "language": "en"})
        notice = re.search(r"/desk/takedown/notices/([0-9a-f-]{36})/answer/", page.text)
        must(notice is not None, "no notice was made")
        answer = f"/desk/takedown/notices/{notice[1] if notice else ''}/answer/"
        aoife.submit(path, answer, {"kind": "removed", "reference": ""})
        page = aoife.submit(path, f"{path}seen/", {"seen": "absent"})
        must("verified absent" in page.text, "the absence was not recorded")
        self.say(
            f"Somebody reported an address without a name (case {sent.number}). Aoife assessed it, told the police,"
            f" gave the host a notice, and verified that the page is gone: {self.address}{path}"
        )

    def _case(self, aoife: Visitor) -> str:
        """The case of the walk's own address."""
        for path in dict.fromkeys(
            re.findall(r'href="(/desk/takedown/[0-9a-f-]{36}/)"', aoife.get("/desk/takedown/?stage=assess").text)
        ):
            if self.account in aoife.get(path).text:
                return str(path)
        return ""

    def order(self) -> None:
        """An authority orders a provider to remove an item"""
        katrin = signed_in(self.address, "katrin@police-de.example")
        path = "/desk/orders/new/content/"
        form = katrin.get(path).text
        provider = re.search(r'value="([0-9a-f-]{36})"[^>]*>\s*Pixelpost', form)
        token = re.search(r'name="token" value="([0-9a-f-]{36})"', form)
        must(provider is not None and token is not None, "no order can be written to Pixelpost")
        fields = {
            "recipients": provider[1] if provider else "",
            "token": token[1] if token else "",
            "addresses": f"https://albums.pixelpost.example/{self.account}",
            "service": "Pixelpost albums",
            "act": "Invented act under Directive 2011/93 Art. 25",
            "provisions": "Section 5",
            "reasons": "The item infringes the provision named.",
            "territory": "DE",
            "scope_reason": "The law of one country is infringed.",
            "for_provider": "Appeal to the court within 30 days.",
            "for_recipient": "Appeal to the court within 30 days.",
            "court": "Court of Example",
            "time_limit": "30 days",
            "contact": "orders@police-de.example",
            "language": "en",
            "hours": "24",
        }
        page = katrin.submit(path, path, fields)
        found = re.search(r"/desk/orders/([0-9a-f-]{36})/$", str(page.url))
        must(found is not None, "the order was not issued")
        priya = signed_in(self.address, "priya@pixelpost.example")
        received = self.until("the order to reach the provider", lambda: self._received(priya))
        priya.submit(received, f"{received}effect/", {"effect": "given", "reason": ""})
        answered = katrin.get("/desk/orders/?view=answered").text
        must(found is not None and found[1] in answered, "the authority does not see the effect")
        self.say(f"Katrin ordered Pixelpost to remove an item, and Priya answered that it is done: {page.url}")

    def _received(self, priya: Visitor) -> str:
        """The order of the walk's own account."""
        page = priya.get("/desk/hosting/orders/").text
        for path in dict.fromkeys(re.findall(r'href="(/desk/hosting/orders/[0-9a-f-]{36}/)"', page)):
            if self.account in priya.get(path).text:
                return str(path)
        return ""
