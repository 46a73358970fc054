"""Find out why a picture is missing on the review page: request its headers once from the storage.

The guarded client requests the provider's storage with a fresh signed link. An address entered at a desk therefore
leads to no private network that the operator did not list. No byte of the picture is read.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import httpx
from django.utils.translation import gettext as _

from tutela.detection.candidates import viewing_budget
from tutela.detection.errors import MustBeOpened
from tutela.events.actor import Actor
from tutela.exchange.feeds.http_client import AddressRefusedError, Guarded, NoAnswerError
from tutela.organisations.vocabulary import allowed_networks

type Ask = Callable[..., AbstractContextManager[httpx.Response]]


def cause(actor: Actor, candidate_id: UUID, ask: Ask | None = None) -> str:
    """One sentence about what the storage answers for an item that the actor has open.

    Raises `MustBeOpened`, `AlreadyDecided`, `NotFound`.
    """
    shown = viewing_budget.shown(actor, candidate_id)
    if shown is None or shown.link is None:
        raise MustBeOpened("You have not opened this item.")
    try:
        with (ask or Guarded(allowed_networks.networks()).open)(shown.link.url, {}, "HEAD") as answer:
            return _said(answer.status_code, answer.headers.get("content-type", ""))
    except AddressRefusedError:
        return _("This node may not contact your storage: its network is not listed in TUTELA_FEED_NETWORKS.")
    except NoAnswerError:
        return _("Your storage does not answer.")


def _said(status: int, media_type: str) -> str:
    if status in (401, 403):
        return _("Your storage refused the link: it did not accept the signature or the expiry.")
    if status in (404, 410):
        return _("Your storage no longer has this item.")
    if status >= 300:
        return _("Your storage answered with error %(status)d.") % {"status": status}
    if not media_type.startswith(("image/", "video/")):
        return _("Your storage answered with something that is neither a picture nor a video.")
    return _("Your storage answers. Your browser cannot show this type of picture or video.")
