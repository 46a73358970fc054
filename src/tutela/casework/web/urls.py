"""URLs of the search over all desks, and of notifications. Those of shared work are its domains' (`work_urls`)."""

from django.urls import path

from tutela.casework.web import notification_pages, search_pages

urlpatterns = [
    path("desk/search/", search_pages.search, name="search"),
    path("desk/search/samples/", search_pages.list_samples, name="search_samples"),
    path("desk/search/samples/<uuid:search_sample>/", search_pages.check_sample, name="search_sample_check"),
    path("desk/notifications/", notification_pages.own, name="notifications"),
    path("desk/notifications/bell/", notification_pages.bell, name="notifications_bell"),
]
