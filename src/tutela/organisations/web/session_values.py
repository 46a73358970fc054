"""What a session holds."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest

from tutela.events.actor import Actor
from tutela.events.purposes import VOCABULARY


def purpose_stated(request: HttpRequest, actor: Actor) -> bool:
    """Whether the person has said for what purpose they work in this session: nobody else says it for them."""
    return request.session.get("purpose") in VOCABULARY[actor.organisation_kind]


def keep(request: HttpRequest, name: str, value: object) -> None:
    """Keep something in the session from a page that asks by itself, beside what the person does meanwhile.

    Django writes a session whole as the request read it: a page that was still being answered while somebody stated
    their purpose would take the purpose back. This changes one name of what stands, and makes no ended session anew.
    """
    store = request.session
    with transaction.atomic():
        if Session.objects.select_for_update().filter(session_key=store.session_key).exists():
            standing = type(store)(store.session_key)
            standing[name] = value
            standing.save()
