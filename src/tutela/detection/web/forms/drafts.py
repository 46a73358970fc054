"""Forms of one draft, filled from its report and read back as changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.forms import BaseFormSet

from tutela.detection.drafts.drafts import OF_ITEMS
from tutela.detection.web.forms.reports import LISTS, TEXTS, Accounts, Locations, SectionsForm, Victims
from tutela.exchange.report.report import Report
from tutela.organisations.vocabulary import time_zones


class DraftForms:
    """All forms of one draft together. `changes()` is what `drafts.edit` takes."""

    def __init__(self, report: Report, revision: int, data: Mapping[str, Any] | None = None) -> None:
        self._report = report
        self.sections = SectionsForm(data, initial=_sections(report, revision))
        self.accounts: BaseFormSet[Any] = Accounts(data, prefix="accounts", initial=[_person(p) for p in report.users])
        self.victims: BaseFormSet[Any] = Victims(data, prefix="victims", initial=[_person(p) for p in report.victims])
        places = [{"ip": str(p.ip), "port": p.port, "at": p.at} for p in report.locations]
        self.locations: BaseFormSet[Any] = Locations(data, prefix="locations", initial=places)

    def is_valid(self) -> bool:
        # All are asked, so that everything that is wrong is shown at once.
        valid = [f.is_valid() for f in (self.sections, self.accounts, self.victims, self.locations)]
        return all(valid)

    @property
    def revision(self) -> int:
        return int(self.sections.cleaned_data["revision"])

    def changes(self) -> dict[str, Any]:
        d, old = self.sections.cleaned_data, self._report.model_dump(mode="json", exclude_none=True)
        third = {"authority": d["third_country_authority"], "reference": d["third_country_reference"]}
        geography = {
            **_first(old, "geography"),
            **{k: d[k] for k in ("postal_code", "place")},
            "country": d["country"].upper(),
        }
        service = {**old["service"], "urls": _split(d["service_urls"]), "details": d["service_details"]}
        decision = {"decided": d["decided"], "measures": _split(d["measures"])}
        return {
            "urgency": _filled({"urgent": d["urgent"], "reason": d["urgency_reason"], "dangers": d["dangers"]}),
            "removal": self._removal(old),
            "preservation": self._preservation(),
            "user_decision": _filled({**old["user_decision"], **decision}),
            "awareness": _filled({"manners": d["awareness"], "details": d["awareness_details"]}),
            "third_country": _filled({"reported": d["third_country"], **third}),
            "service": _filled(service),
            "geography": [g for g in [_filled(geography)] if g] + old.get("geography", [])[1:],
            "other": _filled({**old.get("other", {}), "text": d["other"]}) or None,
            "users": _people(self.accounts, old.get("users", [])),
            "victims": _people(self.victims, old.get("victims", [])),
            "locations": _places(self.locations),
            # These fields are set on every item, and only if they were changed.
            **{name: d[name] for name in OF_ITEMS if name in self.sections.changed_data},
        }

    def _removal(self, old: dict[str, Any]) -> dict[str, Any] | None:
        d = self.sections.cleaned_data
        if "removal" not in old and not d["removed"]:
            return None
        at = d["removal_at"].isoformat() if d["removal_at"] and d["removed"] else ""
        return _filled({**old.get("removal", {}), "removed_or_disabled": d["removed"], "at": at})

    def _preservation(self) -> dict[str, Any] | None:
        d = self.sections.cleaned_data
        if not d["preserved_until"]:
            return None
        return _filled({"until": d["preserved_until"].isoformat(), "reference": d["preserved_under"]})


def _sections(report: Report, revision: int) -> dict[str, Any]:
    place = report.geography[0] if report.geography else None
    return {
        "revision": revision,
        "urgent": report.urgency.urgent,
        "urgency_reason": report.urgency.reason,
        "dangers": [str(one) for one in report.urgency.dangers or ()],
        "spread": sorted({str(one) for item in report.items for one in item.spread or ()}),
        "series": _series(report),
        "removed": report.removal.removed_or_disabled if report.removal else False,
        "removal_at": report.removal.at if report.removal else None,
        "preserved_until": report.preservation.until if report.preservation else None,
        "preserved_under": report.preservation.reference if report.preservation else "",
        "decided": report.user_decision.decided,
        "measures": "\n".join(report.user_decision.measures),
        "awareness": [str(m) for m in report.awareness.manners],
        "awareness_details": report.awareness.details,
        "third_country": report.third_country.reported,
        "third_country_authority": report.third_country.authority,
        "third_country_reference": report.third_country.reference,
        "service_urls": "\n".join(report.service.urls),
        "service_details": report.service.details,
        "country": place.country if place else "",
        "postal_code": place.postal_code if place else "",
        "place": place.place if place else "",
        "other": report.other.text if report.other else "",
    }


def _series(report: Report) -> str:
    """Return the series of all items; empty if they differ.

    Each item's own series then stays until one is entered.
    """
    found = {item.series for item in report.items}
    return next(iter(found)) or "" if len(found) == 1 else ""


def _person(person: Any) -> dict[str, Any]:
    lists = {name: "\n".join(getattr(person, name)) for name in LISTS}
    return lists | {name: getattr(person, name) or "" for name in TEXTS}


def _people(forms_: BaseFormSet[Any], old: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Form data of people; fields that the form does not show keep their values."""
    out = []
    for place, form in enumerate(forms_.forms):
        d = form.cleaned_data
        if d.get("DELETE"):
            continue
        before = old[place] if place < len(old) else {}
        shown = {name: _split(d.get(name, "")) for name in LISTS} | {name: d.get(name, "") for name in TEXTS}
        out.append(_filled({**before, **shown}))
    return [one for one in out if one]


def _places(forms_: BaseFormSet[Any]) -> list[dict[str, Any]]:
    kept = [f.cleaned_data for f in forms_.forms if f.cleaned_data.get("ip") and not f.cleaned_data.get("DELETE")]
    zone = time_zones.of_reader().key
    return [_filled({"ip": d["ip"], "port": d["port"], "at": d["at"].isoformat(), "time_zone": zone}) for d in kept]


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _first(old: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = old.get(name, [])
    return dict(found[0]) if found else {}


def _filled(data: Mapping[str, Any]) -> dict[str, Any]:
    """Remove empty values; `False` is a statement and stays."""
    return {name: value for name, value in data.items() if value not in (None, "", [])}
