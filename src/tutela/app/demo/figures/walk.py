"""Step of the walk in figures: everybody downloads and verifies a figure, and an auditor computes it again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tutela.app.demo.browser import must, signed_in

RELEASE = re.compile(r"/figures/releases/([0-9a-f-]{36})/")
VERSION = re.compile(r"/open-data/report-flows/([0-9a-f]{16})/data\.csv")
DASHBOARDS = ("funnel", "map", "flows", "surges", "quality", "removal")


@dataclass(frozen=True)
class FigureSteps:
    """Step of figures: where the node is, and how to tell."""

    address: str
    say: Callable[[str], None]

    def figures(self) -> None:
        """A journalist cites a figure, and an auditor computes it again"""
        with httpx.Client(base_url=self.address, timeout=30) as browser:
            for name in DASHBOARDS:
                page = browser.get(f"/figures/dashboards/{name}/")
                must("Not known" in page.text, f"the dashboard {name} does not say what is not known")
            version = VERSION.search(browser.get("/open-data/report-flows/").text)
            must(version is not None, "the flows between countries have no version to cite")
            must(browser.get(version[0] if version else "").status_code == 200, "the version cannot be downloaded")
            release = RELEASE.search(browser.get("/figures/").text)
            must(release is not None, "nobody has published figures")
            found = release[1] if release else ""
            file = browser.get(f"/figures/releases/{found}/file/").json()
        must(bool(file), "the release has no file to verify")
        nora = signed_in(self.address, "nora@audit.example")
        page = nora.get(f"/desk/figures/{found}/recompute/")
        must("Every figure agrees" in page.text, "the auditor found another figure")
        self.say(
            "Six dashboards state their definitions, and what is not known. A dataset has a version to cite. Nora"
            f" computed a published release again from the events: {self.address}/desk/figures/{found}/recompute/"
        )
