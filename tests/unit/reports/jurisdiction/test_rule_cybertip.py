"""Where the CyberTipline format places a child, through to the state that is decided."""

from __future__ import annotations

import pytest

from tests.support.cybertips import NOW, report, user
from tutela.casework.geolocation import Address, Location
from tutela.events.identifiers import uuid7
from tutela.exchange.cybertip import Filed, canonical, read_tip
from tutela.exchange.cybertip.to_report import CHILDS
from tutela.exchange.referral.referral import JurisdictionGround as Ground
from tutela.exchange.report.report import Report
from tutela.reports.jurisdiction.rule import resolve

IN_FRANCE, IN_BELGIUM = "11.0.1.1", "11.0.2.1"
KNOWN = {IN_FRANCE: Location("FR", "test 1"), IN_BELGIUM: Location("BE", "test 1")}


def made(document: bytes) -> Report:
    return canonical(read_tip(document, NOW).root, [], Filed(uuid7(), 7, "Pixelpost", NOW))


def look_up(address: Address) -> Location | None:
    return KNOWN.get(str(address))


def estimated(country: str) -> str:
    return (
        f"<estimatedLocation timestamp='2026-02-10T00:00:00Z'><countryCode>{country}</countryCode></estimatedLocation>"
    )


def seen(address: str, *, dated: bool = True) -> str:
    at = "<dateTime>2026-02-10T12:58:11Z</dateTime><port>51544</port>" if dated else ""
    return f"<ipCaptureEvent><ipAddress>{address}</ipAddress>{at}</ipCaptureEvent>"


def victim(inside: str) -> str:
    return user(f"<victimPerson/><espIdentifier>u-2</espIdentifier>{inside}", "victim")


@pytest.mark.parametrize(
    ("after", "countries", "ground"),
    [
        (victim(estimated("FR")), ("FR",), Ground.VICTIM_RESIDES),
        (victim(seen(IN_FRANCE)), ("FR",), Ground.PLACE_OF_OFFENCE),
        (victim(seen(IN_FRANCE) + estimated("FR")), ("FR",), Ground.PLACE_OF_OFFENCE),
        (victim(seen(IN_FRANCE, dated=False)), (), Ground.EUROPOL_FALLBACK),
        (victim(estimated("A1")), (), Ground.EUROPOL_FALLBACK),
        (victim(""), (), Ground.EUROPOL_FALLBACK),
        # A child's state is informed beside the place of the offence, and contests nothing.
        (user(seen(IN_BELGIUM)) + victim(estimated("FR")), ("BE", "FR"), Ground.PLACE_OF_OFFENCE),
        (user(seen(IN_BELGIUM)) + victim(seen(IN_FRANCE)), ("BE",), Ground.PLACE_OF_OFFENCE),
        (user(estimated("BE")) + victim(seen(IN_FRANCE)), ("BE",), Ground.PLACE_OF_OFFENCE),
        (victim(estimated("FR")) + victim(estimated("BE")), ("BE", "FR"), Ground.VICTIM_RESIDES),
    ],
)
def test_a_document_that_places_a_child_reaches_the_childs_state(
    after: str, countries: tuple[str, ...], ground: Ground
) -> None:
    decided = resolve(made(report(after=after)), look_up)
    assert (decided.countries, decided.ground) == (countries, ground)


def test_a_childs_address_is_said_to_be_one_and_stands_with_the_child_in_words_besides() -> None:
    value = made(report(after=victim(seen(IN_FRANCE))))
    assert [(str(one.ip), one.port) for one in value.locations] == [(IN_FRANCE, 51544)]
    assert value.other
    assert value.other.text
    assert CHILDS in value.other.text
    assert IN_FRANCE in (value.victims[0].other or "")
    beside = made(report(after=user(seen(IN_BELGIUM)) + victim(seen(IN_FRANCE))))
    assert [str(one.ip) for one in beside.locations] == [IN_BELGIUM]
    assert CHILDS not in (beside.other.text or "" if beside.other else "")
    assert IN_FRANCE in (beside.victims[0].other or "")


def test_an_estimate_of_a_reported_user_or_of_what_belongs_to_a_child_is_not_of_the_child() -> None:
    linked = f"<associatedAccount type='Linked'>{seen(IN_FRANCE)}</associatedAccount>"
    value = made(report(after=user(estimated("BE")) + victim(linked)))
    assert [one.account_country for one in (*value.users, *value.victims)] == [None] * 3
    assert value.locations == ()
