"""Times on pages: whatever a message may carry can be shown to whoever reads it."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.utils import timezone

from tutela.app.templatetags import tutela as tags
from tutela.exchange.message import timestamps


@pytest.mark.parametrize("at", [timestamps.LAST, timestamps.FIRST], ids=["for ever", "never"])
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_the_first_and_the_last_day_of_all_are_shown_in_every_zone(at: datetime, zone: str) -> None:
    with timezone.override(zone):
        assert f">{at:%Y-}" in tags.moment(at)
