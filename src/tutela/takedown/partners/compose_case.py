"""Compose a case for a partner hotline: address, assessment, host and own actions, each with its time.

No text of a person and no name of a reporter or an analyst.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tutela.exchange.takedown.hotline_message import (
    Action,
    ActionKind,
    Assessment,
    ContentKind,
    Hosting,
    HotlineCase,
    HotlineLocation,
)
from tutela.exchange.takedown.web_address import AddressInvalidError, WebAddress, for_notice, normalise
from tutela.takedown.hosts import host_trace
from tutela.takedown.intake.open_case import address_of
from tutela.takedown.models import PoliceStepKind, Reality, TakedownCase, Verdict
from tutela.takedown.rechecks import access_conditions

ILLEGAL = (Verdict.ILLEGAL, Verdict.ELSEWHERE)
MOST_ADDRESSES = 50


def compose(
    case: TakedownCase, message_id: UUID, reference: str, parties: tuple[str, str], country: str, at: datetime
) -> HotlineCase:
    """The case as a message. `parties`: names of sender and recipient. `country`: of the host, as the sender traced it.

    Raises `Erased`. Call inside `acting(actor)`.
    """
    sender, recipient = parties
    address = address_of(case)
    return HotlineCase(
        message_id=message_id,
        case_reference=reference,
        sender=sender,
        recipient=recipient,
        # A clock that was set back makes no message that nobody takes.
        sent_at=max(at, case.reported_at),
        received_at=case.reported_at,
        referrer=_referrer(case),
        locations=(_location(case, address, sender, country),),
    )


def countries(case: TakedownCase) -> set[str]:
    """Countries that the newest trace names for the host: of the server, and of its network."""
    row, found = next(iter(host_trace.traces_of(case.pk)), (None, None))
    if row is None or found is None:
        return set()
    named = {row.location_country, row.registration_country}
    for one in found.addresses:
        named |= {one.location_country, one.registration_country}
    return named - {""}


def _location(case: TakedownCase, address: WebAddress, sender: str, country: str) -> HotlineLocation:
    return HotlineLocation(
        reference=case.number,
        url=address.normal,
        kind=ContentKind.WEBSITE,
        is_source=True,
        assessments=tuple(
            Assessment(
                classification=one.label,
                assessed_at=one.created_at,
                assessed_by=sender,
                virtual={Reality.SYNTHETIC: True, Reality.REAL: False}.get(Reality(one.reality)),
            )
            for one in case.assessments.filter(verdict__in=ILLEGAL).order_by("created_at")[:20]
        ),
        hosting=_hosting(case, country),
        actions=_actions(case),
    )


def _hosting(case: TakedownCase, country: str) -> Hosting | None:
    row, found = next(iter(host_trace.traces_of(case.pk)), (None, None))
    if row is None or found is None:
        return None
    return Hosting.model_validate(
        {
            "country": country or None,
            "ip_addresses": tuple(one.address for one in found.addresses[:MOST_ADDRESSES]),
            "provider": row.provider or None,
            "asn": row.asn or None,
            "traced_at": row.created_at,
        }
    )


def hosting_of(case: TakedownCase) -> Hosting | None:
    """The host by the newest trace, with the one country of its servers. Call inside `acting(actor)`."""
    return _hosting(case, case.hosting_country)


def _actions(case: TakedownCase) -> tuple[Action, ...]:
    told = case.police_steps.filter(kind=PoliceStepKind.REPORTED).order_by("created_at").first()
    return (Action(kind=ActionKind.REPORTED_TO_POLICE, at=told.created_at),) if told is not None else ()


def _referrer(case: TakedownCase) -> str | None:
    """The page from which the address opens, if it is an address."""
    text = access_conditions.conditions_of(case).referrer
    try:
        return for_notice(normalise(text)) if text else None
    except AddressInvalidError:
        return None
