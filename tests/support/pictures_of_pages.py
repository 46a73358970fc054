"""`make pictures`: every page, state and width as a picture, into pictures/ — to be looked at by a person.

Full states come from the demonstration's month of work, empty ones from filters and young organisations, error states
from what a person can do wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page

from tests.support.browser import CHROMIUM, Demo, chromium, demonstration, signed_in

OUT = Path("pictures")
WIDTHS = (1440, 390)
# The dark colours are looked at in the wide picture; the narrow one has the same.
SCHEMES: dict[int, tuple[tuple[Literal["light", "dark"], str], ...]] = {
    1440: (("light", ""), ("dark", "-dark")),
    390: (("light", ""),),
}
# (person or "", name, address); see `visit` for the arrows.
PAGES = (
    ("", "start", "/"),
    ("", "help", "/help/"),
    ("", "help-chosen", "/help/?country=DE"),
    ("", "help-error", "/help/?country=XX"),
    ("", "law", "/law/"),
    ("", "law-gate-no", "/law/?service=interpersonal&channel=private&technology=hash&day=2026-05-01#gate"),
    ("", "classification", "/law/classification/"),
    ("", "classification-unknown", "/law/classification/?value=eu-2011-93:known-material&country=NL&on=2026-11-01"),
    ("", "log", "/log/"),
    ("", "log-older", "/log/?number=30"),
    ("", "api", "/api/"),
    ("", "docs", "/docs/"),
    ("", "docs-page", "/docs/glossary/"),
    ("", "tour", "/tour/"),
    ("", "sign-in", "/account/login/"),
    ("", "sign-in-error", "/account/login/✗"),
    ("", "not-found", "/nothing/here/"),
    ("", "invitation-error", "/join/used-long-ago/"),
    ("tom@pixelpost.example", "provider-today", "/desk/"),
    ("tom@pixelpost.example", "candidates", "/desk/candidates/"),
    ("tom@pixelpost.example", "candidates-empty", "/desk/candidates/?state=disputed"),
    ("tom@pixelpost.example", "candidate", "/desk/candidates/→"),
    ("priya@pixelpost.example", "drafts", "/desk/drafts/"),
    ("priya@pixelpost.example", "draft", "/desk/drafts/→"),
    ("priya@pixelpost.example", "drafts-to-reinstate", "/desk/drafts/?state=to_reinstate"),
    ("priya@pixelpost.example", "draft-to-reinstate", "/desk/drafts/?state=to_reinstate→"),
    ("priya@pixelpost.example", "draft-to-reinstate-error", "/desk/drafts/?state=to_reinstate→✗"),
    ("priya@pixelpost.example", "draft-to-send", "/desk/drafts/?state=drafted→"),
    ("priya@pixelpost.example", "draft-asked-about", "/desk/drafts/?state=drafted→✗"),
    ("priya@pixelpost.example", "draft-outcomes", "/desk/drafts/outcomes/"),
    ("priya@pixelpost.example", "draft-outcomes-by-month", "/desk/drafts/outcomes/?by=month"),
    ("hugo@chatterbox.example", "draft-outcomes-young", "/desk/drafts/outcomes/"),
    ("priya@pixelpost.example", "informing", "/desk/drafts/notices/"),
    ("priya@pixelpost.example", "informing-told", "/desk/drafts/notices/?state=told"),
    ("priya@pixelpost.example", "draft-informing", "/desk/drafts/notices/→"),
    ("priya@pixelpost.example", "filed-elsewhere", "/desk/drafts/filed-elsewhere/"),
    ("priya@pixelpost.example", "draft-reinstated", "/desk/drafts/?state=not_relevant→reinstated/message/"),
    ("priya@pixelpost.example", "draft-new", "/desk/drafts/new/"),
    ("priya@pixelpost.example", "draft-recipients", "/desk/drafts/→recipients/"),
    ("priya@pixelpost.example", "draft-new-error", "/desk/drafts/new/✗"),
    ("priya@pixelpost.example", "draft-edit", "/desk/drafts/?state=drafted→edit/"),
    ("priya@pixelpost.example", "lists", "/desk/lists/"),
    ("priya@pixelpost.example", "foreign", "/desk/partner-lists/"),
    ("priya@pixelpost.example", "partner-list", "/desk/partner-lists/→"),
    ("priya@pixelpost.example", "foreign-tell", "/desk/partner-lists/→telling/"),
    ("priya@pixelpost.example", "foreign-new", "/desk/partner-lists/new/"),
    ("priya@pixelpost.example", "service", "/desk/lists/⇒td a[href*='/services/']"),
    ("priya@pixelpost.example", "authorities", "/desk/lists/authorities/"),
    ("priya@pixelpost.example", "identity", "/desk/lists/identity/"),
    ("priya@pixelpost.example", "tip-accounts", "/desk/lists/cybertip/"),
    ("priya@pixelpost.example", "security-keys", "/account/2fa/webauthn/"),
    ("priya@pixelpost.example", "password-change", "/account/password/change/"),
    ("priya@pixelpost.example", "organisation", "/desk/organisation/"),
    ("priya@pixelpost.example", "invite", "/desk/organisation/invite/"),
    ("priya@pixelpost.example", "invite-error", "/desk/organisation/invite/✗"),
    ("priya@pixelpost.example", "contact-error", "/desk/organisation/contacts/new/✗"),
    ("priya@pixelpost.example", "service-error", "/desk/lists/services/new/✗"),
    ("priya@pixelpost.example", "events-error", "/desk/events/?since=yesterday"),
    ("aoife@hotline-ie.example", "acts-waiting-empty", "/desk/approvals/"),
    ("priya@pixelpost.example", "roles", "/desk/organisation/roles/"),
    ("lena@centre.example", "roles-centre", "/desk/organisation/roles/"),
    ("lena@centre.example", "doctor", "/desk/organisation/doctor/"),
    ("", "new-password-error", "/new-password/used-long-ago/"),
    ("lena@centre.example", "act-rules", "/desk/organisation/approval-rules/"),
    ("lena@centre.example", "act-rules-error", "/desk/organisation/approval-rules/✗"),
    ("priya@pixelpost.example", "key-new", "/desk/organisation/keys/new/"),
    ("priya@pixelpost.example", "contact-new", "/desk/organisation/contacts/new/"),
    ("lena@centre.example", "answers", "/desk/reports/offline-answers/"),
    ("lena@centre.example", "handling", "/desk/reports/handling/"),
    ("lena@centre.example", "evidence", "/desk/reports/evidence/"),
    ("lena@centre.example", "reading-budget", "/desk/reports/exposure/"),
    ("lena@centre.example", "reading-budget-error", "/desk/reports/exposure/✗"),
    ("priya@pixelpost.example", "recipient-new", "/desk/organisation/recipients/new/"),
    ("priya@pixelpost.example", "addresses", "/desk/organisation/addresses/"),
    ("priya@pixelpost.example", "messages", "/desk/messages/"),
    ("priya@pixelpost.example", "service-new", "/desk/lists/services/new/"),
    ("priya@pixelpost.example", "events", "/desk/events/"),
    ("priya@pixelpost.example", "event", "/desk/events/→"),
    ("priya@pixelpost.example", "events-empty", "/desk/events/?subject=nothing"),
    ("priya@pixelpost.example", "you", "/desk/you/"),
    ("priya@pixelpost.example", "you-address", "/desk/you/address/"),
    ("priya@pixelpost.example", "you-address-code", "/desk/you/address/code/"),
    ("priya@pixelpost.example", "purpose", "/desk/purpose/"),
    ("priya@pixelpost.example", "second-factors", "/account/2fa/"),
    ("hugo@chatterbox.example", "provider-young", "/desk/"),
    ("hugo@chatterbox.example", "candidates-young", "/desk/candidates/"),
    ("hugo@chatterbox.example", "lists-young", "/desk/lists/"),
    ("aoife@hotline-ie.example", "hotline-today", "/desk/"),
    ("aoife@hotline-ie.example", "foreign-passed-on", "/desk/partner-lists/→"),
    ("aoife@hotline-ie.example", "foreign-entries", "/desk/partner-lists/→entries/"),
    ("aoife@hotline-ie.example", "foreign-entries-error", "/desk/partner-lists/→entries/✗"),
    ("aoife@hotline-ie.example", "foreign-grant-new", "/desk/partner-lists/→grants/new/"),
    ("aoife@hotline-ie.example", "register", "/desk/indicators/"),
    ("aoife@hotline-ie.example", "register-empty", "/desk/indicators/?text=nothing"),
    ("aoife@hotline-ie.example", "register-series-empty", "/desk/indicators/?series=S-none"),
    ("aoife@hotline-ie.example", "propose", "/desk/indicators/propose/"),
    ("aoife@hotline-ie.example", "propose-error", "/desk/indicators/propose/✗"),
    ("jan@hotline-de.example", "dossier-to-certify", "/desk/indicators/?state=mine_to_certify→"),
    ("aoife@hotline-ie.example", "register-videos", "/desk/indicators/?media=video"),
    ("jan@hotline-de.example", "dossier-video-to-certify", "/desk/indicators/?media=video→"),
    ("lena@centre.example", "dossier-video", "/desk/indicators/?media=video&state=active→"),
    ("tom@pixelpost.example", "candidate-video", "/desk/candidates/?rule=near-segment→"),
    ("lena@centre.example", "dossier-centre", "/desk/indicators/?state=active→"),
    ("lena@centre.example", "dossier-suspended", "/desk/indicators/?state=suspended→"),
    ("lena@centre.example", "releases", "/desk/indicators/releases/"),
    ("jan@hotline-de.example", "imports", "/desk/indicators/imports/"),
    ("jan@hotline-de.example", "import-new", "/desk/indicators/imports/new/"),
    ("jan@hotline-de.example", "import-new-error", "/desk/indicators/imports/new/✗"),
    ("jan@hotline-de.example", "import", "/desk/indicators/imports/→"),
    ("lena@centre.example", "disputes", "/desk/indicators/disputes/"),
    ("lena@centre.example", "disputes-empty", "/desk/indicators/disputes/?state=upheld"),
    ("lena@centre.example", "samples", "/desk/indicators/samples/"),
    ("lena@centre.example", "samples-error", "/desk/indicators/samples/✗"),
    ("lena@centre.example", "sample", "/desk/indicators/samples/⇒tbody[data-queue] tr:last-child a"),
    ("lena@centre.example", "sample-open", "/desk/indicators/samples/→"),
    ("maya@hotline-de.example", "review-again", "/desk/indicators/review/"),
    ("lena@centre.example", "alerts", "/desk/indicators/alerts/"),
    ("lena@centre.example", "import-sizes", "/desk/indicators/alerts/imports/"),
    ("lena@centre.example", "import-sizes-error", "/desk/indicators/alerts/imports/✗"),
    ("lena@centre.example", "lawful-pictures", "/desk/indicators/lawful/"),
    ("aoife@hotline-ie.example", "lawful-pictures-of-one", "/desk/indicators/lawful/"),
    ("jan@hotline-de.example", "lawful-pictures-empty", "/desk/indicators/lawful/?find=nothing&out-find=nothing"),
    ("", "register-policy", "/log/register-policy"),
    ("lena@centre.example", "directory", "/desk/directory/"),
    ("lena@centre.example", "directory-entry", "/desk/directory/→"),
    ("lena@centre.example", "organisation-new", "/desk/directory/new/"),
    ("lena@centre.example", "grant-new", "/desk/indicators/grants/new/"),
    ("lena@centre.example", "absence", "/desk/indicators/absence/"),
    ("lena@centre.example", "grant-error", "/desk/indicators/grants/new/✗"),
    ("lena@centre.example", "absence-error", "/desk/indicators/absence/✗"),
    ("lena@centre.example", "classification-import-error", "/desk/classification/✗"),
    ("lena@centre.example", "organisation-error", "/desk/directory/new/✗"),
    ("lena@centre.example", "classification-import", "/desk/classification/"),
    ("lena@centre.example", "law-desk", "/desk/law/"),
    ("lena@centre.example", "law-act", "/desk/law/→"),
    ("marek@centre.example", "centre-today", "/desk/"),
    ("marek@centre.example", "queue", "/desk/reports/?state=all"),
    ("marek@centre.example", "queue-empty", "/desk/reports/?text=R-0000-0000-0"),
    ("marek@centre.example", "report", "/desk/reports/?state=all→"),
    ("marek@centre.example", "report-retracted", "/desk/reports/?state=retracted→"),
    ("marek@centre.example", "report-routing", "/desk/reports/?state=forward→routing/"),
    ("marek@centre.example", "report-error", "/desk/reports/→✗"),
    ("priya@pixelpost.example", "report-upload", "/desk/uploads/"),
    ("marek@centre.example", "report-alerts", "/desk/reports/alerts/"),
    ("marek@centre.example", "report-undelivered", "/desk/reports/undelivered/"),
    ("marek@centre.example", "report-surges", "/desk/reports/surges/"),
    ("marek@centre.example", "report-drawn", "/desk/reports/spot-checks/"),
    ("marek@centre.example", "report-bundle", "/desk/reports/?state=all⇒td.number a[href*='/bundles/']"),
    ("marek@centre.example", "report-bundles", "/desk/reports/bundles/"),
    ("marek@centre.example", "report-bundles-nothing-found", "/desk/reports/bundles/?find=nothing"),
    ("marek@centre.example", "queue-newest-first", "/desk/reports/?state=all&sort=-received"),
    ("marek@centre.example", "report-funnel", "/desk/reports/funnel/"),
    ("marek@centre.example", "report-funnel-weeks", "/desk/reports/funnel/weeks/"),
    ("marek@centre.example", "report-volumes", "/desk/reports/volumes/"),
    ("marek@centre.example", "report-providers", "/desk/reports/providers/"),
    ("marek@centre.example", "report-provider", "/desk/reports/providers/→"),
    ("katrin@police-de.example", "authority-today", "/desk/"),
    ("katrin@police-de.example", "resealing", "/desk/inbox/resealing/"),
    ("luc@police-fr.example", "resealing-empty", "/desk/inbox/resealing/"),
    ("katrin@police-de.example", "inbox", "/desk/inbox/?state=all"),
    ("katrin@police-de.example", "inbox-empty", "/desk/inbox/?text=nothing"),
    ("katrin@police-de.example", "deconfliction", "/desk/deconfliction/"),
    ("luc@police-fr.example", "deconfliction-asked", "/desk/deconfliction/"),
    ("luc@police-fr.example", "contact-requests", "/desk/deconfliction/requests/"),
    ("nora@audit.example", "deconfliction-uses", "/desk/oversight/deconfliction/"),
    ("katrin@police-de.example", "teams", "/desk/inbox/teams/"),
    ("katrin@police-de.example", "outcomes-table", "/desk/inbox/outcomes/"),
    ("katrin@police-de.example", "referral", "/desk/inbox/?state=all→"),
    ("katrin@police-de.example", "referral-files", "/desk/inbox/?state=all→evidence/"),
    ("nora@audit.example", "audit-today", "/desk/"),
    ("nora@audit.example", "audit-events", "/desk/events/"),
    ("nora@audit.example", "search-samples", "/desk/search/samples/"),
    ("", "public-report", "/en/report/"),
    ("", "public-report-address", "/en/report-address/"),
    ("", "public-report-danger", "/en/report-danger/"),
    ("aoife@hotline-ie.example", "takedown", "/desk/takedown/"),
    ("aoife@hotline-ie.example", "takedown-empty", "/desk/takedown/?text=T-none"),
    ("aoife@hotline-ie.example", "takedown-case", "/desk/takedown/→"),
    ("aoife@hotline-ie.example", "takedown-closed", "/desk/takedown/?stage=closed→"),
    ("aoife@hotline-ie.example", "takedown-to-notify", "/desk/takedown/?stage=act→"),
    ("aoife@hotline-ie.example", "takedown-new", "/desk/takedown/new/"),
    ("aoife@hotline-ie.example", "takedown-new-error", "/desk/takedown/new/✗"),
    ("aoife@hotline-ie.example", "takedown-imports", "/desk/takedown/imports/"),
    ("aoife@hotline-ie.example", "takedown-import", "/desk/takedown/imports/→"),
    ("aoife@hotline-ie.example", "takedown-import-new", "/desk/takedown/imports/new/"),
    ("aoife@hotline-ie.example", "takedown-import-error", "/desk/takedown/imports/new/✗"),
    ("aoife@hotline-ie.example", "takedown-vantage-points", "/desk/takedown/vantage-points/"),
    ("aoife@hotline-ie.example", "takedown-payments", "/desk/takedown/payments/"),
    ("aoife@hotline-ie.example", "takedown-proactive", "/desk/takedown/proactive/"),
    ("aoife@hotline-ie.example", "takedown-waits", "/desk/takedown/waits/"),
    ("aoife@hotline-ie.example", "takedown-with-partner", "/desk/takedown/?stage=all&partner=with→"),
    ("jan@hotline-de.example", "takedown-from-partner", "/desk/takedown/?stage=all&source=hotline→"),
    ("aoife@hotline-ie.example", "takedown-partners", "/desk/takedown/partners/"),
    ("aoife@hotline-ie.example", "takedown-partner-new", "/desk/takedown/partners/new/"),
    ("aoife@hotline-ie.example", "takedown-partner-new-error", "/desk/takedown/partners/new/✗"),
    ("aoife@hotline-ie.example", "takedown-case-files", "/desk/takedown/partners/files/"),
    ("aoife@hotline-ie.example", "takedown-case-files-error", "/desk/takedown/partners/files/✗"),
    ("aoife@hotline-ie.example", "takedown-case-file", "/desk/takedown/partners/files/⇒main tbody a"),
    ("aoife@hotline-ie.example", "takedown-ledger", "/desk/takedown/ledger/"),
    ("aoife@hotline-ie.example", "takedown-yearly-report", "/desk/takedown/ledger/yearly-report/"),
    ("", "takedown-figures", "/en/takedown-figures/"),
    ("aoife@hotline-ie.example", "next-takedown", "/desk/work/takedown/next/"),
    ("", "host-answer-error", "/en/notice-answer/expired-long-ago/"),
    ("priya@pixelpost.example", "hosting", "/desk/hosting/"),
    ("priya@pixelpost.example", "hosting-empty", "/desk/hosting/?text=H-none"),
    ("priya@pixelpost.example", "hosting-notice", "/desk/hosting/→"),
    ("priya@pixelpost.example", "hosting-decided", "/desk/hosting/?state=decided→"),
    ("priya@pixelpost.example", "hosting-orders", "/desk/hosting/orders/"),
    ("priya@pixelpost.example", "hosting-orders-empty", "/desk/hosting/orders/?text=O-none"),
    ("priya@pixelpost.example", "hosting-order", "/desk/hosting/orders/→"),
    ("priya@pixelpost.example", "hosting-order-answered", "/desk/hosting/orders/?view=answered→"),
    ("priya@pixelpost.example", "hosting-order-simulated", "/desk/hosting/orders/?kind=removal&view=all→"),
    ("katrin@police-de.example", "orders", "/desk/orders/?view=all"),
    ("katrin@police-de.example", "orders-empty", "/desk/orders/?text=O-none"),
    ("katrin@police-de.example", "order", "/desk/orders/?view=all→"),
    ("katrin@police-de.example", "order-reversing", "/desk/orders/?view=reversing→"),
    ("katrin@police-de.example", "order-new", "/desk/orders/new/content/"),
    ("katrin@police-de.example", "order-new-error", "/desk/orders/new/content/✗"),
    ("katrin@police-de.example", "order-new-simulated", "/desk/orders/new/blocking/"),
    ("katrin@police-de.example", "order-requests", "/desk/orders/requests/"),
    ("katrin@police-de.example", "order-request", "/desk/orders/requests/→"),
    ("priya@pixelpost.example", "hosting-database", "/desk/hosting/database/"),
    ("priya@pixelpost.example", "hosting-figures", "/desk/hosting/figures/"),
    ("priya@pixelpost.example", "hosting-database-error", "/desk/hosting/database/✗"),
    ("priya@pixelpost.example", "next-hosting", "/desk/work/hosting/next/"),
    ("", "message", "/en/message/"),
    ("", "message-answers", "/en/message/answers/"),
    ("marek@centre.example", "conversations", "/desk/conversations/"),
    ("marek@centre.example", "conversations-empty", "/desk/conversations/?state=closed"),
    ("marek@centre.example", "conversation", "/desk/conversations/→"),
    ("marek@centre.example", "conversation-error", "/desk/conversations/→✗"),
    ("priya@pixelpost.example", "bases", "/desk/bases/"),
    ("priya@pixelpost.example", "bases-error", "/desk/bases/✗"),
    ("lena@centre.example", "law-measures", "/desk/law/measures/"),
    ("lena@centre.example", "law-measures-error", "/desk/law/measures/✗"),
    ("lena@centre.example", "mandates", "/desk/mandates/"),
    ("aoife@hotline-ie.example", "on-call", "/desk/on-call/"),
    ("aoife@hotline-ie.example", "on-call-error", "/desk/on-call/✗"),
    ("nora@audit.example", "mandates-audited", "/desk/mandates/"),
    ("marek@centre.example", "search", "/desk/search/"),
    ("marek@centre.example", "notifications", "/desk/notifications/"),
    ("marek@centre.example", "next-report", "/desk/work/report/next/"),
    ("tom@pixelpost.example", "next-candidate", "/desk/work/candidate/next/"),
    ("katrin@police-de.example", "next-referral", "/desk/work/referral/next/"),
    ("maya@hotline-de.example", "next-indicator", "/desk/work/indicator/next/"),
    ("marek@centre.example", "search-error", "/desk/search/✗"),
    ("marek@centre.example", "search-results", "/desk/search/⌕a"),
    ("nora@audit.example", "verify", "/desk/events/verify/?run=1"),
)

# Pages that a picture reaches by an arrow: their route, and the picture's name.
BEHIND = {
    "conversation": "conversation",
    "candidate": "candidate",
    "draft": "draft",
    "draft_edit": "draft-edit",
    "draft_recipients": "draft-recipients",
    "draft_informing": "draft-informing",
    "draft_reinstated_message": "draft-reinstated",
    "service": "service",
    "indicator": "dossier-centre",
    "organisation_entry": "directory-entry",
    "law_act": "law-act",
    "report": "report",
    "report_routing": "report-routing",
    "report_provider": "report-provider",
    "report_bundle": "report-bundle",
    "referral": "referral",
    "takedown_case": "takedown-case",
    "takedown_import": "takedown-import",
    "takedown_case_file": "takedown-case-file",
    "hosting_notice": "hosting-notice",
    "hosting_order": "hosting-order",
    "order": "order",
    "order_request": "order-request",
    "referral_files": "referral-files",
    "event": "event",
    "partner_list": "partner-list",
    "partner_entries": "foreign-entries",
    "partner_grant_new": "foreign-grant-new",
    "audit_sample": "sample",
    "import_run": "import",
    "partner_tell": "foreign-tell",
}


def visit(page: Page, address: str) -> None:
    """Open an address. → opens the first entry of its queue and then what follows it; ⇒ opens the link it names.

    ⌕ types what follows into the field of the header and sends it.
    ✗ at the end sends the page's form as it is, unfilled, past what the browser itself would hold back.
    """
    address, _typed, words = address.partition("⌕")
    address, wrong = address.removesuffix("✗"), address.endswith("✗")
    start, arrow, rest = address.partition("→")
    page.goto(start.partition("⇒")[0])
    if arrow:
        page.locator("tbody[data-queue] a").first.click()
        page.wait_for_load_state()
        if rest:
            page.goto(page.url + rest)
    elif "⇒" in start:
        page.locator(start.partition("⇒")[2]).first.click()
        page.wait_for_load_state()
    if words:
        page.locator("#search-all").fill(words)
        page.locator("#search-all").press("Enter")
        page.wait_for_load_state()
    if wrong:
        form = page.locator("main form[method=post]:not(.listbar *, .workbar *):visible").first
        form.evaluate("form => { form.noValidate = true; }")
        form.locator("button").first.click()
        page.wait_for_load_state()


def sessions(browser: Browser, demo: Demo, width: int) -> Iterator[tuple[str, str, BrowserContext]]:
    """(name, address, session) of every page, one session a person."""
    opened: dict[str, BrowserContext] = {}
    for email, name, address in PAGES:
        if email not in opened:
            plain = {"base_url": demo.address, "viewport": {"width": width, "height": 900}}
            opened[email] = signed_in(browser, demo, email, width) if email else browser.new_context(**plain)  # type: ignore[arg-type]
        yield name, address, opened[email]


def main() -> None:
    if CHROMIUM is None:
        sys.exit("Chromium is missing: apt install chromium")
    OUT.mkdir(exist_ok=True)
    with demonstration() as demo, chromium() as browser:
        for width in WIDTHS:
            for name, address, context in sessions(browser, demo, width):
                page = context.new_page()
                visit(page, address)
                for scheme, mark in SCHEMES[width]:
                    page.emulate_media(color_scheme=scheme)
                    page.screenshot(path=OUT / f"{name}-{width}{mark}.png", full_page=True)
                page.close()
                print(f"{name}-{width}.png")  # noqa: T201 - progress


if __name__ == "__main__":
    main()
