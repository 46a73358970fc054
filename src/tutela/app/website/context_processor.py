"""Context of every page: the signed-in person, the desks that they may open, and their purpose."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from tutela.app.website import documentation, keyboard, navigation
from tutela.casework.alerts import desk_bell
from tutela.events.purposes import VOCABULARY
from tutela.organisations.people import session_lookup
from tutela.organisations.web.page_access import current_actor
from tutela.organisations.web.session_values import purpose_stated


def shell(request: HttpRequest) -> dict[str, Any]:
    actor = current_actor(request) if hasattr(request, "user") else None
    stated = actor is not None and purpose_stated(request, actor)
    return {
        "actor": actor,
        "purposes": VOCABULARY[actor.organisation_kind] if actor and stated else {},
        "navigation": navigation.groups(actor, request.path, two=session_lookup.two_people(request.user))
        if actor
        else [],
        "bell_here": actor is not None and desk_bell.has_bell(actor),
        "guide": documentation.address_for(request.path),
        "keyboard": keyboard.KEYS,
        "demo": settings.DEMO,
        "mails": bool(settings.CONFIG.email_url),
    }
