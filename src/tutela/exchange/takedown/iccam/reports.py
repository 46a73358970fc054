"""ICCAM v3, reconstructed: reports out of our cases, and cases out of its reports.

No conformance is claimed: the interface's documents are for members of INHOPE. Numbers are JSON numbers, and a
reference that was read may be a number. The flags of user-generated content and of child modelling keep their own
fields; one open client swaps them in both directions.

Rules of work (`may_assess`, `may_act`): a baseline assessment is final; no assessment once actions exist; actions only
for items of the own country; nothing after a final action.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from tutela.exchange.errors import ExchangeError
from tutela.exchange.message.problem import in_words
from tutela.exchange.takedown.hotline_message import (
    Action,
    ActionKind,
    Assessment,
    ContentKind,
    Hosting,
    HotlineCase,
    HotlineLocation,
)
from tutela.exchange.takedown.iccam import codes
from tutela.exchange.takedown.web_address import AddressInvalidError, for_notice, normalise

_CONTENT = {ContentKind.MEDIA: 1, ContentKind.WEBSITE: 2}


class IccamInvalidError(ExchangeError):
    """The case cannot be expressed in ICCAM, or the report cannot be read from it."""


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """What ICCAM asks about the source page. A report enters monitoring once all three are given."""

    site: codes.IccamSite = codes.IccamSite.WEBSITE
    commerciality: codes.IccamCommerciality = codes.IccamCommerciality.NOT_DETERMINED
    payment_methods: tuple[codes.IccamPayment, ...] = (codes.IccamPayment.NOT_DETERMINED,)
    age: codes.IccamAge = codes.IccamAge.NOT_CATEGORISED
    gender: codes.IccamGender = codes.IccamGender.NOT_DETERMINED


@dataclass(frozen=True, slots=True)
class Addressees:
    """Who sends and who receives a case that is read, and when."""

    message_id: UUID
    sender: str
    recipient: str
    at: datetime


def to_report(case: HotlineCase, analyst: str, facts: SiteFacts) -> dict[str, Any]:
    """The body of `POST rest/reports`. Actions are sent later: the item must first exist there.

    Raises `IccamInvalidError` for a location without country, address or a label that ICCAM has.
    """
    sources = sum(one.is_source for one in case.locations)
    return {
        "reportingAnalystName": analyst,
        "hotlineReceivedDate": _moment(case.received_at),
        "hotlineReference": case.case_reference,
        "memo": "",
        "sourceUrlUsername": "",
        "sourceUrlPassword": "",
        "sourceUrlReferrer": case.referrer,
        "sourceUrlSiteType": int(facts.site),
        "sourceUrlCommerciality": int(facts.commerciality),
        "sourceUrlPaymentMethods": [int(one) for one in facts.payment_methods],
        # One of the addresses is the source; without a mark it is the first.
        "urls": [
            _url(one, analyst, facts, source=one.is_source or (not sources and not place))
            for place, one in enumerate(case.locations)
        ],
    }


def to_assessment(one: Assessment, analyst: str, facts: SiteFacts) -> dict[str, Any]:
    """The body of `PUT rest/Content/{id}/assessment`."""
    number = codes.FROM_LABEL.get(one.classification)
    if number is None:
        raise IccamInvalidError("classification: has no counterpart in ICCAM; an analyst must decide.")
    return {
        "assessingAnalystName": analyst,
        "classification": int(number),
        "ageCategorization": int(facts.age),
        "genderCategorization": int(facts.gender),
        "virtualContentCategorization": int(one.virtual or False),
        "userGeneratedContentCategorization": int(one.user_generated or False),
        "childModelingCategorization": int(one.child_modelling or False),
    }


def to_action(action: Action, analyst: str, reason: codes.IccamReason = codes.IccamReason.OTHER) -> dict[str, Any]:
    """The body of `POST rest/Content/{id}/actions`. Raises `IccamInvalidError` for a kind that ICCAM has not."""
    number = codes.FROM_ACTION.get(action.kind)
    if number is None:
        raise IccamInvalidError("action: has no counterpart among the actions of ICCAM. Other calls state a move.")
    said: dict[str, Any] = {"actionType": number, "actioningAnalystName": analyst, "actionDate": _moment(action.at)}
    if number >= codes.FIRST_WITH_REASON:
        said |= {"reasonId": int(reason), "reasonText": (action.reason or reason.name)[:1000]}
    return said


def from_report(report: Mapping[str, Any], who: Addressees) -> HotlineCase:
    """A case out of a report in the form of `POST rest/reports`. Raises `IccamInvalidError`, naming the field."""
    try:
        urls = _list(report, "urls")
        return HotlineCase(
            message_id=who.message_id,
            case_reference=_reference(report.get("hotlineReference")),
            sender=who.sender,
            recipient=who.recipient,
            sent_at=who.at,
            received_at=_read_moment(report.get("hotlineReceivedDate"), "hotlineReceivedDate"),
            referrer=_normal(referrer, "sourceUrlReferrer") if (referrer := report.get("sourceUrlReferrer")) else None,
            locations=tuple(_location(one, place, who.at) for place, one in enumerate(urls)),
        )
    except ValidationError as error:
        raise IccamInvalidError(in_words(error)) from None


def from_assessment(value: Mapping[str, Any], at: datetime) -> Assessment:
    """An assessment with its label as `scheme:value`. Raises `IccamInvalidError`."""
    label = codes.TO_LABEL.get(_number(value, "classification"))
    if label is None:
        raise IccamInvalidError("classification: is not one of 1, 2, 3, 4.")
    return Assessment(
        classification=label,
        assessed_at=at,
        assessed_by=str(value.get("assessingAnalystName") or "unknown")[:300],
        virtual=_flag(value, "virtualContentCategorization"),
        user_generated=_flag(value, "userGeneratedContentCategorization"),
        child_modelling=_flag(value, "childModelingCategorization"),
    )


def may_assess(classifications: tuple[int, ...], actions: tuple[int, ...], *, ours: bool) -> bool:
    """Whether an item may be assessed: only where it is assigned to us, not after baseline, and not after an action."""
    return ours and not actions and (not classifications or classifications[-1] not in (1, 4))


def may_act(actions: tuple[int, ...], number: int, *, own_country: bool) -> bool:
    """Whether an action may be added: in the own country, not twice, and not after a final one."""
    final = any(
        codes.TO_ACTION.get(one) in (ActionKind.REMOVED, ActionKind.UNAVAILABLE, ActionKind.NOT_ILLEGAL)
        for one in actions
    )
    return own_country and number not in actions and not final


def _url(one: HotlineLocation, analyst: str, facts: SiteFacts, *, source: bool) -> dict[str, Any]:
    hosting = one.hosting
    if hosting is None or hosting.country is None or not hosting.ip_addresses:
        raise IccamInvalidError("hosting: country and one IP address are required.")
    if not one.assessments:
        raise IccamInvalidError("assessments: one is required.")
    organisation: dict[str, Any] = {"organizationName": hosting.provider or ""}
    if hosting.asn is not None:
        organisation["autonomousSystemNumber"] = hosting.asn
    if hosting.content_delivery_network is not None:
        organisation["isContentDeliveryNetwork"] = hosting.content_delivery_network
    return {
        "urlString": one.url,
        "hotlineReference": one.reference,
        "hostingCountryCode": hosting.country,
        "hostingIpAddress": str(hosting.ip_addresses[0]),
        "hostingIsp": hosting.provider or "",
        "hostingOrganization": organisation,
        "isSourceUrl": source,
        "memo": "",
        "contentType": _CONTENT[one.kind],
        # The last one is in force.
        "assessment": to_assessment(one.assessments[-1], analyst, facts),
        "actions": [],
    }


def _location(value: Any, place: int, at: datetime) -> HotlineLocation:
    if not isinstance(value, Mapping):
        raise IccamInvalidError(f"urls.{place}: must be an object.")
    organisation = value.get("hostingOrganization")
    organisation = organisation if isinstance(organisation, Mapping) else {}
    assessment = value.get("assessment")
    ip = value.get("hostingIpAddress")
    return HotlineLocation(
        reference=_reference(value.get("hotlineReference")),
        url=_normal(value.get("urlString"), f"urls.{place}.urlString"),
        kind=ContentKind.MEDIA if _number(value, "contentType") == 1 else ContentKind.WEBSITE,
        is_source=value.get("isSourceUrl") is True,
        assessments=(from_assessment(assessment, at),) if isinstance(assessment, Mapping) else (),
        hosting=Hosting.model_validate(
            {
                "country": value.get("hostingCountryCode") or None,
                "ip_addresses": (ip,) if ip else (),
                "provider": organisation.get("organizationName") or value.get("hostingIsp") or None,
                "asn": organisation.get("autonomousSystemNumber"),
                "content_delivery_network": organisation.get("isContentDeliveryNetwork"),
                "traced_at": at,
            }
        ),
        actions=tuple(_action(one, f"urls.{place}.actions") for one in _list(value, "actions")),
    )


def _action(value: Any, path: str) -> Action:
    if not isinstance(value, Mapping):
        raise IccamInvalidError(f"{path}: must be objects.")
    kind = codes.TO_ACTION.get(_number(value, "actionType"))
    if kind is None:
        raise IccamInvalidError(f"{path}: an action type is unknown.")
    needed = codes.FROM_ACTION.get(kind, 0) >= codes.FIRST_WITH_REASON
    text = str(value.get("reasonText") or "") or (_reason(value).name if needed else None)
    return Action(kind=kind, at=_read_moment(value.get("actionDate"), f"{path}.actionDate"), reason=text)


def _reason(value: Mapping[str, Any]) -> codes.IccamReason:
    number = _number(value, "reasonId")
    return codes.IccamReason(number) if number in set(codes.IccamReason) else codes.IccamReason.OTHER


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_moment(value: Any, path: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise IccamInvalidError(f"{path}: must be a date and time.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _reference(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _normal(value: Any, path: str) -> str:
    try:
        return for_notice(normalise(value if isinstance(value, str) else ""))
    except AddressInvalidError as error:
        raise IccamInvalidError(f"{path}: {error.fault.value}.") from None


def _number(value: Mapping[str, Any], name: str) -> int:
    found = value.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else -1


def _flag(value: Mapping[str, Any], name: str) -> bool | None:
    return {0: False, 1: True}.get(_number(value, name))


def _list(value: Mapping[str, Any], name: str) -> list[Any]:
    found = value.get(name)
    if not isinstance(found, list):
        raise IccamInvalidError(f"{name}: must be a list.")
    return found
