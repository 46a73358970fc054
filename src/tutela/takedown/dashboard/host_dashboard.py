"""Overview for a host's start page, as plain values that the app package renders."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from tutela import clock
from tutela.events.actor import Actor
from tutela.events.daily_counts import per_day
from tutela.events.transaction import acting
from tutela.takedown.host_desk import database_files
from tutela.takedown.host_desk.notice_rows import READ
from tutela.takedown.models import HostState, IncomingNotice


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business at this desk."""
    if not actor.can(READ):
        return None
    with acting(actor):
        return {"todos": list(_todos()), "dues": [], "charts": list(_charts())}


def _todos() -> Iterable[tuple[Any, ...]]:
    counted = IncomingNotice.objects.filter(state=HostState.OPEN).aggregate(
        open=Count("pk"),
        trusted=Count("pk", filter=Q(trusted=True)),
        late=Count("pk", filter=Q(due_at__lt=clock.now())),
    )
    base = "/desk/hosting/"
    yield _("Notices of trusted flaggers to decide"), counted["trusted"], f"{base}?trusted=1", True
    yield _("Notices to decide after their deadline"), counted["late"], f"{base}?late=1", True
    yield _("Notices to decide"), counted["open"], base, False
    yield _("Statements for the transparency database"), database_files.unsent(), f"{base}database/#to-send", False


def _charts() -> Iterable[tuple[Any, ...]]:
    yield _("Received notices per day"), _("notices"), *per_day(IncomingNotice.objects.all()), "bars"
