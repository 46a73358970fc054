"""Every table of rows has what lists have, or stands here with the reason why it needs none."""

from __future__ import annotations

import re

import pytest

from tests.support.tree import templates
from tutela.app.website import urls as _urls  # noqa: F401 - the pages that offer their lists
from tutela.organisations.table_views import saved_views

BAR = re.compile(r'{% listbar "(\w*)"')
# What a page lists with the component: by name, for one list may be shown in two ways.
LISTED = re.compile(r'{% data_table \S+ "([^"]+)"')
# How many tables of a template have no bar of their own, and why.
WITHOUT = {
    "accountability/log.html": (3, "public; few witnesses and releases, and leaves by their number alone"),
    "casework/alerts/roster.html": (2, "shifts of one desk and the hours of a week; a handful"),
    "casework/conversations/list.html": (1, "states as tabs; the order of the work is the only one"),
    "casework/mandates/list.html": (1, "three parts of one organisation; an auditor's handful"),
    "casework/search/search.html": (1, "the answer to one search; the lists of the desks have bars"),
    "detection/candidates/detail.html": (1, "why one candidate is one"),
    "detection/cybertips/recipients.html": (1, "fields of one report"),
    "detection/drafts/report.html": (2, "parts of one report"),
    "exchange/report.html": (1, "parts of one report"),
    "indicators/detail.html": (5, "parts of one entry"),
    "indicators/detail/distribution.html": (2, "parts of one entry"),
    "indicators/bulk_action.html": (1, "what was ticked on the list, and what became of it"),
    "reports/bulk_refer.html": (1, "what was ticked on the list, and what became of it"),
    "reports/bulk_mark.html": (1, "what was ticked on the list, and what became of it"),
    "indicators/partner_lists/entries.html": (
        2,
        "what is ticked there is proposed, by the page; only the order of ids has an index",
    ),
    "indicators/imports/upload.html": (1, "the answer to one file, which can be had as a file"),
    "investigations/outcomes.html": (1, "the answer to one file"),
    "law/classification.html": (1, "public; what a law says"),
    "law/measures_table.html": (1, "public; what a law says"),
    "law/state.html": (3, "public; what a law says"),
    "organisations/messages.html": (1, "recipients that do not answer: a handful"),
    "organisations/organisation.html": (2, "contact points and signing keys of one organisation: a handful"),
    "organisations/recipients.html": (1, "keys of one organisation: a handful"),
    "pages/api.html": (1, "public; the API's own description"),
    "pages/desk.html": (1, "what is due next, by the clock"),
    "pages/doctor.html": (1, "the checks of the installation, which are fixed"),
    "pages/tour.html": (1, "the demonstration's cast"),
    "reports/offline_answers.html": (1, "the answer to one file"),
    "reports/bundle.html": (3, "reports of one bundle; the queue lists them by the bundle's number"),
    "reports/alerts/spot_checks.html": (1, "rates of fixed groups"),
    "reports/figures/provider.html": (1, "what one provider's reports lack"),
    "reports/detail.html": (1, "reports of one bundle"),
    "reports/country.html": (2, "grounds of one report"),
    "takedown/waits.html": (1, "a few rows for each country"),
    "takedown/partners/file.html": (1, "contents of one file, before its import"),
    "takedown/partners/files.html": (1, "the newest files; a handful"),
    "takedown/public/figure_lines.html": (1, "public; few lines"),
    "prevention/public/coverage.html": (1, "public; one row for each Member State"),
    "redress/drills/detail.html": (1, "the parties of one drill"),
    "redress/drills/list.html": (1, "drills of one Centre, newest first; nobody sorts or filters them"),
    "redress/ledger/ledger.html": (1, "rates of fixed groups"),
    "redress/privacy/breaches.html": (1, "breaches of one organisation; a handful"),
    "redress/privacy/deadlines.html": (1, "a table of the law; fixed"),
    "redress/privacy/records.html": (1, "records of one organisation; a handful"),
    "redress/privacy/requests.html": (1, "stages as the only filter; the order of the work is the only one"),
    "redress/public/figures.html": (1, "public; one line for each organisation"),
    "victims/requests/files.html": (1, "files of one request"),
    "victims/requests/hosts.html": (1, "hosts of the scheme; a handful"),
    "observatory/desk/comparison.html": (1, "counted fields of one form; fixed"),
    "observatory/desk/figures.html": (1, "figures of one organisation; a handful"),
    "observatory/desk/return.html": (1, "fields of one return, in the order of the form"),
    "observatory/desk/figure_rows.html": (1, "figures of one file, as published"),
    "observatory/public/dashboards/flows.html": (1, "public; a table of countries, and the dataset has every row"),
    "observatory/public/dashboards/map.html": (1, "public; the Member States"),
    "observatory/public/dashboards/quality.html": (1, "public; the dataset has every row"),
    "observatory/public/dashboards/surges.html": (1, "public; half a year of weeks"),
    "observatory/public/overview.html": (1, "public; the dataset has every row"),
    "observatory/public/release.html": (1, "figures of one release; a handful"),
    "reports/upload.html": (1, "the answer to one file, which can be had as a file"),
}


def _name(path: object) -> str:
    return str(path).partition("/templates/")[2]


PAGES = {_name(path): path.read_text() for path in templates() if "/components/" not in str(path)}


def _lists(text: str) -> int:
    return text.count("<tbody data-queue>") + len(set(LISTED.findall(text)))


def _tables(text: str) -> int:
    return text.count("<table") + len(set(LISTED.findall(text)))


@pytest.mark.parametrize("name", sorted(name for name, text in PAGES.items() if _tables(text)))
def test_a_table_is_a_list_or_says_why_not(name: str) -> None:
    text = PAGES[name]
    without, reason = WITHOUT.get(name, (0, "-"))
    assert _tables(text) == len(BAR.findall(text)) + without
    assert reason


def test_every_exemption_is_needed() -> None:
    assert not {name for name, (count, _reason) in WITHOUT.items() if not (_tables(PAGES.get(name, "")) and count)}


def test_every_list_that_is_offered_is_shown_once_and_the_other_way_round() -> None:
    shown = sorted(name for text in PAGES.values() for name in BAR.findall(text) if name)
    assert shown == sorted(saved_views.LISTINGS)


@pytest.mark.parametrize("name", sorted(name for name, text in PAGES.items() if BAR.search(text)))
def test_a_list_is_worked_from_the_keyboard_and_says_when_it_is_empty(name: str) -> None:
    text = PAGES[name]
    bars = len(BAR.findall(text))
    assert _lists(text) == bars
    assert text.count('"components/empty_state.html"') >= bars
