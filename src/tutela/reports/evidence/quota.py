"""Quota of sealed evidence per provider at the Centre, to protect the disk.

The sum is queried at every upload only near the limit. While less than half of the quota is used, the last sum is
trusted for `BELIEVED`, plus the files stored by this process since then. The quota is exceeded at most by the files
that other processes receive in that time.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from tutela import clock
from tutela.events.sql import run_statements
from tutela.reports.models import Evidence

BELIEVED = timedelta(seconds=10)
SUM = (
    f"SELECT coalesce(sum(size), 0)::bigint FROM {Evidence._meta.db_table}"  # noqa: S608
    " WHERE provider_id = %s AND gone_at IS NULL"
)
# By provider: when it was asked, and the bytes.
_found: dict[UUID, tuple[datetime, int]] = {}


def has_room(provider_id: UUID) -> bool:
    """Whether another file of this provider may be kept. Call inside `acting(centre)`."""
    most, now = settings.CONFIG.evidence_provider_bytes, clock.now()
    asked, taken = _found.get(provider_id, (now, most))
    if 2 * taken >= most or not timedelta() <= now - asked < BELIEVED:
        taken = run_statements([(SUM, [provider_id])])[0][0][0]
        _found[provider_id] = now, taken
    return taken < most


def count(provider_id: UUID, size: int) -> None:
    """Add the bytes of a file now being stored to the provider's quota."""
    if provider_id in _found:
        asked, taken = _found[provider_id]
        _found[provider_id] = asked, taken + size
