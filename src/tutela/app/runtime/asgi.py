"""Entry point of the web server: Django behind `request_front`."""

from django.conf import settings

from tutela.app.runtime.request_front import Front
from tutela.app.runtime.wsgi import application as django
from tutela.events.rate_limits import network_of
from tutela.organisations.vocabulary import client_address


def _visitor(peer: str, forwarded: str) -> str:
    return network_of(client_address.named(peer, forwarded))


application = Front(django, _visitor, secure=settings.CONFIG.behind_tls)
