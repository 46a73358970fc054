"""Time zones that forms offer, and the zone in which a reader sees times."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from django.utils import timezone

# Names without a region are old spellings of those with one.
NAMES = ("UTC", *sorted(name for name in available_timezones() if "/" in name))


def of_reader() -> ZoneInfo:
    """The zone of the person who reads this page; that of the node for everybody else.

    Its name is `key`: what Django calls the name of a zone is an abbreviation in some zones, and no zone has it.
    """
    return timezone.get_current_timezone()
