"""URLs of a node. Desks that are not mounted have none."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from tutela.app.website import pages
from tutela.app.website.api import api

# Which desk a domain's pages belong to; "" is every node's.
DOMAINS = {
    "organisations": "",
    "law": "",
    "accountability": "",
    "casework": "",
    "indicators": "",
    "prevention": "",
    "detection": "provider",
    "reports": "centre",
    "takedown": "hotline",
    "investigations": "authority",
    "redress": "",
    "victims": "",
    "observatory": "",
}

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.start, name="start"),
    path("api/", pages.api_page, name="api"),
    path("docs/", pages.docs, name="docs"),
    path("docs/<slug:name>/", pages.docs_page, name="docs_page"),
    path("desk/", pages.desk, name="desk"),
    path("desk/setup-list/", pages.setup_list, name="setup_list"),
    path("desk/organisation/doctor/", pages.doctor_page, name="doctor"),
    path("desk/tasks/", pages.tasks, name="tasks"),
    path("account/", include("tutela.app.website.sign_in_urls")),
    path("api/v1/", api.urls),
]
if settings.DEMO:
    urlpatterns.append(path("", include("tutela.app.demo.tour_page")))
for _domain, _desk in DOMAINS.items():
    if _domain not in settings.DOMAINS:
        continue
    if (not _desk or _desk in settings.DESKS) and find_spec(f"tutela.{_domain}.web.urls"):
        urlpatterns.append(path("", include(f"tutela.{_domain}.web.urls")))
if "takedown" in settings.DOMAINS and "provider" in settings.DESKS:
    urlpatterns.append(path("", include("tutela.takedown.web.host_urls")))
if "takedown" in settings.DOMAINS and "authority" in settings.DESKS:
    urlpatterns.append(path("", include("tutela.takedown.web.orders.urls")))
if "takedown" in settings.DOMAINS and "hotline" in settings.DESKS:
    urlpatterns.append(path("", include("tutela.takedown.web.link_urls")))
if "public" in settings.DESKS:
    urlpatterns.append(path("", include("tutela.casework.web.public_urls")))

handler400 = "tutela.app.website.problems.bad_request"
handler403 = "tutela.app.website.problems.forbidden"
handler404 = "tutela.app.website.problems.not_found"
handler500 = "tutela.app.website.retry_later.server_error"
