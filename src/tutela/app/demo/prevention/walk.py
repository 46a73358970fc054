"""Steps of the walk in prevention: a reader finds harm first, and an invented trial is judged by two curators."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tutela.app.demo.browser import Visitor, must, signed_in

STUDY = re.compile(r"/desk/prevention/studies/([0-9a-f-]{36})/")
PROGRAMME = re.compile(r"/desk/prevention/programmes/([0-9a-f-]{36})/")
LOW = dict.fromkeys(("allocation", "deviation", "missing", "measurement", "reporting"), "low") | {"reason": "Walk."}


@dataclass(frozen=True)
class PreventionSteps:
    """Steps of prevention: where the node is, and how to tell."""

    address: str
    say: Callable[[str], None]

    def learn(self) -> None:
        """A programme is graded by its studies, and a reader sees harm first"""
        marek, lena = signed_in(self.address, "marek@centre.example"), signed_in(self.address, "lena@centre.example")
        name = f"Invented: Walk {secrets.token_hex(3)}"
        given = {"name": name, "language": "en", "stages": "before", "targets": "worried", "status": "running"}
        given |= {"source": "invented for the walk"}
        page = marek.submit("/desk/prevention/new/", "/desk/prevention/new/", given)
        programme = PROGRAMME.search(str(page.url))
        must(programme is not None, "the programme was not entered")
        study = self._study(marek, programme[1] if programme else "")
        for curator in (marek, lena):
            curator.submit(study, f"{study}judge/", LOW)
        page = marek.get(f"/desk/prevention/programmes/{programme[1] if programme else ''}/")
        must("harm shown" in page.text, "two judgements gave no grade")
        shown = httpx.get(f"{self.address}/en/prevention/", params={"q": "invented"}).text
        must(shown.index("harm shown") < shown.index("effect shown"), "harm does not come first")
        self.say(f"Two curators judged an invented trial, and its harm is shown first: {self.address}/en/prevention/")

    def _study(self, marek: Visitor, programme: str) -> str:
        new = "/desk/prevention/studies/new/"
        given = {"title": "Invented trial of the walk", "doi": f"10.5555/walk-{secrets.token_hex(4)}"}
        given |= {"design": "randomised", "status": "published", "source": "invented", "year": "2025"}
        found = STUDY.search(str(marek.submit(new, new, given).url))
        must(found is not None, "the study was not entered")
        path = f"/desk/prevention/studies/{found[1] if found else ''}/"
        result = {"programme": programme, "kind": "record", "outcome": "invented outcome", "target": "worried"}
        result |= {"setting": "clinic", "metric": "risk_ratio", "estimate": "1.3", "low": "1.1", "high": "1.6"}
        marek.submit(path, f"{path}result/", result | {"lower_is_better": "on"})
        return path
