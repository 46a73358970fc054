"""URLs of the search over all desks, of notifications, of mandates, and of the roster.

Those of shared work are its domains' (`work_urls`).
"""

from django.urls import path

from tutela.casework.web import mandate_pages, notification_pages, roster_pages, search_pages

urlpatterns = [
    path("desk/mandates/", mandate_pages.mandate_list, name="mandates"),
    path("desk/mandates/<uuid:mandate>/confirm/", mandate_pages.confirm, name="mandate_confirm"),
    path("desk/mandates/<uuid:mandate>/withdraw/", mandate_pages.withdraw, name="mandate_withdraw"),
    path("desk/on-call/", roster_pages.on_call_roster, name="on_call"),
    path("desk/on-call/<uuid:shift>/end/", roster_pages.end, name="shift_end"),
    path("desk/search/", search_pages.search, name="search"),
    path("desk/search/samples/", search_pages.list_samples, name="search_samples"),
    path("desk/search/samples/<uuid:search_sample>/", search_pages.check_sample, name="search_sample_check"),
    path("desk/notifications/", notification_pages.own, name="notifications"),
    path("desk/notifications/bell/", notification_pages.bell, name="notifications_bell"),
]
