"""The web server's entry: Django behind `front`."""

from django.conf import settings

from tutela.app.client_address import networks
from tutela.app.front import Front
from tutela.app.wsgi import application as django

application = Front(django, networks(settings.TRUSTED_PROXIES))
