"""WSGI entry point of the web server."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from tutela.app.runtime import gc_at_start
from tutela.app.runtime.database_watchdog import LIFELINE
from tutela.edge.runtime.parent_watch import end_while_starting

end_while_starting()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tutela.app.settings")
application = get_wsgi_application()
# Every page and operation now, and not while the first visitor waits.
gc_at_start.begin()
_ = get_resolver().url_patterns
gc_at_start.loaded()
LIFELINE.watch()
