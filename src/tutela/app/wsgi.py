"""The web server's entry."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from tutela.app import starting
from tutela.app.lifeline import LIFELINE
from tutela.edge.lineage import end_while_starting

end_while_starting()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
application = get_wsgi_application()
# Every page and operation now, and not while the first visitor waits.
starting.begin()
_ = get_resolver().url_patterns
starting.loaded()
LIFELINE.watch()
