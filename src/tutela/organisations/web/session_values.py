"""Values in a session."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from tutela.events.actor import Actor
from tutela.events.purposes import VOCABULARY


def purpose_stated(request: HttpRequest, actor: Actor) -> bool:
    """Return whether the person stated their purpose for this session. Nobody else can state it."""
    return request.session.get("purpose") in VOCABULARY[actor.organisation_kind]


def keep(request: HttpRequest, name: str, value: object) -> None:
    """Store a value in the session from a background request, while the person uses other pages.

    Django saves the whole session as the request read it. A slow page would therefore overwrite a purpose that was
    stated meanwhile. This function changes one name in the stored session, and does not restore an ended session.
    """
    store = request.session
    with transaction.atomic():
        if Session.objects.select_for_update().filter(session_key=store.session_key).exists():
            standing = type(store)(store.session_key)
            standing[name] = value
            standing.save()
