"""The desks of a bench of pages: their organisations, the million of reports, and the address of every page."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import figures
import report_rows
from tests.support import database

ROWS = int(os.environ.get("SIZE", "3000" if figures.QUICK else "1000000"))
PROVIDERS = 40
COUNTRIES = ("DE", "FR", "PL", "IT", "ES", "NL", "IE", "BE", "SE", "AT", "CZ", "PT")
# An address that one in a hundred reports names.
COMMON = "203.0.113.200"
type Pages = dict[str, tuple[Any, str]]


class Desks:
    """A Centre, an authority of each country, many providers; `sign_in` lets the people in whose browsers ask."""

    def __init__(self) -> None:
        from tests.support.cast import Cast
        from tests.support.detection_world import World
        from tests.support.reports_world import Authority, Centre

        self.cast = cast = Cast()
        self.centre, self.provider = Centre(cast), World(cast)
        self.authority = Authority(self.centre, COUNTRIES[0])
        others = [cast.organisation("Kriminalamt", "authority", country) for country in COUNTRIES[1:]]
        self.authorities = [self.authority.machine, *others]
        more = [cast.organisation("Provider", "provider", "IE") for _ in range(PROVIDERS - 1)]
        self.providers = [cast.pixelpost, *more]

    def sign_in(self) -> None:
        """Give everybody a browser."""
        cast = self.cast
        self.lead = cast.client(cast.centre, "analyst", "lead")
        self.investigator = cast.client(self.authority.machine, "investigator")
        self.reviewer = cast.client(cast.pixelpost, "lead")
        self.auditor = cast.client(cast.auditor, "auditor")

    def fill(self) -> None:
        """Write the rows, and count what the nightly job counts."""
        from tutela import clock
        from tutela.reports.figures import volumes

        report_rows.fill(database.superuser(), {**self._values(), "begin": clock.now() - timedelta(days=365)})
        volumes.count(self.centre.machine)
        volumes.watch(self.centre.machine)

    def _values(self) -> dict[str, Any]:
        from psycopg.types.json import Jsonb
        from tests.support.reporting import report

        from tutela.casework.search.keys import key_of
        from tutela.casework.search.values import ValueKind, value
        from tutela.events.transaction import acting
        from tutela.organisations.models import SubjectKey
        from tutela.reports.models import Bundle

        row = self.centre.row(self.centre.file(report()))
        with acting(self.centre.machine):
            wrapped = bytes(SubjectKey.objects.filter(subject_id=str(row.report_id))[0].wrapped)
            first = Bundle.objects.values_list("pk", flat=True)[0]
        return {
            "rows": ROWS,
            "common": key_of(self.centre.machine.organisation_id, value(ValueKind.IP, COMMON)),
            "centre": self.centre.machine.organisation_id,
            "first": first,
            "wrapped": wrapped,
            "countries": list(COUNTRIES),
            "authorities": [one.organisation_id for one in self.authorities],
            "providers": [one.organisation_id for one in self.providers],
            "body": bytes(row.sealed_body),
            "names": [one.organisation_name for one in self.providers],
            "receipt": bytes(row.receipt),
            "reasons": Jsonb(row.reasons),
            "authority": self.authority.machine.organisation_id,
            "provider": self.cast.pixelpost.organisation_id,
            "service": self.provider.service,
        }

    def pages(self) -> Pages:
        """Every page; what one opens was filed, referred and found by the real code just now."""
        return {
            **{f"centre_{name}": (self.lead, address) for name, address in self._centre().items()},
            **{f"authority_{name}": (self.investigator, address) for name, address in self._authority().items()},
            **{f"provider_{name}": (self.reviewer, address) for name, address in self._provider().items()},
            "auditor_start": (self.auditor, "/desk/"),
            "auditor_deconfliction": (self.auditor, "/desk/oversight/deconfliction/"),
        }

    def _centre(self) -> dict[str, str]:
        from tests.support.reporting import report

        from tutela.events.transaction import acting
        from tutela.reports.models import Bundle, Report

        base, report_id = "/desk/reports/", self.centre.file(report())
        urgent = self.centre.file(report(urgency={"urgent": True, "reason": "token"}))
        with acting(self.centre.machine):
            bundles = {
                "everywhere": Bundle.objects.get(number="B-000000000"),
                "usual": Bundle.objects.get(number="B-000000021"),
            }
            old = Report.objects.order_by("created_at")[ROWS // 2].number
        states = ("asked", "forward", "referred", "answered", "unfounded", "erroneous", "duplicate", "all")
        sorts = ("received", "-received", "look_by", "-look_by")
        queue = {
            "": "",
            "page_2": "page=2",
            "page_100": "page=100",
            "kind_new": "kind=new",
            "kind_rare": "kind=solicitation",
        }
        queue |= {
            "provider": "provider=" + self.providers[1].organisation_name[:12],
            "provider_nobody": "provider=nobody",
        }
        queue |= {"number": f"text={old}&state=all", "number_of_bundle": "text=B-000000021", "text_nothing": "text=R-1"}
        queue |= {"bundle": "bundle=B-000000000", "bundle_all": "bundle=B-000000000&state=all"}
        queue |= {f"by_{sort}": f"sort={sort}" for sort in sorts}
        queue |= {f"by_{sort}_page_100": f"sort={sort}&page=100" for sort in sorts}
        queue |= {state: f"state={state}" for state in states}
        queue |= {f"{state}_page_100": f"state={state}&page=100" for state in states}
        queue |= {f"{state}_by_{sort}": f"state={state}&sort={sort}" for state in states for sort in sorts}
        queue |= {"all_kind_rare": "state=all&kind=solicitation", "all_provider_nobody": "state=all&provider=nobody"}
        found = {f"queue_{name}".rstrip("_"): f"{base}?{words}" for name, words in queue.items()}
        found |= {f"bundle_{name}": f"{base}bundles/{row.pk}/" for name, row in bundles.items()}
        found |= {f"volumes_{by}": f"{base}volumes/?by={by}" for by in ("country", "provider", "kind")}
        plain = (
            "alerts",
            "surges",
            "spot-checks",
            "bundles",
            "evidence",
            "handling",
            "funnel",
            "providers",
            "offline-answers",
        )
        found |= {"funnel_weeks": f"{base}funnel/weeks/", "funnel_weeks_year": f"{base}funnel/weeks/?since=2025-01-01"}
        found |= {name: f"{base}{name}/" for name in plain}
        funnel = {"country": "country=DE", "provider": "provider=Pixelpost", "since": "since=2026-01-01"}
        funnel["kind"] = "kind=new"
        found |= {f"funnel_{name}": f"{base}funnel/?{words}" for name, words in funnel.items()}
        provider = self.providers[0].organisation_id
        return found | {
            "start": "/desk/",
            "bundles_by_last": f"{base}bundles/?sort=-last",
            "bundles_find": f"{base}bundles/?find=B-00",
            "alerts_find": f"{base}alerts/?find=open&sort=due",
            "provider": f"{base}providers/{provider}/",
            "report": f"{base}{report_id}/",
            "report_urgent": f"{base}{urgent}/",
            "routing": f"{base}{report_id}/routing/",
            "upload": "/desk/uploads/",
            "missed_urgent": "/reports/missed-urgent.csv",
            "deconfliction": "/desk/oversight/deconfliction/",
        }

    def _authority(self) -> dict[str, str]:
        from tutela.events.transaction import acting
        from tutela.investigations.models import Referral, Team

        referral = self.authority.referred(self.centre.file(self.authority.report()))
        with acting(self.authority.machine):
            team, number = Team.objects.values_list("pk", flat=True)[0], Referral.objects.all()[0].number
        base, sorts = "/desk/inbox/", ("received", "-received", "expires", "-expires")
        inbox = {state: f"state={state}" for state in ("new", "open", "closed", "withdrawn", "returned", "all")}
        inbox |= {f"all_by_{sort}": f"state=all&sort={sort}" for sort in sorts}
        inbox |= {f"open_by_{sort}": f"state=open&sort={sort}" for sort in sorts}
        inbox |= {
            "all_page_100": "state=all&page=100",
            "open_page_50": "state=open&page=50",
            "urgent": "state=all&urgent=1",
        }
        inbox |= {
            "team": f"state=all&team={team}",
            "nobodys": "state=all&team=none",
            "expiring": "state=all&expiring=1",
        }
        inbox |= {"number": f"state=all&text={number}", "text_nothing": "state=all&text=nothing"}
        found = {f"inbox_{name}": f"{base}?{words}" for name, words in inbox.items()}
        found |= {name: f"{base}{name}/" for name in ("teams", "outcomes", "resealing")}
        return found | {
            "start": "/desk/",
            "referral": f"{base}{referral}/",
            "files": f"{base}{referral}/evidence/",
            "deconfliction": "/desk/deconfliction/",
            "contact_requests": "/desk/deconfliction/requests/",
        }

    def _provider(self) -> dict[str, str]:
        from tests.support.detection_world import body

        from tutela.detection.models import Draft
        from tutela.events.transaction import acting

        candidate, draft = self.provider.candidate(body("pdq-31")), self.provider.draft()
        with acting(self.provider.provider):
            number = Draft.objects.order_by("created_at")[min(1000, ROWS // 20)].number
        queue = {"": "", "page_50": "page=50", "service": "service=Pixelpost Albums", "rule": "rule=pdq-31"}
        queue |= {"list": "list=own-list", "rule_nothing": "rule=nothing", "service_nothing": "service=nothing"}
        queue |= {state: f"state={state}" for state in ("open", "second", "disputed", "confirmed", "withdrawn")}
        queue |= {f"by_{sort}": f"sort={sort}" for sort in ("received", "-received")}
        found = {f"candidates_{name}".rstrip("_"): f"/desk/candidates/?{words}" for name, words in queue.items()}
        states = ("drafted", "refused", "received", "relevant", "not_relevant", "discarded")
        drafts = {"": "", "page_100": "page=100", "number": f"text={number}", "text_nothing": "text=nothing"}
        drafts |= {"service": "service=Pixelpost Albums", "service_nothing": "service=nothing"}
        drafts |= {state: f"state={state}" for state in states}
        drafts |= {f"{state}_by_since": f"state={state}&sort=since" for state in states}
        drafts |= {f"by_{sort}": f"sort={sort}" for sort in ("since", "-since")}
        found |= {f"drafts_{name}".rstrip("_"): f"/desk/drafts/?{words}" for name, words in drafts.items()}
        telling = {
            "": "",
            "told": "state=told",
            "by_report": "sort=report",
            "told_by_report": "state=told&sort=-report",
        }
        found |= {f"informing_{name}".rstrip("_"): f"/desk/drafts/notices/?{words}" for name, words in telling.items()}
        one = {"": "", "edit": "edit/", "recipients": "recipients/"}
        found |= {f"draft_{name}".rstrip("_"): f"/desk/drafts/{draft}/{path}" for name, path in one.items()}
        return found | {
            "start": "/desk/",
            "candidate": f"/desk/candidates/{candidate}/",
            "new": "/desk/drafts/new/",
            "outcomes": "/desk/drafts/outcomes/",
            "outcomes_month": "/desk/drafts/outcomes/?by=month",
            "drafts_to_reinstate": "/desk/drafts/?state=to_reinstate",
            "lists": "/desk/lists/",
            "authorities": "/desk/lists/authorities/",
        }
