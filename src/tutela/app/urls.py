"""Every address of a node. Desks that are not mounted have none."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", include("allauth.urls")),
]
handler400 = "tutela.app.problems.bad_request"
handler403 = "tutela.app.problems.forbidden"
handler404 = "tutela.app.problems.not_found"
handler500 = "tutela.app.problems.server_error"
