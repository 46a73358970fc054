"""Payments: illegal commercial material alone, by its newest assessment, as a page and as a file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from django.test import Client

from tests.support.cast import Cast
from tests.support.takedown_world import LABEL, Hotline
from tutela import clock
from tutela.takedown.assessment import assess
from tutela.takedown.assessment.payment_export import payment_lines

PAGE = "/desk/takedown/payments/"
PAID = assess.Judgement(
    "illegal", label=LABEL, reality="unclear", commerciality="commercial", payments=("card", "crypto")
)


def test_only_illegal_commercial_material_is_listed(cast: Cast) -> None:
    hotline = Hotline(cast)
    paid, overruled, free, legal = (hotline.reported() for _ in range(4))
    assess.assess(hotline.analyst, paid.id, PAID)
    hotline.police_know(paid.id)
    assess.assess(hotline.analyst, overruled.id, PAID)
    hotline.assessed("legal", by=hotline.colleague, case=overruled.id)
    hotline.assessed(case=free.id)
    hotline.assessed("legal", case=legal.id)
    today = clock.now().date()
    (line,), more = payment_lines(hotline.analyst, today, today)
    assert (line.number, line.payments, line.police, more) == (paid.number, ("card", "crypto"), "AZ 1", False)
    assert line.address.startswith("https://host-")
    before = today - timedelta(days=1)
    assert payment_lines(hotline.analyst, before, before) == ([], False)
    assert payment_lines(cast.actor(cast.hotline_de, "analyst"), today, today) == ([], False)


def test_the_page_and_the_file(cast: Cast) -> None:
    hotline = Hotline(cast)
    client = cast.client(hotline.machine, "analyst")
    assert "No commercial material" in client.get(PAGE).content.decode()
    case = hotline.reported()
    assess.assess(hotline.analyst, case.id, PAID)
    assert case.number in client.get(f"{PAGE}?since=x&until=").content.decode()
    (row,) = csv.DictReader(io.StringIO(client.get(f"{PAGE}?format=csv").content.decode()))
    assert "card crypto" in row.values()
    assert Client().get(PAGE).status_code == 302
    assert cast.client(hotline.machine, "administrator").get(PAGE).status_code == 404
