"""`make pictures`: every page, state and width as a picture, into pictures/ — to be looked at by a person.

Full states come from the demonstration's month of work, empty ones from filters and young organisations, error states
from what a person can do wrong.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, Response

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
    ("ines@support.example", "help-services", "/desk/help-services/"),
    ("ines@support.example", "help-service", "/desk/help-services/edit/?country=IE&name=Childline"),
    ("ines@support.example", "help-service-error", "/desk/help-services/edit/✗"),
    ("", "help", "/help/"),
    ("", "help-language", "/help/ar/"),
    ("", "help-danger", "/help/de/danger/"),
    ("", "help-who", "/help/en/who/"),
    ("", "help-what", "/help/ar/teen/"),
    ("", "help-threat", "/help/en/teen/threat/"),
    ("", "help-easy", "/help/de/easy/hurt/"),
    ("", "help-safety", "/help/ar/safety/"),
    ("", "help-learn", "/help/en/learn/groom/"),
    ("", "help-find", "/help/en/find/"),
    ("", "help-find-country", "/help/ar/find/?country=FR"),
    ("", "help-find-unknown", "/help/en/find/?country=MT"),
    ("", "help-duties", "/help/en/duties/"),
    ("", "law", "/law/"),
    ("", "law-gate-no", "/law/?service=interpersonal&channel=private&technology=hash&day=2026-05-01#gate"),
    ("", "classification", "/law/classification/"),
    ("", "classification-unknown", "/law/classification/?value=eu-2011-93:known-material&country=NL&on=2026-11-01"),
    ("", "log", "/log/"),
    ("", "figures", "/figures/"),
    ("", "figure-funnel", "/figures/dashboards/funnel/"),
    ("", "figure-map", "/figures/dashboards/map/"),
    ("", "figure-flows", "/figures/dashboards/flows/"),
    ("", "figure-surges", "/figures/dashboards/surges/"),
    ("", "figure-quality", "/figures/dashboards/quality/"),
    ("", "figure-removal", "/figures/dashboards/removal/"),
    ("", "figure-release", "/figures/⇒a[href*='/figures/releases/']"),
    ("", "figure-definitions", "/figures/definitions/"),
    ("", "figure-claims", "/figures/claims/"),
    ("", "figure-calculator", "/figures/calculator/"),
    ("", "figure-calculator-error", "/figures/calculator/?one_in=0&sensitivity=400&false_positives=1&items=1"),
    ("", "open-data", "/open-data/"),
    ("", "open-data-set", "/open-data/published-figures/"),
    ("", "open-data-flows", "/open-data/report-flows/"),
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
    ("priya@pixelpost.example", "foreign-tell", "/desk/partner-lists/→feedback/"),
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
    ("lena@centre.example", "own-figures", "/desk/figures/"),
    ("lena@centre.example", "own-figures-error", "/desk/figures/?period=soon"),
    ("lena@centre.example", "figure-imports", "/desk/figures/imports/"),
    ("lena@centre.example", "figure-imports-error", "/desk/figures/imports/✗"),
    ("lena@centre.example", "figure-import", "/desk/figures/imports/⇒main a[href*='/figures/imports/']"),
    ("lena@centre.example", "figures-due", "/desk/figures/due/"),
    ("nora@audit.example", "figures-audit", "/desk/figures/"),
    ("nora@audit.example", "figures-recomputed", "/desk/figures/⇒a[href*='/recompute/']"),
    ("priya@pixelpost.example", "return", "/desk/returns/⇒main a[href*='/desk/returns/']:not([href*='/new/'])"),
    ("lena@centre.example", "returns", "/desk/returns/"),
    ("lena@centre.example", "return-form", "/desk/returns/new/centre-csar-84/2025/"),
    ("lena@centre.example", "received-returns", "/desk/returns/received/"),
    ("lena@centre.example", "received-returns-error", "/desk/returns/received/✗"),
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
    ("", "removal", "/en/removal/"),
    ("", "removal-danger", "/en/removal/danger/"),
    ("", "removal-pictures", "/en/removal/pictures/"),
    ("", "removal-written", "/en/remove-pictures/"),
    ("ines@support.example", "removal-request", "/desk/conversations/→"),
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
    ("aoife@hotline-ie.example", "takedown-machines", "/desk/takedown/machines/"),
    ("aoife@hotline-ie.example", "takedown-machines-error", "/desk/takedown/machines/✗"),
    ("aoife@hotline-ie.example", "takedown-payments", "/desk/takedown/payments/"),
    ("aoife@hotline-ie.example", "takedown-proactive", "/desk/takedown/proactive/"),
    ("aoife@hotline-ie.example", "takedown-waits", "/desk/takedown/waits/"),
    ("aoife@hotline-ie.example", "takedown-with-partner", "/desk/takedown/?stage=all&partner=with→"),
    ("jan@hotline-de.example", "takedown-examined", "/desk/takedown/?source=entered⇒tbody tr:last-child a"),
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
    ("priya@pixelpost.example", "hosting-new", "/desk/hosting/new/"),
    ("priya@pixelpost.example", "hosting-new-error", "/desk/hosting/new/✗"),
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
    ("", "public-complaint", "/en/complaint/"),
    ("", "public-complaint-write", "/en/complaint/⇒main li a"),
    ("", "complaint-figures", "/en/complaint-figures/"),
    ("sofia@pixelpost.example", "complaints", "/desk/complaints/"),
    ("sofia@pixelpost.example", "complaints-empty", "/desk/complaints/?text=K-none"),
    ("sofia@pixelpost.example", "complaint", "/desk/complaints/→"),
    ("priya@pixelpost.example", "complaint-closed", "/desk/complaints/?view=closed→"),
    ("sofia@pixelpost.example", "complaint-new", "/desk/complaints/new/"),
    ("sofia@pixelpost.example", "complaint-new-error", "/desk/complaints/new/✗"),
    ("sofia@pixelpost.example", "next-complaint", "/desk/work/complaint/next/"),
    ("priya@pixelpost.example", "reversals", "/desk/reversals/"),
    ("priya@pixelpost.example", "reversals-empty", "/desk/reversals/?text=E-none"),
    ("priya@pixelpost.example", "reversal-finished", "/desk/reversals/?view=ended→"),
    ("lena@centre.example", "reversal", "/desk/reversals/?view=all→"),
    ("katrin@police-de.example", "reversal-of-authority", "/desk/reversals/?view=all→"),
    ("priya@pixelpost.example", "error-ledger", "/desk/error-ledger/"),
    ("lena@centre.example", "error-ledger-centre", "/desk/error-ledger/"),
    ("priya@pixelpost.example", "data-requests", "/desk/data-subjects/"),
    ("priya@pixelpost.example", "data-request", "/desk/data-subjects/→"),
    ("katrin@police-de.example", "data-request-indirect", "/desk/data-subjects/→"),
    ("priya@pixelpost.example", "data-request-new", "/desk/data-subjects/new/"),
    ("priya@pixelpost.example", "data-request-new-error", "/desk/data-subjects/new/✗"),
    ("priya@pixelpost.example", "processing-records", "/desk/data-subjects/records/"),
    ("priya@pixelpost.example", "processing-records-error", "/desk/data-subjects/records/✗"),
    ("priya@pixelpost.example", "hand-over", "/desk/data-subjects/hand-over/"),
    ("priya@pixelpost.example", "redress-deadlines", "/desk/data-subjects/deadlines/"),
    ("priya@pixelpost.example", "breaches", "/desk/breaches/"),
    ("priya@pixelpost.example", "breaches-error", "/desk/breaches/✗"),
    ("priya@pixelpost.example", "breach", "/desk/breaches/→"),
    ("", "worried", "/en/worried/"),
    ("", "worried-duty", "/en/worried/duty/"),
    ("", "worried-adult", "/en/worried/adult/"),
    ("", "worried-young", "/en/worried/young/"),
    ("", "early-signs", "/en/worried/early-signs/"),
    ("", "worried-arabic", "/ar/worried/"),
    ("", "worried-duty-german", "/de/worried/duty/"),
    ("", "early-signs-arabic", "/ar/worried/early-signs/"),
    ("", "safe-organisations", "/en/worried/organisations/"),
    ("", "worried-relative", "/en/worried/relative/"),
    ("", "code-of-conduct", "/en/worried/code-of-conduct/"),
    ("", "teaching", "/en/worried/teaching/"),
    ("", "workbook", "/en/worried/workbook/"),
    ("", "hub", "/en/prevention/"),
    ("", "hub-empty", "/en/prevention/?q=nothingofthis"),
    ("", "hub-programme", "/en/prevention/?kind=programme⇒main article a"),
    ("", "hub-study", "/en/prevention/?kind=study⇒main article a"),
    ("", "hub-coverage", "/en/prevention/coverage/"),
    ("", "hub-rule", "/en/prevention/rule/"),
    ("", "hub-overdue", "/en/prevention/overdue/"),
    ("", "hub-questions", "/en/prevention/questions/"),
    ("", "hub-briefs", "/en/prevention/briefs/"),
    ("lena@centre.example", "prevention-questions", "/desk/prevention/questions/"),
    ("lena@centre.example", "prevention-question", "/desk/prevention/questions/⇒main li a"),
    ("lena@centre.example", "prevention-briefs", "/desk/prevention/briefs/"),
    ("lena@centre.example", "prevention-materials", "/desk/prevention/materials/"),
    ("lena@centre.example", "prevention-material", "/desk/prevention/materials/⇒main li a"),
    ("lena@centre.example", "prevention-campaigns", "/desk/prevention/campaigns/"),
    ("lena@centre.example", "prevention-training", "/desk/prevention/training/"),
    ("lena@centre.example", "prevention", "/desk/prevention/"),
    ("lena@centre.example", "prevention-programme", "/desk/prevention/⇒main section a"),
    ("lena@centre.example", "prevention-programme-new", "/desk/prevention/new/"),
    ("lena@centre.example", "prevention-studies", "/desk/prevention/studies/"),
    ("lena@centre.example", "prevention-study", "/desk/prevention/studies/⇒main li a"),
    ("lena@centre.example", "prevention-study-new", "/desk/prevention/studies/new/"),
    ("lena@centre.example", "prevention-import", "/desk/prevention/studies/import/"),
    ("lena@centre.example", "prevention-texts", "/desk/prevention/texts/"),
    ("lena@centre.example", "prevention-search", "/desk/prevention/search/?q=invented"),
    ("lena@centre.example", "network", "/desk/prevention/network/"),
    ("lena@centre.example", "network-groups", "/desk/prevention/network/groups/"),
    ("lena@centre.example", "network-views", "/desk/prevention/network/views/"),
    ("lena@centre.example", "network-map", "/desk/prevention/network/map/"),
    ("", "hub-network", "/en/prevention/network/"),
    ("lena@centre.example", "prevention-overdue", "/desk/prevention/overdue/"),
    ("lena@centre.example", "drills", "/desk/drills/"),
    ("lena@centre.example", "drill", "/desk/drills/→"),
    ("aoife@hotline-ie.example", "drills-of-member", "/desk/drills/"),
    ("priya@pixelpost.example", "drills-of-provider", "/desk/drills/"),
    ("", "removal-for-somebody", "/en/removal/for-somebody/"),
    ("ines@support.example", "removals", "/desk/removals/?view=all"),
    ("ines@support.example", "removals-empty", "/desk/removals/?text=W-none"),
    ("ines@support.example", "removal-request", "/desk/removals/?view=working→"),
    ("ines@support.example", "removal-request-held", "/desk/removals/?view=flagged→"),
    ("ines@support.example", "removal-request-closed", "/desk/removals/?view=closed→"),
    ("ines@support.example", "removal-new", "/desk/removals/new/"),
    ("ines@support.example", "removal-new-error", "/desk/removals/new/✗"),
    ("ines@support.example", "removal-hosts", "/desk/removals/hosts/"),
    ("ines@support.example", "next-removal-request", "/desk/work/removal_request/next/"),
    ("ines@support.example", "information-requests", "/desk/information/?view=all"),
    ("ines@support.example", "information-requests-empty", "/desk/information/?text=J-none"),
    ("ines@support.example", "information-request", "/desk/information/→"),
    ("ines@support.example", "information-request-answered", "/desk/information/?view=closed→"),
    ("ines@support.example", "information-new", "/desk/information/new/"),
    ("ines@support.example", "information-new-error", "/desk/information/new/✗"),
    ("ines@support.example", "next-information-request", "/desk/work/information_request/next/"),
    ("ines@support.example", "support-cases", "/desk/support/?view=all"),
    ("ines@support.example", "support-cases-empty", "/desk/support/?text=Y-none"),
    ("ines@support.example", "support-case", "/desk/support/?view=supported→"),
    ("ines@support.example", "support-case-new", "/desk/support/?view=new→"),
    ("ines@support.example", "support-new", "/desk/support/new/"),
    ("ines@support.example", "support-new-error", "/desk/support/new/✗"),
    ("ines@support.example", "next-support-case", "/desk/work/support_case/next/"),
    ("ines@support.example", "vault", "/desk/support/vault/"),
    ("ines@support.example", "vault-identity", "/desk/support/?view=supported→identity/"),
    ("ines@support.example", "support-library", "/desk/support/library/"),
    ("ines@support.example", "survivor-voices", "/desk/support/voices/"),
    ("ines@support.example", "helpline", "/desk/helpline/"),
    ("ines@support.example", "helpline-return", "/desk/helpline/⇒main a[href*='/returns/']"),
    ("ines@support.example", "agency-hand-overs", "/desk/hand-overs/?view=all"),
    ("ines@support.example", "agency-hand-overs-empty", "/desk/hand-overs/?text=X-none"),
    ("ines@support.example", "agency-hand-over", "/desk/hand-overs/→"),
    ("ines@support.example", "agency-hand-over-new", "/desk/hand-overs/new/"),
    ("ines@support.example", "agency-hand-over-new-error", "/desk/hand-overs/new/✗"),
    ("katrin@police-de.example", "agency-hand-over-received", "/desk/hand-overs/→"),
    ("katrin@police-de.example", "next-hand-over", "/desk/work/agency_hand_over/next/"),
    ("", "ask-about-pictures", "/en/ask-about-pictures/"),
    ("", "ask-for-another", "/en/ask-for-another/"),
    ("", "survivors-voice", "/ar/survivors-voice/"),
    ("", "ask-for-support", "/ar/support/"),
    ("tom@pixelpost.example", "removal-items", "/desk/removal-items/"),
    ("tom@pixelpost.example", "removal-items-empty", "/desk/removal-items/?text=G-none"),
    ("tom@pixelpost.example", "removal-item", "/desk/removal-items/→"),
    ("tom@pixelpost.example", "next-found-item", "/desk/work/found_item/next/"),
    ("priya@pixelpost.example", "removal-scheme", "/desk/removal-items/scheme/"),
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
    "information_request": "information-request",
    "support_case": "support-case",
    "vault_identity": "vault-identity",
    "helpline_return": "helpline-return",
    "hand_over_detail": "agency-hand-over",
    "figure_release": "figure-release",
    "recompute_figures": "figures-recomputed",
    "return": "return",
    "import_of_figures": "figure-import",
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
    "complaint": "complaint",
    "removal_request": "removal-request",
    "removal_item": "removal-item",
    "removal_item_open": "removal-item",
    "reversal": "reversal",
    "data_request": "data-request",
    "breach": "breach",
    "drill": "drill",
    "hub_programme": "hub-programme",
    "hub_study": "hub-study",
    "prevention_programme": "prevention-programme",
    "prevention_programme_edit": "prevention-programme-new",
    "prevention_material": "prevention-material",
    "prevention_question": "prevention-question",
    "prevention_study": "prevention-study",
    "prevention_study_edit": "prevention-study-new",
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


# Pages that say that nothing is there.
NOT_FOUND = {
    "/nothing/here/",
    "/join/used-long-ago/",
    "/new-password/used-long-ago/",
    "/en/notice-answer/expired-long-ago/",
}


def visit(page: Page, address: str) -> None:
    """Open an address. → opens the first entry of its queue and then what follows it; ⇒ opens the link it names.

    ⌕ types what follows into the field of the header and sends it.
    ✗ at the end sends the page's form as it is, unfilled, past what the browser itself would hold back.
    Raises `AssertionError` where a page is not found, unless it is one of `NOT_FOUND`.
    """
    missing: list[str] = []

    def note(answer: Response) -> None:
        if answer.request.is_navigation_request() and answer.frame == page.main_frame and answer.status == 404:
            missing.append(answer.url)

    page.on("response", note)
    try:
        _opened(page, address)
    finally:
        page.remove_listener("response", note)
    assert not missing or address in NOT_FOUND, f"{address}: not found: {missing[0]}"


def _opened(page: Page, address: str) -> None:
    address, _typed, words = address.partition("⌕")
    address, wrong = address.removesuffix("✗"), address.endswith("✗")
    start, arrow, rest = address.partition("→")
    page.goto(start.partition("⇒")[0])
    if arrow:
        first = page.locator("tbody[data-queue] a").first
        assert first.count(), f"{start} has no entry to open"
        _leave(page, first.click)
        if rest:
            page.goto(page.url + rest)
    elif "⇒" in start:
        _leave(page, page.locator(start.partition("⇒")[2]).first.click)
    if words:
        page.locator("#search-all").fill(words)
        _leave(page, lambda: page.locator("#search-all").press("Enter"))
    if wrong:
        form = page.locator("main form[method=post]:not(.listbar *, .workbar *):visible").first
        form.evaluate("form => { form.noValidate = true; }")
        _leave(page, form.locator("button").first.click)


def _leave(page: Page, act: Callable[[], None]) -> None:
    """Act, and wait until the page to which it leads is loaded.

    Neither the state of the page that is left tells it, for that was loaded, too, nor a navigation: htmx replaces the
    address of a page by itself a moment after it was loaded.
    """
    with page.expect_event("load"):
        act()


def window(browser: Browser, demo: Demo, email: str, width: int) -> BrowserContext:
    """A window of a person of the cast, or of nobody."""
    if email:
        return signed_in(browser, demo, email, width)
    return browser.new_context(base_url=demo.address, viewport={"width": width, "height": 900})


def sessions(browser: Browser, demo: Demo, width: int) -> Iterator[tuple[str, str, BrowserContext]]:
    """(name, address, window) of every page, one window a person."""
    opened: dict[str, BrowserContext] = {}
    for email, name, address in PAGES:
        if email not in opened:
            opened[email] = window(browser, demo, email, width)
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
