"""Step of the walk: a child reaches help in its language, with danger first and nothing kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from tutela.app.demo.browser import must

FIRST, THREAT = "/help/", "/help/ar/teen/threat/"


@dataclass(frozen=True)
class HelpSteps:
    """Step of public help: where the node is, and how to tell."""

    address: str
    say: Callable[[str], None]

    def find_help(self) -> None:
        """A child who is threatened finds help at night"""
        with httpx.Client(base_url=self.address, timeout=30) as browser:
            first = browser.get(FIRST, headers={"Accept-Language": "ar"})
            must('lang="ar" dir="rtl"' in first.text, "the first page is not in the language of the browser")
            must('href="tel:112"' in first.text, "the first page has no emergency number")
            threat = browser.get(THREAT)
            must('href="tel:116111"' in threat.text, "the page has no number of a helpline")
            ways = re.findall(r'href="(/(?:help/ar/find|ar/removal|ar/report)[^"]*)"', threat.text)
            must(len(set(ways)) > 1, "the page leads to no help")
            gone = browser.get("/help/ar/leave/")
            must("Clear-Site-Data" in gone.headers, "the browser is not asked to forget")
            must(not browser.cookies, "a page of help set a cookie")
        self.say(
            "The first page speaks Arabic because the browser does. It asks first whether somebody is in danger. The"
            " page on threats says what to do, and leads to helplines and removal. No cookie was set:"
            f" {self.address}{THREAT}"
        )
