"""URLs of the search over all desks, of shared work on cases, and of notifications."""

from django.urls import path

from tutela.casework.web import notification_pages, search_pages, work_pages

CASE = "desk/work/<slug:work_kind>/<uuid:work_subject>"

urlpatterns = [
    path("desk/search/", search_pages.search, name="search"),
    path("desk/search/samples/", search_pages.list_samples, name="search_samples"),
    path("desk/search/samples/<uuid:search_sample>/", search_pages.check_sample, name="search_sample_check"),
    path("desk/work/waiting/<uuid:pending_action>/", work_pages.waiting, name="work_waiting"),
    path("desk/work/<slug:work_kind>/next/", work_pages.following, name="work_next"),
    path("desk/work/<slug:work_kind>/offer/", work_pages.offer, name="work_offer"),
    path(f"{CASE}/", work_pages.step, name="work_step"),
    path(f"{CASE}/viewers/", work_pages.viewers, name="work_viewers"),
    path(f"{CASE}/notes.json", work_pages.disclosure, name="work_notes"),
    path("desk/notifications/", notification_pages.own, name="notifications"),
    path("desk/notifications/bell/", notification_pages.bell, name="notifications_bell"),
]
