"""The web server's entry: Django behind `front`."""

from django.conf import settings

from tutela.app.front import Front
from tutela.app.wsgi import application as django
from tutela.organisations import client_address

application = Front(django, client_address.named, secure=settings.CONFIG.behind_tls)
