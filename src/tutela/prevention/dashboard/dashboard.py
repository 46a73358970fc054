"""Overview of prevention for the start page, as plain values for the app package."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from tutela.events.actor import Actor
from tutela.events.transaction import acting
from tutela.prevention.knowledge import newest_judgements, overdue, studies
from tutela.prevention.knowledge.permissions import READ
from tutela.prevention.models import BiasJudgement


def overview(actor: Actor) -> dict[str, list[tuple[Any, ...]]] | None:
    """`todos`, `dues` and `charts`; None for somebody who has no business with prevention."""
    if not actor.can(READ):
        return None
    with acting(actor):
        judged = BiasJudgement.objects.values("study").annotate(curators=Count("by", distinct=True))
        enough = judged.filter(curators__gte=newest_judgements.NEEDED).values("study")
        waiting = studies.newest_editions().filter(checked=True).exclude(study__in=enough).count()
        late = len(overdue.overdue_now())
    todos = [
        (_("Studies to judge"), waiting, "/desk/prevention/studies/", False),
        (_("Studies that owe their results"), late, "/desk/prevention/overdue/", False),
    ]
    return {"todos": todos, "dues": [], "charts": []}
